"""Layouts, vectors and the server's step (L-3, L-5, A-3), with refusals by name (T-28)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError, ConfigError
from trainer.errors import UpdateRefused
from trainer.types import Lattice
from trainer.vectors.layout import (
    Layout,
    check_state,
    difference,
    flatten,
    same_bits,
    unflatten,
)
from trainer.vectors.server_step import apply_aggregate
from trainer.vectors.torch_modules import load_into, state_of


def batch_normed() -> dict[str, torch.Tensor]:
    """A state with parameters, running statistics and an integer buffer."""
    return state_of(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)))


def test_l_3_tensors_join_by_ascending_name_in_row_major_order() -> None:
    state = {"b": torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "a": torch.tensor([9.0])}
    layout = Layout.of(state, ["*"])
    assert layout.names == ("a", "b")
    assert flatten(state, layout).tolist() == [9.0, 1.0, 2.0, 3.0, 4.0]


def test_l_5_statistics_are_kept_or_averaged_and_integers_never_join() -> None:
    state = batch_normed()
    kept, averaged = Layout.of(state, ["*"]), Layout.of(state, ["*"], "average")
    assert set(kept.names) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert set(averaged.names) - set(kept.names) == {"1.running_mean", "1.running_var"}
    assert "1.num_batches_tracked" not in averaged.names


def test_l_5_what_the_terms_do_not_name_is_kept_bit_for_bit() -> None:
    state = batch_normed()
    state["0.bias"] = torch.tensor([-0.0, float("nan"), float("inf")])
    layout = Layout.of(state, ["*.weight"])
    moved = apply_aggregate(state, layout, np.full(layout.length, 5, np.int32), Lattice(8, 0))
    for name in set(state) - set(layout.names):
        assert moved[name].numpy().tobytes() == state[name].numpy().tobytes()
    for name in layout.names:
        assert torch.equal(moved[name], state[name] + 5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_l_5_a_tensor_that_is_not_finite_in_the_base_never_joins_and_is_kept(
    dtype: torch.dtype,
) -> None:
    state = batch_normed()
    state["mask"] = torch.tensor([0.0, float("-inf")], dtype=dtype)
    state["unknown"] = torch.tensor([float("nan")])
    layout = Layout.of(state, ["*"])
    assert set(layout.names) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    moved = apply_aggregate(state, layout, np.full(layout.length, 5, np.int32), Lattice(8, 0))
    for name in ("mask", "unknown"):
        assert moved[name].dtype == state[name].dtype
        assert same_bits(moved[name], state[name])
    with pytest.raises(ConfigError, match="no floating tensor of finite values"):
        Layout.of(state, ["mask"])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("place", [0, 262_143, 262_144, 600_000])
def test_l_5_an_infinity_is_found_wherever_it_lies_in_a_large_tensor(
    dtype: torch.dtype, place: int
) -> None:
    large = torch.full((600_001,), 3e38, dtype=dtype)  # finite, if hardly
    state = {"large": large, "small": torch.ones(2)}
    assert Layout.of(state, ["*"]).names == ("large", "small")
    large[place] = float("inf")
    assert Layout.of(state, ["*"]).names == ("small",)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_t27_what_is_not_finite_after_training_is_told_by_its_tensor_s_name(value: float) -> None:
    base = batch_normed()
    layout, trained = Layout.of(base, ["*"]), {name: t.clone() for name, t in base.items()}
    trained["1.bias"][1:] = value
    with pytest.raises(UpdateRefused, match=r"'1\.bias' has 2 of 3 values that aren't finite"):
        difference(trained, base, layout)


def test_a_pattern_with_an_exclamation_mark_takes_tensors_away() -> None:
    assert Layout.of(batch_normed(), ["*", "!0.*"]).names == ("1.bias", "1.weight")


def test_patterns_that_name_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="names no tensor"):
        Layout.of(batch_normed(), ["decoder.*"])
    with pytest.raises(ConfigError, match="no floating tensor"):
        Layout.of(batch_normed(), ["1.num_batches_tracked"])


def test_a_flat_vector_comes_back_as_the_same_tensors() -> None:
    state = batch_normed()
    layout = Layout.of(state, ["*"])
    found = unflatten(flatten(state, layout), layout)
    assert all(torch.equal(found[name], state[name]) for name in layout.names)


@given(st.integers(-(2**31), 2**31 - 1), st.integers(-60, 20), st.integers(0, 16))
def test_a_3_new_values_are_binary64_sums_rounded_once(
    aggregate: int, exponent: int, guard: int
) -> None:
    base = {"w": torch.tensor([0.3], dtype=torch.float32)}
    layout = Layout.of(base, ["w"])
    lattice = Lattice(16, exponent, guard)
    moved = apply_aggregate(base, layout, np.array([aggregate], np.int32), lattice)
    wide = float(np.float32(0.3)) + aggregate * 2.0 ** (exponent - guard)
    assert moved["w"].item() == float(np.float32(wide))


def test_a_3_sixteen_bit_types_are_rounded_through_binary32() -> None:
    base = {"h": torch.zeros(1, dtype=torch.float16), "b": torch.zeros(1, dtype=torch.bfloat16)}
    layout = Layout.of(base, ["*"])
    # 1 + 2^-11 + 2^-26: straight to half it is above the tie; through binary32 it is the tie.
    value = 2**26 + 2**15 + 1
    moved = apply_aggregate(base, layout, np.array([value, value], np.int32), Lattice(16, -16, 10))
    narrow = np.float32(value * 2.0**-26)
    assert moved["h"].item() == float(np.float16(narrow))
    assert moved["b"].item() == torch.tensor(float(narrow)).to(torch.bfloat16).item()


def test_an_overflow_of_the_tensors_type_is_refused_by_name() -> None:
    base = {"h": torch.full((1,), 60_000.0, dtype=torch.float16)}
    with pytest.raises(AggregationError, match="'h' overflows"):
        apply_aggregate(base, Layout.of(base, ["h"]), np.array([9_000], np.int32), Lattice(16, 0))


def test_t28_missing_extra_and_misshapen_tensors_are_refused_by_name() -> None:
    base = {"a": torch.zeros(2, 3), "b": torch.zeros(3)}
    cases = {
        "missing tensor 'b'": {"a": torch.zeros(2, 3)},
        "unknown tensor 'c'": {**base, "c": torch.zeros(1)},
        r"'b': expected the shape \(3,\), got \(1,\)": {**base, "b": torch.zeros(1)},
        r"'a': expected the shape": {**base, "a": torch.zeros(3, 2)},
        "'b': expected torch.float32, got torch.float64": {**base, "b": torch.zeros(3).double()},
    }
    for message, state in cases.items():
        with pytest.raises(AggregationError, match=message):
            check_state(state, base)


def test_t28_vectors_of_another_length_or_type_are_refused() -> None:
    base = {"a": torch.zeros(3)}
    layout = Layout.of(base, ["a"])
    for bad in (np.zeros(1, np.int32), np.zeros(3, np.int64), np.zeros((3, 1), np.int32)):
        with pytest.raises(AggregationError, match="expected an aggregate"):
            apply_aggregate(base, layout, bad, Lattice(8, 0))
    with pytest.raises(AggregationError, match="expected the shape"):
        unflatten(np.zeros(1), layout)
    with pytest.raises(AggregationError, match="missing tensor 'a'"):
        flatten({}, layout)
    with pytest.raises(AggregationError, match="'a'"):
        flatten({"a": torch.zeros(1)}, layout)


def test_a_module_takes_its_own_state_back() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    state = {name: tensor + 1 for name, tensor in state_of(module).items()}
    load_into(module, state)
    assert all(torch.equal(tensor, state[name]) for name, tensor in state_of(module).items())


def test_states_are_copies_and_contiguous() -> None:
    module = torch.nn.Linear(2, 3)
    module.weight = torch.nn.Parameter(torch.zeros(2, 3).t())
    state = state_of(module)
    assert state["weight"].is_contiguous()
    state["weight"] += 1
    assert float(module.weight.detach().sum()) == 0.0


def test_tied_weights_that_differ_are_refused() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    module[1].weight = module[0].weight
    state = state_of(module)
    load_into(module, state)
    state["1.weight"] = state["1.weight"] + 1
    with pytest.raises(AggregationError, match="are tied"):
        load_into(module, state)


def test_a_scale_s_pattern_that_names_no_tensor_is_refused() -> None:
    state = {"a": torch.zeros(2), "b.running_var": torch.zeros(2)}
    kept = Layout.of(state, ["*"], "keep", [("*.running_var", 3), ("?", 1)])
    assert (kept.names, kept.shifts) == (("a",), (1,))
    with pytest.raises(ConfigError, match=r"scales: the pattern 'nosuch\*' names no tensor of the"):
        Layout.of(state, ["*"], scales=[("*", 1), ("nosuch*", 2)])
