"""Faults are made in code alone, and a seed draws the same ones."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SPEC = importlib.util.spec_from_file_location("mutants", ROOT / "tools" / "mutants.py")
assert _SPEC is not None
assert _SPEC.loader is not None
mutants = importlib.util.module_from_spec(_SPEC)
sys.modules["mutants"] = mutants  # where its dataclass looks for its own names
_SPEC.loader.exec_module(mutants)

SOURCE = """\
// A comment with 1 == 1.
    function lock(address token, address who) external nonReentrant {
        if (amount > held) revert TooMuch(amount, 7);
        held -= amount; // not below 0
        uint256 rest = held + 1;
        _send(token, who);
        emit Locked(who, held == 0);
    }
"""


def made(operator: str) -> list[str]:
    """Returns what an operator makes of the sample."""
    found = mutants.mutants_of("x.sol", SOURCE)
    return [mutant.after.strip() for mutant in found if mutant.operator == operator]


def test_each_operator_makes_its_faults_and_says_nothing_of_comments_and_events() -> None:
    assert made("boundary") == ["if (amount >= held) revert TooMuch(amount, 7);"]
    assert made("arithmetic") == ["held += amount;", "uint256 rest = held - 1;"]
    assert made("removed refusal") == [""]
    assert made("removed write") == [""]
    assert made("modifier") == ["function lock(address token, address who) external {"]
    assert made("swapped") == ["_send(who, token);"]
    assert made("off by one") == ["uint256 rest = held + 2;"]
    assert made("equality") == []


def test_a_seed_draws_the_same_faults_of_every_contract() -> None:
    drawn = mutants.drawn(ROOT, 240, 1)
    assert drawn == mutants.drawn(ROOT, 240, 1)
    assert len(set(drawn)) == 240
    left_out = {"interfaces", "types", "testing"}
    contracts = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "contracts").rglob("*.sol")
        if path.parent.name not in left_out and mutants.mutants_of("", path.read_text())
    }
    assert {mutant.file for mutant in drawn} == contracts
