"""Disputes on the chain: proofs of faults, questions about what is withheld, answers (F-9, F-10).

A proof is announced by the hash of its whole call, which names this account as the beneficiary,
and sent in a later block: nobody who sees it can earn what it earns (F-18). A step that is done
already isn't sent again, so that a watcher may repeat itself after a cut: what rejects or closes
something returns whether this call did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.errors import ConfigError
from registry.fraud_proofs.nodes import Children, Leaf, Path, node_hash
from registry.fraud_proofs.server_steps import Server, StepProof
from registry.fraud_proofs.stake_terms import ChunkProof, Proposal, QuestionKind, words
from registry.hashing import keccak256
from registry.index import QuestionRecord, QuestionState, StakedRoundRecord, Standing
from registry.types import RoundId
from registry.usecases.connection import Connection
from registry.usecases.staked_rounds import find_staked_round

__all__ = ["Disputes"]


def _was_rejected(record: StakedRoundRecord, path: Path) -> bool:
    """Whether a proposal of that top was rejected and none of that top stands."""
    top = path.nodes[0]
    if record.standing is not None and record.standing.proposal.top == top:
        return False
    rejected = (p for p in record.proposals if p.standing == Standing.REJECTED)
    return any(p.proposal.top == top for p in rejected)


class Disputes:
    """The steps of disputes, sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def _ask_of(self, function: str, record: StakedRoundRecord, *arguments: Any) -> None:
        contract = self._on.contracts["Questions"]
        contract.write(function, record.round_id, words(record.stakes), *arguments)

    def _announced(self, function: str, record: StakedRoundRecord, *arguments: Any) -> None:
        """Announces a proof, if that isn't done yet, and gives it."""
        contract = self._on.contracts["Disputes"]
        call = (record.round_id, words(record.stakes), *arguments, self._on.account)
        digest = keccak256(contract.call_data(function, *call))
        if not contract.read("announcedIn", digest):
            contract.write("announce", digest)
        contract.write(function, *call)

    def _record(self, round_id: RoundId) -> StakedRoundRecord:
        return find_staked_round(self._on, round_id)

    def question(self, round_id: RoundId, number: int) -> QuestionRecord:
        """Returns a question by its number.

        Raises:
            ConfigError: there is none.
        """
        questions = self._record(round_id).questions
        if not 0 <= number < len(questions):
            raise ConfigError(
                f"round 0x{round_id.hex()}: expected one of {len(questions)} questions, counted "
                f"from 0, got {number}"
            )
        return questions[number]

    # faults of a proposal

    def _prove(self, function: str, round_id: RoundId, path: Path, *arguments: Any) -> bool:
        record = self._record(round_id)
        if _was_rejected(record, path):
            return False
        self._announced(function, record, words(path), *arguments)
        return True

    def prove_wrong_node(self, round_id: RoundId, path: Path, children: Children) -> bool:
        """Rejects a proposal with a node that doesn't say what its children do.

        Raises:
            Reverted: `NodeIsSound`, or nothing can be disputed.
        """
        return self._prove("proveWrongNode", round_id, path, words(children))

    def prove_wrong_leaf(
        self, round_id: RoundId, path: Path, hashes: Sequence[bytes], position: int, leaf: Leaf
    ) -> bool:
        """Rejects a proposal that counts what wasn't revealed so, or doesn't count.

        Args:
            round_id: 32 bytes.
            path: to the node above the leaf.
            hashes: of all that node's children.
            position: the leaf's, among them.
            leaf: what is wrong.

        Raises:
            Reverted: `LeafMatchesReveal`, or nothing can be disputed.
        """
        arguments = (list(hashes), position, words(leaf))
        return self._prove("proveWrongLeaf", round_id, path, *arguments)

    def prove_left_out(
        self, round_id: RoundId, path: Path, children: Children, participant: str
    ) -> bool:
        """Rejects a proposal that leaves out a participant whose update counts.

        Args:
            round_id: 32 bytes.
            path: to the lowest node in whose range the participant lies; the top, if in none.
            children: that node's.
            participant: its address.

        Raises:
            Reverted: `NotLeftOut`, `NotCounted`, or nothing can be disputed.
        """
        return self._prove("proveLeftOut", round_id, path, words(children), participant)

    def prove_wrong_chunk(
        self,
        round_id: RoundId,
        path: Path,
        children: Children,
        chunk: int,
        inputs: Sequence[ChunkProof],
        numerators: ChunkProof,
    ) -> bool:
        """Rejects a proposal with a chunk of numerators that the children's chunks don't give.

        Args:
            round_id: 32 bytes.
            path: to the node.
            children: the node's.
            chunk: which chunk, counted from 0.
            inputs: that chunk of every child, in their order.
            numerators: that chunk of the node's own vector.

        Raises:
            Reverted: `ChunkIsCorrect`, a chunk that isn't proven, or nothing can be disputed.
        """
        proofs = [words(proof) for proof in inputs]
        arguments = (words(children), chunk, proofs, words(numerators))
        return self._prove("proveWrongChunk", round_id, path, *arguments)

    def prove_wrong_version(
        self,
        round_id: RoundId,
        chunk: int,
        base: ChunkProof,
        numerators: ChunkProof,
        weights: ChunkProof,
    ) -> bool:
        """Rejects a proposal with a chunk of weights that base and numerators don't give (F-13).

        Args:
            round_id: 32 bytes.
            chunk: which chunk, counted from 0.
            base: that chunk of the base's weights.
            numerators: that chunk of the top's numerators.
            weights: that chunk of the proposed version's weights.

        Raises:
            Reverted: `VersionIsCorrect`, a chunk that isn't proven, or nothing can be disputed.
        """
        record = self._record(round_id)
        if record.standing is None:
            return False
        proofs = [words(proof) for proof in (base, numerators, weights)]
        proposal = words(record.standing.proposal)
        self._announced("proveWrongVersion", record, proposal, chunk, *proofs)
        return True

    def prove_wrong_step(
        self, round_id: RoundId, server: Server, chunk: int, proof: StepProof
    ) -> bool:
        """Rejects a proposal with a chunk that the server's step doesn't give (F-15).

        Args:
            round_id: 32 bytes.
            server: what the terms' base root is of.
            chunk: which chunk, of the new weights or of the new momentum.
            proof: that chunk of what goes into the step, and of what is claimed.

        Raises:
            Reverted: `VersionIsCorrect`, `WrongServer`, a chunk that isn't proven, or nothing can
                be disputed.
        """
        record = self._record(round_id)
        if record.standing is None:
            return False
        call = words(record.standing.proposal), server.words(), chunk, proof.words()
        self._announced("proveWrongStep", record, *call)
        return True

    # faults of a participant

    def prove_out_of_range(
        self, round_id: RoundId, leaf: Leaf, chunk: int, proof: ChunkProof
    ) -> bool:
        """Slashes a participant whose vector holds a value outside the lattice, in time.

        Raises:
            Reverted: `InRange`, `NotRevealedSo`, or too late.
        """
        record = self._record(round_id)
        if leaf.participant in record.slashed:
            return False
        self._announced("proveOutOfRange", record, words(leaf), chunk, words(proof))
        return True

    # withheld data

    def ask_update(self, round_id: RoundId, leaf: Leaf, chunk: int) -> int:
        """Asks under a bond for a chunk of a revealed update; returns the question's number."""
        what = (QuestionKind.UPDATE, 0, leaf.update_root, chunk)
        return self._ask("askUpdate", round_id, what, words(leaf), chunk)

    def ask_result(self, round_id: RoundId, path: Path, chunk: int) -> int:
        """Asks under a bond for a chunk of a node's numerators; returns the question's number."""
        number = len(self._record(round_id).proposals)
        what = (QuestionKind.RESULT, number, path.end.numerators_root, chunk)
        return self._ask("askResult", round_id, what, words(path), chunk)

    def ask_node(self, round_id: RoundId, path: Path) -> int:
        """Asks under a bond for a node's children; returns the question's number."""
        number = len(self._record(round_id).proposals)
        what = (QuestionKind.NODE, number, node_hash(path.end), 0)
        return self._ask("askNode", round_id, what, words(path))

    def ask_version(self, round_id: RoundId, chunk: int) -> int:
        """Asks under a bond for a chunk of the new weights; returns the question's number.

        Raises:
            ConfigError: no proposal stands.
        """
        record, proposal = self._asked_of(round_id, "weights")
        what = (QuestionKind.VERSION, len(record.proposals), proposal.version_root, chunk)
        return self._ask("askVersion", round_id, what, words(proposal), chunk)

    def ask_momentum(self, round_id: RoundId, chunk: int) -> int:
        """Asks under a bond for a chunk of the new momentum; returns the question's number.

        Raises:
            ConfigError: no proposal stands.
            Reverted: `NoMomentum`: the standing one names no memory.
        """
        record, proposal = self._asked_of(round_id, "memory")
        what = (QuestionKind.MOMENTUM, len(record.proposals), proposal.momentum_root, chunk)
        return self._ask("askMomentum", round_id, what, words(proposal), chunk)

    def _asked_of(self, round_id: RoundId, what: str) -> tuple[StakedRoundRecord, Proposal]:
        record = self._record(round_id)
        if record.standing is None:
            raise ConfigError(f"no proposal stands whose {what} could be asked for")
        return record, record.standing.proposal

    def _ask(self, function: str, round_id: RoundId, what: tuple[Any, ...], *rest: Any) -> int:
        own = self._asked(round_id, what)
        waiting = [q.number for q in own if q.state == QuestionState.OPEN]
        if waiting:
            return waiting[-1]
        self._ask_of(function, self._record(round_id), *rest)
        asked = self._asked(round_id, what)  # answered by now, perhaps
        if len(asked) == len(own):
            raise ConfigError("the question was asked but is not in the events; ask again")
        return asked[-1].number

    def _asked(self, round_id: RoundId, what: tuple[Any, ...]) -> list[QuestionRecord]:
        """This account's own questions of the same."""
        own = (q for q in self._record(round_id).questions if q.asker == self._on.account)
        return [q for q in own if (q.kind, q.proposal, q.subject, q.chunk) == what]

    def _end(self, function: str, round_id: RoundId, number: int, *arguments: Any) -> bool:
        if self.question(round_id, number).state != QuestionState.OPEN:
            return False
        self._ask_of(function, self._record(round_id), number, *arguments)
        return True

    def answer_chunk(self, round_id: RoundId, number: int, proof: ChunkProof) -> bool:
        """Answers a question with a chunk.

        The bond goes to whose data it is, of a result when its proposal has stood to the end.

        Raises:
            Reverted: `AnswerNotProven`, or too late.
        """
        return self._end("answerChunk", round_id, number, words(proof))

    def answer_node(self, round_id: RoundId, number: int, path: Path, children: Children) -> bool:
        """Answers a question with a sound node's children.

        The bond goes to the proposer when its proposal has stood to the end.

        Raises:
            Reverted: `AnswerNotProven`, or too late.
        """
        return self._end("answerNode", round_id, number, words(path), words(children))

    def punish_silence(self, round_id: RoundId, number: int) -> bool:
        """Takes the stake of who left a question unanswered; the bond goes back.

        Raises:
            Reverted: there is still time to answer, or it can't be punished any more.
        """
        return self._end("punishSilence", round_id, number)

    def close_question(self, round_id: RoundId, number: int) -> bool:
        """Ends a question that has become pointless, or pays the bond that an answered one left.

        The bond goes back; that of an answered one about a proposal that stood to the end goes to
        the proposer. Returns whether there was a bond.

        Raises:
            Reverted: `QuestionStands`.
        """
        if not self.question(round_id, number).bond_held:
            return False
        self._ask_of("closeQuestion", self._record(round_id), number)
        return True
