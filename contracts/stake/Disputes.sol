// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../interfaces/IAggregationJudge.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {RobustTrees} from "../libraries/RobustTrees.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {ChunkProof, Children, Leaf, Node, Path, Rule, Standing, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";
import {Questions} from "./Questions.sol";

/// @title Disputes
contract Disputes is Questions {
    string public constant VERSION = "0.1.0";
    IAggregationJudge public immutable judge;

    constructor(IStakedRounds rounds_, IStakeVault vault_, IAggregationJudge judge_) Questions(rounds_, vault_) {
        judge = judge_;
    }

    // --- what a proposal includes -------------------------------------------------------------

    /// @inheritdoc IDisputes
    function proveWrongNode(RoundId roundId, StakeTerms calldata stakes, Path calldata path, Children calldata children)
        external
    {
        // Check
        Standing memory r = _requireDisputable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r, path);
        if (!RoundTrees.areChildren(node, children)) revert ChildrenNotOfNode(roundId);
        if (_isSound(stakes, path, children)) revert NodeIsSound(roundId);
        // Effect
        rounds.reject(roundId, stakes, msg.sender, "wrong node");
    }

    /// @inheritdoc IDisputes
    function proveWrongLeaf(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        bytes32[] calldata hashes,
        uint256 position,
        Leaf calldata leaf
    ) external {
        // Check
        Standing memory r = _requireDisputable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r, path);
        if (position >= hashes.length) revert PositionOutOfRange(position, hashes.length);
        bool holds = keccak256(abi.encode(hashes)) == node.childrenHash && hashes[position] == RoundTrees.hashOf(leaf);
        if (!holds) revert ChildrenNotOfNode(roundId);
        if (rounds.isRight(roundId, leaf)) revert LeafIsRight(roundId, leaf.participant);
        // Effect
        rounds.reject(roundId, stakes, msg.sender, "wrong leaf");
    }

    /// @inheritdoc IDisputes
    function proveLeftOut(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        address participant
    ) external {
        // Check
        Standing memory r = _requireDisputable(roundId, stakes);
        if (!rounds.counts(roundId, participant)) revert IStakedRounds.DoesNotCount(roundId, participant);
        Node calldata node = _requireEnd(roundId, r, path);
        if (!RoundTrees.areChildren(node, children)) revert ChildrenNotOfNode(roundId);
        if (!RoundTrees.isAbsent(path, children, participant)) revert NotLeftOut(roundId, participant);
        // Effect
        rounds.reject(roundId, stakes, msg.sender, "left out");
    }

    // --- what it comes to ---------------------------------------------------------------------

    /// @inheritdoc IDisputes
    function proveWrongChunk(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        uint64 chunk,
        ChunkProof[] calldata inputs,
        ChunkProof calldata numerators
    ) external {
        // Check
        Standing memory r = _requireDisputable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r, path);
        if (!RoundTrees.areChildren(node, children)) revert ChildrenNotOfNode(roundId);
        if (_isRightChunk(r.bits, stakes, node, children, chunk, inputs, numerators)) {
            revert ChunkIsRight(roundId, chunk);
        }
        // Effect
        rounds.reject(roundId, stakes, msg.sender, "wrong chunk");
    }

    function _isRightChunk(
        uint8 bits,
        StakeTerms calldata stakes,
        Node calldata node,
        Children calldata children,
        uint64 chunk,
        ChunkProof[] calldata inputs,
        ChunkProof calldata numerators
    ) private view returns (bool) {
        bool leaves = children.leaves.length != 0;
        IAggregationJudge.Input[] memory given = _inputs(stakes, children, inputs, leaves);
        // Without a trim nothing is trimmed, whatever the rule.
        uint32 trim = uint32(RobustTrees.trimAt(stakes.trim, given.length));
        IAggregationJudge.Question memory question =
            IAggregationJudge.Question(stakes.rule, trim, leaves ? bits : NUMERATOR_BITS, stakes.vectorLength, chunk);
        IAggregationJudge.Claim memory claim =
            IAggregationJudge.Claim(node.numeratorsRoot, numerators.chunk, numerators.siblings);
        return judge.judge(question, given, claim).right;
    }

    /// @dev Every child with its chunk, in order: none can be left out, for the node commits to them all.
    function _inputs(StakeTerms calldata stakes, Children calldata children, ChunkProof[] calldata proofs, bool leaves)
        private
        pure
        returns (IAggregationJudge.Input[] memory inputs)
    {
        uint256 count = leaves ? children.leaves.length : children.nodes.length;
        if (proofs.length != count) revert WrongNumberOfInputs(proofs.length, count);
        inputs = new IAggregationJudge.Input[](count);
        for (uint256 i = 0; i < count; ++i) {
            (bytes32 root, uint64 weight) = leaves
                ? (children.leaves[i].updateRoot, children.leaves[i].weight)
                : (children.nodes[i].numeratorsRoot, _weightOf(stakes, children.nodes[i]));
            inputs[i] = IAggregationJudge.Input(root, weight, proofs[i].chunk, proofs[i].siblings);
        }
    }

    /// @dev A node's numerators are sums already, with the weights in them; those of a trimmed mean are still to be
    ///      divided, by what follows from the node's count.
    function _weightOf(StakeTerms calldata stakes, Node calldata node) private pure returns (uint64) {
        if (stakes.rule != Rule.TrimmedMean) return 1;
        return uint64(RobustTrees.denominatorOf(stakes.trim, node.count));
    }

    // --- what a participant reveals -----------------------------------------------------------

    /// @inheritdoc IDisputes
    function strikeOutOfRange(
        RoundId roundId,
        StakeTerms calldata stakes,
        Leaf calldata leaf,
        uint64 chunk,
        ChunkProof calldata proof
    ) external {
        // Check
        Standing memory r = rounds.standingOf(roundId, stakes);
        if (!rounds.isRight(roundId, leaf)) revert NotRevealedSo(roundId, leaf.participant);
        bool proven = _proves(leaf.updateRoot, r.bits, stakes.vectorLength, chunk, proof);
        if (!proven || !_leavesLattice(proof.chunk, r.bits)) revert InRange(roundId, leaf.participant, chunk);
        // Effect
        rounds.strike(roundId, stakes, leaf.participant, msg.sender, "out of range");
    }

    /// @dev The one value of a width that isn't on the lattice is the least: its negative has no place (L-2).
    function _leavesLattice(bytes calldata chunk, uint8 bits) private pure returns (bool) {
        uint256 width = bits / 8;
        for (uint256 at = 0; at < chunk.length; at += width) {
            if (chunk[at] != 0x80) continue;
            uint256 rest = 1;
            while (rest < width && chunk[at + rest] == 0) ++rest;
            if (rest == width) return true;
        }
        return false;
    }
}
