// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Rule} from "../types/DisputeTypes.sol";

/// @title Recomputes one chunk of an aggregate from the same chunk of every input
/// @dev It keeps nothing and knows nobody: what it says follows from its arguments alone. That the roots and
///      weights are those of the round, each input once and none left out, is for the caller to know.
interface IAggregationJudge {
    /// What is asked: by which rule, at which chunk, of vectors of that length. `bits` is the inputs' width;
    /// 64 marks the numerators of a tree's nodes. `trim` counts for the trimmed mean alone.
    struct Question {
        Rule rule;
        uint32 trim;
        uint8 bits;
        uint64 length;
        uint64 index;
    }

    /// An input's chunk, with what proves it against the input's root. The weight counts for the mean; of a trimmed
    /// mean's node it is the denominator that its numerators have, and its values are compared in units of 2^-16.
    struct Input {
        bytes32 root;
        uint64 weight;
        bytes chunk;
        bytes32[] proof;
    }

    /// The proposed numerators' chunk, 64 bits each, with what proves it against the proposed root.
    struct Claim {
        bytes32 root;
        bytes chunk;
        bytes32[] proof;
    }

    /// Whether the claim is right. If not: the first coordinate of the vector that isn't, what it has to be, and
    /// what the claim says. What it has to be may not even fit 64 bits.
    struct Verdict {
        bool right;
        uint64 coordinate;
        int256 expected;
        int256 found;
    }

    error NoInputs();
    error TooManyInputs(uint256 count, uint256 most);
    error WrongBits(Rule rule, uint8 bits);
    /// The trimmed mean would leave nothing of this many inputs.
    error TrimTooLarge(uint32 trim, uint256 count);
    /// A weight or a denominator of 0, or a weight other than 1 on a partial sum.
    error WrongWeight(uint256 position, uint64 weight);
    /// Weights that the round's terms could not have allowed (A-2).
    error WeightsTooLarge(uint256 sum, uint256 most);
    /// Values of a trimmed mean's nodes beyond 64 bits: some node is wrong, and is to be judged itself.
    error ValuesTooLarge();
    error InputNotProven(uint256 position);
    error ResultNotProven();

    /// @notice Judges a claim. Caller: anyone; nothing changes.
    function judge(Question calldata question, Input[] calldata inputs, Claim calldata claim)
        external
        view
        returns (Verdict memory verdict);
}
