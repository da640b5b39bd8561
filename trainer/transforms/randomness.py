"""Random numbers of a participant's own: secret, and the same when a round is taken up again.

They come from a ChaCha20 keystream under a key that only the participant has. Nobody else can
tell them, so noise hides what it has to, and a participant that was stopped before its commitment
makes the same update again instead of showing a second one under other noise.
"""

from __future__ import annotations

import hmac
from typing import final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from trainer.types import FloatVector

__all__ = ["Randomness"]


@final
class Randomness:
    """Numbers that follow from a key and a purpose.

    Args:
        key: 32 bytes.
        purpose: numbers of different purposes are independent.
    """

    def __init__(self, key: bytes, purpose: str) -> None:
        derived = hmac.digest(key, purpose.encode(), "sha256")
        self._stream = Cipher(algorithms.ChaCha20(derived, bytes(16)), mode=None).encryptor()

    def uniform(self, count: int) -> FloatVector:
        """Returns the next numbers, multiples of 2^-53 in [0, 1), shape (count,)."""
        words = np.frombuffer(self._stream.update(bytes(8 * count)), dtype="<u8")
        return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def gaussian(self, count: int) -> FloatVector:
        """Returns the next numbers of a standard normal distribution, shape (count,).

        Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
        """
        pairs = -(-count // 2)
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(pairs)))
        angle = 2.0 * np.pi * self.uniform(pairs)
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]
