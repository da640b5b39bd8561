"""Given a hidden round

before commitments: a key, then a bundle, then nothing more; who can't be hidden any more leaves
after reveals: freeze, open one's own seed, tell of who dropped, of a silent survivor in the second
  half, recover, give up after the deadline; nothing once it is decided
whoever sums: waits until keys, bundles and reveals are over, then decides group after group
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hidden_members import SCHEDULE, HiddenMembers
from memory_federation import TOKEN

from registry.documents.batch_entries import Opening
from trainer.privacy.hidden_actions import (
    dealers_to_tell,
    masking_action,
    next_moment,
    recoverable,
    summing_action,
    unmasking_action,
)
from trainer.privacy.hidden_state import HiddenState, PostedShare
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.round_secrets import share_in
from trainer.protocol.actions import Action, RoundStep, is_lost
from trainer.protocol.round_state import RoundState
from trainer.types import Lattice, RoundTerms, least_forfeit

ROUND = RoundTerms(
    model_id=b"\x01" * 32,
    base_version=1,
    strategy="fedavg",
    document_digest=b"\x09" * 32,
    lattice=Lattice(16, -12, 8),
    enrolment_deadline=100,
    commit_deadline=200,
    reveal_deadline=300,
    proposal_deadline=400,
    challenge_window=50,
    minimum_participants=2,
    maximum_participants=6,
    weight_cap=1,
    reward_token=TOKEN,
    reward_budget=1_000,
    forfeit=least_forfeit(1_000, 2),
)
SHARED_BY = SCHEDULE.bundle_deadline  # 150
OPEN_BY = SCHEDULE.unmask_deadline  # 350
SECOND_HALF = 325


@pytest.fixture(scope="module")
def members() -> HiddenMembers:
    """Five members: everybody beside everybody, three of four shares open a secret."""
    made = HiddenMembers(5, HiddenTerms(degree=4, threshold=3))
    made.shared()
    return made


def plain(members: HiddenMembers, **changes: Any) -> RoundState:
    """The same round's plain state: everybody has a seat."""
    told = {"terms": ROUND, "enrolled": tuple(members.people), **changes}
    return RoundState(members.domain.round_id, "0x" + "0" * 40, 1, **told)


def after_reveals(members: HiddenMembers, hidden: HiddenState) -> RoundState:
    """The plain state once those have revealed who survived."""
    survivors = set().union(*(frozen.survivors for frozen in hidden.frozen.values()))
    openings = {who: Opening(who, b"\1" * 32, b"\1" * 32, 1, b"\1" * 32) for who in survivors}
    commitments = dict.fromkeys(members.people, b"\x02" * 32)
    return plain(members, commitments=commitments, reveals=openings)


def keyed(hidden: HiddenState, *people: str) -> HiddenState:
    """The state with the keys of some."""
    keys = {who: key for who, key in hidden.keys.items() if who in people}
    return replace(hidden, keys=MappingProxyType(keys), maximum=6)


# --- before the commitment ------------------------------------------------------------------------


def test_who_has_no_seat_is_asked_for_what_a_plain_round_asks(members: HiddenMembers) -> None:
    state = plain(members, enrolled=())
    assert masking_action(state, members.roster, members.people[0], 50) is None


def test_a_key_is_published_and_then_awaited(members: HiddenMembers) -> None:
    me, other = members.people[:2]
    hidden, state = keyed(members.roster, other), plain(members)
    assert masking_action(state, hidden, me, 50) == Action(RoundStep.PUBLISH_KEY)
    both = keyed(members.roster, me, other)
    assert masking_action(state, both, me, 50) == Action(RoundStep.WAIT, 100)
    # It came too late to be hidden among the others.
    assert masking_action(state, hidden, me, 100) == Action(RoundStep.LEAVE)


