"""Chooses the kernels once per process: compiled ones if they are there, portable ones else."""

from __future__ import annotations

import os
from functools import cache

from registry.errors import ConfigError
from trainer.kernels.base import Kernels
from trainer.kernels.library import library_path
from trainer.kernels.native import NativeKernels
from trainer.kernels.portable import PortableKernels

__all__ = ["chosen"]


@cache
def chosen() -> Kernels:
    """Returns the kernels of this process.

    Raises:
        ConfigError: TALLY_KERNELS asks for something else than native or portable, or for native
            ones that aren't there.
    """
    wish = os.environ.get("TALLY_KERNELS", "")
    if wish not in ("", "native", "portable"):
        raise ConfigError(f"TALLY_KERNELS: expected native or portable, got {wish!r}")
    path = library_path()
    if wish != "portable":
        try:
            return NativeKernels(path)
        except OSError:
            if wish == "native":
                raise ConfigError(
                    "TALLY_KERNELS: no compiled kernels; run python -m trainer.kernels.build"
                ) from None
    return PortableKernels()
