"""Writes the vectors of fraud proofs that Solidity and Python are both held to.

Plain Python integers and hashlib, apart from both implementations. Files under `tests/vectors`:

* `vector_proofs.json` — chunks with their proofs (L-4), valid and not;
* `chunk_rules.json` — numerators of every rule on one chunk of up to 32 inputs (F-1).

With `--check`, changes nothing and exits with 1 if a file is stale.
"""

import random
import sys
from fractions import Fraction
from hashlib import sha256
from typing import Any

from vector_files import kept

CHUNK = 256
MEAN, MEDIAN, TRIMMED_MEAN = range(3)
Case = dict[str, Any]


def hexed(data: bytes) -> str:
    """Returns bytes as 0x and lower-case hex."""
    return "0x" + data.hex()


def packed(values: list[int], bits: int) -> bytes:
    """Returns values as big-endian two's complement."""
    return b"".join(value.to_bytes(bits // 8, "big", signed=True) for value in values)


def node(left: bytes, right: bytes) -> bytes:
    """Returns the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def outer(bits: int, length: int, top: bytes) -> bytes:
    """Returns a vector's root from its tree's."""
    return sha256(b"\x02" + bytes([bits]) + length.to_bytes(8, "big") + top).digest()


def tree(leaves: list[bytes], index: int) -> tuple[bytes, list[bytes]]:
    """Returns RFC 6962's root and the path of a leaf, by recursion."""
    if len(leaves) == 1:
        return leaves[0], []
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    left, left_path = tree(leaves[:split], min(index, split - 1))
    right, right_path = tree(leaves[split:], max(index - split, 0))
    path = [*left_path, right] if index < split else [*right_path, left]
    return node(left, right), path


def sides(count: int, index: int) -> list[bool]:
    """Returns, from the leaf up, whether a sibling stands to the left, by RFC 6962's own split."""
    if count == 1:
        return []
    split = 1
    while 2 * split < count:
        split *= 2
    if index < split:
        return [*sides(split, index), False]
    return [*sides(count - split, index - split), True]


def short_proof(draw: random.Random, bits: int, length: int) -> Case:
    """Returns a chunk of a vector that is worked out whole."""
    half = 1 << (bits - 1)
    values = [draw.randint(-half, half - 1) for _ in range(length)]
    chunks = [packed(values[at : at + CHUNK], bits) for at in range(0, length, CHUNK)]
    index = draw.choice([0, len(chunks) - 1, draw.randrange(len(chunks))])
    top, path = tree([sha256(b"\x00" + chunk).digest() for chunk in chunks], index)
    return proof_case(bits, length, index, chunks[index], path, outer(bits, length, top))


def long_proof(draw: random.Random, bits: int, length: int, index: int) -> Case:
    """Returns a chunk of a vector too long to be worked out: its siblings are drawn."""
    size = min(CHUNK, length - index * CHUNK) * bits // 8
    chunk, path = draw.randbytes(size), []
    top = sha256(b"\x00" + chunk).digest()
    for left in sides(-(-length // CHUNK), index):
        path.append(draw.randbytes(32))
        top = node(path[-1], top) if left else node(top, path[-1])
    return proof_case(bits, length, index, chunk, path, outer(bits, length, top))


def proof_case(
    bits: int, length: int, index: int, chunk: bytes, path: list[bytes], root: bytes
) -> Case:
    """Returns a valid case as it stands in the file."""
    return {
        "what": "valid",
        "bits": bits,
        "length": length,
        "index": index,
        "chunk": hexed(chunk),
        "proof": [hexed(sibling) for sibling in path],
        "root": hexed(root),
        "valid": True,
    }


def spoilt(draw: random.Random, case: Case) -> list[Case]:
    """Returns what is nearly a valid case, in every way that has to be refused."""
    chunk, proof, index = case["chunk"], case["proof"], case["index"]
    step = case["bits"] // 4
    flipped = f"{int(chunk[-1], 16) ^ 1:x}"
    changes: dict[str, Case] = {
        "a sibling too many": {"proof": [*proof, hexed(draw.randbytes(32))]},
        "another chunk": {"chunk": chunk[:-1] + flipped},
        "a value too few": {"chunk": chunk[:-step]},
        "a value too many": {"chunk": chunk + "0" * step},
        "a byte too many": {"chunk": chunk + "00"},
        "an empty chunk": {"chunk": "0x"},
        "another length": {"length": case["length"] + 1},
        "no length": {"length": 0},
        "another width": {"bits": 24 - case["bits"] if case["bits"] < 17 else 8},
        "no width": {"bits": 24},
        "the next index": {"index": index + 1},
        "an index far out": {"index": 2**53 - 1},
        "another root": {"root": hexed(draw.randbytes(32))},
    }
    if proof:
        changes["a sibling too few"] = {"proof": proof[:-1]}
        changes["another sibling"] = {"proof": [*proof[:-1], hexed(draw.randbytes(32))]}
        changes["no sibling"] = {"proof": []}
    return [{**case, **change, "what": what, "valid": False} for what, change in changes.items()]


def malformed(draw: random.Random) -> list[Case]:
    """Returns chunks that hash to their root and yet are none: only their form tells."""
    cases = []
    for what, bits, length, index, size in (
        ("a root over a value too few", 16, 700, 1, 510),
        ("a root over a value too many", 16, 700, 1, 514),
        ("a root over a byte too many", 16, 700, 1, 513),
        ("a root over a whole chunk at the end", 16, 700, 2, 512),
        ("a root over an empty chunk", 8, 1, 0, 0),
        ("a root of another width", 24, 700, 1, 768),
        ("a root of no width", 0, 700, 1, 0),
        ("a root of twice the widest", 128, 256, 0, 4096),
        ("a root over nothing", 8, 0, 0, 0),
        ("a chunk behind the last", 8, 256, 1, 0),
    ):
        chunk, path = draw.randbytes(size), []
        top = sha256(b"\x00" + chunk).digest()
        for left in sides(max(1, -(-length // CHUNK)), index):
            path.append(draw.randbytes(32))
            top = node(path[-1], top) if left else node(top, path[-1])
        case = proof_case(bits, length, index, chunk, path, outer(bits, length, top))
        cases.append({**case, "what": what, "valid": False})
    return cases


def vector_proofs() -> list[Case]:
    """Returns the cases of `vector_proofs.json`."""
    draw, cases = random.Random(41), []  # noqa: S311 - the same draws each time
    lengths = {8: (1, 256, 257), 16: (1, 512, 700, 1793), 32: (255, 1300), 64: (1, 256, 513, 2304)}
    for bits, chosen in lengths.items():
        cases += [short_proof(draw, bits, length) for length in chosen]
    for bits, length in ((8, 10**4), (16, 10**6), (32, 10**8), (64, 10**8), (16, 2**40)):
        last = (length - 1) // CHUNK
        cases += [long_proof(draw, bits, length, index) for index in (last // 3, last)]
    bad = [case for at in (0, 2, 5, 6, 11, 16) for case in spoilt(draw, cases[at])]
    return cases + bad + malformed(draw)


def away(value: Fraction) -> int:
    """Returns the nearest integer, halves away from zero."""
    lower, rest = divmod(abs(value), 1)
    nearest = int(lower) + (rest >= Fraction(1, 2))
    return nearest if value >= 0 else -nearest


def numerator(rule: int, trim: int, bits: int, weights: list[int], column: list[int]) -> int:
    """Returns one coordinate's numerator (F-1)."""
    if rule == MEAN:
        return sum(w * q for w, q in zip(weights, column, strict=True))
    if rule == TRIMMED_MEAN and bits == 64:
        # Weights are denominators: the nodes' values are compared in units of 2^-16.
        column = [away(Fraction(q << 16, d)) for q, d in zip(column, weights, strict=True)]
    ordered, count = sorted(column), len(column)
    if rule == MEDIAN:
        return ordered[(count - 1) // 2] + ordered[count // 2]
    return sum(ordered[trim : count - trim])


def drawn(draw: random.Random, bits: int, kind: int) -> int:
    """Returns a value: any, an end of the range, or one of a few, so that ties are common."""
    half = 1 << (bits - 1)
    if kind == 0:
        return draw.randint(-half, half - 1)
    return draw.choice([-half, 1 - half, -1, 0, 1, half - 2, half - 1])


def drawn_weights(draw: random.Random, rule: int, bits: int, count: int) -> list[int]:
    """Returns weights up to the bound of A-2, denominators, or ones where none are read."""
    if rule == TRIMMED_MEAN and bits == 64:
        return [draw.choice([1, 2, 3, 32]) << draw.choice([0, 16]) for _ in range(count)]
    if rule != MEAN or bits == 64:
        return [1] * count
    most = ((1 << (63 - bits)) - 1) // count
    return [draw.choice([1, most, draw.randint(1, most)]) for _ in range(count)]


def rule_case(draw: random.Random, rule: int, bits: int, count: int, values: int) -> Case:
    """Returns a chunk of every input, and the numerators."""
    trim = draw.randint(0, (count - 1) // 2) if rule == TRIMMED_MEAN else 0
    # Sums stay where 32 of them fit 64 bits, numerators of a trimmed mean's nodes as they are.
    width = (38 if rule == TRIMMED_MEAN else 59) if bits == 64 else bits
    rows = [[drawn(draw, width, i % 3) for i in range(values)] for _ in range(count)]
    weights = drawn_weights(draw, rule, bits, count)
    columns = [list(column) for column in zip(*rows, strict=True)]
    found = [numerator(rule, trim, bits, weights, column) for column in columns]
    return {
        "rule": rule,
        "trim": trim,
        "bits": bits,
        "values": values,
        # Text: weights go beyond 2^53.
        "weights": [str(weight) for weight in weights],
        "chunks": [hexed(packed(row, bits)) for row in rows],
        "numerators": hexed(packed(found, 64)),
    }


def chunk_rules() -> list[Case]:
    """Returns the cases of `chunk_rules.json`."""
    draw, cases = random.Random(43), []  # noqa: S311 - the same draws each time
    sizes = ((1, 1), (2, 5), (3, 33), (4, 8), (5, 17), (8, 31), (13, 7), (16, 9), (31, 4), (32, 6))
    for rule in (MEAN, MEDIAN, TRIMMED_MEAN):
        for bits in (8, 16, 32, 64) if rule == MEAN else (8, 16, 32):
            cases += [rule_case(draw, rule, bits, count, values) for count, values in sizes]
            cases.append(rule_case(draw, rule, bits, 7, CHUNK))
    cases += [rule_case(draw, rule, 16, 32, CHUNK) for rule in (MEAN, MEDIAN, TRIMMED_MEAN)]
    for rule in (MEDIAN, TRIMMED_MEAN):
        cases += [rule_case(draw, rule, 64, count, values) for count, values in sizes]
    return cases


def main() -> int:
    """Writes or checks both files; returns the exit code."""
    cases = {"vector_proofs": vector_proofs(), "chunk_rules": chunk_rules()}
    return kept({name: {"cases": found} for name, found in cases.items()})


if __name__ == "__main__":
    sys.exit(main())
