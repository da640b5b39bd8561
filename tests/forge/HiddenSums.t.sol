// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {AggregationRule, Children, ChunkProof, Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {HiddenFixture} from "./support/HiddenFixture.sol";
import {PackedWriter} from "./support/PackedWriter.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// H-8: a whole hidden round under stake. What survivors' masked updates come to is proved from the chain's own words: a
/// wrong sum is rejected by one transaction, a right one by none.
contract HiddenSumsTest is HiddenFixture {
    uint256 private constant SEATS = 6;

    RoundId private id;
    Leaf[] private _leaves;
    ChunkProof[][2] private _inputs;

    /// Two members dropped; neither is everybody's neighbour.
    function setUp() public {
        deployHidden();
        degree = 4;
        _played(SEATS - 2);
    }

    /// Of six members the first ones reveal; the others drop after their bundles.
    function _played(uint256 survivors) private {
        RoundTerms memory t = hiddenStakedTerms();
        id = shared(t, SEATS, SEATS);
        delete _leaves;
        delete _inputs;
        for (uint256 i = 0; i < survivors; ++i) {
            uint256[] memory masked = maskedOf(id, i, vectorOf(i));
            _leaves.push(Leaf(participantOf(i), PackedWriter.root(masked, WIDTH), keccak256(abi.encode("cid", i)), 1));
            _inputs[0].push(PackedWriter.proof(masked, WIDTH, 0));
            _inputs[1].push(PackedWriter.proof(masked, WIDTH, 1));
        }
        revealUpdates(id, t, _leaves, SEATS);
        unmask(id);
    }

    function _call(Node memory top, int64[] memory claimed, uint64 chunk) private view returns (bytes memory) {
        return abi.encodeCall(
            disputes.proveWrongSum,
            (
                id,
                stakes,
                pathTo(top),
                childrenOf(_leaves),
                chunk,
                _inputs[chunk],
                VectorWriter.proof(claimed, 64, chunk),
                secretsOf(id, _leaves),
                WATCHER
            )
        );
    }

    function _stands(int64[] memory sums) private returns (Node memory top) {
        top = nodeOver(_leaves, sums);
        propose(id, top);
    }

    function _honestStands() private {
        int64[] memory sums = plainSums(_leaves.length);
        Node memory top = nodeOver(_leaves, sums);
        Proposal memory made = propose(id, top);
        for (uint64 chunk = 0; chunk < 2; ++chunk) {
            bytes memory call = _call(top, sums, chunk);
            refuse(call, abi.encodeWithSelector(IDisputes.ChunkIsCorrect.selector, id, chunk));
        }
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        holds(rounds.phaseOf(id) == Phase.Finalised);
        same(rounds.resultOf(id).totalWeight, _leaves.length);
    }

    function test_the_sum_of_those_who_survived_stands() public {
        _honestStands();
    }

    function test_the_sum_of_all_members_stands() public {
        _played(SEATS);
        _honestStands();
    }

    function testFuzz_one_wrong_value_is_proved(uint256 coordinate, int64 by) public {
        coordinate %= LENGTH;
        vm.assume(by != 0 && by < 1 << 50 && by > -(1 << 50));
        int64[] memory wrong = plainSums(_leaves.length);
        wrong[coordinate] += by;
        Node memory top = _stands(wrong);
        prove(_call(top, wrong, uint64(coordinate / 256)));
        same(award(WATCHER), 3 * STAKE / 2);
        same(award(BURNT), 3 * STAKE - 3 * STAKE / 2);
        same(staked.stakedRoundOf(id).proposer, address(0));
        _honestStands();
    }

    /// A multiple of 2^width more is the same modulo 2^width, and not the sum.
    function test_a_value_that_wraps_around_is_proved() public {
        int64[] memory wrong = plainSums(_leaves.length);
        wrong[7] += int64(uint64(1) << WIDTH);
        Node memory top = _stands(wrong);
        prove(_call(top, wrong, 0));
        same(award(WATCHER), 3 * STAKE / 2);
    }

    function test_what_masked_updates_come_to_with_their_masks_on_is_wrong() public {
        int64[] memory masked = new int64[](LENGTH);
        for (uint256 p = 0; p < _leaves.length; ++p) {
            uint256[] memory one = maskedOf(id, p, vectorOf(p));
            for (uint256 i = 0; i < LENGTH; ++i) {
                masked[i] += int64(uint64(one[i]));
            }
        }
        Node memory top = _stands(masked);
        prove(_call(top, masked, 1));
        same(award(WATCHER), 3 * STAKE / 2);
    }

    // --- other proofs ---------------------------------------------------------------------------

    function test_plain_proofs_say_nothing_of_masked_values() public {
        int64[] memory sums = plainSums(_leaves.length);
        Node memory top = _stands(sums);
        bytes memory why = abi.encodeWithSelector(IDisputes.WrongRule.selector, id, AggregationRule.HiddenMean);
        ChunkProof memory numerators = VectorWriter.proof(sums, 64, 0);
        Children memory children = childrenOf(_leaves);
        refuse(
            abi.encodeCall(
                disputes.proveWrongChunk, (id, stakes, pathTo(top), children, 0, _inputs[0], numerators, WATCHER)
            ),
            why
        );
        refuse(abi.encodeCall(disputes.proveOutOfRange, (id, stakes, _leaves[0], 0, _inputs[0][0], WATCHER)), why);
    }

    function test_other_children_than_the_nodes_are_refused() public {
        int64[] memory sums = plainSums(_leaves.length);
        Node memory top = _stands(sums);
        _leaves[2].updateRoot = keccak256("another");
        refuse(_call(top, sums, 0), abi.encodeWithSelector(IDisputes.ChildrenNotOfNode.selector, id));
    }

    function test_whom_the_sum_needs_is_proved_left_out() public {
        Leaf memory last = _leaves[_leaves.length - 1];
        _leaves.pop();
        Node memory top = _stands(plainSums(_leaves.length));
        Children memory children = childrenOf(_leaves);
        prove(abi.encodeCall(disputes.proveLeftOut, (id, stakes, pathTo(top), children, last.participant, WATCHER)));
        same(award(WATCHER), 3 * STAKE / 2);
    }

    /// Four members, and a participant that never shared a secret and reveals what nobody can take a mask off.
    function _playedWithOutsider() private returns (Leaf memory outsider) {
        RoundTerms memory t = hiddenStakedTerms();
        id = shared(t, 5, 4);
        delete _leaves;
        Leaf[] memory all = new Leaf[](5);
        for (uint256 i = 0; i < 4; ++i) {
            bytes32 root = PackedWriter.root(maskedOf(id, i, vectorOf(i)), WIDTH);
            all[i] = Leaf(participantOf(i), root, keccak256(abi.encode("cid", i)), 1);
            _leaves.push(all[i]);
        }
        outsider = Leaf(participantOf(4), keccak256("junk"), keccak256("cid"), 1);
        all[4] = outsider;
        revealUpdates(id, t, all, 5);
        holds(staked.isCounted(id, outsider.participant));
        unmask(id);
    }

    function test_whom_no_sum_has_was_not_left_out() public {
        Leaf memory outsider = _playedWithOutsider();
        Node memory top = _stands(plainSums(4));
        Children memory children = childrenOf(_leaves);
        refuse(
            abi.encodeCall(disputes.proveLeftOut, (id, stakes, pathTo(top), children, outsider.participant, WATCHER)),
            abi.encodeWithSelector(IStakedRounds.NotCounted.selector, id, outsider.participant)
        );
        bytes32[] memory hashes = hashesOf(_leaves);
        refuse(
            abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashes, 3, _leaves[3], WATCHER)),
            abi.encodeWithSelector(IDisputes.LeafMatchesReveal.selector, id, participantOf(3))
        );
    }

    function test_whom_no_sum_has_is_a_wrong_leaf() public {
        Leaf memory outsider = _playedWithOutsider();
        _leaves.push(outsider);
        Node memory top = _stands(plainSums(4));
        bytes32[] memory hashes = hashesOf(_leaves);
        prove(abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashes, 4, outsider, WATCHER)));
        same(award(WATCHER), 3 * STAKE / 2);
    }

    /// T-45: whoever copies a proof names itself, so it would have had to announce another call.
    function test_a_copied_proof_of_a_wrong_sum_earns_the_copier_nothing() public {
        int64[] memory wrong = plainSums(_leaves.length);
        wrong[0] += 1;
        bytes memory call = _call(_stands(wrong), wrong, 0);
        disputes.announce(keccak256(call));
        vm.roll(block.number + 1);
        bytes memory copy = abi.encodePacked(call);
        // The beneficiary is the last of the nine words behind the selector.
        copy[4 + 9 * 32 - 1] = bytes1(uint8(uint160(STRANGER)));
        copy[4 + 9 * 32 - 2] = bytes1(uint8(uint160(STRANGER) >> 8));
        copy[4 + 9 * 32 - 3] = bytes1(uint8(uint160(STRANGER) >> 16));
        (bool done, bytes memory reason) = address(disputes).call(copy);
        holds(!done);
        same(keccak256(reason), keccak256(abi.encodeWithSelector(IDisputes.NotAnnounced.selector, keccak256(copy))));
        vm.prank(STRANGER);
        (done,) = address(disputes).call(call);
        holds(done);
        same(award(WATCHER), 3 * STAKE / 2);
        same(award(STRANGER), 0);
    }
}
