"""Canonical JSON and digests: one value, one text."""

from __future__ import annotations

import hashlib
import json
import math
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.canonical_json import canonical
from registry.errors import ConfigError
from registry.hashing import keccak256, sha256, sha256_file

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_reading_a_canonical_text_and_writing_it_again_gives_the_same_text(value: Any) -> None:
    try:
        text = canonical(value)
    except ConfigError:
        assert any(0xD800 <= ord(c) < 0xE000 for c in json.dumps(value, ensure_ascii=False))
        return
    assert canonical(json.loads(text)) == text
    assert json.loads(text) == value


def test_keys_are_sorted_and_nothing_is_escaped_that_need_not_be() -> None:
    assert canonical({"b": [1, True, None], "a": "ü"}) == '{"a":"ü","b":[1,true,null]}'.encode()


class Colour(IntEnum):
    """An integer that prints as something else."""

    RED = 1


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        math.nan,
        math.inf,
        {"a": [0.5]},
        {1: "a"},
        {None: 1},
        b"bytes",
        {1, 2},
        Colour.RED,
        "\ud800",
    ],
)
def test_what_other_languages_would_write_otherwise_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="canonical JSON"):
        canonical(value)


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(ConfigError, match=r"\$\.rounds\[1\]"):
        canonical({"rounds": [1, 2.5]})


def test_keccak_is_the_evms_and_not_nists() -> None:
    # The EVM's hash of nothing, which every empty account carries as its code hash.
    expected = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"").hex() == expected
    assert keccak256(b"") != hashlib.sha3_256(b"").digest()


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_001])
def test_a_files_digest_is_that_of_its_bytes(tmp_path: Path, size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    path = tmp_path / "file"
    path.write_bytes(content[:size])
    assert sha256_file(path) == (size, sha256(content[:size]))
