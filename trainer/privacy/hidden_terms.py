"""What hidden rounds ask for: the ring, the graph of neighbours, the threshold (H-1, H-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from registry.documents.canonical_json import require_fields
from registry.errors import ConfigError

__all__ = ["HiddenSchedule", "HiddenTerms", "mask_width"]

_FIELDS = ("ring", "degree", "threshold", "groupSize", "weightCap")
_RINGS = (32, 64)
_MOST_NEIGHBOURS = 254
_MOST_MEMBERS = 256
# Groups of two may become one of three: of an odd number nobody is left alone.
_LEAST_MEMBERS = 3


@dataclass(frozen=True)
class HiddenTerms:
    """How the updates of a round are hidden, as its terms document says it.

    Args:
        ring: 32 or 64: values are summed modulo 2 to the power of at most so many bits.
        degree: how many neighbours a participant shares masks and secrets with, even, 2 to 254;
            in a group of no more members than that it is everybody else.
        threshold: how many of `degree` neighbours together know a secret: more than half of them.
        group_size: the most members of a group, inside of which sums are hidden; 2 to 256.
        weight_cap: the largest weight of an update, which is hidden with it; 1: all weigh alike.

    Raises:
        ConfigError: out of range.
    """

    ring: int = 32
    degree: int = 20
    threshold: int = 11
    group_size: int = 32
    weight_cap: int = 1

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if type(self.ring) is not int or self.ring not in _RINGS:
            raise ConfigError(f"hidden: expected a ring of 32 or 64 bits, got {self.ring!r}")
        _between("a degree", self.degree, 2, _MOST_NEIGHBOURS)
        if self.degree % 2:
            raise ConfigError(
                f"hidden: expected an even degree, half of it on either side, got {self.degree}"
            )
        what = f"a threshold, over half of {self.degree} neighbours,"
        _between(what, self.threshold, self.degree // 2 + 1, self.degree)
        _between("a group size", self.group_size, 2, _MOST_MEMBERS)
        _between("a weight cap", self.weight_cap, 1, 2**56)

    @property
    def hides_weights(self) -> bool:
        """Tells whether the weight is one more value of the hidden vector."""
        return self.weight_cap > 1

    def width(self, bits: int, maximum_participants: int, guard_bits: int = 0) -> int:
        """Returns how many bits a hidden value takes, for which no sum is too large (H-2).

        Args:
            bits: of the lattice.
            maximum_participants: of the round.
            guard_bits: of the lattice.

        Raises:
            ConfigError: more than the ring has, or the sum of all groups could overflow (A-2).
        """
        if (self.weight_cap * maximum_participants) << (bits - 1 + guard_bits) >= 1 << 62:
            raise ConfigError(
                f"hidden: {maximum_participants} participants of a weight of up to "
                f"{self.weight_cap} could overflow the aggregate (A-2); lower the weight cap"
            )
        width = mask_width(bits, self.weight_cap, self.largest_group(maximum_participants))
        if width > self.ring:
            raise ConfigError(
                f"hidden: sums of {self.largest_group(maximum_participants)} updates of {bits} "
                f"bits and a weight of up to {self.weight_cap} need {width} bits, and the ring has "
                f"{self.ring}; lower the weight cap or the group's size, or use a ring of 64"
            )
        return width

    def largest_group(self, maximum_participants: int) -> int:
        """Returns how many members a group has at most, in a round of so many participants."""
        return min(maximum_participants, max(self.group_size, _LEAST_MEMBERS))

    def length(self, values: int) -> int:
        """Returns how many values a hidden vector has: with a hidden weight one more."""
        return values + self.hides_weights

    def to_fields(self) -> dict[str, int]:
        """Returns the fields of the terms document."""
        told = self.ring, self.degree, self.threshold, self.group_size, self.weight_cap
        return dict(zip(_FIELDS, told, strict=True))

    @classmethod
    def from_fields(cls, value: Any) -> Self | None:
        """Reads what `to_fields` gave; None stands for a round that hides nothing.

        Raises:
            ConfigError: other fields, or out of range.
        """
        if value is None:
            return None
        found: Mapping[str, Any] = require_fields(value, _FIELDS, "hidden")
        return cls(*(found[name] for name in _FIELDS))


@dataclass(frozen=True)
class HiddenSchedule:
    """When a hidden round's own phases end, in seconds since 1970.

    Args:
        bundle_deadline: of shared secrets, between those of enrolment and of commitments.
        unmask_deadline: of opened secrets, between those of reveals and of proposals.
    """

    bundle_deadline: int
    unmask_deadline: int

    def leaves_as_much_as(self, other: HiddenSchedule) -> bool:
        """Tells whether neither phase ends sooner than another schedule has it."""
        bundles = self.bundle_deadline >= other.bundle_deadline
        return bundles and self.unmask_deadline >= other.unmask_deadline

    @classmethod
    def between(cls, deadlines: tuple[int, int, int, int]) -> HiddenSchedule:
        """Returns what a round's deadlines leave: a third for sharing, and half for opening.

        Args:
            deadlines: of enrolment, commitments, reveals and proposals.
        """
        enrolment, commit, reveal, proposal = deadlines
        return cls(_third(enrolment, commit), reveal + max(1, (proposal - reveal) // 2))

    @classmethod
    def under_stake(cls, deadlines: tuple[int, int, int, int], slash_end: int) -> HiddenSchedule:
        """Returns the times of a round under stake: as long for opening as for commitments.

        Args:
            deadlines: of enrolment, commitments, reveals and proposals.
            slash_end: when it is final whose update counts.
        """
        enrolment, commit, _, _ = deadlines
        return cls(_third(enrolment, commit), slash_end + commit - enrolment)


def mask_width(bits: int, weight_cap: int, members: int) -> int:
    """Returns the least width in bits in which no sum of weighted updates is too large.

    Above 32 it is even: four values are whole bytes then.

    Args:
        bits: of a lattice value.
        weight_cap: the largest weight.
        members: the most updates in a sum.
    """
    width = bits + (weight_cap * members - 1).bit_length()
    return width + width % 2 if width > 32 else width


def _third(begin: int, end: int) -> int:
    return begin + max(1, (end - begin) // 3)


def _between(name: str, value: object, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise ConfigError(f"hidden: expected {name} from {low} to {high}, got {value!r}")
