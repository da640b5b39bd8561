"""Journey: participants and coordinator are killed (-9) at every phase and started again.

What each round comes to is known beforehand, byte by byte: participants move every parameter by a
fixed number. So a round that a kill had changed would be seen.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from running_commands import NUDGING, end, start
from tests_roles import OWNER

from registry.audit import audit
from registry.signing import LocalSigner
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.documents.terms_document import LARGEST_TERMS, TermsDocument
from trainer.documents.version_folders import read_version
from trainer.execution.execute import execute
from trainer.execution.round_inputs import RoundInputs
from trainer.privacy.hidden_state import HiddenState
from trainer.protocol.round_state import RoundState
from trainer.types import AcceptedUpdate
from trainer.vectors.lattice import quantize
from trainer.vectors.layout import Layout, flatten

NUDGES = (0.25, 0.5)
Reached = Callable[[RoundState], bool]


@dataclass
class Kills:
    """A federation whose processes are watched, killed and started again."""

    f: ChainFederation
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    killed: list[str] = field(default_factory=list)
    hides: bool = False

    def coordinate(self, rounds: int) -> None:
        """Starts the coordinator for the rounds that are left."""
        words = ["train", "coordinate", MODEL, "--num-rounds", str(rounds)]
        words += ["--hidden"] if self.hides else []
        words += ["--phase-seconds", "120", "--challenge-seconds", "1"]
        self.running["coordinator"] = start(self.f.place, OWNER, *words)

    def join(self, index: int, rounds: int) -> None:
        """Starts a participant for the rounds that are left."""
        data = self.f.place.work / f"data-{index}"
        data.write_text(str(NUDGES[index]))
        words = ["train", "join", MODEL, "--client", "nudging:Nudge", "--data", str(data)]
        words += ["--num-rounds", str(rounds), "--threads", "1"]
        self.running[f"participant {index}"] = start(self.f.place, self.f.people[index], *words)

    def kill_when(self, who: str, reached: Reached, number: int) -> None:
        """Kills a process as soon as round `number` has come so far; it must still be running."""
        process = self.running[who]
        while not self._has_reached(reached, number):
            try:
                process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"{who} ended by itself: {process.communicate()}")
        assert process.poll() is None
        process.kill()
        assert process.wait() == -9
        end(process)
        self.killed.append(who)

    def _has_reached(self, reached: Reached, number: int) -> bool:
        board = RegistryBoard(self.f.client)
        rounds = board.rounds_of(self.f.client.model(MODEL).model_id)
        return len(rounds) >= number and reached(board.state(rounds[number - 1]))

    def states(self) -> list[RoundState]:
        """The model's rounds as the chain has them."""
        board = RegistryBoard(self.f.client)
        return [board.state(i) for i in board.rounds_of(self.f.client.model(MODEL).model_id)]

    def hidden(self, state: RoundState) -> HiddenState | None:
        """What the chain has of a hidden round."""
        return RegistryBoard(self.f.client).hidden.state(state.round_id)

    def finish(self) -> None:
        """Waits for everybody."""
        for who, process in self.running.items():
            told = process.communicate(timeout=120)
            assert process.returncode == 0, (who, told)


@pytest.fixture
def kills(place: ChainScenario) -> Kills:
    """A published model and two data owners."""
    made = ChainFederation(place, OWNER, seats=2)
    made.publish_first()
    (place.work / "nudging.py").write_text(NUDGING.replace("SHAPES", "torch.nn.Linear(4, 3)"))
    return Kills(made)


def expected(f: ChainFederation, round_id: bytes) -> bytes:
    """The result root of a round in which nobody was ever killed."""
    board = RegistryBoard(f.client)
    terms = board.state(round_id).terms
    document = TermsDocument.parse(f.blobs.get_bytes(terms.document_digest, LARGEST_TERMS))
    if document.hidden is not None:  # its sum is that of the same round in the clear
        document = replace(document, hidden=None)
        terms = replace(terms, weight_cap=1_000, document_digest=document.digest)
    folder = f.place.work / round_id.hex()
    version = board.versions(terms.model_id)[terms.base_version - 1]
    f.blobs.get_folder(version.content_digest, folder, 1 << 20)
    base = read_version(folder)
    layout = Layout.of(base, document.parameters)
    updates = []
    for person, nudge in zip(f.people, NUDGES, strict=True):
        moved = {name: tensor + nudge for name, tensor in base.items()}
        vector = quantize(flatten(moved, layout) - flatten(base, layout), terms.lattice)
        updates.append(AcceptedUpdate(person.address, bytes(32), bytes(32), 12, vector))
    return execute(RoundInputs.under(terms, document, base, updates)).result_root


