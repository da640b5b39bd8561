"""A coordinator's validation file that doesn't fit is refused in one line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from registry.errors import ConfigError
from registry.storage import LocalStore
from trainer.adapters import StoreBlobs
from trainer.cli.fitting import moves_of, validation_set_training
from trainer.cli.validation_file import stored_evaluation, validation_set_tensors
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version
from trainer.models import SmallCnn
from trainer.vectors.safetensors_files import save_safetensors
from trainer.vectors.torch_modules import state_of

IMAGES = torch.zeros(2, 1, 28, 28)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A version of a known architecture."""
    first_version(tmp_path / "base", state_of(SmallCnn()), architecture="small-cnn")
    return tmp_path / "base"


def written(folder: Path, inputs: torch.Tensor, labels: torch.Tensor) -> Path:
    """A file with these tensors."""
    path = folder / "held.safetensors"
    save_safetensors({"inputs": inputs, "labels": labels}, path)
    return path


@pytest.mark.parametrize("kind", [torch.float32, torch.int32, torch.uint8])
def test_whole_labels_of_any_type_are_measured_and_tried_as_int64(
    tmp_path: Path, base: Path, kind: torch.dtype
) -> None:
    path = written(tmp_path, IMAGES, torch.tensor([0, 9]).to(kind))
    blobs = StoreBlobs(LocalStore(tmp_path / "store"))
    evaluate, digest = stored_evaluation(blobs, base, path, tmp_path / "work")
    assert evaluate(state_of(SmallCnn())) > 0
    assert len(digest) == 32
    training = validation_set_training(base, validation_set_tensors(path))
    assert training is not None
    options = {"step": "auto", "scales": (), "tied": ()}
    assert any(moves_of(base, options, TermsDocument(), training).values())


@pytest.mark.parametrize(
    ("inputs", "labels", "says"),
    [
        (IMAGES, torch.tensor([0.5, 1]), "labels that are whole numbers"),
        (IMAGES, torch.tensor([float("nan"), 1]), "labels that are whole numbers"),
        (IMAGES, torch.tensor([0, 10]), "expected labels from 0 to 9, got 10"),
        (IMAGES, torch.tensor([0, -1]), "whole numbers from 0, got torch.int64 from -1"),
        (IMAGES, torch.tensor([0, 1, 2]), r"got \(2, 1, 28, 28\) and \(3,\)"),
        (IMAGES[:0], torch.tensor([]), r"n at least 1, got \(0, 1, 28, 28\) and \(0,\)"),
        (IMAGES, torch.zeros(2, 1), r"and \(2, 1\)"),
        (torch.zeros(2, 784), torch.tensor([0, 1]), "doesn't take inputs of the shape"),
    ],
)
def test_a_set_that_does_not_fit_is_refused_by_its_file_s_name(
    tmp_path: Path, base: Path, inputs: torch.Tensor, labels: torch.Tensor, says: str
) -> None:
    path = written(tmp_path, inputs, labels)
    blobs = StoreBlobs(LocalStore(tmp_path / "store"))
    with pytest.raises(ConfigError, match=says) as refused:
        stored_evaluation(blobs, base, path, tmp_path / "work")
    assert str(refused.value).startswith(f"{path}: ")
    assert len(str(refused.value).splitlines()) == 1
