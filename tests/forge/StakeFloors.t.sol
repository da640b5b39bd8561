// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEvaluations} from "../../contracts/interfaces/IEvaluations.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakeFloors} from "../../contracts/interfaces/IStakeFloors.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {IUptimeFeed} from "../../contracts/interfaces/IUptimeFeed.sol";
import {ITokenList} from "../../contracts/interfaces/ITokenList.sol";
import {StakeRules} from "../../contracts/libraries/StakeRules.sol";
import {StakeFloors} from "../../contracts/stake/StakeFloors.sol";
import {AggregationRule, Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Uptime} from "../../contracts/types/ModuleTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// A sequencer that a test takes down and up.
contract Sequencer is IUptimeFeed {
    int256 private _down;
    uint256 private _since;

    function set(int256 down) external {
        (_down, _since) = (down, block.timestamp);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _down, _since, _since, 1);
    }
}

/// F-17, T-38: whoever opens a round chooses neither who may take stakes, nor that nobody has the time to answer.
contract StakeFloorsTest is StakedFixture {
    function setUp() public {
        deployStaked();
    }

    function _refused(bytes memory why) private {
        RoundTerms memory t = stakedTerms(2);
        vm.prank(OWNER);
        vm.expectRevert(why);
        staked.openStaked(t, stakes, address(0), 0);
    }

    function _short(bytes32 window, uint256 given, uint256 least) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStakeFloors.WindowTooShort.selector, window, given, least);
    }

    function _small(bytes32 stake, uint256 given, uint256 least) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStakeFloors.StakeTooSmall.selector, stake, given, least);
    }

    function test_t38_windows_have_floors_that_follow_from_chunks() public {
        floors = new StakeFloors(ITokenList(address(tokens)), IEvaluations(address(evaluations)), CERTIFY, ANSWER);
        RoundTerms memory t = stakedTerms(2);
        stakes.answerWindow = ANSWER - 1;
        vm.expectRevert(_short("answer", ANSWER - 1, ANSWER));
        floors.check(t, stakes);
        (stakes.answerWindow, stakes.certifyWindow) = (ANSWER, CERTIFY - 1);
        vm.expectRevert(_short("certify", CERTIFY - 1, CERTIFY));
        floors.check(t, stakes);
        stakes.certifyWindow = CERTIFY;
        // Four levels and a chunk, of two chunks one step: six steps, and three windows.
        stakes.disputeWindow = 9 * ANSWER - 1;
        vm.expectRevert(_short("dispute", 9 * ANSWER - 1, 9 * ANSWER));
        floors.check(t, stakes);
        stakes.disputeWindow = 9 * ANSWER;
        floors.check(t, stakes);
        // 390,625 chunks are nine steps more.
        (stakes.vectorLength, stakes.disputeWindow) = (1e8, 18 * ANSWER - 1);
        (stakes.bond, t.proposalDeadline) = (0.1 ether, t.proposalDeadline + 1 days);
        vm.expectRevert(_short("dispute", 18 * ANSWER - 1, 18 * ANSWER));
        floors.check(t, stakes);
        stakes.disputeWindow = 18 * ANSWER;
        floors.check(t, stakes);
    }

    function test_t38_windows_of_months_are_refused() public {
        stakes.answerWindow = 31 days;
        _refused(abi.encodeWithSelector(IStakeFloors.WindowTooLong.selector, bytes32("answer"), 31 days, 30 days));
        (stakes.answerWindow, stakes.certifyWindow) = (ANSWER, 31 days);
        _refused(abi.encodeWithSelector(IStakeFloors.WindowTooLong.selector, bytes32("certify"), 31 days, 30 days));
        (stakes.certifyWindow, stakes.disputeWindow) = (CERTIFY, 121 days);
        _refused(abi.encodeWithSelector(IStakeFloors.WindowTooLong.selector, bytes32("dispute"), 121 days, 120 days));
    }

    function test_t38_no_stake_and_no_bond_is_nothing() public {
        stakes.bond = 0;
        _refused(_small("bond", 0, 1));
        (stakes.bond, stakes.participantStake) = (uint128(BOND), 0);
        _refused(_small("participant", 0, 1));
        stakes.participantStake = uint128(STAKE);
        // Six steps of four questions: half of the stake pays for all their bonds.
        stakes.proposerStake = uint128(48 * BOND - 1);
        _refused(_small("proposer", 48 * BOND - 1, 48 * BOND));
        tokens.allow(address(token), BOND + 1);
        _refused(_small("bond", BOND, BOND + 1));
    }

    function test_terms_that_cannot_be_judged_are_refused() public {
        bytes4 invalid = IStakeFloors.InvalidStakeTerms.selector;
        stakes.vectorLength = 0;
        _refused(abi.encodeWithSelector(invalid, bytes32("vector length")));
        (stakes.vectorLength, stakes.trim) = (LENGTH, 1); // the mean trims nothing
        _refused(abi.encodeWithSelector(invalid, bytes32("trim")));
        (stakes.trim, stakes.rule) = (0, AggregationRule.TrimmedMean); // of nothing
        _refused(abi.encodeWithSelector(invalid, bytes32("trim")));
        (stakes.rule, stakes.committee) = (AggregationRule.Mean, keccak256("none"));
        _refused(abi.encodeWithSelector(invalid, bytes32("committee")));
        (stakes.committee, stakes.precision) = (0, 64);
        _refused(abi.encodeWithSelector(invalid, bytes32("precision")));
        (stakes.precision, stakes.baseRoot) = (16, 0);
        _refused(abi.encodeWithSelector(invalid, bytes32("base root")));
        (stakes.baseRoot, stakes.token) = (BASE_ROOT, STRANGER);
        _refused(abi.encodeWithSelector(invalid, bytes32("token")));
    }

    function test_a_quorum_of_one_and_of_more_than_there_may_be_is_refused() public {
        stakes.quorum = 1;
        _refused(abi.encodeWithSelector(IStakeFloors.QuorumOutOfRange.selector, 1, 2, 2));
        stakes.quorum = 3;
        _refused(abi.encodeWithSelector(IStakeFloors.QuorumOutOfRange.selector, 3, 2, 2));
    }

    function test_terms_leave_time_for_certificates_slashing_and_a_dispute() public {
        RoundTerms memory t = stakedTerms(2);
        // Certificates, slashing, a certify window to propose in, and the proposal.
        uint64 needed = CERTIFY + 3 * ANSWER + CERTIFY + PROPOSAL;
        t.proposalDeadline = t.revealDeadline + needed - 1;
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IStakeFloors.ProposalTimeTooShort.selector, needed, needed - 1));
        staked.openStaked(t, stakes, address(0), 0);
        t.proposalDeadline += 1;
        vm.prank(OWNER);
        staked.openStaked(t, stakes, address(0), 0);
    }

    function test_floors_are_made_with_values_that_make_sense() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeFloors.ZeroAddress.selector));
        new StakeFloors(ITokenList(address(0)), IEvaluations(address(evaluations)), 1, 1);
        vm.expectRevert(_short("certify", 0, 1));
        new StakeFloors(ITokenList(address(tokens)), IEvaluations(address(evaluations)), 0, 1);
        vm.expectRevert(_short("answer", 0, 1));
        new StakeFloors(ITokenList(address(tokens)), IEvaluations(address(evaluations)), 1, 0);
    }

    function test_steps_are_those_of_the_shared_table() public pure {
        uint256[2][7] memory table = [
            [uint256(1), 5],
            [uint256(256), 5],
            [uint256(257), 6],
            [uint256(1025), 7],
            [uint256(1e6), 11],
            [uint256(16_777_216), 13],
            [uint256(1e8), 15]
        ];
        for (uint256 i = 0; i < 7; ++i) {
            same(StakeRules.stepsOf(table[i][0]), table[i][1]);
        }
    }

    // --- outages ------------------------------------------------------------------------------

    function test_nothing_runs_out_while_the_sequencer_is_down_and_a_grace_after() public {
        Sequencer feed = new Sequencer();
        deployStakedWith(Uptime(address(feed), 50));
        feed.set(0);
        RoundId id = proposable(3);
        Leaf[] memory leaves = leavesTo(3);
        Node memory top = nodeOver(leaves, sums(0, 3));
        Proposal memory made = propose(id, top);
        vm.prank(WATCHER);
        uint256 question = questions.askNode(id, stakes, pathTo(top));
        feed.set(1);
        vm.warp(block.timestamp + ANSWER);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.InGrace.selector, type(uint64).max));
        questions.punishSilence(id, stakes, question);
        feed.set(0);
        uint64 until = uint64(block.timestamp) + 50;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.InGrace.selector, until));
        questions.punishSilence(id, stakes, question);
        questions.answerNode(id, stakes, question, pathTo(top), childrenOf(leaves)); // late, and in time
        vm.warp(staked.stakedRoundOf(id).endsAt);
        feed.set(0);
        // Disputes begin anew after the grace.
        uint64 again = uint64(block.timestamp) + 50 + DISPUTE;
        same(staked.statusOf(id, stakes).endsAt, again);
        vm.warp(again - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.DisputeWindowOpen.selector, id, again, again - 1));
        staked.settle(id, stakes, made);
        vm.warp(again);
        staked.settle(id, stakes, made);
    }
}
