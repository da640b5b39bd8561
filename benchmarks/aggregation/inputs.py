"""The same drawn updates in the forms that the two sides take."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")

import numpy as np
import numpy.typing as npt
from flwr.app import (
    Array,
    ArrayRecord,
    Message,
    MessageType,
    Metadata,
    MetricRecord,
    RecordDict,
)

from trainer.aggregation import aggregator
from trainer.types import Lattice

__all__ = ["Inputs", "Work"]

LATTICE = Lattice(bits=16, step_exponent=-14, guard_bits=8)
Floats = npt.NDArray[np.float32]
Work = Callable[[], object]


@dataclass(frozen=True)
class Inputs:
    """Updates as int16 on the lattice, as float32 arrays, and as Flower's serialised arrays."""

    vectors: Sequence[npt.NDArray[np.int16]]
    results: list[tuple[list[Floats], int]]
    arrays: list[Array]
    weights: list[int]

    @classmethod
    def drawn(cls, clients: int, values: int) -> Inputs:
        """Draws updates of a common direction; about one value in 10^4 is cut to the range."""
        draw, vectors, results, arrays = np.random.default_rng(clients), [], [], []
        way = draw.standard_normal(values, dtype=np.float32) * 500
        weights = [int(weight) for weight in draw.integers(200, 60_000, clients)]
        for weight in weights:
            steps = np.rint(way + draw.standard_normal(values, dtype=np.float32) * 300)
            vectors.append(np.clip(steps, -32_767, 32_767).astype(np.int16))
            floats = steps.astype(np.float32) / np.float32(2**14)
            results.append(([floats], weight))
            arrays.append(Array(floats))
        return cls(vectors, results, arrays, weights)

    def ours(self, name: str, **parameters: int) -> Work:
        """Returns our rule over the updates."""
        pairs = list(zip(self.vectors, self.weights, strict=True))
        return lambda: aggregator(name, parameters).combine(pairs, LATTICE)

    def replies(self) -> list[Message]:
        """Returns the updates as replies of clients; Flower's strategies empty them."""
        return [
            reply(
                RecordDict(
                    {
                        "arrays": ArrayRecord({"update": array}),
                        "metrics": MetricRecord({"num-examples": weight}),
                    }
                )
            )
            for array, weight in zip(self.arrays, self.weights, strict=True)
        ]


def reply(content: RecordDict) -> Message:
    """Returns what a client sends after training."""
    told = Metadata(1, "", 2, 1, "", "1", 0.0, 3_600.0, MessageType.TRAIN)
    return Message(content, metadata=told)
