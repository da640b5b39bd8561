"""`tally train join`: takes part in rounds with data that never leave the process."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from registry.cli.options import Session, session_options
from registry.dates import date_text
from registry.documents.canonical_json import bytes32_from_hex
from registry.errors import StorageError
from registry.signing import Signer
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.folder_mailbox import FolderMailbox
from trainer.cli.check import require_ready
from trainer.cli.clients import choice_of, client_options, personal_folder
from trainer.cli.live import LiveRounds
from trainer.cli.options import JOURNALS, MAILBOX, StakedParts
from trainer.participant.earnings import earned_in
from trainer.participant.participant import Participant
from trainer.participant.round_loop import Failures, join_rounds
from trainer.ports import RoundContext
from trainer.protocol.round_state import RoundState
from trainer.readiness.participation import Wishes
from trainer.staked.acceptance import Acceptance
from trainer.staked.staked_participant import StakedParticipant
from trainer.staked.watcher_policy import Limits
from trainer.training.client import Training

__all__ = ["join"]


@click.command()
@click.argument("name")
@client_options
@click.option(
    "--num-rounds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Rounds to take part in.",
)
@click.option(
    "--idle-seconds",
    type=click.IntRange(min=0),
    default=600,
    show_default=True,
    help="Give up when no round opens for so long.",
)
@click.option(
    "--result-seconds",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="Stay for so long, at most, to tell what the last round's result pays you.",
)
@click.option(
    "--most-failures",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Give up when so many rounds in a row fail here.",
)
@click.option(
    "--stake",
    type=click.IntRange(min=0),
    default=0,
    help="The most to lock per round; none without it.",
)
@click.option(
    "--least-answer",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Under stake: the seconds that this machine needs to answer a question.",
)
@click.option(
    "--least-certify",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Under stake: the seconds that it needs to fetch all updates and vouch for them.",
)
@click.option(
    "--panel",
    "panels",
    multiple=True,
    help="Under stake: a panel of evaluators that may divide the pot. May be repeated.",
)
@click.option(
    "--committee",
    "committees",
    multiple=True,
    help="Under stake: a committee that may vouch for updates. May be repeated.",
)
@click.option(
    "--hidden",
    "least_in_sum",
    is_flag=False,
    flag_value=3,
    default=0,
    type=click.IntRange(min=0),
    help="Take part only where updates are hidden, in a sum of at least so many; 3 without a "
    "number. No other update is sent, and no other sum opened.",
)
@MAILBOX
@session_options
def join(session: Session, name: str, **options: Any) -> None:
    """Take part in rounds of the model NAME with data that never leave this process.

    The class has a method fit(parameters, config), as of Flower's NumPyClient, and is made with the
    path of the data. A round under stake is joined if it asks for at most --stake, leaves the time
    that this machine needs, and names the base that there is; this account's free stake is
    locked, and comes back when the round is over. Until then this process vouches for the updates
    that it holds, and answers for them.

    A round that fails here, because training fails, isn't finite or takes too long, is told and not
    counted, and the next one is joined.

    With --personal the class needs one torch module and an attribute dataset; what is personal is
    kept in the state folder under personal/, readable by you alone. What it gains, and what the
    model that everybody receives gains, are measured on every fifth example, and told after each
    round.
    """
    choice = choice_of(options)
    with session.client() as client:
        key, model_id = client.connection.key, client.model(name).model_id
        wishes = Wishes(
            name,
            choice,
            personal_folder(session, key.address, model_id),
            stake=options["stake"],
            pays_gas=options["mailbox"] is None,
            max_fee=session.settings.max_fee,
            this_round=False,  # one that invites others is passed over, and the next one awaited
        )
        training = require_ready(session, client, wishes)
        clock = ChainClock.of(client)
        with LiveRounds(session.output, clock.now) as live:
            parts = StakedParts.of(
                session, client, proposes=False, limits=Limits(), on_state=live.see
            )
            told = options["mailbox"], live.see, options["least_in_sum"]
            participant = _participant(session, parts, key, training, *told)
            session.output.line(f"waiting for a round of {name} to open")
            taken: list[bytes] = []
            done = join_rounds(
                participant,
                model_id,
                options["num_rounds"],
                options["idle_seconds"],
                partial(_tell, session, participant, taken),
                _attendance(parts, options, participant),
                Failures(options["most_failures"], partial(_tell_failure, session)),
            )
            _await_results(participant, taken, options["result_seconds"], live.see)
            participant.clear_ended(model_id)
        for round_id in taken:
            _tell_earned(session, participant, round_id, name)
    result = {"rounds": done, "metrics": dict(participant.metrics)}
    session.output.result(result, f"took part in {done} rounds")


def _participant(
    session: Session,
    parts: StakedParts,
    key: Signer,
    training: Training,
    mailbox: Path | None,
    on_state: Callable[[RoundState], None],
    least_in_sum: int,
) -> Participant:
    return Participant(
        RoundContext(parts.board, parts.blobs, parts.clock),
        key,
        training,
        session.settings.state / JOURNALS,
        FolderMailbox(mailbox) if mailbox else None,
        on_state=on_state,
        least_in_sum=least_in_sum,
    )


def _attendance(
    parts: StakedParts, options: dict[str, Any], participant: Participant
) -> StakedParticipant:
    """Returns what this account does for its stake, by the terms that it accepts."""
    panels, committees = (
        [bytes32_from_hex(text, option) for text in given]
        for option, given in (
            ("--panel", options["panels"]),
            ("--committee", options["committees"]),
        )
    )
    acceptance = Acceptance(
        options["stake"], options["least_answer"], options["least_certify"], panels, committees
    )
    told = parts.stakes, parts.follower, parts.outcomes, parts.clock
    return StakedParticipant(*told, acceptance, participant.unmask)


def _await_results(
    participant: Participant,
    rounds: list[bytes],
    seconds: int,
    on_state: Callable[[RoundState], None],
) -> None:
    """Waits a while for the results of rounds that were taken part in, as they may come soon."""
    board, clock = participant.context.board, participant.context.clock
    end = clock.now() + seconds
    while clock.now() < end:
        states = [board.state(round_id) for round_id in rounds]
        for state in states:
            on_state(state)
        if all(state.finalised or state.voided for state in states):
            return
        clock.wait_until(end)


def _tell_earned(session: Session, participant: Participant, round_id: bytes, name: str) -> None:
    """Tells what a round that was taken part in pays this account, as far as that is known."""
    state = participant.state(round_id)
    try:
        earned = earned_in(participant.context, state, participant.address)
    except StorageError as error:
        session.output.line(f"round {state.number}: what you earned isn't known yet: {error}")
        return
    if earned is None:
        return
    text = f"{earned.amount} of token {earned.token}"
    if not earned.final:
        line = f"you earn {text}, if nobody challenges it until {date_text(earned.claimable)}"
    elif earned.claimable:
        line = f"you earned {text}, claimable on {date_text(earned.claimable)}"
    else:
        line = f"you earned {text}; tally reward claim {name}"
    session.output.line(f"round {state.number}: {line}")


def _tell(
    session: Session, participant: Participant, taken: list[bytes], state: RoundState
) -> None:
    taken.append(state.round_id)
    what = "update revealed" if participant.has_revealed(state) else "voided"
    line = f"round {state.number}: {what}"
    said = [_shown(name, value) for name, value in sorted(participant.metrics.items())]
    session.output.line("; ".join([line, ", ".join(said)] if said else [line]))


def _tell_failure(session: Session, state: RoundState, why: str) -> None:
    session.output.line(f"round {state.number}: {why}")


def _shown(name: str, value: float | str) -> str:
    return f"{name} {value}" if isinstance(value, str) else f"{name} {value:.4f}"
