"""What follows the guides notices what a reader would.

given a page whose command ends with another code, or prints something else than is shown
  it fails, and says which command
given what runs in the background
  it fails if that ends badly, and ends what serves
given words before a block
  the file is written where the reader is, or added to
"""

from __future__ import annotations

from pathlib import Path

import pytest
from guide_page import Command, Illustration, SavedFile, Script, steps_of
from guide_session import GuideSession

FENCE = "`" * 3


def page(folder: Path, *parts: str) -> Path:
    """A page of words and of blocks, which are (language, inside)."""
    path = folder / "page.md"
    path.write_text("\n\n".join(parts).replace("~~~", FENCE))
    return path


def followed(folder: Path, *parts: str) -> str:
    """Follows a page of these parts; returns what was printed."""
    with GuideSession(folder) as reader:
        return reader.follow(steps_of(page(folder, *parts)))


def test_a_page_is_read_as_its_words_say(tmp_path: Path) -> None:
    parts = (
        "Save this as `a.py`:\n\n~~~python\nx = 1\n~~~",
        "Add this to `a.py`:\n\n~~~python\nprint(x)\n~~~",
        "Look:\n\n~~~python\nprint(2)\n~~~",
        "~~~console\n$ cat <<'END'\n$ one\nEND\n$ python a.py \\\n  b   # exits with 3\nshown\n~~~",
        "<!-- not run: no such network -->\n~~~console\n$ far\n~~~",
        "~~~text\nnothing\n~~~",
    )
    assert steps_of(page(tmp_path, *parts)) == [
        SavedFile("a.py", "x = 1\n", False),
        SavedFile("a.py", "print(x)\n", True),
        Script("print(2)\n"),
        Command("cat <<'END'\n$ one\nEND"),
        Command("python a.py \\\n  b   # exits with 3", ["shown"]),
        Illustration("console", "no such network"),
    ]


def test_a_block_that_no_word_explains_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the js block"):
        steps_of(page(tmp_path, "~~~js\nlet x;\n~~~"))


def test_folder_variables_and_files_last_from_command_to_command(tmp_path: Path) -> None:
    said = followed(
        tmp_path,
        "~~~console\n$ mkdir inside && cd inside\n$ export X=one\n~~~",
        "Save this as `a.sh`:\n\n~~~bash\necho $X $HOME\n~~~",
        "~~~console\n$ bash a.sh\none …/home\n$ false   # exits with 1\n~~~",
    )
    assert f"one {tmp_path / 'home'}" in said
    assert (tmp_path / "work" / "inside" / "a.sh").is_file()


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("$ ls missing", "exit code 2"),
        ("$ true   # exits with 1", "exit code 0"),
        ("$ echo one two\none … three", "expected: one … three"),
        ("$ printf 'b\\na\\n'\na\nb", "expected: b"),
        ("$ (exit 4) &\n$ true", "exit code 4"),
        ("$ exit 0", "ended the terminal"),
    ],
)
def test_what_a_reader_would_stumble_over_fails(tmp_path: Path, block: str, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        followed(tmp_path, f"~~~console\n{block}\n~~~")


def test_what_serves_is_waited_for_and_ended(tmp_path: Path) -> None:
    block = "$ tally up &\n$ cat .tally/network.json"
    said = followed(tmp_path, f"~~~console\n{block}\n~~~")
    assert '"rpc"' in said
    assert not (tmp_path / "work" / ".tally" / "network.json").exists()
