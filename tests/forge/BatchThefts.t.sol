// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IForfeits} from "../../contracts/interfaces/IForfeits.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {Phase, Round, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {BatchFixture} from "./support/BatchFixture.sol";

/// A coordinator's own batch, with one forged leaf in it, which it keeps to strike the batch when it has what it wants.
contract BatchTheftsTest is BatchFixture {
    uint128 private constant EACH = 3 ether;
    uint256 private constant BUDGET = 100 ether;
    bytes32 private constant FORGED_COMMITMENT = bytes32(uint256(7));
    bytes private constant FORGED = "no";

    RoundId private id;
    RoundTerms private t;
    uint256 private _before;
    bytes32 private _left;
    bytes32 private _forgedLeaf;

    /// Members 0 to 2 sign; the fourth leaf is in a stranger's name.
    function setUp() public {
        deployAll();
        t = terms(BUDGET, 3, 4);
        t.forfeit = EACH;
        _before = token.balanceOf(OWNER);
        vm.startPrank(OWNER);
        token.approve(address(rounds), BUDGET + 4 * uint256(EACH));
        id = rounds.openRound(t);
        _forgedLeaf = keccak256(bytes.concat(keccak256(abi.encode(STRANGER, FORGED_COMMITMENT, keccak256(FORGED)))));
        _left = pairHash(batchLeafOf(id, 0), batchLeafOf(id, 1));
        rounds.commitBatch(id, pairHash(_left, pairHash(batchLeafOf(id, 2), _forgedLeaf)), 4, "document");
        vm.stopPrank();
        vm.warp(t.commitDeadline);
    }

    function _reveals(uint256 i) private {
        bytes32[] memory proof = new bytes32[](2);
        proof[0] = i == 2 ? _forgedLeaf : batchLeafOf(id, i ^ 1);
        proof[1] = i == 2 ? _left : pairHash(batchLeafOf(id, 2), _forgedLeaf);
        rounds.revealFromBatch(id, 0, memberOf(i), openingOf(i), keccak256(signatureOf(id, i)), proof);
    }

    function _strike(bytes memory why) private {
        bytes32[] memory way = new bytes32[](2);
        (way[0], way[1]) = (batchLeafOf(id, 2), _left);
        vm.prank(OWNER);
        if (why.length != 0) vm.expectRevert(why);
        rounds.strikeBatch(id, 0, STRANGER, FORGED_COMMITMENT, FORGED, way);
    }

    /// It has everybody's reveals, and too few would be left: budget and forfeits would be its own.
    function test_a_coordinator_cannot_take_reveals_out_again_and_forfeits_them() public {
        for (uint256 i = 0; i < 3; ++i) {
            _reveals(i);
        }
        vm.warp(t.revealDeadline - 1);
        _strike(abi.encodeWithSelector(ITrainingRoundsErrors.RevealedAlready.selector, id, 0));
        vm.warp(t.revealDeadline);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.CannotVoid.selector, id, Phase.Proposal));
        rounds.voidRound(id);
        vm.warp(t.proposalDeadline);
        rounds.voidRound(id);
        holds(forfeits.bondOf(address(rounds), id).state == IForfeits.BondState.Forfeited);
        for (uint256 i = 0; i < 3; ++i) {
            forfeits.collect(address(rounds), id, memberOf(i));
            same(token.balanceOf(memberOf(i)), EACH);
        }
        vm.warp(block.timestamp + 180 days);
        forfeits.withdraw(address(rounds), id);
        pool.withdrawRefund(address(rounds), id);
        same(token.balanceOf(OWNER), _before - 3 * uint256(EACH));
    }

    /// One reveal is enough, whether a participant made it or the coordinator posted it.
    function test_a_batch_is_struck_before_the_first_reveal_alone() public {
        bytes memory why = abi.encodeWithSelector(ITrainingRoundsErrors.RevealedAlready.selector, id, 0);
        _reveals(1);
        _strike(why);
        Round memory r = rounds.roundOf(id);
        same(r.batched, 4);
        same(r.batchRevealed, 1);
        same(rounds.revealOf(id, memberOf(1)), revealedHash(1));
        _reveals(0);
        same(rounds.roundOf(id).batchRevealed, 2);
    }

    function test_a_batch_of_which_reveals_were_posted_is_not_struck() public {
        (bytes32 root,) = revealTree(0, 1);
        vm.prank(OWNER);
        rounds.revealBatch(id, 0, root, 2, "document");
        _strike(abi.encodeWithSelector(ITrainingRoundsErrors.RevealedAlready.selector, id, 0));
        Round memory r = rounds.roundOf(id);
        same(r.batched, 4);
        same(r.batchRevealed, 2);
        same(r.postedReveals, 2);
    }

    /// Struck before anybody revealed, it has nobody's update: nobody lost anything but the round.
    function test_a_coordinator_that_strikes_its_batch_in_time_has_nobody_s_update() public {
        _strike("");
        for (uint256 i = 0; i < 3; ++i) {
            same(rounds.revealOf(id, memberOf(i)), 0);
        }
        bytes32[] memory proof = new bytes32[](2);
        (proof[0], proof[1]) = (batchLeafOf(id, 1), pairHash(batchLeafOf(id, 2), _forgedLeaf));
        (address who, bytes32 signature) = (memberOf(0), keccak256(signatureOf(id, 0)));
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.BatchIsStruck.selector, id, 0));
        rounds.revealFromBatch(id, 0, who, openingOf(0), signature, proof);
        vm.warp(t.revealDeadline);
        rounds.voidRound(id);
        holds(forfeits.bondOf(address(rounds), id).state == IForfeits.BondState.Released);
    }

    /// A batch that takes one seat is over two leaves: one of them is revealed.
    function test_a_batch_gives_no_more_own_reveals_than_it_took_seats() public {
        RoundTerms memory t = terms(0, 1, 4);
        vm.startPrank(OWNER);
        RoundId id = rounds.openRound(t);
        (bytes32 first, bytes32 second) = (batchLeafOf(id, 0), batchLeafOf(id, 1));
        rounds.commitBatch(id, pairHash(first, second), 1, "document");
        vm.stopPrank();
        vm.warp(t.commitDeadline);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = second;
        rounds.revealFromBatch(id, 0, memberOf(0), openingOf(0), keccak256(signatureOf(id, 0)), proof);
        proof[0] = first;
        (address who, bytes32 signed) = (memberOf(1), keccak256(signatureOf(id, 1)));
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.TooManyReveals.selector, 1, 0));
        rounds.revealFromBatch(id, 0, who, openingOf(1), signed, proof);
    }
}
