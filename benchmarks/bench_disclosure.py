"""Whether a withheld result with one wrong chunk is found before disputes end (F-10, F-17).

Run from the repository's root: `python benchmarks/bench_disclosure.py [--runs 60]`. Nothing is
timed: a watcher that asks as `trainer.staked` does plays against a proposer that lays nothing open
and answers each question in the last second before it would be punished, in the shortest dispute
window that the contract takes. The tree is as deep as one may be, the wrong node is a lowest one;
the wrong chunk lies at a place drawn by the seed. The watcher sees
the proposal a whole answer window after it was certified.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator

from registry.fraud_proofs.nodes import DEPTH
from registry.fraud_proofs.stake_rules import AT_ONCE, least_dispute_window, search_steps
from trainer.staked.suspects import spread, suspects
from trainer.vectors.vector_roots import chunk_count

_ANSWER_WINDOW = 3_600
_SIZES = (1_000_000, 16_800_000, 100_000_000)


def covered(index: int, count: int) -> Iterator[range]:
    """Returns which chunks each sibling of a chunk stands for, from the leaf up.

    This is RFC 6962's own words: the largest power of two below the count stands to the left.
    """
    low, high, siblings = 0, count, []
    while high - low > 1:
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        left = index < middle
        siblings.append(range(middle, high) if left else range(low, middle))
        low, high = (low, middle) if left else (middle, high)
    return reversed(siblings)


def answer(index: int, count: int, wrong: int) -> tuple[int, list[bytes], list[bytes]]:
    """Returns an answer for a right chunk: its siblings as told, and as they would be if right.

    A sibling differs exactly if the wrong chunk is below it.
    """
    told = [b"wrong" if wrong in span else b"right" for span in covered(index, count)]
    return index, told, [b"right"] * len(told)


def steps_to_find(length: int, wrong: int) -> int:
    """Returns how many times questions are asked at once until one is for the wrong chunk.

    Args:
        length: of the vector, in values.
        wrong: the chunk that is wrong.
    """
    count, answers = chunk_count(length), list[tuple[int, list[bytes], list[bytes]]]()
    for step in range(1, count + 1):
        asked = spread(suspects(length, answers), AT_ONCE)
        if wrong in asked:
            return step
        answers += [answer(index, count, wrong) for index in asked]
    raise AssertionError(f"chunk {wrong} of {count} was never asked for")


def is_found(steps: int, length: int) -> bool:
    """Returns whether the last question can still be asked, whoever answers at the last second."""
    disputed = least_dispute_window(length, _ANSWER_WINDOW)
    asked_last = _ANSWER_WINDOW + (steps - 1) * _ANSWER_WINDOW
    # Questions end two answer windows before disputes do (F-10).
    return asked_last < disputed - 2 * _ANSWER_WINDOW


def row(length: int, runs: int, draw: random.Random) -> str:
    """Plays one size of model; returns its line of the table."""
    chunks = chunk_count(length)
    used = [DEPTH + steps_to_find(length, draw.randrange(chunks)) for _ in range(runs)]
    found = sum(is_found(steps, length) for steps in used)
    window = least_dispute_window(length, 1)
    steps = search_steps(length)
    return f"| {length:,} | {chunks:,} | {found}/{runs} | {max(used)} | {steps} | {window} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="on little, in seconds")
    options = parser.parse_args()
    runs, sizes = (5, _SIZES[:1]) if options.smoke else (options.runs, _SIZES)
    print("| values | chunks | found | most steps | steps allowed | dispute, in answer windows |")
    print("|---|---|---|---|---|---|")
    draw = random.Random(options.seed)
    for length in sizes:
        print(row(length, runs, draw), flush=True)


if __name__ == "__main__":
    main()
