"""Strategies that weigh updates their own way: the papers' formulas, from whole updates (A-8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pseudocode.fedbuff import fedbuff
from pseudocode.fednova import fednova
from pseudocode.qfedavg import qfedavg

from registry.errors import AggregationError, ConfigError
from trainer.aggregation import AggregationTree, Mean, aggregator
from trainer.aggregation.tree import even_groups
from trainer.documents.terms_document import TermsDocument
from trainer.execution.execute import execute, score
from trainer.execution.round_inputs import RoundInputs
from trainer.plan.training_plan import LocalPlan
from trainer.strategies import CONTROL_VARIATE, staleness_weight
from trainer.types import AcceptedUpdate, Lattice, RoundTerms

LATTICE = Lattice(16, -12, 8)
LENGTH = 50
PLAN = LocalPlan(2, 8, "sgd", "0.1", 3)
BASE = {"w": torch.linspace(-1, 1, LENGTH, dtype=torch.float64)}
Floats = npt.NDArray[np.float64]


def updates(weights: list[int], seed: int = 1) -> list[AcceptedUpdate]:
    """One update per weight, from ascending addresses."""
    made = np.random.default_rng(seed)
    vectors = made.integers(-2_000, 2_000, (len(weights), LENGTH)).astype(np.int16)
    return [
        AcceptedUpdate(f"0x{place:040x}", bytes(32), bytes(32), weight, vector)
        for place, (weight, vector) in enumerate(zip(weights, vectors, strict=True))
    ]


def terms(document: TermsDocument) -> RoundTerms:
    """Terms that name a document."""
    return RoundTerms(
        bytes(32), 1, document.strategy, document.digest, LATTICE, 1, 2, 3, 4, 5, 1, 20
    )


def after(document: TermsDocument, given: list[AcceptedUpdate], **rest: Any) -> Floats:
    """The new version's values."""
    moved: Floats = (
        execute(RoundInputs.under(terms(document), document, BASE, given, **rest))
        .tensors["w"]
        .numpy()
    )
    return moved


def deltas(given: list[AcceptedUpdate]) -> Floats:
    """Updates in real numbers."""
    return np.array([update.vector for update in given]) * 2.0**LATTICE.step_exponent


# Half of the aggregate's last place, and what weights of 20 bits lose of two thousand steps.
CLOSE = 2.0**-20 * 0.51 + 2_000 * 2.0**-12 * 2.0**-20 * 20


def test_a8_fednova_is_its_paper_s() -> None:
    given = updates([10, 200, 35, 8, 1_000])
    steps = np.array([PLAN.steps_over(update.weight) for update in given], np.float64)
    examples = np.array([update.weight for update in given], np.float64)
    expected = fednova(BASE["w"].numpy(), deltas(given), examples, steps)
    found = after(TermsDocument("fednova", plan=PLAN), given)
    effective = float((examples / examples.sum() * steps).sum())
    assert np.abs(found - expected).max() <= CLOSE * effective


def test_a8_with_equal_steps_fednova_is_federated_averaging() -> None:
    given, plan = updates([10, 200, 35]), replace(PLAN, steps=7)
    nova = after(TermsDocument("fednova", plan=plan), given)
    assert np.abs(nova - after(TermsDocument(plan=plan), given)).max() <= CLOSE


@pytest.mark.parametrize(
    ("power", "given_l", "lipschitz"), [(0, "", 10), (1, "", 10), (3, "", 10), (2, "0.25", 0.25)]
)
def test_a8_q_fedavg_is_its_paper_s(power: int, given_l: str, lipschitz: float) -> None:
    given = updates([2_300, 150, 900, 4_100])
    losses = np.array([update.weight for update in given]) / 1_000
    expected = qfedavg(BASE["w"].numpy(), deltas(given), losses, power, lipschitz)
    plan = replace(PLAN, weight="loss")
    document = TermsDocument("qfedavg", (("w"),), plan=plan, scoring="equal")
    parameters = {"q": str(power), "lipschitz": given_l}
    found = after(replace(document, strategy_parameters=parameters), given)
    assert np.abs(found - expected).max() <= CLOSE


