"""Allow-lists: one text per set of addresses, and a proof for each of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.allow_list import AllowList, read_addresses
from registry.errors import ConfigError
from registry.merkle import verify

ANNA, BORIS = "0x" + "1" * 40, "0x" + "2" * 40
numbers = st.lists(st.integers(1, 2**160 - 1), min_size=1, max_size=9)


@given(numbers)
def test_any_order_and_case_gives_one_document_that_comes_back(values: list[int]) -> None:
    addresses = [f"0x{value:040x}" for value in values]
    made = AllowList.of(addresses)
    shouted = [f"0x{value:040X}" for value in reversed(values)]
    assert AllowList.of(shouted) == made
    assert AllowList.parse(made.to_json()) == made
    assert len(made.addresses) == len(set(values))


@given(numbers, st.integers(1, 2**160 - 1))
def test_the_root_proves_who_is_on_the_list_and_nobody_else(values: list[int], other: int) -> None:
    made = AllowList.of(f"0x{value:040x}" for value in values)
    for address in made.addresses:
        proof = made.proof(address)
        assert proof is not None
        assert verify(made.root, ["address"], [address], proof)
    if other not in values:
        assert made.proof(AllowList.of([f"0x{other:040x}"]).addresses[0]) is None


@pytest.mark.parametrize(
    "text",
    [
        b'{"addresses":[],"format":"tallystick/allow-list/1"}',
        b'{"addresses":["0x12"],"format":"tallystick/allow-list/1"}',
        b'{"addresses":[7],"format":"tallystick/allow-list/1"}',
        b'{"addresses":"0x","format":"tallystick/allow-list/1"}',
        f'{{"addresses":["{BORIS}","{ANNA}"],"format":"tallystick/allow-list/1"}}'.encode(),
        f'{{"addresses":["{ANNA}","{ANNA}"],"format":"tallystick/allow-list/1"}}'.encode(),
        f'{{"addresses":["{ANNA}"],"format":"tallystick/allow-list/2"}}'.encode(),
        b"[]",
    ],
)
def test_other_documents_are_refused(text: bytes) -> None:
    with pytest.raises(ConfigError):
        AllowList.parse(text)


def test_a_file_has_an_address_a_line_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "hospitals.txt"
    path.write_text(f"# the five\n{BORIS}  # the second\n\n{ANNA}\n")
    assert read_addresses(path).addresses == (ANNA, BORIS)


MISTYPED = "0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266"  # its first letter is in the wrong case


@pytest.mark.parametrize("text", ["", "# nobody\n", "0x12\n", "anna\n", f"{MISTYPED}\n"])
def test_a_file_without_addresses_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hospitals.txt"
    path.write_text(text)
    with pytest.raises(ConfigError, match="address"):
        read_addresses(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one address a line"):
        read_addresses(tmp_path / "none.txt")
