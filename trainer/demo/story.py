"""The demonstration's story, one step after another, on a network of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from registry.audit import audit as run_audit
from registry.chain.deploy import Parameters, SenderExecutor, deploy
from registry.chain.gateway import connect
from registry.chain.token import balance_of
from registry.chain.transactions import TransactionSender
from registry.client import RegistryClient, VersionMetadata
from registry.crypto import public_key_of
from registry.devnet import fund
from registry.errors import TallystickError
from registry.signing import LocalSigner
from registry.types import Visibility
from trainer.adapters.replay import Replay
from trainer.demo.measures import accuracy_of
from trainer.demo.scene import MODEL, DemoPlan, StoryOutcome
from trainer.demo.shards import Images, validation_set
from trainer.demo.tampering import one_byte_changed
from trainer.demo.training import train
from trainer.documents.version_folders import read_version

__all__ = ["play"]


def play(scene: DemoPlan) -> tuple[RegistryClient, StoryOutcome]:
    """Plays the whole story; returns the owner's client, still open, and what came of it."""
    outcome = StoryOutcome()
    scene.hospitals = [LocalSigner.from_key(os.urandom(32)) for _ in scene.shards]
    steps: list[tuple[str, Callable[[], None]]] = []
    start = time.monotonic()
    client = _deployed(scene)
    outcome.seconds["deploy"] = time.monotonic() - start
    images = validation_set(scene.mnist, scene.folder / "validation-set", 1000)
    steps.append(("train", lambda: train(scene, client, images, outcome)))
    steps.append(("claim", lambda: _claim(scene, client, outcome)))
    steps.append(("grant", lambda: _release(scene, client, images, outcome)))
    steps.append(("audit", lambda: _audit(scene, outcome)))
    for name, step in steps:
        start = time.monotonic()
        step()
        outcome.seconds[name] = time.monotonic() - start
    return client, outcome


def _deployed(scene: DemoPlan) -> RegistryClient:
    """Deploys the contracts, funds everybody, and opens the owner's client."""
    gateway = connect(scene.network.rpc)
    settings = scene.settings("owner")
    for party in (scene.owner, scene.outsider, *scene.hospitals):
        fund(gateway, party.address, 10 * 10**18, settings.state)
    executor = SenderExecutor(TransactionSender(gateway, scene.owner, settings.state))
    made = deploy(gateway, executor, settings.deployments, Parameters(activation_delay=0))
    scene.say(f"deployed {', '.join(made.contracts)}")
    return RegistryClient.open(settings, scene.owner)


def _claim(scene: DemoPlan, client: RegistryClient, outcome: StoryOutcome) -> None:
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


def _release(
    scene: DemoPlan, client: RegistryClient, images: Images, outcome: StoryOutcome
) -> None:
    """Publishes the trained model privately; an outsider is refused, granted, and runs it."""
    trained = scene.folder / "trained"
    client.fetch(f"{MODEL}@production", trained)
    (trained / "manifest.json").unlink()
    parent = client.version(f"{MODEL}@production").version_id
    release = f"{MODEL}-release"
    description = VersionMetadata("pytorch", "small-cnn", "MIT", (parent,))
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


def _audit(scene: DemoPlan, outcome: StoryOutcome) -> None:
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


def _block_folder(scene: DemoPlan) -> Path | None:
    for place in (scene.folder / "blobs" / "blocks", scene.folder / "kubo" / "blocks"):
        if place.is_dir():
            return place
    return None
