"""What a hidden round has beside its updates: bundles, and secrets that the chain has opened.

Secrets need no check of their own: the sum is made from them, and the contract took none that isn't
what was committed to. A bundle is its dealer's: one that is none leaves its neighbours without
shares, which harms its group alone.
"""

from __future__ import annotations

from registry.audit.evidence import AuditEvidence
from registry.audit.findings import AuditVerdict, FindingKind
from registry.audit.replay import HiddenEvidence
from registry.documents.bundles import SecretBundle
from registry.errors import ConfigError
from registry.index import RoundRecord
from registry.index.hidden_rounds import SharedSecretsRecord

__all__ = ["HiddenCheck"]


class HiddenCheck:
    """The checks of one round; of one that hides nothing there are none."""

    def __init__(self, evidence: AuditEvidence, record: RoundRecord, subject: str) -> None:
        self._evidence, self._record, self._subject = evidence, record, subject
        self._hidden = evidence.state.hidden_rounds.rounds.get(record.round_id)

    def evidence(self) -> HiddenEvidence | None:
        """Returns what the round is computed again from; None if it hides nothing."""
        if self._hidden is None:
            return None
        connection, round_id = self._evidence.connection, self._record.round_id
        staked = self._evidence.state.staked_rounds.rounds.get(round_id)
        deadline = self._record.terms.reveal_deadline
        final = 0 if staked is None else staked.stakes.slash_end(deadline)
        contract = connection.chain.hidden_rounds.address
        return HiddenEvidence(self._hidden, connection.gateway.chain_id, contract, final)

    def check(self) -> None:
        """Holds every bundle against what its dealer recorded."""
        if self._hidden is None or self._record.voided:
            return
        for dealer, shared in self._hidden.shared.items():
            self._bundle(dealer, shared)

    def _bundle(self, dealer: str, shared: SharedSecretsRecord) -> None:
        label, whose = f"{self._subject}: bundle of {dealer}", f"participant {dealer}"
        data = self._evidence.document(shared.bundle_digest, label, whose=whose, odd=True)
        if data is None:
            return
        try:
            bundle = SecretBundle.parse(data)
        except ConfigError as error:
            self._odd(label, "a bundle (H-4)", error, whose)
            return
        told = bundle.round_id, bundle.dealer, bundle.seed_commitment, bundle.share_root
        recorded = self._record.round_id, dealer, shared.seed_commitment, shared.share_root
        if told != recorded:
            self._odd(label, "the round, dealer and roots that are recorded", "others", whose)

    def _odd(self, label: str, expected: object, found: object, whose: str) -> None:
        self._evidence.report.differ(
            FindingKind.CONTENT, label, expected, found, verdict=AuditVerdict.ODD, whose=whose
        )
