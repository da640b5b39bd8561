"""Decodes raw logs by layouts worked out once per event: words at fixed places.

web3.py builds a codec per log; here each event's layout is a tuple of word readers made when the
ABI is loaded. Static words are sliced out of the hex text; dynamic tails (text, bytes, arrays of
words and of such arrays) are followed by their offsets, checked against the data's length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_utils.address import to_checksum_address

from registry.chain.abi_values import struct_maker
from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.chain.bindings.events import BY_CONTRACT
from registry.chain.reverts import abi_type
from registry.errors import ChainError, ConfigError
from registry.hashing import keccak256
from registry.types import Event, Log

__all__ = ["decode_log", "event_topics"]

Word = Callable[[bytes], Any]


@cache
def _address(word: bytes) -> str:
    return str(to_checksum_address(word[12:]))


_uint = int.from_bytes  # big-endian by itself


def _int(word: bytes) -> int:
    return int.from_bytes(word, signed=True)


def _bool(word: bytes) -> bool:
    return word[31] != 0


def _word_reader(kind: str) -> Word | None:
    """Returns the reader of a one-word type, or None for any other type."""
    if kind.endswith("]"):
        return None
    if kind == "address":
        return _address
    if kind == "bool":
        return _bool
    if kind.startswith("uint"):
        return _uint
    if kind.startswith("int"):
        return _int
    if kind == "bytes32":
        return bytes
    if kind.startswith("bytes") and kind[5:].isdigit():
        size = int(kind[5:])
        return lambda word: word[:size]
    return None


def _tail(data: bytes, at: int, size: int) -> bytes:
    piece = data[at : at + size]
    if len(piece) != size:
        raise ChainError(f"malformed log: expected {size} bytes at {at}, got {len(piece)}")
    return piece


Reader = Callable[[bytes, int], Any]


def _reader(parameter: dict[str, Any]) -> tuple[Reader, int]:
    """Returns a reader of (data, head offset) and the words it takes in the head."""
    kind: str = parameter["type"]
    word = _word_reader(kind)
    if word is not None:
        return (lambda data, at: word(data[at : at + 32])), 1
    if kind in ("string", "bytes"):
        return (_read_text if kind == "string" else _read_bytes), 1
    if kind.endswith("[]") and (inner := _word_reader(kind[:-2])) is not None:
        return (lambda data, at: _read_words(data, at, inner)), 1
    if kind.endswith("[][]") and (inner := _word_reader(kind[:-4])) is not None:
        return (lambda data, at: _read_lists(data, at, inner)), 1
    if kind == "tuple":
        return _struct(parameter)
    raise ChainError(f"no layout for an event parameter of type {kind}")


def _read_bytes(data: bytes, at: int) -> bytes:
    start = _uint(data[at : at + 32])
    return _tail(data, start + 32, _uint(_tail(data, start, 32)))


def _read_text(data: bytes, at: int) -> str:
    return _read_bytes(data, at).decode("utf-8", errors="replace")


def _read_words(data: bytes, at: int, inner: Word) -> tuple[Any, ...]:
    start = _uint(data[at : at + 32])
    words = _tail(data, start + 32, 32 * _uint(_tail(data, start, 32)))
    return tuple([inner(words[i : i + 32]) for i in range(0, len(words), 32)])


def _read_lists(data: bytes, at: int, inner: Word) -> tuple[tuple[Any, ...], ...]:
    """Reads a list of lists; the offsets of these count from behind the outer length."""
    start = _uint(data[at : at + 32]) + 32
    count = _uint(_tail(data, start - 32, 32))
    _tail(data, start, 32 * count)  # before a length that isn't there is believed
    return tuple([_read_words(data[start:], 32 * i, inner) for i in range(count)])


def _struct(parameter: dict[str, Any]) -> tuple[Reader, int]:
    """Returns the reader of a struct of words and of such structs (no dynamic parts)."""
    parts: list[tuple[Reader, int]] = []
    width = 0
    for component in parameter["components"]:
        if component["type"] in ("string", "bytes") or component["type"].endswith("[]"):
            raise ChainError(f"no layout for the dynamic struct {parameter['name']}")
        reader, words = _reader(component)
        parts.append((reader, 32 * width))
        width += words
    make = struct_maker(parameter["internalType"])
    return (lambda data, at: make(*[read(data, at + shift) for read, shift in parts])), width


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where an event's values lie: in topics, in `words` up to the first of another kind, `fields`.

    `kind` is the event's dataclass. Indexed parameters come first in it, as in the contracts.
    """

    name: str
    kind: Callable[..., object]
    indexed: tuple[Word, ...]
    words: tuple[tuple[Word, int], ...]
    fields: tuple[tuple[Reader, int], ...]
    size: int
    dynamic: bool


