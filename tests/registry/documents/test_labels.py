"""Texts that go on chain (M-7, M-10): one rule here and in the contracts, by shared goldens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.labels import channel_word, label_text, label_word, reason_text
from registry.errors import ConfigError

GOLDENS = json.loads((Path(__file__).parents[2] / "vectors" / "labels.json").read_text())["labels"]


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda g: g["word"][:18])
def test_a_text_is_a_label_exactly_where_the_contract_takes_its_word(golden: dict) -> None:  # type: ignore[type-arg]
    word, text = bytes.fromhex(golden["word"][2:]), golden["text"]
    if golden["sound"]:
        assert label_word(text, "licence", empty=True) == word
        assert label_text(word) == text
    elif text is not None:
        with pytest.raises(ConfigError, match="licence: expected 0 to 32 printable ASCII"):
            label_word(text, "licence", empty=True)


@given(st.text(max_size=40))
def test_a_label_is_kept_as_it_is_or_refused(text: str) -> None:
    try:
        word = label_word(text, "licence", empty=True)
    except ConfigError:
        return
    assert label_text(word) == text
    assert len(word) == 32


def test_an_empty_label_is_refused_where_there_has_to_be_one() -> None:
    with pytest.raises(ConfigError, match="strategy: expected 1 to 31"):
        label_word("", "strategy", longest=31)


def test_a_label_is_as_long_as_is_allowed_there_and_no_longer() -> None:
    assert label_word("a" * 31, "strategy", longest=31) == b"a" * 31 + b"\0"
    with pytest.raises(ConfigError, match="strategy: expected 1 to 31"):
        label_word("a" * 32, "strategy", longest=31)


@pytest.mark.parametrize("name", ["", "Prod", "a--b", "-a", "a" * 33, "prod uction", "früh", "a\n"])
def test_m7_a_channel_is_a_slug(name: str) -> None:
    with pytest.raises(ConfigError, match="channel: expected"):
        channel_word(name)


@pytest.mark.parametrize("reason", ["a" * 257, "ä" * 129, "a\x1b]0;x", "a\nb", "\x7f", "\ud800"])
def test_m10_a_reason_that_the_contract_refuses_is_refused_before(reason: str) -> None:
    with pytest.raises(ConfigError, match="reason: expected"):
        reason_text(reason)


def test_m10_a_reason_may_be_in_any_language() -> None:
    assert reason_text("schlecht für alle 模型") == "schlecht für alle 模型"
