"""The demonstration's page: what it tells of a run, and that its figures add up.

given the figures of a run
  it tells the story in five sentences, from those figures
  it names the free rider, the refusal, the finding and each ancestor
  it sets numbers flush right, and loads nothing
  its gas and its times add up
given accuracies
  the axis begins at the tenth below the least
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from registry.audit import AuditVerdict, FindingKind, Report
from registry.types import ZERO_ID, Content, Model, Version, VersionStatus, Visibility
from registry.usecases.lineage import Ancestor
from trainer.demo.figures import DemoFigures
from trainer.demo.gas_steps import DEPLOY, OTHER, GasLine, by_step
from trainer.demo.page import story, write_report
from trainer.demo.page_parts import line_plot, scale_floor
from trainer.demo.scene import BUDGET, StoryOutcome

PEOPLE = [f"0x{digit * 40}" for digit in "123"]


def _ancestor(slug: str, number: int, round_id: bytes = ZERO_ID, parent: bool = True) -> Ancestor:
    model = Model(b"m" * 32, PEOPLE[0], slug, Visibility.PUBLIC, ZERO_ID, frozenset(), "", 1)
    parents = (b"p" * 32,) if parent else ()
    content, status = Content(b"c" * 32), VersionStatus.ACTIVE
    version = Version(
        b"v" * 32, b"m" * 32, number, content, parents, round_id, "MIT", PEOPLE[0], status, "", 1
    )
    return Ancestor(model, version, 0, tuple(PEOPLE) if round_id != ZERO_ID else ())


@pytest.fixture
def figures() -> DemoFigures:
    """A run of two rounds in which one update was changed by somebody with a hostile name."""
    sound = Report(31337, PEOPLE[0], 60, "0xabc", checked={"content": 1_200, "aggregate": 34})
    tampered = Report(31337, PEOPLE[0], 60)
    tampered.differ(FindingKind.CONTENT, "<b>update</b>", "bafyone", "bafytwo", whose="the store")
    outcome = StoryOutcome(
        accuracy=[0.42, 0.914],
        versions=[2, 3],
        paid={PEOPLE[0]: BUDGET, PEOPLE[1]: BUDGET * 95 // 100, PEOPLE[2]: BUDGET * 5 // 100},
        refusal="0xdead has no access; ask its owner",
        outsider_accuracy=0.914,
        report=sound,
        tampered=tampered,
    )
    lineage = [_ancestor("digits-release", 1), _ancestor("digits", 3, b"r" * 32)]
    lineage += [_ancestor("digits", 2, b"r" * 32), _ancestor("digits", 1, parent=False)]
    gas = [GasLine(DEPLOY, 20, 20_000_000), GasLine("enrol", 6, 360_006)]
    spent = {"deploy": 1.26, "train": 10.06, "the remainder": 0.46}
    return DemoFigures(outcome, PEOPLE, [400, 300, 200], [0.5, 0.95], gas, lineage, spent, 2_000)


@pytest.fixture
def page(figures: DemoFigures, tmp_path: Path) -> str:
    """The page of that run."""
    write_report(tmp_path / "reports" / "demo.html", figures)
    return (tmp_path / "reports" / "demo.html").read_text()


def test_the_story_is_five_sentences_of_this_run(figures: DemoFigures, page: str) -> None:
    told = story(figures)
    assert len(told) == 5
    assert all(sentence.endswith(".") and sentence[:-1].count(". ") == 0 for sentence in told)
    assert told[0].startswith("Three hospitals")
    assert "91.4% of 2,000 test images" in told[1]
    assert "200 TALLY" in told[2]
    assert "got 2.5% of them" in told[2]
    assert "made 1,234 checks and found no divergence; it named the one byte" in told[4]
    assert " ".join(told).replace("'", "&#x27;") in page


def test_who_and_what_is_named(page: str) -> None:
    assert re.search(r'<tr class="marked"><td>free rider<br>', page)
    assert "Refused.</strong> 0xdead has no access." in page
    assert "<dt>expected</dt><dd>bafyone</dd><dt>found</dt><dd>bafytwo</dd>" in page
    assert "<dt>whose</dt><dd>the store</dd>" in page
    assert f"<dt>verdict</dt><dd>{AuditVerdict.WRONG}</dd>" in page
    line = re.findall(r"<li><div><strong>([^<]+)</strong><br>([^<]+)<", page)
    assert line == [
        ("digits:1", "untrained"),
        ("digits:2", "3 updates, 42.0%"),
        ("digits:3", "3 updates, 91.4%"),
        ("digits-release:1", "the private release"),
    ]


def test_what_others_wrote_is_text(page: str) -> None:
    assert "&lt;b&gt;update&lt;/b&gt;" in page
    assert "<b>" not in page


def test_numbers_are_flush_right_and_nothing_is_loaded(page: str) -> None:
    for number in ("1,200", "360,006", "10.1", "91.4%", "95.0000"):
        assert re.search(rf'<td class="number">{re.escape(number)}</td>', page), number
    assert 'name="viewport"' in page
    assert "prefers-color-scheme:dark" in page
    assert not re.search(r"(src|href)=|url\(|@import", page)


def test_gas_and_times_add_up(page: str) -> None:
    sums = re.findall(r'<tr class="sum">(.*?)</tr>', page)
    cells = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in sums]
    assert ["in all", "26", "", "20,360,006"] in cells
    assert ["in all", "11.9"] in cells  # as 1.3, 10.1 and 0.5, which are shown, and not 11.78


def test_the_gas_of_each_step_is_summed_and_none_is_lost() -> None:
    spent = [(None, 5), ("UpdateRevealed", 7), (None, 6), ("RoundOpened", 1), ("Approval", 2)]
    assert by_step([*spent, ("Unheard", 9)]) == [
        GasLine(DEPLOY, 2, 11),
        GasLine("open a round", 2, 3),
        GasLine("reveal", 1, 7),
        GasLine(OTHER, 1, 9),
    ]


@pytest.mark.parametrize(
    ("least", "floor"), [(0.914, 0.9), (0.9, 0.8), (0.42, 0.4), (0.05, 0.0), (0.0, 0.0)]
)
def test_the_axis_begins_below_the_least_value(least: float, floor: float) -> None:
    assert scale_floor([1.0, least, 0.95]) == pytest.approx(floor)


def test_a_plot_shows_each_line_within_its_frame() -> None:
    drawn = line_plot({"one": [0.5, 0.91], "other": [0.6, 0.912]}, "round")
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawn)]
    assert len(heights) == 4
    assert all(12 <= height <= 206 for height in heights)
    assert heights[0] > heights[1]
    names = [float(y) for y in re.findall(r'y="([\d.]+)" style', drawn)]
    assert abs(names[0] - names[1]) >= 16
