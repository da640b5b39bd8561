// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AggregationRule} from "../types/DisputeTypes.sol";

/// @title Recomputes one chunk of an aggregate from the same chunk of every input
/// @dev It keeps nothing and knows nobody: what it says follows from its arguments alone. That the roots and
///      weights are those of the round, each input once and none left out, is for the caller to know.
interface IAggregationJudge {
    /// What is asked: by which rule, at which chunk, of vectors of that length. `bits` is the inputs' width;
    /// 64 marks the numerators of a tree's nodes. `trim` counts for the trimmed mean alone.
    struct ChunkParams {
        /// How inputs are combined.
        AggregationRule rule;
        /// What is dropped at each end; counts for the trimmed mean alone.
        uint32 trim;
        /// The inputs' width: 8, 16 or 32; 64 of nodes' numerators.
        uint8 bits;
        /// How many values a vector has.
        uint64 length;
        /// The chunk's, from 0.
        uint64 index;
    }

    /// An input's chunk, with what proves it against the input's root. The weight counts for the mean; of a trimmed
    /// mean's node it is the denominator that its numerators have, and its values are compared in units of 2^-16.
    struct Input {
        /// Its vector root (L-4).
        bytes32 root;
        /// From 1; of a mean's partial sum 1.
        uint64 weight;
        /// The values, big-endian.
        bytes chunk;
        /// SHA-256 hashes from the leaf up.
        bytes32[] proof;
    }

    /// The proposed numerators' chunk, 64 bits each, with what proves it against the proposed root.
    struct Claim {
        /// Its vector root (L-4).
        bytes32 root;
        /// The numerators, 8 bytes each, big-endian.
        bytes chunk;
        /// SHA-256 hashes from the leaf up.
        bytes32[] proof;
    }

    /// Whether the claim is correct. If not: the first coordinate of the vector that isn't, what it has to be, and
    /// what the claim says. What it has to be may not even fit 64 bits.
    struct Verdict {
        /// Whether the claim is.
        bool correct;
        /// The first that isn't, from 0; 0 if all are.
        uint64 coordinate;
        /// The correct numerator, of any size.
        int256 expected;
        /// The claim's.
        int256 actual;
    }

    /// @notice Nothing to combine.
    error NoInputs();
    /// @notice More than a node's children can be.
    /// @param count how many inputs there are.
    /// @param most the most that is taken.
    error TooManyInputs(uint256 count, uint256 most);
    /// @notice No width of values: 8, 16, 32, or 64.
    /// @param rule how inputs are combined.
    /// @param bits the width of a value, in bits.
    error WrongBits(AggregationRule rule, uint8 bits);
    /// @notice Of masked values this judge says nothing: SumJudge does.
    /// @param rule how inputs are combined.
    error NotAPlainRule(AggregationRule rule);
    /// @notice The trimmed mean would leave nothing of this many inputs.
    /// @param trim what is dropped at each end.
    /// @param count how many inputs there are.
    error TrimTooLarge(uint32 trim, uint256 count);
    /// @notice A weight or a denominator of 0, or a weight other than 1 on a partial sum.
    /// @param position the input's, from 0.
    /// @param weight in a mean the weight; of a trimmed mean's node its denominator.
    error WrongWeight(uint256 position, uint64 weight);
    /// @notice Weights that the round's terms could not have allowed (A-2).
    /// @param sum of all weights.
    /// @param most the most that is taken.
    error WeightsTooLarge(uint256 sum, uint256 most);
    /// @notice Values of a trimmed mean's nodes beyond 64 bits: some node is wrong, and is to be judged itself.
    error ValuesTooLarge();
    /// @notice An input's chunk doesn't prove itself against its root.
    /// @param position the input's, from 0.
    error InputNotProven(uint256 position);
    /// @notice The claim's chunk doesn't prove itself against its root.
    error ResultNotProven();

    /// @notice Judges a claim. Caller: anyone; nothing changes.
    /// @param params which chunk, of what.
    /// @param inputs 1 to 32, in order.
    /// @param claim the proposed numerators.
    /// @return verdict whether the claim is correct, and if not where.
    function judge(ChunkParams calldata params, Input[] calldata inputs, Claim calldata claim)
        external
        view
        returns (Verdict memory verdict);
}
