// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IStakeFloors} from "../../contracts/interfaces/IStakeFloors.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {ChunkProof, Leaf, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// Terms under which nobody could propose, leave or ask, as sponsors have tried to set them: F-17's bounds, from either side.
contract TermTheftsTest is StakedFixture {
    uint256 private constant SEARCH = 8 * 6; // four questions a step, six steps, and twice their bonds

    function setUp() public {
        deployStaked();
    }

    function _refuses(RoundTerms memory t, bytes memory why) private {
        vm.prank(OWNER);
        vm.expectRevert(why);
        staked.openStaked(t, stakes, address(0), 0);
    }

    /// Three participants, whose updates everybody has, under the shortest proposal time that there is.
    function _hurried() private returns (RoundId id, RoundTerms memory t) {
        t = stakedTerms(2);
        t.proposalDeadline = t.revealDeadline + CERTIFY + 3 * ANSWER + CERTIFY + PROPOSAL;
        id = uncertifiedOf(t, 3, 3);
        certifyUpdates(id, 3);
    }

    /// One second to propose in would be none, where blocks come every twelve.
    function test_the_least_proposal_deadline_leaves_no_second_alone_to_propose_in() public {
        RoundTerms memory t = stakedTerms(2);
        uint64 needed = CERTIFY + 3 * ANSWER + CERTIFY + PROPOSAL;
        t.proposalDeadline = t.revealDeadline + needed - CERTIFY;
        _refuses(t, abi.encodeWithSelector(IStakeFloors.ProposalTimeTooShort.selector, needed, needed - CERTIFY));
    }

    function test_the_least_proposal_deadline_leaves_a_certify_window_to_propose_in() public {
        (RoundId id, RoundTerms memory t) = _hurried();
        Proposal memory right = proposalOf(nodeOver(leavesTo(3), sums(0, 3)));
        uint64 last = staked.stakedRoundOf(id).slashEnd + CERTIFY;
        same(last + PROPOSAL, t.proposalDeadline);
        vm.warp(last + 1);
        vm.prank(PROPOSER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakedRounds.NoTimeForDispute.selector, id, t.proposalDeadline, t.proposalDeadline + 1
            )
        );
        staked.propose(id, stakes, right);
        vm.warp(last);
        proposeUncertified(id, right);
        vm.warp(last + CERTIFY - 1); // the last second for its certificate
        certifyResult(id);
        vm.warp(staked.stakedRoundOf(id).endsAt);
        staked.settle(id, stakes, right);
        same(rounds.resultOf(id).accepted, 3);
    }

    function test_a_proposer_s_stake_that_nobody_has_is_refused() public {
        RoundTerms memory t = stakedTerms(2);
        uint256 most = SEARCH * STAKE;
        stakes.proposerStake = type(uint128).max;
        bytes4 large = IStakeFloors.StakeTooLarge.selector;
        _refuses(t, abi.encodeWithSelector(large, bytes32("proposer"), type(uint128).max, most));
        stakes.proposerStake = uint128(most + 1);
        _refuses(t, abi.encodeWithSelector(large, bytes32("proposer"), most + 1, most));
        stakes.proposerStake = uint128(most);
        RoundId id = proposable(3);
        proposeUncertified(id, proposalOf(nodeOver(leavesTo(3), sums(0, 3))));
        same(free(PROPOSER), FUNDS - most);
    }

    /// To hide an update would risk a wei, and to ask for it cost a hundred tokens, which the hider would get.
    function test_a_bond_far_above_the_stake_is_refused() public {
        RoundTerms memory t = stakedTerms(2);
        (stakes.participantStake, stakes.bond) = (1, 100 ether);
        stakes.proposerStake = uint128(SEARCH * 100 ether);
        bytes4 large = IStakeFloors.StakeTooLarge.selector;
        _refuses(t, abi.encodeWithSelector(large, bytes32("bond"), 100 ether, 1));
        (stakes.participantStake, stakes.bond) = (uint128(STAKE), uint128(STAKE + 1));
        stakes.proposerStake = uint128(SEARCH * (STAKE + 1));
        _refuses(t, abi.encodeWithSelector(large, bytes32("bond"), STAKE + 1, STAKE));
    }

    /// The largest bond is a participant's stake: one answer earns no more than one silence costs. Then one proposer's stake
    /// is the least and the most.
    function test_the_largest_bond_earns_no_more_than_silence_costs() public {
        RoundTerms memory t = stakedTerms(2);
        stakes.bond = uint128(STAKE);
        uint256 only = SEARCH * STAKE;
        stakes.proposerStake = uint128(only - 1);
        _refuses(t, abi.encodeWithSelector(IStakeFloors.StakeTooSmall.selector, bytes32("proposer"), only - 1, only));
        stakes.proposerStake = uint128(only + 1);
        _refuses(t, abi.encodeWithSelector(IStakeFloors.StakeTooLarge.selector, bytes32("proposer"), only + 1, only));
        stakes.proposerStake = uint128(only);
        RoundId id = revealed(3);
        Leaf memory hidden = leafOf(2);
        ChunkProof memory shown = VectorWriter.proof(vectorOf(2), BITS, 0);
        vm.startPrank(WATCHER);
        uint256 q = questions.askUpdate(id, stakes, hidden, 0);
        questions.askUpdate(id, stakes, hidden, 1);
        vm.stopPrank();
        questions.answerChunk(id, stakes, q, shown);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, q + 1);
        same(free(hidden.participant) + award(hidden.participant), FUNDS);
        same(free(WATCHER) + award(WATCHER), FUNDS - STAKE + STAKE / 2);
    }

    /// Whoever takes a seat would have its stake locked for as long as the deadlines say.
    function test_deadlines_in_a_hundred_years_lock_nobody_s_stake() public {
        RoundTerms memory t = stakedTerms(2);
        uint64 latest = uint64(block.timestamp) + 365 days;
        uint64 late = 36_500 days;
        (t.commitDeadline, t.revealDeadline) = (t.commitDeadline + late, t.revealDeadline + late);
        t.proposalDeadline += late;
        _refuses(
            t, abi.encodeWithSelector(ITrainingRoundsErrors.RevealDeadlineTooLate.selector, t.revealDeadline, latest)
        );
        t = stakedTerms(2);
        t.proposalDeadline += 365 days;
        (t.commitDeadline, t.revealDeadline) = (latest, latest + 1);
        _refuses(t, abi.encodeWithSelector(ITrainingRoundsErrors.RevealDeadlineTooLate.selector, latest + 1, latest));
        (t.commitDeadline, t.revealDeadline) = (latest - 1, latest);
        RoundId id = openStaked(t);
        lockStake(id, participantOf(0));
        // The longest that a seat can be locked: until the last reveal was due, when too few revealed.
        vm.warp(latest);
        rounds.voidRound(id);
        staked.releaseStake(id, participantOf(0), stakes);
        same(free(participantOf(0)), FUNDS);
    }
}
