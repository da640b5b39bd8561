"""What events say of stakes and staked rounds is what the contracts hold, after a re-org too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from staked_scenario import BOND, PROPOSER, STAKE, WATCHER, StakedScenario
from tests_roles import OWNER, STRANGER

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.events.reward_token import Transfer
from registry.chain.bindings.structs import Question
from registry.client import RegistryClient
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.trees import Tree
from registry.index import ProposalStatus, QuestionState, RegistryState, StakedRoundRecord
from registry.types import Log

PARTICIPANT, SLASHED = 1, 3  # as IStakedRounds has them
RoundStep = Callable[[StakedScenario, bytes], None]


def heavier(leaves: list[RevealedUpdate]) -> list[RevealedUpdate]:
    """Gives the second participant another weight."""
    return [leaves[0], replace(leaves[1], weight=99), *leaves[2:]]


def nothing(staked: StakedScenario, round_id: bytes) -> None:
    """Everybody has revealed."""


def exits(staked: StakedScenario, round_id: bytes) -> None:
    """One leaves and comes back, another is on its way, the third has left and is gone."""
    first, second, third = (staked.client(person).stakes for person in staked.people)
    first.request_exit(10)
    first.cancel_exit()
    second.request_exit(20)
    staked.clock.wait_until(third.request_exit(30).available_at)
    third.withdraw()
    third.set_controller(staked.owner.connection.contracts["Questions"].address, False)


def slashed(staked: StakedScenario, round_id: bytes) -> None:
    """One question is answered, one punished, its holder too, one waits."""
    leaves = staked.owner.staked_rounds.counted(round_id)
    watcher = staked.client(WATCHER).disputes
    for leaf in leaves:
        watcher.ask_update(round_id, leaf, 1)
    staked.client(STRANGER).disputes.answer_chunk(
        round_id, 0, staked.chunk(staked.vector(0), 16, 1)
    )
    staked.clock.wait_until(watcher.question(round_id, 1).deadline)
    watcher.punish_silence(round_id, 1)
    staked.owner.availability.burn_for_update(round_id, leaves[1].participant)


def rejected(staked: StakedScenario, round_id: bytes) -> None:
    """A proposal with a question is rejected for something else, and another stands."""
    bad = staked.tree(round_id, heavier)
    staked.proposed(round_id, bad)
    watcher = staked.client(WATCHER)
    path, children = staked.bottom(bad)
    number = watcher.disputes.ask_node(round_id, path)
    leaf = children.leaves[1]
    watcher.disputes.prove_wrong_leaf(round_id, path, children.hashes, 1, leaf)
    staked.client(staked.people[0]).disputes.answer_node(round_id, number, *staked.bottom(bad))
    watcher.disputes.close_question(round_id, number)
    watcher.stakes.collect()
    tree: Tree = staked.tree(round_id)
    staked.proposed(round_id, tree)
    watcher.disputes.ask_result(round_id, tree.path(0, 0), 1)


def settled(staked: StakedScenario, round_id: bytes) -> None:
    """A proposal is settled and some stakes are released."""
    staked.proposed(round_id, staked.tree(round_id))
    record = staked.owner.staked_rounds.record(round_id)
    assert record.standing is not None
    staked.clock.wait_until(record.standing.ends_at)
    staked.owner.staked_rounds.settle(round_id)
    for person in (staked.people[0], PROPOSER):
        staked.owner.staked_rounds.release(round_id, person.address)


def voided(staked: StakedScenario, round_id: bytes) -> None:
    """Nobody proposes; the pot goes back."""
    staked.clock.wait_until(staked.term(round_id, "proposal_deadline"))
    staked.owner.staked_rounds.void(round_id)
    staked.owner.weighted_payouts.refund(round_id)


def lapsed(staked: StakedScenario, round_id: bytes) -> None:
    """Nobody vouches for a proposal; another one is vouched for by one holder."""
    tree = staked.tree(round_id)
    staked.proposed(round_id, tree, certified=False)
    standing = staked.owner.staked_rounds.record(round_id).standing
    assert standing is not None
    staked.clock.wait_until(standing.certify_by)
    staked.owner.staked_rounds.lapse(round_id)
    staked.proposed(round_id, tree, certified=False)
    staked.client(staked.people[0]).availability.vouch_for_result(round_id)


def hidden(staked: StakedScenario, round_id: bytes) -> None:
    """In another round one update is not certified, and its stake burnt in the end."""
    other = staked.uncertified()
    for person in staked.people[:2]:
        held = [each.address for each in staked.people[:2]]
        staked.client(person).availability.vouch_for_updates(other, held)
    staked.owner.availability.certify_updates(other)
    settled(staked, other)
    staked.owner.staked_rounds.release(other, staked.people[2].address)


STORIES = [nothing, exits, slashed, rejected, settled, voided, lapsed, hidden]


def everybody(staked: StakedScenario) -> list[str]:
    """All accounts."""
    known = (*staked.people, PROPOSER, WATCHER, OWNER, STRANGER)
    return [person.address for person in known]


def vault_agrees(staked: StakedScenario, reader: RegistryClient) -> None:
    """Holds every stake, lock, controller and what is owed against the vault's views."""
    book, chain, token = reader.state().stakes, reader.connection.chain, staked.token
    assert {kind for _, kind in book.stakes} == {token}
    for account in everybody(staked):
        stake = book.of(account, token)
        assert chain.stake_vault.free_of(account, token).read() == stake.free
        assert chain.stake_vault.locked_of(account, token).read() == stake.locked
        assert chain.stake_vault.award_of(account, token).read() == stake.awarded
        exiting = (stake.exiting, stake.available_at)
        assert tuple(chain.stake_vault.exit_of(account, token).read()) == exiting
        locks = reader.stakes.locks(account)
        assert sum(locks.values()) == stake.locked
        for lock, amount in locks.items():
            place = (lock.controller, account, token, lock.lock_id)
            assert chain.stake_vault.lock_of(*place).read() == amount
        for controller in (*reader.stakes.offered_controllers().values(), STRANGER.address):
            named = controller in reader.stakes.controllers(account)
            assert chain.stake_vault.is_controller(account, controller).read() == named
    assert chain.stake_vault.owed(token).read() == book.owed(token)


