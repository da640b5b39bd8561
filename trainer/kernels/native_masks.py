"""The compiled mask kernels; who calls them shares vectors out among threads."""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import final

import numpy as np

from trainer.kernels.masks import MaskKernels, Packed, Residues, check_masks

__all__ = ["NativeMasks", "openssl_functions"]

_FUNCTIONS = ("SHA256_Init", "SHA256_Transform")


@final
class NativeMasks(MaskKernels):
    """A library that `trainer.kernels.build` made; OpenSSL computes the keystreams' blocks.

    Args:
        library: its path.

    Raises:
        OSError: it can't be loaded, or there is no OpenSSL to call.
    """

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        found = openssl_functions()
        if found is None:
            raise OSError("no OpenSSL with SHA256_Transform for keystreams")
        self._functions = found

    def add_packed(self, residues: Residues, width: int, packed: Sequence[Packed]) -> None:
        """Adds packed values."""
        check_masks(residues, width, packed)
        pointers = (ctypes.c_void_p * len(packed))(*[one.ctypes.data for one in packed])
        sizes = ctypes.c_int64(len(packed)), ctypes.c_int64(residues.size), ctypes.c_int(width)
        self._library.add_packed(pointers, *sizes, _address(residues))

    def add_keystreams(
        self,
        residues: Residues,
        width: int,
        block: int,
        added: Sequence[bytes],
        subtracted: Sequence[bytes],
    ) -> None:
        """Adds and subtracts keystreams."""
        seeds = [*added, *subtracted]
        check_masks(residues, width, (), seeds)
        counts = ctypes.c_int64(len(added)), ctypes.c_int64(len(subtracted))
        place = ctypes.c_uint64(block), ctypes.c_int64(residues.size), ctypes.c_int(width)
        self._library.add_keystreams(
            *self._functions, b"".join(seeds), *counts, *place, _address(residues)
        )

    def pack(self, residues: Residues, width: int, out: Packed) -> None:
        """Writes residues."""
        check_masks(residues, width, [out])
        sizes = ctypes.c_int64(residues.size), ctypes.c_int(width)
        self._library.pack_residues(_address(residues), *sizes, _address(out))


@cache
def openssl_functions() -> tuple[ctypes.c_void_p, ...] | None:
    """Returns OpenSSL's functions that give a block, or None."""
    try:
        # What hashlib is linked with, so that there is one OpenSSL in the process.
        openssl = ctypes.CDLL(importlib.import_module("_hashlib").__file__)
        return tuple(ctypes.cast(getattr(openssl, name), ctypes.c_void_p) for name in _FUNCTIONS)
    except (ImportError, AttributeError, OSError):
        return None


def _address(array: Residues | Packed) -> ctypes.c_void_p:
    return ctypes.c_void_p(np.asarray(array).ctypes.data)
