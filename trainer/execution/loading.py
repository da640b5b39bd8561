"""Whether a version loads into its architecture: nothing else is ever proposed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from trainer.execution.validation_set import architecture_of
from trainer.models import build_model, is_known
from trainer.vectors.torch_modules import load_into

__all__ = ["check_loads"]


def check_loads(base: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Loads a new version's tensors into the architecture that its base names, if known here.

    Args:
        base: the base version's folder.
        tensors: of the version to be.

    Raises:
        AggregationError: they don't fit, or tied tensors differ.
        ConfigError: the base has no sound manifest.
    """
    architecture = architecture_of(base)
    if is_known(architecture):
        load_into(build_model(architecture), tensors)
