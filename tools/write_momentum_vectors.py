"""Writes the vectors of a server's momentum (A-7, F-15) that Solidity and Python are held to.

The machine's own binary64, apart from both implementations, which have integers alone.
`momentum_rules.json` holds:

* `operations` — pairs of binary64 with their sums, products, and the first as binary32;
* `cases` — a base's chunk, momenta and numerators, and what FedAvgM and DiLoCo make of them.

With `--check`, changes nothing and exits with 1 if the file is stale.
"""

import math
import random
import struct
import sys
from fractions import Fraction
from typing import Any

from vector_files import kept
from write_weight_vectors import BFLOAT16, away, bits_of, nearest, packed

NONE = {64: 0x7FF8 << 48, 32: 0x7FC00000, 16: 0x7FC0}
EDGES = (0.0, 5e-324, 2.0**-1022, 2.0**-1022 - 5e-324, 1.0, 1 + 2.0**-52, 1 - 2.0**-53, 2.0**53)
LARGE = (2.0**127, 2.0**128 - 2.0**103, 2.0**128 - 2.0**104, 2.0**-149, 2.0**-150, 1.5 * 2.0**-150)
LARGEST = (sys.float_info.max, 2.0**970, 2.0**969, 2.0**1023, 2.0**-537, 2.0**-538, 1.5 * 2.0**-538)
Case = dict[str, Any]


def double(value: float) -> int:
    """Returns a binary64's bits; a NaN's of what isn't finite."""
    found = int.from_bytes(struct.pack(">d", value), "big")
    return found if math.isfinite(value) else NONE[64]


def single(value: float) -> int:
    """Returns the bits of the nearest binary32; a NaN's of what isn't finite there."""
    try:
        found = int.from_bytes(struct.pack(">f", value), "big")
    except OverflowError:
        return NONE[32]
    return found if math.isfinite(value) else NONE[32]


def weight(value: float, precision: int) -> int:
    """Returns the bits of the nearest weight, through binary32."""
    found = single(value)
    if precision == 32 or found == NONE[32]:
        return found if precision == 32 else NONE[16]
    size = found & 0x7FFFFFFF
    number = Fraction(struct.unpack(">f", struct.pack(">I", size))[0])
    rounded = bits_of(nearest(number, *BFLOAT16)) >> 16
    return NONE[16] if rounded >= 0x7F80 else rounded | (found >> 31 << 15)


def value_of(bits: int, precision: int) -> float:
    """Returns the number of a weight's bits."""
    kind, width = (">d", 8) if precision == 64 else (">f", 4)
    if precision == 16:
        bits <<= 16
    return float(struct.unpack(kind, bits.to_bytes(width, "big"))[0])


def moved(factor: float, rate: float, nesterov: bool, kept: float, delta: float) -> list[float]:
    """Returns the new momentum and the step, as the strategies have them."""
    momentum = factor * kept + delta
    step = factor * momentum + delta if nesterov else momentum
    return [momentum, rate * step]


def case(draw: random.Random, precision: int, nesterov: bool, factor: str, rate: str) -> Case:
    """Returns a chunk with its new weights and momenta."""
    step, guard, denominator = draw.randint(-40, 0), draw.randint(0, 16), draw.choice([1, 3, 1_003])
    base, kept, numerators, weights, after = [], [], [], [], []
    for _ in range(draw.choice([3, 17, 40])):
        most = ((1 << 31) - 1) * denominator >> guard
        n = draw.choice([0, 1, -1, most, draw.randint(-most, most), draw.randint(-999, 999)])
        delta = math.ldexp(away(Fraction(n << guard, denominator)), step - guard)
        near = max(min(127 + step + draw.randint(-20, 20), 254), 0)
        bits = draw.choice([0, 1 << 31, near << 23 | draw.getrandbits(23), draw.getrandbits(32)])
        bits >>= 32 - precision
        momentum = draw.choice([0.0, -0.0, delta * draw.uniform(-9, 9), -delta, *EDGES, *LARGEST])
        kept.append(double(momentum))
        momentum, move = moved(float(factor), float(rate), nesterov, momentum, delta)
        base.append(bits)
        numerators.append(n % (1 << 64))
        after.append(double(momentum))
        weights.append(weight(value_of(bits, precision) + move, precision))
    return {
        "precision": precision,
        "stepExponent": step,
        "guardBits": guard,
        "denominator": str(denominator),
        # Decimal text for Python, bits for Solidity.
        "factor": factor,
        "rate": rate,
        "factorBits": packed([double(float(factor))], 64),
        "rateBits": packed([double(float(rate))], 64),
        "nesterov": nesterov,
        "base": packed(base, precision),
        "momenta": packed(kept, 64),
        "numerators": packed(numerators, 64),
        "weights": packed(weights, precision),
        "remembered": packed(after, 64),
    }


def operations(draw: random.Random) -> Case:
    """Returns pairs of numbers with what comes of them."""
    pairs = [(a, b) for a in EDGES + LARGEST for b in EDGES + LARGEST + LARGE]
    for _ in range(300):
        a = struct.unpack(">d", draw.randbytes(8))[0]
        b = math.ldexp(draw.uniform(-2, 2), draw.randint(-60, 60))
        beside = a * b if draw.getrandbits(1) else math.ldexp(a, draw.randint(-60, 60))
        pairs += [(a, beside), (a, b), (b, math.ldexp(draw.random(), draw.randint(-160, 130)))]
    signed = [(a * draw.choice([1, -1]), b * draw.choice([1, -1])) for a, b in pairs]
    signed += [(float("inf"), 1.0), (1.0, float("nan")), (-0.0, -0.0), (0.0, -0.0), (-0.0, 0.0)]
    signed += [(b, a) for a, b in signed] + [(a, -a) for a in LARGE]
    return {
        "first": packed([raw(a) for a, _ in signed], 64),
        "second": packed([raw(b) for _, b in signed], 64),
        "sums": packed([double(a + b) for a, b in signed], 64),
        "products": packed([double(a * b) for a, b in signed], 64),
        "singles": packed([single(a) for a, _ in signed], 32),
    }


def raw(value: float) -> int:
    """Returns a binary64's bits, whatever it is."""
    return int.from_bytes(struct.pack(">d", value), "big")


def content() -> dict[str, Any]:
    """Returns what stands in the file."""
    draw = random.Random(59)  # noqa: S311 - the same draws each time
    rules = (("0.9", "1"), ("0.9", "0.7"), ("0", "1000"), ("1", "0"), ("0.999", "0.03"))
    cases = [
        case(draw, precision, nesterov, factor, rate)
        for precision in (32, 16)
        for nesterov in (False, True)
        for factor, rate in rules
    ]
    return {"operations": operations(draw), "cases": cases}


if __name__ == "__main__":
    sys.exit(kept({"momentum_rules": content()}))
