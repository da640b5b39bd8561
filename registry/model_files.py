"""Which files a model may consist of: none that would run code when opened (C-3, T-25).

A file is judged by its name and by its first bytes, never by parsing what it might be: opening a
pickle runs whatever it says. Archives are refused as far as they hold pickles; a tar archive is
refused altogether, since it may also name paths outside its folder.
"""

from __future__ import annotations

import bz2
import lzma
import re
import struct
import zipfile
import zlib
from pathlib import Path

from registry.errors import ManifestError
from registry.safetensors_header import check_safetensors

__all__ = ["REFUSED_SUFFIXES", "check_model_file", "check_model_folder"]

# fmt: off
REFUSED_SUFFIXES = frozenset((
    ".pkl", ".pickle", ".pck", ".pcl", ".p", ".dill", ".cloudpickle", ".pt", ".pth", ".pt2", ".ptc",
    ".bin", ".ckpt", ".joblib", ".sav", ".npz", ".mar", ".nemo", ".tar", ".model_state", ".pyc",
))
# fmt: on
_REMEDY = "export the model as safetensors"
_FIRST_BYTES = 1024
_UNPACKED_BYTES = 64
# Protocols 2 to 5 announce themselves; 0 and 1 begin with an opcode for a global, a mark with a
# dictionary, list or object, or a container, each in a shape that ordinary text does not have.
_PICKLE = re.compile(
    rb"\x80[\x02-\x06]"
    rb"|\(?c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n"
    rb"|\((?:dp|lp|ip|i[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n|tp)"
    rb"|[(\]})]q\x00"
    rb"|\(?[SVILF][^\n]{0,200}\n(?:p\d+\n|\.)"
    rb"|\(?(?:[IL]-?\d+L?\n|[XTUKJ][^\n]{0,6}[\x00-\x08\xff])"
)
_MOST_ZIP_ENTRIES = 65_534
_LARGEST_ZIP_LISTING = 16 << 20


def check_model_folder(folder: Path) -> None:
    """Returns if every file below the folder, hidden ones too, is safe to open.

    Raises:
        ManifestError: names the first file that is refused, and why.
    """
    if not folder.is_dir():
        raise ManifestError(f"expected a folder of model files, got {folder}")
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ManifestError(f"{path} is a symbolic link; replace it by what it points to")
        if path.is_file():
            check_model_file(path)
        elif not path.is_dir():
            raise ManifestError(f"{path} is neither a file nor a folder; take it out")


def check_model_file(path: Path) -> None:
    """Returns if the file is safe to open.

    Raises:
        ManifestError: a pickle by name or content, or a safetensors file whose header is unsound.
    """
    # Every suffix counts: `model.pkl.gz` and `model.pt.txt` are still what they were made as.
    refused = [s for s in (suffix.lower() for suffix in path.suffixes) if s in REFUSED_SUFFIXES]
    if refused:
        raise ManifestError(f"{path.name}: files named *{refused[0]} may run code; {_REMEDY}")
    with path.open("rb") as file:
        first = file.read(_FIRST_BYTES)
    if path.suffix.lower() == ".safetensors":
        check_safetensors(path)
        return
    if _PICKLE.match(first) or _PICKLE.match(_unpacked(first)):
        raise ManifestError(f"{path.name}: its first bytes are those of a pickle; {_REMEDY}")
    if first.startswith(b"\x93NUMPY") and re.search(rb"'descr':[^}]*[|'<>=]O", first):
        raise ManifestError(f"{path.name}: an array of objects holds a pickle; {_REMEDY}")
    if first[257:262] == b"ustar":
        raise ManifestError(f"{path.name}: tar archives are refused; unpack it")
    if first.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_zip(path)


def _unpacked(first: bytes) -> bytes:
    """Returns the first few bytes of what is compressed, and no more than those (T-26)."""
    try:
        if first[:2] == b"\x1f\x8b":
            return zlib.decompressobj(31).decompress(first, _UNPACKED_BYTES)
        if first[:1] == b"\x78":
            return zlib.decompressobj().decompress(first, _UNPACKED_BYTES)
        if first[:3] == b"BZh":
            return bz2.BZ2Decompressor().decompress(first, _UNPACKED_BYTES)
        if first[:6] == b"\xfd7zXZ\x00":
            limited = lzma.LZMADecompressor(memlimit=64 << 20)
            return limited.decompress(first, _UNPACKED_BYTES)
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        return b""
    return b""


def _check_zip(path: Path) -> None:
    """Refuses a zip archive with a pickle in it; reads the list of names and nothing else."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise ManifestError(f"{path.name}: a zip archive without a list of names; take it out")
    entries, listing = struct.unpack_from("<HI", tail, at + 10)
    if entries > _MOST_ZIP_ENTRIES or listing > _LARGEST_ZIP_LISTING:
        raise ManifestError(f"{path.name}: a zip archive with too long a list of names")
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ManifestError(f"{path.name}: not a sound zip archive ({error})") from error
    for name in names:
        inner = [suffix.lower() for suffix in Path(name).suffixes]
        if REFUSED_SUFFIXES.intersection(inner) or ".npy" in inner:
            raise ManifestError(f"{path.name}: holds {name[:80]!r}, which may run code; {_REMEDY}")
