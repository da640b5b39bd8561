"""Disputes on the chain: proofs of faults, questions about what is withheld, answers (F-9, F-10).

A proof is announced by the hash of its whole call, which names this account as the beneficiary,
and sent in a later block: nobody who sees it can earn what it earns (F-18). A step that is done
already isn't sent again, so that a watcher may repeat itself after a cut: what rejects or closes
something returns whether this call did.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import disputes as contracts
from registry.chain.bindings.questions import Questions
from registry.chain.bindings.structs import OpenedSecrets
from registry.chain.calls import Call
from registry.errors import ConfigError
from registry.fraud_proofs.nodes import Children, Path, RevealedUpdate, node_hash
from registry.fraud_proofs.server_steps import Server, StepProof
from registry.fraud_proofs.stake_terms import ChunkProof, Proposal, QuestionKind
from registry.hashing import keccak256
from registry.index import ProposalStatus, QuestionRecord, QuestionState, StakedRoundRecord
from registry.types import RoundId
from registry.usecases.connection import Connection
from registry.usecases.staked_rounds import find_staked_round

__all__ = ["Disputes"]

_Question = tuple[QuestionKind, int, bytes, int]
"""What is asked for, of which proposal, of which root or node, and which chunk."""


def _was_rejected(record: StakedRoundRecord, path: Path) -> bool:
    """Whether a proposal of that top was rejected and none of that top stands."""
    top = path.nodes[0]
    if record.standing is not None and record.standing.proposal.top == top:
        return False
    rejected = (p for p in record.proposals if p.standing == ProposalStatus.REJECTED)
    return any(p.proposal.top == top for p in rejected)


class Disputes:
    """The steps of disputes, sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _contract(self) -> contracts.Disputes:
        return self._connection.chain.disputes

    @property
    def _questions(self) -> Questions:
        return self._connection.chain.questions

    def _give(self, proof: Call) -> None:
        """Announces a proof, if that isn't done yet, and gives it."""
        digest = keccak256(proof.data)
        if not self._contract.announced_in(digest).read():
            self._contract.announce(digest).send()
        proof.send()

    def _record(self, round_id: RoundId) -> StakedRoundRecord:
        return find_staked_round(self._connection, round_id)

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

    def _reject(self, record: StakedRoundRecord, path: Path, proof: Call) -> bool:
        if _was_rejected(record, path):
            return False
        self._give(proof)
        return True

    def prove_wrong_node(self, round_id: RoundId, path: Path, children: Children) -> bool:
        """Rejects a proposal with a node that doesn't say what its children do.

        Raises:
            Reverted: `NodeIsSound`, or nothing can be disputed.
        """
        record = self._record(round_id)
        faulty = round_id, record.stakes, path, children
        proof = self._contract.prove_wrong_node(*faulty, self._connection.account)
        return self._reject(record, path, proof)

    def prove_wrong_leaf(
        self,
        round_id: RoundId,
        path: Path,
        hashes: Sequence[bytes],
        position: int,
        leaf: RevealedUpdate,
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
        record, faulty = self._record(round_id), (hashes, position, leaf)
        proof = self._contract.prove_wrong_leaf(
            round_id, record.stakes, path, *faulty, self._connection.account
        )
        return self._reject(record, path, proof)

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
        record, faulty = self._record(round_id), (path, children, participant)
        proof = self._contract.prove_left_out(
            round_id, record.stakes, *faulty, self._connection.account
        )
        return self._reject(record, path, proof)

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
        record, faulty = self._record(round_id), (path, children, chunk, inputs, numerators)
        proof = self._contract.prove_wrong_chunk(
            round_id, record.stakes, *faulty, self._connection.account
        )
        return self._reject(record, path, proof)

    def prove_wrong_sum(
        self,
        round_id: RoundId,
        path: Path,
        children: Children,
        chunk: int,
        inputs: Sequence[ChunkProof],
        numerators: ChunkProof,
        secrets: OpenedSecrets,
    ) -> bool:
        """Rejects a proposal with a chunk of a hidden sum that its masked chunks don't give.

        Args:
            round_id: 32 bytes.
            path: to the node.
            children: the node's: the updates of all survivors.
            chunk: which chunk, counted from 0.
            inputs: that chunk of every masked update, in their order.
            numerators: that chunk of the node's own vector.
            secrets: the updates' seeds in their order; keys of who dropped, by ascending places.

        Raises:
            Reverted: `ChunkIsCorrect`, a chunk or secret that isn't proven, or nothing can be
                disputed.
        """
        record, faulty = self._record(round_id), (path, children, chunk, inputs, numerators)
        proof = self._contract.prove_wrong_sum(
            round_id, record.stakes, *faulty, secrets, self._connection.account
        )
        return self._reject(record, path, proof)

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
        faulty = record.standing.proposal, chunk, base, numerators, weights
        self._give(
            self._contract.prove_wrong_version(
                round_id, record.stakes, *faulty, self._connection.account
            )
        )
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
        faulty = record.standing.proposal, server, chunk, proof
        self._give(
            self._contract.prove_wrong_step(
                round_id, record.stakes, *faulty, self._connection.account
            )
        )
        return True

    # faults of a participant

    def prove_out_of_range(
        self, round_id: RoundId, leaf: RevealedUpdate, chunk: int, proof: ChunkProof
    ) -> bool:
        """Slashes a participant whose vector holds a value outside the lattice, in time.

        Raises:
            Reverted: `InRange`, `NotRevealedSo`, or too late.
        """
        record = self._record(round_id)
        if leaf.participant in record.slashed:
            return False
        faulty = leaf, chunk, proof
        self._give(
            self._contract.prove_out_of_range(
                round_id, record.stakes, *faulty, self._connection.account
            )
        )
        return True

    # withheld data

    def ask_update(self, round_id: RoundId, leaf: RevealedUpdate, chunk: int) -> int:
        """Asks under a bond for a chunk of a revealed update; returns the question's number."""
        what = (QuestionKind.UPDATE, 0, leaf.update_root, chunk)
        stakes = self._record(round_id).stakes
        return self._ask(round_id, what, self._questions.ask_update(round_id, stakes, leaf, chunk))

    def ask_result(self, round_id: RoundId, path: Path, chunk: int) -> int:
        """Asks under a bond for a chunk of a node's numerators; returns the question's number."""
        record = self._record(round_id)
        what = (QuestionKind.RESULT, len(record.proposals), path.end.numerators_root, chunk)
        asking = self._questions.ask_result(round_id, record.stakes, path, chunk)
        return self._ask(round_id, what, asking)

    def ask_node(self, round_id: RoundId, path: Path) -> int:
        """Asks under a bond for a node's children; returns the question's number."""
        record = self._record(round_id)
        what = (QuestionKind.NODE, len(record.proposals), node_hash(path.end), 0)
        return self._ask(round_id, what, self._questions.ask_node(round_id, record.stakes, path))

    def ask_version(self, round_id: RoundId, chunk: int) -> int:
        """Asks under a bond for a chunk of the new weights; returns the question's number.

        Raises:
            ConfigError: no proposal stands.
        """
        record, proposal = self._asked_of(round_id, "weights")
        what = (QuestionKind.VERSION, len(record.proposals), proposal.version_root, chunk)
        asking = self._questions.ask_version(round_id, record.stakes, proposal, chunk)
        return self._ask(round_id, what, asking)

    def ask_momentum(self, round_id: RoundId, chunk: int) -> int:
        """Asks under a bond for a chunk of the new momentum; returns the question's number.

        Raises:
            ConfigError: no proposal stands.
            Reverted: `NoMomentum`: the standing one names no memory.
        """
        record, proposal = self._asked_of(round_id, "memory")
        what = (QuestionKind.MOMENTUM, len(record.proposals), proposal.momentum_root, chunk)
        asking = self._questions.ask_momentum(round_id, record.stakes, proposal, chunk)
        return self._ask(round_id, what, asking)

    def _asked_of(self, round_id: RoundId, what: str) -> tuple[StakedRoundRecord, Proposal]:
        record = self._record(round_id)
        if record.standing is None:
            raise ConfigError(f"no proposal stands whose {what} could be asked for")
        return record, record.standing.proposal

    def _ask(self, round_id: RoundId, what: _Question, asking: Call) -> int:
        own = self._asked(round_id, what)
        waiting = [q.number for q in own if q.state == QuestionState.OPEN]
        if waiting:
            return waiting[-1]
        asking.send()
        asked = self._asked(round_id, what)  # answered by now, perhaps
        if len(asked) == len(own):
            raise ConfigError("the question was asked but is not in the events; ask again")
        return asked[-1].number

    def _asked(self, round_id: RoundId, what: _Question) -> list[QuestionRecord]:
        """This account's own questions of the same."""
        own = (q for q in self._record(round_id).questions if q.asker == self._connection.account)
        return [q for q in own if (q.kind, q.proposal, q.subject, q.chunk) == what]

    def _end(self, round_id: RoundId, number: int, ending: Call) -> bool:
        if self.question(round_id, number).state != QuestionState.OPEN:
            return False
        ending.send()
        return True

    def answer_chunk(self, round_id: RoundId, number: int, proof: ChunkProof) -> bool:
        """Answers a question with a chunk.

        The bond goes to whose data it is, of a result when its proposal has stood to the end.

        Raises:
            Reverted: `AnswerNotProven`, or too late.
        """
        stakes = self._record(round_id).stakes
        answer = self._questions.answer_chunk(round_id, stakes, number, proof)
        return self._end(round_id, number, answer)

    def answer_node(self, round_id: RoundId, number: int, path: Path, children: Children) -> bool:
        """Answers a question with a sound node's children.

        The bond goes to the proposer when its proposal has stood to the end.

        Raises:
            Reverted: `AnswerNotProven`, or too late.
        """
        stakes = self._record(round_id).stakes
        answer = self._questions.answer_node(round_id, stakes, number, path, children)
        return self._end(round_id, number, answer)

    def punish_silence(self, round_id: RoundId, number: int) -> bool:
        """Takes the stake of who left a question unanswered; the bond goes back.

        Raises:
            Reverted: there is still time to answer, or it can't be punished any more.
        """
        stakes = self._record(round_id).stakes
        return self._end(round_id, number, self._questions.punish_silence(round_id, stakes, number))

    def close_question(self, round_id: RoundId, number: int) -> bool:
        """Ends a question that has become pointless, or pays the bond that an answered one left.

        The bond goes back; that of an answered one about a proposal that stood to the end goes to
        the proposer. Returns whether there was a bond.

        Raises:
            Reverted: `QuestionStands`.
        """
        if not self.question(round_id, number).bond_held:
            return False
        self._questions.close_question(round_id, self._record(round_id).stakes, number).send()
        return True
