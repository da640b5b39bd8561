// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAvailability} from "../../contracts/interfaces/IAvailability.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {Leaf, Node} from "../../contracts/types/DisputeTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// Certificates, vouches and terms, as thieves have tried to turn them against the honest.
contract CertificateTheftsTest is StakedFixture {
    function setUp() public {
        deployStaked();
    }

    function _bits(uint256 bitmap) private pure returns (uint256[] memory held) {
        held = new uint256[](1);
        held[0] = bitmap;
    }

    function _play(RoundTerms memory t, uint256 seats, uint256 reveals) private returns (RoundId id) {
        id = openStaked(t);
        for (uint256 i = 0; i < seats; ++i) {
            lockStake(id, participantOf(i));
        }
        if (block.timestamp < t.enrolmentDeadline) vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < reveals; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, participantOf(i), openingOf(i));
            vm.prank(participantOf(i));
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        for (uint256 i = 0; i < reveals; ++i) {
            rounds.reveal(id, participantOf(i), openingOf(i));
        }
    }

    function _certify(RoundId id, uint256 from, uint256 count, uint256 bitmap) private {
        address[] memory holders = new address[](count);
        uint256[][] memory held = new uint256[][](count);
        for (uint256 i = 0; i < count; ++i) {
            holders[i] = participantOf(from + i);
            held[i] = _bits(bitmap);
            vm.prank(holders[i]);
            availability.vouchForUpdates(id, stakes, held[i]);
        }
        availability.certifyUpdates(id, stakes, holders, held, new bytes[](count));
    }

    function _isWhole(RoundId id, uint256 seats) private {
        for (uint256 i = 0; i < seats; ++i) {
            staked.releaseStake(id, participantOf(i), stakes);
            same(free(participantOf(i)), FUNDS);
        }
        same(award(BURNT), 0);
    }

    /// Two seats that revealed nothing certify seats of nobody: in the void round that follows the honest lose nothing.
    function test_certificates_of_nobody_burn_no_honest_stake() public {
        RoundTerms memory t = stakedTerms(4);
        RoundId id = _play(t, 6, 4);
        vm.warp(t.revealDeadline);
        _certify(id, 4, 2, uint256(0xf) << 200);
        for (uint256 i = 0; i < 4; ++i) {
            holds(!staked.isCounted(id, participantOf(i)));
        }
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        _isWhole(id, 6);
    }

    /// A quorum that refuses the honest in a round that needs everybody ends it, and takes nobody's stake.
    function test_a_quorum_that_refuses_whom_the_minimum_needs_burns_nothing() public {
        stakes.quorum = 3;
        RoundTerms memory t = stakedTerms(5);
        RoundId id = _play(t, 5, 5);
        vm.warp(t.revealDeadline);
        _certify(id, 2, 3, 0x1c | uint256(3) << 100);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        _isWhole(id, 5);
    }

    /// A withheld update with a value off the lattice in reserve: slashed for that, its sender saves nobody that vouched.
    function test_a_fault_in_reserve_saves_nobody_that_vouched() public {
        int64[] memory v = vectorOf(2);
        v[0] = -32768;
        Opening memory o = Opening(VectorWriter.root(v, BITS), keccak256("hidden"), 5, bytes32(uint256(9)));
        RoundTerms memory t = stakedTerms(2);
        RoundId id = openStaked(t);
        for (uint256 i = 0; i < 3; ++i) {
            lockStake(id, participantOf(i));
        }
        vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, participantOf(i), i == 2 ? o : openingOf(i));
            vm.prank(participantOf(i));
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        for (uint256 i = 0; i < 3; ++i) {
            rounds.reveal(id, participantOf(i), i == 2 ? o : openingOf(i));
        }
        certifyUpdates(id, 3); // 0 and 1 vouch for what nobody is ever given
        vm.warp(staked.stakedRoundOf(id).certifyEnd);
        Leaf memory leaf = Leaf(participantOf(2), o.updateRoot, o.contentDigest, o.weight);
        vm.prank(WATCHER);
        uint256 q = questions.askUpdate(id, stakes, leaf, 1);
        vm.warp(block.timestamp + ANSWER - 1);
        prove(
            abi.encodeCall(
                Disputes.proveOutOfRange, (id, stakes, leaf, 0, VectorWriter.proof(v, BITS, 0), participantOf(2))
            )
        );
        vm.warp(block.timestamp + 1);
        questions.punishSilence(id, stakes, q);
        same(free(WATCHER), FUNDS);
        (address[] memory holders,) = firstHolders();
        uint256[][] memory held = new uint256[][](2);
        (held[0], held[1]) = (_bits(7), _bits(7));
        for (uint256 i = 0; i < 2; ++i) {
            availability.burnForUpdate(id, stakes, participantOf(2), 0, holders, held, i);
            same(free(holders[i]), FUNDS - STAKE);
        }
        same(award(BURNT), STAKE / 2 + 2 * STAKE);
    }

    /// Who vouched for a withheld result answers for it, though another one was withheld after it.
    function test_a_second_withheld_result_covers_no_first_one() public {
        RoundId id = proposable(3);
        Node memory top = nodeOver(leavesTo(3), sums(0, 3));
        propose(id, top);
        _silent(id, top);
        proposeUncertified(id, proposalOf(top));
        address[] memory others = new address[](2);
        (others[0], others[1]) = (participantOf(1), participantOf(2));
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(others[i]);
            availability.vouchForResult(id, stakes, 2);
        }
        availability.certifyResult(id, stakes, 2, others, new bytes[](2));
        _silent(id, top);
        (address[] memory holders,) = firstHolders();
        availability.burnForResult(id, stakes, 1, holders, 0);
        availability.burnForResult(id, stakes, 2, others, 0);
        availability.burnForResult(id, stakes, 2, others, 1);
        for (uint256 i = 0; i < 3; ++i) {
            same(free(participantOf(i)), FUNDS - STAKE);
        }
    }

    function _silent(RoundId id, Node memory top) private {
        vm.prank(WATCHER);
        uint256 q = questions.askNode(id, stakes, pathTo(top));
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, q);
    }

    /// A proposal that is rejected while it is asked about leaves who vouched for it the time, and the way, to answer.
    function test_a_rejection_leaves_vouchers_the_way_to_answer() public {
        RoundId id = proposable(3);
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (leavesTo(3)[0], leavesTo(3)[1]);
        Node memory top = nodeOver(two, sums(0, 2));
        propose(id, top);
        vm.startPrank(WATCHER);
        uint256 node = questions.askNode(id, stakes, pathTo(top));
        uint256 chunk = questions.askResult(id, stakes, pathTo(top), 1);
        vm.stopPrank();
        prove(
            abi.encodeCall(disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(two), participantOf(2), WATCHER))
        );
        propose(id, nodeOver(leavesTo(3), sums(0, 3)));
        questions.answerNode(id, stakes, node, pathTo(top), childrenOf(two));
        questions.answerChunk(id, stakes, chunk, VectorWriter.proof(sums(0, 2), 64, 1));
        (address[] memory holders,) = firstHolders();
        vm.expectRevert(abi.encodeWithSelector(IAvailability.NotWithheld.selector, id));
        availability.burnForResult(id, stakes, 1, holders, 0);
        questions.closeQuestion(id, stakes, node);
        questions.closeQuestion(id, stakes, chunk);
        same(free(WATCHER), FUNDS);
    }
}
