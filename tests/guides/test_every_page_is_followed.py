"""Tutorials, guides and the README: each is typed by a test, and little in them is only shown.

given a page with something to type or to run
  it is followed by a test of this folder
given a block that nobody runs
  it says why, right before it
"""

from __future__ import annotations

from pathlib import Path

import pytest
from guide_page import Illustration, steps_of
from guide_session import ROOT

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/tutorials/*.md"))]
PAGES += sorted(ROOT.glob("docs/guides/*.md"))
TESTS = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
MOST_SHOWN = 4
"""Blocks that are only shown, on all pages together."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_followed_by_a_test(page: Path) -> None:
    assert steps_of(page)
    assert f'"{page.name}"' in TESTS


def test_few_blocks_are_only_shown() -> None:
    shown = [step for page in PAGES for step in steps_of(page) if isinstance(step, Illustration)]
    assert all(len(step.reason.split()) > 3 for step in shown)
    assert len(shown) <= MOST_SHOWN


def test_nothing_that_could_be_run_hides_as_text() -> None:
    hidden = [page.name for page in PAGES if "```text" in page.read_text()]
    assert hidden == []
