"""What a hidden round can't be combined with, each refused in a sentence that says why."""

from __future__ import annotations

from registry.errors import ConfigError
from trainer.plan.evaluation_terms import EvaluationTerms
from trainer.strategies import Hierarchical, SampleCounts, Strategy

__all__ = ["check_hidden", "goes_by_participants"]

# Rules that know a participant, or a tensor, where a group has only a sum.
_OF_PARTICIPANTS = ("fltrust", "foolsgold", "clustered_mean")


def goes_by_participants(aggregator_name: str) -> bool:
    """Tells whether a rule, as terms call it, knows participants or tensors: groups have none."""
    return aggregator_name.rsplit("+", maxsplit=1)[-1] in _OF_PARTICIPANTS


def check_hidden(
    rule: Strategy,
    aggregator_name: str,
    scoring: str,
    screening: int | None,
    evaluation: EvaluationTerms | None,
) -> None:
    """Checks that terms whose updates are hidden ask for nothing that looks at one of them.

    Args:
        rule: the strategy.
        aggregator_name: as terms call it; it combines the sums of groups.
        scoring: as terms call it.
        screening: the terms' tolerance, or None.
        evaluation: what participants are to measure, or None.

    Raises:
        ConfigError: they do; the message says why and what to do.
    """
    if scoring != "equal":
        raise ConfigError(
            f"hidden with scoring by {scoring}: a hidden update can't be scored alone, and its "
            "number of examples is hidden too; score 'equal'"
        )
    if screening is not None:
        raise ConfigError(
            "hidden with screening: it measures each update alone, and nobody sees one; leave it "
            "out, and put a robust rule across groups"
        )
    if evaluation is not None:
        raise ConfigError(
            "hidden with evaluation by participants: their records tell the numbers of examples "
            "that are hidden; leave it out"
        )
    _check_strategy(rule)
    if goes_by_participants(aggregator_name):
        raise ConfigError(
            f"hidden with {aggregator_name}: it goes by single participants or tensors, and a "
            "group has a sum alone; use a median, trimmed mean or Krum across groups"
        )


def _check_strategy(rule: Strategy) -> None:
    needs = rule.client_needs
    if needs.buffers or needs.mixes_among_peers or isinstance(rule, Hierarchical):
        raise ConfigError(
            f"hidden with {rule.name}: masks cancel among those who take part in one round at "
            "once; use fedavg, or another strategy with one server's step"
        )
    if needs.control_variates or not isinstance(rule.weighting, SampleCounts):
        raise ConfigError(
            f"hidden with {rule.name}: it weighs or corrects updates by what it reads from each of "
            "them, and nobody sees one; use fedavg, or another strategy with one server's step"
        )
