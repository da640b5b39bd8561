"""openStaked … settle, pay: a round under stake as whoever calls the contracts by brownie runs it

given a model whose publisher is StakedRounds, and three participants with stake
  when they lock stakes, commit and reveal: their stakes are locked, and nothing counts yet
  when two vouch for all updates: a certificate makes them count
  when a stranger with stake proposes the sums, and two vouch for them: disputes begin
  when nobody disputes: anyone settles, the pot is paid by weight, and every stake comes back
given a proposal of a wrong sum
  when its proof isn't announced: it reverts NotAnnounced
  when it is: half of the proposer's stake is awarded to whom the proof names, the rest is burnt
given a proposal that nobody lays open
  when a question about it isn't answered: the proposer and who vouched for it lose their stakes
given anybody else
  when they reject, slash, burn or certify: it reverts NotAuthorized
"""

from dataclasses import astuple, dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from brownie import (
    AggregationJudge,
    Availability,
    Disputes,
    Evaluations,
    HiddenRounds,
    Questions,
    StakedRounds,
    StakeFloors,
    StakeVault,
    SumJudge,
    TermsRules,
    TrainingRounds,
    VersionJudge,
    WeightedPayouts,
    chain,
)
from conftest import ZERO, reach, refused, word
from eth_utils import keccak

from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.stake_terms import AggregationRule, ChunkProof, Proposal, StakeTerms
from registry.fraud_proofs.trees import Path, Tree
from trainer.vectors.vector_roots import chunk_bytes, chunk_proof, vector_root

NOBODY = "0x" + "00" * 20
BURNT = "0x000000000000000000000000000000000000dEaD"
# Text that is empty brownie sends as a zero byte; an empty signature says that its holder vouched.
UNSIGNED = [b"", b""]
LENGTH, STAKE, BOND, BUDGET = 300, 1000, 50, 9000
CERTIFY, ANSWER, DISPUTE = 100, 100, 900
WEIGHTS = (1, 3, 5)


def vector(index: int) -> np.ndarray:
    """A participant's update."""
    return ((np.arange(LENGTH) * (index + 3)) % 201 - 100).astype(np.int16)


def proof_of(values: np.ndarray, bits: int, chunk: int) -> tuple:
    """A chunk with what proves it."""
    siblings = tuple(chunk_proof(values, bits, chunk))
    return astuple(ChunkProof(chunk_bytes(values, bits, chunk), siblings))


@pytest.fixture(scope="module")
def house(registry, pool, forfeits, stop, tokens, token, model, roles):
    """A deployment under stake. Its contracts name each other, so addresses are foreseen."""
    by = {"from": roles.owner}
    judge, version_judge = AggregationJudge.deploy(by), VersionJudge.deploy(by)
    at = [roles.owner.get_deployment_address(roles.owner.nonce + i) for i in range(12)]
    rules = TermsRules.deploy(at[4], 1, by)
    rounds = TrainingRounds.deploy(registry, pool, forfeits, rules, stop, at[4], at[10], by)
    vault = StakeVault.deploy(tokens, 3600, [at[4], at[6], at[7]], by)
    StakeFloors.deploy(tokens, at[7], 1, 1, by)
    judges = (at[5], at[6], at[7], at[8], at[3])
    staked = StakedRounds.deploy(registry, rounds, vault, at[9], stop, judges, (NOBODY, 0), by)
    disputes = Disputes.deploy(staked, judge, version_judge, at[11], by)
    questions = Questions.deploy(staked, vault, at[10], by)
    Evaluations.deploy(staked, vault, by)
    availability = Availability.deploy(staked, rounds, by)
    pots = WeightedPayouts.deploy(staked, rounds, tokens, by)
    hidden = HiddenRounds.deploy(rounds, staked, questions, by)
    sum_judge = SumJudge.deploy(hidden, by)
    assert [str(c) for c in (staked, pots, hidden, sum_judge)] == [at[i] for i in (4, 9, 10, 11)]
    registry.addPublisher(model, staked, by)
    return SimpleNamespace(
        rounds=rounds, vault=vault, staked=staked, disputes=disputes, questions=questions,
        availability=availability, pots=pots,
    )  # fmt: skip


