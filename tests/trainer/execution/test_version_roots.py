"""Roots of a version's weights (F-13): from its file, in the layout, as the weights' own bits."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch

from registry.errors import AggregationError, ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import MODEL_FILE, first_version
from trainer.execution.version_roots import (
    Weights,
    first_difference,
    precision_of,
    version_root,
    weights_of,
)
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import save_safetensors, tensor_bytes, tensor_places
from trainer.vectors.vector_roots import chunk_count, vector_root, verify_chunk

DOCUMENT = TermsDocument(buffers="keep")


def state_of(dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Returns tensors whose order in the file isn't that of the layout."""
    numbers = np.random.default_rng(7).normal(size=2_000)

    def tensor(start: int, *shape: int) -> torch.Tensor:
        size = int(np.prod(shape, dtype=np.int64))
        return torch.from_numpy(numbers[start : start + size].copy()).reshape(shape).to(dtype)

    return {
        "z.weight": tensor(0, 30, 20),
        "a.weight": tensor(600, 17, 41),
        "m.scale": tensor(1_300),
        "m.nothing": torch.empty(0, 3, dtype=dtype),
        "norm.running_mean": tensor(1_400, 9),
        "steps": torch.tensor([3, 4], dtype=torch.int64),
    }


def folder_of(tmp_path: Path, state: dict[str, torch.Tensor], name: str = "version") -> Path:
    """Writes a version's folder."""
    folder = tmp_path / name
    first_version(folder, state, architecture="linear", licence="MIT")
    return folder


def integers(state: dict[str, torch.Tensor], names: list[str], bits: int) -> np.ndarray:
    """Returns the named tensors' bits as one vector of integers of the same width."""
    data = b"".join(tensor_bytes(state[name]) for name in names)
    return np.frombuffer(data, f"<i{bits // 8}").astype(f"i{bits // 8}")


@pytest.mark.parametrize(("dtype", "bits"), [(torch.float32, 32), (torch.bfloat16, 16)])
def test_f13_the_root_is_that_of_the_weights_own_bits(
    tmp_path: Path, dtype: torch.dtype, bits: int
) -> None:
    state = state_of(dtype)
    folder = folder_of(tmp_path, state)
    vector = integers(state, ["a.weight", "m.scale", "z.weight"], bits)
    assert version_root(folder, DOCUMENT) == vector_root(vector, bits)
    averaged = TermsDocument(buffers="average")
    vector = integers(state, ["a.weight", "m.scale", "norm.running_mean", "z.weight"], bits)
    assert version_root(folder, averaged) == vector_root(vector, bits)
    some = TermsDocument(parameters=("*", "!z.*"), buffers="keep")
    vector = integers(state, ["a.weight", "m.scale"], bits)
    assert version_root(folder, some) == vector_root(vector, bits)


@pytest.mark.parametrize(("dtype", "bits"), [(torch.float32, 32), (torch.bfloat16, 16)])
def test_f13_every_chunk_proves_itself(tmp_path: Path, dtype: torch.dtype, bits: int) -> None:
    weights = weights_of(folder_of(tmp_path, state_of(dtype)), DOCUMENT)
    root, length = weights.root(), weights.length
    assert (weights.bits, length) == (bits, 1_298)
    for index in range(chunk_count(length)):
        chunk, proof = weights.chunk(index), weights.proof(index)
        assert verify_chunk(root, bits, length, index, chunk, proof)
        assert not verify_chunk(root, 48 - bits, length, index, chunk, proof)
        assert not verify_chunk(root, bits, length, index, bytes(len(chunk)), proof)
    for index in (-1, chunk_count(length)):
        with pytest.raises(AggregationError, match="a chunk from 0 to 5"):
            weights.chunk(index)
        with pytest.raises(AggregationError, match="a chunk from 0 to 5"):
            weights.proof(index)


def test_f13_the_sign_of_zero_and_the_kind_of_nan_count(tmp_path: Path) -> None:
    plain = folder_of(tmp_path, {"w": torch.tensor([0.0, 1.0])}, "plain")
    signed = folder_of(tmp_path, {"w": torch.tensor([-0.0, 1.0])}, "signed")
    assert version_root(plain, DOCUMENT) != version_root(signed, DOCUMENT)


