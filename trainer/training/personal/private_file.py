"""The file in which a participant keeps what is its own: readable by nobody else."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.vectors.safetensors_files import State, load_safetensors, save_safetensors

__all__ = ["PrivateFile"]

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class PrivateFile:
    """Tensors in a safetensors file of mode 0600; it is replaced whole or not at all.

    Args:
        path: the file; its folder is made, for its owner only, if it isn't there.
    """

    path: Path

    def read(self, like: Mapping[str, torch.Tensor]) -> State | None:
        """Returns the kept tensors, or None if nothing has been kept.

        Args:
            like: tensors of the names, shapes and types that the kept ones must have.

        Raises:
            ConfigError: others may read the file, it is malformed, or it is of another model.
        """
        if not self.path.exists() and not self.path.is_symlink():
            return None
        mode = stat.S_IMODE(self.path.lstat().st_mode)
        if not self.path.is_symlink() and mode & _OTHERS:
            raise ConfigError(f"{self.path}: expected mode 600, got {mode:o}; run chmod 600 on it")
        found = load_safetensors(self.path)
        expected = {name: (t.shape, t.dtype) for name, t in like.items()}
        if {name: (t.shape, t.dtype) for name, t in found.items()} != expected:
            differing = sorted(set(expected) ^ set(found)) or sorted(expected)
            raise ConfigError(
                f"{self.path}: kept for another model, {differing[0]!r} differs; move the file away"
            )
        return found

    def write(self, state: Mapping[str, torch.Tensor]) -> None:
        """Keeps tensors in the place of what was kept.

        Raises:
            ConfigError: no tensor, or a type that the format doesn't have.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A folder that only its owner may enter: the file is never readable by others on its way.
        with tempfile.TemporaryDirectory(dir=self.path.parent) as folder:
            partial = Path(folder) / self.path.name
            save_safetensors(state, partial)
            partial.chmod(0o600)
            partial.replace(self.path)
