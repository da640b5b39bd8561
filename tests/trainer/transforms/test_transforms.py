"""What each transform does, beside its paper's pseudocode.

given an update
  clip bounds its length, top_k keeps the largest, quantize has few levels and no bias
  noise has the deviation asked for, and is one's own
given updates round after round
  error_feedback loses nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pseudocode import transforms as twins

from registry.errors import ConfigError
from trainer.errors import Reason, UpdateRefused
from trainer.transforms import (
    RESIDUAL,
    Randomness,
    TransformedUpdate,
    TransformTerms,
    sent_update,
    transforms,
)
from trainer.types import Lattice
from trainer.vectors.lattice import dequantize, quantize

FINE = Lattice(32, -27)
KEY = bytes(range(32))
Vector = npt.NDArray[np.float64]

# Multiples of 1/1024: sums of them are exact, so the twins break ties alike.
values = st.integers(-2_048, 2_048).map(lambda number: number / 1_024)
numbers = st.lists(values, min_size=1, max_size=40).filter(any)


def sent(
    update: list[float] | Vector,
    *chain: tuple[str, dict[str, str]],
    lattice: Lattice = FINE,
    memory: Mapping[str, Vector] | None = None,
    key: bytes = KEY,
) -> TransformedUpdate:
    """Passes an update through named transforms."""
    made = transforms([TransformTerms(name, parameters) for name, parameters in chain])
    return sent_update(np.array(update, dtype=np.float64), made, lattice, memory, key)


def real(found: TransformedUpdate, lattice: Lattice = FINE) -> Vector:
    """What arrives, in units of the parameters."""
    return dequantize(found.vector, lattice)


@given(numbers)
def test_no_transform_is_the_lattice_alone(update: list[float]) -> None:
    found = sent(update)
    assert (found.vector == quantize(np.array(update, dtype=np.float64), FINE)).all()
    assert (found.memory, found.diagnostics) == ({}, {})


@given(numbers)
def test_clip_is_its_twin(update: list[float]) -> None:
    found = sent(update, ("clip", {"norm": "1.5"}))
    assert np.abs(real(found) - twins.clip(update, 1.5)).max() < 1e-8
    assert np.linalg.norm(real(found)) < 1.5 + 1e-8
    assert found.diagnostics["norm"] == pytest.approx(np.linalg.norm(update))


@given(numbers, st.sampled_from(["0.01", "0.3", "0.5", "1"]))
def test_top_k_is_its_twin(update: list[float], fraction: str) -> None:
    count = -(-len(update) * int(float(fraction) * 100) // 100)
    found = sent(update, ("top_k", {"fraction": fraction}))
    assert np.abs(real(found) - twins.top_k(update, count)).max() < 1e-8
    assert found.diagnostics["kept"] == count


@given(numbers, st.integers(1, 9))
def test_quantize_is_its_twin(update: list[float], levels: int) -> None:
    lot = Randomness(KEY, "quantize").uniform(len(update))
    found = sent(update, ("quantize", {"levels": str(levels)}))
    expected = twins.quantize(update, levels, list(lot))
    assert np.abs(real(found) - expected).max() < 1e-8
    assert np.abs(real(found) / found.diagnostics["unit"]).max() <= levels


def test_quantize_takes_no_finer_unit_than_the_lattice_has() -> None:
    found = sent([0.001, -0.2], ("quantize", {"levels": "32767"}), lattice=Lattice(8, -4))
    assert found.diagnostics["unit"] == 2.0**-4
    zero = sent([0.0, 0.0], ("quantize", {"levels": "3"}), lattice=Lattice(8, -4))
    assert not zero.vector.any()


def test_quantize_has_no_bias_where_the_lattice_alone_has() -> None:
    coarse, update = Lattice(8, -2), np.full(20_000, 0.07)
    assert not sent(update, lattice=coarse).vector.any()
    found = real(sent(update, ("quantize", {"levels": "1"}), lattice=coarse), coarse)
    assert set(found) == {0.0, 0.25}
    # Bernoulli with p = 0.28: four standard deviations of the mean.
    assert abs(found.mean() - 0.07) < 4 * 0.25 * (0.28 * 0.72 / update.size) ** 0.5


@given(numbers)
def test_noise_is_its_twin(update: list[float]) -> None:
    chain = ("clip", {"norm": "1000"}), ("noise", {"deviation": "0.25"})
    pairs = -(-len(update) // 2)
    drawn = Randomness(KEY, "noise")
    lot = [*drawn.uniform(pairs), *drawn.uniform(pairs)]
    expected = twins.noise(update, 0.25, lot)
    assert np.abs(real(sent(update, *chain)) - expected).max() < 1e-8


def test_noise_has_its_deviation_and_nobody_without_the_key_finds_it() -> None:
    chain = ("clip", {"norm": "1"}), ("noise", {"deviation": "0.5"})
    update = np.zeros(100_001)
    noise = real(sent(update, *chain))
    assert abs(noise.std() - 0.5) < 0.005
    assert abs(noise.mean()) < 0.007
    # Of a normal distribution 68.27 % lie within one deviation, 99.73 % within three.
    assert abs((np.abs(noise) < 0.5).mean() - 0.6827) < 0.006
    assert abs((np.abs(noise) < 1.5).mean() - 0.9973) < 0.001
    assert (real(sent(update, *chain)) == noise).all()
    other = real(sent(update, *chain, key=bytes(32)))
    assert abs(np.corrcoef(noise, other)[0, 1]) < 0.015


def test_noise_is_drawn_after_clipping() -> None:
    chain = ("clip", {"norm": "1"}), ("noise", {"deviation": "0.001"})
    found = real(sent([30.0, 40.0], *chain))
    assert np.abs(found - [0.6, 0.8]).max() < 0.01


@given(st.lists(st.lists(values, min_size=5, max_size=5), min_size=1, max_size=7))
def test_error_feedback_is_its_twin_and_loses_nothing(updates: list[list[float]]) -> None:
    chain: list[tuple[str, dict[str, str]]] = [
        ("error_feedback", {}),
        ("top_k", {"fraction": "0.2"}),
    ]
    memory: Mapping[str, Vector] = {}
    arrived = []
    for update in updates:
        found = sent(update, *chain, memory=memory)
        memory = found.memory
        arrived.append(real(found))
        assert np.count_nonzero(found.vector) <= 1
    expected = twins.error_feedback(updates, lambda whole: twins.top_k(whole, 1))
    assert np.abs(np.array(expected) - arrived).max() == 0
    whole = np.sum(arrived, axis=0) + memory[RESIDUAL]
    assert np.abs(whole - np.sum(updates, axis=0)).max() < 1e-8


def test_error_feedback_makes_up_for_the_lattice_s_own_rounding() -> None:
    memory: dict[str, Any] = {}
    coarse = Lattice(8, -2)
    total = np.zeros(3)
    for _ in range(100):
        found = sent([0.07, -0.03, 0.01], ("error_feedback", {}), lattice=coarse, memory=memory)
        memory, total = dict(found.memory), total + real(found, coarse)
    assert np.abs(total - [7.0, -3.0, 1.0]).max() <= 0.125
    assert found.diagnostics[RESIDUAL] == pytest.approx(np.linalg.norm(memory[RESIDUAL]))


def test_a_rest_of_another_length_is_refused() -> None:
    memory = {RESIDUAL: np.zeros(4)}
    with pytest.raises(ConfigError, match="expected 2 values left out before, got 4"):
        sent([1.0, 2.0], ("error_feedback", {}), memory=memory)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["clip", "top_k", "quantize", "error_feedback"])
def test_t27_no_transform_lets_a_nan_through(bad: float, name: str) -> None:
    takes = {"clip": {"norm": "1"}, "top_k": {"fraction": "0.5"}, "quantize": {"levels": "3"}}
    with pytest.raises(UpdateRefused) as refused:
        sent([1.0, bad, 0.5], (name, takes.get(name, {})))
    assert refused.value.reason is Reason.NON_FINITE


def test_an_update_is_left_as_it_was() -> None:
    update = np.array([3.0, -4.0, 0.25])
    chain = ("clip", {"norm": "1"}), ("noise", {"deviation": "1"}), ("top_k", {"fraction": "0.5"})
    sent(update, *chain)
    assert update.tolist() == [3.0, -4.0, 0.25]


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("clip", {"norm": "0"}, "clip: norm: expected 1e-18 to 1e\\+09, got 0"),
        ("clip", {}, "transform clip: expected norm, got none"),
        ("noise", {"deviation": "-1"}, "noise: deviation: expected 1e-18 or more, got -1"),
        ("top_k", {"fraction": "1.5"}, "top_k: fraction: expected 1e-09 to 1, got 1.5"),
        ("quantize", {"levels": "2.5"}, "expected levels to be a whole number, got 2.5"),
        ("quantize", {"levels": "40000"}, "quantize: levels: expected 1 to 32767, got 40000"),
        ("error_feedback", {"decay": "1"}, "error_feedback: expected no parameter, got decay"),
        ("sparsify", {}, "transforms: expected one of .*top_k, got 'sparsify'"),
    ],
)
def test_what_is_out_of_range_is_refused(name: str, parameters: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        transforms([TransformTerms(name, parameters)])


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["top_k", "error_feedback"], "error_feedback after top_k wouldn't see .*; put it first"),
        (["noise"], "noise hides nobody .*; put clip before it"),
        (["noise", "clip"], "noise hides nobody .*; put clip before it"),
        (["error_feedback", "clip", "noise"], "error_feedback takes noise back"),
        (["error_feedback", "quantize"], "quantize has no bias that error_feedback could"),
        (["clip", "clip"], "clip stands twice; leave one out"),
    ],
)
def test_what_does_not_go_together_is_refused(names: list[str], said: str) -> None:
    takes = {"clip": {"norm": "1"}, "noise": {"deviation": "1"}, "top_k": {"fraction": "0.5"}}
    takes["quantize"] = {"levels": "3"}
    with pytest.raises(ConfigError, match=said):
        transforms([TransformTerms(name, takes.get(name, {})) for name in names])
