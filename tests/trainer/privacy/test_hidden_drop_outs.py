"""Given a hidden round in which somebody is missing, dies or cheats

when one never shows its key, or its bundle: it takes no part, and the sum is that of the others
when a survivor is offline at the unmasking: its neighbours open its seed by their shares
when too many are offline: the round is void, what they hid stays hidden, and it says why
when participants are other processes at every step, or die within one: nothing changes
when one hides garbage, or withholds its content: its group is refused, and the others go on
when the chain takes a bundle back after an update was masked: nothing is masked a second time
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hidden_people import (
    UNMASKING,
    Absent,
    Dying,
    Reborn,
    Withheld,
    hiding,
    plain_twin,
    seen,
    terms_of,
)
from memory_federation import Federation, document_of

from registry.errors import RoundError
from trainer.coordinator.coordinator import RoundResult
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.protocol.actions import RoundStep


@pytest.fixture
def hidden(tmp_path: Path) -> Federation:
    """A federation whose rounds hide updates and weights."""
    return hiding(tmp_path)


def played(federation: Federation, people: list[Any], **changes: object) -> RoundResult:
    """A hidden round of these people."""
    return federation.round(people, terms_of(federation, max(3, len(people)), **changes))


@pytest.mark.parametrize("step", [RoundStep.PUBLISH_KEY, RoundStep.SHARE_SECRETS])
def test_who_shows_no_key_or_no_bundle_takes_no_part(
    hidden: Federation, tmp_path: Path, step: RoundStep
) -> None:
    people = [hidden.participant(i) for i in range(4)]
    result = played(hidden, [*people[:3], Absent(people[3], step)])
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root
    state, found = seen(hidden, result.round_id)
    assert people[3].address not in state.commitments
    assert not found.secrets


def test_a_silent_survivor_is_opened_by_its_neighbours(hidden: Federation, tmp_path: Path) -> None:
    people = [hidden.participant(i) for i in range(4)]
    result = played(hidden, [*people[:3], Absent(people[3], *UNMASKING)])
    plain = plain_twin(tmp_path / "plain", range(4))
    assert document_of(result).result_root == document_of(plain).result_root
    _, state = seen(hidden, result.round_id)
    silent = people[3].address
    assert set(state.seeds) == {person.address for person in people}
    assert set(state.posted) == {silent}  # of those who opened their own nobody told
    told = set(state.posted[silent])  # as many as open it; nobody tells more than is needed
    assert told < {person.address for person in people[:3]}
    assert len(told) == state.graph.threshold(0)


def test_below_the_threshold_nothing_is_opened_and_nobody_is_fined(hidden: Federation) -> None:
    people = [hidden.participant(i) for i in range(4)]
    # Of three neighbours two open a secret: with one that answers nobody's seed but its own.
    offline = [Absent(person, *UNMASKING) for person in people[1:]]
    result = played(hidden, [people[0], *offline])
    state, found = seen(hidden, result.round_id)
    assert state.voided
    assert result.document is None
    assert "0 of at least 2 hidden updates are in a sum" in result.obstacle
    assert set(found.seeds) == {people[0].address}
    assert set(found.posted) == {person.address for person in people[1:]}
    assert not found.secrets
    assert found.stranded == frozenset({0})
    assert state.lost == 4


def test_a_dropper_whom_too_few_can_open_strands_its_group(hidden: Federation) -> None:
    people = [hidden.participant(i) for i in range(4)]
    offline = [Absent(person, RoundStep.POST_SHARES) for person in people[1:3]]
    gone = Absent(people[3], RoundStep.REVEAL)
    result = played(hidden, [people[0], *offline, gone])
    state, found = seen(hidden, result.round_id)
    assert state.voided
    assert not found.secrets
    assert not found.is_open(0)


def test_a_round_of_one_waits_for_nobody_and_is_void(hidden: Federation) -> None:
    result = played(hidden, [hidden.participant(0)])
    state, found = seen(hidden, result.round_id)
    assert state.voided
    assert not state.commitments
    assert not found.shared


def test_every_step_may_be_another_process_s(hidden: Federation, tmp_path: Path) -> None:
    people = [Reborn(lambda i=i: hidden.participant(i)) for i in range(3)]  # type: ignore[misc]
    gone = Absent(hidden.participant(3), RoundStep.REVEAL)
    result = played(hidden, [*people, gone])
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root
    taken = {step for person in people for step in person.steps}
    assert {
        RoundStep.ENROL,
        RoundStep.PUBLISH_KEY,
        RoundStep.SHARE_SECRETS,
        RoundStep.COMMIT,
        RoundStep.REVEAL,
        RoundStep.POST_SHARES,
    } <= taken


def test_a_member_that_hides_something_else_costs_its_group(hidden: Federation) -> None:
    # Values as they lie in the ring, not on the lattice: the sum is anywhere in 2^27 and more.
    people = [hidden.participant(i) for i in range(3)]
    people[2] = hidden.participant(2, blobs=hidden.faulty(before_put=None))
    people[2]._hidden.hide = garbage(people[2]._hidden.hide)  # type: ignore[method-assign]
    result = played(hidden, people)
    state, found = seen(hidden, result.round_id)
    assert found.is_open(0)
    assert state.result is None
    assert "somebody hid something else" in result.obstacle


def garbage(hide: Any) -> Any:
    """What a member stores in place of its masked update: random bytes of the same size."""

    def instead(*arguments: Any) -> Any:
        packed, made = hide(*arguments)
        noise = np.random.default_rng(7).integers(0, 256, packed.size, np.uint8)
        noise[-1] &= 0  # whatever bits are left stay zero
        return noise, made

    return instead


def test_garbage_in_one_group_leaves_the_others_their_sums(tmp_path: Path) -> None:
    hidden = hiding(tmp_path / "hidden", HiddenTerms(weight_cap=1_000, group_size=2))
    people = [hidden.participant(i) for i in range(4)]
    people[2]._hidden.hide = garbage(people[2]._hidden.hide)  # type: ignore[method-assign]
    result = played(hidden, people)
    _, found = seen(hidden, result.round_id)
    group, _ = found.graph.place_of(people[2].address)
    document = document_of(result)
    assert set(document.refusals) == set(found.graph.groups[group])
    assert set(document.refusals.values()) == {"hidden"}
    good = [i for i in range(4) if people[i].address not in document.refusals]
    assert document.result_root == document_of(plain_twin(tmp_path / "plain", good)).result_root


def test_content_that_is_withheld_costs_its_group(tmp_path: Path) -> None:
    hidden = hiding(tmp_path / "hidden", HiddenTerms(weight_cap=1_000, group_size=2))
    nowhere = Federation(tmp_path / "elsewhere").blobs
    people = [hidden.participant(i) for i in range(3)]
    people.append(hidden.participant(3, blobs=Withheld(hidden.blobs, nowhere)))
    result = played(hidden, people)
    _, found = seen(hidden, result.round_id)
    document = document_of(result)
    group, _ = found.graph.place_of(people[3].address)
    refused = document.refusals
    assert refused[people[3].address] == "missing_content"
    assert set(refused) == set(found.graph.groups[group])
    good = [i for i in range(4) if people[i].address not in refused]
    assert document.result_root == document_of(plain_twin(tmp_path / "plain", good)).result_root


def test_two_updates_are_never_hidden_by_one_seed(hidden: Federation) -> None:
    people = [hidden.participant(i) for i in range(4)]
    coordinator, me = hidden.coordinator(), people[0]
    round_id = coordinator.open(terms_of(hidden, 4), hidden.document)
    coordinator.step(round_id)
    for step in range(3):  # enrol, publish, share
        for person in people:
            assert person.step(round_id).acted, step
    ledger = hidden.ledger
    before, kept = ledger.hidden[round_id], hidden.people[1].address
    state = hidden.board().state(round_id)
    first, made = me._hidden.hide(state, before, lambda: me._updates.make(state, hidden.document))
    # The chain takes a bundle back, after the update was masked and before it was committed.
    shared = {who: told for who, told in before.shared.items() if who != kept}
    ledger.hidden[round_id] = replace(before, shared=shared)
    hidden.clock.wait_until(before.schedule.bundle_deadline)
    with pytest.raises(RoundError, match="would hide it twice, and show it: this round is lost"):
        me.step(round_id)
    ledger.hidden[round_id] = before
    again, _ = me._hidden.hide(state, before, lambda: pytest.fail("it was trained again"))
    assert again.tobytes() == first.tobytes()
    me.step(round_id)
    assert me.address in hidden.board().state(round_id).commitments
    assert not [*hidden.work.rglob("plain.safetensors")]
    assert made.weight == 40


@pytest.mark.parametrize("step", ["enrol", "publish", "share", "commit", "reveal", "unmask"])
def test_who_is_killed_in_the_middle_of_a_step_goes_on(
    hidden: Federation, tmp_path: Path, step: str
) -> None:
    """Storage fails in the step, once; the next process knows the folder alone."""
    left = [step]

    def fails(*_: object) -> None:
        if left:
            left.pop()
            raise KeyboardInterrupt

    people: list[Any] = [hidden.participant(i) for i in range(2)]
    dying = hidden.participant(2)
    board = dying.context.board
    name = {
        "enrol": (board, "enrol"),
        "publish": (board.hidden, "publish_key"),
        "share": (board.hidden, "share_secrets"),
        "commit": (board, "commit"),
        "reveal": (board, "reveal"),
        "unmask": (board.hidden, "open_secret"),
    }[step]
    people.append(Dying(dying, lambda: hidden.participant(2), *name, fails))
    result = played(hidden, people)
    assert not left
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root
    assert len(document_of(result).accepted) == 3
