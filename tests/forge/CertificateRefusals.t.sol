// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAvailability} from "../../contracts/interfaces/IAvailability.sol";
import {Node} from "../../contracts/types/DisputeTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// F-16: what certificates say of single seats, and the lists that don't fit together.
contract CertificateRefusalsTest is StakedFixture {
    RoundId private id;

    function setUp() public {
        deployStaked();
    }

    /// Everybody in turn holds what these bitmaps say, and vouches for it.
    function _held(uint256[] memory bitmaps) private returns (uint256[][] memory held) {
        held = new uint256[][](bitmaps.length);
        for (uint256 i = 0; i < bitmaps.length; ++i) {
            held[i] = new uint256[](1);
            held[i][0] = bitmaps[i];
            vm.prank(participantOf(i));
            availability.vouchForUpdates(id, stakes, held[i]);
        }
    }

    function test_a_certificate_may_be_of_one_seat_alone() public {
        id = uncertified(3);
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        uint256[] memory bitmaps = new uint256[](2);
        for (uint256 seat = 0; seat < 3; ++seat) {
            (bitmaps[0], bitmaps[1]) = (1 << seat, 1 << seat);
            availability.certifyUpdates(id, stakes, holders, _held(bitmaps), vouched);
            for (uint256 other = 0; other < 3; ++other) {
                holds(staked.isCounted(id, participantOf(other)) == (other <= seat));
            }
        }
    }

    function _closed() private {
        uint64 end = staked.stakedRoundOf(id).certifyEnd;
        uint64 time = uint64(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IAvailability.CertifyingClosed.selector, id, end - CERTIFY, end, time));
    }

    /// Neither before what is certified was revealed, nor when it may be asked for.
    function test_updates_are_certified_in_their_time_alone() public {
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        uint256[] memory bitmaps = new uint256[](2);
        (bitmaps[0], bitmaps[1]) = (7, 7);
        id = openStaked(stakedTerms(2));
        for (uint256 i = 0; i < 3; ++i) {
            lockStake(id, participantOf(i));
        }
        uint256[][] memory held = new uint256[][](2);
        (held[0], held[1]) = (new uint256[](1), new uint256[](1));
        (held[0][0], held[1][0]) = (7, 7);
        _closed();
        vm.prank(holders[0]);
        availability.vouchForUpdates(id, stakes, held[0]);
        _closed();
        availability.certifyUpdates(id, stakes, holders, held, vouched);
        id = uncertified(3);
        held = _held(bitmaps);
        uint64 end = staked.stakedRoundOf(id).certifyEnd;
        vm.warp(end);
        _closed();
        availability.certifyUpdates(id, stakes, holders, held, vouched);
        vm.warp(end - 1);
        availability.certifyUpdates(id, stakes, holders, held, vouched);
        holds(staked.isCounted(id, participantOf(2)));
    }

    /// Else one holder could make a quorum of bitmaps that nobody signed.
    function test_holdings_of_nobody_make_no_quorum() public {
        id = uncertified(3);
        uint256[] memory bitmaps = new uint256[](3);
        (bitmaps[0], bitmaps[2]) = (7, 7);
        uint256[][] memory held = _held(bitmaps);
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        vm.expectRevert(abi.encodeWithSelector(IAvailability.WrongNumberOfWords.selector, 3, 2));
        availability.certifyUpdates(id, stakes, holders, held, vouched);
        uint256[][] memory one = new uint256[][](1);
        one[0] = held[0];
        vm.expectRevert(abi.encodeWithSelector(IAvailability.WrongNumberOfWords.selector, 1, 2));
        availability.certifyUpdates(id, stakes, holders, one, vouched);
        one[0] = new uint256[](2);
        held = new uint256[][](2);
        (held[0], held[1]) = (one[0], one[0]);
        vm.expectRevert(abi.encodeWithSelector(IAvailability.WrongNumberOfWords.selector, 2, 1));
        availability.certifyUpdates(id, stakes, holders, held, vouched);
    }

    /// A list of signatures that is no longer than the quorum, but shorter than the holders'.
    function test_every_holder_of_a_certificate_signs() public {
        id = uncertified(3);
        address[] memory holders = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            holders[i] = participantOf(i);
        }
        vm.expectRevert(abi.encodeWithSelector(IAvailability.TooFewHolders.selector, 2, 2));
        availability.certifyUpdates(id, stakes, holders, new uint256[][](3), new bytes[](2));
        (address[] memory two,) = firstHolders();
        vm.expectRevert(abi.encodeWithSelector(IAvailability.TooFewHolders.selector, 2, 2));
        availability.certifyUpdates(id, stakes, two, new uint256[][](2), new bytes[](3));
    }

    function test_behind_a_certificate_s_last_holder_stands_nobody() public {
        id = proposable(3);
        Node memory top = nodeOver(leavesTo(3), sums(0, 3));
        propose(id, top);
        vm.prank(WATCHER);
        uint256 question = questions.askResult(id, stakes, pathTo(top), 1);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        (address[] memory holders,) = firstHolders();
        vm.expectRevert(abi.encodeWithSelector(IAvailability.UnknownCertificate.selector, id, 1));
        availability.burnForResult(id, stakes, 1, holders, holders.length);
    }
}
