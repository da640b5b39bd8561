"""`tally train coordinate`: conducts rounds for a model."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import click

from registry.addresses import ZERO_ADDRESS
from registry.chain.contract_signatures import ChainSignatureChecker
from registry.cli.options import Session, session_options
from registry.cli.output import amount
from registry.client import RegistryClient
from registry.errors import ConfigError, TrainingError
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.folder_mailbox import FolderMailbox
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.store_blobs import StoreBlobs
from trainer.cli.base_version import newest_base
from trainer.cli.engines import check_engine, engine_options, first_shard, running
from trainer.cli.fitting import Fitted, fitted_to, moves_of, validation_set_training
from trainer.cli.hiding import check_hiding, hiding_option
from trainer.cli.invitations import check_invitations, invitation_options, invitations_of
from trainer.cli.live import LiveRounds
from trainer.cli.options import MAILBOX
from trainer.cli.profiles import profile_of, profile_options, with_windows
from trainer.cli.staking import (
    check_staking,
    conduct_under_stake,
    stake_plan,
    staking_options,
)
from trainer.cli.training import document_of, training_options
from trainer.cli.validation_file import stored_evaluation, validation_set_tensors
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.coordinator.federation_options import FederationOptions
from trainer.coordinator.round_loop import RoundPlan, conduct
from trainer.coordinator.single_coordinator import conducting_alone
from trainer.documents.terms_document import TermsDocument
from trainer.execution.combine import check_seats
from trainer.ports import RoundContext
from trainer.scoring import CrossEntropy
from trainer.strategies import client_needs
from trainer.training.client import Training, Tying
from trainer.training.client_loading import load_training

__all__ = ["coordinate"]


@click.command()
@click.argument("name")
@click.option("--num-rounds", default=3, show_default=True, help="Rounds to conduct.")
@click.option("--min-available-clients", default=2, show_default=True, help="Seats per round.")
@click.option("--min-fit-clients", default=2, show_default=True, help="Fewest updates per round.")
@click.option(
    "--most-empty",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="End when so many rounds in a row find too few participants, or all of --num-rounds do.",
)
@invitation_options
@click.option("--budget", default=0, show_default=True, help="Per round, in the smallest unit.")
@click.option(
    "--forfeit",
    type=int,
    help="What this account pays each participant that revealed if it proposes nothing, in the "
    "smallest unit; it puts that up for every seat. A tenth of the budget over all seats without.",
)
@click.option("--token", help="The reward token's address; RewardToken without it.")
@training_options
@click.option(
    "--validation-set",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A safetensors file (inputs, labels): score by leave-one-out on it.",
)
@click.option(
    "--phase-seconds",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="The longest of a phase.",
)
@profile_options("challenge", "certify", "answer")
@click.option("--weight-cap", default=100_000, show_default=True, help="Examples counted at most.")
@engine_options
@hiding_option
@staking_options
@MAILBOX
@session_options
def coordinate(
    session: Session, name: str, validation_set: Path | None, mailbox: Path | None, **options: Any
) -> None:
    """Conduct rounds for the model NAME, which has a published version to start from.

    With --stake a wrong result costs whoever proposed it a stake, and anyone can prove it wrong;
    this account proposes, so it needs --proposer-stake free in the vault: see `tally stake`.
    """
    # Which profile it is, only the chain tells; no check here hangs on it.
    _refuse_nonsense(with_windows(options, options["profile"] or "local"), validation_set, mailbox)
    with session.client() as client, ExitStack() as held:
        gateway = client.connection.gateway
        options = with_windows(options, profile_of(options, gateway.chain_id))
        version, me = client.version(name), client.account
        work = session.settings.state / "coordinating" / version.model_id.hex()[:16]
        alone = work.with_name(f"{me}-{work.name}")
        held.enter_context(conducting_alone(alone, f"rounds of {name} for {me}"))
        staking = stake_plan(client, name, options)
        plan, evaluate = _prepared(session, client, name, options, validation_set, work)
        rounds, told = options["num_rounds"], partial(_tell, session)
        most_empty = min(options["most_empty"], rounds)
        clock = ChainClock.of(client)
        live = held.enter_context(LiveRounds(session.output, clock.now))
        if staking is not None:
            conduct_under_stake(
                session, client, name, plan, staking, rounds, told, most_empty, live.see
            )
            return
        coordinator = Coordinator(
            RoundContext(RegistryBoard(client), StoreBlobs(client.connection.store), clock),
            work,
            evaluate=evaluate,
            code_checker=ChainSignatureChecker(gateway),
            mailbox=FolderMailbox(mailbox) if mailbox else None,
            on_state=live.see,
        )
        resumed = partial(_tell_resumed, session)
        with running(session, name, coordinator, rounds, options) as run:
            conduct(coordinator, version.model_id, plan, rounds, told, run, resumed, most_empty)


def _prepared(
    session: Session,
    client: RegistryClient,
    name: str,
    options: dict[str, Any],
    validation_set: Path | None,
    work: Path,
) -> tuple[RoundPlan, CrossEntropy | None]:
    """Returns what the rounds have in common, fitted to the newest version, and what measures."""
    base = newest_base(client, name, work / "bases")
    evaluate, digest = None, None
    if validation_set is not None:
        blobs = StoreBlobs(client.connection.store)
        evaluate, digest = stored_evaluation(blobs, base, validation_set, work)
    document, _ = document_of(options, digest)
    training = _trial(options, base, validation_set)
    moves, before = _moves(base, options, document, training)
    ties = training.ties if isinstance(training, Tying) else None
    free = options["stake"] is None
    fitted, lines = fitted_to(base, options, document, moves, grouped=free, ties=ties)
    for line in [*before, *lines]:
        session.output.line(line)
    return _plan(client, name, options, digest, fitted), evaluate


def _tell_resumed(session: Session, number: int) -> None:
    session.output.line(
        f"round {number}: open before this run; it is finished first, by its own terms, "
        "and not counted"
    )


def _refuse_nonsense(
    options: dict[str, Any], validation_set: Path | None, mailbox: Path | None
) -> None:
    """Refuses what doesn't go together, before a chain is asked or a file is stored."""
    check_engine(options)
    check_staking(options)
    check_hiding({**options, "mailbox": mailbox})
    if options["stake"] is not None and mailbox is not None:
        raise ConfigError("--mailbox: batches aren't for rounds under stake; leave one out")
    if client_needs(options["strategy"].partition(":")[0]).mixes_among_peers:
        raise ConfigError(
            "--strategy gossip: there is no coordinator in it; every peer runs tally train gossip"
        )
    # The digest is known once the set is stored; here it matters that there is one.
    document, _ = document_of(options, None if validation_set is None else bytes(32))
    federation = _federation(options)
    check_invitations(options, federation)
    least, most = federation.min_fit_clients, federation.min_available_clients
    check_seats(document, range(least, most + 1))


