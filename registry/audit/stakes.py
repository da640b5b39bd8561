"""Holds the events of stakes, staked rounds and questions against the contracts' own storage."""

from __future__ import annotations

from registry.addresses import ZERO_ADDRESS
from registry.audit.evidence import AuditEvidence, name_of
from registry.audit.field_checks import Fields
from registry.audit.findings import FindingKind
from registry.audit.vouches import check_vouches
from registry.chain.abi_values import struct_hash
from registry.documents.payouts import payout_tree, read_payout_document
from registry.errors import ConfigError
from registry.index import (
    DecisionRecord,
    ProposalStatus,
    QuestionRecord,
    QuestionState,
    StakedRoundRecord,
    StakeRecord,
)

__all__ = ["check_stakes"]

# Seats as IStakedRounds has them.
_NONE, _ENLISTED, _HOLDER, _SLASHED, _RELEASED = range(5)


def check_stakes(evidence: AuditEvidence) -> None:
    """Checks staked rounds and questions; and, without a choice of model, everybody's stakes."""
    for record in evidence.state.staked_rounds.rounds.values():
        if evidence.concerns(record.model_id):
            _round(evidence, record)
            _pots(evidence, record)
            _decisions(evidence, record)
    if evidence.only is None:
        _vault(evidence)
        _kept(evidence)
    evidence.settle()


def _round(evidence: AuditEvidence, record: StakedRoundRecord) -> None:
    training = evidence.state.rounds.rounds[record.round_id]
    subject = f"{name_of(evidence, record.model_id)} round {training.number}"
    take = Fields(evidence.report, f"{subject} under stake", _told(record))
    evidence.ask(subject, evidence.chain.staked_rounds.staked_round_of(record.round_id), take)
    for proposal in record.proposals[:-1]:
        # The contract takes the next one only then.
        label = f"{subject}: proposal {proposal.number}"
        evidence.report.compare(
            FindingKind.EVENT, label, ProposalStatus.REJECTED, proposal.standing
        )
    for account in sorted({*training.enrolled, *training.reveals, *record.seats}):
        _seat(evidence, subject, record, account)
    check_vouches(evidence, subject, record)
    for question in record.questions:
        _question(evidence, subject, record, question)
    label, waiting = f"{subject}: open questions about updates", record.open_questions(0)
    evidence.expect(
        label, len(waiting), evidence.chain.questions.open_questions(record.round_id, 0)
    )
    for made in record.proposals:
        key, waiting = (record.round_id, made.number), record.open_questions(made.number)
        label = f"{subject}: open questions of proposal {made.number}"
        evidence.expect(label, len(waiting), evidence.chain.questions.open_questions(*key))
        label = f"{subject}: whether proposal {made.number} was withheld"
        evidence.expect(label, made.withheld, evidence.chain.staked_rounds.is_withheld(*key))


def _told(record: StakedRoundRecord) -> dict[str, object]:
    """Returns what events tell of a round, by the names of IStakedRounds' struct."""
    standing, proposals = record.standing, record.proposals
    return {
        "sponsor": record.sponsor,
        "model_id": record.model_id,
        "terms_hash": struct_hash(record.stakes),
        "proposals": len(proposals),
        "settled": record.settled,
        "proposer": standing.proposer if standing else ZERO_ADDRESS,
        "proposer_released": standing is not None and standing.proposer in record.released,
        "top_hash": record.top_hash,
        "proposal_hash": struct_hash(standing.proposal) if standing else bytes(32),
        "certify_by": proposals[-1].certify_by if proposals else 0,
        "ends_at": standing.ends_at if standing else 0,
        "seats": len(record.seats),
    }


def _seat(evidence: AuditEvidence, subject: str, record: StakedRoundRecord, account: str) -> None:
    """Holds a seat against the contract, and whether its update is certified."""
    state = _NONE
    if account in record.seats:
        state = _HOLDER if account in record.holders else _ENLISTED
        state = _RELEASED if account in record.released and account in record.seats else state
        state = _SLASHED if account in record.slashed else state
    index = record.seats.get(account, 0)
    told = {
        "state": state,
        "index": index,
        "burnt": not record.has_stake(account),
        "withheld": account in record.withheld,
    }
    label = f"{subject}: seat of {account}"
    take = Fields(evidence.report, label, told)
    evidence.ask(label, evidence.chain.staked_rounds.seat_of(record.round_id, account), take)
    if account in record.participants:
        label = f"{subject}: certificate of {account}"
        held = record.is_certified(account)
        evidence.expect(
            label, held, evidence.chain.availability.is_certified(record.round_id, index)
        )


def _question(
    evidence: AuditEvidence, subject: str, record: StakedRoundRecord, question: QuestionRecord
) -> None:
    told: dict[str, object] = {
        "asker": question.asker,
        "kind": int(question.kind),
        "proposal": question.proposal,
        "accountable": question.accountable,
        "subject": question.subject,
        "chunk": question.chunk,
        "deadline": question.deadline,
        "open": question.state == QuestionState.OPEN,
        "bond_held": question.bond_held,
    }
    label = f"{subject}: question {question.number}"
    take = Fields(evidence.report, label, told)
    evidence.ask(
        label, evidence.chain.questions.question_of(record.round_id, question.number), take
    )


