"""What `audited` and `signing_mod` say to each other beside an app's own records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flwr.app import ConfigRecord, RecordDict

from registry.addresses import parse_address
from registry.documents.batch_entries import Opening
from registry.errors import ConfigError

__all__ = [
    "ANSWER",
    "REQUEST",
    "Request",
    "WireRequest",
    "answer_of",
    "answered_address",
    "answered_opening",
]

REQUEST = "tallystick-request"
ANSWER = "tallystick-answer"


class WireRequest(StrEnum):
    """What a node is asked to do."""

    ADDRESS = "address"
    ENROL = "enrol"
    SHARE = "share"  # its secrets of a hidden round, among its neighbours
    TRAIN = "train"
    OPEN = "open"  # what the sums of a hidden round need


@dataclass(frozen=True)
class Request:
    """What the server asks of a node.

    Args:
        asked: which step.
        round_id: the round, 32 bytes; empty before there is one.
        weighted_by: the metric that holds the number of examples.
    """

    asked: WireRequest
    round_id: bytes = b""
    weighted_by: str = "num-examples"

    def record(self) -> ConfigRecord:
        """Returns the request as it is sent."""
        return ConfigRecord(
            {"asked": self.asked.value, "round": self.round_id, "weighted-by": self.weighted_by}
        )

    @classmethod
    def of(cls, content: RecordDict) -> Request | None:
        """Returns the request in a message; None if the server isn't audited.

        Raises:
            ConfigError: a malformed one.
        """
        record = content.config_records.get(REQUEST)
        if record is None:
            return None
        try:
            asked = WireRequest(str(record["asked"]))
            round_id, key = record["round"], record["weighted-by"]
        except (KeyError, ValueError) as error:
            raise ConfigError(f"{REQUEST}: expected a step and a round") from error
        wanted = 0 if asked is WireRequest.ADDRESS else 32
        if not isinstance(round_id, bytes) or len(round_id) != wanted or not isinstance(key, str):
            raise ConfigError(f"{REQUEST}: expected a round's id of {wanted} bytes")
        return cls(asked, round_id, key)


def answer_of(participant: str, opening: Opening | None = None, refused: str = "") -> ConfigRecord:
    """Returns a node's answer: who it is and, after training, what its commitment hides.

    Args:
        participant: the node's address.
        opening: of its commitment.
        refused: why it has none.
    """
    record = ConfigRecord({"participant": participant, "refused": refused})
    if opening is not None:
        record["root"], record["digest"] = opening.update_root, opening.content_digest
        record["weight"], record["salt"] = opening.weight, opening.salt
    return record


def answered_address(content: RecordDict) -> str:
    """Returns the address in an answer, with its checksum.

    Raises:
        ConfigError: no answer, or no address in it.
    """
    return parse_address(str(_answer(content).get("participant", "")))


def answered_opening(content: RecordDict) -> Opening:
    """Returns the opening in an answer.

    Raises:
        ConfigError: no answer, or none with an opening; with the node's own reason.
    """
    record = _answer(content)
    if "root" not in record:
        raise ConfigError(f"expected an opening, got: {str(record.get('refused', ''))[:200]}")
    words = [record.get(name) for name in ("root", "digest", "salt")]
    weight = record.get("weight")
    root, digest, salt = (w if isinstance(w, bytes) and len(w) == 32 else b"" for w in words)
    if not (root and digest and salt) or not isinstance(weight, int):
        raise ConfigError(f"{ANSWER}: expected words of 32 bytes and a weight")
    return Opening(answered_address(content), root, digest, weight, salt)


def _answer(content: RecordDict) -> ConfigRecord:
    record = content.config_records.get(ANSWER)
    if record is None:
        raise ConfigError("expected an answer; is signing_mod the first of the app's mods?")
    return record