def _is_dynamic(parameter: dict[str, Any]) -> bool:
    return parameter["type"] in ("string", "bytes") or parameter["type"].endswith("[]")


def _layout(contract: str, entry: dict[str, Any]) -> _Layout:
    indexed: list[Word] = []
    plain: list[tuple[Word, int]] = []
    fields: list[tuple[Reader, int]] = []
    offset = 0
    dynamic = any(_is_dynamic(i) for i in entry["inputs"] if not i["indexed"])
    for parameter in entry["inputs"]:
        if parameter["indexed"]:
            if plain or fields:
                raise ConfigError(f"{contract}.{entry['name']}: expected indexed parameters first")
            indexed.append(_word_reader(parameter["type"]) or bytes)
        elif not fields and (word := _word_reader(parameter["type"])) is not None:
            plain.append((word, 32 * offset))
            offset += 1
        else:
            reader, words = _reader(parameter)
            fields.append((reader, 32 * offset))
            offset += words
    kind = getattr(BY_CONTRACT[contract], entry["name"])
    places = tuple(indexed), tuple(plain), tuple(fields)
    return _Layout(entry["name"], kind, *places, 32 * offset, dynamic)


@cache
def _layouts() -> dict[str, dict[str, _Layout]]:
    """Layouts by contract and by topic in hex."""
    table: dict[str, dict[str, _Layout]] = {}
    for contract in CONTRACTS:
        events = table.setdefault(contract, {})
        for entry in load_artifact(contract).abi:
            if entry["type"] == "event":
                types = ",".join(abi_type(i) for i in entry["inputs"])
                topic = "0x" + keccak256(f"{entry['name']}({types})".encode()).hex()
                events[topic] = _layout(contract, entry)
    return table


def event_topics(contract: str) -> dict[str, str]:
    """Returns a contract's event names by topic."""
    return {topic: layout.name for topic, layout in _layouts()[contract].items()}


def decode_log(contract: str, log: dict[str, Any]) -> Event | None:
    """Decodes one raw JSON log of a contract.

    Returns:
        The event, or None for a topic that the contract's ABI doesn't have.

    Raises:
        ChainError: the log is no encoding of its event.
    """
    try:
        return _decoded(contract, log)
    except (ConfigError, ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise ChainError(f"malformed log of {contract}: {error}; ask another node") from error


def _decoded(contract: str, log: dict[str, Any]) -> Event | None:
    topics = log["topics"]
    layout = _layouts()[contract].get(topics[0]) if topics else None
    if layout is None:
        return None
    data = bytes.fromhex(log["data"][2:])
    fits = len(data) >= layout.size if layout.dynamic else len(data) == layout.size
    if not fits or len(topics) - 1 != len(layout.indexed):
        raise ChainError(
            f"malformed log {layout.name}: expected {layout.size} bytes and "
            f"{len(layout.indexed)} topics, got {len(data)} and {len(topics) - 1}"
        )
    values = [
        word(bytes.fromhex(topic[2:]))
        for word, topic in zip(layout.indexed, topics[1:], strict=True)
    ]
    values += [word(data[at : at + 32]) for word, at in layout.words]
    if layout.fields:
        values += [read(data, at) for read, at in layout.fields]
    return Log(
        layout.name,
        contract,
        log["address"],
        int(log["blockNumber"], 16),
        log["blockHash"],
        log["transactionHash"],
        int(log["logIndex"], 16),
        layout.kind(*values),
    )
