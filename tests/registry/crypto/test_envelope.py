"""C-5: an encrypted file opens whole and unchanged, or not at all."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.crypto import decrypt_file, encrypt_file, read_encrypted
from registry.crypto.envelope import CHUNK_BYTES
from registry.errors import ConfigError, DecryptionFailed

KEY = bytes(range(32))
HEADER = 9 + 32 + 7
SEALED_CHUNK = CHUNK_BYTES + 16


def seal(folder: Path, content: bytes, context: bytes = b"") -> Path:
    """Encrypts content to a file."""
    (folder / "plain").write_bytes(content)
    encrypt_file(folder / "plain", folder / "sealed", KEY, context=context)
    return folder / "sealed"


def refuse(folder: Path, content: bytes, key: bytes = KEY, context: bytes = b"") -> None:
    """Asserts that a ciphertext is refused and leaves nothing behind."""
    (folder / "sealed").write_bytes(content)
    before = sorted(folder.iterdir())
    with pytest.raises(DecryptionFailed, match="sealed"):
        decrypt_file(folder / "sealed", folder / "opened", key, context=context)
    assert sorted(folder.iterdir()) == before


SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5]


@pytest.mark.parametrize("size", SIZES)
def test_c5_a_file_of_any_size_opens_again(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    sealed = seal(tmp_path, content)
    decrypt_file(sealed, tmp_path / "opened", KEY)
    assert (tmp_path / "opened").read_bytes() == content
    chunks = max(1, -(-size // CHUNK_BYTES))
    assert sealed.stat().st_size == HEADER + size + 16 * chunks


def test_the_same_file_is_encrypted_to_other_bytes_each_time(tmp_path: Path) -> None:
    assert seal(tmp_path, b"content").read_bytes() != seal(tmp_path, b"content").read_bytes()


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 10**9), flip=st.integers(1, 255))
def test_c5_any_changed_byte_is_detected(
    tmp_path_factory: pytest.TempPathFactory, at: int, flip: int
) -> None:
    folder = tmp_path_factory.mktemp("sealed")
    raw = bytearray(seal(folder, bytes(2 * CHUNK_BYTES + 10)).read_bytes())
    raw[at % len(raw)] ^= flip
    refuse(folder, bytes(raw))


def three_chunks(folder: Path) -> tuple[bytes, list[bytes]]:
    """Returns a ciphertext's header and its three chunks."""
    raw = seal(folder, os.urandom(2 * CHUNK_BYTES + 100)).read_bytes()
    body = raw[HEADER:]
    return raw[:HEADER], [body[i : i + SEALED_CHUNK] for i in range(0, len(body), SEALED_CHUNK)]


def test_c5_a_file_cut_at_any_place_is_refused(tmp_path: Path) -> None:
    header, chunks = three_chunks(tmp_path)
    raw = header + b"".join(chunks)
    for keep in (0, 5, HEADER - 1, HEADER, HEADER + 1, HEADER + SEALED_CHUNK):
        refuse(tmp_path, raw[:keep])
    for keep in (HEADER + SEALED_CHUNK + 1, HEADER + 2 * SEALED_CHUNK, len(raw) - 1):
        refuse(tmp_path, raw[:keep])


def test_c5_chunks_in_another_order_are_refused(tmp_path: Path) -> None:
    header, (first, second, third) = three_chunks(tmp_path)
    refuse(tmp_path, header + second + first + third)
    refuse(tmp_path, header + first + third)
    refuse(tmp_path, header + third)


def test_c5_a_chunk_twice_or_bytes_at_the_end_are_refused(tmp_path: Path) -> None:
    header, (first, second, third) = three_chunks(tmp_path)
    refuse(tmp_path, header + first + first + second + third)
    refuse(tmp_path, header + first + second + third + third)
    refuse(tmp_path, header + first + second + third + b"\0")


def test_c5_chunks_of_two_files_do_not_mix(tmp_path: Path) -> None:
    header, (first, second, third) = three_chunks(tmp_path)
    _, (_, other, _) = three_chunks(tmp_path)
    refuse(tmp_path, header + first + other + third)
    assert second != other


def test_another_key_or_context_is_refused(tmp_path: Path) -> None:
    raw = seal(tmp_path, b"content", context=b"file 1").read_bytes()
    refuse(tmp_path, raw, key=bytes(32), context=b"file 1")
    refuse(tmp_path, raw, context=b"file 2")
    refuse(tmp_path, raw)
    (tmp_path / "sealed").write_bytes(raw)
    assert b"".join(read_encrypted(tmp_path / "sealed", KEY, context=b"file 1")) == b"content"


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(tmp_path: Path, size: int) -> None:
    sealed = seal(tmp_path, b"content")
    with pytest.raises(ConfigError, match="32 bytes"):
        encrypt_file(sealed, tmp_path / "x", bytes(size))
    with pytest.raises(ConfigError, match="32 bytes"):
        decrypt_file(sealed, tmp_path / "x", bytes(size))


def test_c5_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(bytes(16 << 20))
    tracemalloc.start()
    try:
        encrypt_file(tmp_path / "plain", tmp_path / "sealed", KEY)
        decrypt_file(tmp_path / "sealed", tmp_path / "opened", KEY)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20
