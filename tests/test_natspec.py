"""Interfaces say what every parameter and every returned value is, in their order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
INTERFACES = sorted((ROOT / "contracts" / "interfaces").glob("*.sol"))
DECLARATION = re.compile(
    r"^ {4}(?P<kind>function|event|error) (?P<name>\w+)\((?P<given>[^)]*)\)(?P<rest>[^;]*);", re.M
)
RETURNED = re.compile(r"returns \(([^)]*)\)")


class Declaration(NamedTuple):
    """What an interface declares: its comment, and the names that it takes and returns."""

    kind: str
    name: str
    comment: list[str]
    parameters: list[str]
    returned: list[str]


def names_of(listed: str) -> list[str]:
    """The last words of a list of parameters: their names, or the types of those without one."""
    return [part.split()[-1] for part in listed.split(",") if part.strip()]


def declarations_of(source: str) -> list[Declaration]:
    """Everything that an interface's source declares, but its types."""
    found = []
    for match in DECLARATION.finditer(source):
        comment: list[str] = []
        for line in reversed(source[: match.start()].splitlines()):
            if not line.lstrip().startswith("///"):
                break
            comment.insert(0, line.strip().removeprefix("///").strip())
        returned = RETURNED.search(match["rest"])
        found.append(
            Declaration(
                match["kind"],
                match["name"],
                comment,
                names_of(match["given"]),
                names_of(returned[1]) if returned else [],
            )
        )
    return found


def gaps_of(source: str) -> list[str]:
    """What is missing in an interface's comments."""
    gaps = []
    for item in declarations_of(source):
        tags = [line.split(maxsplit=2) for line in item.comment if line.startswith("@")]
        told = [tag[1] for tag in tags if tag[0] == "@param" and len(tag) == 3]
        if told != item.parameters:
            gaps.append(f"{item.kind} {item.name} takes {item.parameters}, tells of {told}")
        answers = sum(tag[0] == "@return" and len(tag) > 1 for tag in tags)
        if answers != len(item.returned):
            gaps.append(f"{item.name} returns {len(item.returned)}, tells of {answers}")
        if "@notice" not in {tag[0] for tag in tags}:
            gaps.append(f"{item.kind} {item.name} has no @notice")
    return gaps


@pytest.mark.parametrize("path", INTERFACES, ids=lambda path: path.stem)
def test_an_interface_says_what_it_takes_and_returns(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    declared = len(re.findall(r"^ {4}(?:function|event|error) ", source, re.M))
    assert declared == len(declarations_of(source)) > 0, "a declaration was not understood"
    assert gaps_of(source) == []


@pytest.mark.parametrize(
    ("comment", "gap"),
    [
        ("/// @notice Adds.\n    /// @return the sum.", "takes ['a'], tells of []"),
        ("/// @notice Adds.\n    /// @param b one.\n    /// @return the sum.", "tells of ['b']"),
        ("/// @notice Adds.\n    /// @param a one.", "returns 1, tells of 0"),
        ("/// @param a one.\n    /// @return the sum.", "has no @notice"),
    ],
    ids=["no parameter", "another name", "no result", "no notice"],
)
def test_what_is_not_told_is_a_gap(comment: str, gap: str) -> None:
    source = f"    {comment}\n    function add(uint256 a) external view returns (uint256);\n"
    assert len(gaps_of(source)) == 1
    assert gap in gaps_of(source)[0]
