"""Personal training by text, and of a client class."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest
import torch

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.training.client_loading import personalised
from trainer.training.personal import personal_training
from trainer.training.personal.factory import PERSONAL_FILE
from trainer.vectors.clusters import clustered_state
from trainer.vectors.safetensors_files import load_safetensors
from trainer.vectors.torch_modules import state_of


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("fedper:head=head.*", {"head.weight", "head.bias"}),
        ("fedper:head=head.weight+head.bias", {"head.weight", "head.bias"}),
        ("ditto", {"head.weight", "head.bias", "body.weight", "body.bias"}),
        ("ditto:strength=0.5", {"head.weight", "head.bias", "body.weight", "body.bias"}),
    ],
)
def test_a_text_names_an_algorithm(
    made: Any, points: Any, plan: LocalPlan, tmp_path: Path, text: str, kept: set[str]
) -> None:
    personal_training(text, made(), points(1), tmp_path)(state_of(made()), plan)
    assert set(load_safetensors(tmp_path / PERSONAL_FILE)) == kept


def test_a_text_names_clusters(made: Any, points: Any, plan: LocalPlan, tmp_path: Path) -> None:
    base = clustered_state([state_of(made(1)), state_of(made(2))])
    assert "cluster" in personal_training("ifca", made(), points(1), tmp_path)(base, plan).metrics


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fedprox", r"expected one of ditto, fedper, ifca, got 'fedprox'"),
        ("fedper", r"expected head=PATTERN, such as fedper:head=fc2\.\*"),
        ("ditto:strength", "expected name=value, got 'strength'"),
        ("ditto:strength=much", "expected strength=0.1, got 'much'"),
        ("ditto:strength=-1", "a strength of 0 or more"),
        ("ifca:clusters=2", r"it doesn't take \['clusters'\]"),
    ],
)
def test_other_texts_are_refused(
    made: Any, points: Any, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        personal_training(text, made(), points(1), tmp_path)


@pytest.fixture
def client_module(made: Any, points: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module with client classes, as `--client` would import it."""

    class Owner:
        def __init__(self, data: Path) -> None:
            self.model = made()
            self.dataset = points(1)

        def verb(self, *arguments: object) -> None:
            raise AssertionError("personal training calls none of the verbs")

        get_parameters = set_parameters = fit = evaluate = verb

    class Without(Owner):
        def __init__(self, data: Path) -> None:
            self.model = made()

    class Two(Owner):
        def __init__(self, data: Path) -> None:
            super().__init__(data)
            self.other: torch.nn.Module = made()

    module = types.ModuleType("personal_owners")
    vars(module).update(Owner=Owner, Without=Without, Two=Two)
    monkeypatch.setitem(sys.modules, "personal_owners", module)
    return "personal_owners"


def test_a_client_class_is_trained_personally(
    client_module: str, made: Any, plan: LocalPlan, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    training = personalised(f"{client_module}:Owner", tmp_path, "fedper:head=head.*", own)
    base = state_of(made())
    result = training(base, plan)
    assert torch.equal(result.state["head.bias"], base["head.bias"])
    assert (own / PERSONAL_FILE).stat().st_mode & 0o777 == 0o600
    assert own.stat().st_mode & 0o777 == 0o700


def test_a_class_without_data_set_or_with_two_models_is_refused(
    client_module: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="--personal needs an attribute dataset; add one"):
        personalised(f"{client_module}:Without", tmp_path, "ditto", tmp_path)
    with pytest.raises(ConfigError, match="one torch module among its attributes, got 2"):
        personalised(f"{client_module}:Two", tmp_path, "ditto", tmp_path)
