"""C-3: a pickle is found in whatever a reader would unpack, whichever header it was packed with."""

from __future__ import annotations

import gzip
import io
import lzma
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from registry.errors import ManifestError
from registry.model_files import check_model_file


class Calls:
    """An object whose pickle calls something when it is opened."""

    def __reduce__(self) -> Any:
        return (print, ("called",))


# The letters make its compressed text unlike it: nothing is seen without unpacking.
PICKLE = pickle.dumps(["builtins print " * 400, Calls()])


def alone(**options: int) -> Callable[[bytes], bytes]:
    """Returns a packer of `.lzma` with options of one's own."""
    filters = [{"id": lzma.FILTER_LZMA1, **options}]
    return lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE, filters=filters)


def with_dictionary(size: int) -> Callable[[bytes], bytes]:
    """Returns a packer of `.lzma` whose header tells a dictionary of any size."""

    def pack(raw: bytes) -> bytes:
        packed = alone()(raw)
        return packed[:1] + struct.pack("<I", size) + packed[5:]

    return pack


def deflated(window: int, level: int) -> Callable[[bytes], bytes]:
    """Returns a packer of zlib with a window of 2**window bytes."""

    def pack(raw: bytes) -> bytes:
        packer = zlib.compressobj(level, zlib.DEFLATED, window)
        return packer.compress(raw) + packer.flush()

    return pack


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "dictionary of 4 KiB": alone(dict_size=4096),
    "dictionary of 128 MiB": alone(dict_size=128 << 20),
    "dictionary of 1.5 GiB": alone(dict_size=3 << 29),
    "dictionary of 5,000 bytes": with_dictionary(5_000),
    "dictionary of 4 GiB": with_dictionary(2**32 - 1),
    **{f"pb {pb}": alone(pb=pb) for pb in range(5)},
    **{f"lc {lc}, lp {4 - lc}": alone(lc=lc, lp=4 - lc) for lc in range(5)},
    **{f"zlib {w}, level {n}": deflated(w, n) for w in range(9, 16) for n in (1, 5, 6, 9)},
    "an empty .lzma, then .xz": lambda raw: alone()(b"") + lzma.compress(raw),
    "an empty .xz, then .lzma": lambda raw: lzma.compress(b"") + alone(dict_size=4096)(raw),
    ".lzma in gzip": lambda raw: gzip.compress(alone(pb=0)(raw)),
}


@pytest.mark.parametrize("packer", PACKERS)
def test_t25_a_pickle_under_any_header_is_refused(tmp_path: Path, packer: str) -> None:
    place = tmp_path / "weights.dat"
    place.write_bytes(PACKERS[packer](PICKLE))
    with pytest.raises(ManifestError, match=r"weights.dat, unpacked.*pickle that calls"):
        check_model_file(place)


@pytest.mark.parametrize("before", [b"", lzma.compress(b"an ordinary text")])
def test_what_needs_more_memory_than_is_held_is_refused(tmp_path: Path, before: bytes) -> None:
    wide = [{"id": lzma.FILTER_LZMA2, "dict_size": 128 << 20}]
    place = tmp_path / "weights.dat"
    place.write_bytes(before + lzma.compress(PICKLE, lzma.FORMAT_XZ, filters=wide))
    with pytest.raises(ManifestError, match=r"larger dictionary .* looked into; unpack it"):
        check_model_file(place)


def test_past_the_dictionary_that_is_held_nothing_is_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.model_files.compressed._DICTIONARY", 1 << 16)
    place = tmp_path / "weights.dat"
    place.write_bytes(alone(dict_size=1 << 20)(b"text " * 30_000))
    with pytest.raises(ManifestError, match=r"larger dictionary .* looked into; unpack it"):
        check_model_file(place)


@pytest.mark.parametrize("pack", [alone(dict_size=4096), deflated(12, 9), gzip.compress])
def test_ordinary_text_is_taken_however_it_is_packed(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    place = tmp_path / "notes.dat"
    place.write_bytes(pack(b"category\ncat\n" * 500))
    check_model_file(place)


def zipped(content: bytes) -> bytes:
    """Returns an archive with one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inner", content)
    return buffer.getvalue()


def test_numbers_that_begin_like_something_packed_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they are too many to be read twice, within an archive."""
    monkeypatch.setattr("registry.model_files.checking._HELD_BYTES", 1 << 12)
    generator, place = np.random.default_rng(5), tmp_path / "weights.dat"
    body = generator.standard_normal(3_000).astype(np.float32).tobytes()
    shapes = (struct.pack("<6i", *sizes, 0, 0, 0) for sizes in ((3, 4, 5), (9, 8, 7), (64, 12, 1)))
    heads = [
        *(bytes(generator.integers(0, 256, 13, np.uint8)) + b"\0" for _ in range(60)),
        *(bytes((first, 31 - (first << 8) % 31)) for first in range(8, 0x80, 16)),
        *shapes,
    ]
    for head in heads:
        for content in (head + body, head + bytes(20_000) + body, zipped(head + body)):
            place.write_bytes(content)
            check_model_file(place)


def test_a_large_packed_file_within_an_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.model_files.checking._HELD_BYTES", 1 << 12)
    generator, place = np.random.default_rng(6), tmp_path / "weights.dat"
    body = generator.bytes(20_000)
    for pack in (gzip.compress, lzma.compress, alone(pb=0), deflated(12, 6)):
        place.write_bytes(zipped(pack(body)))
        with pytest.raises(ManifestError, match="archive of over 64 MiB within another"):
            check_model_file(place)
