"""The rounds of the demonstration: hospitals that join as anyone does, and a coordinator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from registry.client import RegistryClient, VersionMetadata
from registry.errors import ConfigError, TallystickError
from registry.types import Version
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.store_blobs import StoreBlobs
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.coordinator.round_loop import RoundPlan, conduct
from trainer.demo.measures import accuracy_of, folder_bytes
from trainer.demo.scene import BUDGET, LATTICE, MODEL, DemoPlan, StoryOutcome
from trainer.demo.shards import Images
from trainer.documents.version_folders import first_version, read_version
from trainer.engines import Command, LocalEngine
from trainer.execution.validation_set import evaluation_of
from trainer.models import SmallCnn
from trainer.participant.participant import Participant
from trainer.ports import Clock, RoundContext
from trainer.training.client_loading import load_training
from trainer.vectors.torch_modules import state_of

__all__ = ["train"]

CARD = """# {name}

A small convolutional network for 28 × 28 grey images, trained by hospitals that keep their images.
Every version names its parent and the round that made it; `tally audit` computes each again.
"""
Run = Callable[[bytes], RoundResult]


def train(scene: DemoPlan, client: RegistryClient, images: Images, outcome: StoryOutcome) -> None:
    """Publishes an untrained model, runs the rounds, and points the channel at the last version."""
    first = _first(scene, client)
    board, blobs = RegistryBoard(client), StoreBlobs(client.connection.store)
    clock = WatchfulClock(ChainClock.of(client))
    held, seats = scene.folder / "validation-set", len(scene.shards)
    plan = RoundPlan(
        scene.rules.document(blobs.put_folder(held), seats),
        LATTICE,
        seats=seats,
        minimum=scene.rules.minimum or seats,
        phase_seconds=120,
        challenge_window=1,
        token=client.connection.deployment.address("RewardToken"),
        budget=BUDGET,
    )
    work, evaluate = scene.folder / "coordinator", evaluation_of(held, "small-cnn")
    coordinator = Coordinator(
        RoundContext(board, blobs, clock), work, evaluate=evaluate, keep_work=True
    )

    def told(number: int, result: RoundResult) -> None:
        _round_ended(scene, images, outcome, number, result)

    with _hospitals(scene, coordinator, clock) as run:
        conduct(coordinator, first.model_id, plan, scene.rounds, told, run)
    client.set_channel(MODEL, "production", outcome.versions[-1])
    outcome.update_bytes = folder_bytes(next(work.glob("*/updates/*")))
    outcome.version_bytes = folder_bytes(scene.folder / "first-version")


def _first(scene: DemoPlan, client: RegistryClient) -> Version:
    folder = scene.folder / "first-version"
    folder.mkdir()
    (folder / "README.md").write_text(CARD.format(name=MODEL))
    first_version(folder, state_of(SmallCnn()), architecture="small-cnn")
    version = client.publish(folder, MODEL, VersionMetadata(licence="MIT"))
    scene.say(f"published {MODEL}:1, untrained, with its model card")
    return version


class WatchfulClock(Clock):
    """A clock that also looks after the hospitals' processes: a dead one ends the wait at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._check: Callable[[], object] = lambda: None

    def watch(self, check: Callable[[], object]) -> None:
        """Calls `check` before every wait."""
        self._check = check

    def now(self) -> int:
        """Returns the time in seconds since 1970."""
        return self._clock.now()

    def wait_until(self, moment: int) -> None:
        """Waits as the other clock does, at most a second at a time."""
        self._check()
        self._clock.wait_until(min(moment, self.now() + 1))


@contextmanager
def _hospitals(scene: DemoPlan, coordinator: Coordinator, clock: WatchfulClock) -> Iterator[Run]:
    """Starts the hospitals and yields what runs a round with them."""
    if scene.rules.engine == "ray":
        with ExitStack() as stack:
            yield _on_ray(scene, coordinator, clock, stack)
        return
    logs = scene.folder / "logs"
    with LocalEngine(partial(_command, scene), len(scene.shards), logs) as engine:
        clock.watch(engine.check)
        yield coordinator.run_round
        engine.wait(30)


def _class_of(scene: DemoPlan, index: int) -> str:
    name = "FreeRider" if index == len(scene.shards) - 1 else "Hospital"
    return f"trainer.demo.hospitals:{name}"


def _command(scene: DemoPlan, index: int) -> Command:
    """Returns what hospital `index` runs: the same command that anyone runs to join."""
    settings = scene.settings(f"hospital-{index}")
    arguments = [sys.executable, "-m", "registry.cli", "train", "join", MODEL]
    arguments += ["--client", _class_of(scene, index)]
    arguments += ["--data", str(scene.shards[index]), "--num-rounds", str(scene.rounds)]
    arguments += ["--threads", "1", "--idle-seconds", "90"]
    environment = {
        "TALLY_KEY": scene.hospitals[index].private_key().hex(),
        "TALLY_RPC": settings.rpc,
        "TALLY_STORAGE": settings.storage,
        "TALLY_DEPLOYMENTS": str(settings.deployments),
        "TALLY_STATE": str(settings.state),
        "OMP_NUM_THREADS": "1",
    }
    return Command(arguments, environment)


def _on_ray(scene: DemoPlan, coordinator: Coordinator, clock: Clock, stack: ExitStack) -> Run:
    """Trains on a cluster of this machine; what signs and speaks to the chain stays here."""
    try:
        from trainer.engines.ray import RayEngine
    except ImportError:
        raise ConfigError("--engine ray: Ray isn't here; pip install 'tallystick[ray]'") from None
    engine = stack.enter_context(RayEngine())
    people = []
    for index, (signer, shard) in enumerate(zip(scene.hospitals, scene.shards, strict=True)):
        settings = scene.settings(f"hospital-{index}")
        client = stack.enter_context(RegistryClient.open(settings, signer))
        training = engine.training(partial(load_training, _class_of(scene, index), shard))
        board, blobs = RegistryBoard(client), StoreBlobs(client.connection.store)
        people.append(
            Participant(
                RoundContext(board, blobs, clock), signer, training, settings.state / "rounds"
            )
        )
    return partial(engine.run, coordinator, people, clock)


def _round_ended(
    scene: DemoPlan, images: Images, outcome: StoryOutcome, number: int, result: RoundResult
) -> None:
    if result.document is None or result.version is None:
        raise TallystickError(f"round {number} was voided; see {scene.folder / 'logs'}")
    made = scene.folder / "coordinator" / result.round_id.hex() / "version"
    outcome.accuracy.append(accuracy_of(read_version(made), images))
    outcome.versions.append(result.version.number)
    outcome.shares.append(result.document.shares)
    excluded = result.document.excluded
    left_out = f", {len(excluded)} not counted" if excluded else ""
    scene.say(
        f"round {number}: version {result.version.number}, {len(result.document.accepted)} updates"
        f"{left_out}, accuracy {outcome.accuracy[-1]:.1%}"
    )
