"""Checks every version: its content against its CID, its files against its manifest.

What a version says of itself and contradicts is its publisher's own: it is told, and nobody else's
record is called wrong for it.
"""

from __future__ import annotations

from pathlib import Path

from registry.audit.evidence import AuditEvidence, name_of
from registry.audit.findings import AuditVerdict, FindingKind
from registry.documents.manifest import MANIFEST_NAME, Manifest
from registry.errors import ManifestError
from registry.model_files import check_model_folder
from registry.storage import DAG_PB, Cid
from registry.types import ZERO_ID, Version, Visibility

__all__ = ["check_versions"]


def check_versions(evidence: AuditEvidence) -> None:
    """Checks the versions of every public model; of private ones, that the ciphertext is there."""
    for version in evidence.state.catalogue.versions.values():
        if evidence.concerns(version.model_id):
            _version(evidence, version)
            evidence.release()


def _version(evidence: AuditEvidence, version: Version) -> None:
    subject = f"{name_of(evidence, version.model_id)}:{version.number}"
    publisher = f"publisher {version.publisher}"
    _round(evidence, version, subject)
    cid = Cid(version.content.codec, version.content.digest)
    folder = evidence.folder(cid, f"{subject} content", whose=publisher, odd=True)
    if folder is None or version.content.codec != DAG_PB:
        return  # a single raw block carries no manifest
    model = evidence.state.catalogue.models[version.model_id]
    if model.visibility is Visibility.PRIVATE:
        evidence.report.count("sealed")
        return
    if not (folder / MANIFEST_NAME).is_file():
        evidence.report.skipped.append(f"{subject}: no manifest (registered by the simple surface)")
        return
    _manifest(evidence, version, folder, f"{subject} manifest")


def _round(evidence: AuditEvidence, version: Version, subject: str) -> None:
    """A version may name any round; one of another model didn't make it."""
    record = evidence.state.rounds.rounds.get(version.round_id)
    if record is not None and record.terms.model_id != version.model_id:
        evidence.report.differ(
            FindingKind.VERSION,
            f"{subject}: names a round of another model",
            name_of(evidence, version.model_id),
            name_of(evidence, record.terms.model_id),
            verdict=AuditVerdict.ODD,
            whose=f"publisher {version.publisher}",
        )


def _manifest(evidence: AuditEvidence, version: Version, folder: Path, subject: str) -> None:
    report, publisher = evidence.report, f"publisher {version.publisher}"
    report.count(str(FindingKind.MANIFEST))
    try:
        manifest = Manifest.parse((folder / MANIFEST_NAME).read_bytes())
        manifest.verify_folder(folder)
        check_model_folder(folder)
    except ManifestError as error:
        report.differ(
            FindingKind.MANIFEST,
            subject,
            "files as listed",
            error,
            verdict=AuditVerdict.ODD,
            whose=publisher,
        )
        return
    told = (manifest.round_id or ZERO_ID, tuple(manifest.parents), manifest.licence)
    chain = (version.round_id, version.parents, version.licence)
    report.compare(
        FindingKind.MANIFEST,
        f"{subject}: round, parents, licence",
        chain,
        told,
        verdict=AuditVerdict.ODD,
        whose=publisher,
    )
