"""Why something was refused, as a text that a document can carry and a terminal can show.

What a participant made, such as a tensor's name, may stand in it: halves of characters, which no
UTF-8 holds, control characters, or a text without an end.
"""

from __future__ import annotations

import json
import re

__all__ = ["LONGEST_DETAIL", "plain_detail"]

LONGEST_DETAIL = 300
"""In bytes of its JSON: what a result document has room for, entry by entry (R-9)."""

# By ranges rather than by categories, which differ from one release of Unicode to the next: two
# coordinators write the same document. Controls, line ends, turns of direction and surrogates.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain_detail(text: str) -> str:
    """Returns a text with what isn't printable escaped, cut to 300 bytes of JSON."""
    # Every character is at least a byte: what lies behind so many is cut anyway.
    plain = _UNPRINTABLE.sub(_escaped, text[:LONGEST_DETAIL])
    size = 0
    for at, character in enumerate(plain):
        size += len(json.dumps(character, ensure_ascii=False).encode("utf-8")) - 2
        if size > LONGEST_DETAIL:
            return plain[:at]
    return plain


def _escaped(found: re.Match[str]) -> str:
    return ascii(found.group())[1:-1]
