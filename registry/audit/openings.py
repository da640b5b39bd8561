"""What a round's participants revealed: each opening held against its commitment, and its content.

Content that nobody gives is kept apart from content that the result says was missing: without the
former a round can't be computed again, and that calls nobody wrong.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.audit.allow_lists import check_allow_list
from registry.audit.batches import BatchCheck
from registry.audit.evidence import AuditEvidence
from registry.audit.findings import AuditVerdict, FindingKind
from registry.audit.replay import Claim
from registry.audit.result_comparison import MISSING
from registry.audit.signature_checks import AuditedSignatureChecker
from registry.documents.batch_entries import Opening, commitment_of
from registry.index import RoundRecord
from registry.signing import Domain
from registry.storage import DAG_PB, Cid

__all__ = ["RoundOpenings"]


class RoundOpenings:
    """The reveals of one round; filled by `read`.

    Attributes:
        reveals: every opening, direct ones and batches'.
        claims: those that count, with their content.
        missing: whose content the result says was missing.
        unread: whose content nobody gives now.
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
        self._staked = evidence.state.staked_rounds.rounds.get(record.round_id)
        self.reveals: dict[str, Opening] = {}
        self.claims: list[Claim] = []
        self.missing: set[str] = set()
        self.unread: set[str] = set()

    def read(self, refusals: Mapping[str, str]) -> None:
        """Each reveal opens its commitment; its content is there, unless it is said to lack.

        Args:
            refusals: the reasons of the round's result, by participant.
        """
        record, subject = self._record, self._subject
        batches = BatchCheck(self._evidence, record, self._domain, subject, self._checker)
        asked = record.batches or record.result is not None
        invited = check_allow_list(self._evidence, record, subject) if asked else None
        self.reveals = batches.reveals(invited)
        for participant, revealed in sorted(self.reveals.items()):
            label = f"{self._subject}: update of {participant}"
            self._opening(label, participant, revealed)
            if not self.counts(participant):
                continue
            cid = Cid(DAG_PB, revealed.content_digest)
            lacks = refusals.get(participant) == MISSING
            # Of a void round nothing follows, and who prunes keeps none of its updates.
            may_lack, whose = lacks or record.voided, f"participant {participant}"
            folder = self._evidence.folder(cid, label, may_lack=may_lack, whose=whose)
            if lacks and folder is not None:
                self._late(label, participant)
            elif folder is not None:
                claim = Claim(
                    participant,
                    revealed.update_root,
                    revealed.content_digest,
                    revealed.weight,
                    folder,
                )
                self.claims.append(claim)
            elif lacks:
                self.missing.add(participant)
            else:
                self.unread.add(participant)

    def _late(self, label: str, participant: str) -> None:
        """Content that is there now proves nothing about then: either may have lied.

        A participant that gave it only after the result would make an honest coordinator look
        wrong, and a coordinator that says it lacked an honest participant's the other way round.
        """
        self.missing.add(participant)
        self._report.differ(
            FindingKind.CONTENT,
            label,
            "content that was missing when the result was made",
            "content that is there now",
            verdict=AuditVerdict.ODD,
            whose=f"participant {participant} or coordinator {self._record.coordinator}",
        )

    def counts(self, participant: str) -> bool:
        """In a staked round the chain alone decides which updates count (F-7)."""
        staked = self._staked
        if staked is None:
            return True
        return staked.is_counted(participant)

    def _opening(self, label: str, participant: str, revealed: Opening) -> None:
        committed = self._record.commitments.get(participant)
        if committed is None or participant not in self._record.reveals:
            return  # revealed from a batch: the batch's own check covers it
        opened = commitment_of(self._domain, self._record.round_id, revealed)
        self._report.compare(
            FindingKind.COMMITMENT, label, committed, opened, whose=f"participant {participant}"
        )
