// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../interfaces/IAggregationJudge.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {ISumJudge} from "../interfaces/ISumJudge.sol";
import {IVersionJudge} from "../interfaces/IVersionJudge.sol";
import {RobustTrees} from "../libraries/RobustTrees.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {HiddenDisputes} from "../privacy/HiddenDisputes.sol";
import {
    AggregationRule,
    Children,
    ChunkProof,
    Leaf,
    Node,
    Path,
    Proposal,
    RoundStatus,
    Server,
    ServerStep,
    StakeTerms,
    StepProof
} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";
import {DisputeGrounds} from "./DisputeGrounds.sol";
import {ProposalChecks} from "./ProposalChecks.sol";

/// @title Disputes
/// @dev Assumptions:
///      1. It trusts no proposal, participant or prover: every verdict follows from roots that were committed to
///         before.
///      2. SHA-256 and keccak-256 have no collisions.
///      3. StakedRounds tells truly what stands, and takes the stakes; the judges compute as F-4, F-14, F-15 and H-8 say.
///      4. A prover can be outrun by who announced the same call earlier, never by who copies it.
contract Disputes is HiddenDisputes {
    string public constant VERSION = "0.1.0";
    IAggregationJudge public immutable judge;
    IVersionJudge public immutable versionJudge;

    constructor(IStakedRounds rounds_, IAggregationJudge judge_, IVersionJudge versionJudge_, ISumJudge sumJudge_)
        DisputeGrounds(rounds_)
        HiddenDisputes(sumJudge_)
    {
        if (address(judge_) == address(0) || address(versionJudge_) == address(0)) revert ZeroAddress();
        judge = judge_;
        versionJudge = versionJudge_;
    }

    // --- what a proposal includes -------------------------------------------------------------

    /// @inheritdoc IDisputes
    function proveWrongNode(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        address beneficiary
    ) external announced(beneficiary) {
        // Check
        RoundStatus memory r = _requireDisputable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r, path);
        if (!RoundTrees.areChildren(node, children)) revert ChildrenNotOfNode(roundId);
        if (ProposalChecks.isSound(path, children)) revert NodeIsSound(roundId);
        // Interaction
        rounds.reject(roundId, stakes, beneficiary, "wrong node");
    }

    /// @inheritdoc IDisputes
    function proveWrongLeaf(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        bytes32[] calldata hashes,
        uint256 position,
        Leaf calldata leaf,
        address beneficiary
    ) external announced(beneficiary) {
        // Check
        RoundStatus memory r = _requireDisputable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r, path);
        if (position >= hashes.length) revert PositionOutOfRange(position, hashes.length);
        bool holds = keccak256(abi.encode(hashes)) == node.childrenHash && hashes[position] == RoundTrees.hashOf(leaf);
        if (!holds) revert ChildrenNotOfNode(roundId);
        // One question for both faults, a leaf that was made up and one that doesn't count: either rejects.
        if (_isRightLeaf(roundId, stakes, leaf)) revert LeafMatchesReveal(roundId, leaf.participant);
        // Interaction
        rounds.reject(roundId, stakes, beneficiary, "wrong leaf");
    }

    /// @inheritdoc IDisputes
    function proveLeftOut(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        address participant,
        address beneficiary
    ) external announced(beneficiary) {
        // Check
        RoundStatus memory r = _requireDisputable(roundId, stakes);
        if (!rounds.isCounted(roundId, participant) || !_isIncluded(roundId, stakes, participant)) {
            revert IStakedRounds.NotCounted(roundId, participant);
        }
        Node calldata node = _requireEnd(roundId, r, path);
        if (!RoundTrees.areChildren(node, children)) revert ChildrenNotOfNode(roundId);
        // Ranges are sound or proved wrong elsewhere, so the one way to its place says whether it is there.
        if (!RoundTrees.isAbsent(path, children, participant)) revert NotLeftOut(roundId, participant);
        // Interaction
        rounds.reject(roundId, stakes, beneficiary, "left out");
    }

    function _isRightLeaf(RoundId roundId, StakeTerms calldata stakes, Leaf calldata leaf) private view returns (bool) {
        return rounds.matchesReveal(roundId, leaf) && _isIncluded(roundId, stakes, leaf.participant);
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
        ChunkProof calldata numerators,
        address beneficiary
    ) external announced(beneficiary) {
        // Check
        _requirePlain(roundId, stakes);
        RoundStatus memory r = _requireDisputable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r, path);
        if (!RoundTrees.areChildren(node, children)) revert ChildrenNotOfNode(roundId);
        if (_isRightChunk(r.bits, stakes, node, children, chunk, inputs, numerators)) {
            revert ChunkIsCorrect(roundId, chunk);
        }
        // Interaction
        rounds.reject(roundId, stakes, beneficiary, "wrong chunk");
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
        uint8 width = leaves ? bits : ProposalChecks.NUMERATOR_BITS;
        IAggregationJudge.ChunkParams memory question =
            IAggregationJudge.ChunkParams(stakes.rule, trim, width, stakes.vectorLength, chunk);
        IAggregationJudge.Claim memory claim =
            IAggregationJudge.Claim(node.numeratorsRoot, numerators.chunk, numerators.siblings);
        return judge.judge(question, given, claim).correct;
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
        if (stakes.rule != AggregationRule.TrimmedMean) return 1;
        return uint64(RobustTrees.denominatorOf(stakes.trim, node.count));
    }

    // --- what the new version is --------------------------------------------------------------

    /// @inheritdoc IDisputes
    function proveWrongVersion(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        uint64 chunk,
        ChunkProof calldata base,
        ChunkProof calldata numerators,
        ChunkProof calldata weights,
        address beneficiary
    ) external announced(beneficiary) {
        // Check
        if (_isRightVersion(roundId, stakes, proposal, chunk, base, numerators, weights)) {
            revert VersionIsCorrect(roundId, chunk);
        }
        // Interaction
        rounds.reject(roundId, stakes, beneficiary, "wrong version");
    }

    function _isRightVersion(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        uint64 chunk,
        ChunkProof calldata base,
        ChunkProof calldata numerators,
        ChunkProof calldata weights
    ) private view returns (bool) {
        RoundStatus memory r = _requireProposal(roundId, stakes, proposal);
        IVersionJudge.Roots memory roots =
            IVersionJudge.Roots(stakes.baseRoot, proposal.top.numeratorsRoot, proposal.versionRoot);
        IVersionJudge.Verdict memory verdict =
            versionJudge.judge(_questionOf(r, stakes, proposal.top, chunk), roots, base, numerators, weights);
        // Over a base that is weights alone nothing is remembered.
        return verdict.correct && proposal.momentumRoot == 0;
    }

    /// @inheritdoc IDisputes
    function proveWrongStep(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        Server calldata server,
        uint64 chunk,
        StepProof calldata proofs,
        address beneficiary
    ) external announced(beneficiary) {
        // Check
        bool evaluated = server.step == ServerStep.None || server.step == ServerStep.Evaluated;
        if (evaluated || keccak256(abi.encode(server)) != stakes.baseRoot) revert WrongServer(roundId);
        if (_isRightStep(roundId, stakes, proposal, server, chunk, proofs)) revert VersionIsCorrect(roundId, chunk);
        // Interaction
        rounds.reject(roundId, stakes, beneficiary, "wrong version");
    }

    function _isRightStep(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        Server calldata server,
        uint64 chunk,
        StepProof calldata proofs
    ) private view returns (bool) {
        RoundStatus memory r = _requireProposal(roundId, stakes, proposal);
        // Nothing could be proven against it, nor asked for.
        if (proposal.momentumRoot == 0) return false;
        IVersionJudge.StepRoots memory roots = IVersionJudge.StepRoots({
            base: server.weightsRoot,
            momenta: server.momentumRoot,
            numerators: proposal.top.numeratorsRoot,
            claim: proofs.ofMomentum ? proposal.momentumRoot : proposal.versionRoot
        });
        IVersionJudge.MomentumParams memory step =
            IVersionJudge.MomentumParams(server.factor, server.rate, server.step == ServerStep.DiLoCo);
        return versionJudge.judgeStep(_questionOf(r, stakes, proposal.top, chunk), step, roots, proofs).correct;
    }

    function _questionOf(RoundStatus memory r, StakeTerms calldata stakes, Node calldata top, uint64 chunk)
        private
        pure
        returns (IVersionJudge.ChunkParams memory)
    {
        uint256 denominator = top.weight;
        if (stakes.rule == AggregationRule.Median) denominator = RobustTrees.medianDenominatorOf(top.count);
        if (stakes.rule == AggregationRule.TrimmedMean) {
            denominator = RobustTrees.denominatorOf(stakes.trim, top.count);
        }
        return IVersionJudge.ChunkParams({
            precision: stakes.precision,
            length: stakes.vectorLength,
            index: chunk,
            stepExponent: r.stepExponent,
            guardBits: r.guardBits,
            denominator: denominator
        });
    }

    // --- what a participant reveals -----------------------------------------------------------

    /// @inheritdoc IDisputes
    function proveOutOfRange(
        RoundId roundId,
        StakeTerms calldata stakes,
        Leaf calldata leaf,
        uint64 chunk,
        ChunkProof calldata proof,
        address beneficiary
    ) external announced(beneficiary) {
        // Check
        _requirePlain(roundId, stakes);
        RoundStatus memory r = rounds.statusOf(roundId, stakes);
        // Later in the grace after an outage alone, when nobody can be about to propose.
        if (block.timestamp >= r.slashEnd && rounds.graceUntil() == 0) {
            revert IStakedRounds.TooLateToSlash(roundId, r.slashEnd, uint64(block.timestamp));
        }
        if (!rounds.matchesReveal(roundId, leaf)) revert NotRevealedSo(roundId, leaf.participant);
        bool proven = ProposalChecks.proves(leaf.updateRoot, r.bits, stakes.vectorLength, chunk, proof);
        if (!proven || !_leavesLattice(proof.chunk, r.bits)) revert InRange(roundId, leaf.participant, chunk);
        // Interaction
        rounds.slashParticipant(roundId, stakes, leaf.participant, beneficiary, "out of range");
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
