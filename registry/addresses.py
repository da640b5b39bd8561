"""Addresses of accounts: checksummed text (EIP-55), and the one order that everything is sorted by.

Trees, batches, allow-lists, shares and results put participants by ascending `address_order`, as
the contracts do: the same rule in every place, or roots would differ.
"""

from __future__ import annotations

from eth_utils.address import is_checksum_address, is_hex_address, to_checksum_address

from registry.errors import ConfigError

__all__ = ["ZERO_ADDRESS", "Address", "address_order", "checksummed", "is_address", "parse_address"]

Address = str
"""0x and 40 hexadecimal digits whose case is their checksum."""

ZERO_ADDRESS: Address = "0x" + "0" * 40


def address_order(address: Address) -> int:
    """Returns an address as the integer by which participants are ordered, 0 to 2**160 - 1."""
    return int(address, 16)


def is_address(text: object) -> bool:
    """Tells whether a text is 0x and 40 digits; in mixed case, with the right checksum (EIP-55)."""
    if not isinstance(text, str) or not text.startswith("0x") or not is_hex_address(text):
        return False
    digits = text[2:]
    return digits in (digits.lower(), digits.upper()) or bool(is_checksum_address(text))


def checksummed(address: str) -> Address:
    """Returns an address with its checksum.

    Raises:
        ValueError: no address.
    """
    return str(to_checksum_address(address))


def parse_address(text: str) -> Address:
    """Returns what somebody typed as an address with its checksum; digits of one case carry none.

    Raises:
        ConfigError: no address, or letters of both cases that aren't its checksum: a typing error.
    """
    if is_address(text):
        return checksummed(text)
    if not text.startswith("0x") or not is_hex_address(text):
        raise ConfigError(f"expected an address of 0x and 40 hexadecimal digits, got {text!r}")
    raise ConfigError(
        f"expected an address whose checksum is right, got {text!r}; copy it again, whole"
    )
