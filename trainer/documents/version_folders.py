"""Version folders: one model file, a manifest, and whatever else the base carries (A-4, C-2).

A new version's folder is the base's with other tensors: the files beside the model are copied,
the manifest is derived. Every byte follows from base, tensors, parents and round.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from registry.documents.canonical_json import bytes32_to_hex, canonical, parse
from registry.errors import ConfigError
from trainer.vectors.safetensors_files import (
    State,
    load_safetensors,
    map_safetensors,
    save_safetensors,
)

__all__ = [
    "MANIFEST",
    "MODEL_FILE",
    "SERVER_FILE",
    "first_version",
    "map_version",
    "model_file",
    "read_memory",
    "read_version",
    "write_version",
]

MANIFEST = "manifest.json"
MODEL_FILE = "model.safetensors"
SERVER_FILE = "server/memory.safetensors"
_FORMAT = "tallystick/manifest/1"
_LARGEST_MANIFEST = 16 << 20


def read_version(folder: Path) -> State:
    """Returns a version's tensors from its one safetensors file.

    Raises:
        ConfigError: no such file, several of them, or a malformed one.
    """
    return load_safetensors(model_file(folder))


def map_version(folder: Path) -> State:
    """Returns the same, mapped into memory: for a folder that nobody writes into.

    Raises:
        ConfigError: as `read_version`.
    """
    return map_safetensors(model_file(folder))


def read_memory(folder: Path) -> dict[str, npt.NDArray[np.float64]]:
    """Returns what the server's strategy remembers from version to version, by name; often nothing.

    Raises:
        ConfigError: a malformed file, or one with other than vectors of 64-bit floats.
    """
    path = folder / SERVER_FILE
    if not path.exists():
        return {}
    found = load_safetensors(path)
    for name, tensor in found.items():
        if tensor.dtype != torch.float64 or tensor.ndim != 1:
            raise ConfigError(f"{path}: expected {name!r} to be a vector of 64-bit floats")
    return {name: tensor.numpy() for name, tensor in found.items()}


def write_version(
    base: Path,
    destination: Path,
    tensors: Mapping[str, torch.Tensor],
    parents: Sequence[bytes],
    round_id: bytes,
    memory: Mapping[str, npt.NDArray[np.float64]] | None = None,
) -> None:
    """Writes the folder of a round's new version; the same arguments give the same bytes (A-4).

    Args:
        base: the base version's folder.
        destination: replaced if it is there.
        tensors: the new version's.
        parents: the ids of the versions it was made from.
        round_id: the round that made it.
        memory: what the strategy remembers; without any, the base's own isn't kept.

    Raises:
        ConfigError: the base has no manifest, not one model file, or a file in the place of the
            folder for the memory.
    """
    model, manifest = model_file(base), _read_manifest(base / MANIFEST)
    if destination.exists():
        shutil.rmtree(destination)
    # The base's tensors and memory aren't copied: they are written anew, or left out.
    anew = {base / MANIFEST, model, base / SERVER_FILE}
    shutil.copytree(base, destination, ignore=_left_out(anew))
    save_safetensors(tensors, destination / model.name)
    server = destination / SERVER_FILE
    if memory:
        _make_folder(server.parent)
        kept = {
            name: torch.from_numpy(np.require(vector, np.float64, ("C", "W")))
            for name, vector in memory.items()
        }
        save_safetensors(kept, server)
    elif server.parent.is_dir() and not any(server.parent.iterdir()):
        server.parent.rmdir()  # a folder that held the memory alone: none may be empty (C-2)
    manifest["parents"] = [bytes32_to_hex(parent) for parent in parents]
    manifest["round"] = bytes32_to_hex(round_id)
    _write_manifest(destination, manifest)


def first_version(
    folder: Path,
    tensors: Mapping[str, torch.Tensor],
    *,
    architecture: str,
    licence: str = "MIT",
    parents: Sequence[bytes] = (),
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes a version folder from scratch: the model file and its manifest.

    Args:
        folder: made if it isn't there; other files in it join the manifest.
        tensors: the initial ones.
        architecture: the model's name.
        licence: an SPDX expression.
        parents: the ids of the versions, of any model, that it was made from (M-5).
        metadata: texts by name, which later versions keep.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_safetensors(tensors, folder / MODEL_FILE)
    manifest: dict[str, Any] = {
        "format": _FORMAT,
        "framework": "pytorch",
        "architecture": architecture,
        "licence": licence,
        "parents": [bytes32_to_hex(parent) for parent in parents],
        "round": None,
        "metadata": dict(metadata or {}),
    }
    _write_manifest(folder, manifest)


def _left_out(anew: Collection[Path]) -> Callable[[str, list[str]], set[str]]:
    """Returns what `copytree` leaves out of a base: hidden files, and what is written anew."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name.startswith(".") or Path(folder, name) in anew}

    return left_out


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ConfigError(
            f"{folder}: expected a folder, for what the strategy remembers; the base has a file "
            "of this name: publish it under another"
        )
    folder.mkdir(exist_ok=True)


def model_file(folder: Path) -> Path:
    """Returns a version's one safetensors file.

    Raises:
        ConfigError: there is none, or several.
    """
    found = sorted(folder.glob("*.safetensors"))
    if len(found) != 1:
        raise ConfigError(f"{folder}: expected one safetensors file, got {len(found)}")
    return found[0]


def _read_manifest(path: Path) -> dict[str, Any]:
    if path.is_symlink() or not path.is_file():
        raise ConfigError(f"{path}: the base version needs a manifest; publish it with one")
    with path.open("rb") as file:
        found = parse(file.read(_LARGEST_MANIFEST + 1), _LARGEST_MANIFEST, str(path))
    if found.get("format") != _FORMAT:
        raise ConfigError(f"{path}: expected format {_FORMAT}, got {found.get('format')!r}")
    return found


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    files = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        # Hidden files stay out of storage, so they stay out of the manifest too.
        hidden = any(part.startswith(".") for part in parts)
        if path.is_file() and not hidden and path != folder / MANIFEST:
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            name = "/".join(parts)
            files[name] = {"bytes": path.stat().st_size, "sha256": digest}
    (folder / MANIFEST).write_bytes(canonical({**manifest, "files": files}))
