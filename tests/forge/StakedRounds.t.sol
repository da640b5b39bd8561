// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "../../contracts/interfaces/IEmergencyStop.sol";
import {IStakeVault} from "../../contracts/interfaces/IStakeVault.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {FeeToken, SilentToken} from "../../contracts/testing/HostileTokens.sol";
import {Leaf, Node, Proposal, StakeTerms} from "../../contracts/types/DisputeTypes.sol";
import {Content, VersionId} from "../../contracts/types/ModelTypes.sol";
import {Phase, Result, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// F-7: a staked round from its opening to its settlement, or to its refund.
contract StakedRoundsTest is StakedFixture {
    function setUp() public {
        deployStaked();
    }

    function _open(RoundTerms memory t, StakeTerms memory s) private returns (RoundId) {
        vm.prank(OWNER);
        return staked.openStaked(t, s, address(0), 0);
    }

    // --- opening ------------------------------------------------------------------------------

    function test_a_stranger_opens_nothing() public {
        RoundTerms memory t = stakedTerms(2);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotPublisherOf.selector, modelId, STRANGER));
        staked.openStaked(t, stakes, address(0), 0);
    }

    function test_a_budget_fills_the_rounds_pot_and_is_the_sponsors() public {
        RoundId id = openStaked(stakedTerms(2));
        same(pots.potOf(id, address(token)).amount, BUDGET);
        same(pots.fundedBy(id, address(token), OWNER), BUDGET);
        same(token.balanceOf(address(staked)), 0);
    }

    function test_t20_a_budget_that_arrives_short_is_refused() public {
        FeeToken paid = new FeeToken();
        tokens.allow(address(paid), 1);
        RoundTerms memory t = stakedTerms(2);
        SilentToken(address(paid)).transfer(OWNER, 2 * BUDGET);
        vm.startPrank(OWNER);
        SilentToken(address(paid)).approve(address(staked), BUDGET);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakedRounds.BudgetNotReceived.selector, address(paid), BUDGET, BUDGET - BUDGET / 100
            )
        );
        staked.openStaked(t, stakes, address(paid), BUDGET);
    }

    // --- locking stake ------------------------------------------------------------------------

    function test_a_stake_is_locked_once() public {
        RoundId id = _open(stakedTerms(2), stakes);
        vm.startPrank(WATCHER);
        staked.lockStake(id, stakes, new bytes32[](0));
        same(vault.lockedOf(WATCHER, address(token)), STAKE);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.StakeAlreadyLocked.selector, id, WATCHER));
        staked.lockStake(id, stakes, new bytes32[](0));
    }

    function test_without_free_stake_nobody_locks_any() public {
        RoundId id = _open(stakedTerms(2), stakes);
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotController.selector, STRANGER, address(staked)));
        staked.lockStake(id, stakes, new bytes32[](0));
        vault.setController(address(staked), true);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.InsufficientFree.selector, STRANGER, address(token), STAKE, 0)
        );
        staked.lockStake(id, stakes, new bytes32[](0));
    }

    function test_other_stake_terms_than_the_rounds_are_refused() public {
        RoundId id = _open(stakedTerms(2), stakes);
        StakeTerms memory s = stakes;
        s.participantStake = 1;
        vm.startPrank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.WrongTerms.selector, id));
        staked.lockStake(id, s, new bytes32[](0));
        RoundId other = RoundId.wrap(keccak256("other"));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.UnknownStakedRound.selector, other));
        staked.lockStake(other, stakes, new bytes32[](0));
    }

    function test_after_enrolment_nobody_locks_stake() public {
        RoundId id = revealed(2);
        vm.prank(WATCHER);
        vm.expectRevert(
            abi.encodeWithSelector(ITrainingRoundsErrors.WrongPhase.selector, id, Phase.Enrolment, Phase.Proposal)
        );
        staked.lockStake(id, stakes, new bytes32[](0));
    }

    /// Whoever has no stake takes no seat: nobody fills a round, and locks honest stakes, for free.
    function test_seats_are_taken_under_stake_alone() public {
        RoundId id = openStaked(stakedTerms(2));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.EnrolmentUnderStake.selector, id));
        rounds.enrol(id, new bytes32[](0));
        lockStake(id, participantOf(0));
        holds(rounds.isEnrolled(id, participantOf(0)));
    }

    // --- proposing ----------------------------------------------------------------------------

    function _top(uint256 count) private pure returns (Node memory) {
        return nodeOver(leavesTo(count), sums(0, count));
    }

    function test_nothing_is_proposed_before_slashing_ends() public {
        RoundId id = revealed(2);
        Proposal memory made = proposalOf(_top(2));
        uint64 end = staked.stakedRoundOf(id).slashEnd;
        vm.warp(end - 1);
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.SlashingNotOver.selector, id, end, end - 1));
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
        vm.warp(deadline - PROPOSAL + 1);
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NoTimeForDispute.selector, id, deadline, deadline + 1));
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
        vm.expectRevert(
            abi.encodeWithSelector(ITrainingRoundsErrors.NotCoordinator.selector, id, OWNER, address(staked))
        );
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

    /// T-42: without a panel nothing is paid but by the weights of the settled tree.
    function test_t42_no_free_payout_root_can_be_proposed() public {
        RoundId id = proposable(2);
        Proposal memory made = proposalOf(_top(2));
        vm.startPrank(PROPOSER);
        bytes memory why = abi.encodeWithSelector(IStakedRounds.PayoutsWithoutPanel.selector);
        made.payoutRoot = keccak256("mine");
        vm.expectRevert(why);
        staked.propose(id, stakes, made);
        (made.payoutRoot, made.payoutTotal) = (0, 1);
        vm.expectRevert(why);
        staked.propose(id, stakes, made);
        (made.payoutTotal, made.payoutDocument) = (0, keccak256("mine"));
        vm.expectRevert(why);
        staked.propose(id, stakes, made);
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
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        uint256 before = token.balanceOf(OWNER);
        pots.refund(id, address(token), OWNER);
        same(token.balanceOf(OWNER) - before, BUDGET);
        staked.releaseStake(id, PROPOSER, stakes);
        staked.releaseStake(id, participantOf(1), stakes);
        same(free(PROPOSER), FUNDS);
        same(free(participantOf(1)), FUNDS);
    }

    /// Each proposal has a lock of its own: who proposes again after a rejection is freed of that one alone.
    function test_a_second_proposal_of_the_same_account_is_released_by_itself() public {
        RoundId id = proposable(3);
        Leaf[] memory two = leavesTo(2);
        Node memory top = nodeOver(two, sums(0, 2));
        propose(id, top);
        prove(
            abi.encodeCall(disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(two), participantOf(2), WATCHER))
        );
        Proposal memory made = propose(id, _top(3));
        vm.warp(staked.stakedRoundOf(id).endsAt);
        staked.settle(id, stakes, made);
        staked.releaseStake(id, PROPOSER, stakes);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NothingLocked.selector, id, PROPOSER));
        staked.releaseStake(id, PROPOSER, stakes);
    }

    function test_release_waits_for_the_end_of_proposals() public {
        RoundId id = revealed(2);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.RoundNotOver.selector, id, Phase.Proposal));
        staked.releaseStake(id, participantOf(0), stakes);
    }

    function test_nothing_is_proposed_in_a_voided_round() public {
        RoundId id = proposable(2);
        Proposal memory made = proposalOf(_top(2));
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        vm.prank(PROPOSER);
        vm.expectRevert();
        staked.propose(id, stakes, made);
    }

    function test_a_stopped_deployment_takes_no_proposal_and_lets_everybody_out() public {
        RoundId id = proposable(2);
        vm.prank(GUARDIAN);
        emergencyStop.freezeRound(id);
        Proposal memory made = proposalOf(_top(2));
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.RoundFrozen.selector, id));
        staked.propose(id, stakes, made);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        staked.releaseStake(id, participantOf(0), stakes);
        pots.refund(id, address(token), OWNER);
        same(free(participantOf(0)), FUNDS);
    }

    function test_a_frozen_token_opens_no_round_as_stake_or_budget() public {
        RoundTerms memory t = stakedTerms(2);
        bytes memory frozen = abi.encodeWithSelector(IEmergencyStop.TokenFrozen.selector, address(token));
        vm.prank(GUARDIAN);
        emergencyStop.freezeToken(address(token));
        vm.prank(OWNER);
        vm.expectRevert(frozen);
        staked.openStaked(t, stakes, address(0), 0);
        vm.prank(GUARDIAN);
        emergencyStop.resumeToken(address(token));
        FeeToken other = new FeeToken();
        vm.prank(GUARDIAN);
        emergencyStop.freezeToken(address(other));
        frozen = abi.encodeWithSelector(IEmergencyStop.TokenFrozen.selector, address(other));
        vm.prank(OWNER);
        vm.expectRevert(frozen);
        staked.openStaked(t, stakes, address(other), 1);
    }
}
