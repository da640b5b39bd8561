"""Journey: `tally train coordinate` and two `tally train join` over a shared mailbox folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from chain_federation import MODEL, ChainFederation
from chain_parties import Place
from tests_roles import OWNER

from registry.audit import audit
from registry.signing import LocalSigner
from trainer.adapters.replay import Replay

CLIENT = """
import torch
from trainer import Client


class Nudge(Client):
    def __init__(self, data):
        self.amount = float(data.read_text())
        self.model = torch.nn.Sequential(torch.nn.Linear(4, 3))

    def get_parameters(self, config):
        return [tensor.numpy() for tensor in self.model.state_dict().values()]

    def set_parameters(self, parameters):
        names = self.model.state_dict()
        state = {n: torch.tensor(a) for n, a in zip(names, parameters, strict=True)}
        self.model.load_state_dict(state)

    def fit(self, parameters, config):
        self.set_parameters(parameters)
        return [array + self.amount for array in self.get_parameters({})], 12, {}

    def evaluate(self, parameters, config):
        return 0.0, 1, {}
"""


@pytest.fixture
def federation(place: Place) -> ChainFederation:
    """A published model and two data owners with ether that they will not need."""
    made = ChainFederation(place, OWNER, seats=2)
    made.publish_first()
    return made


def start(f: ChainFederation, who: LocalSigner, *words: str) -> subprocess.Popen[str]:
    """Starts `tally train …` as a party."""
    settings, work = f.place.settings(who), f.place.work
    environment = {
        **os.environ,
        "TALLY_KEY": who.private_key().hex(),
        "TALLY_RPC": settings.rpc,
        "TALLY_STORAGE": settings.storage,
        "TALLY_DEPLOYMENTS": str(settings.deployments),
        "TALLY_STATE": str(work / "commands" / who.address),
        "OMP_NUM_THREADS": "1",
    }
    arguments = [sys.executable, "-m", "registry.cli", "train", *words, "--json"]
    return subprocess.Popen(
        arguments,
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sent(f: ChainFederation, who: LocalSigner) -> int:
    """How many transactions a party has sent."""
    count = f.place.gateway.request("eth_getTransactionCount", [who.address, "latest"])
    return int(count, 16)


def test_participants_that_hand_in_send_no_transaction(federation: ChainFederation) -> None:
    f, work = federation, federation.place.work
    mailbox = work / "mailbox"
    mailbox.mkdir()
    (work / "nudging.py").write_text(CLIENT)
    running = []
    for index, person in enumerate(f.people):
        (work / f"data-{index}").write_text(str(0.25 * (index + 1)))
        words = ["join", MODEL, "--client", "nudging:Nudge", "--data", str(work / f"data-{index}")]
        running.append(start(f, person, *words, "--mailbox", str(mailbox), "--threads", "1"))
    words = ["coordinate", MODEL, "--num-rounds", "1", "--phase-seconds", "120"]
    running.append(start(f, OWNER, *words, "--challenge-seconds", "1", "--mailbox", str(mailbox)))
    try:
        told = [process.communicate(timeout=100) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert [process.returncode for process in running] == [0, 0, 0], told
    assert json.loads(told[-1][0].splitlines()[-1])["version"] == 2
    assert [sent(f, person) for person in f.people] == [0, 0]
    batch = f.client.round(MODEL).batches[0]
    assert (batch.count, batch.revealed_count) == (2, 2)
    report = audit(f.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def test_a_mailbox_that_is_not_there_is_refused_in_one_line(federation: ChainFederation) -> None:
    process = start(federation, OWNER, "coordinate", MODEL, "--mailbox", "nowhere")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "nowhere" in errors
    assert "Traceback" not in errors
