"""The reference pages are what their generators write: `make docs` writes them anew."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_python_reference_is_what_the_docstrings_say() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "write_python_reference.py"))
    assert tool["PAGE"].read_text() == tool["page"]()


def test_the_command_line_s_reference_is_what_its_help_says() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "write_reference.py"))
    assert tool["PAGE"].read_text() == tool["page"]()


def test_a_shell_s_completion_reads_what_the_commands_are() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "write_reference.py"))
    assert tool["SKELETON"].read_text() == tool["skeleton"]()


def test_the_python_reference_has_every_name_that_the_packages_list() -> None:
    import registry
    import trainer

    page = (ROOT / "docs" / "reference" / "python.md").read_text()
    named = set(re.findall(r"^### (\w+)$", page, flags=re.M))
    assert {*registry.__all__, *trainer.__all__} <= named
