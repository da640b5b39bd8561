"""A pickle's opcodes as they stand in a file: their names, their arguments, and what they are for.

Source: the standard library's `pickletools`, whose table gives every opcode's argument. Where
Python's two unpicklers read an argument differently, what either of them takes is taken.
"""

from __future__ import annotations

import re
import sys
from pickletools import (
    TAKEN_FROM_ARGUMENT1,
    TAKEN_FROM_ARGUMENT4,
    TAKEN_FROM_ARGUMENT4U,
    TAKEN_FROM_ARGUMENT8U,
    UP_TO_NEWLINE,
    opcodes,
)

from registry.model_files.byte_stream import ByteStream

__all__ = [
    "CONTROL",
    "FILLS",
    "GATHERS",
    "LIBRARY",
    "NAME",
    "OTHERS",
    "PLAIN",
    "RUNNERS",
    "SKIPPED",
    "TEXTS",
    "TUPLES",
    "Dead",
    "begins_an_opcode",
    "check_number",
    "index_of",
    "line_text",
    "opcode_of",
    "read_argument",
    "text_of",
]

NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_NUMBER = re.compile(rb"[+-]?(?:0[xXoObB][0-9a-fA-F_]+|[0-9_]*)")
CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f")) + b"\x7f"
# Modules whose mere import from a pickle is meant to run something.
RUNNERS = frozenset((
    *("os", "posix", "nt", "subprocess", "sys", "builtins", "__builtin__", "__main__", "importlib"),
    *("runpy", "shutil", "socket", "pty", "ctypes", "code", "webbrowser", "commands", "copy_reg"),
    *("pickle", "_pickle", "marshal", "types", "numpy", "torch", "joblib", "sklearn", "pandas"),
    *("cloudpickle", "dill", "pip", "setuptools"),
))  # fmt: skip
LIBRARY = RUNNERS | sys.stdlib_module_names
PLAIN = frozenset((
    *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
))  # fmt: skip
TEXTS = frozenset((
    *("STRING", "UNICODE", "SHORT_BINSTRING", "BINSTRING", "BINUNICODE", "SHORT_BINUNICODE"),
    "BINUNICODE8",
))  # fmt: skip
OTHERS = frozenset((
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "NEXT_BUFFER"),
    *("EMPTY_LIST", "EMPTY_DICT", "EMPTY_SET"),
))  # fmt: skip
FILLS = {"APPEND": 1, "SETITEM": 2}
GATHERS = {"LIST": "other", "DICT": "other", "FROZENSET": "other", "TUPLE": "tuple"}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
SKIPPED = frozenset(("FRAME", "READONLY_BUFFER"))


class Dead(Exception):
    """An unpickler would fail here."""


_OPCODES: dict[int, tuple[str, int]] = {
    ord(opcode.code): (opcode.name, 0 if opcode.arg is None else opcode.arg.n) for opcode in opcodes
}
# How many bytes of length stand before an argument, by pickletools' marks for such arguments.
_LENGTHS = {
    TAKEN_FROM_ARGUMENT1: 1,
    TAKEN_FROM_ARGUMENT4: 4,
    TAKEN_FROM_ARGUMENT4U: 4,
    TAKEN_FROM_ARGUMENT8U: 8,
}


def begins_an_opcode(code: int) -> bool:
    """Tells whether a byte is an opcode."""
    return code in _OPCODES


def opcode_of(code: int) -> tuple[str, int] | None:
    """Returns an opcode's name and its argument's width as `pickletools` gives it, or None."""
    return _OPCODES.get(code)


def read_argument(stream: ByteStream, width: int) -> tuple[bytes, bytes]:
    """Returns the first bytes of an argument, and the length that stood before it, if any.

    Raises:
        Dead: it is cut off.
    """
    length: bytes | None = b""
    if width == UP_TO_NEWLINE:
        found = stream.line()
    elif width >= 0:
        found = stream.take(width) if width else b""
    else:
        length = stream.take(_LENGTHS[width])
        found = None if length is None else stream.take(int.from_bytes(length, "little"))
    if found is None or length is None:
        raise Dead
    return found, length


def line_text(stream: ByteStream) -> str:
    """Returns the next line, which is the second one of an import.

    Raises:
        Dead: there is none.
    """
    line = stream.line()
    if line is None:
        raise Dead
    return line.decode("utf-8", "replace")


def text_of(name: str, argument: bytes) -> str:
    """Returns the text that an opcode of `TEXTS` pushes.

    Raises:
        Dead: a STRING without its quotes.
    """
    if name == "STRING":
        argument = argument.strip()
        if len(argument) < 2 or argument[:1] not in (b"'", b'"'):
            raise Dead
        return argument[1:-1].decode("unicode_escape", "replace")
    return argument.decode("raw_unicode_escape" if name == "UNICODE" else "utf-8", "replace")


def check_number(name: str, argument: bytes) -> None:
    """Gives up on what is no number; C reads one up to a NUL, as in `1\\0anything`.

    Raises:
        Dead: it is none.
    """
    argument = argument.partition(b"\0")[0].strip()
    if name == "FLOAT":
        try:
            float(argument)
        except ValueError:
            raise Dead from None
    elif not _NUMBER.fullmatch(argument.removesuffix(b"L")):
        raise Dead


def index_of(name: str, argument: bytes) -> int:
    """Returns a place in the memo.

    Raises:
        Dead: no number, or a negative one.
    """
    if name not in ("GET", "PUT"):
        return int.from_bytes(argument, "little")
    digits = argument.partition(b"\0")[0].strip().replace(b"_", b"")[:19]
    if not digits.removeprefix(b"+").isdigit():
        raise Dead
    return int(digits)
