"""Documents of strangers: whatever their text is, a reader refuses it in one line (T-53, T-56)."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.canonical_json import canonical, parse
from registry.errors import ConfigError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        *(b'{"a":' + b"[" * depth + b"]" * depth + b"}" for depth in range(900, 1_000, 7)),
        b'{"a":' + b"[" * 100_000,
        b"\xff",
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5_000 + b"}",
    ],
)
def test_no_text_ends_a_reader(text: bytes) -> None:
    with contextlib.suppress(ConfigError):  # some depths are read: that is well too
        parse(text, 1 << 20, "document")


@given(st.dictionaries(st.text(), JSON, max_size=8))
@pytest.mark.slow
def test_what_is_written_is_read(value: dict[str, object]) -> None:
    assert parse(canonical(value), 1 << 20, "document") == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ConfigError):
        assert canonical(parse(data, 1 << 20, "document")) == data


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"[1]", "document: expected a JSON object, got list"),
        (b'{"b":1,"a":1,"a":2}', "the key 'a' appears twice"),
        (b'{"a":1.5}', "floats are not allowed, got 1.5"),
        (b'{"b":1,"a":1}', "not in canonical form; sort the keys and drop the blanks"),
        (b'{"a":"\\u00e9"}', "not in canonical form"),
    ],
)
def test_a_refusal_names_what_is_wrong(text: bytes, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        parse(text, 1 << 20, "document")


def test_a_document_is_read_up_to_its_limit_and_no_further() -> None:
    text = canonical({"a": "é"})
    assert text == '{"a":"é"}'.encode()
    assert parse(text, len(text), "document") == {"a": "é"}
    with pytest.raises(ConfigError, match=f"at most {len(text) - 1} bytes, got {len(text)}"):
        parse(text, len(text) - 1, "document")
