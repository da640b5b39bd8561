"""Staked rounds on the chain: the bridge between `trainer.staked` and RegistryClient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from registry.chain.artifacts import load_artifact
from registry.chain.gateway import RpcError
from registry.chain.reverts import abi_type
from registry.client import RegistryClient
from registry.errors import ConfigError, RoundError
from registry.hashing import keccak256
from registry.index import QuestionRecord, QuestionState, StakedRoundRecord
from registry.payout_document import payout_document, payout_tree
from registry.round_nodes import Children, Leaf, Node
from registry.stake_terms import ChunkProof, Proposal, StakeTerms
from trainer.adapters.registry_board import state_of, struct_of
from trainer.staked.deeds import (
    AnswerChunk,
    AnswerNode,
    AskNode,
    AskResult,
    AskUpdate,
    Close,
    Deed,
    LeftOut,
    OutOfRange,
    Punish,
    WrongChunk,
    WrongLeaf,
    WrongNode,
)
from trainer.staked.ports import PayoutRoot, StakedBoard
from trainer.staked.state import Question, StakedState, StandingProposal
from trainer.types import ZERO_ADDRESS, RoundTerms

__all__ = ["StakedRegistryBoard"]


@final
class StakedRegistryBoard(StakedBoard):
    """A client's view of staked rounds.

    Args:
        client: with a key, to act.
    """

    def __init__(self, client: RegistryClient) -> None:
        self._client = client

    @property
    def account(self) -> str:
        """The client's account."""
        return self._client.connection.account

    def rounds_of(self, model_id: bytes) -> list[bytes]:
        """Returns the ids of a model's staked rounds, in the order in which they were opened."""
        records = self._client.state().staked_rounds.rounds.values()
        return [record.round_id for record in records if record.model_id == model_id]

    def state(self, round_id: bytes) -> StakedState:
        """Returns a staked round's state, from the events so far."""
        state = self._client.state()
        record = state.staked_rounds.rounds.get(round_id)
        if record is None:
            raise RoundError(f"there is no staked round 0x{round_id.hex()}")
        return StakedState(
            round=state_of(state.rounds.rounds[round_id]),
            sponsor=record.sponsor,
            stakes=record.stakes,
            enlisted=frozenset(record.enlisted),
            struck=frozenset(record.struck),
            standing=_standing(record),
            settled=record.settled,
            proposals=len(record.proposals),
            questions=tuple(_question(q) for q in record.questions),
            released=frozenset(record.released),
            refunded=record.refunded is not None,
            attested=self._evaluated(record, right=True),
            refuted=self._evaluated(record, right=False),
        )

    def _evaluated(self, record: StakedRoundRecord, right: bool) -> bool:
        if record.stakes.evaluators == ZERO_ADDRESS:
            return right
        decision = self._client.state().evaluations.of(record.round_id, len(record.proposals))
        if decision is None or decision.right != right:
            return False
        now = int(self._client.connection.gateway.block("pending")["timestamp"], 16)
        return decision.is_settled(now)

    def open(self, terms: RoundTerms, stakes: StakeTerms) -> bytes:
        """Opens a round under stake; the budget is approved for exactly and escrowed."""
        return self._client.staked_rounds.open(struct_of(terms), stakes)

    def enlist(self, round_id: bytes) -> None:
        """Locks this account's stake."""
        self._client.staked_rounds.enlist(round_id)

    def propose(self, round_id: bytes, proposal: Proposal) -> None:
        """Proposes under stake."""
        self._client.staked_rounds.propose(round_id, proposal)

    def settle(self, round_id: bytes) -> None:
        """Makes the standing proposal the round's result."""
        self._client.staked_rounds.settle(round_id)

    def release(self, round_id: bytes, account: str) -> bool:
        """Gives an account its stake of an ended round back."""
        return self._client.staked_rounds.release(round_id, account)

    def carry_out_refutation(self, round_id: bytes) -> None:
        """Rejects the standing proposal, which evaluators found wrong."""
        self._client.evaluations.carry_out(round_id)

    def undo(self, round_id: bytes) -> None:
        """Voids a round that came to nothing and pays its budget back."""
        self._client.staked_rounds.refund(round_id)

    def carry_out(self, round_id: bytes, deed: Deed) -> bool:
        """Sends a deed; questions that this account has asked already aren't asked again."""
        if isinstance(deed, AskUpdate | AskResult | AskNode):
            return self._ask(round_id, deed)
        disputes = self._client.disputes
        match deed:
            case WrongNode(path, children):
                return disputes.prove_wrong_node(round_id, path, children)
            case WrongLeaf(path, hashes, position, leaf):
                return disputes.prove_wrong_leaf(round_id, path, hashes, position, leaf)
            case LeftOut(path, children, participant):
                return disputes.prove_left_out(round_id, path, children, participant)
            case WrongChunk(path, children, chunk, inputs, numerators):
                return disputes.prove_wrong_chunk(
                    round_id, path, children, chunk, inputs, numerators
                )
            case OutOfRange(leaf, chunk, proof):
                return disputes.strike_out_of_range(round_id, leaf, chunk, proof)
            case AnswerChunk(question, proof):
                return disputes.answer_chunk(round_id, question, proof)
            case AnswerNode(question, path, children):
                return disputes.answer_node(round_id, question, path, children)
            case Punish(question):
                return disputes.punish_silence(round_id, question)
            case Close(question):
                return disputes.close_question(round_id, question)

    def _ask(self, round_id: bytes, deed: AskUpdate | AskResult | AskNode) -> bool:
        disputes = self._client.disputes
        before = len(self.state(round_id).questions)
        match deed:
            case AskUpdate(leaf, chunk):
                number = disputes.ask_update(round_id, leaf, chunk)
            case AskResult(path, chunk):
                number = disputes.ask_result(round_id, path, chunk)
            case AskNode(path):
                number = disputes.ask_node(round_id, path)
        return number >= before

    def answer(self, round_id: bytes, question: int) -> ChunkProof | Children | None:
        """Returns what a question was answered with, from the transaction that answered it."""
        connection = self._client.connection
        for event in reversed(connection.index.events):
            names = event.arguments.get("roundId"), event.arguments.get("question")
            if event.name == "QuestionAnswered" and names == (round_id, question):
                calls = self._calls(event.transaction_hash, event.address)
                found = [_answer(call, round_id, question) for call in calls]
                return next((answer for answer in found if answer is not None), None)
        return None

    def _calls(self, transaction: str, disputes: str) -> Iterable[bytes]:
        """Yields the input of each call to the contract in a transaction."""
        gateway = self._client.connection.gateway
        sent = gateway.request("eth_getTransactionByHash", [transaction])
        if sent is None:
            return
        if str(sent.get("to")).lower() == disputes.lower():
            yield bytes.fromhex(sent["input"][2:])
            return
        # Answered by way of another contract: only a node that traces can tell.
        try:
            tracer = {"tracer": "callTracer"}
            trace = gateway.request("debug_traceTransaction", [transaction, tracer])
        except RpcError:
            return
        waiting = [trace]
        while waiting:
            frame = waiting.pop()
            waiting += frame.get("calls", [])
            if str(frame.get("to")).lower() == disputes.lower():
                yield bytes.fromhex(frame["input"][2:])

    def final_before(self, round_id: bytes) -> frozenset[bytes]:
        """Returns the ids of the model's rounds that were final before the standing proposal."""
        state = self._client.state()
        record = state.staked_rounds.rounds[round_id]
        standing = record.standing
        return frozenset(
            other.round_id
            for other in state.rounds.of_model(record.model_id)
            if other.finalised and (standing is None or other.finalised_in < standing.block_number)
        )

    def payout(self, cumulative: Mapping[str, int]) -> PayoutRoot:
        """Returns the root and the document of cumulative amounts by address."""
        amounts = dict(cumulative)
        total = sum(amounts.values())
        return PayoutRoot(payout_tree(amounts).root, total, payout_document(amounts))


