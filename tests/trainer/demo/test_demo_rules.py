"""The demonstration takes every strategy and rule, and refuses what doesn't go together at once."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from trainer.cli.rules import chosen_rules
from trainer.demo.command import demo
from trainer.demo.scene import PLAN, DemoRules

STRATEGIES = (
    "fedavg",
    "fedavgm",
    "fedadam",
    "fedyogi",
    "fedadagrad",
    "diloco",
    "fednova",
    "qfedavg",
    "fedbuff",
    "scaffold:participants=8",
    "hierarchical:fan_in=4",
)
AGGREGATORS = (
    "mean",
    "median",
    "trimmed_mean:trim=2",
    "krum:byzantine=2",
    "krum:byzantine=1,keep=3",
    "bulyan:byzantine=1",
    "geometric_median",
    "centred_clipping",
    "norm_clipping",
    f"fltrust:trusted=0x{1:040x}",
    "foolsgold",
    "nnm+median:nnm.byzantine=2",
    "bucketing+geometric_median:bucketing.size=2",
)
WEIGHING = ("fednova", "qfedavg", "fedbuff", "scaffold:participants=8")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_makes_a_document_that_pays_by_leave_one_out(strategy: str) -> None:
    document = DemoRules(chosen_rules(strategy, "mean")).document(b"\x01" * 32, 8)
    assert document.strategy == strategy.partition(":")[0]
    assert document.scoring == "leave_one_out"
    assert document.plan.batch_size == PLAN.batch_size


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_every_rule_goes_with_adaptive_steps_and_needs_all_its_updates(aggregator: str) -> None:
    rules = DemoRules(chosen_rules("fedyogi", aggregator))
    assert rules.document(b"\x01" * 32, 8).aggregator == aggregator.partition(":")[0]
    assert rules.minimum == (2 if aggregator == "mean" else None)


def test_transforms_stand_in_the_document_in_their_order() -> None:
    chosen = chosen_rules("fedavg", "krum:byzantine=2", ["error_feedback", "top_k:fraction=0.1"])
    document = DemoRules(chosen).document(b"\x01" * 32, 8)
    assert [terms.name for terms in document.transforms] == ["error_feedback", "top_k"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--aggregator", "bulyan:byzantine=1"], "could come to 4 where leave-one-out leaves one"),
        (["--strategy", "gossip:graph=ring"], "run tally train gossip"),
        (["--strategy", "fedavgg"], "expected a strategy of"),
        *(
            (["--strategy", strategy, "--aggregator", "median"], "isn't a weighted mean")
            for strategy in WEIGHING
        ),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(words: list[str], said: str) -> None:
    found = CliRunner().invoke(demo, words)
    assert said in str(found.exception)
    assert found.output == ""