def test_who_is_alone_on_the_roster_leaves(members: HiddenMembers) -> None:
    me, other = members.people[:2]
    state = plain(members)
    assert masking_action(state, keyed(members.roster, me), me, 100) == Action(RoundStep.LEAVE)
    two = keyed(members.roster, me, other)
    assert masking_action(state, two, me, 100) == Action(RoundStep.SHARE_SECRETS)


def test_a_roster_without_a_free_seat_is_final_at_once(members: HiddenMembers) -> None:
    me = members.people[0]
    full = replace(members.roster, maximum=5)
    state = plain(members, terms=replace(ROUND, maximum_participants=5))
    assert masking_action(state, full, me, 50) == Action(RoundStep.SHARE_SECRETS)
    assert masking_action(plain(members), full, me, 50) == Action(RoundStep.WAIT, 100)


def test_secrets_are_shared_and_those_of_others_awaited(members: HiddenMembers) -> None:
    me, other = members.people[:2]
    state, hidden = plain(members), members.shared(me, other)
    assert masking_action(state, hidden, me, 120) == Action(RoundStep.SHARE_SECRETS)
    shared = members.shared(other)
    assert masking_action(state, shared, me, 120) == Action(RoundStep.WAIT, SHARED_BY)
    assert masking_action(state, members.shared(), me, 120) is None
    assert masking_action(state, shared, me, SHARED_BY) is None
    assert masking_action(state, hidden, me, SHARED_BY) == Action(RoundStep.LEAVE)


def test_who_has_too_few_neighbours_left_doesn_t_commit(members: HiddenMembers) -> None:
    me, *others = members.people
    three, two = members.shared(others[0]), members.shared(*others[:2])
    state = plain(members)
    assert masking_action(state, three, me, SHARED_BY) is None
    assert masking_action(state, two, me, SHARED_BY) == Action(RoundStep.LEAVE)
    committed = plain(members, commitments={me: b"\x02" * 32})
    assert masking_action(committed, two, me, SHARED_BY) is None


@pytest.mark.parametrize("now", [200, 300, 400])
def test_after_commitments_masks_are_no_matter(members: HiddenMembers, now: int) -> None:
    assert masking_action(plain(members), members.shared(), members.people[0], now) is None


# --- after the reveals ----------------------------------------------------------------------------


def test_who_isn_t_active_has_nothing_to_open(members: HiddenMembers) -> None:
    me = members.people[0]
    hidden = members.shared(me)
    assert unmasking_action(plain(members), hidden, me, 310) == Action(RoundStep.LEAVE)


def test_reveals_are_awaited_and_then_a_group_is_frozen(members: HiddenMembers) -> None:
    me, hidden = members.people[0], members.shared()
    state = after_reveals(members, members.frozen((members.people[4],)))
    assert unmasking_action(state, hidden, me, 250) == Action(RoundStep.WAIT, 300)
    assert unmasking_action(state, hidden, me, 300) == Action(RoundStep.FREEZE)
    later = replace(hidden, unmask_from=320)
    assert unmasking_action(state, later, me, 310) == Action(RoundStep.LEAVE)
    assert unmasking_action(state, later, me, 320) == Action(RoundStep.FREEZE)


def test_a_survivor_tells_of_who_dropped_and_then_opens_its_seed(members: HiddenMembers) -> None:
    *alive, gone = members.people
    me, hidden = alive[0], members.frozen((gone,))
    state = after_reveals(members, hidden)
    assert dealers_to_tell(state, hidden, me, 310) == (gone,)
    assert unmasking_action(state, hidden, me, 310) == Action(RoundStep.POST_SHARES)
    told = posted(members, hidden, gone, me)
    assert dealers_to_tell(state, told, me, 310) == ()
    # Seeds come last: with them alone only who holds the key would know the sum.
    assert unmasking_action(state, told, me, 310) == Action(RoundStep.WAIT, SECOND_HALF)
    keys = replace(told, secrets={gone: members.secrets[gone].key})
    assert unmasking_action(state, keys, me, 310) == Action(RoundStep.OPEN_SEED)
    own = replace(keys, seeds={me: members.secrets[me].seed})
    assert unmasking_action(state, own, me, 310) == Action(RoundStep.WAIT, SECOND_HALF)
    # Who dropped is told of, and doesn't open its own key.
    assert unmasking_action(state, hidden, gone, 310) == Action(RoundStep.WAIT, SECOND_HALF)


