"""Many short SHA-256 hashes at once: a vector's leaves and nodes (L-4).

The hash is OpenSSL's, as in Python's own `hashlib`; the compiled kernels call it from a loop of
theirs, which spares Python's work per hash and lets other threads run. Where there is no compiled
library, or no such OpenSSL, `hashlib` hashes one after the other.
"""

from __future__ import annotations

import ctypes
import importlib
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.kernels.choice import compiled_library
from trainer.types import IntVector

__all__ = ["Hashed", "hash_pieces", "hash_pieces_by_hashlib"]

Hashed = bytes | memoryview | IntVector
_DIGEST = 32
_FUNCTIONS = ("SHA256_Init", "SHA256_Update", "SHA256_Final")


def hash_pieces(prefix: int, data: Hashed, width: int) -> bytes:
    """Returns `sha(prefix ‖ piece)` of each piece, 32 bytes each.

    Args:
        prefix: the byte before each piece.
        data: at least one byte, or integers, which are hashed as big-endian ones.
        width: of a piece in bytes, whole values; the last may be shorter.
    """
    found = _functions()
    if found is None:
        return hash_pieces_by_hashlib(prefix, data, width)
    function, openssl = found
    given: npt.NDArray[np.integer[Any]]
    given = data if isinstance(data, np.ndarray) else np.frombuffer(data, np.uint8)
    source = np.ascontiguousarray(given)
    swap = 0 if source.dtype == source.dtype.newbyteorder(">") else source.dtype.itemsize
    digests = ctypes.create_string_buffer(_DIGEST * -(-source.nbytes // width))
    sizes = ctypes.c_int64(source.nbytes), ctypes.c_int64(width)
    address = ctypes.c_void_p(source.ctypes.data)
    if not function(*openssl, prefix, address, *sizes, swap, digests):
        return hash_pieces_by_hashlib(prefix, data, width)
    return digests.raw


def hash_pieces_by_hashlib(prefix: int, data: Hashed, width: int) -> bytes:
    """Returns the same, one hash after the other."""
    if isinstance(data, np.ndarray):
        data = np.ascontiguousarray(data, data.dtype.newbyteorder(">")).data
    begun, view, digests = sha256(bytes([prefix])), memoryview(data).cast("B"), []
    for at in range(0, len(view), width):
        digest = begun.copy()
        digest.update(view[at : at + width])
        digests.append(digest.digest())
    return b"".join(digests)


@cache
def _functions() -> tuple[Any, tuple[ctypes.c_void_p, ...]] | None:
    """Returns the loop and OpenSSL's functions for it, or None."""
    library = compiled_library()
    try:
        # What hashlib is linked with, so that there is one OpenSSL in the process.
        openssl = ctypes.CDLL(importlib.import_module("_hashlib").__file__)
        found = [ctypes.cast(getattr(openssl, name), ctypes.c_void_p) for name in _FUNCTIONS]
    except (ImportError, AttributeError, OSError):
        return None
    return None if library is None else (library.hash_pieces, tuple(found))
