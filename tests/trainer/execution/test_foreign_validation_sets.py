"""A validation set or manifest that others wrote is refused in one line, never crashed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from registry.errors import AggregationError, ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version
from trainer.execution.validation_set import (
    VALIDATION_SET_FILE,
    named_evaluation,
    write_validation_set,
)
from trainer.models import SmallCnn, build_model
from trainer.plan.training_plan import LocalPlan
from trainer.scoring import CrossEntropy
from trainer.vectors.safetensors_files import save_safetensors
from trainer.vectors.torch_modules import state_of

IMAGES = torch.zeros(2, 1, 28, 28)
DOCUMENT = TermsDocument(
    plan=LocalPlan(1, 8, "sgd", "0.1", 3), scoring="leave_one_out", evaluation=bytes(32)
)


def labels(*values: Any) -> torch.Tensor:
    return torch.tensor(values)


def measured(validation_set: Path, base: Path) -> int | None:
    """Returns the loss of the base, as a coordinator or an audit measures it; None: can't be."""
    evaluate = named_evaluation(DOCUMENT, base, lambda digest: validation_set)
    return None if evaluate is None else evaluate(state_of(SmallCnn()))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A version of a known architecture."""
    first_version(tmp_path / "base", state_of(SmallCnn()), architecture="small-cnn")
    return tmp_path / "base"


@pytest.fixture
def validation_set(tmp_path: Path) -> Path:
    """A sound validation set."""
    write_validation_set(tmp_path / "held", IMAGES, labels(0, 9))
    return tmp_path / "held"


def test_a_sound_set_is_measured(validation_set: Path, base: Path) -> None:
    assert isinstance(measured(validation_set, base), int)


@pytest.mark.parametrize(
    ("inputs", "given", "says"),
    [
        (IMAGES, labels(0, 99), "expected labels from 0 to 9, got 99"),
        (IMAGES, labels(0, 10), "expected labels from 0 to 9, got 10"),
        (IMAGES, labels(0, -5), "whole numbers from 0, got torch.int64 from -5"),
        (IMAGES, labels(0, -100), "whole numbers from 0, got torch.int64 from -100"),
        (IMAGES, labels(0.0, 0.5), "whole numbers from 0, got torch.float32 from 0.0"),
        (IMAGES, labels([0], [1]), "labels of the shape"),
        (IMAGES, torch.tensor(1), "labels of the shape"),
        (torch.tensor(1.0), labels(0), "inputs of the shape"),
        (IMAGES, labels(0), "one label per example"),
        (IMAGES[:0], labels(0)[:0], "one label per example"),
        (torch.zeros(2, 4), labels(0, 1), r"doesn't take inputs of the shape \(2, 4\)"),
        (torch.zeros(2), labels(0, 1), r"doesn't take inputs of the shape \(2,\)"),
        (torch.zeros(2, 1, 0, 0), labels(0, 1), "doesn't take inputs of the shape"),
    ],
)
def test_tensors_that_are_no_validation_set_are_refused(
    tmp_path: Path, base: Path, inputs: torch.Tensor, given: torch.Tensor, says: str
) -> None:
    (tmp_path / "held").mkdir()
    save_safetensors({"inputs": inputs, "labels": given}, tmp_path / "held" / VALIDATION_SET_FILE)
    with pytest.raises(AggregationError, match=says) as caught:
        measured(tmp_path / "held", base)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("forward", [lambda x: x.sum(), lambda x: x[:1], lambda x: x[..., None]])
def test_an_architecture_that_is_no_classifier_is_refused(
    forward: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    class Odd(torch.nn.Module):
        """Gives logits of another shape."""

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            """Returns them."""
            return forward(inputs)

    loss = CrossEntropy(Odd(), torch.zeros(2, 3), labels(0, 1))
    with pytest.raises(AggregationError, match=r"expected logits of the shape \(2, classes\)"):
        loss({})


MANIFESTS = {
    "a list": b"[]",
    "no fields": b"{}",
    "no text": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "a lone surrogate": b'{"architecture":"\\ud800"}',
    "missing": None,
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_base_without_a_sound_manifest_is_refused(
    validation_set: Path, base: Path, name: str
) -> None:
    (base / "manifest.json").unlink()
    content = MANIFESTS[name]
    if content is not None:
        (base / "manifest.json").write_bytes(content)
    with pytest.raises(ConfigError, match="manifest"):
        measured(validation_set, base)


@pytest.mark.parametrize("architecture", [b'["small-cnn"]', b"{}", b"7", b"null"])
def test_an_architecture_that_is_no_text_is_refused(
    validation_set: Path, base: Path, architecture: bytes
) -> None:
    path = base / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"small-cnn"', architecture))
    with pytest.raises(ConfigError, match="manifest"):
        measured(validation_set, base)


@pytest.mark.parametrize("architecture", [["small-cnn"], {}, None, "unknown"])
def test_nothing_is_built_of_an_unknown_architecture(architecture: Any) -> None:
    with pytest.raises(ConfigError, match="expected an architecture of"):
        build_model(architecture)


def test_scores_of_an_unknown_architecture_stay_unchecked(validation_set: Path, base: Path) -> None:
    path = base / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"small-cnn"', b'"somebody-s-own"'))
    assert measured(validation_set, base) is None


def test_a_folder_that_holds_no_validation_set_is_refused(base: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="expected a safetensors file"):
        measured(tmp_path / "empty", base)
