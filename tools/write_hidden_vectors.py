"""Writes the vectors of hidden rounds that Solidity and Python are both held to.

Plain Python integers, hashlib and Keccak, apart from both implementations. Under `tests/vectors`:

* `hidden_keystreams.json` — `cases`: a seed's mask for one chunk of values of one width;
* `hidden_packing.json` — `chunks`: values, as text modulo 2^width, and their bytes; `vectors`: a
  packed vector's root and one chunk with its proof (L-4), valid and not;
* `hidden_seeds.json` and `hidden_graphs.json` — see `hidden_seed_vectors.py`.

With `--check`, changes nothing and exits with 1 if a file is stale.
"""

import random
import sys
from hashlib import sha256
from typing import Any

from hidden_seed_vectors import graphs, seeds
from vector_files import kept

CHUNK = 256
BLOCK = 32
WIDTHS = (9, 16, 21, 23, 31, 32, 34, 64)
Case = dict[str, Any]


def hexed(data: bytes) -> str:
    """Returns bytes as 0x and lower-case hex."""
    return "0x" + data.hex()


def packed(values: list[int], width: int) -> bytes:
    """Returns values bit by bit, most significant first, with zeros behind the last."""
    digits = "".join(format(value & ((1 << width) - 1), f"0{width}b") for value in values)
    digits += "0" * (-len(digits) % 8)
    return bytes(int(digits[at : at + 8], 2) for at in range(0, len(digits), 8))


def read(data: bytes, count: int, width: int) -> list[int]:
    """Returns the first values that stand in bytes, 0 to 2^width - 1."""
    digits = "".join(format(byte, "08b") for byte in data)
    return [int(digits[i * width : (i + 1) * width], 2) for i in range(count)]


def mask(seed: bytes, chunk: int, count: int, width: int) -> list[int]:
    """Returns a chunk's mask: a whole chunk takes `width` blocks of the seed's keystream."""
    blocks = range(chunk * width, (chunk + 1) * width)
    data = b"".join(sha256(seed + number.to_bytes(8, "big")).digest() for number in blocks)
    return read(data, count, width)


def keystreams() -> list[Case]:
    """Returns the cases of `hidden_keystreams.json`."""
    seeds = [bytes(BLOCK), *(sha256(bytes([n])).digest() for n in (1, 2))]
    cases = []
    for width in WIDTHS:
        # A whole chunk, one far in, whose blocks' numbers pass 2^32, and short last ones.
        places = ((0, CHUNK), (1, CHUNK), ((1 << 32) // width, CHUNK), (3_907, 33), (2, 1))
        for at, (chunk, count) in enumerate(places):
            seed = seeds[at % len(seeds)]
            values = mask(seed, chunk, count, width)
            cases.append(
                {
                    "seed": hexed(seed),
                    "width": width,
                    "chunk": chunk,
                    "values": count,
                    "mask": hexed(packed(values, width)),
                }
            )
    return cases


def drawn(draw: random.Random, width: int, count: int) -> list[int]:
    """Returns values: the ends of the range, about zero, then any."""
    half = 1 << (width - 1)
    ends = [-half, half - 1, -1, 0, 1]
    return (ends + [draw.randint(-half, half - 1) for _ in range(count)])[:count]


def packed_chunks() -> list[Case]:
    """Returns the `chunks` of `hidden_packing.json`."""
    draw, cases = random.Random(22), []  # noqa: S311 - the same draws each time
    for width in WIDTHS:
        for count in (1, 5, 8, 31, CHUNK):
            values = drawn(draw, width, count)
            # Text: values of 64 bits go beyond 2^53.
            residues = [str(value & ((1 << width) - 1)) for value in values]
            bits = hexed(packed(values, width))
            cases.append({"width": width, "values": residues, "packed": bits})
    return cases


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
    return sha256(b"\x01" + left + right).digest(), path


def proof(draw: random.Random, width: int, length: int, index: int, behind: int = 0) -> Case:
    """Returns a packed vector's root, and one of its chunks with its proof.

    Args:
        draw: what values are drawn by.
        width: of a value, in bits.
        length: how many there are.
        index: the chunk's.
        behind: what stands in the bits behind the last value, which should be zero.
    """
    values = drawn(draw, width, length)
    chunks = [packed(values[at : at + CHUNK], width) for at in range(0, length, CHUNK)]
    chunks[-1] = chunks[-1][:-1] + bytes([chunks[-1][-1] | behind])
    top, path = tree([sha256(b"\x00" + chunk).digest() for chunk in chunks], index)
    head = b"\x02" + bytes([width]) + length.to_bytes(8, "big")
    return {
        "what": "bits behind the last value" if behind else "valid",
        "width": width,
        "length": length,
        "index": index,
        "chunk": hexed(chunks[index]),
        "proof": [hexed(one) for one in path],
        "root": hexed(sha256(head + top).digest()),
        "valid": not behind,
    }


def vectors() -> list[Case]:
    """Returns the `vectors` of `hidden_packing.json`: good ones, then one spoilt in each way."""
    draw, cases = random.Random(23), []  # noqa: S311 - the same draws each time
    for width in WIDTHS:
        cases += [proof(draw, width, 1_793, 3), proof(draw, width, 1_793, 7)]
        cases.append(proof(draw, width, 45, 0))
    # 45 and 1,793 values of 21 bits leave seven and three bits of their last byte.
    cases += [proof(draw, 21, 45, 0, 1), proof(draw, 21, 45, 0, 64), proof(draw, 21, 1_793, 7, 4)]
    good = next(case for case in cases if case["width"] == 21)
    chunk = good["chunk"]
    changes: dict[str, Case] = {
        "another width": {"width": 22},
        "another length": {"length": 1_794},
        "another place": {"index": 2},
        "a changed chunk": {"chunk": chunk[:-1] + ("1" if chunk[-1] == "0" else "0")},
        "a byte less": {"chunk": chunk[:-2]},
        "a byte more": {"chunk": chunk + "00"},
        "a sibling less": {"proof": good["proof"][:-1]},
        "a width of 0": {"width": 0},
        # Sound but for its width.
        "a width of 65": proof(draw, 65, 45, 0),
    }
    return cases + [{**good, **new, "what": what, "valid": False} for what, new in changes.items()]


def main() -> int:
    """Writes or checks the files; returns the exit code."""
    files: dict[str, Any] = {
        "hidden_keystreams": {"cases": keystreams()},
        "hidden_packing": {"chunks": packed_chunks(), "vectors": vectors()},
        "hidden_seeds": seeds(),
        "hidden_graphs": graphs(),
    }
    return kept(files)


if __name__ == "__main__":
    sys.exit(main())
