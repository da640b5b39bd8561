"""The held-out set that leave-one-out scores are measured on: a folder with one safetensors file.

It is stored like any content and named by digest in the terms, so that whoever audits a round
measures on the same examples.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.models import build_model
from trainer.scoring import CrossEntropy, Evaluate
from trainer.tensor_files import load_safetensors, save_safetensors
from trainer.terms_document import TermsDocument

__all__ = [
    "HELD_OUT_FILE",
    "LARGEST_HELD_OUT",
    "evaluation_of",
    "named_evaluation",
    "read_held_out",
    "write_held_out",
]

HELD_OUT_FILE = "held_out.safetensors"
LARGEST_HELD_OUT = 1 << 30
"""Bytes."""


def write_held_out(folder: Path, inputs: torch.Tensor, labels: torch.Tensor) -> None:
    """Writes a held-out set; equal tensors give equal bytes.

    Args:
        folder: made if it isn't there.
        inputs: shape (n, …), floats.
        labels: shape (n,), integers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"inputs": inputs.contiguous(), "labels": labels.to(torch.int64).contiguous()}
    save_safetensors(tensors, folder / HELD_OUT_FILE)


def read_held_out(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the inputs and labels of a held-out set.

    Raises:
        ConfigError: no such file, or other tensors in it.
    """
    found = load_safetensors(folder / HELD_OUT_FILE, LARGEST_HELD_OUT)
    if set(found) != {"inputs", "labels"}:
        raise ConfigError(f"{folder}: expected the tensors inputs and labels, got {sorted(found)}")
    return found["inputs"], found["labels"]


def evaluation_of(folder: Path, architecture: str) -> CrossEntropy:
    """Returns the loss of a known architecture on a held-out set."""
    inputs, labels = read_held_out(folder)
    return CrossEntropy(build_model(architecture), inputs, labels)


def named_evaluation(
    document: TermsDocument, base: Path, folder_of: Callable[[bytes], Path | None]
) -> Evaluate | None:
    """Returns the evaluation that a terms document names, or None if it can't be had here.

    Args:
        document: the round's.
        base: the base version's folder; its manifest tells the architecture.
        folder_of: returns the folder of a digest, fetched, or None.
    """
    if document.evaluation is None:
        return None
    folder = folder_of(document.evaluation)
    if folder is None:
        return None
    architecture = json.loads((base / "manifest.json").read_bytes())["architecture"]
    try:
        return evaluation_of(folder, architecture)
    except ConfigError:
        return (
            None  # an architecture that isn't known here: scores stay unchecked, and that is said
        )
