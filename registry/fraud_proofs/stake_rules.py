"""What a search for one wrong chunk needs: its steps, and so its time and its money (F-17).

`contracts/libraries/StakeRules.sol` computes the same; terms below these are refused on the chain.
"""

from __future__ import annotations

__all__ = ["AT_ONCE", "least_dispute_window", "least_proposer_stake", "search_steps"]

AT_ONCE = 4
"""Questions that a watcher asks at a time; each step leaves at most a quarter of the chunks."""
_CHUNK = 256
_LEAST_STEPS = 5
"""Levels that a tree may have, whatever its size (F-8), and one for the chunk itself."""


def search_steps(vector_length: int) -> int:
    """Returns how many questions, one after another, find a wrong chunk that nobody lays open.

    One per level of the tree, one for the chunk, and one per quarter that the chunks can be
    divided into.

    Args:
        vector_length: in values, at least 1.
    """
    steps, left = _LEAST_STEPS, 1
    while left < (vector_length - 1) // _CHUNK + 1:
        steps, left = steps + 1, left * 4
    return steps


def least_dispute_window(vector_length: int, answer_window: int) -> int:
    """Returns the shortest dispute window, in seconds: a search ends in it whoever answers late."""
    # One more to see the first answer coming, and two that end before disputes do (F-10).
    return (search_steps(vector_length) + 3) * answer_window


def least_proposer_stake(vector_length: int, bond: int) -> int:
    """Returns the least proposer's stake: half of it pays for all the bonds of a search."""
    return 2 * AT_ONCE * search_steps(vector_length) * bond
