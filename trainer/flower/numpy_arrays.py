"""A numpy array out of the bytes that a node sent, checked before anything is allocated.

numpy's own loader takes a header's word for the array's size, opens zip archives and parses headers
however deep they nest: each lets one node stop the server. Only the format's first two versions
are read, as arrays of numbers need no more.
"""

from __future__ import annotations

import math
from io import BytesIO
from tokenize import TokenError
from typing import Any

import numpy as np
import numpy.typing as npt

from registry.errors import ConfigError

__all__ = ["array_of"]

_LONGEST_HEADER = 1_024
_MOST_DIMENSIONS = 16
_NUMBERS = "biufc"
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
# What numpy's reader of headers is known to raise, which it gives to Python's parser.
_MALFORMED = (ValueError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError, Warning)


def array_of(data: bytes) -> npt.NDArray[Any]:
    """Returns a copy of the array in numpy's format, of booleans, integers, floats or complex.

    Raises:
        ConfigError: another format, another type, or more or fewer bytes than the header tells.
    """
    file = BytesIO(data)
    try:
        read = _READERS[np.lib.format.read_magic(file)]
        shape, by_columns, dtype = read(file, max_header_size=_LONGEST_HEADER)
    except KeyError:
        raise ConfigError("expected numpy's format 1.0 or 2.0, got another version") from None
    except _MALFORMED:
        raise ConfigError(
            f"expected numbers in numpy's format with a header of at most {_LONGEST_HEADER} bytes"
        ) from None
    if dtype.kind not in _NUMBERS:
        raise ConfigError(f"expected numbers in numpy's format, got the type {dtype.str!a:.40}")
    _check_size(shape, dtype.itemsize, len(data) - file.tell())
    flat = np.frombuffer(data[file.tell() :], dtype)
    # Any byte but 0 is true; numpy leaves it as it is, and others may not.
    values = flat.view(np.uint8) != 0 if dtype.kind == "b" else flat.copy()
    return values.reshape(shape, order="F" if by_columns else "C")


def _check_size(shape: tuple[int, ...], itemsize: int, size: int) -> None:
    if len(shape) > _MOST_DIMENSIONS or any(side < 0 for side in shape):
        raise ConfigError(
            f"expected at most {_MOST_DIMENSIONS} dimensions, none negative, got {shape!r:.80}"
        )
    # Sides of an array without a value can overflow too.
    told = math.prod(shape) * itemsize
    if told != size or math.prod(max(side, 1) for side in shape) >= 1 << 62:
        raise ConfigError(f"expected {size} bytes, as came, got the shape {shape!r:.80}")
