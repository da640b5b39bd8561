// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IRewardPool} from "../../contracts/interfaces/IRewardPool.sol";
import {IStakeVault} from "../../contracts/interfaces/IStakeVault.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../../contracts/interfaces/ITrainingRounds.sol";
import {FeeToken, SilentToken} from "../../contracts/testing/HostileTokens.sol";
import {Node, Proposal, Rule, StakeTerms} from "../../contracts/types/DisputeTypes.sol";
import {Phase, Result, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// F-7: a staked round from its opening to its settlement, or to its refund.
contract StakedRoundsTest is StakedFixture {
    function setUp() public {
        deployStaked();
    }

    function _open(RoundTerms memory t, StakeTerms memory s) private returns (RoundId) {
        vm.startPrank(OWNER);
        token.approve(address(staked), BUDGET);
        return staked.openStaked(t, s);
    }

    function _refusesToOpen(RoundTerms memory t, StakeTerms memory s, bytes memory reason) private {
        vm.startPrank(OWNER);
        token.approve(address(staked), BUDGET);
        vm.expectRevert(reason);
        staked.openStaked(t, s);
        vm.stopPrank();
    }

    // --- opening ------------------------------------------------------------------------------

    function test_a_stranger_opens_nothing() public {
        RoundTerms memory t = stakedTerms(2);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotPublisherOf.selector, modelId, STRANGER));
        staked.openStaked(t, stakes);
    }

    function test_terms_that_leave_no_room_are_refused() public {
        RoundTerms memory t = stakedTerms(2);
        t.challengeWindow = 1;
        _refusesToOpen(t, stakes, abi.encodeWithSelector(IStakedRounds.ChallengeWindowNotZero.selector, 1));
        t = stakedTerms(2);
        t.proposalDeadline = t.revealDeadline + 3 * ANSWER + DISPUTE + ANSWER - 1;
        uint64 needed = 3 * ANSWER + DISPUTE + ANSWER;
        _refusesToOpen(
            t, stakes, abi.encodeWithSelector(IStakedRounds.ProposalTimeTooShort.selector, needed, needed - 1)
        );
        StakeTerms memory s = stakes;
        (s.answerWindow, s.disputeWindow) = (10, 29);
        bytes memory windows = abi.encodeWithSelector(IStakedRounds.InvalidWindows.selector, 10, 29);
        _refusesToOpen(stakedTerms(2), s, windows);
        (s.answerWindow, s.disputeWindow) = (0, 29);
        windows = abi.encodeWithSelector(IStakedRounds.InvalidWindows.selector, 0, 29);
        _refusesToOpen(stakedTerms(2), s, windows);
    }

    function test_terms_that_cannot_be_judged_are_refused() public {
        bytes memory invalid = abi.encodeWithSelector(IStakedRounds.InvalidStakeTerms.selector);
        StakeTerms memory s = stakes;
        s.vectorLength = 0;
        _refusesToOpen(stakedTerms(2), s, invalid);
        s = stakes;
        s.trim = 1; // the mean trims nothing
        _refusesToOpen(stakedTerms(2), s, invalid);
        s = stakes;
        s.rule = Rule.TrimmedMean; // of nothing
        _refusesToOpen(stakedTerms(2), s, invalid);
        s = stakes;
        s.disputes = STRANGER; // no contract
        _refusesToOpen(stakedTerms(2), s, invalid);
    }

    function test_t20_a_budget_that_arrives_short_is_refused() public {
        FeeToken paid = new FeeToken();
        RoundTerms memory t = stakedTerms(2);
        t.rewardToken = address(paid);
        vm.startPrank(OWNER);
        SilentToken(address(paid)).approve(address(staked), BUDGET);
        vm.expectRevert();
        staked.openStaked(t, stakes);
    }

    // --- enlisting ----------------------------------------------------------------------------

    function test_enlisting_locks_the_stake_once() public {
        RoundId id = _open(stakedTerms(2), stakes);
        vm.startPrank(WATCHER);
        staked.enlist(id, stakes);
        same(vault.lockedOf(WATCHER, address(token)), STAKE);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.AlreadyEnlisted.selector, id, WATCHER));
        staked.enlist(id, stakes);
    }

    function test_without_free_stake_nobody_enlists() public {
        RoundId id = _open(stakedTerms(2), stakes);
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotController.selector, STRANGER, address(staked)));
        staked.enlist(id, stakes);
        vault.setController(address(staked), true);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.InsufficientFree.selector, STRANGER, address(token), STAKE, 0)
        );
        staked.enlist(id, stakes);
    }

    function test_other_stake_terms_than_the_rounds_are_refused() public {
        RoundId id = _open(stakedTerms(2), stakes);
        StakeTerms memory s = stakes;
        s.participantStake = 1;
        vm.startPrank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.WrongTerms.selector, id));
        staked.enlist(id, s);
        RoundId other = RoundId.wrap(keccak256("other"));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.UnknownStakedRound.selector, other));
        staked.enlist(other, stakes);
    }

    function test_after_commits_nobody_enlists() public {
        RoundId id = revealed(2);
        vm.prank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.EnlistingClosed.selector, id, Phase.Proposal));
        staked.enlist(id, stakes);
    }

    // --- proposing ----------------------------------------------------------------------------

    function _top(uint256 count) private pure returns (Node memory) {
        return nodeOver(leavesTo(count), sums(0, count));
    }

    function test_nothing_is_proposed_before_strikes_end() public {
        RoundId id = revealed(2);
        Proposal memory made = proposalOf(_top(2));
        uint64 end = staked.stakedRoundOf(id).strikesEnd;
        vm.warp(end - 1);
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.StrikesNotOver.selector, id, end, end - 1));
        staked.propose(id, stakes, made);
    }

    function test_one_proposal_stands_at_a_time() public {
        RoundId id = proposable(2);
        Proposal memory made = propose(id, _top(2));
        vm.prank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.ProposalStands.selector, id, PROPOSER));
        staked.propose(id, stakes, made);
    }

    function test_too_late_for_a_dispute_is_too_late_to_propose() public {
        RoundId id = proposable(2);
        Proposal memory made = proposalOf(_top(2));
        uint64 deadline = staked.stakedRoundOf(id).proposalDeadline;
        vm.warp(deadline - DISPUTE - ANSWER + 1);
        vm.prank(PROPOSER);
        vm.expectRevert(
            abi.encodeWithSelector(IStakedRounds.NoTimeForDispute.selector, id, deadline, deadline - ANSWER + 1)
        );
        staked.propose(id, stakes, made);
    }

    function test_fewer_than_the_minimum_are_no_result() public {
        RoundId id = proposable(3);
        Proposal memory made = proposalOf(_top(1));
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.TooFewCounted.selector, id, 1, 2));
        staked.propose(id, stakes, made);
        made = proposalOf(_top(3));
        made.documentDigest = 0;
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.EmptyProposal.selector));
        staked.propose(id, stakes, made);
    }

    function test_nobody_proposes_past_this_contract() public {
        RoundId id = proposable(2);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRounds.NotCoordinator.selector, id, OWNER, address(staked)));
        rounds.proposeResult(id, Result(keccak256("r"), keccak256("v"), keccak256("d"), 2, 10));
    }

    // --- settling and releasing ---------------------------------------------------------------

    function test_settling_waits_for_the_window_and_wants_the_proposal() public {
        RoundId id = proposable(2);
        Proposal memory made = propose(id, _top(2));
        uint64 endsAt = staked.stakedRoundOf(id).endsAt;
        vm.expectRevert(
            abi.encodeWithSelector(IStakedRounds.DisputeWindowOpen.selector, id, endsAt, uint64(block.timestamp))
        );
        staked.settle(id, stakes, made);
        vm.warp(endsAt);
        made.versionDigest = keccak256("another");
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.WrongProposal.selector, id));
        staked.settle(id, stakes, made);
        made.versionDigest = keccak256("version");
        staked.settle(id, stakes, made);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NoProposal.selector, id));
        staked.settle(id, stakes, made);
    }

    function test_a_settled_proposal_posts_its_payouts() public {
        RoundId id = proposable(2);
        Proposal memory made = proposalOf(_top(2));
        (made.payoutRoot, made.payoutTotal, made.payoutDocument) = (keccak256("root"), BUDGET, keccak256("list"));
        vm.prank(PROPOSER);
        staked.propose(id, stakes, made);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        (uint64 activatesAt,) = distributor.rootOf(modelId, address(token), made.payoutRoot);
        same(activatesAt, block.timestamp + ACTIVATION_DELAY);
    }

    function test_payouts_above_the_funding_do_not_hold_the_result_up() public {
        RoundId id = proposable(2);
        Proposal memory made = proposalOf(_top(2));
        (made.payoutRoot, made.payoutTotal, made.payoutDocument) = (keccak256("root"), BUDGET + 1, keccak256("list"));
        vm.prank(PROPOSER);
        staked.propose(id, stakes, made);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        holds(rounds.phaseOf(id) == Phase.Finalised);
        (uint64 activatesAt,) = distributor.rootOf(modelId, address(token), made.payoutRoot);
        same(activatesAt, 0);
    }

    function test_locked_stake_stays_until_the_round_is_over() public {
        RoundId id = proposable(2);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.RoundNotOver.selector, id, Phase.Proposal));
        staked.releaseStake(id, participantOf(0), stakes);
        uint256 held = free(participantOf(0));
        vm.prank(participantOf(0));
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.InsufficientFree.selector, participantOf(0), address(token), held + 1, held
            )
        );
        vault.requestExit(address(token), held + 1);
    }

    function test_a_round_without_a_result_gives_everything_back() public {
        RoundId id = proposable(2);
        propose(id, _top(2));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NothingToRefund.selector, id));
        staked.refundSponsor(id);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        uint256 before = token.balanceOf(OWNER);
        staked.refundSponsor(id);
        same(token.balanceOf(OWNER) - before, BUDGET);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NothingToRefund.selector, id));
        staked.refundSponsor(id);
        staked.releaseStake(id, PROPOSER, stakes);
        staked.releaseStake(id, participantOf(1), stakes);
        same(free(PROPOSER), FUNDS);
        same(free(participantOf(1)), FUNDS);
    }

    function test_a_refund_that_a_stranger_fetched_is_still_the_sponsors() public {
        RoundId id = proposable(2);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        vm.prank(STRANGER);
        IRewardPool(address(pool)).withdrawRefund(address(rounds), id);
        uint256 before = token.balanceOf(OWNER);
        staked.refundSponsor(id);
        same(token.balanceOf(OWNER) - before, BUDGET);
    }
}
