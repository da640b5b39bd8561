"""A mailbox in a shared folder: written whole, and read with suspicion."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry.documents.batch_entries import Opening, SignedCommitment
from registry.errors import ConfigError
from trainer.adapters import FolderMailbox
from trainer.batches.messages import LARGEST_HANDED, HandedCommitment, HandedOpening

ROUND = b"\x07" * 32
ANNA = "0x1D96F2f6BeF1202E4Ce1Ff6Dad0c2CB002861d3e"
BORIS = "0x328809Bc894f92807417D2dAD6b7C998c1aFdac6"


@pytest.fixture
def mailbox(tmp_path: Path) -> FolderMailbox:
    """An empty mailbox."""
    return FolderMailbox(tmp_path)


def place(folder: Path) -> Path:
    """Where commitments of the round lie."""
    return folder / ROUND.hex() / "commitment"


def test_what_is_laid_down_is_there_for_everybody(mailbox: FolderMailbox, tmp_path: Path) -> None:
    mailbox.put(ROUND, "commitment", ANNA, b"one")
    mailbox.put(ROUND, "commitment", BORIS, b"two")
    mailbox.put(ROUND, "opening", ANNA, b"three")
    other = FolderMailbox(tmp_path)
    assert other.documents(ROUND, "commitment") == {ANNA: b"one", BORIS: b"two"}
    assert other.get(ROUND, "opening", ANNA) == b"three"
    assert other.get(ROUND, "opening", BORIS) is None
    assert other.documents(b"\x08" * 32, "commitment") == {}


def test_a_newer_document_takes_the_former_one_s_place(mailbox: FolderMailbox) -> None:
    for text in (b"first", b"second"):
        mailbox.put(ROUND, "commitment", ANNA, text)
    assert mailbox.documents(ROUND, "commitment") == {ANNA: b"second"}


def test_nothing_is_left_of_a_write_but_its_file(mailbox: FolderMailbox, tmp_path: Path) -> None:
    mailbox.put(ROUND, "commitment", ANNA, b"one")
    assert [path.name for path in place(tmp_path).iterdir()] == [f"{ANNA.lower()}.json"]


def test_a_cut_write_is_not_read(mailbox: FolderMailbox, tmp_path: Path) -> None:
    mailbox.put(ROUND, "commitment", ANNA, b"one")
    (place(tmp_path) / ".abc.partial").write_bytes(b"half of ano")
    assert mailbox.documents(ROUND, "commitment") == {ANNA: b"one"}


def test_t26_links_pipes_folders_and_strange_names_are_passed_over(
    mailbox: FolderMailbox, tmp_path: Path
) -> None:
    mailbox.put(ROUND, "commitment", ANNA, b"one")
    secret = tmp_path / "secret"
    secret.write_bytes(b"not for you")
    folder = place(tmp_path)
    (folder / f"{BORIS.lower()}.json").symlink_to(secret)
    os.mkfifo(folder / f"0x{'1' * 40}.json")
    (folder / f"0x{'2' * 40}.json").mkdir()
    for name in (f"{BORIS}.json", f"{BORIS.lower()}.txt", "0x12.json", "readme"):
        (folder / name).write_bytes(b"two")
    assert mailbox.documents(ROUND, "commitment") == {ANNA: b"one"}
    assert mailbox.get(ROUND, "commitment", BORIS) is None


def test_t26_a_file_that_is_too_long_is_passed_over(mailbox: FolderMailbox, tmp_path: Path) -> None:
    mailbox.put(ROUND, "commitment", ANNA, b"x" * LARGEST_HANDED)
    (place(tmp_path) / f"{BORIS.lower()}.json").write_bytes(b"x" * (LARGEST_HANDED + 1))
    assert list(mailbox.documents(ROUND, "commitment")) == [ANNA]
    with pytest.raises(ConfigError):
        mailbox.put(ROUND, "commitment", BORIS, b"x" * (LARGEST_HANDED + 1))


@pytest.mark.parametrize(
    ("round_id", "kind", "sender"),
    [
        (ROUND[:31], "commitment", ANNA),
        (ROUND, "../commitment", ANNA),
        (ROUND, "", ANNA),
        (ROUND, "commitment", "../../etc/passwd"),
        (ROUND, "commitment", ANNA.lower()),
    ],
)
def test_t26_nothing_leads_out_of_the_folder(
    mailbox: FolderMailbox, round_id: bytes, kind: str, sender: str
) -> None:
    with pytest.raises(ConfigError):
        mailbox.put(round_id, kind, sender, b"one")
    with pytest.raises(ConfigError):
        mailbox.get(round_id, kind, sender)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        FolderMailbox(tmp_path / "nowhere")


def test_a_mailbox_that_takes_nothing_says_so(mailbox: FolderMailbox, tmp_path: Path) -> None:
    (tmp_path / ROUND.hex()).write_bytes(b"a file where a folder should be")
    with pytest.raises(ConfigError, match="can't be written"):
        mailbox.put(ROUND, "commitment", ANNA, b"one")
    assert mailbox.documents(ROUND, "commitment") == {}


WORD = b"\x09" * 32
ENTRY = SignedCommitment(ANNA, WORD, b"\x01" * 65)
OPENED = Opening(ANNA, WORD, WORD, 5, WORD)
HANDED: list[tuple[type[HandedCommitment] | type[HandedOpening], bytes, str]] = [
    (HandedCommitment, HandedCommitment(ROUND, ENTRY).to_json(), "handed-commitment"),
    (HandedOpening, HandedOpening(ROUND, OPENED).to_json(), "handed-opening"),
]


@pytest.mark.parametrize(("kind", "text", "name"), HANDED)
def test_documents_of_another_kind_are_refused(
    kind: type[HandedCommitment], text: bytes, name: str
) -> None:
    assert kind.parse(text).to_json() == text
    others = [other for of, other, _ in HANDED if of is not kind]
    # Of the same fields, under the format of another: the format alone tells them apart.
    others += [text.replace(name.encode(), b"receipt"), text.replace(b"/1", b"/2", 1)]
    for other in (*others, b"{}", b"[]", b""):
        with pytest.raises(ConfigError, match=name):
            kind.parse(other)
