"""Staked rounds on the chain: the bridge between `trainer.staked` and RegistryClient."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import final

from registry.addresses import ZERO_ADDRESS
from registry.chain.abi_values import call_input
from registry.chain.bindings.events.questions import QuestionAnswered
from registry.chain.bindings.structs import OpenedSecrets
from registry.chain.gateway import RpcError
from registry.client import RegistryClient
from registry.documents.payouts import payout_document, payout_tree
from registry.errors import RoundError
from registry.fraud_proofs.nodes import Children
from registry.fraud_proofs.stake_terms import ChunkProof, Proposal, StakeTerms
from registry.index import QuestionRecord, QuestionState, StakedRoundRecord
from registry.index.staked_rounds import has_bit
from trainer.adapters.registry_board import state_of, struct_of, with_hiding
from trainer.adapters.registry_hidden import RegistryHiddenBoard
from trainer.staked.ports import PayoutRoot, StakedBoard
from trainer.staked.state import Question, StakedState, StandingProposal
from trainer.staked.watcher_actions import (
    AnswerChunk,
    AnswerNode,
    Ask,
    AskMomentum,
    AskNode,
    AskResult,
    AskUpdate,
    AskVersion,
    Close,
    LeftOut,
    OutOfRange,
    Punish,
    WatcherAction,
    WrongChunk,
    WrongLeaf,
    WrongNode,
    WrongStep,
    WrongSum,
    WrongVersion,
)
from trainer.types import RoundTerms

__all__ = ["StakedRegistryBoard"]

_NOT_CERTIFIED = "not certified"
"""The fault of a proposal that lapsed, as the contract names it (F-16)."""


@final
class StakedRegistryBoard(StakedBoard):
    """A client's view of staked rounds.

    Args:
        client: with a key, to act.
    """

    def __init__(self, client: RegistryClient) -> None:
        self._client, self._hidden = client, RegistryHiddenBoard(client)

    @property
    def account(self) -> str:
        """The client's account."""
        return self._client.connection.account

    @property
    def rollbacks(self) -> int:
        """How often the chain took back events that were read."""
        return self._client.connection.index.rollbacks

    def look(self) -> AbstractContextManager[None]:
        """The chain is read once for everything within."""
        return self._client.connection.look()

    @property
    def _acting(self) -> RegistryClient:
        """The client, for which the chain is read anew: somebody else may have been faster."""
        self._client.connection.renew()
        return self._client

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
        signing = set(record.signers) - set(record.slashed) - set(record.burnt)
        panel = state.evaluations.panels.get(record.stakes.panel)
        hidden = self._hidden.state(round_id)
        return StakedState(
            round=with_hiding(state_of(state.rounds.rounds[round_id]), hidden),
            hidden=hidden,
            sponsor=record.sponsor,
            stakes=record.stakes,
            participants=frozenset(record.participants),
            slashed=frozenset(record.slashed),
            standing=_standing(record, self._client.staked_rounds.disputes_end(round_id)),
            settled=record.settled,
            proposals=len(record.proposals),
            questions=tuple(_question(q) for q in record.questions),
            released=frozenset(record.released),
            attested=self._evaluated(record, right=True),
            refuted=self._evaluated(record, right=False),
            certified=frozenset(p for p in record.participants if record.is_certified(p)),
            signers=frozenset(signing),
            vouched={who: _held(record, bitmap) for who, bitmap in record.vouched.items()},
            burnt=frozenset(record.burnt),
            answerable=frozenset(_answerable(record)),
            refundable=self._refundable(record),
            seated=frozenset(record.seats),
            appeal_window=0 if panel is None else panel.appeal_window,
            lapsed=frozenset(p.proposer for p in record.proposals if p.fault == _NOT_CERTIFIED),
            in_grace=self._client.staked_rounds.is_in_grace(),
        )

    def _refundable(self, record: StakedRoundRecord) -> bool:
        pots = self._client.state().pots.pots.items()
        mine = (pot.funded.get(record.sponsor, 0) for (of, _), pot in pots if of == record.round_id)
        return any(mine)

    def _evaluated(self, record: StakedRoundRecord, right: bool) -> bool:
        if not any(record.stakes.panel):
            return right
        decision = self._client.state().evaluations.of(record.round_id, len(record.proposals))
        if decision is None or decision.correct != right or decision.lapsed:
            return False
        now = int(self._client.connection.gateway.block("pending")["timestamp"], 16)
        return decision.is_settled(now)

    def open(
        self,
        terms: RoundTerms,
        stakes: StakeTerms,
        reward_token: str = ZERO_ADDRESS,
        budget: int = 0,
    ) -> bytes:
        """Opens a round under stake; the budget, approved for exactly, fills its pot."""
        pot = reward_token, budget
        return self._client.staked_rounds.open(struct_of(terms), stakes, *pot)

    def lock_stake(self, round_id: bytes, proof: Sequence[bytes] = ()) -> None:
        """Locks this account's stake and takes a seat."""
        self._acting.staked_rounds.lock_stake(round_id, proof)

    def vouch_for_updates(self, round_id: bytes, participants: Collection[str]) -> bool:
        """Says that this account holds some updates whole."""
        return self._acting.availability.vouch_for_updates(round_id, participants)

    def certify_updates(self, round_id: bytes) -> bool:
        """Hands in the vouches that certify something new."""
        return self._acting.availability.certify_updates(round_id)

    def vouch_for_result(self, round_id: bytes, proposal: Proposal | None = None) -> bool:
        """Says that this account holds the standing proposal whole, if it is still that one."""
        return self._acting.availability.vouch_for_result(round_id, proposal)

    def certify_result(self, round_id: bytes) -> bool:
        """Hands in the vouches for the standing proposal."""
        return self._acting.availability.certify_result(round_id)

    def lapse(self, round_id: bytes) -> None:
        """Rejects the standing proposal, which no quorum has certified in its time."""
        self._acting.staked_rounds.lapse(round_id)

    def burn_signers(self, round_id: bytes) -> bool:
        """Burns the stakes of who vouched for updates, or a result, that nobody gave."""
        done: list[str] = []
        for participant in self._acting.staked_rounds.record(round_id).withheld:
            done += self._client.availability.burn_for_update(round_id, participant)
        return bool(done + self._client.availability.burn_for_result(round_id))

    def propose(self, round_id: bytes, proposal: Proposal) -> None:
        """Proposes under stake."""
        self._acting.staked_rounds.propose(round_id, proposal)

    def settle(self, round_id: bytes) -> None:
        """Makes the standing proposal the round's result."""
        self._acting.staked_rounds.settle(round_id)

    def release(self, round_id: bytes, account: str) -> bool:
        """Gives an account its stake of an ended round back."""
        return self._acting.staked_rounds.release(round_id, account)

    def carry_out_refutation(self, round_id: bytes) -> None:
        """Rejects the standing proposal, which evaluators found wrong."""
        self._acting.evaluations.enforce_decision(round_id)

    def void_and_refund(self, round_id: bytes) -> None:
        """Voids a round that came to nothing and pays the sponsor's part of its pots back."""
        self._acting.staked_rounds.void(round_id)
        record = self._client.staked_rounds.record(round_id)
        for (of, token), pot in list(self._client.state().pots.pots.items()):
            if of == round_id and pot.funded.get(record.sponsor):
                self._client.weighted_payouts.refund(round_id, token, record.sponsor)

    def carry_out(self, round_id: bytes, deed: WatcherAction) -> bool:
        """Sends a deed; questions that this account has asked already aren't asked again."""
        if isinstance(deed, Ask):
            return self._ask(round_id, deed)
        disputes = self._acting.disputes
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
            case WrongSum(path, children, chunk, inputs, numerators, seeds, keys):
                told = path, children, chunk, inputs, numerators, OpenedSecrets(seeds, keys)
                return disputes.prove_wrong_sum(round_id, *told)
            case WrongVersion(chunk, base, numerators, weights):
                return disputes.prove_wrong_version(round_id, chunk, base, numerators, weights)
            case WrongStep(server, chunk, proof):
                return disputes.prove_wrong_step(round_id, server, chunk, proof)
            case OutOfRange(leaf, chunk, proof):
                return disputes.prove_out_of_range(round_id, leaf, chunk, proof)
            case AnswerChunk(question, proof):
                return disputes.answer_chunk(round_id, question, proof)
            case AnswerNode(question, path, children):
                return disputes.answer_node(round_id, question, path, children)
            case Punish(question):
                return disputes.punish_silence(round_id, question)
            case Close(question):
                return disputes.close_question(round_id, question)

    def _proposed(self, round_id: bytes) -> Proposal:
        """Returns the proposal that stands by now.

        Raises:
            RoundError: none does.
        """
        standing = self._client.staked_rounds.record(round_id).standing
        if standing is None:
            raise RoundError("no proposal stands any more")
        return standing.proposal

    def _ask(self, round_id: bytes, deed: Ask) -> bool:
        disputes = self._client.disputes
        before = len(self.state(round_id).questions)
        match deed:
            case AskUpdate(leaf, chunk):
                number = disputes.ask_update(round_id, leaf, chunk)
            case AskResult(path, chunk):
                number = disputes.ask_result(round_id, path, chunk)
            case AskNode(path):
                number = disputes.ask_node(round_id, path)
            case AskVersion(chunk, root):
                if self._proposed(round_id).version_root != root:
                    return False
                number = disputes.ask_version(round_id, chunk)
            case AskMomentum(chunk, root):
                if self._proposed(round_id).momentum_root != root:
                    return False
                number = disputes.ask_momentum(round_id, chunk)
        return number >= before

    def answer(self, round_id: bytes, question: int) -> ChunkProof | Children | None:
        """Returns what a question was answered with, from the transaction that answered it."""
        connection = self._client.connection
        for event in reversed(connection.index.events):
            told = event.arguments
            if not isinstance(told, QuestionAnswered):
                continue
            if (told.round_id, told.question) == (round_id, question):
                calls = self._calls(event.transaction_hash, event.address)
                found = [_answer(call, round_id, question) for call in calls]
                return next((answer for answer in found if answer is not None), None)
        return None

    def _calls(self, transaction: str, questions: str) -> Iterable[bytes]:
        """Yields the input of each call to the contract in a transaction."""
        gateway = self._client.connection.gateway
        sent = gateway.request("eth_getTransactionByHash", [transaction])
        if sent is None:
            return
        if str(sent.get("to")).lower() == questions.lower():
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
            if "error" in frame:  # what was undone answered nothing
                continue
            waiting += frame.get("calls", [])
            if str(frame.get("to")).lower() == questions.lower():
                yield bytes.fromhex(frame["input"][2:])

    def payout(self, amounts: Mapping[str, int]) -> PayoutRoot:
        """Returns the root and the document of amounts by address."""
        total = sum(amounts.values())
        return PayoutRoot(payout_tree(amounts).root, total, payout_document(amounts))


