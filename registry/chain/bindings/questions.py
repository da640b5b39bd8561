"""Calls of Questions.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["Questions"]


class Questions(BoundContract):
    """The functions of Questions: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def answer_chunk(
        self, round_id: bytes, stakes: structs.StakeTerms, question: int, proof: structs.ChunkProof
    ) -> Call:
        """`answerChunk(RoundId, StakeTerms, uint256, ChunkProof)`."""
        return Call(self.contract, "answerChunk", (round_id, stakes, question, proof))

    def answer_node(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        question: int,
        path: structs.Path,
        children: structs.Children,
    ) -> Call:
        """`answerNode(RoundId, StakeTerms, uint256, Path, Children)`."""
        return Call(self.contract, "answerNode", (round_id, stakes, question, path, children))

    def ask_momentum(
        self, round_id: bytes, stakes: structs.StakeTerms, proposal: structs.Proposal, chunk: int
    ) -> Call:
        """`askMomentum(RoundId, StakeTerms, Proposal, uint64)`."""
        return Call(self.contract, "askMomentum", (round_id, stakes, proposal, chunk))

    def ask_node(self, round_id: bytes, stakes: structs.StakeTerms, path: structs.Path) -> Call:
        """`askNode(RoundId, StakeTerms, Path)`."""
        return Call(self.contract, "askNode", (round_id, stakes, path))

    def ask_result(
        self, round_id: bytes, stakes: structs.StakeTerms, path: structs.Path, chunk: int
    ) -> Call:
        """`askResult(RoundId, StakeTerms, Path, uint64)`."""
        return Call(self.contract, "askResult", (round_id, stakes, path, chunk))

    def ask_update(
        self, round_id: bytes, stakes: structs.StakeTerms, leaf: structs.Leaf, chunk: int
    ) -> Call:
        """`askUpdate(RoundId, StakeTerms, Leaf, uint64)`."""
        return Call(self.contract, "askUpdate", (round_id, stakes, leaf, chunk))

    def ask_version(
        self, round_id: bytes, stakes: structs.StakeTerms, proposal: structs.Proposal, chunk: int
    ) -> Call:
        """`askVersion(RoundId, StakeTerms, Proposal, uint64)`."""
        return Call(self.contract, "askVersion", (round_id, stakes, proposal, chunk))

    def bond_lock(self, round_id: bytes, question: int) -> View[bytes]:
        """`bondLock(RoundId, uint256)`."""
        return View(self.contract, "bondLock", (round_id, question))

    def close_question(self, round_id: bytes, stakes: structs.StakeTerms, question: int) -> Call:
        """`closeQuestion(RoundId, StakeTerms, uint256)`."""
        return Call(self.contract, "closeQuestion", (round_id, stakes, question))

    def hidden_rounds(self) -> View[str]:
        """`hiddenRounds()`."""
        return View(self.contract, "hiddenRounds", ())

    def open_questions(self, round_id: bytes, proposal: int) -> View[int]:
        """`openQuestions(RoundId, uint32)`."""
        return View(self.contract, "openQuestions", (round_id, proposal))

    def punish_silence(self, round_id: bytes, stakes: structs.StakeTerms, question: int) -> Call:
        """`punishSilence(RoundId, StakeTerms, uint256)`."""
        return Call(self.contract, "punishSilence", (round_id, stakes, question))

    def question_of(self, round_id: bytes, question: int) -> View[structs.Question]:
        """`questionOf(RoundId, uint256)`."""
        return View(self.contract, "questionOf", (round_id, question))

    def rounds(self) -> View[str]:
        """`rounds()`."""
        return View(self.contract, "rounds", ())

    def vault(self) -> View[str]:
        """`vault()`."""
        return View(self.contract, "vault", ())
