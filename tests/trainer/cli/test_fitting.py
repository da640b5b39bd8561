"""What the command line fits to a base version: step, scales and ties, and what it tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
import torch
from click.testing import CliRunner

from trainer.cli.fitting import fitted_to
from trainer.cli.probe import cut_by, recommended
from trainer.cli.training import document_of, training_options
from trainer.documents.version_folders import first_version
from trainer.vectors.layout import shift_of
from trainer.vectors.torch_modules import state_of

MEAN, VARIANCE = "1.running_mean", "1.running_var"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A version with running statistics, two equal embeddings and two tensors of zeros."""
    torch.manual_seed(3)
    state = state_of(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)))
    twin = torch.randn(4, 2)
    state |= {"in.weight": twin, "out.weight": twin.clone(), "flat": twin.reshape(8).clone()}
    state |= {"zeros": torch.zeros(3), "zeros_too": torch.zeros(3)}
    first_version(tmp_path / "base", state, architecture="normed")
    return tmp_path / "base"


def options_of(*words: str) -> dict[str, Any]:
    """The options of a training command, as it gets them."""
    found: dict[str, Any] = {}

    @click.command()
    @training_options
    def asked(**options: Any) -> None:
        found.update(options)

    CliRunner().invoke(asked, words, catch_exceptions=False, standalone_mode=False)
    return found


def fitted(base: Path, *words: str, **named: Any) -> Any:
    """What is fitted to the base for these words, and what is told."""
    options = options_of("--step", "auto", *words)
    return fitted_to(base, options, document_of(options, None)[0], **named)


def moves(base: Path, **others: float) -> dict[str, float]:
    """A trial in which every tensor moved by a tenth, but for some."""
    names = ("0.bias", "0.weight", "1.bias", "1.weight", MEAN, VARIANCE, "in.weight", "out.weight")
    return dict.fromkeys(names, 0.1) | {"1." + name: move for name, move in others.items()}


def test_equal_tensors_are_told_unless_they_are_tied_or_all_one_number(base: Path) -> None:
    _, lines = fitted(base)
    said = "equal in the base: out.weight=in.weight; if the model ties them, say --tied"
    assert [line for line in lines if "equal" in line] == [said]
    found, lines = fitted(base, "--tied", "out.weight=in.weight")
    assert found.tied == {"out.weight": "in.weight"}
    assert not [line for line in lines if "equal" in line]
    assert "out.weight is tied to in.weight: trained once" in lines


def test_error_feedback_has_room_for_what_it_adds(base: Path) -> None:
    transforms = "--transform", "error_feedback", "--transform", "top_k:fraction=0.1"
    plain, fed_back = (fitted(base, *words)[0] for words in ((), transforms))
    assert fed_back.step_exponent == plain.step_exponent + 2
    assert fed_back.scales == plain.scales


def test_a_scale_that_the_user_gives_counts_rather_than_the_proposed_one(base: Path) -> None:
    trial = moves(base, running_mean=20.0, running_var=2_000.0)
    proposed, _ = fitted(base, moves=trial)
    assert dict(proposed.scales) == {"*running_mean": 8, "*running_var": 14}
    found, lines = fitted(base, "--scale", "*.running_var=3", moves=trial)
    assert shift_of(VARIANCE, found.scales) == 3
    assert shift_of(MEAN, found.scales) == 8
    assert "fitted to a trial" in lines[0]


def test_under_stake_no_scales_are_proposed(base: Path) -> None:
    trial = moves(base, running_var=2_000.0)
    grouped, _ = fitted(base, moves=trial)
    found, lines = fitted(base, moves=trial, grouped=False)
    assert grouped.scales
    assert found.scales == ()
    # One step for all of them: that of the farthest, four times 2,000.
    assert found.step_exponent == -2
    assert "times as large" not in lines[0]


def test_a_probe_recommends_what_holds_the_moves_whatever_scale_was_asked_for(base: Path) -> None:
    options = options_of("--step", "-20", "--scale", "*.running_var=3")
    document, _ = document_of(options, None)
    found, _, words = recommended(base, options, document, moves(base, running_var=2_000.0))
    assert found.scales == (("*running_var", 14),)
    assert words == "--step -16 --scale '*running_var=14'"


@pytest.mark.parametrize(
    ("words", "cut"),
    [
        (("--step", "auto"), {}),
        (("--step", "-8"), {"a": 127 / 256, "c": 127 / 256}),
        (("--step", "-8", "--scale", "a=1"), {"a": 127 / 128, "c": 127 / 256}),
        (("--step", "-8", "--scale", "a=2", "--scale", "c=-3"), {"c": 127 / 2_048}),
        (("--step", "-8", "--scale", "a=1", "--scale", "*=4"), {}),
    ],
)
def test_a_probe_tells_what_the_lattice_asked_for_would_cut(
    words: tuple[str, ...], cut: dict[str, float]
) -> None:
    options = options_of("--bits", "8", *words)
    assert cut_by(options, {"a": 1.0, "b": 0.03, "c": 0.5}) == cut


def test_a_move_as_far_as_the_lattice_reaches_is_not_cut() -> None:
    options = options_of("--bits", "8", "--step", "-7")
    assert cut_by(options, {"a": 127 / 128}) == {}
