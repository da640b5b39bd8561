"""T-26: a safetensors header is checked against its file before anything is allocated for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from registry.errors import ManifestError
from registry.model_files.safetensors_header import check_safetensors


def write(path: Path, header: Any, body: bytes, length: int | None = None) -> Path:
    """Writes a file with any header."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = len(raw) if length is None else length
    path.write_bytes(size.to_bytes(8, "little") + raw + body)
    return path


def tensor(dtype: str, shape: list[int], start: int, end: int) -> dict[str, Any]:
    """Returns a header's entry."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize(
    "dtype",
    [
        *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32),
        *(torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64),
        *(torch.float8_e4m3fn, torch.float8_e5m2),
    ],
    ids=str,
)
def test_what_the_library_writes_is_taken(tmp_path: Path, dtype: torch.dtype) -> None:
    tensors = {"b": torch.zeros(3, 5).to(dtype), "a": torch.zeros(()).to(dtype)}
    tensors["empty"] = torch.zeros(0, 4).to(dtype)
    save_file(tensors, tmp_path / "m.safetensors", metadata={"format": "pt"})
    check_safetensors(tmp_path / "m.safetensors")


def test_no_tensors_at_all_are_taken(tmp_path: Path) -> None:
    check_safetensors(write(tmp_path / "m.safetensors", {}, b""))


ONE = tensor("F32", [2], 0, 8)
BAD_HEADERS: dict[str, tuple[Any, bytes]] = {
    "a gap": ({"a": ONE, "b": tensor("U8", [1], 9, 10)}, bytes(10)),
    "an overlap": ({"a": ONE, "b": tensor("U8", [4], 6, 10)}, bytes(10)),
    "past the end": ({"a": tensor("F32", [4], 0, 16)}, bytes(8)),
    "hidden bytes after": ({"a": ONE}, bytes(9)),
    "hidden bytes before": ({"a": tensor("F32", [2], 8, 16)}, bytes(16)),
    "no tensor but bytes": ({}, bytes(1)),
    "shape and size differ": ({"a": tensor("F32", [3], 0, 8)}, bytes(8)),
    "unknown dtype": ({"a": tensor("F128", [2], 0, 8)}, bytes(8)),
    "dtype of another type": ({"a": {**ONE, "dtype": ["F32"]}}, bytes(8)),
    "negative shape": ({"a": tensor("F32", [-2], 0, 8)}, bytes(8)),
    "shape of floats": ({"a": {**ONE, "shape": [2.0]}}, bytes(8)),
    "shape of booleans": ({"a": {**ONE, "shape": [True, 2]}}, bytes(8)),
    "falling offsets": ({"a": {**ONE, "data_offsets": [8, 0]}}, bytes(8)),
    "one offset": ({"a": {**ONE, "data_offsets": [8]}}, bytes(8)),
    "overflow": ({"a": tensor("F32", [2**62, 2**62], 0, 8)}, bytes(8)),
    "a missing field": ({"a": {"dtype": "F32", "shape": [2]}}, bytes(8)),
    "an extra field": ({"a": {**ONE, "run": "me"}}, bytes(8)),
    "metadata of numbers": ({"__metadata__": {"a": 1}, "a": ONE}, bytes(8)),
    "metadata of a list": ({"__metadata__": [], "a": ONE}, bytes(8)),
    "a tensor twice": (b'{"a":' + json.dumps(ONE).encode() + b',"a":{}}', bytes(8)),
    "a list": (b"[]", b""),
    "blanks first": (b" {}", b""),
    "no JSON": (b"{", b""),
    "no UTF-8": (b"{\xff}", b""),
    "too deep": (b'{"a":' + b"[" * 100_000, b""),
    "too many dimensions": ({"a": tensor("F32", [1] * 65 + [2], 0, 8)}, bytes(8)),
}


@pytest.mark.parametrize("name", BAD_HEADERS)
def test_t26_an_unsound_header_is_refused(tmp_path: Path, name: str) -> None:
    header, body = BAD_HEADERS[name]
    with pytest.raises(ManifestError, match=r"m\.safetensors: not a sound safetensors file"):
        check_safetensors(write(tmp_path / "m.safetensors", header, body))


@pytest.mark.parametrize("length", [3, 100_000_001, 2**40, 2**63, 2**64 - 1])
def test_t26_a_header_longer_than_the_file_or_the_limit_is_refused(
    tmp_path: Path, length: int
) -> None:
    with pytest.raises(ManifestError, match="a header of"):
        check_safetensors(write(tmp_path / "m.safetensors", {}, b"", length))


def test_t26_a_sparse_giant_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = write(tmp_path / "m.safetensors", {}, b"", 100_000_001)
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(ManifestError, match="a header of 100000001 bytes"):
        check_safetensors(path)


@pytest.mark.parametrize("size", range(8))
def test_a_file_too_short_for_a_length_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(bytes(size))
    with pytest.raises(ManifestError, match=r"m\.safetensors"):
        check_safetensors(path)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_what_passes_here_opens_there(
    tmp_path_factory: pytest.TempPathFactory, at: int, flip: int
) -> None:
    """Whenever a damaged file passes, the library opens it too: the check is no weaker."""
    path = tmp_path_factory.mktemp("fuzz") / "m.safetensors"
    save_file({"a": torch.zeros(2, 2), "b": torch.ones(3, dtype=torch.int8)}, path)
    raw = bytearray(path.read_bytes())
    raw[at % len(raw)] ^= flip
    path.write_bytes(raw)
    try:
        check_safetensors(path)
    except ManifestError:
        return
    try:
        with safe_open(path, framework="pt") as opened:
            assert set(opened.keys()) is not None
    except SafetensorError as error:
        raise AssertionError("taken here, refused by the library") from error


def test_types_of_eight_bits_without_a_negative_zero_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    for kind in (torch.float8_e4m3fnuz, torch.float8_e5m2fnuz):
        save_file({"a": torch.zeros(3, 2).to(kind)}, path)
        check_safetensors(path)


@pytest.mark.parametrize("place", ["name", "metadata"])
def test_half_a_character_is_refused_in_one_line(tmp_path: Path, place: str) -> None:
    tensor = {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
    content = {"\ud800": tensor} if place == "name" else {"__metadata__": {"a": "\udfff"}}
    raw = json.dumps(content).encode()
    path = tmp_path / "m.safetensors"
    path.write_bytes(len(raw).to_bytes(8, "little") + raw)
    with pytest.raises(ManifestError, match=r"m\.safetensors: .*not valid JSON") as refused:
        check_safetensors(path)
    str(refused.value).encode("utf-8")
    assert "\n" not in str(refused.value)
