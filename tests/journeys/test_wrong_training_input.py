"""Journey: a newcomer's mistakes around training end in one line each, before a round opens."""

from __future__ import annotations

import json

import pytest
import torch
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from running_commands import end, start
from tests_roles import OWNER

from trainer.adapters.registry_board import RegistryBoard
from trainer.documents.version_folders import first_version
from trainer.models import SmallCnn
from trainer.vectors.safetensors_files import save_safetensors
from trainer.vectors.torch_modules import state_of

OWN = """
import torch


class Ctor:
    def __init__(self, data):
        raise ValueError("no such shard")

    def fit(self, parameters, config): ...


class Fit:
    def fit(self, parameters, config):
        return parameters[7777]
"""


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model, classes that raise, and a validation file that doesn't fit."""
    made = ChainFederation(place, OWNER, seats=2)
    place.fund(*made.people, ether=10)
    first_version(place.work / "first", state_of(SmallCnn()), architecture="small-cnn")
    made.client.publish(place.work / "first", MODEL)
    (place.work / "own_mistakes.py").write_text(OWN)
    tensors = {"inputs": torch.zeros(2, 1, 28, 28), "labels": torch.tensor([0, 99])}
    save_safetensors(tensors, place.work / "beyond.safetensors")
    return made


COORDINATE = ["train", "coordinate", MODEL]
PROBE = ["train", "probe", MODEL, "--data", "beyond.safetensors", "--client"]
JOIN = ["train", "join", MODEL, "--data", "beyond.safetensors", "--client"]
CASES = [
    ([*COORDINATE, "--scale", "nosuch*=3"], 2, "'nosuch*' names no tensor of the base"),
    (
        [*COORDINATE, "--validation-set", "beyond.safetensors"],
        2,
        "beyond.safetensors: validation set",
    ),
    ([*COORDINATE, "--aggregator", "fltrust"], 2, "expected a parameter trusted"),
    ([*PROBE, "own_mistakes:Ctor"], 2, "--client own_mistakes:Ctor: ValueError: no such shard"),
    ([*JOIN, "own_mistakes:Ctor"], 2, "--client own_mistakes:Ctor: ValueError: no such shard"),
    ([*PROBE, "own_mistakes:Fit"], 9, "the trial failed: IndexError"),
]


def test_each_mistake_is_one_line_with_its_code_and_no_round_opens(
    federation: ChainFederation,
) -> None:
    found = []
    for words, _, says in CASES:
        process = start(federation.place, OWNER, *words)
        try:
            _, complaint = process.communicate(timeout=60)
        finally:
            end(process)
        said = says in json.loads(complaint)["message"]
        found.append((words, process.returncode, says if said else complaint))
    assert found == CASES
    model_id = federation.client.model(MODEL).model_id
    assert not list(RegistryBoard(federation.client).rounds_of(model_id))


def test_a_round_that_came_to_nothing_says_what_it_was_short_of(
    federation: ChainFederation,
) -> None:
    place, people = federation.place, federation.people
    words = [*COORDINATE, "--num-rounds", "1", "--phase-seconds", "5", "--challenge-seconds", "1"]
    join = [*JOIN, "own_mistakes:Fit", "--most-failures", "1"]
    running = [start(place, OWNER, *words)]
    running += [start(place, person, *join) for person in people]
    try:
        told = [process.communicate(timeout=100) for process in running]
    finally:
        end(*running)
    assert [process.returncode for process in running] == [0, 9, 9], told
    result = json.loads(told[0][0].splitlines()[-1])
    assert result["voided"] is True
    assert result["obstacle"].startswith("0 of at least 2 updates were revealed by 20")
    for _, complaint in told[1:]:
        assert "IndexError" in json.loads(complaint)["message"]


def test_a_coordinator_that_nobody_joins_ends_with_a_reason_and_its_own_code(
    federation: ChainFederation,
) -> None:
    words = [*COORDINATE, "--num-rounds", "2", "--phase-seconds", "3", "--challenge-seconds", "1"]
    process = start(federation.place, OWNER, *words)
    try:
        out, complaint = process.communicate(timeout=100)
    finally:
        end(process)
    assert process.returncode == 11, complaint
    told = [json.loads(line) for line in out.splitlines()]
    assert [result["voided"] for result in told] == [True, True]
    assert all(result["obstacle"].startswith("nobody took a seat by 20") for result in told)
    said = json.loads(complaint)
    assert said["error"] == "NoParticipants"
    assert "in 2 rounds in a row; round 2: nobody took a seat" in said["message"]
