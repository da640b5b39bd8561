"""What a transform is: middleware around the step that puts an update on the lattice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from trainer.transforms.randomness import Randomness
from trainer.types import FloatVector, IntVector, Lattice

__all__ = ["FloatVector", "Next", "Transform", "TransformContext", "TransformedUpdate"]


@dataclass(frozen=True, eq=False)
class TransformContext:
    """What a transform may read beside the update.

    Args:
        lattice: where the update goes.
        memory: what transforms kept after the participant's last counted round, by name; nothing
            at first.
        key: of the numbers that are drawn, 32 bytes: the participant's secret, another one each
            round, and the same one when a round is taken up again.
    """

    lattice: Lattice
    memory: Mapping[str, FloatVector] = field(default_factory=dict)
    key: bytes = bytes(32)

    def randomness(self, purpose: str) -> Randomness:
        """Returns the numbers that a transform draws; those of another purpose are independent."""
        return Randomness(self.key, purpose)


@dataclass(frozen=True, eq=False)
class TransformedUpdate:
    """An update on the lattice.

    Args:
        vector: shape (n,), the lattice's type.
        memory: what is to be kept for the next round if this one counts, by name.
        diagnostics: what the transforms found, by name.
    """

    vector: IntVector
    memory: Mapping[str, FloatVector] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)


Next = Callable[[FloatVector], TransformedUpdate]
"""The rest of the way to the lattice, as a transform sees it."""


class Transform(Protocol):
    """One step of a participant's way from training to the lattice."""

    @property
    def name(self) -> str:
        """The name in a round's terms."""

    def apply(
        self, delta: FloatVector, around: TransformContext, onward: Next
    ) -> TransformedUpdate:
        """Changes an update and sends it onward; a pure function but for what `onward` does.

        Args:
            delta: finite, shape (n,), in units of the parameters; it isn't changed in place.
            around: lattice, memory and randomness.
            onward: called once, with an update of the same shape.
        """
