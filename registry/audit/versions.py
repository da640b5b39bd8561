"""Checks every version: its content against its CID, its files against its manifest."""

from __future__ import annotations

from registry.audit.evidence import Evidence, name_of
from registry.audit.findings import Kind
from registry.errors import ManifestError
from registry.manifest import MANIFEST_NAME, Manifest
from registry.model_files import check_model_folder
from registry.storage import DAG_PB, Cid
from registry.types import ZERO_ID, Version, Visibility

__all__ = ["check_versions"]


def check_versions(evidence: Evidence) -> None:
    """Checks the versions of every public model; of private ones, that the ciphertext is there."""
    for version in evidence.state.catalogue.versions.values():
        if evidence.concerns(version.model_id):
            _version(evidence, version)


def _version(evidence: Evidence, version: Version) -> None:
    subject = f"{name_of(evidence, version.model_id)}:{version.number}"
    cid = Cid(version.content.codec, version.content.digest)
    folder = evidence.folder(cid, f"{subject} content")
    if folder is None:
        return
    if version.content.codec != DAG_PB:
        return  # a single raw block carries no manifest
    model = evidence.state.catalogue.models[version.model_id]
    if model.visibility is Visibility.PRIVATE:
        evidence.report.count("sealed")
        return
    if not (folder / MANIFEST_NAME).is_file():
        evidence.report.skipped.append(f"{subject}: no manifest (registered by the simple surface)")
        return
    evidence.report.count(str(Kind.MANIFEST))
    try:
        manifest = Manifest.parse((folder / MANIFEST_NAME).read_bytes())
        manifest.verify_folder(folder)
        check_model_folder(folder)
    except ManifestError as error:
        evidence.report.differ(Kind.MANIFEST, f"{subject} manifest", "files as listed", error)
        return
    told = (manifest.round_id or ZERO_ID, tuple(manifest.parents), manifest.licence)
    chain = (version.round_id, version.parents, version.licence)
    evidence.report.compare(
        Kind.MANIFEST, f"{subject} manifest: round, parents, licence", chain, told
    )
