"""Journey: two participants keep models of their own and are told both gains; the audit passes."""

from __future__ import annotations

import json
import stat

import pytest
from chain_federation import MODEL, PEOPLE, ChainFederation
from chain_parties import ChainScenario
from running_commands import end, start
from tests_roles import OWNER

from registry.audit import audit
from trainer.adapters.replay import Replay

CLIENT = """
import torch
from trainer import Client


class Points(Client):
    def __init__(self, data):
        seed = int(data.read_text())
        points = torch.randn(40, 4, generator=torch.Generator().manual_seed(seed))
        self.dataset = torch.utils.data.TensorDataset(points, points[:, :3].argmax(1))
        self.model = torch.nn.Sequential(torch.nn.Linear(4, 3))

    def get_parameters(self, config):
        return []

    def set_parameters(self, parameters):
        pass

    def fit(self, parameters, config):
        raise AssertionError("personal training has a loop of its own")

    def evaluate(self, parameters, config):
        return 0.0, 1, {}
"""


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model, and two participants with points of their own."""
    made = ChainFederation(place, OWNER, seats=2)
    made.publish_first()
    (place.work / "points.py").write_text(CLIENT)
    for index in range(2):
        (place.work / f"{index}.txt").write_text(str(index))
    return made


@pytest.mark.parametrize("personal", ["ditto:strength=0.1", "fedper:head=0.bias"])
def test_personal_models_stay_and_both_gains_are_told(
    federation: ChainFederation, personal: str
) -> None:
    place = federation.place
    conducting = ["train", "coordinate", MODEL, "--num-rounds", "1", "--learning-rate", "0.05"]
    conducting += ["--phase-seconds", "120", "--challenge-seconds", "1", "--epochs", "3"]
    joining = ["train", "join", MODEL, "--client", "points:Points", "--personal", personal]
    joining += ["--threads", "1"]
    processes = [
        start(place, OWNER, *conducting),
        *(start(place, PEOPLE[i], *joining, "--data", f"{i}.txt") for i in range(2)),
    ]
    try:
        found = [process.communicate(timeout=150) for process in processes]
    finally:
        end(*processes)
    assert [process.returncode for process in processes] == [0, 0, 0], found
    for lines, _ in found[1:]:
        told = json.loads(lines.splitlines()[-1])["metrics"]
        after, before = told["global_loss_after"], told["global_loss_before"]
        assert told["global_gain"] == pytest.approx(before - after)
        assert told["local_gain"] > 0
    for person in PEOPLE[:2]:
        (kept,) = (place.work / "commands" / person.address).rglob("personal.safetensors")
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    report = audit(place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])
