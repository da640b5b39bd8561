"""Given a participant of a hidden round, and its folder

when the round is hidden otherwise than its document says, or leaves less time than its deadlines
  do: it takes no seat
when its secrets are another's, damaged or gone once its key is out: it goes no further, and the
  sum is that of the others
when the round asks for no secret any more, or is void: neither they nor the plain update are left
when the roster is another one than its bundle was made for: it makes another bundle
when a key of a neighbour is another one than it masked with: nothing is masked a second time
when it told of one secret of a neighbour: it never tells of the other one
when fewer share their secrets than it insists on: it commits to nothing
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hidden_people import UNMASKING, Absent, hiding, plain_twin, seen, terms_of
from memory_federation import Federation, document_of

from registry.errors import RoundError
from trainer.coordinator.hidden_rounds import HiddenRounds
from trainer.engines import run_in_process
from trainer.participant.participant import Participant
from trainer.ports import RoundContext
from trainer.privacy.hidden_state import FrozenGroup
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.protocol.actions import RoundStep

TERMS = HiddenTerms(weight_cap=1_000)


@pytest.fixture
def hidden(tmp_path: Path) -> Federation:
    """A federation whose rounds hide updates and weights."""
    return hiding(tmp_path, TERMS)


def begun(federation: Federation, people: list[Any], *steps: str) -> bytes:
    """A round in which everybody did these steps."""
    coordinator = federation.coordinator()
    round_id = coordinator.open(terms_of(federation, max(3, len(people))), federation.document)
    coordinator.step(round_id)
    for step in steps:
        for person in people:
            assert person.step(round_id).acted, step
    return round_id


def files_of(federation: Federation, name: str) -> list[Path]:
    """The files of a name in the folders of all participants."""
    return [*federation.work.joinpath("p").rglob(name)]


# --- before a seat --------------------------------------------------------------------------------


def hidden_otherwise(federation: Federation, terms: HiddenTerms, sooner: tuple[int, int]) -> bytes:
    """A round that its coordinator hid by other terms, or with less time."""
    told = terms_of(federation, 3)
    round_id = federation.coordinator().open(told, federation.document)
    due = HiddenSchedule.between(told.deadlines)
    schedule = HiddenSchedule(due.bundle_deadline - sooner[0], due.unmask_deadline - sooner[1])
    federation.board().hidden.hide(round_id, terms, schedule)
    return round_id


def test_a_round_is_hidden_as_its_document_says_or_not_entered(hidden: Federation) -> None:
    round_id = hidden_otherwise(hidden, replace(TERMS, threshold=TERMS.degree), (0, 0))
    with pytest.raises(RoundError, match="its terms document says hidden HiddenTerms"):
        hidden.participant(0).step(round_id)
    assert hidden.board().state(round_id).enrolled == ()


@pytest.mark.parametrize("sooner", [(1, 0), (0, 1)])
def test_a_round_that_leaves_too_little_time_isn_t_entered(
    hidden: Federation, sooner: tuple[int, int]
) -> None:
    round_id = hidden_otherwise(hidden, TERMS, sooner)
    with pytest.raises(RoundError, match="and its deadlines ask for"):
        hidden.participant(0).step(round_id)
    assert hidden.board().state(round_id).enrolled == ()


def test_under_stake_the_time_counts_from_the_end_of_slashing(hidden: Federation) -> None:
    round_id = hidden_otherwise(hidden, TERMS, (0, 0))
    state = hidden.ledger.hidden[round_id]
    final = hidden.board().state(round_id).terms.reveal_deadline + 1
    hidden.ledger.hidden[round_id] = replace(state, unmask_from=final)
    with pytest.raises(RoundError, match=f"ask for {state.schedule.bundle_deadline} and"):
        hidden.participant(0).step(round_id)
    assert hidden.board().state(round_id).enrolled == ()


def test_nobody_hides_a_round_whose_seats_are_no_longer_taken(hidden: Federation) -> None:
    round_id = hidden.coordinator().open(terms_of(hidden, 3), hidden.document)
    hidden.clock.wait_until(hidden.board().state(round_id).terms.enrolment_deadline)
    rounds = HiddenRounds(RoundContext(hidden.board(), hidden.blobs, hidden.clock))
    assert rounds.hide(hidden.board().state(round_id), hidden.document) is False
    assert hidden.board().hidden.state(round_id) is None


# --- its secrets ----------------------------------------------------------------------------------


def gone(path: Path) -> None:
    """Deletes a file."""
    path.unlink()


def another(path: Path) -> None:
    """Leaves what another participant drew."""
    path.write_bytes(bytes(32))


def cut(path: Path) -> None:
    """Leaves half of a file."""
    path.write_bytes(path.read_bytes()[:16])


@pytest.mark.parametrize(
    ("change", "told"),
    [(gone, "is gone"), (another, "is of another key"), (cut, "expected 32 bytes, got 16")],
)
def test_whose_secrets_are_lost_costs_nobody_else_the_sum(
    hidden: Federation, tmp_path: Path, change: Callable[[Path], None], told: str
) -> None:
    people: list[Any] = [hidden.participant(i) for i in range(4)]
    round_id = begun(hidden, people, "enrol", "publish", "share")
    folder = hidden.work / "p" / people[3].address.lower() / round_id.hex()
    change(folder / "round-secrets.key")
    with pytest.raises(RoundError, match=told):
        people[3].step(round_id)
    assert people[3].address not in hidden.board().state(round_id).commitments
    assert not [*folder.rglob("plain.safetensors")]  # it didn't train either
    result = run_in_process(hidden.coordinator(), people[:3], hidden.clock, round_id)
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root


def test_secrets_are_its_owner_s_alone_and_go_with_the_round(hidden: Federation) -> None:
    people: list[Any] = [hidden.participant(i) for i in range(3)]
    round_id = begun(hidden, people, "enrol", "publish", "share")
    files = files_of(hidden, "round-secrets.key")
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert {file.parent.stat().st_mode & 0o777 for file in files} == {0o700}
    run_in_process(hidden.coordinator(), people, hidden.clock, round_id)
    for person in people:
        person.run(round_id)
    assert files_of(hidden, "round-secrets.key") == []
    assert files_of(hidden, "plain.safetensors") == []


def test_secrets_go_as_soon_as_every_one_that_the_sum_takes_is_open(hidden: Federation) -> None:
    people: list[Any] = [hidden.participant(i) for i in range(3)]
    round_id = begun(hidden, people, "enrol", "publish", "share", "commit", "reveal")
    assert len(files_of(hidden, "round-secrets.key")) == 3
    while any([person.unmask(round_id) for person in people]):  # noqa: C419
        pass
    state = hidden.board().state(round_id)
    assert hidden.ledger.hidden[round_id].is_open(0)
    assert not state.finalised
    assert files_of(hidden, "round-secrets.key") == []


def test_secrets_of_a_void_round_go_as_well_and_no_sooner(hidden: Federation) -> None:
    people: list[Any] = [hidden.participant(i) for i in range(3)]
    round_id = begun(hidden, people, "enrol", "publish", "share")
    for person in people:
        person.clear_ended(hidden.model_id)
    assert len(files_of(hidden, "round-secrets.key")) == 3
    me, state = people[0], hidden.board().state(round_id)
    me._hidden.hide(
        state, hidden.ledger.hidden[round_id], lambda: me._updates.make(state, hidden.document)
    )
    assert len(files_of(hidden, "plain.safetensors")) == 1
    hidden.clock.wait_until(state.terms.proposal_deadline)
    hidden.board().void(round_id)
    for person in people:
        person.clear_ended(hidden.model_id)
    assert files_of(hidden, "round-secrets.key") == []
    assert files_of(hidden, "plain.safetensors") == []


def test_a_bundle_is_made_once_for_a_roster_and_anew_for_another(hidden: Federation) -> None:
    people: list[Any] = [hidden.participant(i) for i in range(4)]
    round_id = begun(hidden, people, "enrol", "publish")
    me, four = people[0], hidden.ledger.hidden[round_id]
    bundle = me._hidden._folder.bundle(four)
    assert me._hidden._folder.bundle(four).to_json() == bundle.to_json()
    gone = people[3].address  # the chain takes its key back
    three = replace(four, keys={who: key for who, key in four.keys.items() if who != gone})
    again = me._hidden._folder.bundle(three)
    assert set(again.sealed) == {people[1].address, people[2].address}
    assert again.share_root != bundle.share_root
    assert again.seed_commitment == bundle.seed_commitment


# --- the one secret, and the one update -----------------------------------------------------------


def test_a_neighbour_s_other_key_masks_nothing_a_second_time(hidden: Federation) -> None:
    people: list[Any] = [hidden.participant(i) for i in range(3)]
    round_id = begun(hidden, people, "enrol", "publish", "share")
    me, before, state = people[0], hidden.ledger.hidden[round_id], hidden.board().state(round_id)
    make = lambda: me._updates.make(state, hidden.document)  # noqa: E731
    me._hidden.hide(state, before, make)
    one, other = (before.keys[person.address] for person in people[1:])
    changed = replace(before, keys={**before.keys, people[1].address: other})
    assert one != other
    changed.__dict__["graph"] = before.graph  # whose order hangs on the keys
    with pytest.raises(RoundError, match="the update was masked for other neighbours"):
        me._hidden.hide(state, changed, make)


def test_of_a_neighbour_one_secret_is_told_and_never_the_other(hidden: Federation) -> None:
    """A node that is asked again says that somebody dropped whom it had called a survivor."""
    people: list[Any] = [hidden.participant(i) for i in range(4)]
    silent = [Absent(people[3], *UNMASKING), Absent(people[2], *UNMASKING)]
    everybody: list[Any] = [*people[:2], *silent]
    result = hidden.round(everybody, terms_of(hidden, 4))
    state, found = seen(hidden, result.round_id)
    me, dealer = people[0], people[3].address
    assert me.address in found.posted[dealer]
    [group] = found.frozen.values()
    dropped = replace(
        found,
        frozen={0: FrozenGroup(group.active, group.survivors - {dealer})},
        posted={},
        seeds={},
    )
    assert me._hidden._held(found, dealer) is not None
    assert me._hidden._held(dropped, dealer) is None
    assert people[1]._hidden._held(dropped, people[2].address) is not None  # it still survives
    assert people[1]._hidden._held(dropped, dealer) is None
    assert state.reveals


def insisting(federation: Federation, index: int) -> Participant:
    """A participant that takes part in sums of four at least."""
    signer = federation.people[index]
    context = RoundContext(federation.board(signer), federation.blobs, federation.clock)
    training = federation.honest(index)
    return Participant(context, signer, training, federation.work / "p", least_in_sum=4)


def test_who_insists_on_four_commits_to_nothing_among_three(hidden: Federation) -> None:
    people: list[Any] = [insisting(hidden, i) for i in range(4)]
    people[3] = Absent(people[3], RoundStep.SHARE_SECRETS)
    result = hidden.round(people, terms_of(hidden, 4))
    state, found = seen(hidden, result.round_id)
    assert len(found.shared) == 3
    assert state.commitments == {}
    assert state.voided
