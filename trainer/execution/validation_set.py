"""The validation set that leave-one-out scores are measured on: a folder with one safetensors file.

It is stored like any content and named by digest in the terms, so that whoever audits a round
measures on the same examples.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from registry.documents.manifest import MANIFEST_NAME, MAX_MANIFEST_BYTES, Manifest
from registry.errors import ConfigError, ManifestError
from trainer.documents.terms_document import TermsDocument
from trainer.models import build_model, is_known
from trainer.scoring import CrossEntropy, Evaluate
from trainer.vectors.safetensors_files import load_safetensors, save_safetensors

__all__ = [
    "LARGEST_VALIDATION_SET",
    "VALIDATION_SET_FILE",
    "architecture_of",
    "evaluation_of",
    "named_evaluation",
    "read_validation_set",
    "write_validation_set",
]

VALIDATION_SET_FILE = "validation_set.safetensors"
LARGEST_VALIDATION_SET = 1 << 30
"""Bytes."""


def write_validation_set(folder: Path, inputs: torch.Tensor, labels: torch.Tensor) -> None:
    """Writes a validation set; equal tensors give equal bytes.

    Args:
        folder: made if it isn't there.
        inputs: shape (n, …), floats.
        labels: shape (n,), integers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"inputs": inputs.contiguous(), "labels": labels.to(torch.int64).contiguous()}
    save_safetensors(tensors, folder / VALIDATION_SET_FILE)


def read_validation_set(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the inputs and labels of a validation set.

    Raises:
        ConfigError: no such file, or other tensors in it.
    """
    found = load_safetensors(folder / VALIDATION_SET_FILE, LARGEST_VALIDATION_SET)
    if set(found) != {"inputs", "labels"}:
        raise ConfigError(f"{folder}: expected the tensors inputs and labels, got {sorted(found)}")
    return found["inputs"], found["labels"]


def evaluation_of(folder: Path, architecture: str) -> CrossEntropy:
    """Returns the loss of a known architecture on a validation set.

    Raises:
        ConfigError: an architecture that isn't known here, or no validation set.
        AggregationError: tensors that are none.
    """
    module = build_model(architecture)
    inputs, labels = read_validation_set(folder)
    return CrossEntropy(module, inputs, labels)


def named_evaluation(
    document: TermsDocument, base: Path, folder_of: Callable[[bytes], Path | None]
) -> Evaluate | None:
    """Returns the evaluation that a terms document names, or None if it can't be had here.

    Args:
        document: the round's.
        base: the base version's folder; its manifest tells the architecture.
        folder_of: returns the folder of a digest, fetched, or None.

    Raises:
        ConfigError: the base has no sound manifest, or the folder holds no validation set.
        AggregationError: tensors that are no validation set.
    """
    if document.evaluation is None:
        return None
    folder = folder_of(document.evaluation)
    if folder is None:
        return None
    architecture = architecture_of(base)
    if not is_known(architecture):
        return None  # scores stay unchecked, and that is said
    return evaluation_of(folder, architecture)


def architecture_of(folder: Path) -> str:
    """Returns the architecture that a version's manifest names; it may be empty.

    Raises:
        ConfigError: no manifest, or a malformed one.
    """
    path = folder / MANIFEST_NAME
    if path.is_symlink() or not path.is_file():
        raise ConfigError(f"{path}: the base version needs a manifest; publish it with one")
    with path.open("rb") as file:
        data = file.read(MAX_MANIFEST_BYTES + 1)
    try:
        return Manifest.parse(data).architecture
    except ManifestError as error:
        raise ConfigError(f"{path}: {error}") from error
