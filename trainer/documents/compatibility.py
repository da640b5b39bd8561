"""Combinations of rules that make no sense, each refused in a sentence that says why."""

from __future__ import annotations

from collections.abc import Sequence

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.strategies import Hierarchical, Strategy
from trainer.transforms import Transform

__all__ = ["check_combination", "check_ranks", "check_transforms"]

_BY_PLACE = ("fltrust", "foolsgold")
_BY_RANK = ("median", "trimmed_mean", "bulyan")


def check_combination(rule: Strategy, aggregator_name: str, plan: LocalPlan, scoring: str) -> None:
    """Checks that a strategy, an aggregator, a plan and a scoring go together.

    Args:
        rule: the strategy.
        aggregator_name: as terms call it.
        plan: of local training.
        scoring: as terms call it.

    Raises:
        ConfigError: they don't; the message says why and what to do.
    """
    name, declares = rule.name, rule.weighting.declares
    if rule.weighting.needs_mean and aggregator_name != "mean":
        raise ConfigError(
            f"{name} with {aggregator_name}: {name} gives every update its own weight, and "
            f"{aggregator_name} isn't a weighted mean; use the mean, or fedavg"
        )
    if plan.weight != declares:
        raise ConfigError(
            f"{name}: expected a plan whose weight is {declares!r}, got {plan.weight!r}; "
            "that is what the strategy weighs updates by"
        )
    _check_plan(rule, plan, scoring)
    if isinstance(rule, Hierarchical) and aggregator_name.rsplit("+", maxsplit=1)[-1] in _BY_PLACE:
        raise ConfigError(
            f"hierarchical with {aggregator_name}: the rule compares every update with all others, "
            "and a tree compares those of a group; use another rule, or fedavg"
        )


def _check_plan(rule: Strategy, plan: LocalPlan, scoring: str) -> None:
    name, declares = rule.name, rule.weighting.declares
    if declares != "examples" and scoring == "examples":
        raise ConfigError(
            f"{name} scored by examples: what participants declare is {declares}, and paying by it "
            "pays for the wrong thing; score 'equal' or by leave_one_out"
        )
    needs, given = rule.client_needs, plan.optimizer_parameters
    if needs.plain_sgd and (plan.optimizer != "sgd" or float(plan.proximal)):
        raise ConfigError(
            f"{name} with {plan.optimizer} and a proximal term of {plan.proximal}: "
            f"{needs.plain_sgd}; use sgd without the term"
        )
    if needs.plain_sgd and any(float(given[key]) for key in given if key != "weight_decay"):
        raise ConfigError(
            f"{name} with {', '.join(sorted(given))}: {needs.plain_sgd}; leave them out"
        )
    if needs.control_variates and float(plan.learning_rate_decay) != 1.0:
        raise ConfigError(
            f"{name} with a learningRateDecay: its control variates hold for one learning rate; "
            "leave it out"
        )
    if needs.control_variates and not plan.steps:
        raise ConfigError(
            f"{name} by epochs: its control variates need the same number of local steps from "
            "everybody; give the plan a number of steps"
        )


def check_transforms(rule: Strategy, aggregator_name: str, chain: Sequence[Transform]) -> None:
    """Checks that what happens to updates goes together with a strategy and an aggregator.

    Args:
        rule: the strategy.
        aggregator_name: as terms call it.
        chain: the transforms.

    Raises:
        ConfigError: they don't; the message says why and what to do.
    """
    names = [transform.name for transform in chain]
    if rule.client_needs.control_variates and names:
        raise ConfigError(
            f"{rule.name} with {names[0]}: its control variates follow from whole updates; "
            "leave the transform out, or use fedavg"
        )
    if rule.client_needs.buffers and "error_feedback" in names:
        raise ConfigError(
            f"{rule.name} with error_feedback: an update may wait for another round than the one "
            "whose rest it holds; leave one out"
        )
    spreads = [name for name in names if name in ("noise", "error_feedback")]
    if aggregator_name == "clustered_mean" and spreads:
        raise ConfigError(
            f"clustered_mean with {spreads[0]}: it moves other models than the participant's own; "
            "leave it out"
        )
    check_ranks(aggregator_name, names)


def check_ranks(rule_name: str, transform_names: Sequence[str]) -> None:
    """Checks that a rule that goes by ranks in each coordinate has values there to rank.

    Args:
        rule_name: of the aggregator, or of what is judged on the chain.
        transform_names: of the round.

    Raises:
        ConfigError: most of each coordinate's values would be zero, and so the middle ones.
    """
    if rule_name in _BY_RANK and "top_k" in transform_names:
        raise ConfigError(
            f"{rule_name} with top_k: where most updates have a zero, the middle value is zero "
            "and nothing is learnt; use a rule that averages whole updates, such as "
            "geometric_median, or mix first (nnm+)"
        )
