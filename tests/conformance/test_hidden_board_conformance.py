"""What every board promises of hidden rounds: one suite over all of them.

Each step is taken once however often it is asked for, by whom and when the round allows it, and
refused else. The stages are those of `test_board_conformance.py`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hidden_stage import TERMS, HiddenStage

from registry.errors import ConfigError, Reverted, RoundError
from trainer.privacy.hidden_state import FrozenGroup, SharedSecrets
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.mask_seeds import ORDER, public_key
from trainer.privacy.neighbour_graph import RoundKey
from trainer.privacy.secret_shares import SecretKind
from trainer.types import Phase


def _boards() -> Any:
    name = "boards_for_hidden"
    path = Path(__file__).with_name("test_board_conformance.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


BOARDS = _boards()
OWNER, ANNA, BORIS, CLARA, STRANGER = BOARDS.PEOPLE
SEED, KEY = SecretKind.SEED, SecretKind.KEY
REFUSED = (RoundError, Reverted)
THREE = (ANNA, BORIS, CLARA)


@pytest.fixture(params=list(BOARDS.BOARDS))
def stage(request: pytest.FixtureRequest) -> HiddenStage:
    """A fresh stage of each board."""
    return HiddenStage(BOARDS.BOARDS[request.param](), OWNER)


def off_the_order() -> RoundKey:
    """A point whose abscissa is no less than the curve's order: `ecrecover` doesn't take it."""
    for x in range(ORDER, ORDER + 100):
        try:
            public_key(RoundKey(x, False))
        except ConfigError:
            continue
        return RoundKey(x, False)
    raise AssertionError("expected one of a hundred")


def refused(*steps: Callable[[], None]) -> None:
    """Each of the steps is refused."""
    for step in steps:
        with pytest.raises(REFUSED):
            step()


# --- hide -----------------------------------------------------------------------------------------


def test_a_round_is_hidden_once_by_its_terms(stage: HiddenStage) -> None:
    round_id = stage.opened()
    assert stage.at(ANNA).state(round_id) is None
    for _ in range(2):
        stage.at(OWNER).hide(round_id, TERMS, stage.schedule())
    state = stage.state()
    assert (state.terms, state.schedule) == (TERMS, stage.schedule())
    assert (state.maximum, state.width, state.unmask_from) == (4, 18, 0)
    assert state.domain == stage.at(ANNA).domain(round_id)
    assert state.domain.round_id == round_id
    assert (dict(state.keys), dict(state.shared), state.graph.groups) == ({}, {}, ())
    refused(lambda: stage.at(OWNER).hide(round_id, replace(TERMS, ring=64), stage.schedule()))


def test_hiding_is_the_coordinator_s_and_no_stranger_s_seat_keeps_it_from_it(
    stage: HiddenStage,
) -> None:
    round_id = stage.opened()
    refused(lambda: stage.at(ANNA).hide(round_id, TERMS, stage.schedule()))
    stage.stage.board(ANNA).enrol(round_id)
    stage.at(OWNER).hide(round_id, TERMS, stage.schedule())
    assert stage.at(OWNER).state(round_id) is not None


def test_hiding_is_for_the_time_of_enrolment(stage: HiddenStage) -> None:
    round_id = stage.opened()
    stage.wait("enrolment_deadline")
    refused(lambda: stage.at(OWNER).hide(round_id, TERMS, stage.schedule()))


def test_a_round_with_weights_on_the_chain_is_not_hidden(stage: HiddenStage) -> None:
    round_id = stage.opened(weight_cap=2)
    refused(lambda: stage.at(OWNER).hide(round_id, TERMS, stage.schedule()))


def test_sums_that_leave_the_ring_are_refused(stage: HiddenStage) -> None:
    round_id = stage.opened()
    wide = replace(TERMS, weight_cap=1 << 15)
    with pytest.raises((*REFUSED, ConfigError)):
        stage.at(OWNER).hide(round_id, wide, stage.schedule())
    stage.at(OWNER).hide(round_id, replace(wide, ring=64), stage.schedule())
    assert stage.state().width == 34  # 16 + 15 + 2, and even


def test_phases_of_a_hidden_round_end_inside_its_own(stage: HiddenStage) -> None:
    round_id = stage.opened()
    terms, good = stage.stage.terms_of(round_id), stage.schedule()
    for wrong in (
        replace(good, bundle_deadline=terms.enrolment_deadline),
        replace(good, bundle_deadline=terms.commit_deadline),
        replace(good, unmask_deadline=terms.reveal_deadline),
        replace(good, unmask_deadline=terms.proposal_deadline),
    ):
        refused(partial(stage.at(OWNER).hide, round_id, TERMS, wrong))
    edge = replace(good, bundle_deadline=terms.enrolment_deadline + 1)
    stage.at(OWNER).hide(round_id, TERMS, edge)
    assert stage.state().schedule == edge


def test_a_plain_round_has_no_hidden_steps(stage: HiddenStage) -> None:
    round_id = stage.opened()
    stage.stage.board(ANNA).enrol(round_id)
    steps: list[Callable[[], None]] = [
        lambda: stage.at(ANNA).publish_key(round_id, stage.secrets(ANNA).public),
        lambda: stage.at(ANNA).share_secrets(round_id, SharedSecrets(*([b"\1" * 32] * 3))),
        lambda: stage.at(ANNA).freeze(round_id, 0),
        lambda: stage.at(ANNA).open_secret(round_id, ANNA, SEED, b"\1" * 32),
        lambda: stage.at(ANNA).strand(round_id, 0),
    ]
    for step in steps:
        with pytest.raises((*REFUSED, ConfigError)):
            step()


def test_a_hidden_round_takes_no_batches(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    batch = stage.stage.batch(round_id, ANNA, weight=1)
    refused(lambda: stage.stage.board(OWNER).commit_batch(batch))


# --- keys -----------------------------------------------------------------------------------------


def test_keys_make_the_roster_in_their_order(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.keyed(CLARA, ANNA)
    stage.at(CLARA).publish_key(round_id, stage.secrets(CLARA).public)
    stage.keyed(BORIS)
    state = stage.state()
    assert list(state.keys) == [CLARA, ANNA, BORIS]
    assert state.keys[ANNA] == stage.secrets(ANNA).public
    assert sorted(state.graph.groups[0]) == sorted(THREE)


def test_a_key_is_for_who_has_a_seat_and_stays(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    refused(lambda: stage.at(ANNA).publish_key(round_id, stage.secrets(ANNA).public))
    stage.keyed(ANNA)
    refused(lambda: stage.at(ANNA).publish_key(round_id, stage.secrets(BORIS).public))
    assert stage.state().keys == {ANNA: stage.secrets(ANNA).public}


@pytest.mark.parametrize("x", [0, 5, ORDER, 2**256 - 1])
def test_a_key_is_a_point(stage: HiddenStage, x: int) -> None:
    round_id = stage.hidden()
    stage.stage.board(ANNA).enrol(round_id)
    refused(lambda: stage.at(ANNA).publish_key(round_id, RoundKey(x, False)))
    refused(lambda: stage.at(ANNA).publish_key(round_id, off_the_order()))


def test_keys_are_closed_at_the_deadline(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.keyed(ANNA, BORIS)
    stage.stage.board(CLARA).enrol(round_id)
    stage.wait("enrolment_deadline")
    refused(lambda: stage.at(CLARA).publish_key(round_id, stage.secrets(CLARA).public))
    assert list(stage.state().keys) == [ANNA, BORIS]


# --- bundles --------------------------------------------------------------------------------------


def test_secrets_are_shared_once_keys_are_closed(stage: HiddenStage) -> None:
    round_id = stage.hidden(maximum_participants=3)
    stage.keyed(ANNA, BORIS)
    refused(lambda: stage.at(ANNA).share_secrets(round_id, stage.record(ANNA)))
    stage.bundles.clear()
    stage.keyed(CLARA)  # the last seat: nobody waits for the deadline
    for _ in range(2):
        stage.shared(ANNA)
    assert stage.state().shared == {ANNA: stage.record(ANNA)}
    refused(lambda: stage.at(ANNA).share_secrets(round_id, stage.record(BORIS)))
    assert stage.state().shared == {ANNA: stage.record(ANNA)}


def test_secrets_are_shared_by_who_is_on_the_roster(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.keyed(ANNA, BORIS)
    stage.stage.board(CLARA).enrol(round_id)
    stage.wait("enrolment_deadline")
    for who in (CLARA, STRANGER):
        refused(partial(stage.at(who).share_secrets, round_id, stage.record(ANNA)))
    record = stage.record(ANNA)
    for name in ("seed_commitment", "share_root", "bundle_digest"):
        empty = replace(record, **{name: bytes(32)})
        refused(partial(stage.at(ANNA).share_secrets, round_id, empty))


def test_bundles_are_closed_at_their_deadline(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.keyed(*THREE)
    stage.wait("enrolment_deadline")
    stage.shared(ANNA)
    stage.wait("bundle_deadline")
    refused(lambda: stage.at(BORIS).share_secrets(round_id, stage.record(BORIS)))
    assert list(stage.state().shared) == [ANNA]


# --- survivors ------------------------------------------------------------------------------------


def test_anyone_freezes_a_group_once_reveals_are_over(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.to_commit(*THREE)
    early = [lambda: stage.at(ANNA).freeze(round_id, 0)]
    refused(*early)
    openings = {who: stage.stage.commit(round_id, who, 1) for who in THREE}
    refused(*early)
    stage.wait("commit_deadline")
    for who in (ANNA, BORIS):
        stage.stage.board(who).reveal(round_id, who, openings[who])
    refused(*early)
    stage.wait("reveal_deadline")
    refused(lambda: stage.at(ANNA).freeze(round_id, 1))
    for _ in range(2):
        stage.at(STRANGER).freeze(round_id, 0)
    frozen = stage.state().frozen
    assert frozen == {0: FrozenGroup(frozenset(THREE), frozenset({ANNA, BORIS}))}


def test_who_shared_no_secrets_is_not_active(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.keyed(*THREE)
    stage.wait("enrolment_deadline")
    stage.shared(ANNA, BORIS)
    stage.revealed(THREE)
    stage.at(OWNER).freeze(round_id, 0)
    both = frozenset({ANNA, BORIS})
    assert stage.state().frozen == {0: FrozenGroup(both, both)}
    told = CLARA, SEED, stage.secrets(CLARA).seed
    refused(lambda: stage.at(CLARA).open_secret(round_id, *told))
    stage.open_all((ANNA, BORIS))
    # It revealed and is in no sum: two count.
    assert stage.stage.board(OWNER).state(round_id).lost == 1
    three = replace(BOARDS.RESULT, accepted=3)
    refused(lambda: stage.stage.board(OWNER).propose(round_id, three))
    stage.stage.board(OWNER).propose(round_id, BOARDS.RESULT)


def test_a_void_round_is_not_frozen(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.to_commit(*THREE)
    stage.revealed(THREE, (ANNA, BORIS))
    stage.stage.board(STRANGER).void(round_id)
    refused(lambda: stage.at(OWNER).freeze(round_id, 0))


# --- secrets --------------------------------------------------------------------------------------


def test_of_each_one_secret_is_opened_and_which_follows_from_the_record(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.to_commit(*THREE)
    anna, clara = stage.secrets(ANNA), stage.secrets(CLARA)
    refused(lambda: stage.at(ANNA).open_secret(round_id, ANNA, SEED, anna.seed))
    stage.revealed(THREE, (CLARA,))
    refused(lambda: stage.at(ANNA).open_secret(round_id, ANNA, SEED, anna.seed))
    stage.at(OWNER).freeze(round_id, 0)
    refused(
        lambda: stage.at(ANNA).open_secret(round_id, ANNA, KEY, anna.key),
        lambda: stage.at(CLARA).open_secret(round_id, CLARA, SEED, clara.seed),
        lambda: stage.at(ANNA).open_secret(round_id, ANNA, SEED, anna.key),
        lambda: stage.at(ANNA).open_secret(round_id, ANNA, SEED, clara.seed),
        lambda: stage.at(ANNA).open_secret(round_id, CLARA, KEY, anna.key),
        lambda: stage.at(ANNA).open_secret(round_id, CLARA, KEY, bytes(32)),
        lambda: stage.at(ANNA).open_secret(round_id, STRANGER, SEED, anna.seed),
    )
    for _ in range(2):
        stage.at(STRANGER).open_secret(round_id, ANNA, SEED, anna.seed)
        stage.at(BORIS).open_secret(round_id, CLARA, KEY, clara.key)
    state = stage.state()
    assert (state.seeds, state.secrets) == ({ANNA: anna.seed}, {CLARA: clara.key})
    assert not state.is_open(0)
    stage.open_all((BORIS,))
    assert stage.state().is_open(0)


def test_secrets_are_opened_until_their_deadline(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.frozen(THREE)
    share = stage.held(BORIS, ANNA, SEED)
    stage.wait("unmask_deadline")
    refused(
        lambda: stage.at(ANNA).open_secret(round_id, ANNA, SEED, stage.secrets(ANNA).seed),
        lambda: stage.at(BORIS).post_shares(round_id, [share]),
    )
    assert not stage.state().seeds
    assert not stage.state().posted


def test_nothing_of_a_group_with_too_few_survivors_is_ever_opened(stage: HiddenStage) -> None:
    round_id = stage.hidden(minimum_participants=1)
    stage.frozen(THREE, (BORIS, CLARA))
    refused(
        lambda: stage.at(ANNA).open_secret(round_id, ANNA, SEED, stage.secrets(ANNA).seed),
        lambda: stage.at(ANNA).open_secret(round_id, CLARA, KEY, stage.secrets(CLARA).key),
        lambda: stage.at(ANNA).post_shares(round_id, [stage.held(ANNA, CLARA, KEY)]),
    )
    for _ in range(2):
        stage.at(STRANGER).strand(round_id, 0)
    assert stage.state().stranded == frozenset({0})
    assert stage.stage.board(OWNER).state(round_id).lost == 1
    stage.stage.board(STRANGER).void(round_id)
    assert stage.stage.phase(round_id) == Phase.VOIDED


# --- shares ---------------------------------------------------------------------------------------


def test_shares_are_posted_by_their_holders_and_give_the_secret(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.frozen(THREE, (CLARA,))
    for _ in range(2):
        stage.at(ANNA).post_shares(round_id, [stage.held(ANNA, CLARA, KEY)])
    assert stage.state().recovered(CLARA) is None  # two of two neighbours: ⌈2 · 11 / 20⌉
    stage.at(BORIS).post_shares(round_id, [stage.held(BORIS, CLARA, KEY)])
    posted = stage.state().posted[CLARA]
    assert set(posted) == {ANNA, BORIS}
    assert {share.kind for share in posted.values()} == {KEY}
    assert stage.state().recovered(CLARA) == stage.secrets(CLARA).key


def test_a_share_is_of_the_right_secret_by_its_proof(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.frozen(THREE, (CLARA,))
    good = stage.held(ANNA, CLARA, KEY)
    other = stage.held(ANNA, BORIS, SEED)
    refused(
        lambda: stage.at(ANNA).post_shares(round_id, [stage.held(ANNA, CLARA, SEED)]),
        lambda: stage.at(ANNA).post_shares(round_id, [stage.held(ANNA, BORIS, KEY)]),
        lambda: stage.at(BORIS).post_shares(round_id, [good]),
        lambda: stage.at(STRANGER).post_shares(round_id, [good]),
        lambda: stage.at(ANNA).post_shares(round_id, [replace(good, share=b"\1" * 32)]),
        lambda: stage.at(ANNA).post_shares(round_id, [replace(good, place=3)]),
        lambda: stage.at(ANNA).post_shares(round_id, [replace(good, proof=good.proof[1:])]),
        lambda: stage.at(ANNA).post_shares(round_id, [replace(good, dealer=STRANGER)]),
        lambda: stage.at(ANNA).post_shares(round_id, [replace(good, dealer=BORIS, kind=SEED)]),
        # All of them or none.
        lambda: stage.at(ANNA).post_shares(round_id, [good, replace(other, share=b"\1" * 32)]),
    )
    assert dict(stage.state().posted) == {}
    stage.at(ANNA).post_shares(round_id, [good, other])
    assert set(stage.state().posted) == {BORIS, CLARA}


def test_a_share_of_what_is_open_is_passed_over(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.frozen(THREE, (CLARA,))
    stage.open_all((ANNA,), (CLARA,))
    late = [stage.held(BORIS, CLARA, KEY), stage.held(BORIS, ANNA, SEED)]
    stage.at(BORIS).post_shares(round_id, late)
    assert dict(stage.state().posted) == {}
    stage.at(ANNA).post_shares(
        round_id, [stage.held(ANNA, CLARA, KEY), stage.held(ANNA, BORIS, SEED)]
    )
    assert set(stage.state().posted) == {BORIS}


# --- given up -------------------------------------------------------------------------------------


def test_a_group_is_given_up_when_it_wasn_t_opened_in_time(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    refused(lambda: stage.at(OWNER).strand(round_id, 0))
    stage.to_commit(*THREE)
    stage.revealed(THREE)
    refused(lambda: stage.at(OWNER).strand(round_id, 0))
    stage.at(OWNER).freeze(round_id, 0)
    refused(lambda: stage.at(OWNER).strand(round_id, 0))
    stage.open_all((ANNA, BORIS))
    refused(lambda: stage.stage.board(OWNER).propose(round_id, BOARDS.RESULT))
    stage.wait("unmask_deadline")
    refused(
        lambda: stage.stage.board(OWNER).propose(round_id, BOARDS.RESULT),
        lambda: stage.stage.board(OWNER).void(round_id),
        lambda: stage.at(OWNER).strand(round_id, 1),
    )
    for _ in range(2):
        stage.at(STRANGER).strand(round_id, 0)
    assert stage.stage.board(OWNER).state(round_id).lost == 3
    refused(lambda: stage.stage.board(OWNER).propose(round_id, BOARDS.RESULT))
    stage.stage.board(STRANGER).void(round_id)
    assert stage.stage.phase(round_id) == Phase.VOIDED


def test_an_open_group_stays_open_and_its_sum_is_proposed(stage: HiddenStage) -> None:
    round_id = stage.hidden()
    stage.frozen(THREE)
    stage.open_all(THREE)
    stage.wait("unmask_deadline")
    refused(lambda: stage.at(STRANGER).strand(round_id, 0))
    stage.stage.board(OWNER).propose(round_id, replace(BOARDS.RESULT, accepted=3))
    assert stage.stage.phase(round_id) == Phase.PROPOSED


def test_groups_are_decided_one_by_one(stage: HiddenStage) -> None:
    round_id = stage.hidden(HiddenTerms(group_size=2))
    people = (*THREE, STRANGER)
    stage.to_commit(*people)
    stage.revealed(people)
    groups = stage.state().graph.groups
    assert [len(members) for members in groups] == [2, 2]
    stage.at(OWNER).freeze(round_id, 1)
    first, second = groups
    told = first[0], SEED, stage.secrets(first[0]).seed
    refused(lambda: stage.at(first[0]).open_secret(round_id, *told))
    stage.open_all(second)
    assert stage.state().is_open(1)
    assert stage.stage.board(OWNER).state(round_id).lost == 0
    stage.at(OWNER).freeze(round_id, 0)
    stage.wait("unmask_deadline")
    stage.at(OWNER).strand(round_id, 0)
    assert stage.stage.board(OWNER).state(round_id).lost == 2
    stage.stage.board(OWNER).propose(round_id, BOARDS.RESULT)


def test_nobody_on_the_roster_leaves_nothing_to_sum(stage: HiddenStage) -> None:
    round_id = stage.hidden(maximum_participants=2)
    board = stage.stage.board
    for who in (ANNA, BORIS):
        board(who).enrol(round_id)
    openings = {who: stage.stage.commit(round_id, who, 1) for who in (ANNA, BORIS)}
    for who in (ANNA, BORIS):
        board(who).reveal(round_id, who, openings[who])
    assert stage.stage.phase(round_id) == Phase.PROPOSAL
    refused(
        lambda: board(OWNER).propose(round_id, BOARDS.RESULT),
        lambda: board(OWNER).void(round_id),
        lambda: stage.at(OWNER).freeze(round_id, 0),
    )
    stage.wait("enrolment_deadline")
    refused(lambda: board(OWNER).propose(round_id, BOARDS.RESULT))
    board(STRANGER).void(round_id)
    assert stage.stage.phase(round_id) == Phase.VOIDED
