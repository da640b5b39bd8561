"""One group of a hidden round, with everything that its members and who sums really compute."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from registry.addresses import address_order, checksummed
from trainer.kernels import Packed
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.mask_seeds import MaskDomain
from trainer.privacy.masking import masked, unmasked_sum
from trainer.privacy.neighbour_graph import NeighbourGraph, RoundKey, order_seed
from trainer.privacy.round_secrets import RoundSecrets, dealt_of, share_in
from trainer.privacy.secret_shares import SecretKind, recovered
from trainer.types import IntVector, Lattice
from trainer.vectors.lattice import quantize

__all__ = ["LATTICE", "Cohort"]

LATTICE = Lattice(bits=16, step_exponent=-14)
TERMS = HiddenTerms()


@dataclass(frozen=True)
class Cohort:
    """A group of members on a roster of their own.

    Args:
        count: how many there are.
        values: of an update.
    """

    count: int
    values: int

    @cached_property
    def domain(self) -> MaskDomain:
        """Chain, contract and round."""
        return MaskDomain(31_337, checksummed("0x" + "11" * 20), os.urandom(32))

    @cached_property
    def secrets(self) -> dict[str, RoundSecrets]:
        """Each member's, by its address."""
        made = (os.urandom(32) for _ in range(self.count))
        return {
            checksummed("0x" + os.urandom(20).hex()): RoundSecrets.drawn(key, self.domain)
            for key in made
        }

    @cached_property
    def keys(self) -> dict[str, RoundKey]:
        """Each member's public one."""
        return {who: own.public for who, own in self.secrets.items()}

    @cached_property
    def graph(self) -> NeighbourGraph:
        """Who is whose neighbour."""
        roster = list(self.keys.items())
        return NeighbourGraph(tuple(self.keys), order_seed(self.domain.round_id, roster), TERMS)

    @property
    def width(self) -> int:
        """Of a hidden value, as a round of full groups has it."""
        return TERMS.width(LATTICE.bits, TERMS.group_size)

    def update(self, who: str) -> npt.NDArray[np.float64]:
        """Returns what a member's training changed: the same each time."""
        seed = int.from_bytes(bytes.fromhex(who[2:]), "big")
        return np.random.default_rng(seed).standard_normal(self.values) / 8

    def quantized(self, update: npt.NDArray[np.float64]) -> IntVector:
        """Returns an update on the lattice."""
        return quantize(update, LATTICE)

    def shared(self, who: str) -> bytes:
        """Returns a member's bundle: its secrets, shared and sealed to its neighbours."""
        return dealt_of(self.secrets[who], who, self.graph, self.keys, self.domain).to_json()

    def hidden(self, who: str, integers: IntVector) -> Packed:
        """Returns a member's update under its own mask and those of all pairs."""
        domain, own = self.domain, self.secrets[who]
        added, subtracted = [domain.self_mask_seed(who, own.seed)], []
        for other in self.graph.neighbours(who):
            seed = domain.pair_mask_seed(who, own.key, other, self.keys[other])
            (added if address_order(who) < address_order(other) else subtracted).append(seed)
        return masked(integers, self.width, added, subtracted)

    def held_key_shares(self, gone: str, survivors: Sequence[str]) -> dict[int, bytes]:
        """Returns what the survivors post of the key of one who dropped."""
        bundle = dealt_of(self.secrets[gone], gone, self.graph, self.keys, self.domain)
        holders = self.graph.neighbours(gone)
        shares = [
            share_in(bundle, holder, self.secrets[holder].key, holders)
            for holder in holders
            if holder in survivors
        ]
        return {held.place: held.of(SecretKind.KEY) for held in shares}

    def summed(
        self, vectors: dict[str, Packed], posted: dict[str, dict[int, bytes]]
    ) -> npt.NDArray[np.int64]:
        """Returns the sum over survivors, who opened their seeds, without any mask.

        Args:
            vectors: of survivors.
            posted: shares of the keys of those who dropped.
        """
        domain, added = self.domain, []
        subtracted = [domain.self_mask_seed(who, self.secrets[who].seed) for who in vectors]
        for gone, shares in posted.items():
            key = recovered(shares, self.graph.threshold(0))
            assert key == self.secrets[gone].key
            for who in self.graph.neighbours(gone):
                if who in vectors:
                    seed = domain.pair_mask_seed(gone, key, who, self.keys[who])
                    lower = address_order(who) < address_order(gone)
                    (subtracted if lower else added).append(seed)
        return unmasked_sum(list(vectors.values()), self.values, self.width, added, subtracted)
