"""Whether a class's arrays are a version's: by name, shape and kind, before it trains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from registry.errors import ConfigError
from trainer.training.array_contract import ShownArrays, check_dtypes, check_shapes, shown_arrays

BASE = {"bias": torch.zeros(3), "weight": torch.zeros(3, 4)}
NAMES = ("weight", "bias")


class Shows:
    """A class that names its arrays, and shows them if it has any."""

    parameter_names = NAMES

    def __init__(self, *arrays: Any) -> None:
        self.arrays = arrays

    def get_parameters(self, config: Any) -> list[Any]:
        if not self.arrays:
            raise AttributeError("not fitted yet")
        return list(self.arrays)

    def fit(self, parameters: Any, config: Any) -> Any:
        return parameters, 1, {}


class HasModule:
    """A class that shows nothing and has a torch module."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        self.net = torch.nn.Linear(4, 3, dtype=dtype)

    def fit(self, parameters: Any, config: Any) -> Any:
        return parameters, 1, {}


def shown(*shapes: tuple[int, ...], names: Any = NAMES, dtypes: Any = None) -> ShownArrays:
    """What a class would show."""
    return ShownArrays(names, shapes or None, dtypes, "get_parameters")


def test_what_a_class_shows_goes_before_its_module() -> None:
    found = shown_arrays(Shows(np.zeros((3, 4), np.float32), np.zeros(3)))
    assert found == ShownArrays(
        list(NAMES), [(3, 4), (3,)], ["float32", "float64"], "get_parameters"
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_module_shows_its_state(dtype: torch.dtype) -> None:
    found = shown_arrays(HasModule(dtype))
    told = str(dtype).removeprefix("torch.")
    assert found == ShownArrays(list(NAMES), [(3, 4), (3,)], [told, told], "Linear")


def test_a_class_that_was_never_fitted_shows_its_names_alone() -> None:
    found = shown_arrays(Shows())
    assert found == ShownArrays(list(NAMES), None, None, "")
    assert check_shapes(found, BASE) == "2 arrays by name"


def test_arrays_of_the_version_s_shapes_are_told_with_their_size() -> None:
    assert check_shapes(shown((3, 4), (3,)), BASE) == "2 arrays of 15 values"
    in_the_file_s_order = shown((3,), (3, 4), names=None)
    assert check_shapes(in_the_file_s_order, BASE) == "2 arrays of 15 values"


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        (shown((4, 4), (3,)), r"weight: expected \(3, 4\), got \(4, 4\); use"),
        (shown((3,), (3, 4)), r"weight: expected \(3, 4\), got \(3,\); bias: expected \(3,\)"),
        (shown((3, 4)), "shows 1 arrays, and the version has 2: weight, bias; return them all"),
        (shown(names=("weight",)), "only the version has bias; use the version's"),
        (shown(names=("weight", "bias", "b")), "only the class has b; use the version's"),
        (shown(names=("weight", "bias", "bias")), "the class names an array twice"),
        (shown(names=("a", "b", "c")), "only the class has a, b, c, only the version has"),
        (shown(names=("a", "b", "c", "d", "e")), "a, b, c and 2 more, only the version has"),
    ],
)
def test_what_differs_is_named(arrays: ShownArrays, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        check_shapes(arrays, BASE)


@pytest.mark.parametrize(
    ("dtypes", "told"),
    [
        (["float32", "float32"], "float32"),
        (["float64", "float32"], "float32; what it shows as float64 is rounded to these"),
        (["bfloat16", "float16"], "float32; what it shows as bfloat16, float16 is rounded"),
        (None, "float32"),
    ],
)
def test_other_widths_of_a_kind_are_rounded(dtypes: list[str] | None, told: str) -> None:
    assert check_dtypes(shown((3, 4), (3,), dtypes=dtypes), BASE).startswith(told)


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex64", "uint8"])
def test_another_kind_is_refused(dtype: str) -> None:
    with pytest.raises(ConfigError, match=f"bias: expected float32, got {dtype}; return"):
        check_dtypes(shown((3, 4), (3,), dtypes=["float32", dtype]), BASE)


def test_a_version_of_bfloat16_takes_float32() -> None:
    half = {"bias": torch.zeros(3, dtype=torch.bfloat16)}
    told = check_dtypes(shown((3,), names=("bias",), dtypes=["float32"]), half)
    assert told == "bfloat16; what it shows as float32 is rounded to these"
