// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {Phase, RevealLeaf, Round, RoundId} from "../../contracts/types/RoundTypes.sol";
import {BatchFixture} from "./support/BatchFixture.sol";

/// R-5: what a coordinator posts of batches takes nobody's seat and shuts nobody out.
contract BatchesTest is BatchFixture {
    function setUp() public {
        deployAll();
    }

    function _within(uint256 seats) private returns (RoundId id) {
        id = openRound(0, 1, uint32(seats));
    }

    function testFuzz_R5_every_leaf_of_a_batch_opens_once(uint8 which) public {
        RoundId id = _within(9);
        uint256 i = which % 4;
        postBatch(id, 4);
        vm.warp(rounds.roundOf(id).commitDeadline);
        revealOwn(id, 0, i);
        same(uint256(rounds.roundOf(id).batchRevealed), 1);
        same(rounds.revealOf(id, memberOf(i)), revealedHash(i));
        bytes32[] memory proof = proofOf(id, i);
        (address who, bytes32 signed) = (memberOf(i), keccak256(signatureOf(id, i)));
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AlreadyRevealed.selector, id, who));
        rounds.revealFromBatch(id, 0, who, openingOf(i), signed, proof);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotInBatch.selector, id, 0, STRANGER));
        rounds.revealFromBatch(id, 0, STRANGER, openingOf(i), signed, proof);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotInBatch.selector, id, 0, who));
        rounds.revealFromBatch(id, 0, who, openingOf(i), keccak256("another"), proof);
    }

    function test_a_coordinator_cannot_put_an_update_in_the_place_of_a_direct_commitment() public {
        RoundId id = _within(3);
        vm.prank(memberOf(0));
        rounds.enrol(id, new bytes32[](0));
        vm.warp(rounds.roundOf(id).enrolmentDeadline);
        bytes32 own = rounds.commitmentFor(id, memberOf(0), opening(77, 5));
        vm.prank(memberOf(0));
        rounds.commit(id, own);
        postBatch(id, 1); // of another update in the same name
        vm.warp(rounds.roundOf(id).commitDeadline);
        (address who, bytes32 signed) = (memberOf(0), keccak256(signatureOf(id, 0)));
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.SeatedDirectly.selector, id, who));
        rounds.revealFromBatch(id, 0, who, openingOf(0), signed, new bytes32[](0));
        rounds.reveal(id, memberOf(0), opening(77, 5));
    }

    function test_a_batch_in_the_name_of_who_is_enrolled_and_never_commits_reveals_nothing() public {
        RoundId id = _within(3);
        vm.prank(memberOf(0));
        rounds.enrol(id, new bytes32[](0));
        postBatch(id, 1);
        vm.warp(rounds.roundOf(id).commitDeadline);
        (address who, bytes32 signed) = (memberOf(0), keccak256(signatureOf(id, 0)));
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.SeatedDirectly.selector, id, who));
        rounds.revealFromBatch(id, 0, who, openingOf(0), signed, new bytes32[](0));
    }

    function test_a_bogus_batch_that_fills_the_round_keeps_nobody_from_enrolling() public {
        RoundId id = _within(2);
        vm.startPrank(OWNER);
        rounds.commitBatch(id, "bogus", 2, "document");
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.RoundFull.selector, id, 2));
        rounds.commitBatch(id, "bogus", 1, "document");
        vm.stopPrank();
        holds(rounds.phaseOf(id) == Phase.Enrolment);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(memberOf(i));
            rounds.enrol(id, new bytes32[](0));
        }
        holds(rounds.phaseOf(id) == Phase.Commit);
        _commitAndReveal(id, 0);
        _commitAndReveal(id, 1);
        holds(rounds.phaseOf(id) == Phase.Proposal); // batches have no seat left to reveal
    }

    function test_A2_batches_together_reveal_at_most_what_direct_seats_leave() public {
        RoundId id = _within(4);
        postBatch(id, 4);
        vm.prank(HOSPITAL);
        rounds.enrol(id, new bytes32[](0));
        vm.warp(rounds.roundOf(id).commitDeadline);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.TooManyReveals.selector, 4, 3));
        rounds.revealBatch(id, 0, "reveals", 4, "document");
        rounds.revealBatch(id, 0, "reveals", 3, "document");
        vm.stopPrank();
        for (uint256 i = 0; i < 3; ++i) {
            revealOwn(id, 0, i);
        }
        bytes32[] memory proof = proofOf(id, 3);
        (address who, bytes32 signed) = (memberOf(3), keccak256(signatureOf(id, 3)));
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.TooManyReveals.selector, 1, 0));
        rounds.revealFromBatch(id, 0, who, openingOf(3), signed, proof);
        vm.warp(rounds.roundOf(id).revealDeadline);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AcceptedOutOfRange.selector, 5, 4));
        rounds.proposeResult(id, result(5));
    }

    function test_a_participant_that_reveals_by_itself_does_not_stop_the_batch_s_reveals() public {
        RoundId id = _within(4);
        postBatch(id, 4);
        vm.warp(rounds.roundOf(id).commitDeadline);
        revealOwn(id, 0, 2);
        vm.prank(OWNER);
        rounds.revealBatch(id, 0, "reveals", 4, "document");
        Round memory r = rounds.roundOf(id);
        same(uint256(r.batchRevealed), 4); // no more than the batch holds
        vm.warp(r.revealDeadline);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AcceptedOutOfRange.selector, 5, 4));
        rounds.proposeResult(id, result(5));
        rounds.proposeResult(id, result(4));
    }

    function test_reveals_that_a_coordinator_makes_up_shut_no_participant_of_a_batch_out() public {
        RoundId id = _within(4);
        postBatch(id, 4);
        vm.warp(rounds.roundOf(id).commitDeadline);
        vm.prank(OWNER);
        rounds.revealBatch(id, 0, "made up", 4, "document");
        holds(rounds.phaseOf(id) == Phase.Reveal);
        for (uint256 i = 0; i < 4; ++i) {
            revealOwn(id, 0, i);
        }
        same(uint256(rounds.roundOf(id).batchRevealed), 4);
    }

    function test_a_batch_reveals_no_more_than_it_holds() public {
        RoundId id = _within(9);
        postBatch(id, 4);
        postBatch(id, 4);
        vm.warp(rounds.roundOf(id).commitDeadline);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.TooManyReveals.selector, 5, 4));
        rounds.revealBatch(id, 0, "reveals", 5, "document");
        rounds.revealBatch(id, 0, "reveals", 3, "document");
        rounds.revealBatch(id, 1, "reveals", 2, "document");
        vm.stopPrank();
        same(uint256(rounds.roundOf(id).batchRevealed), 5);
    }

    // --- what is revealed twice ---------------------------------------------------------------

    function test_who_is_revealed_twice_is_counted_once() public {
        RoundId id = _within(4);
        postBatch(id, 4);
        vm.warp(rounds.roundOf(id).commitDeadline);
        (bytes32 root, bytes32[] memory proof) = revealTree(1, 3);
        vm.prank(OWNER);
        rounds.revealBatch(id, 0, root, 2, "document");
        RevealLeaf memory leaf = revealLeafOf(1);
        bytes memory refused =
            abi.encodeWithSelector(ITrainingRoundsErrors.NotCountedTwice.selector, id, 0, memberOf(1));
        vm.expectRevert(refused);
        rounds.countOnce(id, 0, leaf, proof);
        revealOwn(id, 0, 1);
        same(uint256(rounds.roundOf(id).batchRevealed), 3);
        rounds.countOnce(id, 0, leaf, proof);
        same(uint256(rounds.roundOf(id).batchRevealed), 2);
        vm.expectRevert(refused);
        rounds.countOnce(id, 0, leaf, proof);
        revealOwn(id, 0, 0);
        same(uint256(rounds.roundOf(id).batchRevealed), 3);
        leaf = revealLeafOf(0);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotInBatch.selector, id, 0, leaf.participant));
        rounds.countOnce(id, 0, leaf, proof);
    }

    // --- strikes ------------------------------------------------------------------------------

    /// A leaf in the first member's name that the second one signed.
    function _forgedLeaf(RoundId id) private view returns (bytes32 leaf, bytes32 commitment, bytes memory forged) {
        (commitment, forged) = (commitmentOf(id, 0), signatureOf(id, 1));
        leaf = keccak256(bytes.concat(keccak256(abi.encode(memberOf(0), commitment, keccak256(forged)))));
    }

    function test_a_batch_with_a_signature_that_its_participant_did_not_make_is_struck() public {
        RoundId id = _within(4);
        (bytes32 bad, bytes32 commitment, bytes memory forged) = _forgedLeaf(id);
        bytes32 good = batchLeafOf(id, 1);
        vm.prank(OWNER);
        rounds.commitBatch(id, pairHash(bad, good), 2, "document");
        same(uint256(rounds.roundOf(id).batched), 2);
        vm.warp(rounds.roundOf(id).commitDeadline);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = good;
        vm.prank(STRANGER);
        rounds.strikeBatch(id, 0, memberOf(0), commitment, forged, proof);
        Round memory r = rounds.roundOf(id);
        same(uint256(r.batched) + r.batchRevealed + r.ownReveals + r.postedReveals, 0);
        holds(rounds.batchOf(id, 0).struck);
        // Nothing of it is revealed, be it forged or not.
        bytes memory struck = abi.encodeWithSelector(ITrainingRoundsErrors.BatchIsStruck.selector, id, 0);
        (address member, address honest) = (memberOf(0), memberOf(1));
        bytes32 signed = keccak256(signatureOf(id, 1));
        vm.expectRevert(struck);
        rounds.strikeBatch(id, 0, member, commitment, forged, proof);
        vm.prank(OWNER);
        vm.expectRevert(struck);
        rounds.revealBatch(id, 0, "reveals", 1, "document");
        vm.expectRevert(struck);
        rounds.revealFromBatch(id, 0, member, openingOf(0), keccak256(forged), proof);
        proof[0] = bad;
        vm.expectRevert(struck);
        rounds.revealFromBatch(id, 0, honest, openingOf(1), signed, proof);
    }

    function test_a_struck_batch_s_honest_participants_take_part_in_another_one() public {
        RoundId id = _within(4);
        bytes memory forged = signatureOf(id, 1);
        bytes32 commitment = commitmentOf(id, 0);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(memberOf(0), commitment, keccak256(forged)))));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = batchLeafOf(id, 1);
        vm.prank(OWNER);
        rounds.commitBatch(id, pairHash(leaf, proof[0]), 4, "document");
        rounds.strikeBatch(id, 0, memberOf(0), commitment, forged, proof);
        address member = memberOf(0);
        vm.prank(member);
        rounds.enrol(id, new bytes32[](0));
        vm.prank(OWNER);
        rounds.commitBatch(id, proof[0], 3, "document");
        vm.warp(rounds.roundOf(id).commitDeadline);
        bytes32 signed = keccak256(signatureOf(id, 1));
        rounds.revealFromBatch(id, 1, memberOf(1), openingOf(1), signed, new bytes32[](0));
        same(rounds.revealOf(id, memberOf(1)), revealedHash(1));
    }

    /// Its batch may be struck when reveals have begun: it reveals from another one in which it stands.
    function test_who_stood_in_a_struck_batch_reveals_from_one_that_stands() public {
        RoundId id = _within(4);
        (bytes32 bad, bytes32 commitment, bytes memory forged) = _forgedLeaf(id);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = batchLeafOf(id, 1);
        vm.startPrank(OWNER);
        rounds.commitBatch(id, pairHash(bad, proof[0]), 2, "document");
        rounds.commitBatch(id, proof[0], 1, "document");
        vm.stopPrank();
        vm.warp(rounds.roundOf(id).revealDeadline - 1);
        rounds.strikeBatch(id, 0, memberOf(0), commitment, forged, proof);
        bytes32 signed = keccak256(signatureOf(id, 1));
        rounds.revealFromBatch(id, 1, memberOf(1), openingOf(1), signed, new bytes32[](0));
        same(rounds.revealOf(id, memberOf(1)), revealedHash(1));
        same(uint256(rounds.roundOf(id).batchRevealed), 1);
    }

    function test_a_batch_whose_signatures_are_right_cannot_be_struck() public {
        RoundId id = _within(4);
        postBatch(id, 4);
        bytes32[] memory proof = proofOf(id, 2);
        (bytes32 commitment, bytes memory signature) = (commitmentOf(id, 2), signatureOf(id, 2));
        address who = memberOf(2);
        bytes memory right = abi.encodeWithSelector(ITrainingRoundsErrors.SignatureIsValid.selector, id, who);
        vm.expectRevert(right);
        rounds.strikeBatch(id, 0, who, commitment, signature, proof);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotInBatch.selector, id, 0, who));
        rounds.strikeBatch(id, 0, who, commitment, new bytes(65), proof);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.UnknownBatch.selector, id, 1));
        rounds.strikeBatch(id, 1, who, commitment, signature, proof);
        // Code that the participant takes on later, and that says no, undoes nothing.
        vm.etch(who, hex"600060005260206000f3");
        vm.expectRevert(right);
        rounds.strikeBatch(id, 0, who, commitment, signature, proof);
    }

    function test_a_batch_is_struck_until_reveals_end() public {
        RoundId id = _within(4);
        postBatch(id, 4);
        bytes32[] memory proof = proofOf(id, 2);
        (bytes32 commitment, bytes memory signature) = (commitmentOf(id, 2), signatureOf(id, 2));
        address who = memberOf(2);
        vm.warp(rounds.roundOf(id).revealDeadline);
        vm.expectRevert(
            abi.encodeWithSelector(ITrainingRoundsErrors.WrongPhase.selector, id, Phase.Reveal, Phase.Proposal)
        );
        rounds.strikeBatch(id, 0, who, commitment, signature, proof);
    }

    function _commitAndReveal(RoundId id, uint256 i) private {
        bytes32 commitment = commitmentOf(id, i);
        vm.prank(memberOf(i));
        rounds.commit(id, commitment);
        if (i == 0) return;
        rounds.reveal(id, memberOf(0), openingOf(0));
        rounds.reveal(id, memberOf(1), openingOf(1));
    }
}
