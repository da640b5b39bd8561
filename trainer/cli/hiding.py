"""The option of rounds whose updates are hidden: `--hidden`, with parameters behind a colon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.errors import ConfigError
from trainer.cli.rules import read_named
from trainer.documents.hidden_compatibility import goes_by_participants
from trainer.privacy.hidden_terms import HiddenTerms

__all__ = ["check_hiding", "hidden_of", "hiding_option"]

_MASKS = "masks"
_PARAMETERS = ("ring", "degree", "threshold", "group_size", "weight_cap")
_MOST_IN_A_GROUP = 32
_NEIGHBOURS = 20
_LEAST_RANKED = 3


def hiding_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the option to a command."""
    return click.option(
        "--hidden",
        is_flag=False,
        flag_value=_MASKS,
        help="Hide every update, and the number of examples with it: only sums of groups are "
        "known, and anyone recomputes them. Parameters behind a colon, as in "
        "masks:group_size=8,degree=6,threshold=4,weight_cap=1,ring=32; alone, it fits the round. "
        "NAME stands before it.",
    )(command)


def hidden_of(options: dict[str, Any]) -> HiddenTerms | None:
    """Returns how updates are hidden; None without the option.

    What isn't said fits the round: groups of at most 32, up to 20 neighbours, more than half of
    them for a secret, and a weight that fills the ring. Under stake all weigh alike.

    Args:
        options: by their names.

    Raises:
        ConfigError: another way of hiding, no such parameter, or out of range.
    """
    text = options.get("hidden")
    if text is None:
        return None
    name, given = read_named("--hidden", text)
    if text.endswith(":"):
        raise ConfigError(f"--hidden: expected parameters behind the colon, got {text!r}")
    if name != _MASKS:
        raise ConfigError(f"--hidden: expected {_MASKS}, got {name!r}")
    if unknown := sorted(set(given) - set(_PARAMETERS)):
        raise ConfigError(
            f"--hidden: expected {', '.join(_PARAMETERS)} for parameters, got {unknown[0]!r}"
        )
    asked = {key: _number(key, value) for key, value in given.items()}
    seats = options["min_available_clients"]
    group = asked.get("group_size", max(2, min(seats, _MOST_IN_A_GROUP)))
    degree = asked.get("degree", max(2, min(_NEIGHBOURS, (group - 1) + (group - 1) % 2)))
    threshold = asked.get("threshold", degree // 2 + 1)
    ring = asked.get("ring", 32)
    found = HiddenTerms(ring, degree, threshold, group)
    room = (1 << max(0, ring - options["bits"])) // found.largest_group(seats)
    unsaid = 1 if options.get("stake") is not None else max(1, min(options["weight_cap"], room))
    made = HiddenTerms(ring, degree, threshold, group, asked.get("weight_cap", unsaid))
    guard = 8 if options["bits"] <= 16 else 0
    made.width(options["bits"], seats, guard)  # or its sums leave the ring
    return made


def check_hiding(options: dict[str, Any]) -> None:
    """Refuses what doesn't go together with hidden updates on this command line.

    Raises:
        ConfigError: batches, a rule across too few groups, or under stake several groups, weights
            or another rule.
    """
    hidden = hidden_of(options)
    if hidden is None:
        return
    if options.get("mailbox") is not None:
        raise ConfigError(
            "--hidden with --mailbox: the chain has to say of each hidden update alone whether it "
            "survived, and of a batch it has a root; leave one out"
        )
    if options.get("stake") is None:
        _check_ranked(hidden, options)
        return
    seats = options["min_available_clients"]
    if hidden.group_size < seats or seats > _MOST_IN_A_GROUP:
        raise ConfigError(
            f"--hidden under stake: expected one group of at most {_MOST_IN_A_GROUP}, which one "
            f"transaction can judge, got {seats} seats in groups of {hidden.group_size}"
        )
    if hidden.hides_weights:
        raise ConfigError(
            "--hidden under stake: expected weight_cap=1, as what a sum is divided by has to be "
            f"known to judge the version, got {hidden.weight_cap}"
        )
    if options["rule"] != "mean":
        raise ConfigError(
            f"--hidden with --rule {options['rule']}: a hidden update can't be ranked; use mean"
        )


def _check_ranked(hidden: HiddenTerms, options: dict[str, Any]) -> None:
    """Refuses a rule across so few groups that it protects from nobody."""
    name, _, _ = options["aggregator"].partition(":")
    if name == "mean" or goes_by_participants(name):
        return  # the latter are refused with the terms
    seats = options["min_available_clients"]
    groups = max(1, min(-(-seats // hidden.group_size), seats // 2))
    if groups < _LEAST_RANKED:
        raise ConfigError(
            f"--hidden with --aggregator {name}: a hidden update can't be ranked, so the rule "
            f"ranks groups, of which {seats} seats in groups of {hidden.group_size} give {groups}; "
            f"expected {_LEAST_RANKED} at least: choose masks:group_size=2 or more seats, or mean"
        )


def _number(key: str, text: str) -> int:
    if not text.isdecimal():
        raise ConfigError(f"--hidden: expected {key} to be a natural number, got {text!r}")
    return int(text)
