"""Given `--hidden` on the command line of `coordinate`

without parameters: groups, neighbours and weights fit the round
with parameters: they are what was said
when one is unknown, no number, or out of range: it is refused in one sentence
when something beside it looks at single updates: it says which, and what to do
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from registry.cli.app import tally
from registry.errors import ConfigError
from trainer.cli.hiding import check_hiding, hidden_of
from trainer.privacy.hidden_terms import HiddenTerms

NOBODY = "http://127.0.0.1:1"


def options(text: str | None = "masks", **changes: Any) -> dict[str, Any]:
    """What `coordinate` has of its command line."""
    told = {"min_available_clients": 10, "bits": 16, "weight_cap": 1_000, "stake": None}
    return {"hidden": text, "mailbox": None, "rule": "mean", **told, **changes}


def test_without_the_option_nothing_is_hidden() -> None:
    assert hidden_of(options(None)) is None
    check_hiding(options(None, mailbox="folder"))


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        (2, HiddenTerms(32, 2, 2, 2, 1_000)),
        (3, HiddenTerms(32, 2, 2, 3, 1_000)),
        (10, HiddenTerms(32, 10, 6, 10, 1_000)),
        (32, HiddenTerms(32, 20, 11, 32, 1_000)),
        (500, HiddenTerms(32, 20, 11, 32, 1_000)),
    ],
)
def test_what_isn_t_said_fits_the_round(seats: int, expected: HiddenTerms) -> None:
    assert hidden_of(options(min_available_clients=seats)) == expected


@pytest.mark.parametrize(("bits", "cap"), [(8, 1_000_000), (16, 6_553), (32, 1)])
def test_the_weight_fills_the_ring_and_no_more(bits: int, cap: int) -> None:
    ring = 64 if bits == 32 else 32
    found = hidden_of(options(f"masks:ring={ring},group_size=10", bits=bits, weight_cap=10**6))
    assert found is not None
    assert found.width(bits, 10) <= ring
    assert found.weight_cap == (10**6 if bits == 32 else cap)


def test_under_stake_all_weigh_alike() -> None:
    found = hidden_of(options(stake=5))
    assert found is not None
    assert found.weight_cap == 1
    check_hiding(options(stake=5))


def test_what_is_said_is_taken() -> None:
    text = "masks:group_size=8,degree=6,threshold=5,weight_cap=3,ring=64"
    assert hidden_of(options(text)) == HiddenTerms(64, 6, 5, 8, 3)
    assert hidden_of(options("masks:degree=4")) == HiddenTerms(32, 4, 3, 10, 1_000)


REFUSED = [
    ("noise", {}, "--hidden: expected masks, got 'noise'"),
    ("masks:salt=1", {}, "expected ring, degree, threshold, group_size, weight_cap for param"),
    ("masks:", {}, "--hidden: expected parameters behind the colon, got 'masks:'"),
    ("masks", {"aggregator": "median"}, "10 seats in groups of 10 give 1; expected 3 at least"),
    (
        "masks:group_size=4",
        {"aggregator": "krum:byzantine=1", "min_available_clients": 5},
        "give 2",
    ),
    ("masks:degree", {}, "--hidden: expected NAME:key=value,key=value"),
    ("masks:degree=six", {}, "--hidden: expected degree to be a natural number, got 'six'"),
    ("masks:degree=-2", {}, "expected degree to be a natural number, got '-2'"),
    ("masks:degree=5", {}, "hidden: expected an even degree"),
    ("masks:degree=0", {}, "hidden: expected a degree from 2 to 254, got 0"),
    (
        "masks:threshold=5",
        {},
        "a threshold, over half of 10 neighbours, from 6 to 10, got 5",
    ),
    ("masks:ring=16", {}, "hidden: expected a ring of 32 or 64 bits, got 16"),
    ("masks:group_size=1", {}, "hidden: expected a group size from 2 to 256, got 1"),
    ("masks:weight_cap=0", {}, "hidden: expected a weight cap from 1 to 72057594037927936, got 0"),
    ("masks:weight_cap=10000", {}, "need 33 bits|need 34 bits, and the ring has 32; lower"),
    ("masks", {"bits": 32}, "need 36 bits, and the ring has 32; lower the weight cap"),
    ("masks", {"mailbox": "m"}, "--hidden with --mailbox: the chain has to say of each"),
    ("masks:group_size=5", {"stake": 1}, "one group of at most 32.*got 10 seats in groups of 5"),
    ("masks", {"stake": 1, "min_available_clients": 33}, "got 33 seats in groups of 32"),
    ("masks:weight_cap=2", {"stake": 1}, "under stake: expected weight_cap=1.*got 2"),
    ("masks", {"stake": 1, "rule": "median"}, "--hidden with --rule median: a hidden update can"),
]


@pytest.mark.parametrize(("text", "changes", "message"), REFUSED)
def test_what_doesn_t_go_is_refused(text: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_hiding(options(text, **changes))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--hidden=masks:degree=3", "hidden: expected an even degree"),
        ("--hidden --stake 5 --rule median", "--hidden with --rule median"),
        ("--hidden --mailbox HERE", "--hidden with --mailbox"),
        ("--hidden --strategy fednova --optimizer sgd", "hidden with fednova: it weighs"),
        ("--hidden --strategy fedbuff", "hidden with fedbuff: masks cancel among those"),
        ("--hidden --aggregator foolsgold", "hidden with foolsgold: it goes by single"),
    ],
)
def test_coordinate_says_so_before_it_asks_a_chain(words: str, said: str, tmp_path: Path) -> None:
    command = ["train", "coordinate", "lantern", "--rpc", NOBODY, *words.split()]
    found = CliRunner().invoke(tally, [word.replace("HERE", str(tmp_path)) for word in command])
    assert found.output == ""
    assert isinstance(found.exception, ConfigError), found.exception
    assert said in str(found.exception)
