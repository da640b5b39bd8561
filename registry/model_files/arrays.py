"""The header of a NumPy array, which says whether its content is a pickle (T-25).

Source: numpy.lib.format. The mark, a version, the header's length in 2 bytes (version 1) or 4, and
a Python literal `{'descr': type, 'fortran_order': bool, 'shape': tuple}`. Types are admitted by
name: numbers, times and texts of a fixed width; an `O` anywhere means that objects are pickled.
"""

from __future__ import annotations

import ast
import re
from typing import Any, BinaryIO

__all__ = ["array_of_objects"]

_MARK = b"\x93NUMPY"
_LARGEST_HEADER = 1 << 20
_LONG = re.compile(r"(?<=\d)L\b")  # how Python 2 wrote a shape
_TYPE = re.compile(r"[|<>=]?(?:[?bBhHiIlLqQefdgFDGSaUVmMnNpPcu])\d*(?:\[\w+\])?")


def array_of_objects(file: BinaryIO, first: bytes) -> str | None:
    """Returns why an array is refused, or None if it holds numbers, or the file is no array.

    Args:
        file: at its first byte.
        first: the file's first bytes.
    """
    if not first.startswith(_MARK):
        return None
    start = file.read(8)
    width = 2 if start[6:7] == b"\x01" else 4
    length = int.from_bytes(file.read(width), "little")
    if length > _LARGEST_HEADER:
        return f"an array with a header of {length} bytes, expected at most {_LARGEST_HEADER}"
    header = file.read(length)
    try:
        text = header.decode("latin-1" if width == 2 else "utf-8").strip()
        told = ast.literal_eval(_LONG.sub("", text))
        described = told["descr"]
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError):
        return "an array whose header can't be read"
    return None if _holds_numbers(described) else "an array of objects holds a pickle"


def _holds_numbers(described: Any) -> bool:
    """Tells whether a type's description is of numbers and texts only, in fields or not."""
    if isinstance(described, str):
        return _TYPE.fullmatch(described) is not None
    if isinstance(described, tuple):  # a type and the shape of an array of it
        return len(described) == 2 and _holds_numbers(described[0])
    if not isinstance(described, list):
        return False
    return all(
        isinstance(entry, tuple) and len(entry) in (2, 3) and _holds_numbers(entry[1])
        for entry in described
    )
