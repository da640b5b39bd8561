"""A safetensors file's header, checked before anything opens the file (T-26).

Source: the safetensors format. Eight bytes of length (little-endian), a JSON object from tensor
names to `{dtype, shape, data_offsets}`, then the tensors' bytes. The offsets must cover the bytes
exactly: no gap that could hide content, no overlap, no reading past the end.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, NoReturn

from registry.errors import ManifestError

__all__ = ["DTYPE_BITS", "check_safetensors"]

DTYPE_BITS = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
}
_LARGEST_HEADER = 100_000_000
_FIELDS = {"dtype", "shape", "data_offsets"}
_MOST_DIMENSIONS = 64


def check_safetensors(path: Path, shown: str | None = None) -> None:
    """Returns if the file's header is well formed and fits the file.

    Args:
        path: the file.
        shown: how messages name it; its own name if None.

    Raises:
        ManifestError: names the file and what is wrong with it.
    """
    shown = shown or path.name
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(_LARGEST_HEADER, size - 8):
            _refuse(shown, f"a header of {length} bytes in a file of {size}")
        raw = file.read(length)
    header = _parse(shown, raw)
    metadata = header.pop("__metadata__", {})
    if type(metadata) is not dict or any(type(v) is not str for v in metadata.values()):
        _refuse(shown, "__metadata__ is not a mapping of strings")
    spans = sorted(_span(shown, name, tensor) for name, tensor in header.items())
    end = 0
    for start, stop, name in spans:
        if start != end:
            _refuse(shown, f"tensor {name!r:.80} begins at {start}, not at {end}: a gap or overlap")
        end = stop
    if end != size - 8 - length:
        _refuse(shown, f"the tensors take {end} bytes, the file holds {size - 8 - length}")


def _refuse(shown: str, reason: str) -> NoReturn:
    raise ManifestError(f"{shown}: not a sound safetensors file: {reason}; export it again")


def _parse(shown: str, raw: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands twice")
        return found

    if not raw.startswith(b"{"):
        _refuse(shown, "the header does not begin with {")
    try:
        header = json.loads(raw.decode("utf-8"), object_pairs_hook=unique)
        if b"\\u" in raw:  # an escape may name half a character, which no other text can hold
            json.dumps(header, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        _refuse(shown, f"the header is not valid JSON ({error})")
    if type(header) is not dict:
        _refuse(shown, "the header is not an object")
    return header


def _span(shown: str, name: str, tensor: Any) -> tuple[int, int, str]:
    if type(tensor) is not dict or set(tensor) != _FIELDS:
        _refuse(shown, f"tensor {name!r}: expected the fields {sorted(_FIELDS)}")
    bits = DTYPE_BITS.get(tensor["dtype"]) if type(tensor["dtype"]) is str else None
    if bits is None:
        _refuse(shown, f"tensor {name!r}: unknown dtype {tensor['dtype']!r:.40}")
    shape, offsets = tensor["shape"], tensor["data_offsets"]
    if not _whole(shape) or len(shape) > _MOST_DIMENSIONS:
        _refuse(shown, f"tensor {name!r}: expected a shape of whole numbers, got {shape!r:.80}")
    if not _whole(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        _refuse(shown, f"tensor {name!r}: expected two rising offsets, got {offsets!r:.80}")
    if math.prod(shape) * bits != 8 * (offsets[1] - offsets[0]):
        _refuse(
            shown, f"tensor {name!r}: shape {shape} of {tensor['dtype']} does not fit {offsets}"
        )
    return offsets[0], offsets[1], name


def _whole(values: Any) -> bool:
    return type(values) is list and all(type(v) is int and 0 <= v < 1 << 63 for v in values)
