"""The watcher: follows staked rounds, works each proposal out again, and proves what is wrong.

Its state is the chain. What it keeps on disk is content that can be fetched or worked out again,
so a restart or a re-org changes nothing but time. What the chain can't check, it reports.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import final

from registry.errors import ConfigError, Reverted, StorageError, StoreUnavailable, TrainingError
from registry.fraud_proofs.nodes import leaf_hash, node_hash
from registry.fraud_proofs.stake_terms import QuestionKind
from trainer.ports import BlobStore, Clock
from trainer.staked.comparison import compared
from trainer.staked.disclosure import Disclosure
from trainer.staked.numerator_trees import BITS
from trainer.staked.outcome import Outcomes
from trainer.staked.ports import StakedBoard
from trainer.staked.state import StakedState
from trainer.staked.verdict import Observed, Verdict, judge, proof_of
from trainer.staked.version_parts import Made
from trainer.staked.watcher_actions import WatcherAction
from trainer.staked.watcher_policy import Limits, WatcherContext, decide

__all__ = ["Note", "Watcher"]


@dataclass(frozen=True)
class Note:
    """What a watcher has to say: about which round, of which kind, in words.

    `kind` is the name of a deed that was sent; `refused` for one that the chain refused;
    `unprovable` for a divergence that no contract can check; `blind` for what can't be seen.
    """

    round_id: bytes
    kind: str
    text: str


@final
class Watcher:
    """Watches for one account, which asks under its own bonds and earns what its proofs award.

    Args:
        board: the chain's stakes.
        outcomes: works rounds out.
        blobs: where content lies.
        clock: the rounds' time.
        limits: of questions.
        told: called with each note, once per note.
    """

    def __init__(
        self,
        board: StakedBoard,
        outcomes: Outcomes,
        blobs: BlobStore,
        clock: Clock,
        limits: Limits | None = None,
        told: Callable[[Note], None] = lambda note: None,
    ) -> None:
        self._board, self._outcomes, self._blobs, self._clock = board, outcomes, blobs, clock
        self._limits, self._told = limits or Limits(), told
        self._disclosures: dict[bytes, Disclosure] = {}
        self._right: set[tuple[bytes, ...]] = set()
        self._made: dict[tuple[bytes, ...], Made] = {}
        self._reviewed: set[tuple[bytes, ...]] = set()
        self._noted: set[Note] = set()

    def step(self, round_id: bytes) -> list[WatcherAction]:
        """Does what a round asks of its watcher now; returns what changed something on the chain.

        A deed that the chain refuses is noted and looked at anew in the next step: somebody else
        may have been faster, or a re-org may have changed what is so.
        """
        state = self._board.state(round_id)
        mine = self._board.account
        if state.over and not any(state.bond_due_to(q) == mine for q in state.questions):
            return []
        try:
            deeds = decide(self._view(state))
        except (StoreUnavailable, ConfigError) as error:
            self._note(state, "blind", f"storage gave no answer, looking again: {error}")
            return []
        done = []
        for deed in deeds:
            try:
                if self._board.carry_out(round_id, deed):
                    done.append(deed)
                    self._tell(Note(round_id, type(deed).__name__, _about(deed)))
            except Reverted as error:
                self._note(state, "refused", f"{type(deed).__name__}: {error}")
        return done

    def release(self, state: StakedState) -> None:
        """Lets what was worked out for a round go that asks for nothing any more."""
        self._disclosures.pop(state.round_id, None)
        for key in [key for key in self._made if key[0] == state.round_id]:
            del self._made[key]
        self._outcomes.release(state)

    def _view(self, state: StakedState) -> WatcherContext:
        truth = self._outcomes.calculation(state)
        known, verdict, made = self._disclosure(state).known(state, truth), Verdict(), None
        if state.disputed is not None:
            verdict = self._verdict(state, known)
            if verdict.right:
                made, verdict = self._weighed(state, known)
            self._review(state, verdict)
        if made is None and _version_is_asked_for(state):
            made = self._right_version(state)
        now, right = (
            self._clock.now(),
            (None, None) if made is None else (made.weights, made.memory),
        )
        return WatcherContext(
            state, self._board.account, now, truth, known, verdict, self._limits, *right
        )

    def _weighed(self, state: StakedState, known: Observed) -> tuple[Made | None, Verdict]:
        """Returns the right version, and what is wrong with that of a proposal of right sums."""
        right, standing = self._right_version(state), state.disputed
        if right is None or standing is None:
            return right, Verdict()
        if right.roots() == (standing.proposal.version_root, standing.proposal.momentum_root):
            return right, Verdict()
        numerators = self._outcomes.calculation(state).numerators(state.counted)
        if numerators is None:
            return right, Verdict()
        try:
            proof = partial(proof_of, numerators, BITS)
            return right, compared(self._outcomes, state, right, known, proof)
        except StoreUnavailable:
            raise
        except (ConfigError, StorageError, TrainingError) as error:
            self._note(state, "unprovable", f"weights not compared: {error}")
            return right, Verdict()

    def _right_version(self, state: StakedState) -> Made | None:
        key = (state.round_id, *map(leaf_hash, state.counted))
        try:
            if key not in self._made:
                self._made[key] = self._outcomes.right_version(state)
        except StoreUnavailable:
            raise
        except (ConfigError, StorageError, TrainingError) as error:
            self._note(state, "unprovable", f"weights not worked out again: {error}")
            return None
        return self._made[key]

    def _disclosure(self, state: StakedState) -> Disclosure:
        folder = self._outcomes.folder(state.round_id)
        made = Disclosure(self._board, self._blobs, folder)
        return self._disclosures.setdefault(state.round_id, made)

    def _verdict(self, state: StakedState, known: Observed) -> Verdict:
        key = _key(state)
        if key in self._right:
            return Verdict()
        verdict = judge(state, self._outcomes.calculation(state), known)
        if verdict.right:
            self._right.add(key)
        for participant in verdict.blind:
            self._note(state, "blind", f"the update of {participant} can't be had")
        return verdict

    def _review(self, state: StakedState, verdict: Verdict) -> None:
        """Compares what no contract can check, once per proposal whose sums are right."""
        key = (*_key(state), state.disputed.proposal.version_digest) if state.disputed else ()
        if not verdict.right or key in self._reviewed:
            return
        self._reviewed.add(key)
        try:
            found = self._outcomes.review(state)
        except (ConfigError, StorageError, TrainingError) as error:
            found = [f"not worked out again: {error}"]
        for text in found:
            self._note(state, "unprovable", text)

    def _note(self, state: StakedState, kind: str, text: str) -> None:
        self._tell(Note(state.round_id, kind, text))

    def _tell(self, note: Note) -> None:
        if note not in self._noted:
            self._noted.add(note)
            self._told(note)


def _key(state: StakedState) -> tuple[bytes, ...]:
    """What a verdict is about: a proposal's top, and the updates that count."""
    top = node_hash(state.disputed.proposal.top) if state.disputed else b""
    return (state.round_id, top, *map(leaf_hash, state.counted))


def _version_is_asked_for(state: StakedState) -> bool:
    kinds = QuestionKind.VERSION, QuestionKind.MOMENTUM
    waiting = (q for q in state.questions if q.open and q.kind in kinds)
    return not state.over and any(map(state.is_stale, waiting))


def _about(deed: WatcherAction) -> str:
    """Returns what a deed is about, in a few words."""
    fields = vars(deed)
    words = [
        f"{name} {fields[name]}" for name in ("question", "chunk", "position") if name in fields
    ]
    leaf = fields.get("leaf")
    who = fields.get("participant") or (leaf.participant if leaf is not None else "")
    return ", ".join([who, *words] if who else words) or "the tree's own words"
