"""The audit takes a participant's statement exactly if the door does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from audited_federation import AuditedFederation

from registry.audit import FindingKind
from registry.audit.evidence import AuditEvidence
from registry.documents.canonical_json import canonical
from registry.documents.statement import STATEMENT_FILE


def rewritten(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    """A statement with other fields, canonical again."""

    def rewrite(text: bytes) -> bytes:
        fields = json.loads(text)
        change(fields)
        return canonical(fields)

    return rewrite


UNTIDY: dict[str, Callable[[bytes], bytes]] = {
    "a blank": lambda text: text + b"\n",
    "keys unsorted": lambda text: json.dumps(json.loads(text)).encode(),
    "a key twice": lambda text: b'{"format":"tallystick/update/1",' + text[1:],
    "another format": rewritten(lambda f: f.update(format="tallystick/update/2")),
    "one more field": rewritten(lambda f: f.update(note="")),
    "another round": rewritten(lambda f: f["message"].update(roundId="0x" + "ab" * 32)),
    "another chain": rewritten(lambda f: f["domain"].update(chainId=1)),
    "a weight as text": rewritten(lambda f: f["message"].update(weight=str(7))),
    "an address without checksum": rewritten(
        lambda f: f["message"].update(participant=f["message"]["participant"].lower())
    ),
    "a signature without 0x": rewritten(lambda f: f.update(signature=f["signature"][2:])),
    "too long": lambda text: text[:-1] + b" " * 5_000 + b"}",
}


@pytest.mark.parametrize("name", UNTIDY)
def test_a_statement_that_the_door_refuses_is_a_divergence(
    audited: AuditedFederation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    fetched, whose = AuditEvidence.folder, audited.address(1)

    def folder(self: AuditEvidence, cid: Any, label: str, **options: Any) -> Path | None:
        found = fetched(self, cid, label, **options)
        if found is None or not label.endswith(f"round 1: update of {whose}"):
            return found
        copied = Path(shutil.copytree(found, tmp_path / "copied", dirs_exist_ok=True))
        statement = copied / STATEMENT_FILE
        statement.chmod(0o600)
        statement.write_bytes(UNTIDY[name](statement.read_bytes()))
        return copied

    monkeypatch.setattr(AuditEvidence, "folder", folder)
    found = audited.audit().findings[0]
    assert (found.kind, whose in found.subject) == (FindingKind.SIGNATURE, True)
    assert found.expected == "a signed statement"
