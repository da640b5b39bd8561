"""`tally train gossip`: rounds without a coordinator, among peers that all run this command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import torch

from registry.chain.contract_signatures import ChainSignatureChecker
from registry.cli.options import Session, session_options
from registry.client import RegistryClient
from registry.documents.allow_list import AllowList, read_addresses
from registry.errors import ConfigError
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.store_blobs import StoreBlobs
from trainer.cli.base_version import newest_base
from trainer.cli.clients import CLIENT_HELP
from trainer.cli.fitting import Fitted, fitted_to
from trainer.cli.options import JOURNALS
from trainer.cli.profiles import profile_of, profile_options, with_windows
from trainer.cli.training import document_of, plan_options
from trainer.coordinator.round_loop import RoundPlan
from trainer.gossip import Agreement, GossipPeer, Graph
from trainer.gossip.graph import LARGEST_GRAPH
from trainer.gossip.rounds import GossipPlan, gossip_rounds
from trainer.ports import BlobStore, RoundContext
from trainer.protocol.round_state import RoundState
from trainer.training.client_loading import load_training

__all__ = ["gossip"]

_MEAN = {"aggregator": "mean", "scoring": "equal", "screening": None}
_NAMED = ("ring", "hypercube", "complete")
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("name")
@click.option("--client", "reference", required=True, help=CLIENT_HELP)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Given to the class.")
@click.option(
    "--peers", type=_FILE, required=True, help="A file with one address a line; yours is in it."
)
@click.option(
    "--graph",
    default="ring",
    show_default=True,
    help="Who mixes with whom: ring, hypercube, complete, or a JSON file with edges.",
)
@click.option("--mixing-steps", default=100, show_default=True, help="Mixing steps at most.")
@click.option(
    "--tolerance",
    default=256,
    show_default=True,
    help="Neighbours agree when no value differs by more, in units of the aggregate.",
)
@click.option("--num-rounds", default=1, show_default=True, help="Rounds to take part in.")
@click.option(
    "--phase-seconds",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="The longest of a phase.",
)
@click.option("--mixing-seconds", default=3600, show_default=True, help="The longest mixing.")
@profile_options("challenge")
@click.option(
    "--idle-seconds",
    default=120,
    show_default=True,
    help="How long the peer whose turn it is may be gone before the next one opens a round.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=0),
    default=0,
    help="Threads for torch; all cores without it.",
)
@plan_options
@session_options
def gossip(
    session: Session, name: str, reference: str, data: Path, peers: Path, **options: Any
) -> None:
    """Train the model NAME among peers, with nobody in the middle.

    Every peer runs this command with the same options. Each trains once per round, and then all
    mix with their neighbours, step by step, until they agree; what is published is the exact mean.
    Peers take turns in opening rounds and steps, so each has to be a publisher of the model.
    """
    if not data.exists():
        raise ConfigError(f"--data: expected a file or folder, got {data}")
    if options["threads"]:
        torch.set_num_threads(options["threads"])
    with session.client() as client:
        board, blobs = RegistryBoard(client), StoreBlobs(client.connection.store)
        gateway = client.connection.gateway
        options = with_windows(options, profile_of(options, gateway.chain_id))
        clock, key = ChainClock.of(client), client.connection.key
        training = load_training(reference, data)
        plan = _plan(blobs, read_addresses(peers), options, _fitted(session, client, name, options))
        peer = GossipPeer(
            RoundContext(board, blobs, clock),
            key,
            training,
            session.settings.state / JOURNALS,
            ChainSignatureChecker(gateway),
        )

        def told(state: RoundState, agreement: Agreement) -> None:
            _tell(session, state, agreement)

        model_id, rounds = client.model(name).model_id, options["num_rounds"]
        gossip_rounds(peer, model_id, plan, rounds, told)


def _fitted(session: Session, client: RegistryClient, name: str, options: dict[str, Any]) -> Fitted:
    """Returns the lattice that the base's own values give: the same for every peer."""
    place = session.settings.state / "gossip-bases" / client.model(name).model_id.hex()[:16]
    base = newest_base(client, name, place)
    document, _ = document_of(options | _MEAN | {"strategy": "gossip"}, None)
    fitted, lines = fitted_to(base, options, document)
    for line in lines:
        session.output.line(line)
    return fitted


def _plan(
    blobs: BlobStore, peers: AllowList, options: dict[str, Any], fitted: Fitted
) -> GossipPlan:
    graph = _graph(blobs, peers, options["graph"])
    rules = f"gossip:graph={graph},steps={options['mixing_steps']},tolerance={options['tolerance']}"
    document, lattice = document_of(options | _MEAN | {"strategy": rules}, None, fitted)
    rounds = RoundPlan(
        document,
        lattice,
        seats=len(peers.addresses),
        minimum=2,
        phase_seconds=options["phase_seconds"],
        challenge_window=options["challenge_seconds"],
    )
    return GossipPlan(rounds, peers, options["mixing_seconds"], options["idle_seconds"])


def _graph(blobs: BlobStore, peers: AllowList, text: str) -> str:
    """Returns the graph's name, or the digest of the file's graph once it is stored."""
    if text in _NAMED:
        return text
    path = Path(text)
    if not path.is_file() or path.stat().st_size > LARGEST_GRAPH:
        raise ConfigError(
            f"--graph: expected {', '.join(_NAMED)} or a JSON file with edges, got {text!r}"
        )
    graph = Graph.parse(path.read_bytes())
    if strangers := sorted(set(graph.peers) ^ set(peers.addresses)):
        raise ConfigError(f"--graph: {strangers[0]} has to be in both --graph and --peers")
    blobs.put_bytes(graph.to_json())
    return graph.digest.hex()


def _tell(session: Session, state: RoundState, agreement: Agreement) -> None:
    version = agreement.version.number if agreement.version else None
    data = {
        "round": state.number,
        "version": version,
        "steps": agreement.steps,
        "distance": agreement.distance,
        "departures": [{"step": step, "peer": peer} for step, peer in agreement.departures],
    }
    if version is None:
        session.output.result(data, f"round {state.number}: voided")
        return
    lines = [f"round {state.number}: version {version} after {agreement.steps} mixing steps"]
    if agreement.distance is not None:
        lines.append(f"  this peer's own mix is at most {agreement.distance} units away from it")
    lines += [f"  step {step}: {peer} didn't mix as agreed" for step, peer in agreement.departures]
    session.output.result(data, lines)
