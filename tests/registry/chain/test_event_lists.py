"""Lists in events, and lists of lists: what eth_abi writes is read, and nothing that is cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from registry.chain.bindings.events.availability import UpdatesCertified, UpdatesVouchedFor
from registry.chain.event_layout import decode_log, event_topics
from registry.errors import ChainError

ROUND, CERTIFICATE = b"\x05" * 32, 3
HOLDER = "0x0000000000000000000000000000000000000007"
Lists = Sequence[Sequence[int]]
words = st.integers(0, (1 << 256) - 1)
lists = st.lists(words, max_size=4)
addresses = st.lists(
    st.binary(min_size=20, max_size=20).map(lambda raw: str(to_checksum_address(raw))), max_size=3
)


def log_of(event: str, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
    """A raw log of Availability."""
    (topic,) = (topic for topic, name in event_topics("Availability").items() if name == event)
    return {
        "address": "0x" + "0a" * 20,
        "topics": [topic, *("0x" + word.hex() for word in topics)],
        "data": "0x" + data.hex(),
        "blockNumber": "0x1",
        "blockHash": "0x" + "0b" * 32,
        "transactionHash": "0x" + "0c" * 32,
        "logIndex": "0x0",
    }


def certified(data: bytes) -> UpdatesCertified:
    """What an event with a list of addresses, one of lists, and one of words says."""
    topics = ROUND, CERTIFICATE.to_bytes(32)
    event = decode_log("Availability", log_of("UpdatesCertified", topics, data))
    assert event is not None
    assert isinstance(event.arguments, UpdatesCertified)
    return event.arguments


def encoded(holders: Sequence[str], held: Lists, bits: Sequence[int]) -> bytes:
    """Data of such an event."""
    return encode(["address[]", "uint256[][]", "uint256[]"], [holders, held, bits])


@given(addresses, st.lists(lists, max_size=4), lists)
def test_what_eth_abi_writes_is_read(holders: list[str], held: Lists, bits: list[int]) -> None:
    assert certified(encoded(holders, held, bits)) == UpdatesCertified(
        ROUND, CERTIFICATE, tuple(holders), tuple(map(tuple, held)), tuple(bits)
    )


@given(lists)
def test_a_list_of_words_alone_is_read(held: list[int]) -> None:
    topics = ROUND, bytes.fromhex(HOLDER[2:]).rjust(32, b"\0")
    data = encode(["uint256[]"], [held])
    event = decode_log("Availability", log_of("UpdatesVouchedFor", topics, data))
    assert event is not None
    assert event.arguments == UpdatesVouchedFor(ROUND, HOLDER, tuple(held))


@given(addresses, st.lists(lists, max_size=3), lists, st.data())
def test_data_that_are_cut_anywhere_are_refused(
    holders: list[str], held: Lists, bits: list[int], data: st.DataObject
) -> None:
    whole = encoded(holders, held, bits)
    kept = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ChainError, match="malformed log"):
        certified(whole[:kept])


def with_word(at: int, value: int) -> bytes:
    """The data of two holders of one word each, with another word at a place."""
    whole = encoded(["0x" + "0a" * 20, "0x" + "0b" * 20], [[7], [7]], [7])
    return whole[: 32 * at] + value.to_bytes(32) + whole[32 * (at + 1) :]


# Words: three offsets; a length and two addresses; at 6 a length, two offsets, and two lists of a
# length and a word each; at 13 the last list.
@pytest.mark.parametrize("at", [0, 1, 2, 3, 6, 7, 8, 9, 11, 13])
@pytest.mark.parametrize("value", [1 << 20, 1 << 64, (1 << 256) - 1])
def test_a_length_or_an_offset_beyond_the_data_is_refused_before_it_is_believed(
    at: int, value: int
) -> None:
    assert certified(with_word(6, 2)).held == ((7,), (7,))
    with pytest.raises(ChainError, match="malformed log"):
        certified(with_word(at, value))
