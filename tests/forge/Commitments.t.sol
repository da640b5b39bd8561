// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {IRewardPool} from "../../contracts/interfaces/IRewardPool.sol";
import {ITrainingRounds} from "../../contracts/interfaces/ITrainingRounds.sol";
import {TrainingRounds} from "../../contracts/rounds/TrainingRounds.sol";
import {Opening, Phase, Round, RoundId} from "../../contracts/types/RoundTypes.sol";
import {Fixture} from "./support/Fixture.sol";

/// R-3 to R-5: what a commitment binds, and who may open it.
contract CommitmentsTest is Fixture {
    function setUp() public {
        deployAll();
    }

    function _seated(RoundId id, address participant, Opening memory o) private {
        vm.startPrank(participant);
        rounds.enrol(id, new bytes32[](0));
        vm.stopPrank();
        _committed(id, participant, o);
    }

    function _committed(RoundId id, address participant, Opening memory o) private {
        vm.warp(rounds.roundOf(id).enrolmentDeadline);
        bytes32 commitment = rounds.commitmentFor(id, participant, o);
        vm.prank(participant);
        rounds.commit(id, commitment);
    }

    function testFuzz_R3_a_commitment_binds_every_field(
        RoundId id,
        address participant,
        Opening memory o,
        uint8 field,
        bytes32 change
    ) public {
        vm.assume(change != 0);
        bytes32 before = rounds.commitmentFor(id, participant, o);
        TrainingRounds at = rounds;
        field = field % 8;
        if (field == 0) o.updateRoot ^= change;
        if (field == 1) o.contentDigest ^= change;
        if (field == 2) o.weight ^= uint64(1 + uint256(change) % type(uint64).max);
        if (field == 3) o.salt ^= change;
        if (field == 4) id = RoundId.wrap(RoundId.unwrap(id) ^ change);
        if (field == 5) participant = address(uint160(participant) ^ uint160(1 + uint256(change) % 1e40));
        if (field == 6) at = new TrainingRounds(IModelRegistry(address(registry)), IRewardPool(address(pool)));
        if (field == 7) vm.chainId(2);
        holds(at.commitmentFor(id, participant, o) != before);
    }

    function testFuzz_R3_the_commitment_is_the_hash_that_the_specification_names(
        RoundId id,
        address participant,
        Opening memory o
    ) public view {
        bytes memory encoded = abi.encode(
            block.chainid, address(rounds), id, participant, o.updateRoot, o.contentDigest, uint256(o.weight), o.salt
        );
        same(rounds.commitmentFor(id, participant, o), keccak256(encoded));
    }

    function testFuzz_T16_a_copied_commitment_opens_for_nobody_else(uint256 seed, uint64 weight) public {
        Opening memory o = opening(seed, 1 + weight % 1000);
        RoundId id = openRound(0, 1, 3);
        vm.prank(STRANGER);
        rounds.enrol(id, new bytes32[](0));
        _seated(id, HOSPITAL, o);
        bytes32 copied = rounds.commitmentOf(id, HOSPITAL);
        vm.prank(STRANGER);
        rounds.commit(id, copied);
        vm.warp(rounds.roundOf(id).commitDeadline);
        bytes32 own = rounds.commitmentFor(id, STRANGER, o);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRounds.CommitmentMismatch.selector, id, STRANGER, copied, own));
        rounds.reveal(id, STRANGER, o);
        rounds.reveal(id, HOSPITAL, o);
        same(rounds.revealOf(id, HOSPITAL), keccak256(abi.encode(o.updateRoot, o.contentDigest, o.weight)));
    }

    function testFuzz_R5_every_leaf_of_a_batch_opens_once(uint8 count, uint8 which) public {
        uint32 number = 1 + count % 8;
        bytes32[] memory leaves = new bytes32[](8);
        RoundId id = openRound(0, 1, 9);
        for (uint256 i = 0; i < 8; ++i) {
            leaves[i] = payoutLeaf(address(uint160(0xF00 + i)), uint256(_leafOf(id, i)));
        }
        bytes32 root = _rootOf(leaves);
        vm.prank(OWNER);
        rounds.commitBatch(id, root, number, "document");
        vm.warp(rounds.roundOf(id).commitDeadline);
        uint256 i_ = which % 8;
        address participant = address(uint160(0xF00 + i_));
        bytes32[] memory proof = _proofOf(leaves, i_);
        rounds.revealFromBatch(id, 0, participant, opening(i_, 5), proof);
        same(uint256(rounds.roundOf(id).batchRevealed), 1);
        Phase next = number == 1 ? Phase.Proposal : Phase.Reveal; // all revealed ends the phase
        holds(rounds.phaseOf(id) == next);
        if (next == Phase.Proposal) return;
        vm.expectRevert(abi.encodeWithSelector(ITrainingRounds.AlreadyRevealed.selector, id, participant));
        rounds.revealFromBatch(id, 0, participant, opening(i_, 5), proof);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRounds.NotInBatch.selector, id, 0, STRANGER));
        rounds.revealFromBatch(id, 0, STRANGER, opening(i_, 5), proof);
    }

    function test_T16_batches_cannot_crowd_a_direct_reveal_out() public {
        Opening memory o = opening(1, 10);
        RoundId id = openRound(0, 1, 3);
        vm.prank(HOSPITAL);
        rounds.enrol(id, new bytes32[](0));
        vm.prank(OWNER);
        rounds.commitBatch(id, "root", 1, "document");
        _committed(id, HOSPITAL, o);
        vm.warp(rounds.roundOf(id).commitDeadline);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRounds.TooManyReveals.selector, 2, 1));
        rounds.revealBatch(id, 0, "reveals", 2, "document");
        rounds.revealBatch(id, 0, "reveals", 1, "document");
        vm.stopPrank();
        rounds.reveal(id, HOSPITAL, o);
        Round memory r = rounds.roundOf(id);
        same(r.revealed, 2);
        same(r.batchRevealed, 1);
    }

    function test_an_enrolled_participant_without_a_commitment_has_nothing_to_reveal() public {
        RoundId id = openRound(0, 1, 3);
        vm.prank(HOSPITAL);
        rounds.enrol(id, new bytes32[](0));
        vm.warp(rounds.roundOf(id).commitDeadline);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRounds.NotCommitted.selector, id, HOSPITAL));
        rounds.reveal(id, HOSPITAL, opening(1, 10));
    }

    function _leafOf(RoundId id, uint256 i) private view returns (bytes32) {
        return rounds.commitmentFor(id, address(uint160(0xF00 + i)), opening(i, 5));
    }

    /// The root of eight leaves, pair by pair.
    function _rootOf(bytes32[] memory leaves) private pure returns (bytes32) {
        bytes32 left = pairHash(pairHash(leaves[0], leaves[1]), pairHash(leaves[2], leaves[3]));
        bytes32 right = pairHash(pairHash(leaves[4], leaves[5]), pairHash(leaves[6], leaves[7]));
        return pairHash(left, right);
    }

    function _proofOf(bytes32[] memory l, uint256 i) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](3);
        proof[0] = l[i ^ 1];
        uint256 pair = (i ^ 2) & ~uint256(1);
        proof[1] = pairHash(l[pair], l[pair + 1]);
        uint256 half = (i ^ 4) & ~uint256(3);
        proof[2] = pairHash(pairHash(l[half], l[half + 1]), pairHash(l[half + 2], l[half + 3]));
    }
}
