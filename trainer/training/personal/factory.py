"""Personal training by the text that the command line takes: `fedper:head=fc2.*`."""

from __future__ import annotations

from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.training.client import Training
from trainer.training.personal.ditto import ditto_training
from trainer.training.personal.gains import Examples
from trainer.training.personal.ifca import ifca_training
from trainer.training.personal.private_head import private_head_training

__all__ = ["PERSONAL_FILE", "personal_training"]

PERSONAL_FILE = "personal.safetensors"
_TAKES = {"fedper": {"head"}, "ditto": {"strength"}, "ifca": set[str]()}


def personal_training(
    text: str, module: torch.nn.Module, dataset: Examples, folder: Path
) -> Training:
    """Makes the training that a text names.

    Args:
        text: `fedper:head=PATTERN` (several with `+` between them), `ditto`,
            `ditto:strength=DECIMAL`, or `ifca`.
        module: gives logits of shape (batch, classes).
        dataset: pairs of (input, integer label), with a length.
        folder: where the private file lies or will lie.

    Raises:
        ConfigError: no such algorithm, or a parameter that it doesn't take or that is missing.
        TrainingError: too few examples.
    """
    name, _, rest = text.partition(":")
    if name not in _TAKES:
        raise ConfigError(f"personal: expected one of {', '.join(sorted(_TAKES))}, got {name!r}")
    given = dict(_pair(part) for part in rest.split(",") if part)
    if unknown := sorted(set(given) - _TAKES[name]):
        raise ConfigError(f"personal {name}: it doesn't take {unknown}; leave them out")
    kept = folder / PERSONAL_FILE
    if name == "ifca":
        return ifca_training(module, dataset)
    if name == "ditto":
        return ditto_training(module, dataset, kept, _decimal(given.get("strength", "0.1")))
    if not given.get("head"):
        raise ConfigError("personal fedper: expected head=PATTERN, such as fedper:head=fc2.*")
    return private_head_training(module, dataset, given["head"].split("+"), kept)


def _pair(part: str) -> tuple[str, str]:
    key, sign, value = part.partition("=")
    if not sign:
        raise ConfigError(f"personal: expected name=value, got {part!r}")
    return key, value


def _decimal(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"personal ditto: expected strength=0.1, got {text!r}") from None
