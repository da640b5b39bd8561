"""Checks every round with a result: commitments, signatures, the aggregate, the version, shares."""

from __future__ import annotations

from pathlib import Path

from registry.audit.evidence import AuditEvidence, name_of
from registry.audit.findings import AuditVerdict, FindingKind
from registry.audit.hidden_rounds import HiddenCheck
from registry.audit.openings import RoundOpenings
from registry.audit.payouts import Owed
from registry.audit.replay import Claim, Replayed, RoundReplay
from registry.audit.result_comparison import ResultComparison
from registry.audit.settled_versions import compare_root
from registry.audit.signature_checks import AuditedSignatureChecker
from registry.documents.result import ResultDocument, owed_shares
from registry.documents.statement import LARGEST_STATEMENT, STATEMENT_FILE, SignedUpdate
from registry.errors import (
    ChainError,
    ConfigError,
    SignatureInvalid,
    StorageError,
    TallystickError,
)
from registry.index import RoundRecord
from registry.signing import Domain, UpdateStatement, digest, verify
from registry.storage import DAG_PB, Cid

__all__ = ["check_rounds"]


def check_rounds(
    evidence: AuditEvidence, replay: RoundReplay | None, domain: Domain
) -> dict[bytes, Owed]:
    """Checks every round; returns what each finalised one owes, by round id."""
    owed: dict[bytes, Owed] = {}
    for record in evidence.state.rounds.rounds.values():
        if not evidence.concerns(record.model_id):
            continue
        evidence.release()
        check = _RoundCheck(evidence, record, domain)
        document = check.document()
        check.openings(document)
        if document is not None:
            check.result(replay, document)
        if record.finalised:
            owed[record.round_id] = check.owed(document)
    evidence.release()
    return owed


