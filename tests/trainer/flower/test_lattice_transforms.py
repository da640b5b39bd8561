"""Transforms inside a Flower ClientApp: what nodes send, keep, and draw.

given rules with transforms
  a node behind lattice_mod sends what they leave, in fewer bytes, and keeps the rest in its state
  a node without the mod is refused, with the remedy
given sparse replies that are forged
  each is refused with its reason
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flower_grid import (
    Arrays,
    LocalGrid,
    context_of,
    moving,
    reply_to,
    replying,
    train_round,
)
from flower_grid import Node as GridNode
from flwr.app import Context, Message
from pseudocode.transforms import error_feedback, top_k

from trainer.documents.terms_document import TermsDocument
from trainer.flower import LatticeStrategy, lattice_mod
from trainer.transforms import TransformTerms
from trainer.types import Lattice

LATTICE = Lattice(32, -26)
QUIET: dict[str, Any] = {"fraction_evaluate": 0.0, "min_train_nodes": 1, "min_available_nodes": 1}
SPARSE = (TransformTerms("error_feedback"), TransformTerms("top_k", {"fraction": "0.01"}))
HIDDEN = (TransformTerms("clip", {"norm": "1"}), TransformTerms("noise", {"deviation": "0.01"}))
STEADY = np.linspace(-1, 1, 400).astype(np.float32) / 8
ZEROS = {"x": np.zeros(400, np.float32)}


def ours(*chain: TransformTerms) -> LatticeStrategy:
    return LatticeStrategy(TermsDocument(transforms=chain), LATTICE, weight_cap=100, **QUIET)


class Node:
    """An app behind the mod, with its own state from round to round."""

    def __init__(self, number: int, app: Callable[[Message], Message]) -> None:
        self.context: Context = context_of(number)
        self.app = app
        self.sizes: list[int] = []

    def __call__(self, message: Message) -> Message:
        reply = lattice_mod(message, self.context, lambda inner, _: self.app(inner))
        records = [] if reply.has_error() else reply.content.array_records.values()
        self.sizes.append(sum(len(a.data) for record in records for a in record.values()))
        return reply


def steady(number: int) -> Node:
    """A node that moves by the same numbers in each round."""
    return Node(number, replying(lambda given: {"x": given["x"] + STEADY}))


def test_nodes_send_few_values_and_make_up_for_the_rest_later() -> None:
    strategy, nodes = ours(*SPARSE), {1: steady(1), 2: steady(2)}
    arrays = ZEROS
    for number in range(1, 6):
        arrays, _ = train_round(strategy, LocalGrid(nodes), arrays, number)
    sent = error_feedback([list(map(float, STEADY))] * 5, lambda whole: top_k(whole, 4))
    assert np.abs(arrays["x"] - np.sum(sent, axis=0)).max() < 1e-6
    assert strategy.refused == {}
    # Two arrays of four values, each with numpy's header, beside 1,600 bytes.
    assert max(nodes[1].sizes) < 400


def test_what_a_node_keeps_is_in_its_own_state() -> None:
    node = steady(1)
    train_round(ours(*SPARSE), LocalGrid({1: node}), ZEROS)
    assert set(node.context.state) == {"tallystick-memory"}
    assert set(node.context.state.array_records["tallystick-memory"]) == {"residual"}
    noisy = steady(2)
    train_round(ours(*HIDDEN), LocalGrid({2: noisy}), ZEROS)
    assert not noisy.context.state


def test_each_node_and_each_round_draws_its_own_noise() -> None:
    found = []
    for number in (1, 1, 2):
        node = steady(number)
        arrays, _ = train_round(ours(*HIDDEN), LocalGrid({number: node}), ZEROS)
        again, _ = train_round(ours(*HIDDEN), LocalGrid({number: node}), ZEROS)
        found += [arrays["x"], again["x"]]
    clipped = STEADY / np.linalg.norm(STEADY)
    for place, arrived in enumerate(found):
        assert 0.008 < (arrived - clipped).std() < 0.012
        assert all((arrived != other).any() for other in found[:place])


def test_what_transforms_could_not_be_applied_to_is_not_sent() -> None:
    strategy, node = ours(*SPARSE), steady(1)
    train_round(strategy, LocalGrid({1: node}), ZEROS)
    # Another model than the one whose rest the node keeps.
    longer = {"x": np.zeros(401, np.float32)}
    node.app = replying(lambda given: {"x": given["x"] + 1})
    assert train_round(strategy, LocalGrid({1: node}), longer) == (None, None)
    assert node.sizes[-1] == 0
    assert "expected 401 values left out before, got 400" in strategy.refused[1]


def test_a_node_without_the_mod_is_refused_where_transforms_are_asked_for() -> None:
    strategy = ours(*SPARSE)
    train_round(strategy, LocalGrid({1: steady(1), 2: replying(moving(2))}), ZEROS)
    assert strategy.refused == {
        2: "dtype: expected what the transforms leave; is lattice_mod in the app?"
    }


@pytest.mark.parametrize(
    ("places", "values", "said"),
    [
        ([3, 3], [1, 1], "ascending places below 400"),
        ([3, 400], [1, 1], "ascending places below 400"),
        ([3, 4], [1, 0], "of values that aren't zero"),
        ([3, 4], [1], "expected as many places as values, both integers"),
        ([3.0, 4.0], [1, 1], "expected as many places as values, both integers"),
    ],
)
def test_t28_forged_sparse_replies_are_refused(
    places: list[float], values: list[int], said: str
) -> None:
    arrays = {
        "tallystick.places": np.array(places, np.asarray(places).dtype),
        "tallystick.values": np.array(values, np.int32),
    }
    strategy = ours()
    nodes: dict[int, GridNode] = {1: steady(1), 9: lambda message: reply_to(message, arrays, 10)}
    train_round(strategy, LocalGrid(nodes), ZEROS)
    assert list(strategy.refused) == [9]
    assert said in strategy.refused[9]


def test_values_of_another_width_are_refused() -> None:
    arrays: Arrays = {
        "tallystick.places": np.array([3, 4], np.int32),
        "tallystick.values": np.array([1, 1], np.int16),
    }
    strategy = ours()
    nodes: dict[int, GridNode] = {1: steady(1), 9: lambda message: reply_to(message, arrays, 10)}
    train_round(strategy, LocalGrid(nodes), ZEROS)
    assert strategy.refused == {9: "dtype: expected int32, got int16"}
