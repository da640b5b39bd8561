"""Text that others wrote, made safe to show: what would steer a terminal becomes visible.

A licence, a reason, a path or a node's message may hold escapes that move the cursor, marks that
turn the reading direction, characters without width, or line breaks that look like lines of ours.
"""

from __future__ import annotations

__all__ = ["inert"]

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def inert(text: str) -> str:
    r"""Returns a text as one line in which nothing steers the terminal: `\x1b`, `\u202e`, `\n`.

    Shown so is what isn't printable in Unicode's terms: controls, formats (bidirectional and
    zero-width ones among them), lone surrogates, separators but the blank, what isn't assigned.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    point = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
