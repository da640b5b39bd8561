"""Reads plays as Project Gutenberg lays them out, speech by speech.

A speech begins after an empty line with its speaker on a line of its own, as in `Ber.`, and ends
with the next one. Stage directions, acts and scenes are left out, and so is what comes before the
first speech. Nothing is downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.errors import ConfigError

__all__ = ["Speech", "by_speaker", "read_speeches"]

_SUFFIX = "_gut"
_LARGEST = 4 << 20
_SPEAKER = re.compile(r"[A-Z][A-Za-z'’ -]{0,30}\.|[A-Z][A-Z'’ -]{1,30}")
_DIRECTION = re.compile(r"\[[^\]]*\]")
_HEADING = re.compile(r"(ACT|SCENE|PROLOGUE|EPILOGUE|CHORUS)\b.*", re.IGNORECASE)
_EMPTY = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True)
class Speech:
    """What somebody says at once: the play, the speaker in capitals, and lines of text."""

    play: str
    speaker: str
    text: str


def read_speeches(folder: Path, plays: Sequence[str] = ()) -> list[Speech]:
    """Returns the speeches of plays in their order, plays by ascending name.

    Args:
        folder: of files `<play>_gut.txt`.
        plays: names; without any all that are there, and poems, where nobody speaks, are left out.

    Raises:
        ConfigError: no such folder or play, a file that is too large or isn't text, or nobody
            speaks in one that was asked for.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; give the one with the plays' texts")
    found = {path.stem.removesuffix(_SUFFIX): path for path in folder.glob(f"*{_SUFFIX}.txt")}
    if missing := sorted(set(plays) - set(found)):
        raise ConfigError(f"{folder}: no play {missing[0]!r}; there are {len(found)} others")
    read = {play: _play(play, _text(found[play])) for play in sorted(plays or found)}
    if silent := [play for play in plays if not read[play]]:
        raise ConfigError(
            f"{found[silent[0]]}: expected speakers on lines of their own, as in 'HAMLET.'"
        )
    if not any(read.values()):
        raise ConfigError(f"{folder}: expected plays in files <play>{_SUFFIX}.txt, got none")
    return [speech for speeches in read.values() for speech in speeches]


def by_speaker(speeches: Iterable[Speech], least: int = 1) -> Mapping[tuple[str, str], str]:
    """Returns everybody's text by play and speaker, in ascending order.

    Args:
        speeches: in the order to join them in.
        least: leave out who says fewer characters.
    """
    texts: dict[tuple[str, str], list[str]] = {}
    for speech in speeches:
        texts.setdefault((speech.play, speech.speaker), []).append(speech.text)
    joined = {who: "\n".join(told) for who, told in sorted(texts.items())}
    return {who: text for who, text in joined.items() if len(text) >= least}


def _text(path: Path) -> str:
    if path.stat().st_size > _LARGEST:
        raise ConfigError(f"{path}: expected at most {_LARGEST} bytes")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected text in UTF-8") from error


def _play(play: str, text: str) -> list[Speech]:
    """Returns a play's speeches; none of a text in which fewer than two speak."""
    speeches = list(_speeches(play, text))
    return speeches if len({speech.speaker for speech in speeches}) > 1 else []


def _speeches(play: str, text: str) -> Iterator[Speech]:
    speaker, told = "", list[str]()
    for paragraph in _EMPTY.split(_DIRECTION.sub("", text)):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        if not lines or _HEADING.fullmatch(lines[0]):
            continue
        if _SPEAKER.fullmatch(lines[0]) and len(lines) > 1:
            if told:
                yield Speech(play, speaker, "\n".join(told))
            speaker, told = lines[0].rstrip(".").upper(), lines[1:]
        elif speaker:
            told += lines
    if told:
        yield Speech(play, speaker, "\n".join(told))
