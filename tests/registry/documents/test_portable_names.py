"""A version's names: what one system can't hold, or holds as one with another, isn't published."""

from __future__ import annotations

import pytest

from registry.errors import ConfigError
from registry.model_files.names import check_portable, check_relative_path


@pytest.mark.parametrize(
    "path",
    [
        *("CON", "aux.txt", "NUL", "nul.tar.gz", "docs/com1.md", "LPT9", "com¹", "prn .txt"),
        *("a:b.txt", "what?.md", "a*b", 'say "x".md', "a<b", "a>b", "a|b"),
        *("trailing.", "trailing ", "folder./a.txt", "folder /a.txt"),
    ],
)
def test_a_name_that_windows_cannot_hold_is_refused_with_the_remedy(path: str) -> None:
    with pytest.raises(ConfigError, match="rename it"):
        check_portable([path])
    check_relative_path(path)  # a version that holds it already can still be fetched


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("README.md", "readme.md"),
        ("Docs/a.md", "docs/b.md"),
        ("caf\u00e9.txt", "cafe\u0301.txt"),
        ("\u1e9e.txt", "ss.txt"),
        ("CAF\u00c9.txt", "cafe\u0301.txt"),
    ],
)
def test_names_that_another_system_takes_for_one_are_refused(one: str, other: str) -> None:
    with pytest.raises(ConfigError, match="rename one of them"):
        check_portable([one, other])


def test_ordinary_names_are_taken() -> None:
    check_portable(
        ["README.md", "docs/a.md", "docs/b.md", "console.txt", "auxiliary/com10.txt", "модель.md"]
    )
    check_portable(["a b.txt", "a.b.c", "con-text", "lpt.txt", "e\u0301.txt", "日本語/説明.md"])
