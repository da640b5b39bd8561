// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IPayoutDistributor} from "../../contracts/interfaces/IPayoutDistributor.sol";
import {IRewardPool} from "../../contracts/interfaces/IRewardPool.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {ModelId} from "../../contracts/types/ModelTypes.sol";
import {Opening, Phase, Result, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {Fixture} from "./support/Fixture.sol";

/// What rounds, their budgets and payouts refuse, with what they say.
contract RoundRefusalsTest is Fixture {
    RoundId private id;
    RoundId private constant NONE = RoundId.wrap(bytes32(uint256(7)));
    uint64 private constant START = 1_800_000_000;
    bytes32[] private _empty;

    function setUp() public {
        deployAll();
        id = openRound(0, 1, 2);
    }

    function _committed(address who, uint256 seed) private {
        bytes32 commitment = rounds.commitmentFor(id, who, opening(seed, 5));
        vm.prank(who);
        rounds.enrol(id, _empty);
        vm.warp(START + 100);
        vm.prank(who);
        rounds.commit(id, commitment);
        vm.warp(START + 200);
    }

    function test_terms_that_do_not_fit_open_nothing() public {
        RoundTerms memory t = terms(0, 1, 2);
        vm.startPrank(OWNER);
        t.strategy = 0;
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.InvalidStrategy.selector));
        rounds.openRound(t);
        t = terms(0, 0, 2);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.InvalidParticipantRange.selector, 0, 2));
        rounds.openRound(t);
        t = terms(0, 3, 2);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.InvalidParticipantRange.selector, 3, 2));
        rounds.openRound(t);
        t = terms(0, 1, 2);
        t.baseVersion = 9;
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.BaseVersionNotActive.selector, modelId, 9));
        rounds.openRound(t);
        vm.stopPrank();
    }

    function test_a_round_that_there_is_not_takes_nothing() public {
        holds(rounds.phaseOf(NONE) == Phase.None);
        bytes memory unknown = abi.encodeWithSelector(ITrainingRoundsErrors.UnknownRound.selector, NONE);
        vm.expectRevert(unknown);
        rounds.enrol(NONE, _empty);
        vm.expectRevert(unknown);
        rounds.voidRound(NONE);
        vm.prank(OWNER);
        vm.expectRevert(unknown);
        rounds.commitBatch(NONE, keccak256("x"), 1, keccak256("d"));
    }

    function test_a_seat_is_taken_and_committed_once() public {
        vm.startPrank(HOSPITAL);
        rounds.enrol(id, _empty);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AlreadyEnrolled.selector, id, HOSPITAL));
        rounds.enrol(id, _empty);
        vm.warp(START + 100);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.InvalidCommitment.selector, bytes32(uint256(1))));
        rounds.commit(id, bytes32(uint256(1)));
        rounds.commit(id, keccak256("c"));
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AlreadyCommitted.selector, id, HOSPITAL));
        rounds.commit(id, keccak256("d"));
        vm.stopPrank();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotEnrolled.selector, id, STRANGER));
        rounds.commit(id, keccak256("c"));
    }

    function test_who_is_not_on_the_list_does_not_enrol() public {
        RoundTerms memory t = terms(0, 1, 2);
        t.allowListRoot = keccak256("list");
        vm.prank(OWNER);
        RoundId listed = rounds.openRound(t);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotOnAllowList.selector, listed, STRANGER));
        rounds.enrol(listed, _empty);
    }

    function test_a_weight_has_bounds() public {
        Opening memory heavy = opening(1, 1001);
        bytes32 commitment = rounds.commitmentFor(id, HOSPITAL, heavy);
        vm.startPrank(HOSPITAL);
        rounds.enrol(id, _empty);
        vm.warp(START + 100);
        rounds.commit(id, commitment);
        vm.stopPrank();
        vm.warp(START + 200);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.WeightOutOfRange.selector, 1001, 1000));
        rounds.reveal(id, HOSPITAL, heavy);
    }

    function test_batches_have_roots_counts_and_room() public {
        bytes32 root = keccak256("root");
        vm.startPrank(OWNER);
        bytes memory nothing = abi.encodeWithSelector(ITrainingRoundsErrors.EmptyBatch.selector);
        vm.expectRevert(nothing);
        rounds.commitBatch(id, root, 0, root);
        vm.expectRevert(nothing);
        rounds.commitBatch(id, 0, 1, root);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.RoundFull.selector, id, 2));
        rounds.commitBatch(id, root, 3, root);
        rounds.commitBatch(id, root, 2, root);
        bytes memory unknown = abi.encodeWithSelector(ITrainingRoundsErrors.UnknownBatch.selector, id, 5);
        vm.warp(block.timestamp + 200);
        vm.expectRevert(unknown);
        rounds.revealBatch(id, 5, root, 1, root);
        vm.expectRevert(nothing);
        rounds.revealBatch(id, 0, root, 0, root);
        vm.expectRevert(unknown);
        rounds.revealFromBatch(id, 5, HOSPITAL, opening(1, 5), 0, _empty);
        rounds.revealBatch(id, 0, root, 1, root);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.BatchAlreadyRevealed.selector, id, 0));
        rounds.revealBatch(id, 0, root, 1, root);
        vm.stopPrank();
        vm.warp(block.timestamp + 100);
        Phase phase = rounds.phaseOf(id);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.WrongPhase.selector, id, Phase.Commit, phase));
        rounds.commitBatch(id, root, 1, root);
    }

    function test_a_result_is_whole_in_time_and_final_after_its_window() public {
        _committed(HOSPITAL, 1);
        rounds.reveal(id, HOSPITAL, opening(1, 5));
        vm.startPrank(OWNER);
        Result memory r = result(1);
        r.versionDigest = 0;
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.EmptyResult.selector));
        rounds.proposeResult(id, r);
        r = result(2);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AcceptedOutOfRange.selector, 2, 1));
        rounds.proposeResult(id, r);
        rounds.proposeResult(id, result(1));
        uint64 endsAt = START + 250;
        vm.expectRevert(
            abi.encodeWithSelector(
                ITrainingRoundsErrors.ChallengeWindowOpen.selector, id, endsAt, uint64(block.timestamp)
            )
        );
        rounds.finalise(id);
        vm.stopPrank();
    }

    function test_a_result_after_its_deadline_is_too_late() public {
        _committed(HOSPITAL, 1);
        rounds.reveal(id, HOSPITAL, opening(1, 5));
        uint64 deadline = START + 400;
        vm.warp(deadline);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.ProposalTooLate.selector, id, deadline, deadline));
        rounds.proposeResult(id, result(1));
    }

    function test_a_result_below_the_minimum_is_refused() public {
        RoundId two = openRound(0, 2, 3);
        (id, two) = (two, id);
        _committed(HOSPITAL, 1);
        rounds.reveal(id, HOSPITAL, opening(1, 5));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AcceptedOutOfRange.selector, 1, 1));
        rounds.proposeResult(id, result(1));
    }

    function test_a_void_round_takes_no_result() public {
        _committed(HOSPITAL, 1);
        rounds.reveal(id, HOSPITAL, opening(1, 5));
        vm.warp(START + 400);
        rounds.voidRound(id);
        vm.prank(OWNER);
        vm.expectRevert(
            abi.encodeWithSelector(ITrainingRoundsErrors.WrongPhase.selector, id, Phase.Proposal, Phase.Voided)
        );
        rounds.proposeResult(id, result(1));
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.CannotVoid.selector, id, Phase.Voided));
        rounds.voidRound(id);
    }

    function test_an_update_that_was_not_revealed_does_not_count() public {
        _committed(HOSPITAL, 1);
        vm.warp(START + 300);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AcceptedOutOfRange.selector, 1, 0));
        rounds.proposeResult(id, result(1));
    }

    function test_a_final_round_is_funded_no_more_and_its_escrow_stays() public {
        RoundId paid = openRound(5 ether, 1, 1);
        (id, paid) = (paid, id);
        _committed(HOSPITAL, 1);
        rounds.reveal(id, HOSPITAL, opening(1, 5));
        vm.prank(OWNER);
        rounds.proposeResult(id, result(1));
        vm.warp(block.timestamp + 50);
        rounds.finalise(id);
        vm.prank(OWNER);
        token.transfer(address(pool), 7);
        vm.prank(address(rounds));
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.EscrowExists.selector, address(rounds), id));
        pool.escrow(id, address(token), STRANGER, 7);
        IRewardPool.Escrow memory kept = pool.escrowOf(address(rounds), id);
        same(kept.funder, OWNER);
        same(kept.amount, 5 ether);
        holds(kept.state == IRewardPool.EscrowState.Released);
    }

    function test_a_held_escrow_is_not_overwritten() public {
        RoundId paid = openRound(5 ether, 1, 1);
        vm.prank(OWNER);
        token.transfer(address(pool), 7);
        vm.prank(address(rounds));
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.EscrowExists.selector, address(rounds), paid));
        pool.escrow(paid, address(token), STRANGER, 7);
        same(pool.escrowOf(address(rounds), paid).funder, OWNER);
    }

    function test_an_escrow_is_made_once() public {
        vm.prank(OWNER);
        token.transfer(address(pool), 5);
        vm.startPrank(STRANGER);
        pool.escrow(id, address(token), STRANGER, 5);
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.EscrowExists.selector, STRANGER, id));
        pool.escrow(id, address(token), STRANGER, 0);
        vm.stopPrank();
    }

    function test_a_payout_root_is_of_something_and_paid_once() public {
        address coin = address(token);
        bytes32 root = payoutLeaf(HOSPITAL, 5);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.ZeroAmount.selector));
        distributor.fund(modelId, coin, 0);
        token.approve(address(distributor), 5);
        distributor.fund(modelId, coin, 5);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.ZeroRoot.selector));
        distributor.postRoot(modelId, coin, 0, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.RootNotCurrent.selector, root, bytes32(0)));
        distributor.claim(modelId, coin, root, HOSPITAL, 5, _empty);
        distributor.postRoot(modelId, coin, root, 5, 0);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        distributor.claim(modelId, coin, root, HOSPITAL, 5, _empty);
        distributor.announceSweep(modelId, coin);
        vm.warp(block.timestamp + CLAIM_PERIOD);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.ZeroAmount.selector));
        distributor.sweep(modelId, coin, OWNER);
        vm.stopPrank();
        same(distributor.claimedOf(modelId, coin, HOSPITAL), 5);
    }

    function test_views_tell_what_was_kept() public {
        same(RoundId.unwrap(rounds.roundIdOf(modelId, 1)), RoundId.unwrap(id));
        same(rounds.termsHashOf(id), keccak256(abi.encode(_first())));
        vm.prank(HOSPITAL);
        rounds.enrol(id, _empty);
        holds(rounds.isEnrolled(id, HOSPITAL) && !rounds.isEnrolled(id, STRANGER));
        bytes32 root = keccak256("root");
        vm.prank(OWNER);
        rounds.commitBatch(id, root, 1, root);
        same(rounds.batchOf(id, 0).root, root);
        same(rounds.batchOf(id, 0).revealRoot, 0);
        same(rounds.batchOf(id, 0).count, 1);
    }

    function _first() private view returns (RoundTerms memory t) {
        t = terms(0, 1, 2);
    }

    function test_nobody_commits_for_another_without_its_signature() public {
        vm.prank(HOSPITAL);
        rounds.enrol(id, _empty);
        vm.warp(START + 100);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.InvalidSignature.selector, id, HOSPITAL));
        rounds.commitFor(id, HOSPITAL, keccak256("c"), new bytes(65));
    }
}