@dataclass
class Play:
    """A round and who plays it."""

    house: Any
    token: Any
    roles: Any
    stakes: StakeTerms
    people: list[Any]
    round_id: str = ZERO

    @property
    def stake_words(self) -> tuple:
        """The stake terms as brownie takes them."""
        return astuple(self.stakes)

    def free(self, who: Any) -> int:
        """What an account's stake has free."""
        return self.house.vault.freeOf(who, self.token)

    def opening(self, index: int) -> tuple:
        """What a participant commits to and reveals."""
        return vector_root(vector(index), 16), word(90 + index), WEIGHTS[index], word(70 + index)

    def leaves(self) -> list[RevealedUpdate]:
        """What was revealed, by ascending address."""
        return [
            RevealedUpdate(
                str(who), self.opening(i)[0], bytes.fromhex(word(90 + i)[2:]), WEIGHTS[i]
            )
            for i, who in enumerate(self.people)
        ]

    def sums(self) -> np.ndarray:
        """The right numerators."""
        return sum(vector(i).astype(np.int64) * WEIGHTS[i] for i in range(3))

    def tree(self, sums: np.ndarray) -> Tree:
        """The tree over all, with such sums."""
        return Tree.build(self.leaves(), lambda *at: vector_root(sums, 64))

    def certified(self) -> None:
        """All lock stakes, commit and reveal; two vouch for everybody's update."""
        rounds, staked = self.house.rounds, self.house.staked
        for who in self.people:
            staked.lockStake(self.round_id, self.stake_words, [], {"from": who})
        reach(rounds.roundOf(self.round_id)["enrolmentDeadline"])
        for index, who in enumerate(self.people):
            made = rounds.commitmentFor(self.round_id, who, self.opening(index))
            rounds.commit(self.round_id, made, {"from": who})
        reach(rounds.roundOf(self.round_id)["commitDeadline"])
        for index, who in enumerate(self.people):
            rounds.reveal(self.round_id, who, self.opening(index), {"from": who})
        reach(rounds.roundOf(self.round_id)["revealDeadline"])

    def vouched(self) -> None:
        """Two say that they hold everything, and anyone hands that in."""
        availability, two = self.house.availability, self.people[:2]
        for who in two:
            availability.vouchForUpdates(self.round_id, self.stake_words, [7], {"from": who})
        made = self.round_id, self.stake_words, two, [[7], [7]], UNSIGNED
        availability.certifyUpdates(*made, {"from": self.roles.stranger})
        reach(self.house.staked.stakedRoundOf(self.round_id)["slashEnd"])

    def proposed(self, tree: Tree) -> tuple:
        """The stranger proposes, and two vouch for that."""
        root = bytes.fromhex(word(5)[2:])
        zeros = bytes(32), 0, bytes(32)
        proposal = astuple(Proposal(tree.top, root, root, root, *zeros))
        by, two = {"from": self.roles.stranger}, self.people[:2]
        self.house.staked.propose(self.round_id, self.stake_words, proposal, by)
        for who in two:
            made = self.round_id, self.stake_words, 1
            self.house.availability.vouchForResult(*made, {"from": who})
        made = self.round_id, self.stake_words, 1, two, UNSIGNED
        self.house.availability.certifyResult(*made, by)
        return proposal


@pytest.fixture
def play(house, token, terms, roles, accounts):
    """A round that is open, with its budget in the pot, and everybody's stake in the vault."""
    people = sorted((roles.publisher, roles.hospital, roles.clinic), key=lambda a: int(str(a), 16))
    for who in (*people, roles.stranger, accounts[8]):
        token.approve(house.vault, 10 * STAKE, {"from": roles.owner})
        house.vault.depositFor(who, token, 10 * STAKE, {"from": roles.owner})
        for controller in (house.staked, house.questions):
            house.vault.setController(controller, True, {"from": who})
    stakes = StakeTerms(
        token=str(token), participant_stake=STAKE, proposer_stake=3 * STAKE, bond=BOND,
        vector_length=LENGTH, rule=AggregationRule.MEAN, trim=0, certify_window=CERTIFY,
        answer_window=ANSWER, dispute_window=DISPUTE, quorum=2, committee=bytes(32),
        panel=bytes(32), precision=32, base_root=bytes.fromhex(word(4)[2:]),
    )  # fmt: skip
    made = Play(house, token, roles, stakes, people)
    wanted = terms(
        proposalDeadline=chain[-1].timestamp + 20_000, challengeWindow=0, minimumParticipants=2,
        maximumParticipants=3, rewardToken=NOBODY, rewardBudget=0, forfeit=0,
    )  # fmt: skip
    token.approve(house.staked, BUDGET, {"from": roles.owner})
    opened = house.staked.openStaked(wanted, made.stake_words, token, BUDGET, {"from": roles.owner})
    made.round_id = str(opened.events["StakedRoundOpened"]["roundId"])
    return made


