"""Windows of characters with what follows."""

from __future__ import annotations

import pytest

from registry.errors import ConfigError
from trainer.data import CHARACTERS, windows
from trainer.data.characters import encoded


def test_a_window_is_followed_by_the_next_character() -> None:
    inputs, following = windows("abcdef", 3).tensors
    assert inputs.tolist() == [encoded("abc").tolist(), encoded("bcd").tolist(), [69, 70, 71]]
    assert following.tolist() == encoded("def").tolist()


def test_at_most_so_many_windows_are_spread_over_the_text() -> None:
    inputs, _ = windows("".join(map(chr, range(33, 113))), 10, most=7).tensors
    starts = (inputs[:, 0] - inputs[0, 0]).tolist()
    assert starts == [0, 10, 20, 30, 40, 50, 60]


def test_every_character_has_a_number() -> None:
    assert encoded("\n ~é\t").tolist() == [1, 2, CHARACTERS - 1, 0, 0]


@pytest.mark.parametrize(
    ("text", "length", "most"), [("abc", 3, None), ("", 1, None), ("ab", 1, 0)]
)
def test_nothing_to_predict_is_refused(text: str, length: int, most: int | None) -> None:
    with pytest.raises(ConfigError, match="more than"):
        windows(text, length, most)
