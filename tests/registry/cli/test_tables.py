"""Tables: what fits a terminal, what a pipe gets whole, and how times and numbers are written."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import STRANGER

from registry.cli.columns import Column, plain
from registry.cli.output import Output, address_column, date_column, digest_column, number_column
from registry.dates import date_text

WHO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
ROUND = "0x" + "ab" * 32
CID = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
HEADINGS = [
    number_column("number"),
    address_column("owner"),
    digest_column("round"),
    digest_column("cid"),
    date_column("until"),
]
ROW = [7, WHO, ROUND, CID, 1_806_000_000]


class Terminal(io.StringIO):
    """A terminal of 80 columns."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], str]:
    """Returns what something prints on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")

    def printed(printing: Callable[[], None]) -> str:
        screen = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", screen)
            printing()
        return screen.getvalue()

    return printed


def test_a_terminal_gets_accounts_and_digests_shortened_in_80_columns(
    on_terminal: Callable[[Callable[[], None]], str],
) -> None:
    text = on_terminal(lambda: Output().rows(HEADINGS, [ROW], ""))
    heading, row = text.splitlines()
    assert max(len(heading.rstrip()), len(row.rstrip())) <= 80
    assert row.split() == [
        "7",
        "0x7099...79C8",
        "0xabab...abab",
        "...55fbzdi",
        "2027-03-25",
        "18:40",
    ]
    assert heading.split()[-2:] == ["until", "(UTC)"]


def test_wide_shows_them_whole(on_terminal: Callable[[Callable[[], None]], str]) -> None:
    headings = [address_column("owner"), number_column("n")]
    assert WHO in on_terminal(lambda: Output(wide=True).rows(headings, [[WHO, 1]], ""))


def test_a_pipe_gets_them_whole_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output().rows(HEADINGS, [ROW], "")
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split()[1:4] == [WHO, ROUND, CID]


def test_json_has_the_values_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).rows(HEADINGS, [ROW], "")
    (row,) = json.loads(capsys.readouterr().out)
    assert row == dict(zip(["number", "owner", "round", "cid", "until"], ROW, strict=True))


def test_numbers_stand_at_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    Output().rows(["name", number_column("count")], [["a", 5], ["b", 12_345]], "")
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "name  count",
        "a         5",
        "b     12345",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "yes"),
        (None, "none"),
        ([1, 2], "1, 2"),
        ([], "none"),
        ({"production": 1}, "production: 1"),
        (b"\x01", "0x01"),
    ],
)
def test_values_are_told_in_words(value: object, shown: str) -> None:
    assert plain(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f"{WHO} may read it", "0x7099...79C8 may read it"),
        (f"the result of round {ROUND}", "the result of round 0xabab...abab"),
        ([WHO, ROUND], "0x7099...79C8, 0xabab...abab"),
        (f"0x{'ab' * 20}f is longer than an account", f"0x{'ab' * 20}f is longer than an account"),
    ],
)
def test_accounts_and_digests_inside_a_text_are_shortened_too(value: object, shown: str) -> None:
    assert Column("what").cell(value, short=True) == shown
    assert Column("what").cell(value, short=False) == plain(value)


def test_what_is_as_short_as_its_short_form_stays() -> None:
    column = digest_column("cid")
    assert column.cell("bafybeigdyrzt5", short=True) == "bafybeigdyrzt5"
    assert column.cell("bafybeigdyrzt5s", short=True) == "...dyrzt5s"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "1970-01-01 00:00:00 UTC"), (2**64, f"{2**64} s after 1970")],
)
def test_a_moment_is_a_date_however_large(seconds: int, shown: str) -> None:
    assert date_text(seconds) == shown


def test_no_time_leaves_the_cell_empty(capsys: pytest.CaptureFixture[str]) -> None:
    Output().rows(["what", date_column("until")], [["exit", 0], ["grant", None]], "")
    assert [r.split() for r in capsys.readouterr().out.splitlines()[1:]] == [["exit"], ["grant"]]


@pytest.mark.parametrize(("no_color", "styled"), [("1", False), ("", True)])
def test_no_color_leaves_the_terminal_without_escapes(
    on_terminal: Callable[[Callable[[], None]], str],
    monkeypatch: pytest.MonkeyPatch,
    no_color: str,
    styled: bool,
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    text = on_terminal(lambda: Output().rows(["name"], [["a"]], ""))
    assert ("\x1b" in text) is styled


def test_quiet_leaves_out_what_is_told_on_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(quiet=True)
    output.line("on the way")
    output.result({}, "the result")
    assert capsys.readouterr().out == "the result\n"


def test_names_and_values_are_aligned_and_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    Output().fields({"slug": "m", "publishers": [WHO], "channels": {}})
    assert capsys.readouterr().out.splitlines() == [
        "slug        m",
        f"publishers  {WHO}",
        "channels    none",
    ]


@pytest.fixture
def used(tally: Tally, world: DeployedScenario) -> Tally:
    """A registry in daily use, seen on a terminal of 80 columns."""
    name = "a-model-with-a-rather-long-name"
    tally.json("publish", tally.model(name), "--licence", "Apache-2.0", "--channel", "production")
    tally.json("access", "grant", name, STRANGER.address, "--days", "30")
    tally.json("stake", "deposit", "123456789012345678901234")
    tally.patch.setenv("COLUMNS", "80")
    tally.patch.setenv("NO_COLOR", "1")
    return tally


@pytest.mark.parametrize(
    "line",
    [
        "model list",
        "model show NAME",
        "version list NAME",
        "channel history NAME production",
        "access list NAME",
        "access history NAME",
        "lineage NAME",
        "log NAME",
        "name list",
        "stake show",
        "stake controllers",
        "token balance",
        "round list NAME",
        "reward show NAME",
        "account list",
        "doctor",
        "config list",
    ],
)
def test_what_a_command_lists_fits_80_columns(used: Tally, line: str) -> None:
    words = ["a-model-with-a-rather-long-name" if w == "NAME" else w for w in line.split()]
    screen = Terminal()
    with used.patch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        done = used.run(*words)
    assert done.code == 0, done.err
    assert screen.getvalue()
    long = [row for row in screen.getvalue().splitlines() if len(row.rstrip()) > 80]
    assert not long, "\n".join(long)
