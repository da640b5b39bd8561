"""`tally train coordinate --engine`: participants that the coordinator's own machine runs.

For one party with several keys: a trial, or a cluster that trains for its owners' shards. Others
join as ever, by `tally train join`.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry.chain.gateway import connect
from registry.cli.options import Session
from registry.client import RegistryClient
from registry.errors import ConfigError
from registry.signing import LocalSigner
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.store_blobs import StoreBlobs
from trainer.cli.options import JOURNALS
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.engines import Command, LocalEngine
from trainer.participant.participant import Participant
from trainer.ports import RoundContext
from trainer.training.client_loading import load_training

if TYPE_CHECKING:
    from trainer.engines.ray import RayEngine

__all__ = ["Run", "check_engine", "engine_options", "first_shard", "running"]

Run = Callable[[bytes], RoundResult]
_OPTIONS = (
    click.option(
        "--engine",
        type=click.Choice(["none", "local", "ray"]),
        default="none",
        show_default=True,
        help="Run participants too: as processes, or on Ray.",
    ),
    click.option("--client", "reference", help="With --engine: your class, as of join."),
    click.option(
        "--shards",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="With --engine: a folder with one file or folder of data for each participant.",
    ),
    click.option(
        "--keys",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="With --engine: a file that only you can read, one private key a line.",
    ),
    click.option(
        "--ray-address", help="With --engine ray: a running cluster; this machine without."
    ),
    click.option("--ray-cpus", default=1.0, show_default=True, help="Of one training."),
    click.option("--ray-gpus", default=0.0, show_default=True, help="Of one training."),
)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_engine(options: dict[str, Any]) -> None:
    """Refuses the options of an engine without one, and an engine without its options.

    Raises:
        ConfigError: one of these.
    """
    engine = options["engine"]
    given = [option for option in ("reference", "shards", "keys") if options[option]]
    if engine == "none" and given:
        told = {"reference": "client"}.get(given[0], given[0])
        raise ConfigError(f"--{told}: is for participants that run here; add --engine")
    if engine != "none" and len(given) < 3:
        raise ConfigError(f"--engine {engine}: expected --client, --shards and --keys with it")


@dataclass(frozen=True)
class _Crew:
    """Who runs here: each with its shard and its key."""

    session: Session
    model: str
    rounds: int
    options: dict[str, Any]
    shards: list[Path]
    signers: list[LocalSigner]

    def state_of(self, index: int) -> Path:
        """A participant's state folder."""
        return self.session.settings.state / self.signers[index].address.lower()


@contextmanager
def running(
    session: Session, name: str, coordinator: Coordinator, rounds: int, options: dict[str, Any]
) -> Iterator[Run]:
    """Yields what runs a round: with the engine's participants, or the coordinator alone.

    Raises:
        ConfigError: keys that others can read, or not one for each shard; Ray isn't there.
    """
    engine = options["engine"]
    if engine == "none":
        yield coordinator.run_round
        return
    shards = _shards(options)
    signers = _signers(options["keys"])
    if not shards or len(shards) != len(signers):
        raise ConfigError(
            f"--engine {engine}: expected a key for each shard, got {len(signers)} keys and "
            f"{len(shards)} shards"
        )
    crew = _Crew(session, name, rounds, options, shards, signers)
    with ExitStack() as stack:
        if engine == "ray":
            yield _on_ray(crew, coordinator, stack)
        else:
            logs = session.settings.state / "engine-logs"
            command, tell = partial(_command, crew), session.output.line
            local = LocalEngine(command, len(shards), logs, enough=1, told=tell)
            yield partial(_beside, stack.enter_context(local), coordinator)


def _beside(local: LocalEngine, coordinator: Coordinator, round_id: bytes) -> RoundResult:
    """Runs a round beside the processes; those that are gone are told, and not waited for."""
    local.check()
    return coordinator.run_round(round_id)


def first_shard(options: dict[str, Any]) -> Path:
    """Returns the data of the first participant that an engine runs.

    Raises:
        ConfigError: there are none.
    """
    if not (shards := _shards(options)):
        raise ConfigError(
            f"--shards {options['shards']}: expected a file or folder in it, got none"
        )
    return shards[0]


def _shards(options: dict[str, Any]) -> list[Path]:
    return sorted(path for path in options["shards"].iterdir() if path.name[0] != ".")


def _signers(path: Path) -> list[LocalSigner]:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigError(f"--keys {path}: others can read it; chmod 600 it first")
    try:
        lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
        return [LocalSigner.from_key(bytes.fromhex(line.removeprefix("0x"))) for line in lines]
    except ValueError:
        raise ConfigError(f"--keys {path}: expected 64 hexadecimal digits a line") from None


def _command(crew: _Crew, index: int) -> Command:
    settings, shard = crew.session.settings, crew.shards[index]
    words = [sys.executable, "-m", "registry.cli", "train", "join", crew.model, "--threads", "1"]
    words += ["--client", crew.options["reference"], "--data", str(shard.resolve())]
    words += ["--num-rounds", str(crew.rounds)]
    environment = {
        "TALLY_KEY": crew.signers[index].private_key().hex(),
        "TALLY_RPC": settings.rpc,
        "TALLY_STORAGE": settings.storage,
        "TALLY_DEPLOYMENTS": str(settings.deployments),
        "TALLY_STATE": str(crew.state_of(index)),
        "OMP_NUM_THREADS": "1",
    }
    return Command(words, environment)


def _on_ray(crew: _Crew, coordinator: Coordinator, stack: ExitStack) -> Run:
    try:
        from trainer.engines.ray import RayEngine
    except ImportError:
        raise ConfigError("--engine ray: Ray isn't here; pip install 'tallystick[ray]'") from None
    o = crew.options
    engine = stack.enter_context(RayEngine(o["ray_address"], o["ray_cpus"], o["ray_gpus"]))
    people = [_participant(crew, index, engine, stack) for index in range(len(crew.shards))]
    clock = ChainClock(connect(crew.session.settings.rpc))

    def told(address: str, why: str) -> None:
        crew.session.output.line(f"{address} is left out of the round: {why}")

    return partial(engine.run, coordinator, people, clock, told=told)


def _participant(crew: _Crew, index: int, engine: RayEngine, stack: ExitStack) -> Participant:
    signer, state = crew.signers[index], crew.state_of(index)
    client = stack.enter_context(
        RegistryClient.open(replace(crew.session.settings, state=state), signer)
    )
    make = partial(load_training, crew.options["reference"], crew.shards[index].resolve())
    return Participant(
        RoundContext(
            RegistryBoard(client), StoreBlobs(client.connection.store), ChainClock.of(client)
        ),
        signer,
        engine.training(make),
        state / JOURNALS,
    )