def _standing(record: StakedRoundRecord) -> StandingProposal | None:
    standing = record.standing
    if standing is None:
        return None
    words = standing.number, standing.proposer, standing.proposal, standing.ends_at
    return StandingProposal(*words)


def _question(record: QuestionRecord) -> Question:
    return Question(
        number=record.number,
        asker=record.asker,
        asked=record.asked,
        proposal=record.proposal,
        participant=record.participant,
        subject=record.subject,
        chunk=record.chunk,
        deadline=record.deadline,
        open=record.state == QuestionState.OPEN,
        answered=record.state == QuestionState.ANSWERED,
    )


def _answer(call: bytes, round_id: bytes, question: int) -> ChunkProof | Children | None:
    """Reads an answer from a call's input; None if it is another call, or of another question."""
    for entry in load_artifact("Disputes").abi:
        if entry["type"] != "function" or entry["name"] not in ("answerChunk", "answerNode"):
            continue
        types = [abi_type(parameter) for parameter in entry["inputs"]]
        if keccak256(f"{entry['name']}({','.join(types)})".encode())[:4] != call[:4]:
            continue
        try:
            values: tuple[Any, ...] = decode(types, call[4:])
            if (values[0], values[2]) != (round_id, question):
                return None
            if entry["name"] == "answerChunk":
                return ChunkProof(values[3][0], tuple(values[3][1]))
            leaves, nodes = values[4]
            return Children(tuple(Leaf(*x) for x in leaves), tuple(Node(*x) for x in nodes))
        except (DecodingError, ConfigError):
            return None
    return None
