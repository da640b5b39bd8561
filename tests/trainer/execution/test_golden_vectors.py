"""Golden vectors that Solidity reads too, worked out here by plain Python integers.

With TALLY_UPDATE_VECTORS=1 the files are written anew. Integers above 2^53 are decimal text.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.aggregation import Mean
from trainer.scoring import shares_of
from trainer.types import Lattice
from trainer.vectors.lattice import quantize
from trainer.vectors.vector_roots import CHUNK, chunk_bytes, chunk_proof, vector_root, verify_chunk

FOLDER = Path(__file__).parents[2] / "vectors"


def lattice_cases() -> list[dict[str, Any]]:
    """L-2 without a clip norm: a delta is a mantissa times a power of two."""
    draw, cases = random.Random(2), []
    for bits, step, exponent in (
        (8, -4, -6),
        (8, 3, 2),
        (16, -12, -14),
        (32, -40, -41),
        (32, 20, 4),
    ):
        top = 1 << (bits + 1)
        mantissas = [0, 1, -1, 2, -2, 6, -6, 10, top, -top]
        mantissas += [draw.randint(-top, top) for _ in range(20)]
        largest = (1 << (bits - 1)) - 1
        # Python rounds a fraction half to even.
        values = [round(Fraction(m) * Fraction(2) ** (exponent - step)) for m in mantissas]
        cases.append(
            {
                "bits": bits,
                "stepExponent": step,
                "exponent": exponent,
                "mantissas": mantissas,
                "values": [max(-largest, min(largest, value)) for value in values],
            }
        )
    return cases


def tree(leaves: list[bytes], index: int) -> tuple[bytes, list[bytes]]:
    """RFC 6962's root and the path of a leaf, by recursion."""
    if len(leaves) == 1:
        return leaves[0], []
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    left, left_path = tree(leaves[:split], min(index, split - 1))
    right, right_path = tree(leaves[split:], max(index - split, 0))
    path = [*left_path, right] if index < split else [*right_path, left]
    return sha256(b"\x01" + left + right).digest(), path


