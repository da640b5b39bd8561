"""What a staked round comes to, whole: tree, version, result document, payouts.

A pure function of the round's state, its updates and its base: the proposer posts it, and whoever
doubts a proposal works it out again. The chain can't check the digests of version and document, the
scores and what a panel pays by; `review` names where a proposal differs in them, as the audit will
(D-2), and no honest holder vouches for such a one.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import numpy as np

from registry.documents.result import ResultDocument
from registry.errors import ConfigError, RoundError, StorageError, StoreUnavailable
from registry.fraud_proofs.stake_terms import AggregationRule, Proposal
from registry.fraud_proofs.trees import RevealedUpdate, Tree, node_hash
from trainer.documents.fetching import base_of, fetch_base, fetch_document
from trainer.documents.results import result_document
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import map_version, read_memory, read_version, write_version
from trainer.errors import Reason
from trainer.execution.execute import score
from trainer.execution.loading import check_loads
from trainer.execution.round_inputs import RoundInputs
from trainer.execution.validation_set import LARGEST_VALIDATION_SET, named_evaluation
from trainer.execution.version_roots import weights_of
from trainer.ports import BlobStore, RoundBoard
from trainer.scoring import Evaluate, shares_of
from trainer.staked.aggregate import aggregate_of, denominator_of, next_state
from trainer.staked.bases import require_room
from trainer.staked.evidence import CountedUpdates
from trainer.staked.numerator_trees import Calculation
from trainer.staked.ports import StakedBoard
from trainer.staked.published import write_published
from trainer.staked.servers import base_root, require_judged
from trainer.staked.state import StakedState
from trainer.staked.version_parts import Made, made_of
from trainer.strategies import strategy
from trainer.types import AcceptedUpdate, IntVector, RefusedUpdate

__all__ = ["PARTS", "Draft", "Outcomes"]

PARTS = 10**12
"""What the payout root of a round with a panel divides a pot into (P-7)."""
_ROOM = 1 << 20
"""What a version's folder may have beside its tensors: a memory that the base lacks, documents."""


@dataclass(frozen=True, eq=False)
class Draft:
    """A proposal before it is posted, with all that it commits to.

    Args:
        tree: over the updates that count.
        numerators: of its top, shape (n,).
        document: the result document; it names the aggregation's folder once that is stored.
        version_root: of the new version's trained weights (F-13).
        payouts: parts of a million million by address, under the payout root of a round with a
            panel (P-7); empty without one.
        laid_open: whether the aggregation's folder is stored for others.
        momentum_root: of the momentum after the round, zero where no contract computes one (F-15).
    """

    tree: Tree
    numerators: IntVector
    document: ResultDocument
    version_root: bytes
    payouts: dict[str, int]
    laid_open: bool = True
    momentum_root: bytes = bytes(32)


