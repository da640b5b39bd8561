"""The options of `tally train coordinate` for rounds under stake, and what conducts those."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.cli.options import ADDRESS, Session
from registry.client import RegistryClient
from registry.documents.canonical_json import bytes32_from_hex
from registry.errors import ConfigError
from registry.fraud_proofs.stake_rules import least_dispute_window
from registry.fraud_proofs.stake_terms import AggregationRule
from trainer.cli.options import StakedParts, note_told
from trainer.cli.rules import chosen_rules
from trainer.coordinator.coordinator import RoundResult
from trainer.coordinator.round_loop import RoundPlan
from trainer.documents.compatibility import check_ranks
from trainer.protocol.round_state import RoundState
from trainer.staked.round_loop import Sponsor, StakePlan
from trainer.staked.servers import require_judged
from trainer.staked.watcher import Note
from trainer.staked.watcher_policy import Limits
from trainer.strategies import strategy

__all__ = ["check_staking", "conduct_under_stake", "stake_plan", "staking_options"]

_RULES = {
    rule.name.lower(): rule for rule in AggregationRule if rule is not AggregationRule.HIDDEN_MEAN
}
_UNDER_STAKE = ("proposer_stake", "bond", "stake_token", "panel", "committee")
_AMOUNT = click.IntRange(min=0)
_OPTIONS = (
    click.option(
        "--stake", type=_AMOUNT, help="Rounds under stake: what a participant locks in each."
    ),
    click.option("--proposer-stake", type=_AMOUNT, help="[default: three times --stake]"),
    click.option("--bond", type=_AMOUNT, help="Of a question. [default: what a search can pay]"),
    click.option("--stake-token", type=ADDRESS, help="RewardToken without it."),
    click.option("--rule", type=click.Choice(sorted(_RULES)), default="mean", show_default=True),
    click.option("--trim", default=0, show_default=True, help="Of trimmed_mean: at each end."),
    click.option(
        "--dispute-seconds",
        type=click.IntRange(min=1),
        help="To dispute in. [default: the least that a search needs]",
    ),
    click.option(
        "--quorum",
        default=2,
        show_default=True,
        help="How many have to vouch for what counts.",
    ),
    click.option("--committee", help="A panel whose members vouch; participants without it."),
    click.option("--panel", help="The evaluators' panel: nothing settles without them."),
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
            f"tally model publisher {name} StakedRounds"
        )
    return StakePlan(
        token=client.stakes.token(options["stake_token"]),
        participant_stake=stake,
        proposer_stake=options["proposer_stake"],
        bond=options["bond"],
        rule=_RULES[options["rule"]] if options["hidden"] is None else AggregationRule.HIDDEN_MEAN,
        trim=options["trim"],
        certify_window=options["certify_seconds"],
        answer_window=options["answer_seconds"],
        dispute_window=options["dispute_seconds"],
        quorum=options["quorum"],
        committee=_panel(client, options["committee"], "--committee")[0],
        **_evaluated(client, options["panel"]),
    )


def _refuse_without_stake(options: dict[str, Any], rule: AggregationRule) -> None:
    asked = [option for option in _UNDER_STAKE if options[option]]
    asked += ["trim"] if options["trim"] else []
    asked += ["rule"] if rule != AggregationRule.MEAN else []
    if asked:
        first = asked[0].replace("_", "-")
        raise ConfigError(f"--{first}: is for rounds under stake; add --stake AMOUNT")


def _check(options: dict[str, Any], rule: AggregationRule) -> None:
    if options["engine"] != "none":
        raise ConfigError("--engine: runs no rounds under stake; use tally train join")
    if options["aggregator"] != "mean":
        raise ConfigError(
            f"--aggregator: under stake expected mean, got {options['aggregator']}; "
            "--rule has what is judged on the chain"
        )
    if options["scales"]:
        raise ConfigError("--scale: under stake all tensors have one step, which the chain knows")
    chosen = chosen_rules(options["strategy"], options["aggregator"])
    server = strategy(chosen.strategy, chosen.strategy_parameters)
    require_judged(server, panel=options["panel"] is not None)
    check_ranks(options["rule"], [text.partition(":")[0] for text in options["transforms"]])
    if options.get("fraction_evaluate"):
        raise ConfigError(
            "--fraction-evaluate: under stake an update may come from the chain, without what was "
            "measured beside it; leave the option out"
        )
    if options.get("forfeit"):
        raise ConfigError("--forfeit: is for rounds without stake; under stake anybody proposes")
    trim = options["trim"]
    if (rule == AggregationRule.TRIMMED_MEAN) != (trim > 0):
        raise ConfigError(f"--trim: expected 1 or more with trimmed_mean alone, got {trim}")
    for option in ("stake", "certify_seconds", "answer_seconds"):
        if options[option] < 1:
            name = option.replace("_", "-")
            raise ConfigError(f"--{name}: expected 1 or more, got {options[option]}")
    least = least_dispute_window(1, options["answer_seconds"])
    if options["dispute_seconds"] is not None and options["dispute_seconds"] < least:
        raise ConfigError(
            f"--dispute-seconds: expected at least {least}, as --answer-seconds is "
            f"{options['answer_seconds']}, got {options['dispute_seconds']}"
        )
    if options["quorum"] < 2:
        raise ConfigError(f"--quorum: expected 2 or more, got {options['quorum']}")


def _panel(client: RegistryClient, text: str | None, option: str) -> tuple[bytes, int]:
    """Returns a panel's id and appeal window; zeros without one."""
    if text is None:
        return bytes(32), 0
    found = client.evaluations.panel(bytes32_from_hex(text, option))
    return found.panel, found.appeal_window


def _evaluated(client: RegistryClient, text: str | None) -> dict[str, Any]:
    panel, appeal_window = _panel(client, text, "--panel")
    return {"panel": panel, "appeal_window": appeal_window}


def conduct_under_stake(
    session: Session,
    client: RegistryClient,
    name: str,
    plan: RoundPlan,
    staking: StakePlan,
    rounds: int,
    told: Callable[[int, RoundResult], None],
    most_empty: int,
    on_state: Callable[[RoundState], None],
) -> None:
    """Conducts rounds under stake: opens, watches, proposes, settles and publishes each."""
    parts = StakedParts.of(session, client, proposes=True, limits=Limits(), on_state=on_state)
    work = session.settings.state / "sponsoring"
    sponsor = Sponsor(parts.board, parts.stakes, parts.blobs, parts.clock, parts.follower, work)
    model_id = client.model(name).model_id
    open_still = sponsor.unfinished(model_id)
    if open_still is not None:
        text = (
            "a round of an earlier run is open still: it is finished first, by its own terms, "
            "and not counted"
        )
        note_told(session)(Note(open_still, "resumed", text))
    sponsor.conduct(model_id, plan, staking, rounds, told, most_empty)
