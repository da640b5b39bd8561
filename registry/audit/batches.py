"""Checks a round's batches (R-5): roots, signatures, openings, invitations, double reveals."""

from __future__ import annotations

from registry.audit.evidence import AuditEvidence
from registry.audit.field_checks import Fields
from registry.audit.findings import FindingKind
from registry.audit.signature_checks import AuditedSignatureChecker
from registry.documents.allow_list import AllowList
from registry.documents.batch_entries import Opening, SignedCommitment, commitment_of
from registry.documents.batch_signatures import check_signature
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.errors import ConfigError, SignatureInvalid
from registry.index import RoundRecord
from registry.index.rounds import BatchRecord
from registry.signing import ContractSignatureChecker, Domain
from registry.types import ZERO_ID

__all__ = ["BatchCheck", "opened_of"]


class BatchCheck:
    """The checks of one round's batches.

    Args:
        evidence: what the audit works on.
        record: the round.
        domain: of TrainingRounds.
        subject: the round's name in findings.
        checker: the chain's answer for contract accounts.
    """

    def __init__(
        self,
        evidence: AuditEvidence,
        record: RoundRecord,
        domain: Domain,
        subject: str,
        checker: AuditedSignatureChecker,
    ) -> None:
        self._evidence, self._report = evidence, evidence.report
        self._record, self._domain, self._subject = record, domain, subject
        self._checker = checker
        self._posted: dict[int, CommitmentBatch] = {}

    def reveals(self, invited: AllowList | None) -> dict[str, Opening]:
        """Checks every batch; returns every opening of the round, direct ones and batches'.

        Args:
            invited: the round's allow-list; None for anyone.
        """
        found: dict[str, Opening] = dict(self._record.reveals)
        if not self._record.batches:
            return found
        # A struck batch counts for nothing: that it was wrong is the reason, and no finding.
        for number, batch in sorted(self._record.standing.items()):
            self._commitments(number, batch)
        if invited is not None:
            self._invitations(invited)
        self._by_proof()
        for number, batch in sorted(self._record.standing.items()):
            if batch.revealed_document:
                self._openings(number, batch, found)
        self._distinct(found)
        return found

    def holds(self, participant: str, commitment: bytes) -> bool:
        """Tells whether a posted batch holds this commitment of the participant's."""
        entries = [posted.find(participant) for posted in self._posted.values()]
        return any(entry is not None and entry.commitment == commitment for entry in entries)

    # commitments

    def _commitments(self, number: int, batch: BatchRecord) -> None:
        label = f"{self._subject}: batch {number}"
        told = {
            "root": batch.root,
            "reveal_root": batch.revealed_root or ZERO_ID,
            "count": batch.count,
            "own": batch.own,
            "posted": batch.revealed_count,
            "twice": len(batch.counted_once),
            "struck": batch.struck,
        }
        take = Fields(self._report, label, told)
        self._evidence.ask(
            label,
            self._evidence.chain.training_rounds.batch_of(self._record.round_id, number),
            take,
        )
        self._evidence.settle()
        data = self._evidence.document(batch.document_digest, label)
        if data is None:
            return
        try:
            posted = CommitmentBatch.parse(data)
        except ConfigError as error:
            self._report.differ(FindingKind.CONTENT, label, "a batch document", error)
            return
        self._posted[number] = posted
        self._same(f"{label}: round", self._record.round_id, posted.round_id)
        self._same(f"{label}: root", batch.root, posted.root)
        self._same(f"{label}: count", batch.count, len(posted.commitments))
        checker = self._checker.at(batch.block_number)
        for entry in posted.commitments:
            self._signature(f"{label}: commitment of {entry.participant}", entry, checker)

    def _same(self, label: str, expected: object, found: object) -> bool:
        return self._report.compare(FindingKind.COMMITMENT, label, expected, found)

    def _signature(
        self, label: str, entry: SignedCommitment, checker: ContractSignatureChecker
    ) -> None:
        self._report.count(str(FindingKind.SIGNATURE))
        try:
            check_signature(self._domain, self._record.round_id, entry, checker)
        except SignatureInvalid as error:
            self._report.differ(
                FindingKind.SIGNATURE, label, f"a signature by {entry.participant}", error
            )

    # invitations

    def _invitations(self, invited: AllowList) -> None:
        """Whoever is in a batch is on the allow-list; the contract checks only who enrols."""
        for number, posted in sorted(self._posted.items()):
            for entry in posted.commitments:
                label = f"{self._subject}: batch {number}: {entry.participant} is invited"
                self._same(label, True, entry.participant in invited.addresses)

    # reveals

    def _by_proof(self) -> None:
        """A reveal without a direct commitment opens one that stands in a batch."""
        for participant, revealed in sorted(self._record.reveals.items()):
            if participant in self._record.commitments:
                continue
            made = commitment_of(self._domain, self._record.round_id, revealed)
            self._report.count(str(FindingKind.COMMITMENT))
            # A batch that can't be had is a finding of its own.
            whole = len(self._posted) == len(self._record.standing)
            if whole and not self.holds(participant, made):
                label = f"{self._subject}: update of {participant}"
                self._report.differ(FindingKind.COMMITMENT, label, "a commitment in a batch", made)

    def _openings(self, number: int, batch: BatchRecord, found: dict[str, Opening]) -> None:
        label = f"{self._subject}: reveals of batch {number}"
        data = self._evidence.document(batch.revealed_document, label)
        if data is None:
            return
        try:
            reveals = RevealBatch.parse(data)
        except ConfigError as error:
            self._report.differ(FindingKind.CONTENT, label, "a document of reveals", error)
            return
        told = reveals.round_id, reveals.batch
        self._same(f"{label}: round and batch", (self._record.round_id, number), told)
        self._same(f"{label}: root", batch.revealed_root, reveals.root)
        self._same(f"{label}: count", batch.revealed_count, len(reveals.reveals))
        posted = self._posted.get(number)
        for opened in reveals.reveals:
            one = f"{label}: update of {opened.participant}"
            if posted is not None:
                entry = posted.find(opened.participant)
                committed = entry.commitment if entry else b""
                self._same(one, committed, commitment_of(self._domain, posted.round_id, opened))
            self._weight(one, opened.weight)
            if not self._has_place(one, opened.participant, found):
                continue
            before = found.setdefault(opened.participant, opened)
            self._same(f"{one}: revealed before", opened_of(before), opened)

    def _has_place(self, label: str, participant: str, found: dict[str, Opening]) -> bool:
        """Who enrolled reveals by itself; and no more count than weights were bounded for (A-2)."""
        seated = participant in self._record.enrolled
        self._same(f"{label}: a direct seat", False, seated)
        full = len(found) >= self._record.terms.maximum_participants
        return participant in found or not (seated or full)

    def _weight(self, label: str, weight: int) -> None:
        """The contract can't look at weights in a batch."""
        cap = self._record.terms.weight_cap
        self._report.count(str(FindingKind.WEIGHT))
        if not 1 <= weight <= cap:
            self._report.differ(FindingKind.WEIGHT, label, f"a weight from 1 to {cap}", weight)

    def _distinct(self, found: dict[str, Opening]) -> None:
        """One participant that is revealed twice is one towards the minimum (R-6)."""
        fewest = self._record.terms.minimum_participants
        readable = len(self._posted) == len(self._record.standing)
        if self._record.result is not None and readable and len(found) < fewest:
            label = f"{self._subject}: participants"
            self._report.differ(FindingKind.COMMITMENT, label, f"at least {fewest}", len(found))


def opened_of(revealed: Opening) -> Opening:
    """Returns an opening alone, whichever way it was revealed."""
    r = revealed
    return Opening(r.participant, r.update_root, r.content_digest, r.weight, r.salt)