class _RoundCheck:
    """The checks of one round."""

    def __init__(self, evidence: AuditEvidence, record: RoundRecord, domain: Domain) -> None:
        self._evidence = evidence
        self._report = evidence.report
        self._record = record
        self._staked = evidence.state.staked_rounds.rounds.get(record.round_id)
        self._domain = domain
        self._subject = f"{name_of(evidence, record.model_id)} round {record.number}"
        self._lacks_document = False
        self._coordinator = f"coordinator {record.coordinator}"
        # A signature is judged as of its use: a key that gets code later doesn't unsign anything.
        used = record.block_number if record.result is None else record.result.block_number
        self._checker = AuditedSignatureChecker(
            evidence.connection.gateway, evidence.headers, used, evidence.report
        )
        self._hidden = HiddenCheck(evidence, record, self._subject)
        self._opened = RoundOpenings(evidence, record, domain, self._subject, self._checker)

    def owed(self, document: ResultDocument | None) -> Owed:
        """Returns what the round owes (P-8); that isn't known while nobody gives its document."""
        budget, final = self._record.terms.reward_budget, self._record.finalised_in
        round_id = self._record.round_id
        if document is None:
            return Owed(round_id, final, {}, budget if self._lacks_document else 0)
        return Owed(round_id, final, owed_shares(document.to_json(), round_id, budget))

    def openings(self, document: ResultDocument | None) -> None:
        """Checks what was revealed, and fetches it."""
        self._hidden.check()
        self._opened.read({} if document is None else document.refusals)

    def _signature(self, claim: Claim) -> None:
        """Checks an accepted update's statement: the round's, the weight, the signer."""
        label = f"{self._subject}: statement of {claim.participant}"
        try:
            signed = _statement(claim.folder)
            if not self._report.compare(
                FindingKind.WEIGHT, label, claim.weight, signed.statement.weight
            ):
                return
            statement = UpdateStatement(
                self._record.round_id, claim.participant, claim.update_root, claim.weight
            )
            signed.require(self._domain, statement)
        except (OSError, ConfigError) as error:
            self._report.differ(
                FindingKind.SIGNATURE, label, "a signed statement", error, whose=self._coordinator
            )
            return
        self._report.count(str(FindingKind.SIGNATURE))
        hashed = digest(self._domain, statement)
        try:
            verify(claim.participant, hashed, signed.signature, self._checker)
        except SignatureInvalid as error:
            self._report.differ(
                FindingKind.SIGNATURE, label, claim.participant, error, whose=self._coordinator
            )

    def document(self) -> ResultDocument | None:
        """Fetches the result document; None without a result, or if it can't be read."""
        result = self._record.result
        label = f"{self._subject}: result"
        if result is None:
            return None
        data = self._evidence.document(result.document_digest, label, whose=self._coordinator)
        self._lacks_document = data is None
        if data is None:
            return None
        try:
            return ResultDocument.parse(data)
        except ConfigError as error:
            self._report.differ(
                FindingKind.CONTENT,
                label,
                "a result document (R-9)",
                error,
                whose=self._coordinator,
            )
            return None

    def result(self, replay: RoundReplay | None, document: ResultDocument) -> None:
        """Checks the result document, then computes the round again."""
        self._document(f"{self._subject}: result", document)
        for claim in self._opened.claims:
            # Under stake, an update counts by its own account's commitment, statement or not.
            if claim.participant in document.weights and self._staked is None:
                self._signature(claim)
        if replay is None:
            self._report.skipped.append(
                f"{self._subject}: not computed again; pip install 'tallystick[trainer]'"
            )
            return
        unread = self._opened.unread - set(document.refusals)
        if unread:
            # Without them the sum is another one: that would call the coordinator wrong.
            self._report.skipped.append(
                f"{self._subject}: not computed again; nobody gives {len(unread)} of its updates"
            )
            return
        self._replayed(replay, document)

    def _document(self, label: str, document: ResultDocument) -> None:
        result = self._record.result
        assert result is not None  # noqa: S101  (the caller looked)
        reveals = self._opened.reveals
        for entry in document.accepted:
            told = entry.update_root, entry.content_digest, entry.weight
            participant, revealed = entry.participant, reveals.get(entry.participant)
            chain = (
                (revealed.update_root, revealed.content_digest, revealed.weight)
                if revealed
                else None
            )
            kind = FindingKind.WEIGHT if chain and chain[:2] == told[:2] else FindingKind.AGGREGATE
            accepted = f"{label}: accepted {participant}"
            self._report.compare(kind, accepted, chain, told, whose=self._coordinator)
        listed = {*document.weights, *document.refusals}
        pairs = (
            (FindingKind.AGGREGATE, "who is listed", set(reveals), listed),
            (FindingKind.AGGREGATE, "round", self._record.round_id, document.round_id),
            (FindingKind.AGGREGATE, "root", result.result_root, document.result_root),
            (FindingKind.VERSION, "version", result.version_digest, document.version_digest),
            (FindingKind.SHARE, "budget", self._record.terms.reward_budget, document.budget),
            (FindingKind.AGGREGATE, "accepted", result.accepted, len(document.accepted)),
            (
                FindingKind.WEIGHT,
                "total weight",
                result.total_weight,
                sum(document.weights.values()),
            ),
        )
        for kind, what, expected, told_of_it in pairs:
            self._report.compare(
                kind, f"{label}: {what}", expected, told_of_it, whose=self._coordinator
            )

    def _replayed(self, replay: RoundReplay, document: ResultDocument) -> None:
        base = self._base()
        terms_document = self._evidence.document(
            self._record.terms.document_digest, f"{self._subject}: terms"
        )
        if base is None or terms_document is None:
            return
        unknown = len(self._report.of(AuditVerdict.UNKNOWN))
        try:
            self._weights(replay, terms_document, base[0])
            self._compared(replay, document, self._replay(replay, terms_document, base))
        except (StorageError, ChainError):
            raise  # no answer is no verdict
        except Exception as error:
            # Whatever foreign content makes the engine raise is that round's, and ends no audit.
            lacking = len(self._report.of(AuditVerdict.UNKNOWN)) > unknown
            self._report.differ(
                FindingKind.AGGREGATE,
                self._subject,
                "a round that can be replayed",
                error if isinstance(error, TallystickError) else f"{type(error).__name__}: {error}",
                verdict=AuditVerdict.UNKNOWN if lacking else AuditVerdict.WRONG,
                whose=self._coordinator,
            )

    def _weights(self, replay: RoundReplay, terms_document: bytes, base: Path) -> None:
        """Holds base and new version of a staked round against the roots that it names."""
        if self._staked is None or self._staked.standing is None:
            return
        sponsor, proposal = self._staked.sponsor, self._staked.standing.proposal
        root, whose = self._staked.stakes.base_root, f"sponsor {sponsor}"
        label = f"{self._subject}: base: root of the weights"
        compare_root(self._report, replay.base_root, label, terms_document, base, root, whose=whose)
        label, cid = f"{self._subject}: new version", Cid(DAG_PB, proposal.version_digest)
        made = self._evidence.folder(cid, label)
        whose = f"proposer {self._staked.standing.proposer}"
        for of, root_of, root in (
            ("weights", replay.version_root, proposal.version_root),
            ("memory", replay.momentum_root, proposal.momentum_root),
        ):
            if made is not None:
                told = self._report, root_of, f"{label}: root of the {of}"
                compare_root(*told, terms_document, made, root, whose=whose)

    def _replay(
        self, replay: RoundReplay, terms_document: bytes, base: tuple[Path, bytes]
    ) -> Replayed:
        record, (base_folder, base_id) = self._record, base
        return replay.round(
            domain=self._domain,
            round_id=record.round_id,
            terms=record.terms,
            document=terms_document,
            base=base_folder,
            base_version_id=base_id,
            claims=self._opened.claims,
            scratch=self._evidence.scratch / "replay" / record.round_id.hex(),
            folder_of=lambda digest: self._evidence.folder(
                Cid(DAG_PB, digest), f"{self._subject}: validation set"
            ),
            code_checker=self._checker,
            stakes=self._staked.stakes if self._staked is not None else None,
            hidden=self._hidden.evidence(),
        )

    def _compared(self, replay: RoundReplay, document: ResultDocument, found: Replayed) -> None:
        uncounted = {p for p in self._opened.reveals if not self._opened.counts(p)}
        compared = ResultComparison(
            self._evidence, self._record, self._subject, uncounted, frozenset(self._opened.missing)
        )
        compared.outcome(found, document)
        compared.shares(replay, found, document)

    def _base(self) -> tuple[Path, bytes] | None:
        catalogue = self._evidence.state.catalogue
        key = self._record.model_id, self._record.terms.base_version
        version = catalogue.versions.get(key)
        if version is None:
            self._report.differ(FindingKind.VERSION, f"{self._subject}: base", "a version", "none")
            return None
        cid = Cid(version.content.codec, version.content.digest)
        folder = self._evidence.folder(cid, f"{self._subject}: base")
        return None if folder is None else (folder, version.version_id)


def _statement(folder: Path) -> SignedUpdate:
    """Reads an update's statement as the door does."""
    with (folder / STATEMENT_FILE).open("rb") as handle:
        return SignedUpdate.parse(handle.read(LARGEST_STATEMENT + 1))