@final
class Outcomes:
    """Works out rounds for one account; keeps nothing but files that may be lost.

    Args:
        board: rounds and versions.
        stakes: the same rounds' stakes.
        blobs: where content comes from and goes to.
        work: a folder for what is fetched and made.
        evaluate: the loss on the validation set, for terms that score by leave_one_out; without,
            it is the one that the terms name, fetched.
        own: see `CountedUpdates`.
    """

    def __init__(
        self,
        board: RoundBoard,
        stakes: StakedBoard,
        blobs: BlobStore,
        work: Path,
        *,
        evaluate: Evaluate | None = None,
        own: Path | None = None,
    ) -> None:
        self._board, self._stakes, self._blobs, self._work = board, stakes, blobs, work
        self._evaluate = evaluate
        self._evidence = CountedUpdates(blobs, work, own)
        self._calculations: dict[bytes, Calculation] = {}

    def release(self, state: StakedState) -> None:
        """Lets the files of a round go that asks for nothing any more."""
        self._calculations.pop(state.round_id, None)
        self._evidence.release(state)
        shutil.rmtree(self._work / state.round_id.hex(), ignore_errors=True)

    def calculation(self, state: StakedState) -> Calculation:
        """Returns the calculation of a round's numerators; what it found out before is kept."""
        key = state.round_id
        if key not in self._calculations:
            self._calculations[key] = Calculation(state, self._evidence, self.folder(key))
        return self._calculations[key]

    def draft(self, state: StakedState, leaves: Sequence[RevealedUpdate] | None = None) -> Draft:
        """Returns the outcome of a round: of the updates that count, or of others.

        Raises:
            RoundError: an update can't be had, or none counts.
            AggregationError: more updates than the rule takes.
            StorageError: the base or the terms document can't be had.
        """
        chosen = state.counted if leaves is None else tuple(leaves)
        if not chosen:
            raise RoundError("expected at least one update that counts, got none")
        calculation = self.calculation(state)
        tree, numerators = calculation.tree(chosen), calculation.numerators(chosen)
        if numerators is None:
            raise RoundError("an update that counts can't be had")
        document = self.terms_document(state)
        made = self._version(state, chosen, numerators, document)
        check_loads(self.base(state), map_version(made))
        accepted = chosen if state.hidden is not None else _accepted(calculation, chosen)
        scores = self._scores(state, document, calculation, chosen)
        result = result_document(
            state.round_id,
            tree.top.numerators_root,
            self._blobs.put_folder(made),
            document.scoring,
            state.round.terms.reward_budget,
            accepted,
            scores,
            _refused(state),
        )
        parts = shares_of(scores, PARTS) if any(state.stakes.panel) else {}
        payouts = {who: part for who, part in parts.items() if part > 0}
        root, memory = made_of(made, document).roots()
        return Draft(tree, numerators, result, root, payouts, momentum_root=memory)

    def store(self, state: StakedState, draft: Draft) -> Proposal:
        """Stores what a draft commits to, and returns the proposal."""
        document = draft.document
        if draft.laid_open:
            folder = self.folder(state.round_id) / "aggregation"
            write_published(folder, state.round_id, draft.tree, draft.numerators)
            document = replace(document, aggregation=self._blobs.put_folder(folder))
        digest = self._blobs.put_bytes(document.to_json())
        roots = draft.tree.top, draft.version_root, document.version_digest, digest
        if not draft.payouts:
            return Proposal(*roots, momentum_root=draft.momentum_root)
        payout = self._stakes.payout(draft.payouts)
        listed = self._blobs.put_bytes(payout.document)
        return Proposal(*roots, payout.root, payout.total, listed, draft.momentum_root)

    def review(self, state: StakedState) -> list[str]:
        """Returns where the standing proposal differs from what is worked out here.

        Raises:
            RoundError: an update can't be had.
            StorageError: the base or the terms document can't be had.
        """
        if state.standing is None:
            return []
        told = state.standing.proposal
        ours = self.store(state, self.draft(state))
        pairs = (
            ("top", node_hash(ours.top), node_hash(told.top)),
            ("version root", ours.version_root, told.version_root),
            ("memory root", ours.momentum_root, told.momentum_root),
            ("version", ours.version_digest, told.version_digest),
            ("document", ours.document_digest, told.document_digest),
            ("payout root", ours.payout_root, told.payout_root),
            ("payout document", ours.payout_document, told.payout_document),
        )
        found = [
            f"{name}: expected 0x{right.hex()}, got 0x{theirs.hex()}"
            for name, right, theirs in pairs
            if right != theirs
        ]
        if ours.payout_total != told.payout_total:
            found.append(f"payout total: expected {ours.payout_total}, got {told.payout_total}")
        return found

    def right_version(self, state: StakedState) -> Made:
        """Returns the version that the round comes to, made here.

        Raises:
            RoundError: an update can't be had, or none counts.
            StorageError: the base or the terms document can't be had.
        """
        numerators = self.calculation(state).numerators(state.counted)
        if numerators is None or not state.counted:
            raise RoundError("an update that counts can't be had, or none counts")
        document = self.terms_document(state)
        return made_of(self._version(state, state.counted, numerators, document), document)

    def _version(
        self,
        state: StakedState,
        leaves: Sequence[RevealedUpdate],
        numerators: IntVector,
        document: TermsDocument,
    ) -> Path:
        """Returns the folder of the version that updates come to, written here."""
        terms, base = state.round.terms, self.base(state)
        weight = sum(leaf.weight for leaf in leaves)
        divided_by = denominator_of(state.stakes, len(leaves), weight)
        aggregate = aggregate_of(numerators, divided_by, terms.lattice)
        made = self.folder(state.round_id) / "version"
        after = next_state(read_version(base), read_memory(base), terms, document, aggregate)
        parents = [base_of(self._board, terms).version_id]
        write_version(base, made, after.tensors, parents, state.round_id, after.memory)
        return made

    def proposed(self, state: StakedState) -> Path | None:
        """Returns the folder of the standing proposal's version; None if it can't be had.

        Raises:
            StoreUnavailable: storage gave no answer.
        """
        if state.standing is None:
            return None
        digest = state.standing.proposal.version_digest
        folder = self._place(state, "proposed", digest)
        # Whatever fills the disk is no version of this base. A momentum is twice as large.
        most = _ROOM + 4 * sum(path.stat().st_size for path in self.base(state).rglob("*"))
        try:
            self._blobs.get_folder(digest, folder, most)
        except StoreUnavailable:
            raise
        except StorageError:
            return None
        return folder

    def require_base(self, state: StakedState) -> None:
        """Returns if the round's terms name the root that its base version has (F-13, F-15).

        Raises:
            RoundError: they name another one, or another precision or length.
            StorageError: the base or the terms document can't be had.
            ConfigError: weights of other types than can be proved, or a strategy that nothing
                judges under these terms.
        """
        document, base, stakes = self.terms_document(state), self.base(state), state.stakes
        rule = strategy(document.strategy, document.strategy_parameters)
        require_judged(rule, panel=any(stakes.panel))
        weights = weights_of(base, document)
        ours = base_root(document, weights, base), weights.bits, weights.length
        told = stakes.base_root, stakes.precision, stakes.vector_length
        if ours != told:
            raise RoundError(
                f"round {state.round.number}: its terms name a base of root 0x{told[0].hex()}, "
                f"{told[2]} weights of {told[1]} bits; the base version has 0x{ours[0].hex()}, "
                f"{ours[2]} of {ours[1]}: the sponsor's terms are wrong, don't take part"
            )
        require_room(base, document)
        judged = stakes.rule == AggregationRule.HIDDEN_MEAN
        if judged != (state.hidden is not None) or judged != (document.hidden is not None):
            raise RoundError(
                f"round {state.round.number}: its stake terms, its document and HiddenRounds don't "
                "agree on whether updates are hidden: the terms are wrong, don't take part"
            )

    def base(self, state: StakedState) -> Path:
        """Returns the folder of the version that the round trains further, fetched."""
        terms = state.round.terms
        folder = self._place(state, "base", base_of(self._board, terms).content_digest)
        fetch_base(self._board, self._blobs, terms, folder)
        return folder

    def _place(self, state: StakedState, name: str, digest: bytes) -> Path:
        """Returns where content goes: what was fetched before may remember what this doesn't."""
        return self.folder(state.round_id) / name / digest.hex()

    def folder(self, round_id: bytes) -> Path:
        """Returns the round's own folder, made if it isn't there."""
        folder = self._work / round_id.hex()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def terms_document(self, state: StakedState) -> TermsDocument:
        """Returns the document that the round's terms name, fetched."""
        return fetch_document(self._blobs, state.round.terms)

    def keep(self, folder: Path) -> bytes:
        """Stores a folder where others find it; returns its digest."""
        return self._blobs.put_folder(folder)

    def _scores(
        self,
        state: StakedState,
        document: TermsDocument,
        calculation: Calculation,
        chosen: Sequence[RevealedUpdate],
    ) -> dict[str, int]:
        if state.hidden is not None:  # a hidden update can't be scored alone
            return {leaf.participant: 1 for leaf in chosen}
        base, accepted = self.base(state), _accepted(calculation, chosen)
        if document.scoring != "examples" and state.stakes.rule != AggregationRule.MEAN:
            raise ConfigError("leave_one_out scores the mean; score robust rounds by examples")
        terms = state.round.terms
        evaluate = self._evaluate or named_evaluation(document, base, self._validation_set)
        tensors, memory = read_version(base), read_memory(base)
        return score(RoundInputs.under(terms, document, tensors, accepted, memory, evaluate))

    def _validation_set(self, digest: bytes) -> Path:
        folder = self._work / "validation-set" / digest.hex()
        self._blobs.get_folder(digest, folder, LARGEST_VALIDATION_SET)
        return folder


def _accepted(calculation: Calculation, leaves: Sequence[RevealedUpdate]) -> list[AcceptedUpdate]:
    accepted = {}
    for leaf in leaves:
        vector = calculation.vector(leaf)
        if isinstance(vector, np.ndarray):
            accepted[leaf.participant] = AcceptedUpdate.of(leaf, vector)
    return list(accepted.values())


def _refused(state: StakedState) -> list[RefusedUpdate]:
    counted = {leaf.participant for leaf in state.counted}
    return [
        RefusedUpdate(p, Reason.STAKE, "slashed" if p in state.slashed else "not certified")
        for p in state.round.reveals
        if p not in counted
    ]
