"""Certificates through the client: vouched, handed in, and answered for (F-16).

Everybody has revealed; a quorum is two.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from staked_scenario import BITS, BURNT, FUNDS, PROPOSER, STAKE, WATCHER, StakedScenario
from tests_roles import STRANGER

from registry.chain.reverts import error_classes
from registry.errors import ConfigError
from registry.index import ProposalStatus, StakedRoundRecord
from registry.signing import LocalSigner

ERRORS = error_classes()


@pytest.fixture
def open_round(staked: StakedScenario) -> bytes:
    """A round in which everybody has revealed, and nobody has vouched."""
    return staked.uncertified()


def record(staked: StakedScenario, round_id: bytes) -> StakedRoundRecord:
    """What the events say of a round."""
    return staked.owner.staked_rounds.record(round_id)


def counted(staked: StakedScenario, round_id: bytes) -> list[int]:
    """The places of the participants whose updates count; the contract says the same."""
    found = [leaf.participant for leaf in staked.owner.staked_rounds.counted(round_id)]
    contract = staked.owner.connection.contracts["StakedRounds"]
    people = [person.address for person in staked.people]
    assert found == [who for who in people if contract.read("isCounted", round_id, who)]
    return [people.index(who) for who in found]


def vouch(
    staked: StakedScenario, round_id: bytes, who: LocalSigner, places: Sequence[int] = (0, 1, 2)
) -> bool:
    """Lets somebody vouch for some participants' updates."""
    held = [staked.people[place].address for place in places]
    return staked.client(who).availability.vouch_for_updates(round_id, held)


def silent(staked: StakedScenario, round_id: bytes, number: int) -> None:
    """Nobody answers a question, and anyone says so."""
    question = staked.owner.disputes.question(round_id, number)
    staked.clock.wait_until(question.deadline)
    staked.client(STRANGER).disputes.punish_silence(round_id, number)


# updates


def test_f16_a_quorum_of_vouches_certifies_and_a_vouch_repeated_is_one(
    staked: StakedScenario, open_round: bytes
) -> None:
    first, second, _ = staked.people
    anyone = staked.client(STRANGER).availability
    assert [vouch(staked, open_round, first) for _ in range(2)] == [True, False]
    assert not anyone.certify_updates(open_round)
    assert counted(staked, open_round) == []
    assert vouch(staked, open_round, second)
    assert [anyone.certify_updates(open_round) for _ in range(2)] == [True, False]
    assert counted(staked, open_round) == [0, 1, 2]
    (certificate,) = record(staked, open_round).certificates
    assert (certificate.number, certificate.held) == (0, ((7,), (7,)))
    assert certificate.holders == (first.address, second.address)


def test_f16_each_update_needs_its_own_quorum_and_a_later_certificate_adds(
    staked: StakedScenario, open_round: bytes
) -> None:
    first, second, third = staked.people
    vouch(staked, open_round, first, (0, 1))
    vouch(staked, open_round, second, (1, 2))
    assert staked.owner.availability.certify_updates(open_round)
    assert counted(staked, open_round) == [1]
    # What somebody said last is what it says.
    vouch(staked, open_round, second)
    assert staked.owner.availability.certify_updates(open_round)
    assert counted(staked, open_round) == [0, 1]
    vouch(staked, open_round, third, (2,))
    assert staked.owner.availability.certify_updates(open_round)
    assert counted(staked, open_round) == [0, 1, 2]
    assert len(record(staked, open_round).certificates) == 3


def test_f16_a_certificate_that_adds_nothing_is_neither_sent_nor_taken(
    staked: StakedScenario, open_round: bytes
) -> None:
    staked.certify_updates(open_round)
    vouch(staked, open_round, staked.people[2])
    assert not staked.owner.availability.certify_updates(open_round)
    (certificate,) = record(staked, open_round).certificates
    holders, held = list(certificate.holders), [list(bitmap) for bitmap in certificate.held]
    terms = staked.stakes()
    with pytest.raises(ERRORS["NothingAdded"]):
        staked.owner.connection.contracts["Availability"].write(
            "certifyUpdates", open_round, terms, holders, held, [b"", b""]
        )


