"""What a staked round comes to, whole: tree, version, result document, payouts.

A pure function of the round's state, its updates and its base: the proposer posts it, and whoever
doubts a proposal works it out again. The chain can't check the version, the scores' shares and
the payout root; `review` names where a proposal differs in them, as the audit will (D-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from registry.errors import ConfigError, RoundError
from registry.result_document import ResultDocument
from registry.round_trees import FAN_IN, Leaf, Tree
from registry.stake_terms import Proposal, Rule
from trainer.errors import Reason
from trainer.execution import score
from trainer.held_out import LARGEST_HELD_OUT, named_evaluation
from trainer.named_documents import fetch_document, fetch_owed
from trainer.ports import BlobStore, RoundBoard
from trainer.results import result_document
from trainer.scoring import Evaluate
from trainer.staked.calculation import Calculation
from trainer.staked.evidence import Evidence
from trainer.staked.ports import PayoutRoot, StakedBoard
from trainer.staked.published import write_published
from trainer.staked.rounding import aggregate_of, denominator_of, next_tensors
from trainer.staked.state import StakedState
from trainer.terms_document import TermsDocument
from trainer.types import AcceptedUpdate, IntVector, RefusedUpdate
from trainer.versions import read_version, write_version

__all__ = ["Draft", "Outcomes"]

_LARGEST_BASE = 1 << 40


@dataclass(frozen=True, eq=False)
class Draft:
    """A proposal before it is posted, with all that it commits to.

    Args:
        tree: over the updates that count.
        numerators: of its top, shape (n,).
        document: the result document; it names the aggregation's folder once that is stored.
        cumulative: the amounts under the payout root, by address; empty without a budget.
        laid_open: whether the aggregation's folder is stored for others.
    """

    tree: Tree
    numerators: IntVector
    document: ResultDocument
    cumulative: dict[str, int]
    laid_open: bool = True


@final
class Outcomes:
    """Works out rounds for one account; keeps nothing but files that may be lost.

    Args:
        board: rounds and versions.
        stakes: the same rounds' stakes.
        blobs: where content comes from and goes to.
        work: a folder for what is fetched and made.
        evaluate: the loss on the held-out set, for terms that score by leave_one_out; without,
            it is the one that the terms name, fetched.
        own: see `Evidence`.
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
        self._evidence = Evidence(blobs, work, own)
        self._calculations: dict[bytes, Calculation] = {}

    def calculation(self, state: StakedState) -> Calculation:
        """Returns the calculation of a round's numerators; what it found out before is kept."""
        key = state.round_id
        if key not in self._calculations:
            self._calculations[key] = Calculation(state, self._evidence, self.folder(key))
        return self._calculations[key]

    def draft(
        self, state: StakedState, leaves: Sequence[Leaf] | None = None, fan_in: int = FAN_IN
    ) -> Draft:
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
        tree, numerators = calculation.tree(chosen, fan_in), calculation.numerators(chosen)
        if numerators is None:
            raise RoundError("an update that counts can't be had")
        terms = state.round.terms
        document = self._document(state)
        base = self.base(state)
        divided_by = denominator_of(state.stakes, tree.top.count, tree.top.weight)
        aggregate = aggregate_of(numerators, divided_by, terms.lattice)
        made = self.folder(state.round_id) / "version"
        tensors = next_tensors(read_version(base), terms, document, aggregate)
        version = self._board.versions(terms.model_id)[terms.base_version - 1]
        write_version(base, made, tensors, [version.version_id], state.round_id)
        accepted = _accepted(calculation, chosen)
        result = result_document(
            state.round_id,
            tree.top.numerators_root,
            self._blobs.put_folder(made),
            document.scoring,
            terms.reward_budget,
            accepted,
            self._scores(state, document, base, accepted),
            _refused(state),
        )
        return Draft(tree, numerators, result, self._cumulative(state, result))

    def store(self, state: StakedState, draft: Draft) -> Proposal:
        """Stores what a draft commits to, and returns the proposal."""
        document = draft.document
        if draft.laid_open:
            folder = self.folder(state.round_id) / "aggregation"
            write_published(folder, state.round_id, draft.tree, draft.numerators)
            document = replace(document, aggregation=self._blobs.put_folder(folder))
        digest = self._blobs.put_bytes(document.to_json())
        top, version = draft.tree.top, document.version_digest
        if not draft.cumulative:
            return Proposal(top, version, digest)
        payout = self._stakes.payout(draft.cumulative)
        listed = self._blobs.put_bytes(payout.document)
        return Proposal(top, version, digest, payout.root, payout.total, listed)

    def review(self, state: StakedState) -> list[str]:
        """Returns where the standing proposal differs in what no contract can check.

        Raises:
            RoundError: an update can't be had.
            StorageError: the base or the terms document can't be had.
        """
        standing = state.standing
        if standing is None:
            return []
        draft, told = self.draft(state), standing.proposal
        payout = PayoutRoot(bytes(32), 0, b"")
        if draft.cumulative:
            payout = self._stakes.payout(draft.cumulative)
        pairs = (
            ("version", draft.document.version_digest, told.version_digest),
            ("payout root", payout.root, told.payout_root),
        )
        found = [
            f"{name}: expected 0x{ours.hex()}, got 0x{theirs.hex()}"
            for name, ours, theirs in pairs
            if ours != theirs
        ]
        if payout.total != told.payout_total:
            found.append(f"payout total: expected {payout.total}, got {told.payout_total}")
        return found

    def base(self, state: StakedState) -> Path:
        """Returns the folder of the version that the round trains further, fetched."""
        terms = state.round.terms
        version = self._board.versions(terms.model_id)[terms.base_version - 1]
        folder = self.folder(state.round_id) / "base"
        self._blobs.get_folder(version.content_digest, folder, _LARGEST_BASE)
        return folder

    def folder(self, round_id: bytes) -> Path:
        """Returns the round's own folder, made if it isn't there."""
        folder = self._work / round_id.hex()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _document(self, state: StakedState) -> TermsDocument:
        return fetch_document(self._blobs, state.round.terms)

    def _scores(
        self,
        state: StakedState,
        document: TermsDocument,
        base: Path,
        accepted: Sequence[AcceptedUpdate],
    ) -> dict[str, int]:
        if document.scoring != "examples" and state.stakes.rule != Rule.MEAN:
            raise ConfigError("leave_one_out scores the mean; score robust rounds by examples")
        terms = state.round.terms
        evaluate = self._evaluate or named_evaluation(document, base, self._held_out)
        return score(read_version(base), terms, document, accepted, evaluate)

    def _held_out(self, digest: bytes) -> Path:
        folder = self._work / "held-out" / digest.hex()
        self._blobs.get_folder(digest, folder, LARGEST_HELD_OUT)
        return folder

    def _cumulative(self, state: StakedState, result: ResultDocument) -> dict[str, int]:
        """Returns what is due once this round is final: its shares, and those of final ones.

        Whoever reviews a proposal takes the rounds that were final when it was made.
        """
        terms = state.round.terms
        if not terms.reward_budget:
            return {}
        owed, final = [result.shares], self._stakes.final_before(state.round_id)
        for round_id in self._board.rounds_of(terms.model_id):
            other = self._board.state(round_id)
            same = other.terms.reward_token == terms.reward_token and round_id != state.round_id
            if same and round_id in final and other.result is not None:
                # A document that can't be had is an error here, and no round is left out as an
                # owner may: who reviews has to come to these amounts, and whoever can read what
                # a proposal leaves out would refute it.
                owed.append(fetch_owed(self._blobs, other))
        due: dict[str, int] = {}
        for shares in owed:
            for address, share in shares.items():
                due[address] = due.get(address, 0) + share
        return {address: amount for address, amount in due.items() if amount > 0}


def _accepted(calculation: Calculation, leaves: Sequence[Leaf]) -> list[AcceptedUpdate]:
    accepted = {}
    for leaf in leaves:
        vector = calculation.vector(leaf)
        if vector is not None:
            words = leaf.update_root, leaf.content_digest, leaf.weight
            accepted[leaf.participant] = AcceptedUpdate(leaf.participant, *words, vector)
    return list(accepted.values())


def _refused(state: StakedState) -> list[RefusedUpdate]:
    counted = {leaf.participant for leaf in state.counted}
    return [
        RefusedUpdate(p, Reason.STAKE, "struck" if p in state.struck else "not enlisted")
        for p in state.round.reveals
        if p not in counted
    ]
