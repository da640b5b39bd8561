"""Small faults in Solidity sources, drawn by a seed: what tests have to notice.

Works on text, a line at a time: code as `forge fmt` leaves it has one statement on most lines.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mutant", "drawn", "mutants_of"]

_LEFT_OUT = ("interfaces", "types", "testing")
_SWAPS = {
    "boundary": [(" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > ")],
    "equality": [(" == ", " != "), (" != ", " == ")],
    "arithmetic": [(" + ", " - "), (" - ", " + "), (" += ", " -= "), (" -= ", " += ")],
    "logic": [(" && ", " || "), (" || ", " && ")],
    "modifier": [(" nonReentrant", ""), (" announced(beneficiary)", "")],
}
# What a line must not begin with: it says something, and does nothing.
_SAYS = re.compile(r"\s*(//|/?\*|import|pragma|using|event|error|emit|string public constant)")
_REFUSAL = re.compile(r"\s*(if \(.*\) )?revert .*;$|\s*_require\w*\(.*\);$")
_WRITE = re.compile(r"\s*(\(?[a-z_]\w*[\w.\[\], ()]*\)? [-+]?= .*|delete .*|(\+\+|--)\w.*);$")
_DECLARES = re.compile(
    r"\s*\(?(\w+(\[\])? (memory |storage |calldata )?\w+|\w+\.\w+ \w+)[ ,][^=]*="
)
_NUMBER = re.compile(r"(?<![\w.\"])(\d{1,6})(?![\w.\"])")
_ADDRESS = re.compile(r"\baddress (\w+)[,;)\s]")


@dataclass(frozen=True)
class Mutant:
    """One fault: a line of a file that became another one. `line` counts from 1."""

    file: str
    line: int
    operator: str
    before: str
    after: str

    @property
    def key(self) -> str:
        """Returns what names it as long as the line itself stays."""
        return f"{self.file}: {self.before.strip()} => {self.after.strip() or '(nothing)'}"


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Returns every fault that the operators make in a file, in the order of its lines."""
    addresses = set(_ADDRESS.findall(source))
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        if _SAYS.match(line) or not line.strip():
            continue
        made = {after: operator for operator, after in _faults(line, addresses)}
        found += [Mutant(file, number, made[after], line, after) for after in made]
    return found


def _faults(line: str, addresses: set[str]) -> Iterator[tuple[str, str]]:
    code = line.split("//", maxsplit=1)[0].rstrip()
    for operator, pairs in _SWAPS.items():
        for old, new in pairs:
            for at in re.finditer(re.escape(old), code):
                yield operator, code[: at.start()] + new + code[at.end() :]
    if _REFUSAL.match(code):
        yield "removed refusal", ""
    elif _WRITE.match(code) and not _DECLARES.match(code):
        yield "removed write", ""
    for at in _NUMBER.finditer(code):
        if "revert" not in code[: at.start()] and "assembly" not in code:
            yield "off by one", code[: at.start()] + str(int(at[1]) + 1) + code[at.end() :]
    if "revert" not in code and "address " not in code:
        for at in re.finditer(r"\b(\w+), (\w+)\b", code):
            if {at[1], at[2]} <= addresses and at[1] != at[2]:
                yield "swapped", code[: at.start()] + f"{at[2]}, {at[1]}" + code[at.end() :]


def drawn(root: Path, count: int, seed: int) -> list[Mutant]:
    """Returns faults of all contracts under a root, evenly from every file, the same for a seed.

    Args:
        count: how many at most.
    """
    draw = random.Random(seed)  # noqa: S311 - which faults are drawn is no secret
    piles = []
    for path in sorted((root / "contracts").rglob("*.sol")):
        if path.parent.name in _LEFT_OUT:
            continue
        pile = mutants_of(path.relative_to(root).as_posix(), path.read_text())
        draw.shuffle(pile)
        piles.append(_in_turn(pile))
    taken: list[Mutant] = []
    # Long files more often than short ones, but each of them.
    while len(taken) < count and any(piles):
        for pile in piles:
            share = 1 + len(pile) // 40
            taken += pile[:share]
            del pile[:share]
    return taken[:count]


def _in_turn(pile: list[Mutant]) -> list[Mutant]:
    """Returns the same faults, one of each operator after the other, or the most frequent rule."""
    turns: dict[str, int] = {}
    ranked = []
    for mutant in pile:
        turns[mutant.operator] = turns.get(mutant.operator, 0) + 1
        ranked.append((turns[mutant.operator], mutant))
    return [mutant for _, mutant in sorted(ranked, key=lambda pair: pair[0])]
