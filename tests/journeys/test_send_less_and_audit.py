"""Journey: participants send a hundredth of their updates, and the audit needs no more."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import torch
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from running_commands import NUDGING, end, start
from tests_roles import OWNER

from registry.audit import audit
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.documents.update_folders import UPDATE_FILE
from trainer.documents.version_folders import first_version, read_version
from trainer.vectors.safetensors_files import tensor_places
from trainer.vectors.torch_modules import state_of

ROUNDS = 2
VALUES = 13  # a hundredth of 1,230, rounded up
CHAIN = ["error_feedback", "top_k:fraction=0.01"]


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model of 1,230 numbers, and two data owners."""
    made = ChainFederation(place, OWNER, seats=2)
    place.fund(*made.people, ether=10)
    folder = place.work / "first"
    folder.mkdir()
    (folder / "README.md").write_text("# A larger lantern\n")
    state = state_of(torch.nn.Sequential(torch.nn.Linear(40, 30)))
    first_version(folder, state, architecture="lantern")
    made.client.publish(folder, MODEL)
    (place.work / "nudging.py").write_text(NUDGING.replace("SHAPES", "torch.nn.Linear(40, 30)"))
    return made


def test_few_values_are_sent_and_the_rest_in_later_rounds(federation: ChainFederation) -> None:
    place, f = federation.place, federation
    words = ["train", "coordinate", MODEL, "--num-rounds", str(ROUNDS), "--scoring", "equal"]
    words += ["--phase-seconds", "120", "--challenge-seconds", "1"]
    for transform in CHAIN:
        words += ["--transform", transform]
    running = [start(place, OWNER, *words)]
    for index, nudge in enumerate((0.25, 0.5)):
        data = place.work / f"data-{index}"
        data.write_text(str(nudge))
        join = ["train", "join", MODEL, "--client", "nudging:Nudge", "--data", str(data)]
        running.append(start(place, f.people[index], *join, "--num-rounds", str(ROUNDS)))
    try:
        told = [process.communicate(timeout=150) for process in running]
    finally:
        end(*running)
    assert [process.returncode for process in running] == [0, 0, 0], told
    metrics = json.loads(told[1][0].splitlines()[-1])["metrics"]
    assert metrics["kept"] == VALUES
    assert metrics["residual"] > 0

    board = RegistryBoard(f.client)
    model_id = f.client.model(MODEL).model_id
    versions = []
    for version in board.versions(model_id):
        folder = place.work / f"version-{version.number}"
        f.blobs.get_folder(version.content_digest, folder, 1 << 20)
        versions.append(read_version(folder))
    for before, after in pairwise(versions):
        moved = sum(int((after[name] != before[name]).sum()) for name in after)
        assert VALUES <= moved <= 2 * VALUES  # those of each participant, the same or others
    for round_id in board.rounds_of(model_id):
        for who, opening in board.state(round_id).reveals.items():
            folder = place.work / round_id.hex() / who
            f.blobs.get_folder(opening.content_digest, folder, 1 << 20)
            places = tensor_places(folder / UPDATE_FILE)
            assert {name: place.shape for name, place in places.items()} == {
                "places": (VALUES,),
                "values": (VALUES,),
            }
    report = audit(place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])