def test_a8_fedbuff_is_its_paper_s() -> None:
    staleness = [0, 1, 3, 8]
    given = updates([staleness_weight(age) for age in staleness])
    expected = fedbuff(BASE["w"].numpy(), deltas(given), np.array(staleness, np.float64))
    plan = replace(PLAN, weight="staleness")
    found = after(TermsDocument("fedbuff", plan=plan, scoring="equal"), given)
    # Weights are thousandths, rounded down.
    assert np.abs(found - expected).max() <= 0.5 / 1_024


def test_a8_nobody_is_fresher_than_fresh() -> None:
    plan = replace(PLAN, weight="staleness")
    document = TermsDocument("fedbuff", plan=plan, scoring="equal")
    honest, liar = updates([1_024, 1_024]), updates([1_024, 900_000])
    assert np.array_equal(after(document, honest), after(document, liar))


def test_a8_scaffold_counts_every_update_once_and_refuses_more_than_there_are() -> None:
    plan = replace(PLAN, steps=4)
    document = TermsDocument("scaffold", plan=plan, strategy_parameters={"participants": "3"})
    given = updates([5, 700])
    outcome = execute(RoundInputs.under(terms(document), document, BASE, given))
    mean = deltas(given).mean(0)
    assert np.abs(outcome.tensors["w"].numpy() - BASE["w"].numpy() - mean).max() <= 2.0**-20
    assert np.allclose(outcome.memory[CONTROL_VARIATE], -2 / 3 * mean, atol=2.0**-20)
    with pytest.raises(AggregationError, match="expected at most 3 participants, got 4"):
        execute(RoundInputs.under(terms(document), document, BASE, updates([1] * 4)))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 200), st.integers(2, 32))
def test_groups_are_even_and_none_is_too_large(count: int, fan_in: int) -> None:
    sizes = even_groups(count, fan_in)
    assert sum(sizes) == count
    assert len(sizes) <= fan_in
    assert max(sizes) - min(sizes) <= 1
    if len(sizes) > 1:
        assert max(sizes) < count


def test_a1_the_mean_over_a_tree_is_the_mean_to_the_bit() -> None:
    given = updates(list(range(1, 41)))
    hierarchical = TermsDocument("hierarchical", strategy_parameters={"fan_in": "3"})
    assert np.array_equal(after(hierarchical, given), after(TermsDocument(), given))


def test_t31_a_median_over_a_tree_is_the_median_of_medians() -> None:
    given = updates([1] * 9)
    vectors = [update.vector for update in given]
    rule = aggregator("median")
    inner = Lattice(32, LATTICE.aggregate_exponent)
    groups = [rule.combine([(v, 1) for v in vectors[at : at + 3]], LATTICE) for at in (0, 3, 6)]
    expected = rule.combine([(vector, 1) for vector in groups], inner)
    found = AggregationTree(rule, 3).combine([(v, 1) for v in vectors], LATTICE)  # type: ignore[arg-type]
    assert np.array_equal(found, expected)


