"""What the rounds of an audited app have in common, checked before a chain is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.transforms import TransformTerms, transforms
from trainer.types import Lattice

__all__ = ["RoundOptions"]

_RANGES = {
    "budget": (0, 2**128 - 1),
    "weight_cap": (1, 2**62),
    "minimum": (1, 2**32 - 1),
    "phase_seconds": (1, 2**32),
    "challenge_seconds": (0, 2**32),
}


@dataclass(frozen=True)
class RoundOptions:
    """What the rounds of an audited app have in common. Times in seconds.

    Args:
        budget: paid per round, in the token's smallest unit.
        token: the reward token's address; the deployment's RewardToken without it.
        lattice: how updates become integers; without one, 16 bits and a step that is fitted to the
            newest version, with scales for its running statistics.
        scales: patterns of tensors whose unit is larger, and by which exponent (L-7).
        saturation: how many of a million values of a tensor may be cut (L-9).
        tied: names of one tensor: copies, and what they are copies of (L-8).
        weight_cap: the most examples that an update counts for.
        minimum: the fewest nodes that make a round.
        parameters: patterns of the tensors that are trained.
        buffers: "average" the floating statistics, as Flower does, or "keep" them.
        transforms: what a node does to its update before it sends it (`trainer.transforms`).
        phase_seconds: the longest that enrolment, commit, reveal and proposal each take; training
            happens within one.
        challenge_seconds: between proposal and end; Flower waits for it in every round.
        hidden: how updates are hidden in sums; their weight cap is the one that counts then, and
            everybody is paid alike. None: each update is public.

    Raises:
        ConfigError: a value that is no such thing, or out of range.
    """

    budget: int = 0
    token: str = ""
    lattice: Lattice | None = None
    scales: tuple[tuple[str, int], ...] = ()
    saturation: int = 1_000
    tied: Mapping[str, str] = field(default_factory=dict)
    weight_cap: int = 100_000
    minimum: int = 2
    parameters: tuple[str, ...] = ("*",)
    buffers: str = "average"
    transforms: tuple[TransformTerms, ...] = ()
    phase_seconds: int = 600
    challenge_seconds: int = 60
    hidden: HiddenTerms | None = None

    def __post_init__(self) -> None:
        """Checks the values, before a chain is asked."""
        if self.lattice is not None and not isinstance(self.lattice, Lattice):
            raise ConfigError(f"lattice: expected a Lattice or None, got {self.lattice!r:.100}")
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ConfigError(f"{name}: expected an integer from {least} to {most}: {value!r}")
        transforms(self.transforms)
        if self.hidden is not None and not isinstance(self.hidden, HiddenTerms):
            raise ConfigError(f"hidden: expected HiddenTerms or None, got {self.hidden!r:.100}")
        TermsDocument(
            parameters=self.parameters,
            buffers=self.buffers,
            scales=self.scales,
            saturation=self.saturation,
            tied=self.tied,
        )
