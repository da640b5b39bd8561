// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ChunkProof, StepProof} from "../types/DisputeTypes.sol";

/// @title Recomputes one chunk of a new version's weights from its base's and the numerators' (F-13, F-14)
/// @dev It keeps nothing and knows nobody: what it says follows from its arguments alone. That the roots are those of
///      the round's base, of its top's numerators and of its new version, and the rest its terms, is for the caller to
///      know.
interface IVersionJudge {
    /// What is asked: at which chunk, of versions of that `length`. Weights have `precision` bits: 32 for binary32, 16
    /// for bfloat16. Step and guard bits are the lattice's (L-1); the numerators are divided by the denominator (F-1).
    struct Question {
        uint8 precision;
        uint64 length;
        uint64 index;
        int8 stepExponent;
        uint8 guardBits;
        uint256 denominator;
    }

    /// What the chunks are proven against: the base's root and the new version's, of weights; the numerators', of
    /// integers of 64 bits.
    struct Roots {
        bytes32 base;
        bytes32 numerators;
        bytes32 version;
    }

    /// A server's step by momentum (F-15): factor and rate as binary64's bits; `ahead` is DiLoCo's.
    struct Step {
        uint64 factor;
        uint64 rate;
        bool ahead;
    }

    /// What the chunks of a step are proven against: the roots of the base's weights, of the momentum there and of the
    /// numerators; and of what is claimed, new weights or new momentum.
    struct StepRoots {
        bytes32 base;
        bytes32 momenta;
        bytes32 numerators;
        bytes32 claim;
    }

    /// Whether the claim is right. If not: the first coordinate of the vector that isn't, which bits it has to have,
    /// and which the claim has. Where no bits are right, as over a base that isn't finite, a NaN is expected:
    /// 0x7fc00000, of bfloat16 0x7fc0, of a momentum 0x7ff8000000000000.
    struct Verdict {
        bool right;
        uint64 coordinate;
        uint64 expected;
        uint64 found;
    }

    error WrongPrecision(uint8 precision);
    /// A lattice that no round has (L-1).
    error WrongStep(int8 stepExponent, uint8 guardBits);
    /// 0, or 2^128 and more.
    error WrongDenominator(uint256 denominator);
    /// Position 0 is the base, 1 the numerators, 2 the momentum at the base.
    error InputNotProven(uint256 position);
    error ResultNotProven();
    /// An aggregate beyond ±(2^31 − 1): the numerators are wrong, and are to be judged themselves.
    error AggregateTooLarge();

    /// @notice Judges a claim. Caller: anyone; nothing changes.
    function judge(
        Question calldata question,
        Roots calldata roots,
        ChunkProof calldata base,
        ChunkProof calldata numerators,
        ChunkProof calldata claim
    ) external view returns (Verdict memory verdict);

    /// @notice Judges a claim about a step by momentum: new weights, or the new momentum. Caller: anyone; nothing
    ///         changes.
    function judgeStep(
        Question calldata question,
        Step calldata step,
        StepRoots calldata roots,
        StepProof calldata proofs
    ) external view returns (Verdict memory verdict);
}
