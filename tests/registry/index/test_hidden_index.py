"""What events say of hidden rounds, and what no contract could have said.

given the events of a hidden round
  when they are folded: its roster stands in order, with what each member recorded
  when a group is frozen and opened: survivors, seeds and keys stand as they were told
  when a group is given up: its survivors are lost
  when one event is left out, told twice or altered: the node is refused
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from registry.chain.bindings.events import hidden_rounds as told
from registry.chain.bindings.structs import HiddenTerms
from registry.errors import NodeUnsound
from registry.index import (
    PostedShareRecord,
    RegistryState,
    RoundKeyRecord,
    SharedSecretsRecord,
)
from registry.types import Event, Log, RoundId

ROUND = RoundId(b"\x11" * 32)
TERMS = HiddenTerms(32, 6, 4, 8, 1, 1_000, 2_000)
PEOPLE = [f"0x{i:040x}" for i in range(1, 5)]
SEED, SECRET = b"\x05" * 32, b"\x06" * 32


def word(number: int) -> bytes:
    """Returns a number as 32 bytes."""
    return number.to_bytes(32, "big")


def opening() -> list[Any]:
    """Four members, of whom the last one shared nothing."""
    keys = [told.RoundKeyPublished(ROUND, p, i, 7 + i, i % 2 == 1) for i, p in enumerate(PEOPLE)]
    shared = [
        told.SecretsShared(ROUND, p, word(i), word(10 + i), word(20 + i))
        for i, p in enumerate(PEOPLE[:3])
    ]
    return [told.RoundHidden(ROUND, TERMS, 19), *keys, *shared]


def frozen() -> list[Any]:
    """Of the three that are active the first two survived."""
    return [*opening(), told.GroupFrozen(ROUND, 0, 0b111, 0b011)]


def opened() -> list[Any]:
    """A share of either kind, and every secret that the sum takes."""
    return [
        *frozen(),
        told.SharePosted(ROUND, PEOPLE[2], PEOPLE[0], 2, 1, word(31)),
        told.SharePosted(ROUND, PEOPLE[2], PEOPLE[1], 2, 2, word(32)),
        told.SeedOpened(ROUND, PEOPLE[0], SEED),
        told.SeedOpened(ROUND, PEOPLE[1], SEED),
        told.KeyOpened(ROUND, PEOPLE[2], SECRET),
        told.GroupOpened(ROUND, 0),
    ]


def events(arguments: Sequence[Any]) -> list[Event]:
    """Returns them as logs of one block."""
    return [
        Log(type(a).__name__, "HiddenRounds", "0x" + "22" * 20, 1, "0x", "0x", i, a)
        for i, a in enumerate(arguments)
    ]


def folded(arguments: Sequence[Any]) -> RegistryState:
    """Returns the state after events."""
    return RegistryState.of(events(arguments))


def test_the_roster_stands_in_order_with_what_each_recorded() -> None:
    record = folded(opening()).hidden_rounds.rounds[ROUND]
    assert (record.terms, record.width) == (TERMS, 19)
    assert list(record.keys) == PEOPLE
    assert record.keys[PEOPLE[1]] == RoundKeyRecord(8, True)
    assert list(record.shared) == PEOPLE[:3]
    assert record.shared[PEOPLE[2]] == SharedSecretsRecord(word(2), word(12), word(22))


def test_what_was_opened_stands_as_it_was_told() -> None:
    record = folded(opened()).hidden_rounds.rounds[ROUND]
    (frozen,) = record.frozen.values()
    assert (frozen.active, frozen.survivors) == (0b111, 0b011)
    assert dict(record.seeds) == {PEOPLE[0]: SEED, PEOPLE[1]: SEED}
    assert dict(record.secrets) == {PEOPLE[2]: SECRET}
    assert dict(record.posted[PEOPLE[2]]) == {
        1: PostedShareRecord(PEOPLE[0], 2, 1, word(31)),
        2: PostedShareRecord(PEOPLE[1], 2, 2, word(32)),
    }
    assert (record.opened, record.lost) == (frozenset({0}), 0)


def test_survivors_of_a_group_that_was_given_up_are_lost() -> None:
    record = folded([*frozen(), told.GroupStranded(ROUND, 0, 2)]).hidden_rounds.rounds[ROUND]
    assert (dict(record.stranded), record.lost, record.opened) == ({0: 2}, 2, frozenset())


def test_a_record_stays_as_it_was_when_more_is_told() -> None:
    state = folded(opening())
    before = state.hidden_rounds.rounds[ROUND]
    state.apply(events([told.GroupFrozen(ROUND, 0, 1, 1)])[0])
    assert (dict(before.frozen), len(state.hidden_rounds.rounds[ROUND].frozen)) == ({}, 1)
    with pytest.raises(TypeError):
        before.keys[PEOPLE[0]] = RoundKeyRecord(1, True)  # type: ignore[index]


def _after(known: list[Any], *more: Any) -> list[Any]:
    return [*known, *more]


KEY = told.RoundKeyPublished(ROUND, "0x" + "77" * 20, 4, 9, False)
IMPOSSIBLE = {
    "a round that nobody hid": opening()[1:],
    "hidden twice": _after(opening(), opening()[0]),
    "wider than its ring": [told.RoundHidden(ROUND, TERMS, 33)],
    "a width of nothing": [told.RoundHidden(ROUND, TERMS, 0)],
    "a key left out": [e for i, e in enumerate(opening()) if i != 2],
    "two keys of one": [*opening()[:5], told.RoundKeyPublished(ROUND, PEOPLE[0], 4, 9, False)],
    "a key after bundles": _after(opening(), KEY),
    "secrets of nobody on the roster": [
        *opening(),
        told.SecretsShared(ROUND, KEY.participant, SEED, SEED, SEED),
    ],
    "secrets shared twice": _after(opening(), opening()[-1]),
    "secrets shared after the freeze": [
        *frozen(),
        told.SecretsShared(ROUND, PEOPLE[3], SEED, SEED, SEED),
    ],
    "frozen twice": _after(frozen(), told.GroupFrozen(ROUND, 0, 0b111, 0b111)),
    "a survivor that wasn't active": _after(opening(), told.GroupFrozen(ROUND, 0, 0b011, 0b111)),
    "a seed before the freeze": _after(opening(), told.SeedOpened(ROUND, PEOPLE[0], SEED)),
    "a key before the freeze": _after(opening(), told.KeyOpened(ROUND, PEOPLE[0], SECRET)),
    "a share before the freeze": [
        *opening(),
        told.SharePosted(ROUND, PEOPLE[0], PEOPLE[1], 1, 1, SEED),
    ],
    "a seed of who shared nothing": _after(frozen(), told.SeedOpened(ROUND, PEOPLE[3], SEED)),
    "both secrets of one": [
        *frozen(),
        told.SeedOpened(ROUND, PEOPLE[0], SEED),
        told.KeyOpened(ROUND, PEOPLE[0], SECRET),
    ],
    "the other secret first": [
        *frozen(),
        told.KeyOpened(ROUND, PEOPLE[0], SECRET),
        told.SeedOpened(ROUND, PEOPLE[0], SEED),
    ],
    "shares of both secrets": [
        *frozen(),
        told.SharePosted(ROUND, PEOPLE[0], PEOPLE[1], 1, 1, SEED),
        told.SharePosted(ROUND, PEOPLE[0], PEOPLE[2], 2, 2, SEED),
    ],
    "a share's place taken twice": [
        *frozen(),
        told.SharePosted(ROUND, PEOPLE[0], PEOPLE[1], 1, 1, SEED),
        told.SharePosted(ROUND, PEOPLE[0], PEOPLE[2], 1, 1, SEED),
    ],
    "a share of a third kind": [
        *frozen(),
        told.SharePosted(ROUND, PEOPLE[0], PEOPLE[1], 3, 1, SEED),
    ],
    "a share of a secret that is open": [
        *frozen(),
        told.SeedOpened(ROUND, PEOPLE[0], SEED),
        told.SharePosted(ROUND, PEOPLE[0], PEOPLE[1], 1, 1, SEED),
    ],
    "open without a freeze": _after(opening(), told.GroupOpened(ROUND, 0)),
    "given up without a freeze": _after(opening(), told.GroupStranded(ROUND, 0, 0)),
    "open and given up": _after(opened(), told.GroupStranded(ROUND, 0, 2)),
    "given up and open": _after(
        frozen(), told.GroupStranded(ROUND, 0, 2), told.GroupOpened(ROUND, 0)
    ),
    "more lost than survived": _after(frozen(), told.GroupStranded(ROUND, 0, 3)),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_no_contract_could_have_said_is_refused(name: str) -> None:
    with pytest.raises(NodeUnsound, match="does not follow from the events before it"):
        folded(IMPOSSIBLE[name])
