"""The demonstration's story, one step after another, on a network of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from registry.audit import Report
from registry.audit import audit as run_audit
from registry.chain.deploy import Parameters, SenderExecutor, deploy
from registry.chain.gateway import connect
from registry.chain.token import balance_of
from registry.chain.transactions import TransactionSender
from registry.client import Description, RegistryClient
from registry.config import Settings
from registry.crypto import public_key_of
from registry.devnet import Network, fund
from registry.errors import TallystickError
from registry.signing import LocalSigner
from registry.types import Version, Visibility
from trainer.adapters.registry_board import ChainClock, RegistryBoard
from trainer.adapters.replay import Replay
from trainer.adapters.store_blobs import StoreBlobs
from trainer.conducting import RoundPlan, conduct
from trainer.coordinator import Coordinator, RoundResult
from trainer.demo.measures import accuracy_of, folder_bytes
from trainer.demo.shards import Images, held_out
from trainer.demo.tampering import one_byte_changed
from trainer.engines import Command, LocalEngine
from trainer.held_out import evaluation_of
from trainer.models import SmallCnn
from trainer.modules import state_of
from trainer.plan import LocalPlan
from trainer.ports import Clock
from trainer.terms_document import TermsDocument
from trainer.types import Lattice
from trainer.versions import first_version, read_version

__all__ = ["BUDGET", "MODEL", "Outcome", "Scene", "play"]

MODEL = "chest-digits"
BUDGET = 100 * 10**18
LATTICE = Lattice(bits=16, step_exponent=-15, guard_bits=8)
PLAN = LocalPlan(epochs=4, batch_size=32, learning_rate="0.002")
CARD = """# {name}

A small convolutional network for 28 × 28 grey images, trained by hospitals that keep their images.
Every version names its parent and the round that made it; `tally audit` computes each again.
"""


@dataclass
class Scene:
    """Where the story plays, and who is in it. The last hospital is the free rider."""

    network: Network
    folder: Path
    mnist: Path
    shards: list[Path]
    rounds: int
    say: Callable[[str], None]
    owner: LocalSigner = field(default_factory=lambda: LocalSigner.from_key(os.urandom(32)))
    outsider: LocalSigner = field(default_factory=lambda: LocalSigner.from_key(os.urandom(32)))
    hospitals: list[LocalSigner] = field(default_factory=list)

    def settings(self, who: str) -> Settings:
        """Returns the settings of one party; each keeps its state in a folder of its own."""
        state = self.folder / "state" / who
        deployments = self.folder / "deployments"
        return Settings(self.network.rpc, self.network.storage, deployments, state)


@dataclass
class Outcome:
    """What came of it. Amounts in the token's smallest unit, accuracies from 0 to 1."""

    accuracy: list[float] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    shares: list[dict[str, int]] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)
    update_bytes: int = 0
    version_bytes: int = 0
    refusal: str = ""
    outsider_accuracy: float = 0.0
    report: Report | None = None
    tampered: Report | None = None
    seconds: dict[str, float] = field(default_factory=dict)


def play(scene: Scene) -> tuple[RegistryClient, Outcome]:
    """Plays the whole story; returns the owner's client, still open, and what came of it."""
    outcome = Outcome()
    scene.hospitals = [LocalSigner.from_key(os.urandom(32)) for _ in scene.shards]
    steps: list[tuple[str, Callable[[], None]]] = []
    client = _deployed(scene)
    images = held_out(scene.mnist, scene.folder / "held-out", 1000)
    steps.append(("train", lambda: _train(scene, client, images, outcome)))
    steps.append(("claim", lambda: _claim(scene, client, outcome)))
    steps.append(("grant", lambda: _release(scene, client, images, outcome)))
    steps.append(("audit", lambda: _audit(scene, outcome)))
    for name, step in steps:
        start = time.monotonic()
        step()
        outcome.seconds[name] = time.monotonic() - start
    return client, outcome


def _deployed(scene: Scene) -> RegistryClient:
    """Deploys the contracts, funds everybody, and opens the owner's client."""
    gateway = connect(scene.network.rpc)
    settings = scene.settings("owner")
    for party in (scene.owner, scene.outsider, *scene.hospitals):
        fund(gateway, party.address, 10 * 10**18, settings.state)
    executor = SenderExecutor(TransactionSender(gateway, scene.owner, settings.state))
    made = deploy(gateway, executor, settings.deployments, Parameters(activation_delay=0))
    scene.say(f"deployed {', '.join(made.contracts)}")
    return RegistryClient.open(settings, scene.owner)


def _first(scene: Scene, client: RegistryClient) -> Version:
    folder = scene.folder / "first-version"
    folder.mkdir()
    (folder / "README.md").write_text(CARD.format(name=MODEL))
    first_version(folder, state_of(SmallCnn()), architecture="small-cnn")
    version = client.publish(folder, MODEL, Description(licence="MIT"))
    scene.say(f"published {MODEL}:1, untrained, with its model card")
    return version


def _command(scene: Scene, index: int) -> Command:
    """Returns what hospital `index` runs: the same command that anyone runs to join."""
    name = "FreeRider" if index == len(scene.shards) - 1 else "Hospital"
    settings = scene.settings(f"hospital-{index}")
    arguments = [sys.executable, "-m", "registry.cli", "train", "join", MODEL]
    arguments += ["--client", f"trainer.demo.hospitals:{name}"]
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


