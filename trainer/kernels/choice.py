"""Chooses the kernels once per process: compiled ones if they are there, portable ones else."""

from __future__ import annotations

import ctypes
import os
from functools import cache

from registry.errors import ConfigError
from trainer.kernels.base import Kernels
from trainer.kernels.floats import FloatKernels
from trainer.kernels.library import library_path
from trainer.kernels.masks import MaskKernels
from trainer.kernels.native import NativeKernels
from trainer.kernels.native_floats import NativeFloats
from trainer.kernels.native_masks import NativeMasks
from trainer.kernels.portable import PortableKernels
from trainer.kernels.portable_floats import PortableFloats
from trainer.kernels.portable_masks import PortableMasks

__all__ = ["chosen", "chosen_floats", "chosen_masks", "compiled_library"]


@cache
def chosen() -> Kernels:
    """Returns the integer kernels of this process.

    Raises:
        ConfigError: TALLY_KERNELS asks for something else than native or portable, or for native
            ones that aren't there.
    """
    return PortableKernels() if compiled_library() is None else NativeKernels(library_path())


@cache
def chosen_floats() -> FloatKernels:
    """Returns the float kernels of this process.

    Raises:
        ConfigError: as `chosen`.
    """
    return PortableFloats() if compiled_library() is None else NativeFloats(library_path())


@cache
def chosen_masks() -> MaskKernels:
    """Returns the mask kernels of this process.

    Raises:
        ConfigError: as `chosen`.
    """
    if compiled_library() is None:
        return PortableMasks()
    try:
        return NativeMasks(library_path())
    except OSError:  # an OpenSSL without the function that gives one block
        return PortableMasks()


@cache
def compiled_library() -> ctypes.CDLL | None:
    """Returns the compiled library, or None where the portable kernels do.

    Raises:
        ConfigError: as `chosen`.
    """
    wish = os.environ.get("TALLY_KERNELS", "")
    if wish not in ("", "native", "portable"):
        raise ConfigError(f"TALLY_KERNELS: expected native or portable, got {wish!r}")
    if wish == "portable":
        return None
    try:
        return ctypes.CDLL(str(library_path()))
    except OSError:
        if wish == "native":
            raise ConfigError(
                "TALLY_KERNELS: no compiled kernels; run python -m trainer.kernels.build"
            ) from None
    return None
