"""CAR files: a tree in one file, and nothing taken on trust when it comes in (C-4, T-26)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError
from registry.storage import (
    RAW,
    Cid,
    MemoryStore,
    add_bytes,
    add_path,
    export_car,
    fetch_path,
    import_car,
    missing_blocks,
    read_bytes,
)
from registry.storage.unixfs import build_file


def exported(folder: Path) -> tuple[Cid, Path, int]:
    """Exports a small folder; returns its root, the file and the number of blocks."""
    (folder / "v" / "docs").mkdir(parents=True)
    (folder / "v" / "model").write_bytes(bytes(range(256)) * 3000)
    (folder / "v" / "docs" / "a").write_text("same")
    (folder / "v" / "docs" / "b").write_text("same")
    store = MemoryStore()
    cid = add_path(store, folder / "v")
    count = export_car(store, cid, folder / "tree.car")
    assert count == len(store)
    return cid, folder / "tree.car", count


def test_a_tree_goes_out_and_comes_in_whole(tmp_path: Path) -> None:
    cid, path, count = exported(tmp_path)
    store = MemoryStore()
    assert import_car(store, path) == import_car(store, path, expected=cid) == cid
    assert len(store) == count
    fetch_path(store, cid, tmp_path / "out")
    assert (tmp_path / "out" / "docs" / "b").read_text() == "same"


def test_the_same_tree_gives_the_same_file(tmp_path: Path) -> None:
    _, path, _ = exported(tmp_path)
    store = MemoryStore()
    cid = import_car(store, path)
    export_car(store, cid, tmp_path / "again.car")
    assert (tmp_path / "again.car").read_bytes() == path.read_bytes()


def test_another_root_than_expected_is_refused_before_a_block_is_taken(tmp_path: Path) -> None:
    _, path, _ = exported(tmp_path)
    store = MemoryStore()
    with pytest.raises(ConfigError, match="expected the root"):
        import_car(store, path, expected=Cid(RAW, bytes(32)))
    assert len(store) == 0


def test_an_incomplete_tree_is_not_exported(tmp_path: Path) -> None:
    store, other = MemoryStore(), MemoryStore()
    cid = add_bytes(store, bytes(600_000))
    other.put_known(cid, store.get_block(cid))
    with pytest.raises(BlobNotFound):
        export_car(other, cid, tmp_path / "tree.car")
    assert not (tmp_path / "tree.car").exists()


def test_t26_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    _, path, _ = exported(tmp_path)
    raw = path.read_bytes()
    for keep in (0, 1, 58, 59, 60, 100, len(raw) // 2, len(raw) - 1):
        path.write_bytes(raw[:keep])
        with pytest.raises((BlobCorrupted, ConfigError)):
            import_car(MemoryStore(), path)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 10**9), flip=st.integers(1, 255))
def test_c4_a_changed_byte_is_refused_and_leaves_only_true_blocks(
    tmp_path_factory: pytest.TempPathFactory, at: int, flip: int
) -> None:
    cid, path, _ = exported(tmp_path_factory.mktemp("car"))
    raw = bytearray(path.read_bytes())
    raw[at % len(raw)] ^= flip
    path.write_bytes(raw)
    store = MemoryStore()
    with pytest.raises((BlobCorrupted, ConfigError)):
        import_car(store, path, expected=cid)
    for digest in list(store._blocks):
        assert store.get_block(Cid(RAW, digest))


@pytest.mark.parametrize(
    "length", [b"\x00", b"\x21", b"\xff\xff\xff\xff\x0f", b"\xff" * 12], ids=bytes.hex
)
def test_t26_a_giant_or_tiny_section_is_refused_before_it_is_read(
    tmp_path: Path, length: bytes
) -> None:
    _, path, _ = exported(tmp_path)
    path.write_bytes(path.read_bytes()[:59] + length)
    with pytest.raises(BlobCorrupted, match=r"a section of|a length beyond"):
        import_car(MemoryStore(), path)


def test_blocks_of_another_tree_do_no_harm(tmp_path: Path) -> None:
    cid, path, count = exported(tmp_path)
    extra = Cid.of(b"extra", RAW)
    with path.open("ab") as file:
        file.write(bytes([36 + 5]) + extra.to_bytes() + b"extra")
    store = MemoryStore()
    assert import_car(store, path) == cid
    assert len(store) == count + 1
    assert missing_blocks(store, cid) == []


def test_a_file_whose_root_and_blocks_have_cids_of_version_0_is_taken(tmp_path: Path) -> None:
    """What `ipfs dag export` writes of what `ipfs add` made with its defaults."""
    blocks: list[tuple[Cid, bytes]] = []
    content = bytes(range(256)) * 2000
    root = build_file(io.BytesIO(content), lambda *block: blocks.append(block), version=0).cid
    header = b"\xa2\x65roots\x81\xd8\x2a\x58\x23\x00" + root.to_bytes(0) + b"\x67version\x01"
    raw = bytes([len(header)]) + header
    for cid, block in blocks:
        section = cid.to_bytes(0) + block
        length, size = b"", len(section)
        while size > 0x7F:
            length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
        raw += length + bytes([size]) + section
    (tmp_path / "old.car").write_bytes(raw)
    store = MemoryStore()
    assert import_car(store, tmp_path / "old.car") == root
    assert read_bytes(store, root, 1 << 20) == content
