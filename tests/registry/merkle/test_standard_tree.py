"""The OpenZeppelin standard tree: the library's own vectors, its refusals, its laws (T-18)."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ConfigError
from registry.hashing import keccak256
from registry.merkle import StandardTree, leaf_hash, process_proof, verify

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "tests/vectors/merkle.json").read_text())["trees"]
PAYOUT = ["address", "uint256"]


def typed(values: list[list[str]], types: list[str]) -> list[list[Any]]:
    """Returns the vectors' texts as Python values."""
    read: dict[str, Callable[[str], Any]]
    read = {"uint256": int, "address": str, "bytes32": lambda t: bytes.fromhex(t[2:])}
    return [[read[kind](v) for kind, v in zip(types, value, strict=True)] for value in values]


def payouts(size: int) -> list[list[Any]]:
    """Returns `size` payout leaves."""
    return [[f"0x{number + 1:040x}", number * 10**18] for number in range(size)]


@pytest.mark.parametrize("case", VECTORS, ids=lambda c: f"{c['name']}-{len(c['values'])}")
def test_roots_and_proofs_are_those_of_the_javascript_library(case: dict[str, Any]) -> None:
    values = typed(case["values"], case["types"])
    tree = StandardTree(values, case["types"])
    assert "0x" + tree.root.hex() == case["root"]
    for position, proof in enumerate(case["proofs"]):
        assert ["0x" + step.hex() for step in tree.proof(position)] == proof
        assert verify(tree.root, case["types"], values[position], tree.proof(position))


@pytest.mark.skipif(
    shutil.which("node") is None or not (ROOT / "node_modules/@openzeppelin/merkle-tree").is_dir(),
    reason="needs node and node_modules",
)
def test_the_vectors_are_what_the_library_gives_today() -> None:
    done = subprocess.run(
        ["node", "tools/update_merkle_vectors.mjs", "--check"], cwd=ROOT, check=False
    )
    assert done.returncode == 0


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 40), data=st.data())
def test_every_leaf_is_proved_and_no_other(size: int, data: Any) -> None:
    values = payouts(size)
    tree = StandardTree(values, PAYOUT)
    position = data.draw(st.integers(0, size - 1))
    account, amount = values[position]
    assert verify(tree.root, PAYOUT, [account, amount], tree.proof(position))
    assert not verify(tree.root, PAYOUT, [account, amount + 1], tree.proof(position))


def test_the_order_of_the_values_does_not_matter_to_the_root() -> None:
    values = payouts(9)
    assert StandardTree(values, PAYOUT).root == StandardTree(values[::-1], PAYOUT).root


def test_t18_a_duplicate_leaf_is_refused() -> None:
    with pytest.raises(ConfigError, match="leaves 1 and 3 are the same"):
        StandardTree([*payouts(3), payouts(3)[1]], PAYOUT)


def test_t18_an_inner_node_is_no_leaf() -> None:
    """Given two leaves' hashes as one 64-byte value, it is no leaf of the tree over them."""
    tree = StandardTree(payouts(4), PAYOUT)
    left, right = sorted(leaf_hash(PAYOUT, value) for value in payouts(4))[:2]
    inner = keccak256(min(left, right) + max(left, right))
    fake = leaf_hash(["bytes32", "bytes32"], [left, right])
    assert fake != inner
    for position in range(4):
        proof = tree.proof(position)[1:]
        assert not verify(tree.root, ["bytes32", "bytes32"], [left, right], proof)


def test_t18_an_empty_proof_shows_nothing_but_a_single_leaf() -> None:
    one, many = StandardTree(payouts(1), PAYOUT), StandardTree(payouts(2), PAYOUT)
    assert one.proof(0) == []
    assert verify(one.root, PAYOUT, payouts(1)[0], [])
    assert not verify(many.root, PAYOUT, payouts(1)[0], [])


def test_proofs_of_odd_shape_prove_nothing() -> None:
    tree = StandardTree(payouts(4), PAYOUT)
    value, proof = payouts(4)[0], tree.proof(0)
    assert not verify(tree.root, PAYOUT, value, [*proof[:-1], proof[-1][:31]])
    assert not verify(tree.root, PAYOUT, value, [bytes(32)] * 65)
    assert not verify(tree.root[:31], PAYOUT, value, proof)
    assert process_proof(leaf_hash(PAYOUT, value), proof) == tree.root


@pytest.mark.parametrize(
    ("values", "types"),
    [([], PAYOUT), ([["0x12", 1]], PAYOUT), ([["0x" + "11" * 20, -1]], PAYOUT), ([[1]], PAYOUT)],
)
def test_no_leaves_or_unfit_leaves_are_refused(values: list[Any], types: list[str]) -> None:
    with pytest.raises(ConfigError, match="expected"):
        StandardTree(values, types)


@pytest.mark.parametrize("position", [-1, 3])
def test_a_position_outside_is_refused(position: int) -> None:
    with pytest.raises(ConfigError, match="from 0 to 2"):
        StandardTree(payouts(3), PAYOUT).proof(position)
