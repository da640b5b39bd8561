"""The shape of a tree (F-8), and what is trimmed at the nodes of a robust rule's.

The same rules as `contracts/libraries/RobustTrees.sol`. The median of medians depends on who
stands in which group, and in a tree whose shape nobody else knows nobody can be paid; so nobody may
choose the groups: the number of participants fixes them.

Example:
    >>> sizes_of(33), sizes_of(1025), height_of(1025)
    ((17, 16), (513, 512), 3)
    >>> [len(sizes_of(count)) for count in (32, 33, 1024, 10_000)]
    [32, 2, 32, 10]
"""

from __future__ import annotations

from typing import Final

from registry.errors import ConfigError
from registry.fraud_proofs.nodes import DEPTH, FAN_IN, Children, Node, Path, is_sound

__all__ = [
    "UNITS",
    "denominator_at",
    "fan_of",
    "height_of",
    "is_shaped",
    "is_sound_end",
    "sizes_of",
    "trim_at",
]

UNITS: Final = 1 << 16
"""Values of a trimmed mean's nodes are counted in units of 1/UNITS: the finest that a lattice has
guard bits for (L-1)."""


def height_of(count: int) -> int:
    """Returns the least height h with `32 ** h >= count`; 1 for up to 32 updates.

    Raises:
        ConfigError: no update.
    """
    if count < 1:
        raise ConfigError(f"expected at least 1 update, got {count}")
    # Counted, since a logarithm in floats may be off at powers of 32.
    height, most = 1, FAN_IN
    while most < count:
        height, most = height + 1, most * FAN_IN
    return height


def fan_of(count: int) -> int:
    """Returns how many children a node over `count` updates has, 1 to 32."""
    below: int = FAN_IN ** (height_of(count) - 1)
    return -(-count // below)


def sizes_of(count: int) -> tuple[int, ...]:
    """Returns how many updates are below each child, as equal as possible, larger ones first."""
    fan = fan_of(count)
    least, more = divmod(count, fan)
    return (least + 1,) * more + (least,) * (fan - more)


def is_shaped(node: Node, children: Children) -> bool:
    """Tells whether a node has the children that its count demands; counts are as they say."""
    if node.count <= FAN_IN:
        # How many leaves there are is not asked here: `is_sound` holds them against the count.
        return not children.nodes
    return tuple(child.count for child in children.nodes) == sizes_of(node.count)


def is_sound_end(path: Path, children: Children) -> bool:
    """Tells whether a path's end is sound, given its children (F-8).

    It says what they do, and has as many as its count demands. Below the lowest level no path
    leads.
    """
    if len(path.nodes) == DEPTH and children.nodes:
        return False
    return is_shaped(path.end, children) and is_sound(path.end, children)


def trim_at(trim: int, children: int) -> int:
    """Returns how many of a node's children are trimmed at each end.

    That is `trim`, or of few children as many as leave one or two.
    """
    return min(trim, (children - 1) // 2) if children else 0


def denominator_at(trim: int, count: int) -> int:
    """Returns what the numerators of a trimmed mean's node are to be divided by (F-1).

    Args:
        trim: the terms'.
        count: how many updates are below the node, at least 1.
    """
    fan = fan_of(count)
    kept = fan - 2 * trim_at(trim, fan)
    return kept if count <= FAN_IN else UNITS * kept