def test_f16_only_those_with_a_seat_vouch_and_only_in_time(
    staked: StakedScenario, open_round: bytes
) -> None:
    with pytest.raises(ERRORS["NotAHolder"]):
        vouch(staked, open_round, WATCHER)
    early = staked.owner.staked_rounds.open(staked.terms(), staked.stakes())
    for person in staked.people:
        staked.client(person).staked_rounds.lock_stake(early)
    with pytest.raises(ERRORS["CertifyingClosed"]):
        vouch(staked, early, staked.people[0])
    deadline = staked.term(open_round, "reveal_deadline")
    staked.clock.wait_until(staked.stakes().certify_end(deadline))
    with pytest.raises(ERRORS["CertifyingClosed"]):
        vouch(staked, open_round, staked.people[0])


def test_f16_whoever_hid_its_update_loses_its_stake_when_the_round_is_over(
    staked: StakedScenario, open_round: bytes
) -> None:
    for person in staked.people[:2]:
        vouch(staked, open_round, person, (0, 1))
    staked.owner.availability.certify_updates(open_round)
    assert counted(staked, open_round) == [0, 1]
    staked.proposed(open_round, staked.tree(open_round))
    standing = record(staked, open_round).standing
    assert standing is not None
    staked.clock.wait_until(standing.ends_at)
    staked.owner.staked_rounds.settle(open_round)
    before = [staked.owner.stakes.of(person.address).locked for person in staked.people]
    for person in staked.people:
        assert staked.owner.staked_rounds.release(open_round, person.address)
    after = [staked.owner.stakes.of(person.address) for person in staked.people]
    assert [stake.locked for stake in after] == [locked - STAKE for locked in before]
    assert after[2].free == after[0].free - STAKE
    assert record(staked, open_round).burnt == {staked.people[2].address: "not certified"}
    assert staked.owner.stakes.of(BURNT).awarded == STAKE


def test_f16_where_certificates_fail_altogether_nobody_is_to_blame(
    staked: StakedScenario, open_round: bytes
) -> None:
    staked.clock.wait_until(staked.term(open_round, "proposal_deadline"))
    staked.owner.staked_rounds.void(open_round)
    for person in staked.people:
        assert staked.owner.staked_rounds.release(open_round, person.address)
    assert record(staked, open_round).burnt == {}
    assert staked.owner.stakes.of(BURNT).awarded == 0


# results


def test_f16_a_proposal_s_dispute_window_opens_with_its_certificate(
    staked: StakedScenario, round_id: bytes
) -> None:
    staked.proposed(round_id, staked.tree(round_id), certified=False)
    first, second, third = (staked.client(person).availability for person in staked.people)
    with pytest.raises(ERRORS["NotAHolder"]):
        staked.client(WATCHER).availability.vouch_for_result(round_id)
    assert [first.vouch_for_result(round_id) for _ in range(2)] == [True, False]
    assert not third.certify_result(round_id)
    standing = record(staked, round_id).standing
    assert standing is not None
    assert standing.ends_at == 0
    assert second.vouch_for_result(round_id)
    before = staked.clock.now()
    assert [third.certify_result(round_id) for _ in range(2)] == [True, False]
    standing = record(staked, round_id).standing
    assert standing is not None
    assert standing.ends_at >= before + staked.stakes().dispute_window
    assert standing.holders == (staked.people[0].address, staked.people[1].address)


def test_nobody_vouches_for_a_result_that_nobody_proposed(
    staked: StakedScenario, round_id: bytes
) -> None:
    mine = staked.client(staked.people[0]).availability
    assert (mine.vouch_for_result(round_id), mine.certify_result(round_id)) == (False, False)
    assert mine.burn_for_result(round_id) == []


def test_f16_what_nobody_vouches_for_lapses_and_its_stake_is_burnt(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id)
    staked.proposed(round_id, tree, certified=False)
    anyone = staked.client(STRANGER).staked_rounds
    with pytest.raises(ERRORS["NotCertified"]):
        anyone.lapse(round_id)
    standing = record(staked, round_id).standing
    assert standing is not None
    staked.clock.wait_until(standing.certify_by)
    for person in staked.people[:2]:
        staked.client(person).availability.vouch_for_result(round_id)
    with pytest.raises(ERRORS["NotCertified"]):
        staked.owner.availability.certify_result(round_id)
    anyone.lapse(round_id)
    (lapsed,) = record(staked, round_id).proposals
    assert (lapsed.standing, lapsed.fault) == (ProposalStatus.REJECTED, "not certified")
    assert staked.owner.stakes.of(BURNT).awarded == 3 * STAKE
    assert staked.owner.stakes.of(PROPOSER.address).free == FUNDS - 3 * STAKE
    staked.proposed(round_id, tree)
    with pytest.raises(ERRORS["AlreadyCertified"]):
        anyone.lapse(round_id)


