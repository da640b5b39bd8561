"""A pickle followed opcode by opcode without running it: what it would import and call.

Source: the standard library's `pickletools`, whose table gives every opcode's argument. The machine
keeps a stack of kinds in place of objects and is never stricter than either of Python's two
unpicklers: where they differ it goes on as the more lenient one does, since a stream that it gives
up is one that is let through.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from registry.model_files.byte_stream import ByteStream
from registry.model_files.pickle_opcodes import (
    CONTROL,
    FILLS,
    GATHERS,
    LIBRARY,
    NAME,
    OTHERS,
    PLAIN,
    RUNNERS,
    SKIPPED,
    TEXTS,
    TUPLES,
    Dead,
    check_number,
    index_of,
    line_text,
    opcode_of,
    read_argument,
    text_of,
)

__all__ = ["PickleMachine"]


class _Item(NamedTuple):
    """What lies on the stack: a kind, and a text's first characters or a foreign thing's module."""

    kind: str
    text: str = ""


class _Calls(Exception):
    """An unpickler would call something here."""


_LARGEST_FRAME = 1 << 40
_MARK, _OTHER, _NUMBERS = _Item("mark"), _Item("other"), _Item("plain")


@dataclass
class PickleMachine:
    """The state of an unpickler that runs nothing.

    `wary` takes less for a call, where the place to begin was guessed. `announced` tells that a
    protocol was named, `binary` that the stream can't be plain text. `imported` is the module of
    the first import, `called` tells of a call that is too weak a sign before the stream's end:
    four lines of a word list can look like one.
    """

    wary: bool = False
    announced: bool = False
    stack: list[_Item] = field(default_factory=list)
    memo: dict[int, _Item] = field(default_factory=dict)
    imported: str | None = None
    called: bool = False
    binary: bool = False
    frame_end: int = 0

    def step(self, stream: ByteStream) -> str:
        """Follows one opcode; returns `on`, `stop`, `calls`, or `dead` where unpickling fails."""
        begun, code = stream.at, stream.byte()
        opcode = opcode_of(code)
        if opcode is None:
            return "dead"
        name, width = opcode
        self.binary |= code >= 0x80
        try:
            argument, length = read_argument(stream, width)
            self.binary |= (length + argument).translate(None, CONTROL) != length + argument
            if name == "STOP":
                self._top()
                return "stop"
            self._follow(name, argument, stream)
            self._check_frame(name, begun, stream.at, argument)
        except Dead:
            return "dead"
        except _Calls:
            return "calls"
        return "on"

    def _check_frame(self, name: str, begun: int, at: int, argument: bytes) -> None:
        """Takes an opcode across a frame's end for a call: readers go on there at other bytes."""
        size = int.from_bytes(argument, "little") if name == "FRAME" else 0
        if size >= _LARGEST_FRAME:  # no file has as much, and no reader gets beyond it
            return
        if begun < self.frame_end < at + size:
            raise _Calls
        if name == "FRAME":
            self.frame_end = at + size

    def begin_again(self) -> None:
        """Goes on with another pickle behind the one that stopped; the memo may be the same."""
        self.stack.clear()
        self.imported, self.called, self.binary = None, False, False

    @property
    def runs(self) -> bool:
        """Whether the first import is of a module that pickles name in order to run something."""
        return (self.imported or "").partition(".")[0] in RUNNERS

    def _follow(self, name: str, argument: bytes, stream: ByteStream) -> None:
        if name in PLAIN:
            self.binary |= not argument.isascii()
            self.stack.append(_NUMBERS)
        elif name in TEXTS:
            kind = "quoted" if name == "STRING" else "text"
            self.stack.append(_Item(kind, text_of(name, argument)))
        elif name in OTHERS:
            self.stack.append(_OTHER)
        elif name in ("INT", "LONG", "FLOAT"):
            check_number(name, argument)
            self.stack.append(_NUMBERS)
        elif name == "MARK":
            self.stack.append(_MARK)
        elif name in GATHERS:
            self._to_mark()
            self.stack.append(_Item(GATHERS[name]))
        elif name == "EMPTY_TUPLE" or name in TUPLES:
            self._drop(TUPLES.get(name, 0))
            self.stack.append(_Item("tuple"))
        elif name == "PROTO":
            if argument > b"\x05":
                raise Dead
            self.announced = True
        elif name not in SKIPPED and not self._arranges(name, argument):
            self._touches(name, argument, stream)

    def _arranges(self, name: str, argument: bytes) -> bool:
        """Follows what only moves things on the stack and to the memo."""
        if name == "POP":
            if not self.stack:
                raise Dead
            self.stack.pop()
        elif name == "POP_MARK":
            self._to_mark()
        elif name == "DUP":
            self.stack.append(self._top())
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            kept = self.memo.get(index_of(name, argument))
            if kept is None:
                raise Dead
            self.stack.append(kept)
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.memo[index_of(name, argument)] = self._top()
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = self._top()
        else:
            return False
        return True

    def _touches(self, name: str, argument: bytes, stream: ByteStream) -> None:
        """Follows what imports, or acts on something that may have been imported."""
        if name == "GLOBAL":
            self._import(argument.decode("utf-8", "replace"), line_text(stream))
        elif name == "STACK_GLOBAL":
            attribute, module = self._drop(2)[::-1]
            if not {attribute.kind, module.kind} <= {"text", "quoted"}:
                raise Dead
            self._import(module.text, attribute.text)
        elif name in ("EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID"):
            if name == "BINPERSID":
                self._drop(1)
            self.stack.append(_Item("foreign"))
        elif name in FILLS:
            self._acts(*self._drop(FILLS[name] + 1)[:1], weak=True, again=True)
        elif name in ("APPENDS", "SETITEMS", "ADDITEMS"):
            weak = bool(self._to_mark())
            self._acts(*self._drop(1), weak=True, again=True, acts=weak)
        elif name == "BUILD":
            thing, state = self._drop(2)
            line = state.kind in ("plain", "text", "foreign")
            self._acts(thing, weak=line or not thing.text, again=True)
        elif name == "INST":
            arguments = self._to_mark()
            self._import(argument.decode("utf-8", "replace"), line_text(stream))
            self._acts(*self._drop(1), weak=self._weak(arguments))
        elif name == "OBJ":
            thing, *arguments = self._to_mark() or [_OTHER]
            self._called(thing, weak=self._weak(arguments))
        elif name == "REDUCE":
            thing, state = self._drop(2)
            if state.kind == "plain":
                raise Dead
            lists = ("tuple", "other", "quoted") if thing.text else ("tuple",)
            self._called(thing, weak=state.kind not in lists)
        else:  # NEWOBJ, NEWOBJ_EX
            thing, state, *_ = self._drop(2 if name == "NEWOBJ" else 3)
            self._called(thing, weak=state.kind != "tuple")

    def _weak(self, arguments: list[_Item]) -> bool:
        """Tells whether lines of plain text could be these arguments of a call."""
        lines = ("plain", "text", "foreign")
        return all(argument.kind in lines for argument in arguments)

    def _import(self, module: str, attribute: str) -> None:
        if not NAME.fullmatch(module) or not NAME.fullmatch(attribute):
            raise Dead
        if self.imported is None or not self.runs:
            self.imported = module
        self.stack.append(_Item("foreign", module))

    def _called(self, thing: _Item, *, weak: bool) -> None:
        if thing.kind != "foreign":
            raise Dead
        self._acts(thing, weak=weak)

    def _acts(self, thing: _Item, *, weak: bool, again: bool = False, acts: bool = True) -> None:
        """Something is done to a thing, which matters if it was imported; the result is pushed."""
        if thing.kind == "foreign" and acts:
            known = thing.text.partition(".")[0] in LIBRARY
            if not weak or (thing.text and (self.binary or (known and not self.wary))):
                raise _Calls
            self.called = True
        self.stack.append(thing if again or thing.kind == "foreign" else _OTHER)

    def _top(self) -> _Item:
        if not self.stack or self.stack[-1] is _MARK:
            raise Dead
        return self.stack[-1]

    def _drop(self, count: int) -> list[_Item]:
        """Returns the topmost items, lowest first, and takes them off."""
        if count == 0:
            return []
        taken = self.stack[-count:]
        if len(taken) < count or _MARK in taken:
            raise Dead
        del self.stack[-count:]
        return taken

    def _to_mark(self) -> list[_Item]:
        taken: list[_Item] = []
        while self.stack:
            item = self.stack.pop()
            if item is _MARK:
                return taken[::-1]
            taken.append(item)
        raise Dead
