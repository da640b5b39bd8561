// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {RobustTrees} from "../../contracts/libraries/RobustTrees.sol";
import {AggregationRule, Children, ChunkProof, Node, Path} from "../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {ChunkRulesCaller, RuleCase} from "./ChunkRules.t.sol";
import {DrawnChunks} from "./support/DrawnChunks.sol";
import {LargeTree} from "./support/LargeTree.sol";

/// F-8: a robust round of any size is disputed by 32 children at a time. Everybody locks a stake, commits and reveals; the trimmed
/// mean of 16.8 million parameters is proposed and proved wrong in one chunk, one leaf, one omission. Gas of the whole
/// transactions in tests/snapshots/large_round_gas.json.
contract LargeRoundTest is LargeTree {
    uint64 private constant LONG = 1 << 24; // 16 levels: 65,536 chunks
    uint64 private constant INDEX = 0xB0B5;
    uint32 private constant TRIM = 5;
    uint128 private constant BOND_OF_A_LONG_SEARCH = 0.1 ether;
    uint32 private constant LONG_DISPUTE = 16 * ANSWER;

    ChunkRulesCaller private _rules;
    RoundId private id;
    uint256 private _count;

    function setUp() public {
        deployStaked();
        _rules = new ChunkRulesCaller();
        (stakes.rule, stakes.trim, stakes.vectorLength) = (AggregationRule.TrimmedMean, TRIM, LONG);
        (stakes.bond, stakes.disputeWindow) = (BOND_OF_A_LONG_SEARCH, LONG_DISPUTE);
    }

    function test_F8_a_round_of_32_is_disputed() public {
        _disputed(32, 5e6);
    }

    function test_F8_a_robust_round_of_1056_is_disputed_by_32_children_at_a_time() public {
        _disputed(1_056, CAP);
    }

    function test_F8_a_robust_round_of_10000_is_disputed_by_32_children_at_a_time() public {
        _disputed(10_000, CAP);
    }

    function _disputed(uint256 count, uint256 most) private {
        _count = count;
        uint256 place = count / 2 + 5;
        _drawUpdates(place);
        RoundTerms memory t = stakedTerms(2);
        t.maximumParticipants = uint32(count);
        t.proposalDeadline += 10 * (PROPOSAL + LONG_DISPUTE);
        id = play(count, t);
        same(rounds.roundOf(id).revealed, count);
        _snap("wrong chunk of updates", this.wrongChunkOfUpdates(place), most);
        if (count > 32) _snap("wrong chunk of nodes", this.wrongChunkOfNodes(place), most);
        _snap("wrong leaf", this.wrongLeaf(place), most);
        _snap("left out", this.leftOut(place), most);
        _honestSettles();
    }

    /// @dev Proofs are made in calls of their own: what memory they take would count to what is measured here.
    function _snap(string memory what, bytes memory proof, uint256 most) private {
        uint256 found = spent(proof);
        holds(found < most);
        string memory label = string.concat(what, ", ", vm.toString(_count), " participants");
        vm.snapshotValue("large_round_gas", label, found);
        same(staked.stakedRoundOf(id).proposer, address(0));
    }

    // --- one wrong number ---------------------------------------------------------------------

    /// Those in the group of a place have vectors of which a chunk is known; of the others, the root is enough.
    function _drawUpdates(uint256 place) private {
        bytes32[] memory siblings = DrawnChunks.path(LONG, INDEX);
        (uint256 from, uint256 to) = _spanOf(place, 32);
        for (uint256 i = from; i < to; ++i) {
            setUpdate(i, DrawnChunks.root(BITS, LONG, INDEX, DrawnChunks.drawn(i, BITS), siblings));
        }
    }

    function _spanOf(uint256 place, uint256 most) private view returns (uint256 from, uint256 to) {
        to = _count;
        while (to - from > most) {
            uint256[] memory at = edges(from, to);
            uint256 turn;
            while (place >= at[turn + 1]) ++turn;
            (from, to) = (at[turn], at[turn + 1]);
        }
    }

    /// A chunk of every child, and the claim that is wrong in its last number.
    function _evidence(RuleCase memory c) private view returns (ChunkProof[] memory inputs, ChunkProof memory wrong) {
        bytes32[] memory siblings = DrawnChunks.path(LONG, INDEX);
        inputs = new ChunkProof[](c.chunks.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            inputs[i] = ChunkProof(c.chunks[i], siblings);
        }
        int256[] memory numerators = _rules.numerators(c);
        numerators[255] += 1;
        wrong = ChunkProof(DrawnChunks.packed(numerators), siblings);
    }

    function _case(uint256 children, uint256 bits) private pure returns (RuleCase memory c) {
        uint256 trim = RobustTrees.trimAt(TRIM, children);
        return
            RuleCase(
                uint256(AggregationRule.TrimmedMean), trim, bits, 256, new uint256[](children), new bytes[](children)
            );
    }

    function wrongChunkOfUpdates(uint256 place) external returns (bytes memory) {
        (uint256 from, uint256 to) = _spanOf(place, 32);
        RuleCase memory c = _case(to - from, BITS);
        for (uint256 i = 0; i < to - from; ++i) {
            c.chunks[i] = DrawnChunks.drawn(from + i, BITS);
        }
        (ChunkProof[] memory inputs, ChunkProof memory wrong) = _evidence(c);
        return _prove(place, 32, inputs, wrong);
    }

    /// A node over nodes: their numerators are as they are claimed, and hers don't follow from them.
    function wrongChunkOfNodes(uint256 place) external returns (bytes memory) {
        (uint256 from, uint256 to) = _spanOf(place, 1024);
        uint256[] memory at = edges(from, to);
        RuleCase memory c = _case(at.length - 1, 64);
        for (uint256 i = 0; i + 1 < at.length; ++i) {
            c.chunks[i] = _numerators(i);
            c.weights[i] = RobustTrees.denominatorOf(TRIM, at[i + 1] - at[i]);
            bytes32[] memory siblings = DrawnChunks.path(LONG, INDEX);
            setClaim(at[i], at[i + 1], DrawnChunks.root(64, LONG, INDEX, c.chunks[i], siblings));
        }
        (ChunkProof[] memory inputs, ChunkProof memory wrong) = _evidence(c);
        return _prove(place, 1024, inputs, wrong);
    }

    /// Numerators of either sign that 32 updates of 16 bits may have.
    function _numerators(uint256 seed) private pure returns (bytes memory chunk) {
        for (uint256 i = 0; i < 256; ++i) {
            int64 drawn = int64(int256(uint256(keccak256(abi.encode(seed, i, "numerator"))) % (1 << 21))) - (1 << 20);
            chunk = bytes.concat(chunk, bytes8(uint64(drawn)));
        }
    }

    function _prove(uint256 place, uint256 most, ChunkProof[] memory inputs, ChunkProof memory wrong)
        private
        returns (bytes memory proof)
    {
        (uint256 from, uint256 to) = _spanOf(place, most);
        setClaim(from, to, DrawnChunks.root(64, LONG, INDEX, wrong.chunk, wrong.siblings));
        propose(id, this.nodeAt(0, _count));
        (Path memory path,,) = wayTo(_count, place, most);
        Children memory children = this.childrenAt(from, to);
        proof = abi.encodeCall(IDisputes.proveWrongChunk, (id, stakes, path, children, INDEX, inputs, wrong, WATCHER));
        setClaim(from, to, 0);
    }

    // --- one wrong participant ----------------------------------------------------------------

    function wrongLeaf(uint256 place) external returns (bytes memory proof) {
        heavier = place;
        propose(id, this.nodeAt(0, _count));
        (Path memory path, uint256 from, uint256 to) = wayTo(_count, place, 32);
        bytes32[] memory hashes = _hashes(this.childrenAt(from, to));
        proof =
            abi.encodeCall(IDisputes.proveWrongLeaf, (id, stakes, path, hashes, place - from, leafAt(place), WATCHER));
        heavier = NOBODY;
    }

    function leftOut(uint256 place) external returns (bytes memory proof) {
        skipped = place;
        propose(id, this.nodeAt(0, _count - 1));
        (Path memory path, uint256 from, uint256 to) = wayTo(_count - 1, place, 32);
        Children memory children = this.childrenAt(from, to);
        proof = abi.encodeCall(IDisputes.proveLeftOut, (id, stakes, path, children, participantOf(place), WATCHER));
        skipped = NOBODY;
    }

    // --- and one right proposal ---------------------------------------------------------------

    function _honestSettles() private {
        Node memory top = this.nodeAt(0, _count);
        propose(id, top);
        Children memory children = this.childrenAt(0, _count);
        refuse(
            abi.encodeCall(disputes.proveWrongNode, (id, stakes, pathTo(top), children, WATCHER)),
            abi.encodeWithSelector(IDisputes.NodeIsSound.selector, id)
        );
        vm.warp(block.timestamp + LONG_DISPUTE);
        staked.settle(id, stakes, proposalOf(top));
        same(rounds.resultOf(id).accepted, _count);
    }
}