# who answers for what it vouched for


@pytest.mark.parametrize("place", [1, 2])
def test_f16_whoever_vouched_for_an_update_that_nobody_gave_loses_its_stake(
    staked: StakedScenario, round_id: bytes, place: int
) -> None:
    hider, anyone = staked.people[place], staked.client(STRANGER).availability
    leaf = staked.owner.staked_rounds.counted(round_id)[place]
    with pytest.raises(ConfigError, match="wasn't slashed"):
        anyone.burn_for_update(round_id, hider.address)
    number = staked.client(WATCHER).disputes.ask_update(round_id, leaf, 0)
    silent(staked, round_id, number)
    # The first two vouched; who is slashed has nothing left to burn.
    holders = [person.address for person in staked.people[:2] if person != hider]
    assert anyone.burn_for_update(round_id, hider.address) == holders
    assert anyone.burn_for_update(round_id, hider.address) == []
    assert record(staked, round_id).burnt == dict.fromkeys(holders, "withheld update")
    assert staked.owner.stakes.of(BURNT).awarded == STAKE // 2 + len(holders) * STAKE
    assert all(staked.owner.stakes.of(who).locked == 0 for who in holders)
    # Their own updates count as before, and they vouch for nothing any more.
    assert counted(staked, round_id) == [at for at in range(3) if at != place]
    staked.proposed(round_id, staked.tree(round_id), certified=False)
    with pytest.raises(ERRORS["NotAHolder"]):
        staked.client(staked.people[0]).availability.vouch_for_result(round_id)


def test_f16_a_fault_that_everybody_could_see_burns_no_holder_s_stake(
    staked: StakedScenario,
) -> None:
    outside = staked.vector(0)
    outside[0] = -(1 << 15)
    round_id = staked.revealed(outside)
    leaf = staked.owner.staked_rounds.counted(round_id)[0]
    proof = staked.chunk(outside, BITS, 0)
    staked.client(WATCHER).disputes.prove_out_of_range(round_id, leaf, 0, proof)
    with pytest.raises(ERRORS["NotWithheld"]):
        staked.owner.availability.burn_for_update(round_id, leaf.participant)


def test_f16_whoever_vouched_for_a_result_that_nobody_gave_loses_its_stake(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id)
    staked.proposed(round_id, tree)
    number = staked.client(WATCHER).disputes.ask_node(round_id, tree.path(0, 0))
    silent(staked, round_id, number)
    anyone, holders = staked.client(STRANGER).availability, staked.people[:2]
    assert anyone.burn_for_result(round_id) == [person.address for person in holders]
    assert anyone.burn_for_result(round_id) == []
    assert set(record(staked, round_id).burnt.values()) == {"withheld result"}
    # Half of the proposer's stake is burnt, and all of the holders'.
    assert staked.owner.stakes.of(BURNT).awarded == 3 * STAKE // 2 + 2 * STAKE


# committees


def test_f16_a_committee_vouches_in_the_participants_place(staked: StakedScenario) -> None:
    members = sorted((PROPOSER, WATCHER), key=lambda member: int(member.address, 16))
    panel = staked.owner.evaluations.create_panel([m.address for m in members], 2)
    round_id = staked.uncertified(holders=members, committee=panel.panel)
    found = record(staked, round_id)
    assert found.holders == {member.address: STAKE for member in members}
    assert [found.seats[member.address] for member in members] == [3, 4]
    staked.client(members[0]).staked_rounds.lock_holder_stake(round_id)  # sends nothing
    with pytest.raises(ERRORS["NotOfCommittee"]):
        staked.client(STRANGER).staked_rounds.lock_holder_stake(round_id)
    with pytest.raises(ERRORS["NotAHolder"]):
        vouch(staked, round_id, staked.people[0])
    for member in members:
        assert vouch(staked, round_id, member)
    assert staked.owner.availability.certify_updates(round_id)
    # A seat of the committee is no participant's: nothing of it counts.
    assert counted(staked, round_id) == [0, 1, 2]
    assert record(staked, round_id).certificates[0].holders == tuple(m.address for m in members)


def test_f16_whoever_comes_after_the_reveals_is_no_holder(staked: StakedScenario) -> None:
    panel = staked.owner.evaluations.create_panel([PROPOSER.address, WATCHER.address], 2)
    round_id = staked.uncertified(holders=[PROPOSER], committee=panel.panel)
    with pytest.raises(ERRORS["TooLateToLock"]):
        staked.client(WATCHER).staked_rounds.lock_holder_stake(round_id)