def posted(members: HiddenMembers, hidden: HiddenState, dealer: str, *holders: str) -> HiddenState:
    """The state once holders posted what they hold of a dealer."""
    kind, bundle = hidden.kind_of(dealer), members.bundles[dealer]
    assert kind is not None
    beside, found = hidden.graph.neighbours(dealer), {}
    for who in holders:
        held = share_in(bundle, who, members.secrets[who].key, beside)
        found[who] = PostedShare(kind, held.place, held.of(kind))
    return replace(hidden, posted={**hidden.posted, dealer: found})


def test_a_silent_survivor_is_told_of_in_the_second_half_only(members: HiddenMembers) -> None:
    me, silent, *others = members.people
    hidden = members.frozen()
    seeds = {who: members.secrets[who].seed for who in (me, *others)}
    hidden, state = replace(hidden, seeds=seeds), after_reveals(members, hidden)
    assert unmasking_action(state, hidden, me, SECOND_HALF - 1) == Action(
        RoundStep.WAIT, SECOND_HALF
    )
    assert unmasking_action(state, hidden, me, SECOND_HALF) == Action(RoundStep.POST_SHARES)
    assert dealers_to_tell(state, hidden, me, SECOND_HALF) == (silent,)


def test_what_enough_shares_give_is_opened_by_whoever_sees_it(members: HiddenMembers) -> None:
    *alive, gone = members.people
    hidden = members.frozen((gone,))
    state = after_reveals(members, hidden)
    hidden = replace(hidden, seeds={who: members.secrets[who].seed for who in alive})
    two, three = (posted(members, hidden, gone, *alive[:n]) for n in (2, 3))
    assert recoverable(two, 0) == {}
    assert recoverable(three, 0) == {gone: members.secrets[gone].key}
    assert unmasking_action(state, three, alive[0], 310) == Action(RoundStep.OPEN_RECOVERED)
    assert summing_action(state, two, 310) == Action(RoundStep.WAIT, OPEN_BY)
    assert summing_action(state, three, 310) == Action(RoundStep.OPEN_RECOVERED)


def test_nothing_is_recovered_of_a_group_that_may_be_written_down_otherwise(
    members: HiddenMembers,
) -> None:
    *alive, gone = members.people
    told = posted(members, members.frozen((gone,)), gone, *alive[:3])
    assert recoverable(told, 0) != {}
    assert recoverable(replace(told, unsettled=frozenset({0})), 0) == {}


def test_shares_of_the_other_kind_are_no_shares_of_what_is_asked_for(
    members: HiddenMembers,
) -> None:
    *alive, gone = members.people
    told = posted(members, members.frozen((gone,)), gone, *alive[:3])
    assert told.recovered(gone) == members.secrets[gone].key
    survived = replace(told, frozen=members.frozen().frozen)
    assert survived.recovered(gone) is None


def test_shares_of_another_secret_than_was_committed_to_open_nothing(
    members: HiddenMembers,
) -> None:
    *alive, gone = members.people
    hidden = members.frozen((gone,))
    told = posted(members, hidden, gone, *alive[:3])
    wrong = replace(told, keys={**told.keys, gone: members.secrets[alive[0]].public})
    wrong.__dict__["graph"] = told.graph  # whose order hangs on the keys
    assert recoverable(wrong, 0) == {}


def test_a_decided_group_asks_nothing_more(members: HiddenMembers) -> None:
    me, gone = members.people[0], members.people[4]
    opened = members.opened((gone,))
    state = after_reveals(members, opened)
    assert opened.is_open(0)
    for decided in (opened, replace(members.frozen((gone,)), stranded=frozenset({0}))):
        assert unmasking_action(state, decided, me, 310) == Action(RoundStep.LEAVE)
        assert summing_action(state, decided, 310) is None


