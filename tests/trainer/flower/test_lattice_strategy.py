"""Our rules inside a Flower ServerApp: near Flower's, and without what goes wrong there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flower_grid import (
    Arrays,
    LocalGrid,
    Node,
    context_of,
    moving,
    npy,
    reply_to,
    replying,
    train_round,
)
from flwr.app import Array, ArrayRecord, ConfigRecord, Error, Message, MetricRecord, RecordDict
from flwr.serverapp.strategy import FedAvg

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.flower import LatticeStrategy, lattice_mod
from trainer.flower.lattice_mod import asking
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.transforms import TransformTerms
from trainer.types import Lattice

LATTICE = Lattice(16, -16, guard_bits=8)
STEP = 2.0**-16
QUIET: dict[str, Any] = {"fraction_evaluate": 0.0, "min_train_nodes": 1, "min_available_nodes": 1}


def base() -> dict[str, np.ndarray]:
    """Two arrays whose names aren't in ascending order, as a model's often aren't."""
    draw = np.random.default_rng(3)
    return {
        "weight": draw.normal(0, 0.1, (7, 5)).astype(np.float32),
        "bias": draw.normal(0, 0.1, 7).astype(np.float32),
    }


def ours(document: TermsDocument | None = None, **options: Any) -> LatticeStrategy:
    return LatticeStrategy(document or TermsDocument(), LATTICE, **QUIET, **options)


def honest(count: int = 4) -> dict[int, Node]:
    """Nodes with 10, 20, 30 … examples."""
    return {7 * i + 3: replying(moving(i), 10 * i + 10, loss=1.0 / (i + 1)) for i in range(count)}


def test_equal_to_flower_s_fedavg_to_one_lattice_step() -> None:
    grid = LocalGrid(honest())
    mine, metrics = train_round(ours(), grid, base())
    theirs, their_metrics = train_round(FedAvg(**QUIET), grid, base())
    assert list(mine) == list(theirs) == ["weight", "bias"]
    for name in theirs:
        assert mine[name].dtype == np.float32
        assert np.abs(mine[name] - theirs[name]).max() <= STEP, name
    assert metrics["loss"] == pytest.approx(their_metrics["loss"])


def test_the_order_of_replies_changes_no_bit() -> None:
    nodes = honest(5)
    first, first_metrics = train_round(ours(), LocalGrid(nodes), base())
    turned = LocalGrid(nodes, order=lambda replies: replies[::-1])
    second, second_metrics = train_round(ours(), turned, base())
    assert all((first[name] == second[name]).all() for name in first)
    assert dict(first_metrics) == dict(second_metrics)


def test_t27_a_nan_is_left_out_with_its_reason() -> None:
    def spoilt(given: Arrays) -> Arrays:
        return {**given, "bias": np.full_like(given["bias"], np.nan)}

    strategy = ours()
    nodes = honest(3)
    clean, _ = train_round(ours(), LocalGrid(nodes), base())
    found, _ = train_round(strategy, LocalGrid({**nodes, 99: replying(spoilt, 10**6)}), base())
    assert all((found[name] == clean[name]).all() for name in clean)
    assert list(strategy.refused) == [99]
    assert "aren't finite" in strategy.refused[99]


def test_t28_another_shape_or_name_is_left_out_with_its_reason() -> None:
    def short(given: Arrays) -> Arrays:
        return {**given, "bias": given["bias"][:1]}

    def renamed(given: Arrays) -> Arrays:
        return {"weight": given["weight"], "offset": given["bias"]}

    strategy = ours()
    nodes = {**honest(2), 50: replying(short), 60: replying(renamed)}
    found, _ = train_round(strategy, LocalGrid(nodes), base())
    clean, _ = train_round(ours(), LocalGrid(honest(2)), base())
    assert all((found[name] == clean[name]).all() for name in clean)
    assert "'bias': expected the shape (7,), got (1,)" in strategy.refused[50]
    assert "missing tensor 'bias'" in strategy.refused[60]


def test_t26_an_array_that_would_stop_the_server_is_left_out_with_its_reason() -> None:
    def forged(name: str, data: bytes) -> Node:
        def answer(message: Message) -> Message:
            arrays = ArrayRecord({name: Array("int16", (42,), "numpy.ndarray", data)})
            metrics = MetricRecord({"num-examples": 10})
            content = RecordDict({"arrays": arrays, "metrics": metrics})
            return Message(content, reply_to=message)

        return answer

    strategy = ours()
    bad = [npy("(100000000000000,)"), npy(text="-" * 900 + "1"), npy(text="(" * 900)]
    bad += [b"PK\3\4" + bytes(90), b"", npy(text="-" * 5_000), npy(text="(" * 5_000)]
    nodes = {50 + at: forged("tallystick.update", data) for at, data in enumerate(bad)}
    nodes |= {90: forged("bias\x1b[2J" + "x" * 999, bad[0])}
    found, _ = train_round(strategy, LocalGrid({**honest(2), **nodes}), base())
    clean, _ = train_round(ours(), LocalGrid(honest(2)), base())
    assert all((found[name] == clean[name]).all() for name in clean)
    assert set(strategy.refused) == set(nodes)
    assert all(why.isprintable() and len(why) <= 300 for why in strategy.refused.values())
    assert "expected 0 bytes, as came, got the shape" in strategy.refused[50]


