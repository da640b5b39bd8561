"""A file encrypted in chunks: constant memory, and no chunk can be cut, moved or doubled (C-5).

Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", CRYPTO 2015: the STREAM construction.

    file   = header ‖ chunk₀ ‖ chunk₁ ‖ …
    header = "TALLYENC" ‖ version (1 byte) ‖ salt (32 bytes) ‖ nonce prefix (7 bytes)
    chunkᵢ = AES-256-GCM of up to 65,536 bytes; nonce = prefix ‖ i (4 bytes) ‖ last (1 byte);
             the header and the caller's context are authenticated with every chunk

The key of a file is HKDF-SHA-256 of the content key and the salt, so one content key serves any
number of files. Only the last chunk has the last flag, and it may be empty only in an empty file.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.errors import ConfigError, DecryptionFailed
from registry.model_files.local_files import local_files

__all__ = ["CHUNK_BYTES", "KEY_BYTES", "decrypt_file", "encrypt_file", "read_encrypted"]

CHUNK_BYTES = 65_536
KEY_BYTES = 32
_TAG_BYTES = 16
_MAGIC = b"TALLYENC\x01"
_SALT_BYTES, _PREFIX_BYTES = 32, 7
_HEADER_BYTES = len(_MAGIC) + _SALT_BYTES + _PREFIX_BYTES
_INFO = b"tallystick/envelope/1"


def encrypt_file(
    source: Path | bytes,
    target: Path,
    key: bytes,
    *,
    context: bytes = b"",
    salt: bytes | None = None,
) -> None:
    """Encrypts a file to another.

    Args:
        source: what to encrypt; or the content itself, which then is nowhere on the disk.
        target: written anew; it appears when it is complete.
        key: the content key, 32 bytes.
        context: what the reader must know too, such as which of a folder's files this is.
        salt: 32 bytes that belong to this content and no other; random if None.

    Raises:
        ConfigError: a key or salt of another length, or files that can't be read or written.
    """
    _check_key(key)
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    if len(salt) != _SALT_BYTES:
        raise ConfigError(f"expected a salt of {_SALT_BYTES} bytes, got {len(salt)}")
    cipher, prefix = _derive(key, salt)
    header = _MAGIC + salt + prefix
    with local_files(target), contextlib.ExitStack() as opened:
        plain: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        opened.enter_context(plain)
        sealed = opened.enter_context(_appearing(target))
        sealed.write(header)
        for count, (chunk, last) in enumerate(_chunks(plain, CHUNK_BYTES)):
            sealed.write(cipher.encrypt(_nonce(prefix, count, last), chunk, header + context))


def decrypt_file(source: Path, target: Path, key: bytes, *, context: bytes = b"") -> None:
    """Decrypts a file to another, which appears only if all of it was authentic.

    Nobody but its owner may read it (mode 0600).

    Raises:
        DecryptionFailed: the wrong key or context, or a file that was changed, cut, or added to.
        ConfigError: a key of another length, or files that can't be read or written.
    """
    with local_files(target), _appearing(target) as plain:
        for chunk in read_encrypted(source, key, context=context):
            plain.write(chunk)


@contextlib.contextmanager
def _appearing(target: Path) -> Iterator[BinaryIO]:
    """Gives a file to write, which gets its name when the block ends well and else is removed.

    Until then its name is short: a target may have 255 bytes, and any prefix would be too many.
    """
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def read_encrypted(source: Path, key: bytes, *, context: bytes = b"") -> Iterator[bytes]:
    """Yields an encrypted file's content; each chunk was authenticated before it is given out.

    A caller that acts on the first chunks before the last one came must be able to take that
    back: that nothing was cut off is known at the end only.

    Raises:
        DecryptionFailed: as in `decrypt_file`.
    """
    _check_key(key)
    with source.open("rb") as sealed:
        header = sealed.read(_HEADER_BYTES)
        if len(header) != _HEADER_BYTES or not header.startswith(_MAGIC):
            raise DecryptionFailed(f"{source.name}: expected an encrypted file, got another header")
        cipher, prefix = _derive(key, header[len(_MAGIC) : -_PREFIX_BYTES])
        if prefix != header[-_PREFIX_BYTES:]:
            raise DecryptionFailed(f"{source.name}: the wrong key, or the header was changed")
        for count, (chunk, last) in enumerate(_chunks(sealed, CHUNK_BYTES + _TAG_BYTES)):
            try:
                plain = cipher.decrypt(_nonce(prefix, count, last), chunk, header + context)
            except InvalidTag:
                raise DecryptionFailed(
                    f"{source.name}: chunk {count} is not authentic: the wrong key, or the file "
                    "was changed, cut or reordered; fetch it again"
                ) from None
            if not plain and count:
                raise DecryptionFailed(f"{source.name}: an empty chunk at the end")
            yield plain


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise ConfigError(f"expected a content key of {KEY_BYTES} bytes, got {len(key)}")


def _derive(key: bytes, salt: bytes) -> tuple[AESGCM, bytes]:
    """Returns the file's cipher and its nonce prefix.

    The prefix could be any constant, since a key serves one file; derived, it tells a wrong key
    from a damaged file at once.
    """
    raw = HKDF(SHA256(), KEY_BYTES + _PREFIX_BYTES, salt, _INFO).derive(key)
    return AESGCM(raw[:KEY_BYTES]), raw[KEY_BYTES:]


def _nonce(prefix: bytes, count: int, last: bool) -> bytes:
    if count >= 1 << 32:
        raise ConfigError("expected a file of at most 2**32 chunks (256 TiB)")
    return prefix + count.to_bytes(4, "big") + bytes([last])


def _chunks(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Yields (chunk, whether it is the last); an empty stream has one empty chunk."""
    chunk = stream.read(size)
    while True:
        following = stream.read(size) if len(chunk) == size else b""
        yield chunk, not following
        if not following:
            return
        chunk = following
