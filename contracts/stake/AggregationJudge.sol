// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../interfaces/IAggregationJudge.sol";
import {ChunkRules, Rows} from "../libraries/ChunkRules.sol";
import {VectorRoots} from "../libraries/VectorRoots.sol";
import {Rule} from "../types/DisputeTypes.sol";

/// @title The judge of one chunk
/// @dev Its cost grows with the number of inputs and the depth of a proof, not with the length of the vectors.
contract AggregationJudge is IAggregationJudge {
    string public constant VERSION = "0.1.0";
    /// The most inputs that one question may have: the fan-in of an aggregation's tree (F-3).
    uint256 public constant MOST_INPUTS = 32;
    /// Numerators are proposed in this width.
    uint256 private constant CLAIM_BITS = 64;

    /// @inheritdoc IAggregationJudge
    function judge(Question calldata question, Input[] calldata inputs, Claim calldata claim)
        external
        view
        returns (Verdict memory)
    {
        _requireAnswerable(question, inputs.length);
        uint256[] memory weights = question.rule == Rule.Mean ? _weights(question.bits, inputs) : new uint256[](0);
        if (!VectorRoots.verifyChunk(claim.root, CLAIM_BITS, question.length, question.index, claim.chunk, claim.proof))
        {
            revert ResultNotProven();
        }
        // The claim is proven, so there is such a chunk.
        uint256 values = VectorRoots.valuesAt(question.length, question.index);
        Rows memory rows = _proven(question, inputs, values);
        if (question.rule == Rule.Mean) {
            return _compared(ChunkRules.mean(rows, weights, values), claim.chunk, question.index);
        }
        if (question.rule == Rule.Median) {
            return _compared(ChunkRules.median(rows, values), claim.chunk, question.index);
        }
        if (question.bits == 64) _divide(rows, inputs, values);
        return _compared(ChunkRules.trimmedMean(rows, question.trim, values), claim.chunk, question.index);
    }

    function _requireAnswerable(Question calldata question, uint256 count) private pure {
        if (count == 0) revert NoInputs();
        if (count > MOST_INPUTS) revert TooManyInputs(count, MOST_INPUTS);
        if (!VectorRoots.isWidth(question.bits)) revert WrongBits(question.rule, question.bits);
        if (question.rule == Rule.TrimmedMean && count <= 2 * uint256(question.trim)) {
            revert TrimTooLarge(question.trim, count);
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
    function _proven(Question calldata question, Input[] calldata inputs, uint256 values)
        private
        view
        returns (Rows memory rows)
    {
        rows = ChunkRules.allocate(inputs.length, question.bits, values);
        for (uint256 i = 0; i < inputs.length; ++i) {
            Input calldata input = inputs[i];
            bool proven = VectorRoots.verifyChunk(
                input.root, question.bits, question.length, question.index, input.chunk, input.proof
            );
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
        int256 found;
        assembly ("memory-safe") {
            // Stops at the first numerator that differs, or behind the last one.
            let count := mload(expected)
            for {} lt(at, count) { at := add(at, 1) } {
                found := sar(192, calldataload(add(chunk.offset, mul(at, 8))))
                if sub(found, mload(add(add(expected, 32), mul(at, 32)))) { break }
            }
        }
        if (at == expected.length) return Verdict(true, 0, 0, 0);
        // A coordinate is below the vector's length, which has 64 bits.
        return Verdict(false, uint64(index * VectorRoots.CHUNK + at), expected[at], found);
    }
}