def test_a_failed_app_is_left_out_with_its_reason() -> None:
    strategy = ours()
    nodes: dict[int, Node]
    nodes = {**honest(2), 50: lambda message: Message(Error(0, "no data"), reply_to=message)}
    found, _ = train_round(strategy, LocalGrid(nodes), base())
    assert found is not None
    assert strategy.refused == {50: "missing_content: the app failed: no data"}


def test_a_claimed_number_of_examples_counts_up_to_the_cap() -> None:
    modest = {1: replying(moving(1), 100, loss=1.0), 2: replying(moving(2), 100, loss=3.0)}
    greedy = {**modest, 2: replying(moving(2), 10**12, loss=3.0)}
    fair, fair_metrics = train_round(ours(weight_cap=100), LocalGrid(modest), base())
    capped, capped_metrics = train_round(ours(weight_cap=100), LocalGrid(greedy), base())
    assert all((fair[name] == capped[name]).all() for name in fair)
    assert capped_metrics["loss"] == fair_metrics["loss"] == 2.0


@pytest.mark.parametrize("count", [0, -5, 2.5, float("nan"), float("inf")])
def test_a_number_of_examples_that_is_none_is_refused(count: float) -> None:
    strategy = ours()
    train_round(strategy, LocalGrid({**honest(2), 9: replying(moving(9), count)}), base())
    assert strategy.refused[9].startswith("weight: expected")


def test_weights_that_could_overflow_are_refused_before_anybody_trains() -> None:
    strategy = ours(weight_cap=1 << 38)
    with pytest.raises(ConfigError, match=r"3 nodes of weight 274877906944 could overflow"):
        train_round(strategy, LocalGrid(honest(3)), base())


def test_the_memory_of_fedadam_goes_on_from_round_to_round() -> None:
    document = TermsDocument(strategy="fedadam", strategy_parameters={"learning_rate": "0.05"})
    grid = LocalGrid(honest())
    whole = ours(document)
    first, _ = train_round(whole, grid, base(), 1)
    kept = dict(whole.memory)
    second, _ = train_round(whole, grid, first, 2)
    assert sorted(kept) == ["mean", "second"]
    assert np.abs(kept["mean"]).max() > 0
    # A server that was restarted goes on with the memory, and not without it.
    resumed, _ = train_round(ours(document, memory=kept), grid, first, 2)
    forgetful, _ = train_round(ours(document), grid, first, 2)
    assert all((resumed[name] == second[name]).all() for name in second)
    assert any((forgetful[name] != second[name]).any() for name in second)


def test_a_robust_rule_takes_no_lie_and_says_when_it_has_too_few() -> None:
    document = TermsDocument(aggregator="krum", aggregator_parameters={"byzantine": 1})
    strategy = ours(document)
    liar = {1: replying(moving(99, 0.2), 10**6)}
    found, _ = train_round(strategy, LocalGrid({**honest(5), **liar}), base())
    assert max(np.abs(found[n] - base()[n]).max() for n in found) < 0.1
    assert strategy.outcome is not None
    assert f"0x{1:040x}" in strategy.outcome.excluded
    none, metrics = train_round(strategy, LocalGrid(honest(2)), base())
    assert none is None
    assert metrics is not None
    assert strategy.outcome is None


def test_without_any_reply_there_is_nothing() -> None:
    strategy = ours()
    failed: dict[int, Node]
    failed = {1: lambda message: Message(Error(0, "no data"), reply_to=message)}
    assert train_round(strategy, LocalGrid(failed), base()) == (None, None)


def with_mod(node: Node) -> Node:
    """A node whose app runs behind the mod."""

    def answer(message: Message) -> Message:
        context = context_of(message.metadata.dst_node_id)
        return lattice_mod(message, context, lambda inner, _: node(inner))

    return answer


def size(message: Message) -> int:
    """The bytes of a message's arrays."""
    records = message.content.array_records.values()
    return sum(len(array.data) for record in records for array in record.values())


def test_the_client_s_mod_sends_fewer_bytes_and_gives_the_same_bits() -> None:
    wide = {"weight": np.zeros((400, 50), np.float32)}
    sizes: dict[bool, int] = {}

    def weighed(node: Node, modded: bool) -> Node:
        def answer(message: Message) -> Message:
            reply = node(message)
            sizes[modded] = size(reply)
            return reply

        return answer

    nodes = honest()
    plain = {i: weighed(node, False) for i, node in nodes.items()}
    modded = {i: weighed(with_mod(node), True) for i, node in nodes.items()}
    without, _ = train_round(ours(), LocalGrid(plain), wide)
    within, _ = train_round(ours(), LocalGrid(modded), wide)
    assert (without["weight"] == within["weight"]).all()
    assert 1.9 < sizes[False] / sizes[True] < 2.1


