"""Where the compiled kernels lie: beside their sources, named after them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

__all__ = ["SOURCES", "library_path"]

_HERE = Path(__file__).parent
_HEADERS = ("kernels.h", "floats.h")
_PARTS = ("sums.c", "ranks.c", "products.c", "moves.c", "quantizing.c", "hashes.c", "masks.c")
SOURCES = tuple(_HERE / name for name in (*_HEADERS, *_PARTS))


def library_path() -> Path:
    """Returns where the library of these sources lies, if it was compiled.

    Its name holds their hash, so that a library never outlives a change of its sources.
    """
    digest = sha256(b"".join(path.read_bytes() for path in SOURCES)).hexdigest()
    # Not .so: it is loaded as a plain library, and isn't a module that Python could import.
    return _HERE / f"kernels-{digest[:16]}.library"
