"""The journal of publishes: durable, one file per content, and never believed when damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests_roles import OWNER, PUBLISHER

from registry.errors import ConfigError
from registry.usecases.journal import PublishEntry, PublishJournal

MODEL, DIGEST = b"\x01" * 32, b"\x02" * 32
ENTRY = PublishEntry(3, "02f8", "0x" + "ab" * 32)


@pytest.fixture
def journal(tmp_path: Path) -> PublishJournal:
    """An empty journal."""
    return PublishJournal(tmp_path, 31337, OWNER.address)


def files(folder: Path) -> list[Path]:
    """What the journal has written."""
    return [p for p in folder.rglob("*") if p.is_file()]


def test_nothing_is_known_at_first(journal: PublishJournal, tmp_path: Path) -> None:
    assert journal.load(MODEL, DIGEST) is None
    assert files(tmp_path) == []


def test_what_is_saved_is_loaded_by_another_process(
    journal: PublishJournal, tmp_path: Path
) -> None:
    journal.save(MODEL, DIGEST, ENTRY)
    assert PublishJournal(tmp_path, 31337, OWNER.address).load(MODEL, DIGEST) == ENTRY


def test_saving_again_replaces_and_leaves_no_part(journal: PublishJournal, tmp_path: Path) -> None:
    journal.save(MODEL, DIGEST, PublishEntry(3))
    journal.save(MODEL, DIGEST, ENTRY)
    assert journal.load(MODEL, DIGEST) == ENTRY
    assert len(files(tmp_path)) == 1


def test_forgetting_twice_is_forgetting_once(journal: PublishJournal, tmp_path: Path) -> None:
    journal.save(MODEL, DIGEST, ENTRY)
    journal.forget(MODEL, DIGEST)
    journal.forget(MODEL, DIGEST)
    assert journal.load(MODEL, DIGEST) is None
    assert files(tmp_path) == []


def test_publishes_are_told_apart_by_content_model_chain_and_registry(
    journal: PublishJournal, tmp_path: Path
) -> None:
    journal.save(MODEL, DIGEST, ENTRY)
    assert journal.load(MODEL, b"\x03" * 32) is None
    assert journal.load(b"\x04" * 32, DIGEST) is None
    assert PublishJournal(tmp_path, 1, OWNER.address).load(MODEL, DIGEST) is None
    assert PublishJournal(tmp_path, 31337, PUBLISHER.address).load(MODEL, DIGEST) is None


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"number": 1, "more": 2}', '{"raw": ""}'])
def test_a_damaged_entry_is_refused_with_the_remedy(
    journal: PublishJournal, tmp_path: Path, text: str
) -> None:
    journal.save(MODEL, DIGEST, ENTRY)
    (path,) = files(tmp_path)
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"damaged journal .*delete it to start over"):
        journal.load(MODEL, DIGEST)
