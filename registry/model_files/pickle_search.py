"""Where a file is searched for a pickle that would call something, and how far (C-3, T-25).

Pickle is no format that one can recognise by a few bytes: `cat\\ndog\\n` begins like one. So a
stream is followed as an unpickler would (`pickle_machine`), from these places:

* The file's first byte, through pickles that stand one behind the other, over the whole file but
  at most 1,000,000 opcodes. What is still sound then is refused; skipping an argument of any
  length is one opcode, so time is bounded by that number and by reading the file once.
* Guessed places behind other bytes, within the first 1 MiB: every opcode of the first 4 KiB, every
  mark of a protocol, and every two lines that an import could be; 400,000 opcodes in all. This
  second search is a help, not a wall: nothing unpickles from the middle of a file by itself.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from registry.model_files.byte_stream import ByteStream
from registry.model_files.pickle_machine import PickleMachine
from registry.model_files.pickle_opcodes import begins_an_opcode

__all__ = ["WINDOW_BYTES", "pickle_at_start", "pickle_behind"]

WINDOW_BYTES = 1 << 20
_MOST_OPCODES = 1_000_000
_NEAR_BYTES = 4096
_GUESSED_OPCODES = 400_000
_OPCODES_PER_GUESS = 20_000
_GUESS = re.compile(
    rb"\x80(?=[\x00-\x05])|c(?=[A-Za-z_][\w.]{0,255}\r?\n[A-Za-z_][\w.]{0,255}\r?\n)"
)


def pickle_at_start(file: BinaryIO, size: int | None = None) -> str | None:
    """Returns why a file is a pickle to refuse, or None if it is none or one that can do nothing.

    Args:
        file: read from where it stands; closed by the caller.
        size: its size in bytes if it can be skipped by `seek`.
    """
    stream = ByteStream(file, size)
    machine = PickleMachine()
    for _ in range(_MOST_OPCODES):
        result = machine.step(stream)
        if result == "dead":
            return None
        if result == "calls":
            return f"it is a pickle that calls something of {machine.imported or 'its reader'}"
        if result == "stop":
            reason = _at_stop(machine, stream)
            if reason is not None:
                return reason
            machine.begin_again()
    return "it is as long a run of a pickle's opcodes as is followed"


def _at_stop(machine: PickleMachine, stream: ByteStream) -> str | None:
    """Returns why a pickle that came to its end, having called nothing for certain, is refused."""
    if machine.called or (machine.imported and (machine.binary or machine.runs)):
        return f"it is a pickle that imports {machine.imported or 'something'}"
    if machine.announced or ((machine.imported or machine.binary) and stream.only_blanks_follow()):
        return "it is a pickle"
    return None


def pickle_behind(window: bytes) -> str | None:
    """Returns why a file's first bytes hold a pickle behind others, or None.

    Args:
        window: the file's first bytes, at most `WINDOW_BYTES` of them.
    """
    file = io.BytesIO(window)
    left = _GUESSED_OPCODES
    seen: set[int] = set()
    for start in _guesses(window):
        if start in seen:  # an earlier run that came by here had all of this one's stack
            continue
        file.seek(start)
        stream, machine = ByteStream(file, len(window)), PickleMachine(wary=True)
        for _ in range(min(left, _OPCODES_PER_GUESS)):
            left -= 1
            seen.add(stream.at)
            result = machine.step(stream)
            if result == "on":
                continue
            named = machine.imported is not None
            if named and (result == "calls" or (result == "stop" and machine.binary)):
                return f"at byte {start} a pickle begins that calls {machine.imported}"
            break
    return None


def _guesses(window: bytes) -> Iterator[int]:
    for at, code in enumerate(window[1:_NEAR_BYTES], 1):
        if begins_an_opcode(code):
            yield at
    for match in _GUESS.finditer(window, _NEAR_BYTES):
        yield match.start()