def _tell(session: Session, number: int, result: RoundResult) -> None:
    if result.document is None:
        why = f": {result.obstacle}" if result.obstacle else ""
        data = {"round": number, "voided": True, "obstacle": result.obstacle}
        session.output.result(data, f"round {number}: voided{why}")
        return
    refused = {r.participant: r.reason.value for r in result.document.refused}
    version = result.version.number if result.version else None
    shares, excluded = result.document.shares, dict(result.document.excluded)
    lines = [f"round {number}: version {version}, {len(shares)} accepted, {len(refused)} refused"]
    lines += [f"  not counted: {who}: {why}" for who, why in excluded.items()]
    measured = result.document.evaluation
    if measured is not None:
        lines.append(f"  its base version, as participants measured it: {measured}")
    session.output.result(
        {
            "round": number,
            "version": version,
            "shares": {who: amount(share) for who, share in shares.items()},
            "refused": refused,
            "excluded": excluded,
            "evaluation": measured and measured.to_fields(),
        },
        lines,
    )


def _trial(options: dict[str, Any], base: Path, validation_set: Path | None) -> Training | None:
    """Returns a training that tells how far values move; None where there are no data for it."""
    if options["engine"] != "none":
        return load_training(options["reference"], first_shard(options).resolve())
    return (
        None
        if validation_set is None
        else validation_set_training(base, validation_set_tensors(validation_set))
    )


def _federation(options: dict[str, Any]) -> FederationOptions:
    return FederationOptions(
        num_rounds=options["num_rounds"],
        fraction_fit=float(str(options["fraction_fit"])),
        min_fit_clients=options["min_fit_clients"],
        min_available_clients=options["min_available_clients"],
    )


def _moves(
    base: Path, options: dict[str, Any], document: TermsDocument, training: Training | None
) -> tuple[dict[str, float] | None, list[str]]:
    """Returns what a trial moved, where one is asked for and doesn't fail, and lines about it."""
    if training is None or options["step"] != "auto":
        return None, []
    try:
        return moves_of(base, options, document, training), []
    except TrainingError as error:
        return None, [f"{error}; the lattice is fitted without it"]


def _plan(
    client: RegistryClient,
    name: str,
    options: dict[str, Any],
    evaluation: bytes | None,
    fitted: Fitted,
) -> RoundPlan:
    federation = _federation(options)
    document, lattice = document_of(options, evaluation, fitted)
    token = options["token"] or client.connection.deployment.address("RewardToken")
    return RoundPlan(
        document=document,
        lattice=lattice,
        seats=federation.min_available_clients,
        minimum=federation.min_fit_clients,
        invitations=invitations_of(client, name, options, federation),
        phase_seconds=options["phase_seconds"],
        challenge_window=options["challenge_seconds"],
        weight_cap=options["weight_cap"],
        token=str(token) if options["budget"] or options["forfeit"] else ZERO_ADDRESS,
        budget=options["budget"],
        forfeit=options["forfeit"],
    )
