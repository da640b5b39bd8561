// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../interfaces/IAggregationJudge.sol";
import {ChunkRules, Rows} from "../libraries/ChunkRules.sol";
import {VectorRoots} from "../libraries/VectorRoots.sol";
import {AggregationRule} from "../types/DisputeTypes.sol";

/// @title The judge of one chunk
/// @dev Its cost grows with the number of inputs and the depth of a proof, not with the length of the vectors.
///
///      Assumptions:
///      1. Roots, weights and the inputs' order are the caller's to vouch for.
///      2. SHA-256 has no collisions. Its precompile fails for want of gas alone: then it reverts, and judges nothing.
contract AggregationJudge is IAggregationJudge {
    string public constant VERSION = "0.1.0";
    /// The most inputs that one question may have: the fan-in of an aggregation's tree (F-3).
    uint256 public constant MAX_INPUTS = 32;
    /// Numerators are proposed in this width.
    uint256 private constant CLAIM_BITS = 64;

    /// @inheritdoc IAggregationJudge
    function judge(ChunkParams calldata params, Input[] calldata inputs, Claim calldata claim)
        external
        view
        returns (Verdict memory)
    {
        _requireAnswerable(params, inputs.length);
        uint256[] memory weights =
            params.rule == AggregationRule.Mean ? _weights(params.bits, inputs) : new uint256[](0);
        if (!VectorRoots.verifyChunk(claim.root, CLAIM_BITS, params.length, params.index, claim.chunk, claim.proof)) {
            revert ResultNotProven();
        }
        // The claim first: a chunk that nobody proposed is no verdict's subject. It is proven, so there is such a chunk.
        uint256 values = VectorRoots.valuesAt(params.length, params.index);
        Rows memory rows = _proven(params, inputs, values);
        if (params.rule == AggregationRule.Mean) {
            return _compared(ChunkRules.mean(rows, weights, values), claim.chunk, params.index);
        }
        if (params.rule == AggregationRule.Median) {
            return _compared(ChunkRules.median(rows, values), claim.chunk, params.index);
        }
        if (params.bits == 64) _divide(rows, inputs, values);
        return _compared(ChunkRules.trimmedMean(rows, params.trim, values), claim.chunk, params.index);
    }

    function _requireAnswerable(ChunkParams calldata params, uint256 count) private pure {
        if (count == 0) revert NoInputs();
        if (count > MAX_INPUTS) revert TooManyInputs(count, MAX_INPUTS);
        if (params.rule == AggregationRule.HiddenMean) revert NotAPlainRule(params.rule);
        if (!VectorRoots.isWidth(params.bits)) revert WrongBits(params.rule, params.bits);
        if (params.rule == AggregationRule.TrimmedMean && count <= 2 * uint256(params.trim)) {
            revert TrimTooLarge(params.trim, count);
        }
    }

    /// @return weights as the mean takes them, bounded so that no sum leaves its lane: Σ wᵢ · 2^(bits−1) < 2^62.
    function _weights(uint8 bits, Input[] calldata inputs) private pure returns (uint256[] memory weights) {
        weights = new uint256[](inputs.length);
        uint256 sum;
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint64 weight = inputs[i].weight;
            if (weight == 0 || (bits == 64 && weight != 1)) revert WrongWeight(i, weight);
            weights[i] = weight;
            sum += weight;
        }
        // Partial sums have a weight of 1 each, and wider lanes.
        if (bits == 64) return weights;
        uint256 most = type(uint64).max >> (bits + 1);
        if (sum > most) revert WeightsTooLarge(sum, most);
    }

    /// @dev Turns the numerators of a trimmed mean's nodes into values that can be compared. Wrong ones may not fit.
    function _divide(Rows memory rows, Input[] calldata inputs, uint256 values) private pure {
        uint256[] memory denominators = new uint256[](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            if (inputs[i].weight == 0) revert WrongWeight(i, 0);
            denominators[i] = inputs[i].weight;
        }
        if (!ChunkRules.divide(rows, denominators, values)) revert ValuesTooLarge();
    }

    /// @return rows the inputs' chunks, each proven against its root.
    function _proven(ChunkParams calldata params, Input[] calldata inputs, uint256 values)
        private
        view
        returns (Rows memory rows)
    {
        rows = ChunkRules.allocate(inputs.length, params.bits, values);
        for (uint256 i = 0; i < inputs.length; ++i) {
            Input calldata input = inputs[i];
            bool proven =
                VectorRoots.verifyChunk(input.root, params.bits, params.length, params.index, input.chunk, input.proof);
            if (!proven) revert InputNotProven(i);
            ChunkRules.place(rows, i, input.chunk);
        }
    }

    function _compared(int256[] memory expected, bytes calldata chunk, uint64 index)
        private
        pure
        returns (Verdict memory)
    {
        uint256 at;
        int256 actual;
        assembly ("memory-safe") {
            // Stops at the first numerator that differs, or behind the last one.
            let count := mload(expected)
            for {} lt(at, count) { at := add(at, 1) } {
                actual := sar(192, calldataload(add(chunk.offset, mul(at, 8))))
                if sub(actual, mload(add(add(expected, 32), mul(at, 32)))) { break }
            }
        }
        if (at == expected.length) return Verdict(true, 0, 0, 0);
        // A coordinate is below the vector's length, which has 64 bits.
        return Verdict(false, uint64(index * VectorRoots.CHUNK + at), expected[at], actual);
    }
}
