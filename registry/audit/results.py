"""Reads a round's result document (R-9), as the audit needs it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from registry.errors import ConfigError

__all__ = ["ResultDocument", "read_result_document"]

_FORMAT = "tallystick/result/1"
_LARGEST_DOCUMENT = 1 << 22


@dataclass(frozen=True)
class ResultDocument:
    """What a coordinator says of a round.

    `accepted` maps participants to (update root, content digest, weight), `refused` to a reason
    code; `scores` and `shares` map accepted participants to integers, `excluded` those that the
    aggregate leaves out to the reason.
    """

    accepted: dict[str, tuple[bytes, bytes, int]]
    refused: dict[str, str]
    scores: dict[str, int]
    shares: dict[str, int]
    result_root: bytes
    version_digest: bytes
    excluded: dict[str, str] = field(default_factory=dict)


def _word(text: str) -> bytes:
    word = bytes.fromhex(text.removeprefix("0x"))
    if len(word) != 32:
        raise ValueError(f"expected 32 bytes, got {len(word)}")
    return word


def read_result_document(data: bytes) -> ResultDocument:
    """Parses a result document.

    Raises:
        ConfigError: it is malformed.
    """
    if len(data) > _LARGEST_DOCUMENT:
        raise ConfigError(f"result document: expected at most 4 MiB, got {len(data)} bytes")
    try:
        document = json.loads(data)
        if document["format"] != _FORMAT:
            raise ValueError(f"expected format {_FORMAT}, got {document['format']!r}")
        accepted = {
            entry["participant"]: (
                _word(entry["updateRoot"]),
                _word(entry["contentDigest"]),
                int(entry["weight"]),
            )
            for entry in document["accepted"]
        }
        return ResultDocument(
            accepted=accepted,
            refused={entry["participant"]: entry["reason"] for entry in document["refused"]},
            scores={account: int(score) for account, score in document["scores"].items()},
            shares={account: int(share) for account, share in document["shares"].items()},
            result_root=_word(document["resultRoot"]),
            version_digest=_word(document["versionDigest"]),
            excluded={who: str(why) for who, why in document.get("excluded", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"malformed result document: {error}") from error
