"""Screening against plain numbers: who alone makes the base worse by more than the tolerance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from pseudocode.screening import screening

from trainer.documents.terms_document import TermsDocument
from trainer.execution.execute import layout_of
from trainer.execution.screening import screened
from trainer.strategies import strategy
from trainer.types import AcceptedUpdate, Lattice
from trainer.vectors.lattice import dequantize

LATTICE = Lattice(16, -8, 8)
TARGET = np.array([1.0, -2.0, 0.5, 0.0])


def loss(values: np.ndarray) -> float:
    """Half the squared distance from the target."""
    return float(((values - TARGET) ** 2).sum() / 2)


def evaluate(state: Mapping[str, torch.Tensor]) -> int:
    """The loss in micro-nats."""
    return round(1e6 * loss(state["x"].numpy()))


@given(
    st.lists(st.lists(st.integers(-900, 900), min_size=4, max_size=4), min_size=1, max_size=6),
    st.integers(0, 5_000_000),
)
def test_a9_the_same_are_left_out_as_in_the_paper(rows: list[list[int]], tolerance: int) -> None:
    base = {"x": torch.zeros(4, dtype=torch.float64)}
    document = TermsDocument()
    vectors = [np.array(row, np.int16) for row in rows]
    names = [f"0x{place + 1:040x}" for place in range(len(rows))]
    updates = [
        AcceptedUpdate(who, bytes(32), bytes(32), 1, vector)
        for who, vector in zip(names, vectors, strict=True)
    ]
    state = strategy("fedavg").init(base, layout_of(base, document), LATTICE)
    found = screened(updates, state, tolerance, evaluate)
    real = np.array([dequantize(vector, LATTICE) for vector in vectors])
    expected = screening(np.zeros(4), real, lambda x: round(1e6 * loss(x)), tolerance)
    assert list(found) == [names[place] for place in expected]
    assert all("screened: alone it leads to a loss of" in why for why in found.values())