@pytest.mark.parametrize(("dropped", "now"), [(3, 310), (1, OPEN_BY), (0, OPEN_BY)])
def test_what_can_t_be_opened_any_more_is_given_up(
    members: HiddenMembers, dropped: int, now: int
) -> None:
    hidden = members.frozen(members.people[5 - dropped :])
    state = after_reveals(members, hidden)
    assert unmasking_action(state, hidden, members.people[0], now) == Action(RoundStep.STRAND)
    assert summing_action(state, hidden, now) == Action(RoundStep.STRAND)


# --- whoever sums ---------------------------------------------------------------------------------


def test_keys_and_bundles_are_awaited_though_all_revealed(members: HiddenMembers) -> None:
    two = members.people[:2]
    openings = {who: Opening(who, b"\1" * 32, b"\1" * 32, 1, b"\1" * 32) for who in two}
    state = plain(
        members, enrolled=tuple(two), commitments=dict.fromkeys(two, b"\2" * 32), reveals=openings
    )
    nobody = keyed(members.roster)
    assert summing_action(state, nobody, 50) == Action(RoundStep.WAIT, 100)
    assert summing_action(state, nobody, 100) is None
    both = keyed(members.roster, *two)
    assert summing_action(state, both, 50) == Action(RoundStep.WAIT, 100)
    assert summing_action(state, both, 100) == Action(RoundStep.WAIT, SHARED_BY)
    assert summing_action(state, both, SHARED_BY) == Action(RoundStep.FREEZE)
    assert summing_action(state, replace(both, unmask_from=320), 319) == Action(RoundStep.WAIT, 320)


def test_all_is_lost_of_a_round_without_a_roster_once_keys_are_closed(
    members: HiddenMembers,
) -> None:
    two = members.people[:2]
    openings = {who: Opening(who, b"\1" * 32, b"\1" * 32, 1, b"\1" * 32) for who in two}
    told = {"enrolled": tuple(two), "commitments": dict.fromkeys(two, b"\2" * 32)}
    hiding = keyed(members.roster).hiding(two)
    state = plain(members, **told, reveals=openings, hiding=hiding)
    full = replace(state, terms=replace(ROUND, maximum_participants=2))
    assert state.lost == 2
    assert not is_lost(full, 99)
    assert is_lost(full, 100)


def test_a_wait_ends_where_somebody_has_to_act(members: HiddenMembers) -> None:
    state, hidden = plain(members), members.shared()
    moments = []
    now = 50
    while now < 400:
        now = next_moment(state, hidden, now, 400)
        moments.append(now)
    assert moments == [100, SHARED_BY, SECOND_HALF, OPEN_BY, 400]
    assert next_moment(state, hidden, 110, 120) == 120
    assert next_moment(state, replace(hidden, unmask_from=310), 305, 400) == 310


def test_groups_are_decided_one_after_another() -> None:
    members = HiddenMembers(4, HiddenTerms(group_size=2))
    opened = members.opened()
    state = after_reveals(members, opened)
    seconds = {who: seed for who, seed in opened.seeds.items() if who in opened.graph.groups[1]}
    none = replace(opened, seeds={}, frozen={})
    one = replace(opened, frozen={0: opened.frozen[0]}, seeds={})
    assert summing_action(state, none, 310) == Action(RoundStep.FREEZE)
    assert summing_action(state, one, 310) == Action(RoundStep.FREEZE)
    half = replace(opened, seeds=seconds)
    assert summing_action(state, half, 310) == Action(RoundStep.WAIT, OPEN_BY)
    assert summing_action(state, half, OPEN_BY) == Action(RoundStep.STRAND)
    assert summing_action(state, replace(half, stranded=frozenset({0})), OPEN_BY) is None
    assert replace(half, stranded=frozenset({0})).lost(members.people) == 2
