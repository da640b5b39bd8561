"""Given a terms document that hides updates

when it asks for what looks at one of them: it is refused, and the sentence says why and what to do
when it asks for nothing of the kind: it is taken, and comes back as it was written
"""

from __future__ import annotations

from typing import Any

import pytest

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.plan.evaluation_terms import EvaluationTerms
from trainer.plan.training_plan import LocalPlan
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.transforms import TransformTerms

ADDRESS = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"


def document(**changes: Any) -> TermsDocument:
    """Terms that hide updates."""
    told = {"scoring": "equal", "hidden": HiddenTerms(weight_cap=100), **changes}
    return TermsDocument(**told)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scoring": "examples"}, "hidden with scoring by examples: .*score 'equal'"),
        (
            {"scoring": "leave_one_out", "evaluation": bytes(32)},
            "hidden with scoring by leave_one_out: a hidden update can't be scored alone",
        ),
        ({"screening": 5, "evaluation": bytes(32)}, "hidden with screening: it measures each"),
        (
            {"client_evaluation": EvaluationTerms(10, 2)},
            "hidden with evaluation by participants: their records tell the numbers",
        ),
        (
            {"aggregator": "fltrust", "aggregator_parameters": {"trusted": ADDRESS}},
            "hidden with fltrust: it goes by single participants or tensors.*use a median",
        ),
        ({"aggregator": "foolsgold"}, "hidden with foolsgold: it goes by single"),
        ({"aggregator": "nnm+foolsgold"}, r"hidden with nnm\+foolsgold: it goes by single"),
    ],
)
def test_what_looks_at_one_update_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        document(**changes)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("fedbuff", {"learning_rate": "1"}),
        ("gossip", {"graph": "ring"}),
        ("hierarchical", {"fan_in": "2"}),
    ],
)
def test_strategies_without_one_round_s_sum_are_refused(
    name: str, parameters: dict[str, str]
) -> None:
    message = f"hidden with {name}: masks cancel among those who take part in one round at once"
    plan = LocalPlan(weight="staleness" if name == "fedbuff" else "examples")
    with pytest.raises(ConfigError, match=message):
        document(strategy=name, strategy_parameters=parameters, plan=plan)


@pytest.mark.parametrize(
    ("name", "parameters", "plan"),
    [
        ("fednova", {}, LocalPlan(optimizer="sgd")),
        ("qfedavg", {"q": "1"}, LocalPlan(optimizer="sgd", weight="loss")),
        ("scaffold", {"participants": "3"}, LocalPlan(optimizer="sgd", steps=3)),
    ],
)
def test_strategies_that_weigh_by_what_they_read_are_refused(
    name: str, parameters: dict[str, str], plan: LocalPlan
) -> None:
    with pytest.raises(ConfigError, match=f"hidden with {name}: it weighs or corrects updates by"):
        document(strategy=name, strategy_parameters=parameters, plan=plan)


@pytest.mark.parametrize(
    "changes",
    [
        {"aggregator": "median"},
        {"aggregator": "krum", "aggregator_parameters": {"byzantine": 1}},
        {"strategy": "fedavgm", "strategy_parameters": {"momentum": "0.9"}},
        {"strategy": "fedadam"},
        {"strategy": "diloco"},
        {
            "transforms": (
                TransformTerms("error_feedback", {}),
                TransformTerms("top_k", {"fraction": "0.1"}),
            )
        },
        {"allow_list": bytes(32)},
    ],
)
def test_what_sums_up_is_taken_and_comes_back(changes: dict[str, Any]) -> None:
    made = document(**changes)
    assert TermsDocument.parse(made.to_json()) == made
    assert made.digest != TermsDocument(**{"scoring": "equal", **changes}).digest
