"""What servers and nodes say to each other: read back as it was written, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from flwr.app import ConfigRecord, RecordDict

from registry.documents.batch_entries import Opening
from registry.errors import ConfigError
from registry.signing import LocalSigner
from trainer.flower.wire import (
    ANSWER,
    REQUEST,
    Request,
    WireRequest,
    answer_of,
    answered_address,
    answered_opening,
)

WHO = LocalSigner.from_key(bytes(31) + b"\x2a").address
OPENING = Opening(WHO, b"\x01" * 32, b"\x02" * 32, 7, b"\x03" * 32)


@pytest.mark.parametrize(
    "request_made",
    [
        Request(WireRequest.ADDRESS),
        Request(WireRequest.ENROL, b"r" * 32),
        Request(WireRequest.SHARE, b"r" * 32),
        Request(WireRequest.TRAIN, b"r" * 32, "n"),
        Request(WireRequest.OPEN, b"r" * 32),
    ],
)
def test_a_request_is_read_as_it_was_made(request_made: Request) -> None:
    assert Request.of(RecordDict({REQUEST: request_made.record()})) == request_made


def test_a_server_that_is_not_audited_asks_for_nothing() -> None:
    assert Request.of(RecordDict({"config": ConfigRecord({"lr": 0.1})})) is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"asked": "pay", "round": b"r" * 32, "weighted-by": "n"},
        {"asked": "train", "round": b"r" * 31, "weighted-by": "n"},
        {"asked": "train", "round": "r" * 32, "weighted-by": "n"},
        {"asked": "enrol", "round": b"", "weighted-by": "n"},
        {"asked": "train", "round": b"r" * 32, "weighted-by": 3},
    ],
)
def test_a_malformed_request_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="tallystick-request: expected"):
        Request.of(RecordDict({REQUEST: ConfigRecord(fields)}))


def test_an_answer_is_read_as_it_was_made() -> None:
    content = RecordDict({ANSWER: answer_of(WHO, OPENING)})
    assert answered_address(content) == WHO
    assert answered_opening(content) == OPENING


def test_an_answer_without_an_opening_tells_the_node_s_reason() -> None:
    content = RecordDict({ANSWER: answer_of(WHO, refused="non_finite: value 3")})
    with pytest.raises(ConfigError, match="expected an opening, got: non_finite: value 3"):
        answered_opening(content)


def test_without_the_mod_there_is_no_answer() -> None:
    with pytest.raises(ConfigError, match="is signing_mod the first of the app's mods"):
        answered_address(RecordDict())


@pytest.mark.parametrize(
    "changed",
    [{"root": b"short"}, {"salt": 7}, {"digest": "text"}, {"weight": 1.5}, {"weight": "7"}],
)
def test_a_malformed_opening_is_refused(changed: dict[str, Any]) -> None:
    record = answer_of(WHO, OPENING)
    record.update(changed)
    with pytest.raises(ConfigError, match="expected words of 32 bytes and a weight"):
        answered_opening(RecordDict({ANSWER: record}))


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected an address"):
        answered_address(RecordDict({ANSWER: answer_of("nobody")}))
