"""Plays: who says what, and what nobody says."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.errors import ConfigError
from trainer.data import by_speaker, read_speeches

DOTTED = """ELSINORE

by Somebody

DRAMATIS PERSONAE.

Bernardo, an officer

ACT I.

Scene I. A platform.

[Francisco at his post. Enter to him
Bernardo.]

Ber.
Who's there?

Fran.
Nay, answer me: [Aside.] stand,
and unfold yourself.

[Exit.]

Long live the king.

BER.
He.
"""
CAPITALS = (
    "A DREAM\n\nTHESEUS\n      Go, Philostrate,\nStir up the youth.\n\nEGEUS\nHappy be you!\n"
)
POEM = "THE SONNETS\n\nI.\n\nFrom fairest creatures we desire increase,\n"
REAL = Path(__file__).resolve().parents[3] / ".data" / "shakespeare"


@pytest.fixture
def plays(tmp_path: Path) -> Path:
    """Two plays of different layouts, and a poem."""
    for name, text in (("elsinore", DOTTED), ("dream", CAPITALS), ("sonnets", POEM)):
        (tmp_path / f"{name}_gut.txt").write_text(text)
    return tmp_path


def test_speeches_are_told_by_speaker_without_directions(plays: Path) -> None:
    found = [(s.speaker, s.text) for s in read_speeches(plays, ["elsinore"])]
    assert found == [
        ("BER", "Who's there?"),
        ("FRAN", "Nay, answer me:  stand,\nand unfold yourself.\nLong live the king."),
        ("BER", "He."),
    ]


def test_speakers_in_capitals_need_no_dot(plays: Path) -> None:
    found = read_speeches(plays, ["dream"])
    assert [(s.play, s.speaker) for s in found] == [("dream", "THESEUS"), ("dream", "EGEUS")]
    assert found[0].text == "Go, Philostrate,\nStir up the youth."


def test_all_plays_are_read_by_name_and_poems_left_out(plays: Path) -> None:
    assert [s.play for s in read_speeches(plays)] == ["dream"] * 2 + ["elsinore"] * 3


def test_a_speaker_s_text_is_joined_and_short_parts_left_out(plays: Path) -> None:
    found = by_speaker(read_speeches(plays, ["elsinore"]))
    assert found[("elsinore", "BER")] == "Who's there?\nHe."
    assert list(by_speaker(read_speeches(plays, ["elsinore"]), 20)) == [("elsinore", "FRAN")]


def test_what_is_no_play_is_refused(plays: Path) -> None:
    with pytest.raises(ConfigError, match="no play 'macbeth'; there are 3 others"):
        read_speeches(plays, ["macbeth"])
    with pytest.raises(ConfigError, match="expected speakers on lines of their own"):
        read_speeches(plays, ["sonnets"])
    with pytest.raises(ConfigError, match="no such folder"):
        read_speeches(plays / "nowhere")
    (plays / "none").mkdir()
    with pytest.raises(ConfigError, match="expected plays in files"):
        read_speeches(plays / "none")
    (plays / "latin_gut.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="expected text in UTF-8"):
        read_speeches(plays)


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the plays: make data")
def test_shakespeare_s_plays_are_all_there() -> None:
    found = read_speeches(REAL)
    assert len({speech.play for speech in found}) == 37
    assert len(found) > 30_000
    longest = max(by_speaker(found).items(), key=lambda told: len(told[1]))[0]
    assert longest == ("hamlet", "HAM")
