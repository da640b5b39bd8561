"""A base transformer from a folder: `config.json` and one safetensors file, and no code.

The configuration chooses among the classes that `transformers` ships; a folder that brings code is
refused. The tensors are read by `trainer.vectors.safetensors_files`, so every check of its own
applies.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from registry.errors import ConfigError
from trainer.documents.version_folders import read_version
from trainer.fine_tuning.libraries import library
from trainer.vectors.layout import check_state

__all__ = ["CONFIGURATION", "read_base"]

CONFIGURATION = "config.json"
_LARGEST = 1 << 20
# Counting numbers that older checkpoints carry along; the module makes its own.
_DERIVED = "position_ids"


def read_base(folder: Path) -> torch.nn.Module:
    """Returns a transformer with the folder's weights, frozen and in evaluation mode.

    The caller's random numbers stay as they were.

    Raises:
        ConfigError: no configuration, one that brings code or that no class is known for, or
            tensors that aren't that class's.
    """
    fields = _configuration(folder / CONFIGURATION)
    transformers = library("transformers")
    try:
        config = transformers.AutoConfig.for_model(**fields)
        with torch.random.fork_rng(devices=[]):
            module: torch.nn.Module = transformers.AutoModel.from_config(config)
    except (ValueError, TypeError, KeyError) as error:
        first = str(error).partition("\n")[0][:200]
        raise ConfigError(f"{folder / CONFIGURATION}: expected a known model: {first}") from error
    _fill(module, folder)
    return module.requires_grad_(False).eval()


def _fill(module: torch.nn.Module, folder: Path) -> None:
    own = module.state_dict()
    found = {
        name: tensor
        for name, tensor in read_version(folder).items()
        if name in own or name.rpartition(".")[2] != _DERIVED
    }
    wide = {
        name: tensor.to(own[name].dtype) if name in own and tensor.is_floating_point() else tensor
        for name, tensor in found.items()
    }
    check_state(wide, own)
    module.load_state_dict(wide)


def _configuration(path: Path) -> dict[str, Any]:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
        raise ConfigError(f"{path}: expected a transformer's configuration of at most 1 MiB")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: expected JSON, got {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("model_type"), str):
        raise ConfigError(f"{path}: expected a model_type, such as bert")
    if "auto_map" in found:
        raise ConfigError(f"{path}: expected no code of its own, got auto_map; use another base")
    return found
