"""Texts that go on chain: one rule for each, as the contracts mean it (M-7, M-10).

They are checked here before anything is stored or sent, and never altered to fit: a text that the
chain can't carry as it is is refused.
"""

from __future__ import annotations

import re

from registry.errors import ConfigError

__all__ = ["LONGEST_REASON", "channel_word", "label_text", "label_word", "reason_text"]

LONGEST_REASON = 256
_LONGEST_LABEL = 32
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_LABEL = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def label_word(
    text: str, what: str, *, longest: int = _LONGEST_LABEL, empty: bool = False
) -> bytes:
    """Returns a text as the chain keeps it: printable ASCII, padded with zeros to 32 bytes.

    Args:
        text: what was given.
        what: its name, for messages.
        longest: the most characters.
        empty: whether no text at all is one.

    Raises:
        ConfigError: another character, a blank at either end, too long, or empty.
    """
    fits = bool(_LABEL.fullmatch(text)) or (empty and not text)
    if not fits or len(text) > longest:
        raise ConfigError(
            f"{what}: expected {0 if empty else 1} to {longest} printable ASCII characters "
            f"without a blank at either end, got {text[:80]!r}"
        )
    return text.encode("ascii").ljust(_LONGEST_LABEL, b"\0")


def label_text(word: bytes) -> str:
    """Returns the text of a padded word; the contracts let no other word in.

    Raises:
        ConfigError: no text gives this word.
    """
    text = word.rstrip(b"\0").decode("ascii", errors="replace")
    if label_word(text, "text on chain", empty=True) != word:
        raise ConfigError(f"expected a padded text, got 0x{word.hex()}")
    return text


def channel_word(name: str) -> bytes:
    """Returns a channel's name as the chain keeps it.

    Raises:
        ConfigError: it breaks M-7.
    """
    if not _SLUG.fullmatch(name) or len(name) > _LONGEST_LABEL:
        raise ConfigError(
            "channel: expected a name of 1 to 32 of a–z 0–9 - _ . (single separators inside), "
            f"got {name[:80]!r}"
        )
    return name.encode("ascii").ljust(_LONGEST_LABEL, b"\0")


def reason_text(reason: str) -> str:
    """Returns a reason that the chain takes as it is.

    Raises:
        ConfigError: over 256 bytes of UTF-8, or with a control character or a lone surrogate.
    """
    try:
        size = len(reason.encode("utf-8"))
    except UnicodeEncodeError:
        raise ConfigError("reason: expected valid Unicode, got a lone surrogate") from None
    if size > LONGEST_REASON:
        raise ConfigError(f"reason: expected at most {LONGEST_REASON} bytes, got {size}")
    if found := _CONTROL.search(reason):
        raise ConfigError(
            f"reason: expected no control characters, got {found.group()!r} at {found.start()}"
        )
    return reason
