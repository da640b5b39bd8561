// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {Opening, Phase, Round, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {Fixture} from "./support/Fixture.sol";

/// R-1, R-2, R-6, L-1 and A-2: which terms open a round, and what ends a phase.
contract PhasesTest is Fixture {
    function setUp() public {
        deployAll();
    }

    function _opens(RoundTerms memory t) private returns (bool) {
        vm.prank(OWNER);
        try rounds.openRound(t) {
            return true;
        } catch {
            return false;
        }
    }

    function _refused(RoundTerms memory t, bytes memory reason) private {
        vm.prank(OWNER);
        vm.expectRevert(reason);
        rounds.openRound(t);
    }

    function testFuzz_L1_a_lattice_opens_exactly_when_the_rule_says_so(uint8 bits, int8 step, uint8 guard) public {
        bits = uint8(bytes1(bytes("\x08\x10\x20\x18")[bits % 4]));
        guard %= 20;
        RoundTerms memory t = terms(0, 1, 1);
        t.weightCap = 1; // at most 2^31, so A-2 holds
        (t.lattice.bits, t.lattice.stepExponent, t.lattice.guardBits) = (bits, step, guard);
        bool lawful = bits != 24 && guard <= 16 && uint256(bits) + guard <= 32 && step >= -60 && step <= 20;
        holds(_opens(t) == lawful);
    }

    function testFuzz_A2_weights_that_could_overflow_are_refused(uint64 cap, uint32 most, uint8 guard) public {
        RoundTerms memory t = terms(0, 1, 1 + most % 1_000_000);
        t.weightCap = 1 + cap % (1 << 40);
        t.lattice.guardBits = guard % 17;
        uint256 sum = uint256(t.weightCap) * t.maximumParticipants * 2 ** (15 + t.lattice.guardBits);
        holds(_opens(t) == (sum < 2 ** 62));
    }

    function test_A2_the_largest_sum_of_weights_that_is_taken_is_one_below_the_bound() public {
        RoundTerms memory t = terms(0, 1, 3);
        t.lattice.bits = 32;
        t.lattice.guardBits = 0;
        uint64 most = uint64((uint256(1) << 31) - 1) / 3; // 3 · most · 2^31 is the last below 2^62
        t.weightCap = most;
        holds(_opens(t));
        t.weightCap = most + 1;
        _refused(t, abi.encodeWithSelector(ITrainingRoundsErrors.WeightsTooLarge.selector, most + 1, 3));
        t = terms(0, 1, 1);
        t.lattice.bits = 32;
        t.lattice.guardBits = 0;
        t.weightCap = 1 << 31; // exactly 2^62
        _refused(t, abi.encodeWithSelector(ITrainingRoundsErrors.WeightsTooLarge.selector, 1 << 31, 1));
        t.weightCap -= 1;
        holds(_opens(t));
        t.weightCap = 0;
        _refused(t, abi.encodeWithSelector(ITrainingRoundsErrors.WeightsTooLarge.selector, 0, 1));
    }

    function testFuzz_R2_deadlines_have_to_ascend(uint64[4] memory deadlines) public {
        RoundTerms memory t = terms(0, 1, 1);
        for (uint256 i = 0; i < 4; ++i) {
            deadlines[i] = uint64(block.timestamp) + deadlines[i] % 8;
        }
        (t.enrolmentDeadline, t.commitDeadline, t.revealDeadline, t.proposalDeadline) =
        (deadlines[0], deadlines[1], deadlines[2], deadlines[3]);
        bool ascending = deadlines[0] > block.timestamp && deadlines[1] > deadlines[0] && deadlines[2] > deadlines[1]
            && deadlines[3] > deadlines[2];
        holds(_opens(t) == ascending);
    }

    function testFuzz_R2_a_round_that_nobody_joins_walks_by_its_deadlines(uint16 later) public {
        RoundId id = openRound(0, 1, 2);
        Round memory r = rounds.roundOf(id);
        vm.warp(block.timestamp + later % 500);
        Phase expected = Phase.Proposal;
        if (block.timestamp < r.revealDeadline) expected = Phase.Reveal;
        if (block.timestamp < r.commitDeadline) expected = Phase.Commit;
        if (block.timestamp < r.enrolmentDeadline) expected = Phase.Enrolment;
        holds(rounds.phaseOf(id) == expected);
        bool may = block.timestamp >= r.revealDeadline; // R-6: below the minimum
        vm.prank(STRANGER);
        if (!may) vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.CannotVoid.selector, id, expected));
        rounds.voidRound(id);
        holds(rounds.phaseOf(id) == (may ? Phase.Voided : expected));
    }

    function test_R2_every_phase_ends_early_once_nothing_can_be_added() public {
        RoundId id = openRound(0, 1, 2);
        _enrolled(id, HOSPITAL);
        holds(rounds.phaseOf(id) == Phase.Enrolment);
        _enrolled(id, STRANGER);
        holds(rounds.phaseOf(id) == Phase.Commit);
        _commits(id, HOSPITAL, opening(1, 10));
        holds(rounds.phaseOf(id) == Phase.Commit);
        _commits(id, STRANGER, opening(2, 10));
        holds(rounds.phaseOf(id) == Phase.Reveal);
        rounds.reveal(id, HOSPITAL, opening(1, 10));
        holds(rounds.phaseOf(id) == Phase.Reveal);
        rounds.reveal(id, STRANGER, opening(2, 10));
        holds(rounds.phaseOf(id) == Phase.Proposal);
    }

    function test_R2_what_a_coordinator_says_of_batches_ends_no_phase() public {
        RoundId id = openRound(0, 1, 3);
        Round memory r = rounds.roundOf(id);
        _enrolled(id, HOSPITAL);
        vm.prank(OWNER);
        rounds.commitBatch(id, "root", 2, "document");
        holds(rounds.phaseOf(id) == Phase.Enrolment);
        vm.warp(r.enrolmentDeadline);
        _commits(id, HOSPITAL, opening(1, 10));
        holds(rounds.phaseOf(id) == Phase.Commit);
        vm.warp(r.commitDeadline);
        rounds.reveal(id, HOSPITAL, opening(1, 10));
        vm.prank(OWNER);
        rounds.revealBatch(id, 0, "reveals", 2, "document");
        holds(rounds.phaseOf(id) == Phase.Reveal);
        vm.warp(r.revealDeadline);
        holds(rounds.phaseOf(id) == Phase.Proposal);
    }

    function test_R6_a_round_whose_reveals_are_all_in_and_too_few_is_void_at_once() public {
        RoundId id = openRound(5 ether, 2, 3);
        Round memory r = rounds.roundOf(id);
        _enrolled(id, HOSPITAL);
        vm.warp(r.enrolmentDeadline);
        _commits(id, HOSPITAL, opening(1, 10));
        vm.warp(r.commitDeadline);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.CannotVoid.selector, id, Phase.Reveal));
        rounds.voidRound(id);
        rounds.reveal(id, HOSPITAL, opening(1, 10));
        holds(block.timestamp < r.revealDeadline);
        vm.prank(STRANGER);
        rounds.voidRound(id);
        holds(rounds.phaseOf(id) == Phase.Voided);
    }

    function test_R6_a_round_with_enough_reveals_is_void_at_the_proposal_deadline_and_not_before() public {
        RoundId id = openRound(0, 1, 1);
        Round memory r = rounds.roundOf(id);
        _enrolled(id, HOSPITAL);
        _commits(id, HOSPITAL, opening(1, 10));
        rounds.reveal(id, HOSPITAL, opening(1, 10));
        vm.warp(r.proposalDeadline - 1);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.CannotVoid.selector, id, Phase.Proposal));
        rounds.voidRound(id);
        vm.warp(r.proposalDeadline);
        rounds.voidRound(id);
        holds(rounds.phaseOf(id) == Phase.Voided);
    }

    function _enrolled(RoundId id, address who) private {
        vm.prank(who);
        rounds.enrol(id, new bytes32[](0));
    }

    function _commits(RoundId id, address who, Opening memory o) private {
        bytes32 commitment = rounds.commitmentFor(id, who, o);
        vm.prank(who);
        rounds.commit(id, commitment);
    }

    function test_T34_terms_that_could_lock_a_budget_are_refused_when_the_round_opens() public {
        RoundTerms memory t = terms(uint256(type(uint112).max) + 1, 1, 1);
        _refused(t, abi.encodeWithSelector(ITrainingRoundsErrors.InvalidBudget.selector, token, t.rewardBudget));
        t = terms(0, 1, 1);
        t.challengeWindow = 365 days + 1;
        _refused(
            t, abi.encodeWithSelector(ITrainingRoundsErrors.ChallengeWindowTooLong.selector, 365 days + 1, 365 days)
        );
        t = terms(0, 1, 1);
        t.proposalDeadline = t.revealDeadline + 180 days + 1;
        _refused(
            t,
            abi.encodeWithSelector(
                ITrainingRoundsErrors.ProposalDeadlineTooLate.selector, t.proposalDeadline, t.proposalDeadline - 1
            )
        );
        t.proposalDeadline -= 1;
        holds(_opens(t));
        t = terms(0, 1, 1);
        t.revealDeadline = uint64(block.timestamp) + 365 days + 1;
        t.proposalDeadline = t.revealDeadline + 180 days;
        _refused(
            t,
            abi.encodeWithSelector(
                ITrainingRoundsErrors.RevealDeadlineTooLate.selector, t.revealDeadline, t.revealDeadline - 1
            )
        );
        t.revealDeadline -= 1;
        t.proposalDeadline -= 1;
        holds(_opens(t));
        t = terms(0, 1, 1);
        t.rewardToken = address(token);
        _refused(t, abi.encodeWithSelector(ITrainingRoundsErrors.InvalidBudget.selector, token, 0));
    }

    function test_T22_a_transfer_ends_the_roles_that_were_given_while_a_round_is_open() public {
        vm.prank(OWNER);
        registry.addPublisher(modelId, PUBLISHER);
        vm.prank(PUBLISHER);
        RoundId id = rounds.openRound(terms(0, 1, 1));
        vm.prank(OWNER);
        registry.transferModel(modelId, STRANGER);
        vm.prank(STRANGER);
        registry.acceptModel(modelId);
        holds(!registry.isPublisher(modelId, PUBLISHER));
        vm.prank(PUBLISHER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotPublisherOf.selector, modelId, PUBLISHER));
        rounds.openRound(terms(0, 1, 1));
        _enrolled(id, HOSPITAL);
        _commits(id, HOSPITAL, opening(1, 10));
        rounds.reveal(id, HOSPITAL, opening(1, 10));
        vm.prank(STRANGER); // its owner now, and still not the coordinator of this round
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotCoordinator.selector, id, STRANGER, PUBLISHER));
        rounds.proposeResult(id, result(1));
        vm.prank(PUBLISHER);
        rounds.proposeResult(id, result(1));
    }

    function test_T22_an_open_round_goes_on_when_its_model_changes_hands() public {
        RoundId id = openRound(5 ether, 1, 1);
        vm.prank(OWNER);
        registry.transferModel(modelId, PUBLISHER);
        vm.prank(PUBLISHER);
        registry.acceptModel(modelId);
        Opening memory o = opening(1, 10);
        bytes32 commitment = rounds.commitmentFor(id, HOSPITAL, o);
        vm.startPrank(HOSPITAL);
        rounds.enrol(id, new bytes32[](0));
        rounds.commit(id, commitment);
        rounds.reveal(id, HOSPITAL, o);
        vm.startPrank(OWNER);
        rounds.proposeResult(id, result(1));
        vm.stopPrank();
        vm.warp(block.timestamp + 50);
        rounds.finalise(id);
        same(distributor.distributionOf(modelId, address(token)).funded, 5 ether);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotPublisherOf.selector, modelId, OWNER));
        rounds.openRound(terms(0, 1, 1));
    }
}