def test_t27_the_mod_leaves_a_nan_for_the_server_to_refuse() -> None:
    def spoilt(given: Arrays) -> Arrays:
        return {name: array * np.nan for name, array in given.items()}

    strategy = ours()
    train_round(strategy, LocalGrid({**honest(2), 9: with_mod(replying(spoilt))}), base())
    assert "aren't finite" in strategy.refused[9]


def test_integers_of_another_length_or_type_are_refused() -> None:
    def forged(vector: np.ndarray) -> Node:
        return lambda message: reply_to(message, {"tallystick.update": vector}, 10)

    strategy = ours()
    nodes = {
        **honest(2),
        50: forged(np.zeros(41, np.int16)),
        60: forged(np.zeros(42, np.int32)),
        70: forged(np.full(42, -32_768, np.int16)),
    }
    train_round(strategy, LocalGrid(nodes), base())
    assert strategy.refused == {
        50: "shape: expected the shape (42,), got (41,)",
        60: "dtype: expected int16, got int32",
        70: "range: expected values of at least -32767, got -32768",
    }


def test_the_mod_leaves_other_servers_messages_alone() -> None:
    # Flower samples in another order each time, and its sums depend on it.
    def by_node(replies: list[Message]) -> list[Message]:
        return sorted(replies, key=lambda reply: reply.metadata.src_node_id)

    grid = LocalGrid({i: with_mod(node) for i, node in honest().items()}, by_node)
    plain = LocalGrid(honest(), by_node)
    theirs, _ = train_round(FedAvg(**QUIET), grid, base())
    same, _ = train_round(FedAvg(**QUIET), plain, base())
    assert all((theirs[name] == same[name]).all() for name in same)


def test_a_mod_that_is_asked_for_nonsense_sends_nothing_and_says_why() -> None:
    arrays = ArrayRecord({name: Array(array) for name, array in base().items()})
    asked = ConfigRecord({"bits": 16})
    content = RecordDict({"arrays": arrays, "tallystick-lattice": asked})
    grid = LocalGrid({1: with_mod(replying(moving(1)))})
    message = Message(content, dst_node_id=1, message_type="train")
    (reply,) = grid.send_and_receive([message])
    # Whether noise was to hide the arrays can't be read, so they stay here.
    assert reply.has_error()
    assert reply.error.reason is not None
    assert "expected a lattice and a document" in reply.error.reason


def test_l9_a_saturated_reply_is_left_out_with_its_reason() -> None:
    def leaping(given: Arrays) -> Arrays:
        return {**given, "bias": given["bias"] + 1}  # the lattice reaches half as far

    def forged(message: Message) -> Message:
        return reply_to(message, {"tallystick.update": np.full(42, 32_767, np.int16)}, 10)

    strategy = ours()
    nodes = {**honest(2), 50: replying(leaping), 60: forged}
    found, _ = train_round(strategy, LocalGrid(nodes), base())
    clean, _ = train_round(ours(), LocalGrid(honest(2)), base())
    assert all((found[name] == clean[name]).all() for name in clean)
    assert strategy.refused.keys() == {50, 60}
    assert "7 of 7 values of 'bias' lie at the lattice's bounds" in strategy.refused[50]
    assert strategy.refused[60].startswith("saturated: 7 of 7 values of 'bias'")


@pytest.mark.parametrize("transformed", [False, True])
def test_l9_the_mod_sends_no_saturated_update(transformed: bool) -> None:
    quantized = (TransformTerms("quantize", {"levels": "3"}),)
    document = TermsDocument(transforms=quantized if transformed else ())
    arrays = ArrayRecord({name: Array(array) for name, array in base().items()})
    content = RecordDict({"arrays": arrays, "tallystick-lattice": asking(LATTICE, document)})
    grid = LocalGrid({1: with_mod(replying(lambda given: {n: a + 1 for n, a in given.items()}))})
    (reply,) = grid.send_and_receive([Message(content, dst_node_id=1, message_type="train")])
    if transformed:
        # What a transform was to hide stays here.
        assert reply.has_error()
        assert reply.error.reason is not None
        assert "lie at the lattice's bounds" in reply.error.reason
    else:
        assert set(reply.content["arrays"]) == {"weight", "bias"}


def test_what_is_hidden_needs_a_chain_that_says_who_survived() -> None:
    document = TermsDocument(scoring="equal", hidden=HiddenTerms())
    with pytest.raises(ConfigError, match=r"nobody but the server says .* use `audited`"):
        LatticeStrategy(document, Lattice(16, -14))
