"""An adaptive server under stake: no contract computes its step, so evaluators say (F-11, F-15)."""

from __future__ import annotations

from pathlib import Path

import cheating_proposers as proposers
from staked_federation import (
    CHEAT,
    DISPUTE,
    FUNDS,
    PEOPLE,
    STAKE,
    WATCHER,
    StakedFederation,
    federation_on_a_chain,
)
from tests_roles import OWNER

from registry.audit import audit
from registry.signing import LocalSigner
from trainer.adapters.replay import Replay
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_memory
from trainer.plan.training_plan import LocalPlan
from trainer.staked.evaluator import found_of

APPEAL = 120


def decided(f: StakedFederation, round_id: bytes, *who: LocalSigner) -> bool:
    """Lets evaluators work the round out by themselves; returns whether they found it right."""
    signed = []
    for evaluator in who:
        statement = found_of(f.board(evaluator), f.outcomes(evaluator, "-evaluates"), round_id)
        signed.append(f.client(evaluator).evaluations.sign(evaluator, statement))
    decision = f.owner.evaluations.attest(signed)
    f.clock.wait_until(decision.appeal_ends_at)
    return decision.correct


def test_f15_evaluators_refute_a_wrong_adaptive_step_and_confirm_the_right_one(
    tmp_path: Path,
) -> None:
    document = TermsDocument(strategy="fedadam", plan=LocalPlan(1, 8, "sgd", "0.1", 3))
    with federation_on_a_chain(tmp_path, document) as f:
        members = [person.address for person in PEOPLE]
        panel = f.owner.evaluations.create_panel(members, 2, WATCHER.address, APPEAL).panel
        round_id = f.revealed(stakes=f.stakes(panel=panel))
        f.outcomes(WATCHER).require_base(f.board().state(round_id))
        f.proposer(CHEAT, proposers.wrong_weight(300)).propose(round_id)
        # Whatever a watcher tried, its proof would be refused.
        assert f.watcher().step(round_id) == []
        assert f.notes[-1].kind == "unprovable"
        assert not decided(f, round_id, *PEOPLE[1:])
        f.owner.evaluations.enforce_decision(round_id)
        assert f.owner.stakes.of(CHEAT.address).free == FUNDS - 3 * STAKE
        honest = f.proposer()
        proposal = honest.propose(round_id)
        assert proposal.momentum_root == bytes(32)
        for _ in range(2):
            for who in PEOPLE[:2]:
                f.holder(who).step(f.board().state(round_id), f.clock.now())
        f.clock.wait_until(f.clock.now() + DISPUTE)
        assert decided(f, round_id, *PEOPLE[:2])
        honest.settle(round_id)
        version = f.proposer(OWNER).publish(round_id)
        f.blobs.get_folder(version.content_digest, tmp_path / "published", 1 << 20)
        assert set(read_memory(tmp_path / "published")) == {"mean", "second"}
        # The next round starts from what this one remembered.
        following = f.revealed(stakes=f.stakes(panel=panel))
        f.outcomes(WATCHER).require_base(f.board().state(following))
        assert f.outcomes(WATCHER).draft(f.board().state(following)).momentum_root == bytes(32)
        report = audit(f.place.client().connection, replay=Replay())
        assert report.findings == []