def test_a_right_result_is_settled_and_paid_by_weight(play, token, roles):
    play.certified()
    assert [play.free(who) for who in play.people] == [9 * STAKE] * 3
    assert not any(play.house.staked.isCounted(play.round_id, who) for who in play.people)
    play.vouched()
    assert all(play.house.staked.isCounted(play.round_id, who) for who in play.people)
    tree = play.tree(play.sums())
    proposal = play.proposed(tree)
    reach(play.house.staked.stakedRoundOf(play.round_id)["endsAt"])
    anyone = {"from": roles.owner}
    play.house.staked.settle(play.round_id, play.stake_words, proposal, anyone)
    leaves = astuple(tree.children(0, 0))[0]
    group = astuple(Path.of(tree.top)), leaves, 2**32 - 1
    play.house.pots.pay(play.round_id, token, proposal, group, anyone)
    assert [token.balanceOf(who) for who in play.people] == [1000, 3000, 5000]
    for who in (*play.people, roles.stranger):
        play.house.staked.releaseStake(play.round_id, who, play.stake_words, anyone)
        assert play.free(who) == 10 * STAKE


def test_a_wrong_sum_is_announced_and_proved(play, token, roles, accounts):
    play.certified()
    play.vouched()
    wrong, watcher = play.sums(), accounts[8]
    wrong[299] += 1
    tree = play.tree(wrong)
    play.proposed(tree)
    inputs = [proof_of(vector(i), 16, 1) for i in range(3)]
    made = (
        play.round_id, play.stake_words, astuple(Path.of(tree.top)),
        astuple(tree.children(0, 0)), 1, inputs, proof_of(wrong, 64, 1), watcher,
    )  # fmt: skip
    call = play.house.disputes.proveWrongChunk.encode_input(*made)
    digest = "0x" + keccak(hexstr=call).hex()
    with refused("NotAnnounced", digest):
        play.house.disputes.proveWrongChunk(*made, {"from": watcher})
    play.house.disputes.announce(digest, {"from": watcher})
    play.house.disputes.proveWrongChunk(*made, {"from": watcher})
    assert play.house.vault.awardOf(watcher, token) == 3 * STAKE // 2
    assert play.house.vault.awardOf(BURNT, token) == 3 * STAKE - 3 * STAKE // 2
    assert play.free(roles.stranger) == 7 * STAKE


def test_silence_about_a_result_costs_the_proposer_and_who_vouched(play, token, accounts):
    play.certified()
    play.vouched()
    tree, watcher = play.tree(play.sums()), accounts[8]
    play.proposed(tree)
    asked = play.round_id, play.stake_words, astuple(Path.of(tree.top))
    play.house.questions.askNode(*asked, {"from": watcher})
    chain.sleep(ANSWER)
    play.house.questions.punishSilence(play.round_id, play.stake_words, 0, {"from": watcher})
    assert play.house.vault.awardOf(watcher, token) == 3 * STAKE // 2
    two = play.people[:2]
    for position in range(2):
        made = play.round_id, play.stake_words, 1, two, position
        play.house.availability.burnForResult(*made, {"from": watcher})
    assert [play.free(who) for who in play.people] == [9 * STAKE] * 3
    assert [play.house.vault.lockedOf(who, token) for who in play.people] == [0, 0, STAKE]


def test_nobody_but_the_deployments_modules_takes_a_stake(play, roles):
    play.certified()
    play.vouched()
    play.proposed(play.tree(play.sums()))
    staked, by = play.house.staked, {"from": roles.stranger}
    made, person = (play.round_id, play.stake_words), play.people[0]
    with refused("NotAuthorized", play.round_id, roles.stranger):
        staked.reject(*made, roles.stranger, word(1), by)
    with refused("NotAuthorized", play.round_id, roles.stranger):
        staked.slashParticipant(*made, person, roles.stranger, word(1), by)
    with refused("NotAuthorized", play.round_id, roles.stranger):
        staked.burn(*made, person, word(1), by)
    with refused("NotAuthorized", play.round_id, roles.stranger):
        staked.certifyProposal(*made, by)
    with refused("NotAuthorized", play.round_id, roles.stranger):
        staked.noteWithheld(play.round_id, 1, by)