def chunk_cases() -> list[dict[str, Any]]:
    """L-4: roots with one chunk and its proof each."""
    draw, cases = random.Random(4), []
    for bits, length in ((8, 1), (8, 256), (8, 257), (16, 700), (32, 1_300), (16, 1_793)):
        largest = (1 << (bits - 1)) - 1
        values = [draw.randint(-largest, largest) for _ in range(length)]
        data = [value.to_bytes(bits // 8, "big", signed=True) for value in values]
        chunks = [b"".join(data[at : at + CHUNK]) for at in range(0, length, CHUNK)]
        index = len(chunks) * 2 // 3
        top, proof = tree([sha256(b"\x00" + chunk).digest() for chunk in chunks], index)
        root = sha256(b"\x02" + bytes([bits]) + length.to_bytes(8, "big") + top).digest()
        cases.append(
            {
                "bits": bits,
                "values": values,
                "root": "0x" + root.hex(),
                "index": index,
                "chunk": "0x" + chunks[index].hex(),
                "proof": ["0x" + node.hex() for node in proof],
            }
        )
    return cases


def aggregate_cases() -> list[dict[str, Any]]:
    """A-1 by Python integers."""
    draw, cases = random.Random(1), []
    for bits, guard, count, cap in (
        (8, 0, 1, 1),
        (8, 4, 3, 10),
        (16, 8, 5, 60_000),
        (32, 0, 4, 2**20),
    ):
        largest = (1 << (bits - 1)) - 1
        weights = [draw.randint(1, cap) for _ in range(count)]
        vectors = [[draw.randint(-largest, largest) for _ in range(12)] for _ in range(count)]
        vectors[0][0], vectors[0][1] = largest, -largest
        total, aggregate = sum(weights), []
        for column in zip(*vectors, strict=True):
            n = (sum(w * q for w, q in zip(weights, column, strict=True))) << guard
            size = (2 * abs(n) + total) // (2 * total)
            aggregate.append(-size if n < 0 else size)
        cases.append(
            {
                "bits": bits,
                "guardBits": guard,
                "weights": weights,
                "vectors": vectors,
                "aggregate": aggregate,
            }
        )
    return cases


def share_cases() -> list[dict[str, Any]]:
    """P-1 and P-2 by fractions."""
    draw, cases = random.Random(3), []
    for count, budget, top in (
        (1, 7, 5),
        (3, 100, 1),
        (4, 10**18 + 1, 9),
        (5, 3, 10**6),
        (3, 10, 0),
        (5, 1_000, 0),
        (6, 10**6, 9),
    ):
        accounts = sorted(f"0x{draw.getrandbits(160):040x}" for _ in range(count))
        scores = [draw.randint(0, top) for _ in accounts]
        excluded = [at for at in range(1, count) if draw.randint(0, 2) == 0]
        for at in excluded:
            scores[at] = 0
        used = scores if any(scores) else [int(at not in excluded) for at in range(count)]
        exact = [Fraction(budget * score, sum(used)) for score in used]
        shares = [int(part) for part in exact]
        order = sorted(range(count), key=lambda at: (shares[at] - exact[at], accounts[at]))
        for at in order[: budget - sum(shares)]:
            shares[at] += 1
        cases.append(
            {
                "budget": str(budget),
                "accounts": accounts,
                "scores": scores,
                "excluded": [accounts[at] for at in excluded],
                "shares": [str(share) for share in shares],
            }
        )
    return cases


def golden(name: str, make: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Returns a file's cases, which have to be those of the plain twin."""
    path = FOLDER / f"{name}.json"
    cases = make()
    if os.environ.get("TALLY_UPDATE_VECTORS"):
        path.write_text(json.dumps({"cases": cases}, indent=1) + "\n")
    found: list[dict[str, Any]] = json.loads(path.read_text())["cases"]
    assert found == cases
    return found


def test_lattice_values_are_the_golden_ones() -> None:
    for case in golden("lattice", lattice_cases):
        delta = np.ldexp(np.array(case["mantissas"], np.float64), case["exponent"])
        found = quantize(delta, Lattice(case["bits"], case["stepExponent"]))
        assert found.tolist() == case["values"]


def test_roots_and_proofs_are_the_golden_ones() -> None:
    for case in golden("chunks", chunk_cases):
        bits, index = case["bits"], case["index"]
        vector = np.array(case["values"], f"int{bits}")
        root, chunk = vector_root(vector, bits), chunk_bytes(vector, bits, index)
        proof = chunk_proof(vector, bits, index)
        assert ["0x" + part.hex() for part in (root, chunk)] == [case["root"], case["chunk"]]
        assert ["0x" + node.hex() for node in proof] == case["proof"]
        assert verify_chunk(root, bits, vector.size, index, chunk, proof)


def test_aggregates_are_the_golden_ones() -> None:
    for case in golden("aggregate", aggregate_cases):
        vectors = [np.array(values, f"int{case['bits']}") for values in case["vectors"]]
        pairs = list(zip(vectors, case["weights"], strict=True))
        found = Mean().combine(pairs, Lattice(case["bits"], 0, case["guardBits"]))
        assert found.tolist() == case["aggregate"]


def test_shares_are_the_golden_ones() -> None:
    for case in golden("shares", share_cases):
        scores = dict(zip(case["accounts"], case["scores"], strict=True))
        found = shares_of(scores, int(case["budget"]), case["excluded"])
        assert [str(found[account]) for account in case["accounts"]] == case["shares"]


@pytest.mark.parametrize("name", ["lattice", "chunks", "aggregate", "shares"])
def test_golden_files_hold_no_floats(name: str) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(f"a float: {text}")

    json.loads((FOLDER / f"{name}.json").read_text(), parse_float=refuse)