def test_whoever_is_killed_at_any_phase_resumes_and_the_round_has_the_same_bytes(
    kills: Kills,
) -> None:
    me: LocalSigner = kills.f.people[0]
    plan: list[tuple[Reached, Reached]] = [
        # of participant 0, and of the coordinator
        (lambda s: me.address in s.enrolled, lambda s: s.number > 0),
        (lambda s: bool(s.commitments), lambda s: len(s.enrolled) == 2),
        (lambda s: me.address in s.commitments, lambda s: bool(s.reveals)),
        (lambda s: me.address in s.reveals, lambda s: s.result is not None),
        (lambda s: s.finalised, lambda s: s.finalised),
    ]
    rounds = len(plan) + 1
    kills.coordinate(rounds)
    for index in range(2):
        kills.join(index, rounds)
    try:
        for number, (of_participant, of_coordinator) in enumerate(plan, 1):
            kills.kill_when("participant 0", of_participant, number)
            kills.kill_when("coordinator", of_coordinator, number)
            seen = kills.states()
            kills.join(0, rounds - sum(me.address in state.reveals for state in seen))
            kills.coordinate(rounds - len(seen))  # the one that is open isn't counted
        kills.finish()
    finally:
        end(*kills.running.values())
    assert kills.killed == ["participant 0", "coordinator"] * len(plan)
    nothing_is_lost(kills, rounds)


def nothing_is_lost(kills: Kills, rounds: int) -> None:
    """Every round has the bytes that it would have had without a kill, and the audit agrees."""
    states = kills.states()
    assert len(states) == rounds
    board = RegistryBoard(kills.f.client)
    assert len(board.versions(kills.f.client.model(MODEL).model_id)) == rounds + 1
    for state in states:
        assert state.finalised
        assert len(state.reveals) == 2
        assert state.result is not None
        assert state.result.result_root == expected(kills.f, state.round_id)
    report = audit(kills.f.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def test_a_hidden_round_has_the_plain_one_s_bytes_whoever_is_killed(kills: Kills) -> None:
    me, kills.hides = kills.f.people[0].address, True

    def of(told: Callable[[HiddenState], object]) -> Reached:
        """Tells it of the hidden round, once it is hidden."""

        def reached(state: RoundState) -> bool:
            hidden = kills.hidden(state)
            return hidden is not None and bool(told(hidden))

        return reached

    plan: list[tuple[Reached, Reached]] = [
        (of(lambda h: me in h.keys), of(lambda h: h.keys)),
        (of(lambda h: me in h.shared), of(lambda h: h.shared)),
        (lambda s: me in s.commitments, lambda s: bool(s.reveals)),
        (lambda s: me in s.reveals, of(lambda h: h.frozen)),
        (of(lambda h: me in h.seeds), lambda s: s.result is not None),
    ]
    rounds = len(plan) + 1
    kills.coordinate(rounds)
    for index in range(2):
        kills.join(index, rounds)
    try:
        for number, (of_participant, of_coordinator) in enumerate(plan, 1):
            kills.kill_when("participant 0", of_participant, number)
            kills.kill_when("coordinator", of_coordinator, number)
            kills.join(0, rounds - sum(ended(kills, state, me) for state in kills.states()))
            kills.coordinate(rounds - len(kills.states()))
        kills.finish()
    finally:
        end(*kills.running.values())
    assert kills.killed == ["participant 0", "coordinator"] * len(plan)
    nothing_is_lost(kills, rounds)
    assert not [*kills.f.place.work.rglob("round-secrets.key")]


def ended(kills: Kills, state: RoundState, me: str) -> bool:
    """Tells whether a hidden round asks no more of an account.

    Once its own seed is open it hangs on the other's alone, which is on its way: else a round might
    be counted that the next process no longer finds open.
    """
    hidden = kills.hidden(state)
    while hidden is not None and me in hidden.seeds and not hidden.is_decided():
        hidden = kills.hidden(state)
    return hidden is not None and hidden.is_decided() and bool(hidden.frozen)
