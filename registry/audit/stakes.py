"""Holds the events of stakes, staked rounds and questions against the contracts' own storage."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode

from registry.audit.evidence import Evidence, name_of
from registry.audit.findings import Kind
from registry.chain.artifacts import load_artifact
from registry.chain.reverts import abi_type
from registry.hashing import keccak256
from registry.index import QuestionRecord, QuestionState, StakedRoundRecord, StakeRecord, Standing
from registry.stake_terms import Proposal, StakeTerms, words
from registry.types import ZERO_ADDRESS

__all__ = ["check_stakes"]


def check_stakes(evidence: Evidence) -> None:
    """Checks staked rounds and questions; and, without a choice of model, everybody's stakes."""
    for record in evidence.state.staked_rounds.rounds.values():
        if evidence.concerns(record.model_id):
            _round(evidence, record)
            _pots(evidence, record)
            _decisions(evidence, record)
    if evidence.only is None:
        _vault(evidence)


def _same(evidence: Evidence, subject: str, contract: object, event: object) -> None:
    evidence.report.compare(Kind.EVENT, subject, contract, event)


def _hash(value: StakeTerms | Proposal) -> bytes:
    """Returns keccak(enc(value)), which the contract keeps."""
    for entry in load_artifact("StakedRounds").abi:
        if entry.get("name") == "settle":
            _, stakes, proposal = map(abi_type, entry["inputs"])
            kind = stakes if isinstance(value, StakeTerms) else proposal
            return keccak256(encode([kind], [words(value)]))
    raise AssertionError("StakedRounds has settle")


def _round(evidence: Evidence, record: StakedRoundRecord) -> None:
    training = evidence.state.rounds.rounds[record.round_id]
    subject = f"{name_of(evidence, record.model_id)} round {training.number}"
    stored = evidence.read("StakedRounds", "stakedRoundOf", record.round_id)
    standing = record.standing
    told = {
        "sponsor": record.sponsor,
        "modelId": record.model_id,
        "termsHash": _hash(record.stakes),
        "proposals": len(record.proposals),
        "settled": record.settled,
        "proposer": standing.proposer if standing else ZERO_ADDRESS,
        "topHash": record.top_hash,
        "proposalHash": _hash(standing.proposal) if standing else bytes(32),
    }
    for name, value in told.items():
        _same(evidence, f"{subject}: {name} under stake", stored[name], value)
    for proposal in record.proposals[:-1]:
        # The contract takes the next one only then.
        label = f"{subject}: proposal {proposal.number}"
        _same(evidence, label, Standing.REJECTED, proposal.standing)
    for participant in sorted({*training.enrolled, *training.reveals, *record.enlisted}):
        enlisted, struck = participant in record.enlisted, participant in record.struck
        for function, value in (("isEnlisted", enlisted), ("isStruck", struck)):
            kept = evidence.read("StakedRounds", function, record.round_id, participant)
            _same(evidence, f"{subject}: {function} of {participant}", kept, value)
    for question in record.questions:
        _question(evidence, subject, record, question)
    for number in range(1, len(record.proposals) + 1):
        count = evidence.read("Disputes", "openQuestions", record.round_id, number)
        label = f"{subject}: open questions of proposal {number}"
        _same(evidence, label, count, len(record.open_questions(number)))


def _question(
    evidence: Evidence, subject: str, record: StakedRoundRecord, question: QuestionRecord
) -> None:
    stored = evidence.read("Disputes", "questionOf", record.round_id, question.number)
    told: dict[str, Any] = {
        "asker": question.asker,
        "subject": question.subject,
        "chunk": question.chunk,
        "deadline": question.deadline,
        "open": question.state == QuestionState.OPEN,
    }
    for name, value in told.items():
        _same(evidence, f"{subject}: {name} of question {question.number}", stored[name], value)


def _pots(evidence: Evidence, record: StakedRoundRecord) -> None:
    """Holds pots against the contract, and what was paid against the settled weights (P-7)."""
    training = evidence.state.rounds.rounds[record.round_id]
    subject = f"{name_of(evidence, record.model_id)} round {training.number}"
    for (round_id, token), pot in evidence.state.pots.pots.items():
        if round_id != record.round_id:
            continue
        stored = evidence.read("WeightedPayouts", "potOf", round_id, token)
        told = (pot.amount, sum(pot.paid.values()), len(pot.paid), pot.rest is not None)
        _same(evidence, f"{subject}: pot in {token}", tuple(stored.values()), told)
        for participant, amount in pot.paid.items():
            label = f"{subject}: paid to {participant}"
            weight = training.reveals[participant].weight
            whole = record.standing.proposal.top.weight if record.standing else 0
            expected = pot.amount * weight // whole if whole else 0
            evidence.report.compare(Kind.PAYOUT, label, expected, amount)
            paid = evidence.read("WeightedPayouts", "isPaid", round_id, token, participant)
            _same(evidence, label, paid, True)
        if pot.rest is not None:
            left = pot.amount - sum(pot.paid.values())
            evidence.report.compare(Kind.PAYOUT, f"{subject}: rest in {token}", left, pot.rest)


def _decisions(evidence: Evidence, record: StakedRoundRecord) -> None:
    for proposal in record.proposals:
        decision = evidence.state.evaluations.of(record.round_id, proposal.number)
        stored = evidence.read("Evaluations", "decisionOf", record.round_id, proposal.number)
        told = (False, False, ZERO_ADDRESS, ZERO_ADDRESS)
        if decision is not None:
            told = (True, decision.right, decision.by, decision.appellant)
        kept = tuple(stored[name] for name in ("made", "right", "by", "appellant"))
        label = f"evaluation of proposal {proposal.number} in 0x{record.round_id.hex()[:8]}"
        _same(evidence, label, kept, told)


def _vault(evidence: Evidence) -> None:
    book = evidence.state.stakes
    for (account, token), record in book.stakes.items():
        _stake(evidence, f"stake of {account} in {token}", account, token, record)
    everybody = {account for account, _ in book.stakes} | set(book.controllers)
    named = {controller for chosen in book.controllers.values() for controller in chosen}
    for account in sorted(everybody):
        for controller in sorted(named):
            allowed = evidence.read("StakeVault", "isController", account, controller)
            told = controller in book.controllers.get(account, frozenset())
            _same(evidence, f"{account}: controller {controller}", allowed, told)
    for lock, held in book.locks.items():
        key = lock.controller, lock.account, lock.token, lock.lock_id
        kept = evidence.read("StakeVault", "lockOf", *key)
        _same(evidence, f"lock 0x{lock.lock_id.hex()[:8]} of {lock.account}", kept, held)
    for token in book.tokens:
        owed = evidence.read("StakeVault", "owed", token)
        _same(evidence, f"owed in {token}", owed, book.owed(token))


def _stake(evidence: Evidence, subject: str, account: str, token: str, record: StakeRecord) -> None:
    told = {"freeOf": record.free, "lockedOf": record.locked, "awardOf": record.awarded}
    for function, value in told.items():
        kept = evidence.read("StakeVault", function, account, token)
        _same(evidence, f"{subject}: {function}", kept, value)
    exiting = tuple(evidence.read("StakeVault", "exitOf", account, token))
    _same(evidence, f"{subject}: exitOf", exiting, (record.exiting, record.available_at))
