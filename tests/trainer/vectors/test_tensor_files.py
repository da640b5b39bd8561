"""Safetensors files: the same bytes every time, and hostile ones refused (T-26, T-28)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import safetensors.torch
import torch

from registry.errors import ConfigError
from trainer.vectors.safetensors_files import (
    load_safetensors,
    map_safetensors,
    save_safetensors,
    tensor_bytes,
    tensor_places,
)


def state() -> dict[str, torch.Tensor]:
    """Tensors of every kind, one of them transposed, one empty, one without dimensions."""
    return {
        "z": torch.arange(6, dtype=torch.float32).reshape(2, 3).t(),
        "a": torch.tensor([1.5, -2.5], dtype=torch.bfloat16),
        "half": torch.tensor([[0.1]], dtype=torch.float16),
        "count": torch.tensor(7, dtype=torch.int64),
        "mask": torch.tensor([True, False, True]),
        "empty": torch.empty(0, 3),
        "wide": torch.tensor([1e300], dtype=torch.float64),
    }


def written(path: Path, header: object, data: bytes = b"") -> Path:
    """Writes a file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def entry(start: int, end: int, shape: list[int], dtype: str = "I8") -> dict[str, object]:
    """A header's entry."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    save_safetensors(state(), tmp_path / "m.safetensors")
    found = load_safetensors(tmp_path / "m.safetensors")
    assert set(found) == set(state())
    for name, tensor in state().items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


def test_bytes_do_not_depend_on_insertion_order_or_threads(tmp_path: Path) -> None:
    contents = set()
    for index, threads in enumerate((1, 2, 1)):
        torch.set_num_threads(threads)
        items = list(state().items())
        if index == 2:
            items.reverse()
        save_safetensors(dict(items), tmp_path / str(index))
        contents.add((tmp_path / str(index)).read_bytes())
    assert len(contents) == 1


def test_the_format_library_reads_ours_and_we_read_its(tmp_path: Path) -> None:
    save_safetensors(state(), tmp_path / "ours")
    theirs = safetensors.torch.load_file(tmp_path / "ours")
    assert all(torch.equal(theirs[name], tensor) for name, tensor in state().items())
    contiguous = {name: tensor.contiguous() for name, tensor in state().items()}
    safetensors.torch.save_file(contiguous, tmp_path / "its", metadata={"a": "b", "c": "d"})
    found = load_safetensors(tmp_path / "its")
    assert all(torch.equal(found[name], tensor) for name, tensor in state().items())


def test_tied_tensors_are_written_under_each_name(tmp_path: Path) -> None:
    tied = torch.ones(3)
    save_safetensors({"a": tied, "b": tied}, tmp_path / "m")
    assert set(load_safetensors(tmp_path / "m")) == {"a", "b"}


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "m"
    save_safetensors({"a": torch.ones(1)}, path)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="complex64"):
        save_safetensors({"a": torch.ones(1, dtype=torch.complex64)}, path)
    assert path.read_bytes() == before


def test_t28_a_duplicate_tensor_is_refused_by_name(tmp_path: Path) -> None:
    one = json.dumps(entry(0, 1, [1]))
    path = written(tmp_path / "m", f'{{"w":{one},"w":{one}}}'.encode(), b"\x01")
    with pytest.raises(ConfigError, match="'w' appears twice"):
        load_safetensors(path)


@pytest.mark.parametrize(
    ("header", "data", "message"),
    [
        ({"w": entry(0, 2, [1])}, b"ab", "expected 1 bytes"),
        ({"w": entry(0, 1, [1]), "v": entry(0, 1, [1])}, b"a", "starts at"),
        ({"w": entry(1, 2, [1])}, b"ab", "starts at"),
        ({"w": entry(0, 1, [1])}, b"ab", "expected 69 bytes, got 70"),
        ({"w": entry(0, 4, [1], "F8")}, b"abcd", "unknown type"),
        ({"w": entry(0, 1, [-1])}, b"a", "natural"),
        ({"w": entry(0, 0, [2**61, 2**61, 0, 2**62])}, b"", "natural"),
        ({"w": entry(0, 0, [2**61, 2**61, 0])}, b"", "too large a shape"),
        ({"w": {"dtype": "I8"}}, b"", "expected dtype"),
        ([], b"", "expected an object"),
        (b"{", b"", "malformed"),
        (b"[" * 100_000, b"", "malformed"),
    ],
)
def test_t26_malformed_headers_are_refused(
    tmp_path: Path, header: object, data: bytes, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_safetensors(written(tmp_path / "m", header, data))


def test_t26_a_giant_header_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes((2**63).to_bytes(8, "little") + b"{}")
    with pytest.raises(ConfigError, match="exceeds the file"):
        load_safetensors(path)
    with path.open("wb") as file:  # sparse: it claims a gibibyte and has none
        file.write((2**30 - 8).to_bytes(8, "little"))
        file.truncate(2**30)
    with pytest.raises(ConfigError, match="exceeds the file"):
        load_safetensors(path)


def test_t26_a_tensor_larger_than_the_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "m", {"w": entry(0, 2**50, [2**50])}, b"a")
    with pytest.raises(ConfigError, match="bytes"):
        load_safetensors(path)


def test_a_link_a_large_file_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    save_safetensors({"a": torch.ones(1)}, tmp_path / "m")
    (tmp_path / "link").symlink_to(tmp_path / "m")
    for path, largest in ((tmp_path / "link", None), (tmp_path / "no", None), (tmp_path / "m", 8)):
        with pytest.raises(ConfigError, match="expected"):
            load_safetensors(path, largest)


def test_t25_a_pickle_is_refused_before_any_parse(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1)}, tmp_path / "m")
    with pytest.raises(ConfigError, match="not safetensors"):
        load_safetensors(tmp_path / "m")


def test_places_are_where_the_bytes_lie(tmp_path: Path) -> None:
    save_safetensors({"a": torch.tensor([1, 2, 3], dtype=torch.int16)}, tmp_path / "m")
    place = tensor_places(tmp_path / "m")["a"]
    data = (tmp_path / "m").read_bytes()
    assert data[place.offset : place.offset + place.size] == b"\x01\0\x02\0\x03\0"
    assert place.offset % 8 == 0


def test_a_mapped_file_has_the_tensors_of_one_that_is_read(tmp_path: Path) -> None:
    path, odd = tmp_path / "m.safetensors", tmp_path / "odd.safetensors"
    save_safetensors(state(), path)
    written(odd, {"a": entry(0, 1, [1]), "b": entry(1, 9, [2], "F32")}, bytes(range(9)))
    for file in (path, odd):
        read, mapped = load_safetensors(file), map_safetensors(file)
        assert list(read) == list(mapped)
        for name, tensor in read.items():
            assert mapped[name].dtype == tensor.dtype
            assert mapped[name].shape == tensor.shape
            assert tensor_bytes(mapped[name]) == tensor_bytes(tensor)


def test_who_writes_to_a_mapped_tensor_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_safetensors({"w": torch.zeros(2_000)}, path)
    before, mapped = path.read_bytes(), map_safetensors(path)
    mapped["w"] += 1
    assert path.read_bytes() == before
    save_safetensors({"w": torch.full((2_000,), 7.0)}, path)  # replaced whole
    assert float(mapped["w"].sum()) == 2_000
    assert float(map_safetensors(path)["w"][0]) == 7.0
