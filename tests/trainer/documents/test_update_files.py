"""An update's values in their file: whole or sparse, whichever is smaller, and always mapped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.documents.update_files import load_vector, save_vector, sparse_form, stored_size
from trainer.errors import Reason, UpdateRefused
from trainer.vectors.safetensors_files import save_safetensors, tensor_places

INT16 = np.dtype(np.int16)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where an update's file lies in its folder."""
    (tmp_path / "update").mkdir()
    return tmp_path / "update" / "update.safetensors"


@given(
    st.sampled_from([np.int8, np.int16, np.int32]),
    st.integers(1, 3_000),
    st.floats(0, 1),
    st.integers(0, 9),
)
def test_a_vector_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    dtype: type[np.signedinteger[Any]],
    length: int,
    part: float,
    seed: int,
) -> None:
    draw = np.random.default_rng(seed)
    vector = draw.integers(-127, 128, length).astype(dtype)
    vector[draw.random(length) > part] = 0
    path = tmp_path_factory.mktemp("update") / "update.safetensors"
    save_vector(vector, path)
    found = load_vector(path, np.dtype(dtype), length)
    assert found.dtype == dtype
    assert (found == vector).all()
    assert not found.flags.writeable
    assert path.stat().st_size <= stored_size(vector) + 256
    assert stored_size(vector) <= vector.nbytes


def test_one_value_in_a_hundred_takes_a_thirtieth_of_the_bytes(file: Path) -> None:
    vector = np.zeros(100_000, np.int16)
    vector[::100] = 7
    save_vector(vector, file)
    assert set(tensor_places(file)) == {"places", "values"}
    assert file.stat().st_size < vector.nbytes / 30
    assert stored_size(vector) == 6_000


def test_a_vector_without_many_zeros_is_stored_whole(file: Path) -> None:
    vector = np.ones(300, np.int16)
    vector[::2] = 0
    save_vector(vector, file)
    assert set(tensor_places(file)) == {"update"}
    assert sparse_form(np.zeros(300, np.int16)) is None


def test_laying_a_sparse_vector_out_leaves_no_file_behind(file: Path) -> None:
    vector = np.zeros(10_000, np.int16)
    vector[5_000] = 1
    save_vector(vector, file)
    assert isinstance(load_vector(file, INT16, 10_000), np.memmap)
    assert sorted(path.name for path in file.parent.parent.rglob("*")) == [
        "update",
        "update.safetensors",
    ]


def refused(
    file: Path, places: torch.Tensor, values: torch.Tensor, length: int = 100
) -> UpdateRefused:
    """Returns how a sparse file is refused."""
    save_safetensors({"places": places, "values": values}, file)
    with pytest.raises(UpdateRefused) as found:
        load_vector(file, INT16, length)
    return found.value


I32, I16 = torch.int32, torch.int16


@pytest.mark.parametrize(
    ("places", "values"),
    [
        ([3, 3], [1, 1]),
        ([4, 3], [1, 1]),
        ([-1, 3], [1, 1]),
        ([3, 100], [1, 1]),
        ([3, 4], [1, 0]),
    ],
)
def test_t28_places_that_repeat_descend_or_lie_outside_are_refused(
    file: Path, places: list[int], values: list[int]
) -> None:
    told = refused(file, torch.tensor(places, dtype=I32), torch.tensor(values, dtype=I16))
    assert told.reason is Reason.SHAPE
    assert "ascending places below 100 of values that aren't zero" in told.detail


def test_t28_places_of_another_type_or_number_are_refused(file: Path) -> None:
    one = torch.tensor([1], dtype=I16)
    assert refused(file, torch.tensor([1.0]), one).reason is Reason.DTYPE
    assert refused(file, torch.tensor([1]), one).reason is Reason.DTYPE
    assert refused(file, torch.tensor([1], dtype=I32), one.to(I32)).reason is Reason.DTYPE
    two = torch.tensor([1, 2], dtype=I32)
    assert refused(file, two, one).reason is Reason.SHAPE
    assert refused(file, two[None], one[None]).reason is Reason.SHAPE
    empty = torch.tensor([], dtype=I32)
    assert refused(file, empty, empty.to(I16)).reason is Reason.SHAPE


def test_t26_more_values_than_the_vector_has_are_refused_before_any_is_laid_out(file: Path) -> None:
    many = torch.arange(1, 102, dtype=I32)
    told = refused(file, many, many.to(I16))
    assert told.detail == "expected at most 100 values, got the shape (101,)"


def test_other_tensors_beside_are_refused(file: Path) -> None:
    values = torch.ones(4, dtype=I16)
    save_safetensors({"update": values, "places": values.to(I32), "values": values}, file)
    with pytest.raises(UpdateRefused, match="expected the one tensor 'update'"):
        load_vector(file, INT16, 4)
