"""The same group by the pieces of Flower's SecAgg+, as its client mod and workflow call them."""

from __future__ import annotations

import os

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from flwr.common import ndarray_to_bytes
from flwr.common.secure_aggregation.crypto.shamir import combine_shares, create_shares
from flwr.common.secure_aggregation.crypto.symmetric_encryption import (
    encrypt,
    generate_shared_key,
)
from flwr.common.secure_aggregation.ndarrays_arithmetic import (
    factor_combine,
    parameters_addition,
    parameters_mod,
    parameters_subtraction,
)
from flwr.common.secure_aggregation.quantization import quantize
from flwr.common.secure_aggregation.secaggplus_utils import (
    pseudo_rand_gen,
    share_keys_plaintext_concat,
)
from flwr.supercore.primitives.asymmetric import (
    bytes_to_private_key,
    bytes_to_public_key,
    generate_key_pairs,
    private_key_to_bytes,
    public_key_to_bytes,
)

__all__ = ["FlowerCohort"]

# Its defaults but for the range, which is our lattice's 16 bits.
MODULUS, RANGE, CLIPPING = 1 << 32, 1 << 16, 8.0
Arrays = list[npt.NDArray[np.int64]]


@dataclass
class FlowerCohort:
    """A group in which each has so many neighbours, with their keys.

    Args:
        count: how many members there are.
        degree: how many neighbours each has.
        threshold: how many shares give a secret.
    """

    count: int
    degree: int
    threshold: int
    secret: list[bytes] = field(init=False)
    public: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Draws keys."""
        pairs = [generate_key_pairs() for _ in range(self.count)]
        self.secret = [private_key_to_bytes(own) for own, _ in pairs]
        self.public = [public_key_to_bytes(other) for _, other in pairs]

    def neighbours(self, who: int) -> list[int]:
        """Returns who shares masks with a member: half of them on either side of a circle."""
        if self.degree >= self.count - 1:
            return [other for other in range(self.count) if other != who]
        half = self.degree // 2
        return [(who + step) % self.count for step in (*range(-half, 0), *range(1, half + 1))]

    def shared(self, who: int, seed: bytes) -> list[bytes]:
        """Returns the sealed shares of a member's secrets (its stage 1)."""
        many = self.degree + 1
        seeds = create_shares(seed, self.threshold, many)
        keys = create_shares(self.secret[who], self.threshold, many)
        found = []
        for place, other in enumerate(self.neighbours(who)):
            text = share_keys_plaintext_concat(who, other, seeds[place], keys[place])
            found.append(encrypt(self._agreed(self.secret[who], other), text))
        return found

    def posted(self, secret: bytes) -> list[bytes]:
        """Returns as many shares of a secret as give it back."""
        return create_shares(secret, self.threshold, self.degree + 1)[: self.threshold]

    def hidden(self, who: int, seed: bytes, update: npt.NDArray[np.float64]) -> list[bytes]:
        """Returns a member's masked vector as it is sent (its stage 2)."""
        vector = factor_combine(RANGE, quantize([update], CLIPPING, RANGE))
        shapes = [array.shape for array in vector]
        vector = parameters_addition(vector, pseudo_rand_gen(seed, MODULUS, shapes))
        for other in self.neighbours(who):
            mask = pseudo_rand_gen(self._agreed(self.secret[who], other), MODULUS, shapes)
            change = parameters_addition if who > other else parameters_subtraction
            vector = change(vector, mask)
        return [ndarray_to_bytes(array) for array in parameters_mod(vector, MODULUS)]

    def summed(
        self, vectors: list[Arrays], seeds: list[list[bytes]], keys: dict[int, list[bytes]]
    ) -> Arrays:
        """Returns the sum without masks (its stage 3).

        Args:
            vectors: of survivors, as they came.
            seeds: shares of each survivor's seed.
            keys: shares of the key of each who dropped.
        """
        total = vectors[0]
        for vector in vectors[1:]:
            total = parameters_addition(total, vector)
        shapes = [array.shape for array in total]
        for shares in seeds:
            mask = pseudo_rand_gen(combine_shares(shares), MODULUS, shapes)
            total = parameters_subtraction(total, mask)
        for gone, shares in keys.items():
            key = combine_shares(shares)
            for other in self.neighbours(gone):
                mask = pseudo_rand_gen(self._agreed(key, other), MODULUS, shapes)
                change = parameters_addition if gone > other else parameters_subtraction
                total = change(total, mask)
        return parameters_mod(total, MODULUS)

    def _agreed(self, secret: bytes, other: int) -> bytes:
        key = bytes_to_public_key(self.public[other])
        return bytes(generate_shared_key(bytes_to_private_key(secret), key))
