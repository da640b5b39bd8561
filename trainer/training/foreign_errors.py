"""What code that isn't ours raised, in one line: its type, what it says, and where."""

from __future__ import annotations

import logging
import sysconfig
import traceback
from pathlib import Path
from types import TracebackType

__all__ = ["foreign_error"]

_LOG = logging.getLogger(__name__)
_LONGEST = 300
_OURS = Path(__file__).resolve().parents[1]
_LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))


def foreign_error(error: BaseException) -> str:
    """Returns an error's type, what it says, and the line of its owner's code that it came from.

    The deepest line that is neither ours nor a library's: that is the one its owner can mend. The
    whole traceback is logged, which `tally --verbose` shows.
    """
    for part in traceback.format_exception(error):
        for line in part.rstrip("\n").splitlines():
            _LOG.info("%s", line)
    said = " ".join(str(error).split())
    kind = type(error).__name__
    text = f"{kind}: {said:.{_LONGEST}}" if said else kind
    place = _place(error.__traceback__)
    return f"{text} ({place})" if place else text


def _place(trace: TracebackType | None) -> str:
    frames = [frame for frame in traceback.extract_tb(trace) if not frame.filename.startswith("<")]
    own = [frame for frame in frames if not _is_a_library_s(Path(frame.filename))]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else ""


def _is_a_library_s(file: Path) -> bool:
    # What a virtual environment holds may lie inside the folder of the owner's code.
    inside = any(file.is_relative_to(folder) for folder in _LIBRARIES)
    return inside or file.is_relative_to(_OURS) or "site-packages" in file.parts
