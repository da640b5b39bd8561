"""What others wrote is printed as it is read: no markup, no escape, no line of its own."""

from __future__ import annotations

import json
import unicodedata

import pytest
from command_line import Tally
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.cli.output import Output
from registry.cli.terminal_text import inert

STEERING = "\x00\x07\x08\t\n\r\x0b\x1b\x7f\x85\x9b\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e"
STEERING += "\u2066\u2069\ufeff\ud800\U000e0041"
MARKUP = ("[/MIT]", "[old]", "[fd00::1]", "[trainer]", "[bold]x[/bold]", ":smile:", "{task.id}")
FOREIGN = st.text(
    st.one_of(
        st.characters(), st.sampled_from(STEERING + "[]/:{}\\"), st.characters(max_codepoint=127)
    )
) | st.sampled_from(MARKUP)


def is_steering(character: str) -> bool:
    """Tells whether a terminal may act on a character instead of showing it."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def printed(capsys: pytest.CaptureFixture[str], *, lines: int) -> str:
    """Returns what was printed, which has to be so many lines without a steering character."""
    out = capsys.readouterr().out
    assert out.endswith("\n")
    assert out.count("\n") == lines
    assert not [c for c in out.replace("\n", "") if is_steering(c)]
    return out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b2J", "\\x9b2J"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("ad\u200bmin", "ad\\u200bmin"),
        ("\U000e0041", "\\U000e0041"),
        ("caf\u00e9 \u6a21\u578b \U0001f600", "caf\u00e9 \u6a21\u578b \U0001f600"),
        ("[/MIT] [bold] {x} :smile:", "[/MIT] [bold] {x} :smile:"),
    ],
)
def test_a_text_is_shown_in_one_line_that_steers_nothing(text: str, shown: str) -> None:
    assert inert(text) == shown


@given(st.text(st.one_of(st.characters(), st.sampled_from(STEERING))))
def test_no_character_that_steers_is_left(text: str) -> None:
    assert not [c for c in inert(text) if is_steering(c)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=FOREIGN)
def test_a_line_a_result_and_a_table_print_it_inert(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Output()
    output.line(f"reason: {text}")
    assert printed(capsys, lines=1) == f"reason: {inert(text)}\n"
    output.result({}, f"reason: {text}")
    assert printed(capsys, lines=1) == f"reason: {inert(text)}\n"
    output.result({}, [text, "second"])
    assert printed(capsys, lines=2) == f"{inert(text)}\nsecond\n"
    output.rows(["licence", "n"], [[text, 7]], "")
    row = printed(capsys, lines=2).splitlines()[1]
    assert row.split() == [*inert(text).split(), "7"]
    output.rows(["licence"], [], f"none: {text}")
    assert printed(capsys, lines=1) == f"none: {inert(text)}\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=FOREIGN)
def test_json_is_ascii_and_reads_back_as_it_was(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Output(as_json=True).result({"reason": text}, "")
    line = printed(capsys, lines=1)
    assert line.isascii()
    assert json.loads(line) == {"reason": text}


@pytest.mark.parametrize("licence", ["[/MIT]", "[old]", ":warning:", "\\[x"])
def test_a_licence_is_listed_whatever_it_is(tally: Tally, licence: str) -> None:
    tally.json("publish", tally.model("lantern"), "--licence", licence)
    heading, row = tally.told("version", "list", "lantern").splitlines()
    assert inert(licence) in row
    assert "licence" in heading.split()
    (listed,) = tally.json("version", "list", "lantern")
    assert listed["licence"] == licence


def test_a_reason_reaches_no_terminal(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"))
    tally.json("version", "yank", "lantern:1", "--reason", "[/bold] \u202eolleh\u200b\x9b2J")
    said = tally.refused("fetch", "lantern:1", "--to", "x", code=2)
    assert "[/bold] \\u202eolleh\\u200b\\x9b2J" in said
    for steering in ("\u202e", "\u200b", "\x9b"):
        assert steering not in said


def test_a_wrong_argument_is_shown_inert_as_well(tally: Tally) -> None:
    for words in (["--\x1b[2J"], ["\x1b[2J"], ["channel", "set", "a", "b", "\x1b[2J"]):
        done = tally.run(*words)
        assert done.code == 2
        assert "\x1b" not in done.err
        assert "\\x1b[2J" in done.err


def test_a_path_in_brackets_is_told_whole(tally: Tally) -> None:
    assert "models [old]" in tally.refused("publish", "models [old]", code=2)
    (row,) = (r for r in tally.told("doctor").splitlines() if r.startswith("torch"))
    assert row.split()[1] == "ok"
