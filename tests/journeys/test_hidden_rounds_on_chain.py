"""Given a federation on a development chain whose terms hide updates

when one of four drops out after it shared its secrets:
  the sum is that of the three others, to the bit; what was opened is three seeds and one key;
  the audit finds nothing; everybody who counts is owed an equal part
when a bundle is none, or a copy of another's: the sum is what it is, and the audit names the dealer
when it is conducted and joined from the command line: the same, and the words say so
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from chain_federation import BUDGET, MODEL, ChainFederation
from chain_parties import ChainScenario
from running_commands import NUDGING, end, start
from tests_roles import OWNER

from registry.audit import AuditVerdict, audit
from registry.documents.parts import document_digest
from trainer.adapters.replay import Replay
from trainer.coordinator.coordinator import RoundResult
from trainer.documents.version_folders import first_version, read_version
from trainer.engines import run_in_process
from trainer.privacy.hidden_state import SharedSecrets
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.protocol.actions import Action, RoundStep
from trainer.protocol.progress import Progress
from trainer.vectors.torch_modules import state_of


class Dropping:
    """A participant that is gone when it should reveal."""

    def __init__(self, who: Any) -> None:
        self._who = who

    def __getattr__(self, name: str) -> Any:
        return getattr(self._who, name)

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks for until its commitment."""
        state = self._who.state(round_id)
        if self._who.address in state.commitments:
            return Progress(False, Action(RoundStep.WAIT, state.terms.proposal_deadline))
        made: Progress = self._who.step(round_id)
        return made


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model and four data owners."""
    made = ChainFederation(place, OWNER, seats=4)
    made.publish_first()
    return made


def hidden_round(f: ChainFederation, last: Callable[[Any], Any] = Dropping) -> RoundResult:
    """A hidden round of four, of whom the last one does as `last` says."""
    hidden = HiddenTerms(weight_cap=1_000)
    f.document = replace(f.document, scoring="equal", hidden=hidden, client_evaluation=None)
    people: list[Any] = f.participants()
    coordinator = f.coordinator()
    terms = f.terms(weight_cap=1, document_digest=f.document.digest)
    round_id = coordinator.open(terms, f.document)
    people[3] = last(people[3])
    return run_in_process(coordinator, people, f.clock, round_id)


def test_a_drop_out_costs_nothing_but_its_update(federation: ChainFederation) -> None:
    f = federation
    result = hidden_round(f)
    assert result.document is not None, result.obstacle
    record = f.client.state().hidden_rounds.rounds[result.round_id]
    people = [person.address for person in f.people]
    assert set(record.seeds) == set(people[:3])
    assert set(record.secrets) == {people[3]}
    shares = result.document.shares
    assert sorted(shares) == sorted(people[:3])
    assert max(shares.values()) - min(shares.values()) <= 1
    assert sum(shares.values()) == BUDGET
    report = audit(f.client.connection, replay=Replay())
    assert report.findings == [], report.findings


@pytest.mark.parametrize(
    ("copies", "expected"),
    [(False, "a bundle (H-4)"), (True, "the round, dealer and roots that are recorded")],
)
def test_a_bundle_that_is_none_is_its_dealer_s_and_named(
    federation: ChainFederation, copies: bool, expected: str
) -> None:
    f = federation

    def forging(who: Any) -> Any:
        share = who._hidden._board.share_secrets

        def forged(round_id: bytes, shared: SharedSecrets) -> None:
            records = f.client.state().hidden_rounds.rounds[round_id].shared
            first = records[f.people[0].address].bundle_digest
            data = f.blobs.get_bytes(first, 1 << 20) if copies else b"no bundle"
            f.blobs.put_bytes(data)
            share(round_id, replace(shared, bundle_digest=document_digest(data)))

        who._hidden._board.share_secrets = forged
        return who

    result = hidden_round(f, forging)
    assert result.document is not None, result.obstacle
    assert len(result.document.accepted) == 4
    [found] = audit(f.client.connection, replay=Replay()).findings
    assert found.verdict is AuditVerdict.ODD
    assert f.people[3].address in str(found)
    assert expected in str(found)


def test_it_is_conducted_and_joined_from_the_command_line(place: ChainScenario) -> None:
    f = ChainFederation(place, OWNER, seats=2)
    place.fund(*f.people, ether=10)
    folder = place.work / "first"
    folder.mkdir()
    (folder / "README.md").write_text("# A larger lantern\n")
    first = state_of(torch.nn.Sequential(torch.nn.Linear(40, 30)))
    first_version(folder, first, architecture="lantern")
    f.client.publish(folder, MODEL)
    (place.work / "nudging.py").write_text(NUDGING.replace("SHAPES", "torch.nn.Linear(40, 30)"))
    words = ["train", "coordinate", MODEL, "--num-rounds", "1", "--hidden"]
    words += ["--phase-seconds", "120", "--challenge-seconds", "1"]
    running = [start(place, OWNER, *words)]
    for index, nudge in enumerate((0.25, 0.5)):
        data = place.work / f"data-{index}"
        data.write_text(str(nudge))
        join = ["train", "join", MODEL, "--client", "nudging:Nudge", "--data", str(data)]
        running.append(start(place, f.people[index], *join))
    try:
        told = [process.communicate(timeout=150) for process in running]
    finally:
        end(*running)
    assert [process.returncode for process in running] == [0, 0, 0], told
    made = f.client.versions(MODEL)[-1]
    assert made.number == 2
    f.blobs.get_folder(made.content.digest, place.work / "made", 1 << 20)
    after = read_version(place.work / "made")
    moved = torch.stack([(after[name] - first[name]).mean() for name in first])
    assert torch.allclose(moved, torch.full_like(moved, 0.375), atol=1e-3)
    report = audit(f.client.connection, replay=Replay())
    assert report.findings == [], report.findings