def _standing(record: StakedRoundRecord, ends_at: int) -> StandingProposal | None:
    standing = record.standing
    if standing is None:
        return None
    return StandingProposal(
        standing.number,
        standing.proposer,
        standing.proposal,
        standing.certify_by,
        ends_at,
        frozenset(standing.vouchers),
    )


def _held(record: StakedRoundRecord, bitmap: tuple[int, ...]) -> frozenset[str]:
    return frozenset(who for who, seat in record.seats.items() if has_bit(bitmap, seat))


def _answerable(record: StakedRoundRecord) -> Iterable[str]:
    """Yields who vouched for data that nobody gave, and has its stake still."""
    vouched = [holder for p in record.proposals if p.withheld for holder in p.holders]
    seats = [record.seats[participant] for participant in record.withheld]
    for certificate in record.certificates:
        for position, holder in enumerate(certificate.holders):
            if any(certificate.holds(position, seat) for seat in seats):
                vouched.append(holder)
    return filter(record.has_stake, vouched)


def _question(record: QuestionRecord) -> Question:
    return Question(
        number=record.number,
        asker=record.asker,
        kind=record.kind,
        proposal=record.proposal,
        accountable=record.accountable,
        subject=record.subject,
        chunk=record.chunk,
        deadline=record.deadline,
        open=record.state == QuestionState.OPEN,
        answered=record.answerer != ZERO_ADDRESS,
        bond_held=record.bond_held,
    )


def _answer(call: bytes, round_id: bytes, question: int) -> ChunkProof | Children | None:
    """Reads an answer from a call's input; None if it is another call, or of another question."""
    match call_input("Questions", call):
        case "answerChunk", (of, _, number, ChunkProof() as proof):
            return proof if (of, number) == (round_id, question) else None
        case "answerNode", (of, _, number, _, Children() as children):
            return children if (of, number) == (round_id, question) else None
    return None
