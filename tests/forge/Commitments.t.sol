// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {TrainingRounds} from "../../contracts/rounds/TrainingRounds.sol";
import {Opening, RoundId} from "../../contracts/types/RoundTypes.sol";
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
        if (field == 6) at = newRounds();
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
        vm.expectRevert(
            abi.encodeWithSelector(ITrainingRoundsErrors.CommitmentMismatch.selector, id, STRANGER, copied, own)
        );
        rounds.reveal(id, STRANGER, o);
        rounds.reveal(id, HOSPITAL, o);
        same(rounds.revealOf(id, HOSPITAL), keccak256(abi.encode(o.updateRoot, o.contentDigest, o.weight)));
    }

    function test_an_enrolled_participant_without_a_commitment_has_nothing_to_reveal() public {
        RoundId id = openRound(0, 1, 3);
        vm.prank(HOSPITAL);
        rounds.enrol(id, new bytes32[](0));
        vm.warp(rounds.roundOf(id).commitDeadline);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotCommitted.selector, id, HOSPITAL));
        rounds.reveal(id, HOSPITAL, opening(1, 10));
    }
}