def round_agrees(staked: StakedScenario, reader: RegistryClient, record: StakedRoundRecord) -> None:
    """Holds a round, its seats and its questions against the contracts' views."""
    chain, round_id = reader.connection.chain, record.round_id
    kept = chain.staked_rounds.staked_round_of(round_id).read()
    standing = record.standing
    assert (kept.sponsor, kept.model_id) == (record.sponsor, record.model_id)
    assert (kept.settled, kept.proposals) == (record.settled, len(record.proposals))
    assert kept.proposer == (standing.proposer if standing else ZERO_ADDRESS)
    assert kept.top_hash == record.top_hash
    assert kept.ends_at == (standing.ends_at if standing else 0)
    assert kept.slash_end == reader.staked_rounds.slash_end(round_id)
    assert kept.seats == len(record.seats)
    if record.proposals:
        assert kept.certify_by == record.proposals[-1].certify_by
    # The view refuses terms other than those that the round was opened with.
    told = chain.staked_rounds.status_of(round_id, record.stakes).read()
    assert told.top_hash == record.top_hash
    for account in everybody(staked):
        seat_agrees(reader, record, account)
    for proposal in record.proposals:
        waiting = len(record.open_questions(proposal.number))
        assert chain.questions.open_questions(round_id, proposal.number).read() == waiting
        withheld = chain.staked_rounds.is_withheld(round_id, proposal.number).read()
        assert withheld == proposal.withheld
    for question in record.questions:
        asked = chain.questions.question_of(round_id, question.number).read()
        assert asked == Question(
            asker=question.asker,
            deadline=question.deadline,
            kind=question.kind,
            proposal=question.proposal,
            open=question.state == QuestionState.OPEN,
            bond_held=question.bond_held,
            accountable=question.accountable,
            subject=question.subject,
            chunk=question.chunk,
        )


def seat_agrees(reader: RegistryClient, record: StakedRoundRecord, account: str) -> None:
    """Holds one account's seat against the contracts' views."""
    chain, round_id = reader.connection.chain, record.round_id
    seat = chain.staked_rounds.seat_of(round_id, account).read()
    left = account in record.released | set(record.slashed)
    assert (seat.state == PARTICIPANT) == (account in record.participants and not left)
    assert (seat.state == SLASHED) == (account in record.slashed)
    assert seat.burnt == (account in {*record.burnt, *record.slashed})
    if account in record.seats:
        assert seat.index == record.seats[account]
        held = chain.availability.is_certified(round_id, seat.index).read()
        assert held == record.is_certified(account)
    counted = {leaf.participant for leaf in reader.staked_rounds.counted(round_id)}
    # Who has been given its stake back has left its seat.
    seated = account in counted - record.released
    assert chain.staked_rounds.is_counted(round_id, account).read() == seated
    for bitmap in [record.vouched[account]] if account in record.vouched else []:
        digest = chain.availability.holdings_digest(round_id, bitmap).read()
        assert chain.availability.has_vouched(digest, account).read()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_fold_is_what_the_contracts_hold(
    staked: StakedScenario, round_id: bytes, story: RoundStep
) -> None:
    story(staked, round_id)
    reader = staked.client(None)
    vault_agrees(staked, reader)
    for record in reader.staked_rounds.of_model(staked.model):
        round_agrees(staked, reader, record)


@pytest.mark.parametrize("story", STORIES[1:], ids=lambda story: story.__name__)
def test_t1_what_a_re_org_removes_is_forgotten(
    staked: StakedScenario, round_id: bytes, story: RoundStep
) -> None:
    reader, gateway = staked.client(None), staked.place.gateway
    before = repr(reader.state())
    snapshot = gateway.request("evm_snapshot", [])
    story(staked, round_id)
    after = repr(reader.state())
    gateway.request("evm_revert", [snapshot])
    gateway.request("evm_mine", [])
    assert repr(reader.state()) == before != after


def test_what_became_of_proposals_and_questions_is_told(
    staked: StakedScenario, round_id: bytes
) -> None:
    rejected(staked, round_id)
    record = staked.owner.staked_rounds.record(round_id)
    first, second = record.proposals
    assert (first.standing, first.fault, first.challenger) == (
        ProposalStatus.REJECTED,
        "wrong leaf",
        WATCHER.address,
    )
    assert second == replace(second, standing=ProposalStatus.STANDING, fault="", number=2)
    assert [(q.state, q.proposal) for q in record.questions] == [
        (QuestionState.ANSWERED, 1),
        (QuestionState.OPEN, 2),
    ]
    assert [q.bond_held for q in record.questions] == [False, True]
    assert record.participants == {person.address: STAKE for person in staked.people}
    assert staked.client(WATCHER).stakes.of().locked == BOND


def test_events_of_others_change_nothing() -> None:
    state = RegistryState()
    other = Transfer(STRANGER.address, STRANGER.address, 1)
    state.apply(Log("Transfer", "RewardToken", ZERO_ADDRESS, 1, "0x", "0x", 0, other))
    assert state == RegistryState()
