"""What `--validation-set` names: read, checked on the base version, and stored."""

from __future__ import annotations

from pathlib import Path

import torch

from registry.errors import AggregationError, ConfigError
from trainer.documents.version_folders import read_version
from trainer.execution.validation_set import architecture_of, evaluation_of, write_validation_set
from trainer.ports import BlobStore
from trainer.scoring import CrossEntropy
from trainer.vectors.safetensors_files import State, load_safetensors

__all__ = ["stored_evaluation", "validation_set_tensors"]


def validation_set_tensors(path: Path) -> State:
    """Returns the inputs, shape (n, …), and the labels, shape (n,) int64, of a file.

    Raises:
        ConfigError: other tensors, no example, not one label for each, or a label that is no whole
            number; the line names the file.
    """
    tensors = load_safetensors(path)
    if set(tensors) != {"inputs", "labels"}:
        raise ConfigError(
            f"{path}: expected the tensors inputs and labels, got {sorted(tensors)!r:.200}"
        )
    inputs, labels = tensors["inputs"], tensors["labels"]
    if inputs.ndim == 0 or labels.ndim != 1 or len(inputs) != len(labels) or not len(labels):
        raise ConfigError(
            f"{path}: expected inputs of the shape (n, …) and labels of the shape (n,), n at least "
            f"1, got {tuple(inputs.shape)} and {tuple(labels.shape)}"
        )
    whole = labels.to(torch.int64)
    if labels.is_complex() or not torch.equal(whole.to(labels.dtype), labels):
        raise ConfigError(
            f"{path}: expected labels that are whole numbers from 0, got {labels.dtype} with parts"
        )
    return {"inputs": inputs, "labels": whole}


def stored_evaluation(
    blobs: BlobStore, base: Path, path: Path, work: Path
) -> tuple[CrossEntropy, bytes]:
    """Measures the base on a validation set and stores it; returns the loss and the set's digest.

    Raises:
        ConfigError: as `validation_set_tensors`, or a set that the architecture doesn't take.
    """
    tensors, folder = validation_set_tensors(path), work / "validation-set"
    write_validation_set(folder, tensors["inputs"], tensors["labels"])
    try:
        evaluate = evaluation_of(folder, architecture_of(base))
        evaluate(read_version(base))
    except AggregationError as error:
        raise ConfigError(f"{path}: {error}") from error
    return evaluate, blobs.put_folder(folder)
