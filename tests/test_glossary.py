"""Every word of the glossary is unique, and lives where the glossary says."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = (ROOT / "docs" / "explain" / "glossary.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.splitlines()
    if line.startswith("| ") and not line.startswith("| word ")
]


def test_every_word_stands_once_and_has_a_place() -> None:
    words = [row[0] for row in ROWS]
    assert len(words) > 50
    assert len(words) == len(set(words))
    assert [row[0] for row in ROWS if len(row) != 4 or not re.search(r"`\w+\.", row[2])] == []


def test_every_place_of_the_glossary_exists() -> None:
    named = sorted(set(re.findall(r"`((?:registry|trainer)\.[\w.]+)`", GLOSSARY)))
    for name in named:
        importlib.import_module(name)


def test_every_class_of_the_glossary_stands_in_a_place_of_its_row() -> None:
    for word, meaning, places, _ in ROWS:
        modules = [importlib.import_module(m) for m in re.findall(r"`([\w.]+)`", places)]
        for name in re.findall(r"`([A-Z][a-z]\w*)`", meaning):
            assert any(hasattr(module, name) for module in modules), (word, name)


def test_every_sentence_that_the_glossary_quotes_exists() -> None:
    specification = (ROOT / "SPECIFICATION.md").read_text()
    known = set(re.findall(r"^- \*\*([A-Z]-\d+)\*\*", specification, flags=re.M))
    quoted = set(re.findall(r"\b[A-Z]-\d+\b", "\n".join(row[3] for row in ROWS)))
    assert quoted
    assert quoted - known == set()
