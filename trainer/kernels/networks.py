"""Sorting networks: which rows are compared, in which order, whatever the values are.

Source: Batcher, "Sorting Networks and Their Applications" (1968), odd-even merging; comparators
that touch no wanted rank are left out.

Example:
    >>> network(3, 1, 2)
    ((0, 1), (0, 2), (1, 2))
"""

from __future__ import annotations

from functools import cache

__all__ = ["network"]

Comparators = tuple[tuple[int, int], ...]


@cache
def network(rows: int, low: int, high: int) -> Comparators:
    """Returns comparators that bring ranks `low` to `high - 1` into their rows.

    Args:
        rows: how many there are.
        low: the first rank that is wanted, ascending from 0.
        high: the rank behind the last one that is wanted.

    Returns:
        Pairs of rows; the lesser value goes to the first.
    """
    wanted = set(range(low, high))
    kept = []
    # From the last one back: what touches no row that is wanted later changes nothing that is.
    for first, second in reversed(_merges(rows)):
        if first in wanted or second in wanted:
            kept.append((first, second))
            wanted |= {first, second}
    return tuple(reversed(kept))


def _merges(rows: int) -> list[tuple[int, int]]:
    """Returns Batcher's comparators of a power of two, without those beyond the rows.

    Rows beyond would hold values above all others, which no comparator moves.
    """
    found = []
    size = 1 << max(rows - 1, 0).bit_length()
    run = 1
    while run < size:
        step = run
        while step >= 1:
            for start in range(step % run, size - step, 2 * step):
                for offset in range(min(step, size - start - step)):
                    first, second = start + offset, start + offset + step
                    if first // (2 * run) == second // (2 * run) and second < rows:
                        found.append((first, second))
            step //= 2
        run *= 2
    return found
