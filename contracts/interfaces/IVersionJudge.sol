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
    struct ChunkParams {
        /// Bits of a weight: 32 or 16.
        uint8 precision;
        /// How many values a vector has.
        uint64 length;
        /// The chunk's, from 0.
        uint64 index;
        /// e, from -60 to 20: a step of the lattice is 2^e.
        int8 stepExponent;
        /// g, up to 16.
        uint8 guardBits;
        /// What numerators are divided by, from 1, below 2^128.
        uint256 denominator;
    }

    /// What the chunks are proven against: the base's root and the new version's, of weights; the numerators', of
    /// integers of 64 bits.
    struct Roots {
        /// Of the base's weights.
        bytes32 base;
        /// Of the top's numerators.
        bytes32 numerators;
        /// Of the new weights.
        bytes32 version;
    }

    /// A server's step by momentum (F-15): factor and rate as binary64's bits; `nesterov` is DiLoCo's.
    struct MomentumParams {
        /// beta or mu.
        uint64 factor;
        /// The learning rate.
        uint64 rate;
        /// Whether it looks ahead.
        bool nesterov;
    }

    /// What the chunks of a step are proven against: the roots of the base's weights, of the momentum there and of the
    /// numerators; and of what is claimed, new weights or new momentum.
    struct StepRoots {
        /// Of the base's weights.
        bytes32 base;
        /// Of the momentum at the base.
        bytes32 momenta;
        /// Of the top's numerators.
        bytes32 numerators;
        /// Of the new weights, or of the new momentum.
        bytes32 claim;
    }

    /// Whether the claim is correct. If not: the first coordinate of the vector that isn't, which bits it has to have,
    /// and which the claim has. Where no bits are correct, as over a base that isn't finite, a NaN is expected:
    /// 0x7fc00000, of bfloat16 0x7fc0, of a momentum 0x7ff8000000000000.
    struct Verdict {
        /// Whether the claim is.
        bool correct;
        /// The first that isn't, from 0; 0 if all are.
        uint64 coordinate;
        /// The correct bits, or a NaN's.
        uint64 expected;
        /// The claim's bits.
        uint64 actual;
    }

    /// @notice Neither 32 nor 16.
    /// @param precision the width of weights, in bits.
    error WrongPrecision(uint8 precision);
    /// @notice A lattice that no round has (L-1).
    /// @param stepExponent e: a step of the lattice is 2^e.
    /// @param guardBits g: bits below a step (L-1).
    error WrongLattice(int8 stepExponent, uint8 guardBits);
    /// @notice 0, or 2^128 and more.
    /// @param denominator what numerators are divided by.
    error WrongDenominator(uint256 denominator);
    /// @notice Position 0 is the base, 1 the numerators, 2 the momentum at the base.
    /// @param position 0 base, 1 numerators, 2 momentum.
    error InputNotProven(uint256 position);
    /// @notice The claim's chunk doesn't prove itself against its root.
    error ResultNotProven();
    /// @notice An aggregate beyond ±(2^31 − 1): the numerators are wrong, and are to be judged themselves.
    error AggregateTooLarge();

    /// @notice Judges a claim. Caller: anyone; nothing changes.
    /// @param params which chunk, of what.
    /// @param roots what the chunks are proven against.
    /// @param base that chunk of the base's weights.
    /// @param numerators that chunk of the numerators, 64 bits each.
    /// @param claim that chunk of the new weights.
    /// @return verdict whether the claim is correct, and if not where.
    function judge(
        ChunkParams calldata params,
        Roots calldata roots,
        ChunkProof calldata base,
        ChunkProof calldata numerators,
        ChunkProof calldata claim
    ) external view returns (Verdict memory verdict);

    /// @notice Judges a claim about a step by momentum: new weights, or the new momentum. Caller: anyone; nothing
    ///         changes.
    /// @param params which chunk, of what.
    /// @param momentum factor and rate of the server's step.
    /// @param roots what the chunks are proven against.
    /// @param proofs that chunk of base, momentum, numerators and claim.
    /// @return verdict whether the claim is correct, and if not where.
    function judgeStep(
        ChunkParams calldata params,
        MomentumParams calldata momentum,
        StepRoots calldata roots,
        StepProof calldata proofs
    ) external view returns (Verdict memory verdict);
}
