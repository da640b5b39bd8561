"""Canonical JSON documents: strict to read, one text per value.

The text of a document is part of what is hashed, so a reader accepts the canonical text and no
other: no floats, no duplicate keys, no blanks, keys sorted. The round-trip law is
`canonical(parse(data, …)) == data`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from eth_utils.address import is_checksum_address

from registry.errors import ConfigError

__all__ = [
    "amount",
    "bytes32_from_hex",
    "bytes32_to_hex",
    "canonical",
    "checksummed",
    "octets",
    "parse",
    "require_fields",
    "strict_object",
]


_LONGEST_AMOUNT = 78  # digits of 2**256 - 1


def canonical(value: Mapping[str, Any]) -> bytes:
    """Returns the one JSON text of a document: sorted keys, no blanks, UTF-8, no trailing newline.

    Args:
        value: strings, integers, booleans, None, lists, tuples and dicts with string keys.

    Raises:
        ConfigError: a float (its text differs between languages), a key that is no string, a
            lone surrogate (it has no UTF-8), another type, or values nested too deep to write.
    """
    try:
        _check(value, "$")
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ConfigError("canonical JSON: expected valid Unicode, got a lone surrogate") from error
    except RecursionError as error:
        raise ConfigError("canonical JSON: expected fewer levels of lists and objects") from error


def parse(data: bytes, limit: int, what: str) -> dict[str, Any]:
    """Returns a document's fields.

    Args:
        data: the text, UTF-8.
        limit: the most bytes that are looked at.
        what: the document's name, for messages.

    Raises:
        ConfigError: too long, not JSON, not an object, a float in it, a key twice, or a text
            that is not the canonical one.
    """
    value = strict_object(data, limit, what)
    try:
        same = canonical(value) == data
    except ConfigError as error:  # half a character, or too deep to write
        raise ConfigError(f"{what}: {error}") from None
    if not same:
        raise ConfigError(f"{what}: not in canonical form; sort the keys and drop the blanks")
    return value


def strict_object(data: bytes, limit: int, what: str) -> dict[str, Any]:
    """Returns the fields of a JSON object whose text may be laid out in any way.

    Args:
        data: the text, UTF-8.
        limit: the most bytes that are looked at.
        what: the document's name, for messages.

    Raises:
        ConfigError: too long, not JSON, not an object, a float in it, or a key twice.
    """
    if len(data) > limit:
        raise ConfigError(f"{what}: expected at most {limit} bytes, got {len(data)}")
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{what}: expected JSON as documents have it: {error}") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{what}: expected a JSON object, got {type(value).__name__}")
    return value


def require_fields(value: Any, names: Collection[str], what: str) -> dict[str, Any]:
    """Returns `value` if it is an object with exactly these fields.

    Raises:
        ConfigError: no object, or a field is missing or unknown.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"{what}: expected a JSON object, got {type(value).__name__}")
    if missing := sorted(set(names) - set(value)):
        raise ConfigError(f"{what}: missing {', '.join(missing)}")
    if unknown := sorted(set(value) - set(names)):
        raise ConfigError(f"{what}: unknown {', '.join(map(_plain, unknown)):.120}")
    return value


def bytes32_to_hex(bytes32_from_hex: bytes) -> str:
    """Returns 32 bytes as documents write them: 0x and 64 lower-case digits."""
    return "0x" + bytes32_from_hex.hex()


def bytes32_from_hex(value: Any, what: str) -> bytes:
    """Returns the 32 bytes that a document's text stands for.

    Raises:
        ConfigError: not 0x and 64 lower-case hexadecimal digits.
    """
    if isinstance(value, str) and len(value) == 66 and value.startswith("0x"):
        try:
            found = bytes.fromhex(value[2:])
        except ValueError:
            found = b""
        if bytes32_to_hex(found) == value:
            return found
    raise ConfigError(f"{what}: expected 0x and 64 hexadecimal digits, got {str(value)[:80]!r}")


def octets(value: Any, what: str) -> bytes:
    """Returns the bytes that 0x and an even number of lower-case hexadecimal digits stand for.

    Raises:
        ConfigError: another text, or none.
    """
    if isinstance(value, str) and value.startswith("0x"):
        try:
            found = bytes.fromhex(value[2:])
        except ValueError:
            found = None
        if found is not None and "0x" + found.hex() == value:
            return found
    raise ConfigError(f"{what}: expected 0x and hexadecimal digits, got {str(value)[:60]!r}")


def checksummed(value: Any, what: str) -> str:
    """Returns `value` if it is an address with its checksum.

    Raises:
        ConfigError: another text, or none.
    """
    if not isinstance(value, str) or not is_checksum_address(value):
        raise ConfigError(f"{what}: expected a checksummed address, got {str(value)[:60]!r}")
    return value


def amount(value: Any, what: str) -> int:
    """Returns the amount that decimal text stands for, 0 to 2**256 - 1, in a token's smallest unit.

    Amounts are text since other languages read large integers as floats.

    Raises:
        ConfigError: no text, no digits, a leading zero, or above 256 bits.
    """
    if (
        not isinstance(value, str)
        or not (value.isascii() and value.isdecimal())
        or len(value) > _LONGEST_AMOUNT
        or str(int(value)) != value
        or int(value) >= 1 << 256
    ):
        raise ConfigError(f"{what}: expected an amount as decimal text, got {str(value)[:90]!r}")
    return int(value)


def _check(value: Any, where: str) -> None:
    # An exact type test: a subclass (an IntEnum, a str enum) may print as something else.
    if value is None or type(value) in (bool, int, str):
        return
    if type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise ConfigError(f"canonical JSON at {where}: expected a string key, got {key!r}")
            _check(item, f"{where}.{key}")
        return
    if type(value) in (list, tuple):
        for position, item in enumerate(value):
            _check(item, f"{where}[{position}]")
        return
    raise ConfigError(
        f"canonical JSON at {where}: got {type(value).__name__}; "
        "use integers, strings, booleans, null, lists and dicts"
    )


def _plain(name: str) -> str:
    return name if name.isidentifier() else ascii(name)


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"floats are not allowed, got {text[:40]}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r:.80} appears twice")
    return found
