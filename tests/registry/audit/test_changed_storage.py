"""T-7, T-8: every class of stored block is flipped, cut, extended, swapped, deleted; each is named.

given a federation with everything that is ever stored, a private model and a description too
  when one block of a class is changed in storage: the audit names it, and goes on
  when it is put back: the audit is clean
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from audited_federation import AuditedFederation
from chain_federation import MODEL
from tests_roles import STRANGER

from registry.audit import AuditVerdict, FindingKind
from registry.storage import DAG_PB, RAW, Cid
from registry.storage.flatfs import FlatFiles
from registry.types import Visibility

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
Changed = Callable[[bytes, bytes], bytes | None]
CHANGES: dict[str, Changed] = {
    "flip": lambda whole, other: whole[:-1] + bytes([whole[-1] ^ 1]),
    "cut": lambda whole, other: whole[:-1],
    "extend": lambda whole, other: whole + b"\0",
    "swap": lambda whole, other: other,
    "delete": lambda whole, other: None,
}


def _sealed(a: AuditedFederation, folder: Path) -> None:
    """Adds a private model with a reader, and a model with a description."""
    client = a.federation.client
    folder.mkdir()
    (folder / "README.md").write_text("# sealed\n")
    client.publish(folder, "sealed", visibility=Visibility.PRIVATE)
    client.grant("sealed", STRANGER.address, STRANGER.public_key)
    client.register("described", description=b"what it is for")


def _blocks(a: AuditedFederation) -> dict[str, Cid]:
    client, result = a.federation.client, a.record(1).result
    catalogue = client.state().catalogue
    update = a.record(1).reveals[a.address(0)].content_digest
    version = client.version(f"{MODEL}:2").content.digest
    newest = client.payouts.newest(client.model(MODEL), a.federation.token)
    grant = catalogue.grants[client.model("sealed").model_id, STRANGER.address]
    assert result is not None
    assert newest is not None
    return {
        "update": a.block_of(update, "update.safetensors"),
        "statement": a.block_of(update, "statement.json"),
        "update folder": Cid(DAG_PB, update),
        "version": a.block_of(version, "model.safetensors"),
        "manifest": a.block_of(version, "manifest.json"),
        "version folder": Cid(DAG_PB, version),
        "result": Cid(RAW, result.document_digest),
        "terms": Cid(RAW, a.record(1).terms.document_digest),
        "payouts": Cid(RAW, newest.document_digest),
        "description": Cid(RAW, client.model("described").description_digest),
        "wrapped key": Cid(RAW, grant.wrapped_key_digest),
        "ciphertext": Cid(DAG_PB, client.version("sealed:1").content.digest),
    }


@contextmanager
def _changed(path: Path, whole: bytes | None) -> Iterator[None]:
    kept = path.read_bytes()
    if whole is None:
        path.unlink()
    else:
        path.write_bytes(whole)
    try:
        yield
    finally:
        path.write_bytes(kept)


def test_t8_whatever_is_changed_in_storage_is_named(
    audited: AuditedFederation, tmp_path: Path
) -> None:
    _sealed(audited, tmp_path / "sealed")
    files = FlatFiles(audited.federation.store.folder / "blocks")
    blocks = _blocks(audited)
    others = dict(zip(blocks, itertools.islice(itertools.cycle(blocks), 1, None), strict=False))
    cases = list(itertools.product(blocks, CHANGES))
    for name, change in cases if NIGHTLY else cases[::4]:
        path = files.path(blocks[name])
        other = files.path(blocks[others[name]]).read_bytes()
        with _changed(path, CHANGES[change](path.read_bytes(), other)):
            report = audited.audit()
        named = [f for f in report.findings if f.kind is FindingKind.CONTENT]
        assert named, f"{change} of the {name} was not seen"
        if change == "delete":
            assert report.of(AuditVerdict.WRONG) == [], f"{name}: {report.findings}"
    assert audited.audit().findings == []


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), OSError(5, "I/O error")])
def test_a_disk_that_fails_is_no_divergence(
    audited: AuditedFederation, monkeypatch: pytest.MonkeyPatch, fault: OSError
) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise fault

    monkeypatch.setattr("registry.audit.evidence.fetch_path", full)
    with pytest.raises(OSError, match=str(fault.strerror)):
        audited.audit()


def test_a_wrapped_key_of_another_length_is_odd_and_its_owner_s(
    audited: AuditedFederation,
) -> None:
    client = audited.federation.client
    cid = client.connection.store.put_block(b"no wrapped key")
    client.connection.contracts["ModelRegistry"].write(
        "grant", client.model(MODEL).model_id, audited.address(0), 0, cid.digest
    )
    (finding,) = audited.audit().findings
    assert finding.verdict is AuditVerdict.ODD
    assert finding.subject.endswith(f"wrapped key of {audited.address(0)}: bytes")
    assert finding.whose == f"owner {client.account}"
