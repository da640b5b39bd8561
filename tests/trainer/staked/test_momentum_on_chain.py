"""A server's momentum under stake, on a real chain: carried on, proved, asked for (F-10, F-15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cheating_proposers as proposers
import numpy as np
import numpy.typing as npt
import pytest
from chain_federation import undone
from staked_federation import (
    CHEAT,
    MODEL,
    PEOPLE,
    PROPOSER,
    STAKE,
    WATCHER,
    StakedFederation,
    federation_on_a_chain,
)
from tests_roles import OWNER

from registry.audit import audit
from registry.errors import ConfigError, RoundError
from registry.fraud_proofs.server_steps import Server
from registry.fraud_proofs.stake_terms import QuestionKind
from registry.index import QuestionState
from trainer.adapters.replay import Replay
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_memory
from trainer.execution.memory_roots import momenta_of
from trainer.execution.version_roots import weights_of
from trainer.plan.training_plan import LocalPlan
from trainer.staked.outcome import Draft, Outcomes
from trainer.staked.servers import server_of
from trainer.staked.state import StakedState
from trainer.staked.watcher import Watcher
from trainer.staked.watcher_actions import AnswerChunk, AskMomentum, WrongStep

PLAN = LocalPlan(1, 8, "sgd", "0.1", 3)
BETA = 0.9


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StakedFederation]:
    """A federation whose server has momentum; nobody has opened a round."""
    told = {"momentum": str(BETA), "learning_rate": "0.5"}
    document = TermsDocument(strategy="fedavgm", strategy_parameters=told, plan=PLAN)
    with federation_on_a_chain(tmp_path_factory.mktemp("momentum"), document) as made:
        yield made


@pytest.fixture
def federation(ground: StakedFederation) -> Iterator[StakedFederation]:
    """The same; what a test does to the chain is undone after it."""
    ground.notes.clear()
    with undone(ground.place.gateway):
        yield ground


def settled(f: StakedFederation, round_id: bytes) -> bytes:
    """Proposes honestly, lets holders that look vouch, settles and publishes.

    Returns the root of what is remembered then.
    """
    proposer = f.proposer()
    proposal = proposer.propose(round_id)
    for who in PEOPLE[:2]:
        assert f.holder(who).step(f.board().state(round_id), f.clock.now())
    assert f.holder(PEOPLE[0]).step(f.board().state(round_id), f.clock.now())
    assert f.watcher(name="-honest").step(round_id) == []
    proposer.settle(round_id)
    f.proposer(OWNER).publish(round_id)
    f.check_vault()
    return proposal.momentum_root


def momentum(f: StakedFederation) -> npt.NDArray[np.float64]:
    """What the newest version remembers; zeros before the first round."""
    newest = f.owner.versions(MODEL)[-1].content.digest
    folder = f.place.work / "newest" / newest.hex()
    f.blobs.get_folder(newest, folder, 1 << 20)
    found = read_memory(folder)
    return found["momentum"] if found else np.zeros(f.stakes().vector_length)


def server_at(f: StakedFederation, round_id: bytes) -> Server:
    """What the server of a round has at its base."""
    outcomes, state = f.outcomes(WATCHER), f.board().state(round_id)
    base, document = outcomes.base(state), outcomes.terms_document(state)
    server = server_of(document, weights_of(base, document), base)
    assert server is not None
    return server


def test_f15_momentum_goes_from_round_to_round_and_a_wrong_one_is_slashed(
    federation: StakedFederation,
) -> None:
    f = federation
    first = f.revealed()
    root = settled(f, first)
    kept = momentum(f)
    assert np.count_nonzero(kept)
    # The second round's base remembers what the first round left.
    second = f.revealed()
    server = server_at(f, second)
    assert (server.momentum_root, server.root) == (root, f.stakes().base_root)
    f.proposer(CHEAT, proposers.wrong_momentum(300, 1e-9)).propose(second)
    (deed,) = f.watcher().step(second)
    assert isinstance(deed, WrongStep)
    assert (deed.proof.of_momentum, deed.chunk) == (True, 1)
    record = f.owner.staked_rounds.record(second)
    assert record.proposals[0].fault == "wrong version"
    assert f.owner.stakes.of(WATCHER.address).awarded == 3 * STAKE // 2
    f.proposer(CHEAT, proposers.wrong_weight(300)).propose(second)
    (deed,) = f.watcher(name="-anew").step(second)
    assert isinstance(deed, WrongStep)
    assert (deed.proof.of_momentum, deed.chunk) == (False, 1)
    assert settled(f, second) != root
    # What is left of the first round's momentum is in the second one's.
    calculation = f.outcomes(PROPOSER).calculation(f.board().state(second))
    numerators = calculation.numerators(f.board().state(second).counted)
    assert numerators is not None
    weight = sum(leaf.weight for leaf in f.board().state(second).counted)
    delta = numerators.astype(float) / weight * 2.0**-12
    assert np.allclose(momentum(f), BETA * kept + delta, atol=2.0**-19)
    report = audit(f.place.client().connection, replay=Replay())
    assert report.findings == []


def test_f15_a_proposal_that_names_no_memory_is_slashed(federation: StakedFederation) -> None:
    round_id = federation.revealed()
    federation.proposer(CHEAT, proposers.forgotten()).propose(round_id)
    (deed,) = federation.watcher().step(round_id)
    assert isinstance(deed, WrongStep)
    assert federation.board().state(round_id).standing is None


def hidden(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
    """Proposes the root of a memory that nobody has."""
    return replace(draft, momentum_root=b"\x07" * 32)


def test_f10_a_memory_that_nobody_lays_open_is_asked_for(federation: StakedFederation) -> None:
    f = federation
    round_id = f.revealed()
    f.proposer(CHEAT, hidden).propose(round_id)
    f.certify_result(round_id)
    watcher, board = f.watcher(), f.board()
    assert {type(deed) for deed in watcher.step(round_id)} == {AskMomentum}
    assert {q.kind for q in board.state(round_id).questions} == {QuestionKind.MOMENTUM}
    f.until(watcher, round_id, lambda: board.state(round_id).standing is None)
    assert f.owner.staked_rounds.record(round_id).proposals[0].fault == "withheld momentum"


def test_f10_a_question_about_a_right_memory_is_answered(federation: StakedFederation) -> None:
    f = federation
    round_id = f.revealed()
    f.proposer().propose(round_id)
    f.certify_result(round_id)
    f.client(WATCHER).disputes.ask_momentum(round_id, 1)
    parts = f.board(PROPOSER), f.outcomes(PROPOSER), f.blobs, f.clock
    (deed,) = Watcher(*parts).step(round_id)
    assert isinstance(deed, AnswerChunk)
    question = f.owner.staked_rounds.record(round_id).questions[0]
    assert question.state == QuestionState.ANSWERED


def test_t38_terms_over_another_memory_are_no_trap(federation: StakedFederation) -> None:
    f = federation
    base = f.outcomes(PROPOSER)
    settled(f, f.revealed())
    made_up = f.stakes(base_root=b"\x07" * 32)
    round_id = f.revealed(stakes=made_up)
    with pytest.raises(RoundError, match="the sponsor's terms are wrong"):
        base.require_base(f.board().state(round_id))
    # The plain root would make an average of it, in which an honest step is wrong.
    folder = base.base(f.board().state(round_id))
    server = server_at(f, round_id)
    assert momenta_of(folder, f.stakes().vector_length).root() == server.momentum_root
    round_id = f.revealed(stakes=f.stakes(base_root=server.weights_root))
    with pytest.raises(RoundError, match="the sponsor's terms are wrong"):
        f.proposer().propose(round_id)


def test_f15_a_step_that_nothing_judges_is_refused(federation: StakedFederation) -> None:
    f = federation
    adaptive = TermsDocument(strategy="fedadam", plan=PLAN)
    f.blobs.put_bytes(adaptive.to_json())
    terms = f.terms(strategy=adaptive.strategy, document_digest=adaptive.digest)
    round_id = f.board().open(terms, f.stakes())
    with pytest.raises(ConfigError, match="--panel"):
        f.outcomes(PROPOSER).require_base(f.board().state(round_id))
