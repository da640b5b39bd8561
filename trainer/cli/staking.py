"""The options of `tally train coordinate` for rounds under stake, and what conducts those."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.cli.options import ADDRESS, Session
from registry.client import RegistryClient
from registry.documents import word
from registry.errors import ConfigError
from registry.stake_terms import Rule
from trainer.cli.options import StakedParts
from trainer.combinations import check_ranks
from trainer.conducting import RoundPlan
from trainer.coordinator import RoundResult
from trainer.staked.conducting import Sponsor, StakePlan
from trainer.staked.deciding import Limits

__all__ = ["check_staking", "conduct_under_stake", "stake_plan", "staking_options"]

_RULES = {rule.name.lower(): rule for rule in Rule}
_UNDER_STAKE = ("proposer_stake", "bond", "stake_token", "panel")
_AMOUNT = click.IntRange(min=0)
_OPTIONS = (
    click.option(
        "--stake", type=_AMOUNT, help="Rounds under stake: what a participant locks in each."
    ),
    click.option("--proposer-stake", type=_AMOUNT, help="[default: three times --stake]"),
    click.option("--bond", type=_AMOUNT, help="Of a question. [default: a tenth of --stake]"),
    click.option("--stake-token", type=ADDRESS, help="RewardToken without it."),
    click.option("--rule", type=click.Choice(sorted(_RULES)), default="mean", show_default=True),
    click.option("--trim", default=0, show_default=True, help="Of trimmed_mean: at each end."),
    click.option("--answer-seconds", default=600, show_default=True, help="To answer in."),
    click.option("--panel", help="The evaluators' panel: nothing settles without them."),
    click.option("--dispute-seconds", default=3600, show_default=True, help="To dispute in."),
)


def staking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_staking(options: dict[str, Any]) -> None:
    """Refuses options that need --stake without it, and with it what isn't judged on the chain.

    Raises:
        ConfigError: one of these, a trim that doesn't fit the rule, or too short a dispute.
    """
    rule = _RULES[options["rule"]]
    if options["stake"] is None:
        _refuse_without_stake(options, rule)
    else:
        _check(options, rule)


def stake_plan(client: RegistryClient, name: str, options: dict[str, Any]) -> StakePlan | None:
    """Returns what rounds ask for under stake; None without --stake.

    Args:
        client: of who proposes.
        name: the model's.
        options: by their names, as `check_staking` let them through.

    Raises:
        ConfigError: StakedRounds is no publisher of the model, or no such panel.
    """
    stake = options["stake"]
    if stake is None:
        return None
    address = client.staked_rounds.address
    if address not in client.model(name).publishers:
        raise ConfigError(
            f"StakedRounds proposes versions of {name} and is no publisher of it: "
            f"tally model publisher {name} {address}"
        )
    proposer, bond = options["proposer_stake"], options["bond"]
    return StakePlan(
        disputes=client.connection.contracts["Disputes"].address,
        token=client.stakes.token(options["stake_token"]),
        participant_stake=stake,
        proposer_stake=3 * stake if proposer is None else proposer,
        bond=stake // 10 if bond is None else bond,
        rule=_RULES[options["rule"]],
        trim=options["trim"],
        answer_window=options["answer_seconds"],
        dispute_window=options["dispute_seconds"],
        **_evaluated(client, options["panel"]),
    )


def _refuse_without_stake(options: dict[str, Any], rule: Rule) -> None:
    asked = [option for option in _UNDER_STAKE if options[option]]
    asked += ["trim"] if options["trim"] else []
    asked += ["rule"] if rule != Rule.MEAN else []
    if asked:
        first = asked[0].replace("_", "-")
        raise ConfigError(f"--{first}: is for rounds under stake; add --stake AMOUNT")


def _check(options: dict[str, Any], rule: Rule) -> None:
    if options["engine"] != "none":
        raise ConfigError("--engine: runs no rounds under stake; use tally train join")
    for option, plain in (("aggregator", "mean"), ("strategy", "fedavg")):
        if options[option] != plain:
            raise ConfigError(
                f"--{option}: under stake expected {plain}, got {options[option]}; "
                "--rule has what is judged on the chain"
            )
    check_ranks(options["rule"], [text.partition(":")[0] for text in options["transforms"]])
    trim, answer = options["trim"], options["answer_seconds"]
    if (rule == Rule.TRIMMED_MEAN) != (trim > 0):
        raise ConfigError(f"--trim: expected 1 or more with trimmed_mean alone, got {trim}")
    if answer < 1 or options["dispute_seconds"] < 3 * answer:
        raise ConfigError(
            f"--dispute-seconds: expected at least three times --answer-seconds, "
            f"got {options['dispute_seconds']} and {answer}"
        )


def _evaluated(client: RegistryClient, text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    panel = word(text, "--panel")
    return {
        "evaluators": client.evaluations.address,
        "panel": client.evaluations.panel(panel).panel,
    }


def conduct_under_stake(
    session: Session,
    client: RegistryClient,
    name: str,
    plan: RoundPlan,
    staking: StakePlan,
    rounds: int,
    told: Callable[[int, RoundResult], None],
) -> None:
    """Conducts rounds under stake: opens, watches, proposes, settles and publishes each."""
    parts = StakedParts.of(session, client, proposes=True, limits=Limits())
    work = session.settings.state / "sponsoring"
    sponsor = Sponsor(parts.board, parts.stakes, parts.blobs, parts.clock, parts.follower, work)
    sponsor.conduct(client.model(name).model_id, plan, staking, rounds, told)