def test_a6_whom_a_group_left_out_is_named() -> None:
    given = updates([1] * 25)
    document = TermsDocument(
        "hierarchical",
        strategy_parameters={"fan_in": "5"},
        aggregator="krum",
        aggregator_parameters={"byzantine": 1},
    )
    outcome = execute(RoundInputs.under(terms(document), document, BASE, given))
    assert len(outcome.excluded) == 24
    told = list(outcome.excluded.values())
    assert sum("its group was left out" in why for why in told) == 4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strategy": "fednova", "aggregator": "median"}, "isn't a weighted mean; use the mean"),
        ({"strategy": "qfedavg", "scoring": "equal"}, "expected a plan whose weight is 'loss'"),
        ({"plan": replace(PLAN, weight="loss")}, "expected a plan whose weight is 'examples'"),
        (
            {"strategy": "qfedavg", "plan": replace(PLAN, weight="loss")},
            "qfedavg scored by examples: what participants declare is loss",
        ),
        ({"strategy": "fednova", "plan": LocalPlan()}, "it divides by the steps of plain SGD"),
        (
            {
                "strategy": "scaffold",
                "plan": replace(PLAN, steps=3, proximal="0.1"),
                "strategy_parameters": {"participants": "3"},
            },
            "means of plain SGD's gradients",
        ),
        (
            {"strategy": "scaffold", "plan": PLAN, "strategy_parameters": {"participants": "3"}},
            "scaffold by epochs",
        ),
        ({"strategy": "hierarchical", "aggregator": "nnm+foolsgold"}, "a tree compares those of"),
        ({"screening": 5}, "screening needs the digest of a validation set"),
        ({"screening": -1, "evaluation": bytes(32)}, "expected screening of 0 to"),
    ],
)
def test_combinations_that_make_no_sense_are_refused_with_the_reason(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        TermsDocument(**changes)


def distance(state: Any) -> int:
    """A loss: how far the values are from 1, in millionths."""
    return round(float((state["w"] - 1).abs().mean()) * 1_000_000)


def pushed(amount: int, count: int = 4) -> list[AcceptedUpdate]:
    """Updates towards 1, the last of which goes the other way."""
    way = np.full(LENGTH, amount, np.int16)
    made = updates([10] * count)
    return [replace(u, vector=-way if u is made[-1] else way) for u in made]


def test_a9_screening_leaves_out_who_makes_the_base_worse_and_says_so() -> None:
    document = TermsDocument(screening=1_000, evaluation=bytes(32))
    given = pushed(200)
    outcome = execute(RoundInputs.under(terms(document), document, BASE, given, evaluate=distance))
    (who,) = outcome.excluded
    assert who == given[-1].participant
    assert "screened: alone it leads to a loss of" in outcome.excluded[who]
    assert np.array_equal(outcome.tensors["w"].numpy(), after(TermsDocument(), given[:-1]))
    inputs = RoundInputs.under(terms(document), document, BASE, given, evaluate=distance)
    scores = score(inputs, outcome.excluded)
    assert scores == {u.participant: 10 * (u is not given[-1]) for u in given}
    with pytest.raises(ConfigError, match="give the validation set's evaluation"):
        execute(RoundInputs.under(terms(document), document, BASE, given))
    with pytest.raises(AggregationError, match="screening left none of 1 updates"):
        execute(RoundInputs.under(terms(document), document, BASE, given[-1:], evaluate=distance))


@pytest.mark.parametrize("name", ["fednova", "fedavg"])
def test_leaving_one_out_weighs_the_others_anew(name: str) -> None:
    document = TermsDocument(
        name, plan=PLAN, scoring="leave_one_out", evaluation=bytes(32), screening=10**9
    )
    given = pushed(200)
    scores = score(RoundInputs.under(terms(document), document, BASE, given, evaluate=distance))
    by_hand = {}
    whole = distance({"w": torch.from_numpy(after(document, given, evaluate=distance))})
    for left in given:
        others = [update for update in given if update is not left]
        without = after(document, others, evaluate=distance)
        by_hand[left.participant] = max(0, distance({"w": torch.from_numpy(without)}) - whole)
    assert scores == by_hand
    assert scores[given[-1].participant] == 0
    assert min(scores[update.participant] for update in given[:-1]) > 0


def test_equal_scores_pay_everybody_that_counts_alike() -> None:
    document = TermsDocument(scoring="equal")
    given = updates([5, 900])
    assert set(score(RoundInputs.under(terms(document), document, BASE, given)).values()) == {1}
    assert isinstance(aggregator("mean"), Mean)
