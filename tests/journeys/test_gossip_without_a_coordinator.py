"""Journey: three peers run one command each, mix on the chain until they agree, and are audited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chain_federation import MODEL, PEOPLE, ChainFederation
from chain_parties import ChainScenario
from running_commands import NUDGING, end, start
from tests_roles import OWNER

from registry.audit import audit
from trainer.adapters.replay import Replay
from trainer.vectors.safetensors_files import State, load_safetensors

PEERS = PEOPLE[:3]
AMOUNTS = (0.25, 0.5, 1.0)


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model, and three publishers with a number each."""
    made = ChainFederation(place, OWNER)
    made.publish_first()
    place.fund(*PEERS, ether=10)
    for peer, amount in zip(PEERS, AMOUNTS, strict=True):
        place.client(OWNER).add_publisher(MODEL, peer.address)
        (place.work / f"{peer.address}.txt").write_text(str(amount))
    (place.work / "nudging.py").write_text(NUDGING.replace("SHAPES", "torch.nn.Linear(4, 3)"))
    (place.work / "peers").write_text("\n".join(peer.address for peer in PEERS))
    return made


def test_three_peers_agree_and_what_is_published_is_the_mean(federation: ChainFederation) -> None:
    place = federation.place
    words = ["train", "gossip", MODEL, "--client", "nudging:Nudge", "--peers", "peers"]
    words += ["--phase-seconds", "120", "--challenge-seconds", "1", "--step", "-12"]
    mixing = ["--graph", "complete", "--mixing-steps", "8", "--threads", "1"]
    processes = [
        start(place, peer, *words, *mixing, "--data", f"{peer.address}.txt") for peer in PEERS
    ]
    try:
        found = [process.communicate(timeout=200) for process in processes]
    finally:
        end(*processes)
    assert [process.returncode for process in processes] == [0, 0, 0], found
    told = [json.loads(lines.splitlines()[-1]) for lines, _ in found]
    assert {each["version"] for each in told} == {2}
    assert {each["steps"] for each in told} == {told[0]["steps"]}
    assert told[0]["steps"] >= 2
    assert all(each["distance"] <= 256 and not each["departures"] for each in told)

    before, after = (tensors(place, number) for number in (1, 2))
    mean = sum(AMOUNTS) / 3
    moved = [float((after[name] - before[name]).mean()) for name in before]
    assert all(abs(each - mean) < 2**-12 for each in moved)
    report = audit(place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def tensors(place: ChainScenario, number: int) -> State:
    """A version's tensors, as anyone fetches them."""
    folder: Path = place.work / f"fetched-{number}"
    place.client().fetch(f"{MODEL}:{number}", folder)
    (file,) = folder.glob("*.safetensors")
    return load_safetensors(file)


def test_what_peers_cant_agree_on_is_refused(federation: ChainFederation) -> None:
    own = ["--client", "nudging:Nudge", "--data", f"{PEERS[0].address}.txt", "--peers", "peers"]
    refusals = {
        "expected ring, hypercube, complete or a JSON file": ["gossip", *own, "--graph", "star"],
        "gossip: steps: expected 1 to 10000, got 0": ["gossip", *own, "--mixing-steps", "0"],
        "every peer runs tally train gossip": ["coordinate", "--strategy", "gossip"],
    }
    processes = [
        start(federation.place, PEERS[0], "train", *words, MODEL) for words in refusals.values()
    ]
    try:
        found = [process.communicate(timeout=60) for process in processes]
    finally:
        end(*processes)
    for said, process, (_, errors) in zip(refusals, processes, found, strict=True):
        assert process.returncode == 2
        assert said in errors
        assert "Traceback" not in errors
