// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../interfaces/IAggregationJudge.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {ISumJudge} from "../interfaces/ISumJudge.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {DisputeGrounds} from "../stake/DisputeGrounds.sol";
import {AggregationRule, Children, ChunkProof, Node, OpenedSecrets, Path, StakeTerms} from "../types/DisputeTypes.sol";
import {SignedShare} from "../types/HiddenTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @dev Proofs about hidden rounds, and what their rule asks of the others (H-8).
abstract contract HiddenDisputes is DisputeGrounds {
    ISumJudge public immutable sumJudge;

    constructor(ISumJudge sumJudge_) {
        if (address(sumJudge_) == address(0)) revert ZeroAddress();
        sumJudge = sumJudge_;
    }

    // --- what a hidden round comes to ---------------------------------------------------------

    /// @inheritdoc IDisputes
    function proveWrongSum(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        uint64 chunk,
        ChunkProof[] calldata inputs,
        ChunkProof calldata numerators,
        OpenedSecrets calldata secrets,
        address beneficiary
    ) external announced(beneficiary) {
        // Check
        Node calldata node = _requireSummed(roundId, stakes, path, children);
        if (_isRightSum(roundId, stakes, node, children, chunk, inputs, numerators, secrets)) {
            revert ChunkIsCorrect(roundId, chunk);
        }
        // Interaction
        rounds.reject(roundId, stakes, beneficiary, "wrong chunk");
    }

    /// @return the node that the path leads to, and that commits to these children.
    function _requireSummed(RoundId roundId, StakeTerms calldata stakes, Path calldata path, Children calldata children)
        private
        view
        returns (Node calldata)
    {
        if (stakes.rule != AggregationRule.HiddenMean) revert WrongRule(roundId, stakes.rule);
        Node calldata node = _requireEnd(roundId, _requireDisputable(roundId, stakes), path);
        if (!RoundTrees.areChildren(node, children)) revert ChildrenNotOfNode(roundId);
        return node;
    }

    function _isRightSum(
        RoundId roundId,
        StakeTerms calldata stakes,
        Node calldata node,
        Children calldata children,
        uint64 chunk,
        ChunkProof[] calldata inputs,
        ChunkProof calldata numerators,
        OpenedSecrets calldata secrets
    ) private view returns (bool) {
        ISumJudge.SumParams memory question = ISumJudge.SumParams(roundId, stakes.vectorLength, chunk);
        IAggregationJudge.Claim memory claim =
            IAggregationJudge.Claim(node.numeratorsRoot, numerators.chunk, numerators.siblings);
        return sumJudge.judge(question, children.leaves, inputs, claim, secrets).correct;
    }

    /// @inheritdoc IDisputes
    function proveNotHidden(RoundId roundId, StakeTerms calldata stakes, address beneficiary)
        external
        announced(beneficiary)
    {
        // Check
        _requireDisputable(roundId, stakes);
        bool hidden = sumJudge.hiddenRounds().widthOf(roundId) != 0;
        if ((stakes.rule == AggregationRule.HiddenMean) == hidden) revert RuleFits(roundId, stakes.rule);
        // Interaction
        rounds.reject(roundId, stakes, beneficiary, "not hidden");
    }

    // --- what a holder of shares signs --------------------------------------------------------

    /// @inheritdoc IDisputes
    function proveBothSecrets(
        RoundId roundId,
        StakeTerms calldata stakes,
        address holder,
        address dealer,
        SignedShare calldata ofSeed,
        SignedShare calldata ofKey
    ) external {
        // Check
        if (!sumJudge.hiddenRounds().signedBoth(roundId, holder, dealer, ofSeed, ofKey)) {
            revert NotSignedBoth(roundId, holder, dealer);
        }
        // Interaction: nobody gains by it, so nobody has to be first
        rounds.burn(roundId, stakes, holder, "both secrets");
    }

    // --- for the other proofs -----------------------------------------------------------------

    /// @dev Whether the rule includes the update of whom counts: that of hidden sums only those of survivors, for nobody can
    ///      take a mask off another's.
    function _isIncluded(RoundId roundId, StakeTerms calldata stakes, address participant)
        internal
        view
        returns (bool)
    {
        return stakes.rule != AggregationRule.HiddenMean || sumJudge.isSummed(roundId, participant);
    }

    /// @dev Of masked values no plain rule says anything.
    function _requirePlain(RoundId roundId, StakeTerms calldata stakes) internal pure {
        if (stakes.rule == AggregationRule.HiddenMean) revert WrongRule(roundId, stakes.rule);
    }
}