def _train(scene: Scene, client: RegistryClient, images: Images, outcome: Outcome) -> None:
    first = _first(scene, client)
    board, blobs = RegistryBoard(client), StoreBlobs(client.connection.store)
    clock = WatchfulClock(ChainClock(client.connection.gateway))
    held = scene.folder / "held-out"
    document = TermsDocument(scoring="leave_one_out", plan=PLAN, evaluation=blobs.put_folder(held))
    plan = RoundPlan(
        document,
        LATTICE,
        seats=len(scene.shards),
        minimum=2,
        phase_seconds=120,
        challenge_window=1,
        token=client.connection.deployment.address("RewardToken"),
        budget=BUDGET,
    )
    coordinator = Coordinator(
        board,
        blobs,
        clock,
        scene.folder / "coordinator",
        evaluate=evaluation_of(held, "small-cnn"),
    )

    def told(number: int, result: RoundResult) -> None:
        _round_ended(scene, images, outcome, number, result)

    logs = scene.folder / "logs"
    with LocalEngine(lambda i: _command(scene, i), len(scene.shards), logs) as engine:
        clock.watch(engine.check)
        conduct(coordinator, board, clock, first.model_id, plan, scene.rounds, told)
        engine.wait(30)
    client.set_channel(MODEL, "production", outcome.versions[-1])
    some = next((scene.folder / "coordinator").glob("*/updates/*"))
    outcome.update_bytes = folder_bytes(some)
    outcome.version_bytes = folder_bytes(scene.folder / "first-version")


def _round_ended(
    scene: Scene, images: Images, outcome: Outcome, number: int, result: RoundResult
) -> None:
    if result.document is None or result.version is None:
        raise TallystickError(f"round {number} was voided; see {scene.folder / 'logs'}")
    made = scene.folder / "coordinator" / result.round_id.hex() / "version"
    outcome.accuracy.append(accuracy_of(read_version(made), images))
    outcome.versions.append(result.version.number)
    outcome.shares.append(result.document.shares)
    scene.say(
        f"round {number}: version {result.version.number}, "
        f"{len(result.document.accepted)} updates, accuracy {outcome.accuracy[-1]:.1%}"
    )


def _claim(scene: Scene, client: RegistryClient, outcome: Outcome) -> None:
    """Each hospital claims for itself, with its own key."""
    model, token = client.model(MODEL), client.connection.deployment.address("RewardToken")
    for index, hospital in enumerate(scene.hospitals):
        with RegistryClient.open(scene.settings(f"hospital-{index}"), hospital) as own:
            paid = own.payouts.claim(model, token, hospital.address)
        found = balance_of(client.connection.gateway, token, hospital.address)
        if found != paid:
            raise TallystickError(f"{hospital.address}: paid {paid}, but its balance is {found}")
        outcome.paid[hospital.address] = paid
    scene.say(f"{len(outcome.paid)} contributors claimed their cumulative payouts")


def _release(scene: Scene, client: RegistryClient, images: Images, outcome: Outcome) -> None:
    """Publishes the trained model privately; an outsider is refused, granted, and runs it."""
    trained = scene.folder / "trained"
    client.fetch(f"{MODEL}@production", trained)
    (trained / "manifest.json").unlink()
    parent = client.version(f"{MODEL}@production").version_id
    release = f"{MODEL}-release"
    description = Description("pytorch", "small-cnn", "MIT", (parent,))
    client.publish(trained, release, description, visibility=Visibility.PRIVATE)
    place = scene.folder / "outsider"
    with RegistryClient.open(scene.settings("outsider"), scene.outsider) as outsider:
        try:
            outsider.fetch(release, place)
        except TallystickError as refusal:
            outcome.refusal = str(refusal)
        if not outcome.refusal:
            raise TallystickError("the outsider was not refused")
        scene.say(f"an outsider is refused: {outcome.refusal.split(';')[0]}")
        client.grant(release, scene.outsider.address, public_key_of(scene.outsider))
        outsider.fetch(release, place)
    outcome.outsider_accuracy = accuracy_of(read_version(place), images)
    scene.say(f"granted, it fetches, decrypts and runs it: {outcome.outsider_accuracy:.1%}")


def _audit(scene: Scene, outcome: Outcome) -> None:
    """Audits from node, address and storage alone; then again with one byte changed."""
    with RegistryClient.open(scene.settings("auditor")) as reader:
        outcome.report = run_audit(reader.connection, replay=Replay())
        checked = sum(outcome.report.checked.values())
        scene.say(f"audit: {checked} checks, {len(outcome.report.findings)} divergences")
        state = reader.state()
        last = max(state.rounds.rounds.values(), key=lambda r: r.number)
        reveal = last.reveals[scene.hospitals[0].address]
        blocks = _block_folder(scene)
        if blocks is None:
            scene.say("the storage isn't ours to change: the tampering is left out")
            return
        with one_byte_changed(reader.connection.store, blocks, reveal.content_digest):
            outcome.tampered = run_audit(reader.connection, replay=Replay())
    scene.say(f"one byte changed, the audit names it: {outcome.tampered.findings[0]}")


def _block_folder(scene: Scene) -> Path | None:
    for place in (scene.folder / "blobs" / "blocks", scene.folder / "kubo" / "blocks"):
        if place.is_dir():
            return place
    return None
