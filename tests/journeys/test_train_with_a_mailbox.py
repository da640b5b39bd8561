"""Journey: `tally train coordinate` and two `tally train join` over a shared mailbox folder."""

from __future__ import annotations

import json

import pytest
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from running_commands import NUDGING, end, start
from tests_roles import OWNER

from registry.audit import audit
from registry.signing import LocalSigner
from trainer.adapters.replay import Replay


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model and two data owners with ether that they will not need."""
    made = ChainFederation(place, OWNER, seats=2)
    made.publish_first()
    return made


def sent(f: ChainFederation, who: LocalSigner) -> int:
    """How many transactions a party has sent."""
    count = f.place.gateway.request("eth_getTransactionCount", [who.address, "latest"])
    return int(count, 16)


def test_participants_that_hand_in_send_no_transaction(federation: ChainFederation) -> None:
    f, work = federation, federation.place.work
    mailbox = work / "mailbox"
    mailbox.mkdir()
    (work / "nudging.py").write_text(NUDGING.replace("SHAPES", "torch.nn.Linear(4, 3)"))
    running = []
    for index, person in enumerate(f.people):
        (work / f"data-{index}").write_text(str(0.25 * (index + 1)))
        words = [
            "train",
            "join",
            MODEL,
            "--client",
            "nudging:Nudge",
            "--data",
            str(work / f"data-{index}"),
        ]
        running.append(start(f.place, person, *words, "--mailbox", str(mailbox), "--threads", "1"))
    words = ["train", "coordinate", MODEL, "--num-rounds", "1", "--phase-seconds", "25"]
    running.append(  # a round with a batch lasts to its deadlines
        start(f.place, OWNER, *words, "--challenge-seconds", "1", "--mailbox", str(mailbox))
    )
    try:
        told = [process.communicate(timeout=170) for process in running]
    finally:
        end(*running)
    assert [process.returncode for process in running] == [0, 0, 0], told
    assert json.loads(told[-1][0].splitlines()[-1])["version"] == 2
    assert [sent(f, person) for person in f.people] == [0, 0]
    batch = f.client.round(MODEL).batches[0]
    assert (batch.count, batch.revealed_count) == (2, 2)
    report = audit(f.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def test_a_mailbox_that_is_not_there_is_refused_in_one_line(federation: ChainFederation) -> None:
    process = start(federation.place, OWNER, "train", "coordinate", MODEL, "--mailbox", "nowhere")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "nowhere" in errors
    assert "Traceback" not in errors