def test_f13_what_is_not_trained_does_not_count(tmp_path: Path) -> None:
    state = state_of(torch.float32)
    before = version_root(folder_of(tmp_path, state, "before"), DOCUMENT)
    changed = {**state, "steps": state["steps"] + 1, "norm.running_mean": torch.ones(9)}
    assert version_root(folder_of(tmp_path, changed, "after"), DOCUMENT) == before


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_f13_masks_of_infinities_are_no_weights_and_a_proposer_s_are(
    tmp_path: Path, dtype: torch.dtype
) -> None:
    state = {"w": torch.ones(300, dtype=dtype), "z": torch.zeros(5, dtype=dtype)}
    masks = {
        "half": torch.tensor([0.0, float("-inf")], dtype=torch.float16),
        "mask": torch.tensor([float("inf")] * 7, dtype=dtype),
        "none": torch.tensor([float("nan")], dtype=torch.float64),
    }
    base = weights_of(folder_of(tmp_path, {**state, **masks}, "base"), DOCUMENT)
    assert base.names == ("w", "z")
    assert base.root() == version_root(folder_of(tmp_path, state, "plain"), DOCUMENT)
    broken = {**state, **masks, "z": torch.full((5,), float("nan"), dtype=dtype)}
    proposed = weights_of(folder_of(tmp_path, broken, "proposed"), DOCUMENT, base)
    assert (proposed.names, proposed.length) == (base.names, 305)
    assert first_difference(base, proposed) == 1
    del broken["z"]
    with pytest.raises(ConfigError, match="none named 'z'"):
        weights_of(folder_of(tmp_path, broken, "less"), DOCUMENT, base)


def test_f13_copies_are_no_weights(tmp_path: Path) -> None:
    state = {"a": torch.ones(4), "b": torch.ones(4)}
    document = TermsDocument(tied={"b": "a"})
    assert weights_of(folder_of(tmp_path, state), document).names == ("a",)


def test_f13_a_large_version_is_read_in_bounded_memory(tmp_path: Path) -> None:
    length = 6_000_000
    values = torch.arange(length, dtype=torch.float32)
    state = {"a": values[:1_000_003], "b": values[1_000_003:]}
    path = tmp_path / MODEL_FILE
    save_safetensors(state, path)
    expected = vector_root(values.numpy().view(np.int32), 32)
    del values
    places = tensor_places(path)
    weights = Weights(path, (places["a"], places["b"]), 32, length)
    tracemalloc.start()
    try:
        found = weights.root()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == expected
    # Blocks of 1 MiB, read, turned round and joined: less than the 24 MB of the whole.
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("types", "told"),
    [
        ((torch.float16, torch.float16), "got float16"),
        ((torch.float64, torch.float64), "got float64"),
        ((torch.float32, torch.bfloat16), "got bfloat16, float32"),
        ((torch.float32, torch.float16), "got float16, float32"),
    ],
)
def test_f13_weights_of_other_types_are_refused_in_one_line(
    tmp_path: Path, types: tuple[torch.dtype, torch.dtype], told: str
) -> None:
    state = {name: torch.ones(3, dtype=dtype) for name, dtype in zip("ab", types, strict=True)}
    with pytest.raises(ConfigError, match=told) as caught:
        version_root(folder_of(tmp_path, state), DOCUMENT)
    assert "\n" not in str(caught.value)
    assert "without a stake" in str(caught.value)


def test_f13_tensors_of_other_types_may_stand_beside_the_trained_ones(tmp_path: Path) -> None:
    state = {"w": torch.ones(3), "half": torch.ones(3, dtype=torch.float16)}
    folder = folder_of(tmp_path, state)
    document = TermsDocument(parameters=("w",))
    assert weights_of(folder, document).length == 3
    assert precision_of(Layout.of({"w": torch.ones(3, dtype=torch.bfloat16)}, ["*"])) == 16


def test_the_first_chunk_that_differs_is_found(tmp_path: Path) -> None:
    state = state_of(torch.bfloat16)
    right = weights_of(folder_of(tmp_path, state, "right"), DOCUMENT)
    assert first_difference(right, right) is None
    for at, chunk in ((0, 0), (255, 0), (256, 1), (599, 5)):
        name, place = ("z.weight", at) if at == 599 else ("a.weight", at)
        changed = {**state, name: state[name].clone()}
        changed[name].view(-1).view(torch.int16)[place] ^= 1
        wrong = weights_of(folder_of(tmp_path, changed, f"wrong-{at}"), DOCUMENT)
        assert first_difference(right, wrong) == chunk
        assert right.chunk(chunk) != wrong.chunk(chunk)


def test_versions_of_other_shapes_have_no_chunk_in_common(tmp_path: Path) -> None:
    one = weights_of(folder_of(tmp_path, {"w": torch.ones(3)}, "one"), DOCUMENT)
    longer = weights_of(folder_of(tmp_path, {"w": torch.ones(4)}, "longer"), DOCUMENT)
    with pytest.raises(AggregationError, match="expected 3 weights of 32 bits, got 4 of 32"):
        first_difference(one, longer)


def test_a_file_cut_short_meanwhile_is_told(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, state_of(torch.float32))
    weights = weights_of(folder, DOCUMENT)
    path = folder / MODEL_FILE
    path.write_bytes(path.read_bytes()[:3_000])
    with pytest.raises(ConfigError, match="cut short"):
        weights.root()


def test_a_folder_without_a_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected one safetensors file, got 0"):
        version_root(tmp_path, DOCUMENT)
    folder = folder_of(tmp_path, {"w": torch.ones(3)})
    with pytest.raises(ConfigError, match="names no tensor"):
        version_root(folder, TermsDocument(parameters=("other",)))
