"""A participant's journal: what its commitment hides, kept until the reveal.

It is written before the commitment is sent, so that a participant that was stopped in between
reveals what it committed to.
"""

from __future__ import annotations

from pathlib import Path

from registry.documents.batch_entries import Opening
from registry.documents.canonical_json import (
    bytes32_from_hex,
    bytes32_to_hex,
    canonical,
    parse,
    require_fields,
)
from registry.errors import ConfigError, RoundError
from registry.own_files import write_own

__all__ = ["JOURNAL", "read_journal", "write_journal"]

JOURNAL = "opening.json"
_LARGEST_JOURNAL = 4_096


def write_journal(path: Path, opening: Opening) -> None:
    """Writes an opening whole or not at all, for its owner only."""
    text = canonical(
        {
            "updateRoot": bytes32_to_hex(opening.update_root),
            "contentDigest": bytes32_to_hex(opening.content_digest),
            "weight": opening.weight,
            "salt": bytes32_to_hex(opening.salt),
        }
    )
    # The salt hides the update until the reveal: nobody else may read it.
    write_own(path, text)


def read_journal(path: Path, participant: str) -> Opening:
    """Returns the opening in a participant's journal.

    Raises:
        RoundError: there is none.
        ConfigError: it is malformed.
    """
    if not path.exists():
        raise RoundError(
            f"{path}: the commitment's opening is lost; run in the folder it was made in"
        )
    names = ("updateRoot", "contentDigest", "weight", "salt")
    data = path.read_bytes()
    found = require_fields(parse(data, _LARGEST_JOURNAL, str(path)), names, str(path))
    return Opening(
        participant,
        bytes32_from_hex(found["updateRoot"], "updateRoot"),
        bytes32_from_hex(found["contentDigest"], "contentDigest"),
        _weight(found["weight"], path),
        bytes32_from_hex(found["salt"], "salt"),
    )


def _weight(value: object, path: Path) -> int:
    if type(value) is not int or value < 1:
        raise ConfigError(f"{path}: expected a positive weight, got {value!r}; delete the file")
    return value