def _pots(evidence: AuditEvidence, record: StakedRoundRecord) -> None:
    """Holds pots against the contract, and what was paid against the settled weights (P-7)."""
    training = evidence.state.rounds.rounds[record.round_id]
    subject = f"{name_of(evidence, record.model_id)} round {training.number}"
    # What holds nothing by the events holds nothing: a pot may be kept from us whole.
    kinds = {token for _, token in evidence.state.pots.pots} | {record.stakes.token}
    round_id = record.round_id
    for token in sorted(kinds):
        pot = evidence.state.pots.of(round_id, token)
        told = {
            "amount": pot.amount,
            "paid": sum(pot.paid.values()),
            "remainder_paid": pot.rest is not None,
        }
        label = f"{subject}: pot in {token}"
        take = Fields(evidence.report, label, told)
        evidence.ask(label, evidence.chain.weighted_payouts.pot_of(round_id, token), take)
        for funder, amount in pot.funded.items():
            label = f"{subject}: funded by {funder} in {token}"
            evidence.expect(
                label, amount, evidence.chain.weighted_payouts.funded_by(round_id, token, funder)
            )
        parts, whole = _parts(evidence, subject, record)
        for participant, amount in pot.paid.items():
            label = f"{subject}: paid to {participant}"
            if parts is not None:
                expected = pot.amount * parts.get(participant, 0) // whole if whole else 0
                evidence.report.compare(FindingKind.PAYOUT, label, expected, amount)
            evidence.expect(
                label, True, evidence.chain.weighted_payouts.is_paid(round_id, token, participant)
            )
        if pot.rest is not None:
            left = pot.amount - sum(pot.paid.values())
            evidence.report.compare(
                FindingKind.PAYOUT, f"{subject}: rest in {token}", left, pot.rest
            )


def _parts(
    evidence: AuditEvidence, subject: str, record: StakedRoundRecord
) -> tuple[dict[str, int] | None, int]:
    """Returns by what a settled round's pots are divided, and the whole; None if unknown (P-7)."""
    if record.standing is None:
        return {}, 0
    proposal = record.standing.proposal
    if not any(proposal.payout_root):
        reveals = evidence.state.rounds.rounds[record.round_id].reveals
        weights = {who: reveals[who].weight for who in reveals if record.is_counted(who)}
        return weights, proposal.top.weight
    label = f"{subject}: payout document"
    data = evidence.document(proposal.payout_document, label)
    if data is None:
        return None, 0
    try:
        amounts = read_payout_document(data)
    except ConfigError as error:
        evidence.report.differ(FindingKind.PAYOUT, label, "a payout document (P-3)", error)
        return None, 0
    evidence.report.compare(
        FindingKind.PAYOUT, label, payout_tree(amounts).root, proposal.payout_root
    )
    return amounts, proposal.payout_total


def _decisions(evidence: AuditEvidence, record: StakedRoundRecord) -> None:
    for proposal in record.proposals:
        decision = evidence.state.evaluations.of(record.round_id, proposal.number)
        told: dict[str, object] = {"state": 0, "correct": False, "appellant": ZERO_ADDRESS}
        if decision is not None:
            told["state"] = _decision_state(decision)
            told |= {"correct": decision.correct, "appellant": decision.appellant}
        label = f"evaluation of proposal {proposal.number} in 0x{record.round_id.hex()[:8]}"
        take = Fields(evidence.report, label, told)
        evidence.ask(
            label, evidence.chain.evaluations.decision_of(record.round_id, proposal.number), take
        )


def _decision_state(decision: DecisionRecord) -> int:
    """Returns the state as IEvaluations numbers them."""
    if decision.lapsed:
        return 4
    if decision.ruled:
        return 3
    return 2 if decision.appellant != ZERO_ADDRESS else 1


def _vault(evidence: AuditEvidence) -> None:
    book = evidence.state.stakes
    for (account, token), record in book.stakes.items():
        _stake(evidence, f"stake of {account} in {token}", account, token, record)
    # Whoever an event named, and the deployment's own for everybody: not every pair there is.
    chain = evidence.chain
    own = {c.address for c in (chain.staked_rounds, chain.questions, chain.evaluations)}
    for account in sorted({account for account, _ in book.stakes} | set(book.named)):
        for controller in sorted(own | book.named.get(account, frozenset())):
            told = controller in book.controllers.get(account, frozenset())
            label = f"{account}: controller {controller}"
            evidence.expect(
                label, told, evidence.chain.stake_vault.is_controller(account, controller)
            )
    for lock, held in book.locks.items():
        key = lock.controller, lock.account, lock.token, lock.lock_id
        label = f"lock 0x{lock.lock_id.hex()[:8]} of {lock.account}"
        evidence.expect(label, held, evidence.chain.stake_vault.lock_of(*key))
    for token in sorted({token for _, token in book.stakes}):
        evidence.expect(
            f"owed in {token}", book.owed(token), evidence.chain.stake_vault.owed(token)
        )
    for controller in sorted(own | book.offered):
        told, label = controller in book.offered, f"offered controller {controller}"
        evidence.expect(label, told, evidence.chain.stake_vault.is_offered(controller))


def _kept(evidence: AuditEvidence) -> None:
    """Holds what pots owe, and what they keep for who couldn't be sent it, against the contract."""
    book = evidence.state.pots
    for token in sorted({token for _, token in book.pots}):
        label = f"owed by pots in {token}"
        evidence.expect(label, book.owed(token), evidence.chain.weighted_payouts.owed(token))
    for (token, account), amount in book.kept.items():
        label = f"kept for {account} in {token}"
        evidence.expect(label, amount, evidence.chain.weighted_payouts.kept_for(token, account))


def _stake(
    evidence: AuditEvidence, subject: str, account: str, token: str, record: StakeRecord
) -> None:
    vault = evidence.chain.stake_vault
    evidence.expect(f"{subject}: free", record.free, vault.free_of(account, token))
    evidence.expect(f"{subject}: locked", record.locked, vault.locked_of(account, token))
    evidence.expect(f"{subject}: award", record.awarded, vault.award_of(account, token))
    exiting = (record.exiting, record.available_at)
    evidence.expect(f"{subject}: exit", exiting, vault.exit_of(account, token))
