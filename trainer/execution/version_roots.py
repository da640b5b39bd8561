"""The root of a version's trained weights, and proofs of their chunks (F-13).

The weights are one vector in the layout of L-3, each as its own bits, under the tree of L-4. They
are read from the version's file block by block, so memory holds one block, whatever the model's
size. Every tensor that is trained has to be of one type that the contract of F-14 computes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import final

import numpy as np
import torch

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import model_file
from trainer.execution.execute import layout_of
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import TensorPlace, tensor_places
from trainer.vectors.stored_vectors import StoredVector, first_difference

__all__ = ["Weights", "first_difference", "precision_of", "version_root", "weights_of"]

_BLOCK = 1 << 20
_EXPONENTS = {
    torch.float16: 0x7C00,
    torch.bfloat16: 0x7F80,
    torch.float32: 0x7F800000,
    torch.float64: 0x7FF0000000000000,
}
_PRECISIONS = {torch.float32: 32, torch.bfloat16: 16}


def precision_of(layout: Layout) -> int:
    """Returns the bits of a layout's weights: 32 if all are float32, 16 if all are bfloat16.

    Raises:
        ConfigError: other types, or both.
    """
    found = sorted({str(dtype).removeprefix("torch.") for dtype in layout.dtypes})
    if len(found) != 1 or layout.dtypes[0] not in _PRECISIONS:
        raise ConfigError(
            "expected trained tensors that are all float32 or all bfloat16, as weights under stake "
            f"are proved in one of these; got {', '.join(found)}: convert them, name only tensors "
            "of one type in `parameters`, or train without a stake"
        )
    return _PRECISIONS[layout.dtypes[0]]


@final
@dataclass(frozen=True)
class Weights(StoredVector):
    """A version's trained weights, where they lie in its file.

    Args:
        path: the file.
        places: of the trained tensors, in the layout's order.
        bits: of each weight.
        length: how many weights there are.
        names: of the trained tensors, in the same order.
    """

    path: Path
    places: tuple[TensorPlace, ...]
    bits: int
    length: int
    names: tuple[str, ...] = ()

    def read(self, start: int, stop: int) -> bytes:
        """Returns the bits of the weights from `start` to before `stop`, big-endian.

        Raises:
            ConfigError: the file was cut short meanwhile.
        """
        width, parts = self.bits // 8, []
        with self.path.open("rb") as file:
            for offset, size in self._pieces(start, stop):
                file.seek(offset)
                data = file.read(size)
                if len(data) != size:
                    raise ConfigError(f"{self.path}: cut short while it was read; fetch it again")
                parts.append(np.frombuffer(data, f"<u{width}").astype(f">u{width}").tobytes())
        return b"".join(parts)

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Yields offset and size in bytes of what each tensor has of a range of weights."""
        width = self.bits // 8
        ends = accumulate(place.size // width for place in self.places)
        for place, end in zip(self.places, ends, strict=True):
            first = end - place.size // width
            low, high = max(start, first), min(stop, end)
            if low < high:
                yield place.offset + (low - first) * width, (high - low) * width


def weights_of(folder: Path, document: TermsDocument, base: Weights | None = None) -> Weights:
    """Returns the weights of a version's folder that a terms document trains.

    Of tensors only as much is read as shows whether they are finite (L-5).

    Args:
        folder: the version's.
        document: the round's.
        base: the weights of the version that it was trained from, which say what is trained,
            whatever a proposer made of it; found in the version itself without.

    Raises:
        ConfigError: no version, patterns that don't fit it, trained tensors of other types
            than F-13 takes, or scales, of which the chain knows nothing.
    """
    if document.scales:
        raise ConfigError(
            "scales: under stake every tensor has the step of the terms, which the chain knows; "
            f"leave {document.scales[0][0]!r} out, or take a coarser step"
        )
    path = model_file(folder)
    places = tensor_places(path)
    layout = _layout(path, places, document) if base is None else _like(path, places, base)
    bits = precision_of(layout)
    trained = tuple(places[name] for name in layout.names)
    return Weights(path, trained, bits, layout.length, layout.names)


def _layout(path: Path, places: dict[str, TensorPlace], document: TermsDocument) -> Layout:
    # Shapes and types are all that a layout asks for, beside what isn't finite.
    shells = {n: torch.empty(p.shape, dtype=p.dtype, device="meta") for n, p in places.items()}
    for name in layout_of(shells, document).names:
        if not _is_finite(path, places[name]):
            same = [copy for copy, original in document.tied.items() if original == name]
            for kept in (name, *same):
                shells[kept] = torch.empty(places[kept].shape, dtype=torch.bool, device="meta")
    return layout_of(shells, document)


def _like(path: Path, places: dict[str, TensorPlace], base: Weights) -> Layout:
    if missing := [name for name in base.names if name not in places]:
        raise ConfigError(f"{path}: expected the base's tensors, got none named {missing[0]!r}")
    found = [places[name] for name in base.names]
    return Layout(base.names, tuple(p.shape for p in found), tuple(p.dtype for p in found))


def _is_finite(path: Path, place: TensorPlace) -> bool:
    width = place.dtype.itemsize
    # An infinity or a NaN has all bits of its exponent set.
    exponent = _EXPONENTS[place.dtype]
    with path.open("rb") as file:
        file.seek(place.offset)
        for at in range(0, place.size, _BLOCK):
            values = np.frombuffer(file.read(min(_BLOCK, place.size - at)), f"<u{width}")
            if bool(((values & exponent) == exponent).any()):
                return False
    return True


def version_root(folder: Path, document: TermsDocument) -> bytes:
    """Returns the root of a version's trained weights, 32 bytes (F-13).

    Raises:
        ConfigError: as `weights_of`.
    """
    return weights_of(folder, document).root()
