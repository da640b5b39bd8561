"""Storage is pruned: what the registry and its audit need stays, whatever happens meanwhile."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario, PowerCut
from tests_roles import OWNER

from registry.audit import Report, audit
from registry.errors import ConfigError
from registry.storage import Pruned, add_path
from registry.usecases.pruning import Pruning
from trainer.adapters.replay import Replay

FINAL, VOIDED = 3, 1


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A model with three final rounds and a voided one, and what was never published."""
    f = ChainFederation(place, OWNER, seats=2)
    f.publish_first()
    for _ in range(FINAL):
        assert f.round(f.participants()).version is not None
    assert f.round(f.participants()[:1]).document is None  # one of the two that it takes
    draft = place.work / "draft"
    draft.mkdir()
    (draft / "notes.bin").write_bytes(b"".join(n.to_bytes(4, "big") for n in range(1 << 18)))
    f.store.pin(add_path(f.store, draft))
    age(f)
    return f


def age(f: ChainFederation) -> None:
    """Makes everything in the store two hours old."""
    for path in f.store.folder.rglob("*"):
        os.utime(path, (time.time() - 7_200,) * 2)


def audited(f: ChainFederation) -> Report:
    return audit(f.place.client().connection, replay=Replay())


def prune(f: ChainFederation, **options: Any) -> Pruned:
    return Pruning(f.place.client().connection).prune(**options)


def bytes_of(f: ChainFederation) -> int:
    return sum(path.stat().st_size for path in f.store.folder.rglob("*") if path.is_file())


def test_what_nobody_needs_goes_and_the_audit_is_as_clean_as_before(
    federation: ChainFederation, tmp_path: Path
) -> None:
    f = federation
    assert audited(f).findings == []
    before = bytes_of(f)
    told = prune(f, dry_run=True)
    assert bytes_of(f) == before
    assert prune(f) == told
    assert told.pins == 2  # the draft, and the voided round's update
    assert before - bytes_of(f) == told.bytes > 1 << 20
    assert audited(f).findings == []
    for number in range(1, FINAL + 2):
        f.client.fetch(f"{MODEL}:{number}", tmp_path / str(number))
    assert prune(f) == Pruned(0, 0, 0)


def test_of_older_rounds_the_audit_says_that_updates_are_not_available(
    federation: ChainFederation,
) -> None:
    f = federation
    prune(f, keep_rounds=1)
    report = audited(f)
    assert {finding.verdict.name for finding in report.findings} == {"UNKNOWN"}
    about = {finding.subject.split(":")[0] for finding in report.findings}
    assert all("round 1" in text or "round 2" in text for text in about), about
    assert any("round 2" in text for text in about)
    with pytest.raises(ConfigError, match="0 or more"):
        prune(f, keep_rounds=-1)


def test_a_run_that_is_cut_short_has_lost_nothing(
    federation: ChainFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[Any] = []
    f, unlink = federation, Path.unlink

    def cut(path: Path, missing_ok: bool = False) -> None:
        if len(deleted) == 3:
            raise PowerCut
        deleted.append(path)
        unlink(path, missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut)
        with pytest.raises(PowerCut):
            prune(f)
    assert len(deleted) == 3
    assert audited(f).findings == []
    prune(f)
    assert audited(f).findings == []


def test_while_a_round_is_open_what_was_stored_since_it_began_stays(
    federation: ChainFederation,
) -> None:
    f = federation
    prune(f)
    person, coordinator = f.participant(0), f.coordinator()
    round_id = coordinator.open(f.terms(), f.document)
    other = f.participant(1)
    for step in (person, other, person):
        step.step(round_id)  # enrolled, and the first one committed: a hash that hides its update
    state = coordinator._board.state(round_id)
    assert person.address in state.commitments
    assert prune(f) == Pruned(0, 0, 0)
    assert f.store.is_pinned(_update(person.opening(round_id).content_digest))


def _update(digest: bytes) -> Any:
    from registry.storage import DAG_PB, Cid

    return Cid(DAG_PB, digest)
