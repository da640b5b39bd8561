// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IVersionJudge} from "../interfaces/IVersionJudge.sol";
import {Binary64} from "../libraries/Binary64.sol";
import {Momentum, MomentumRules} from "../libraries/MomentumRules.sol";
import {VectorRoots} from "../libraries/VectorRoots.sol";
import {Scale, WeightRules} from "../libraries/WeightRules.sol";
import {ChunkProof, StepProof} from "../types/DisputeTypes.sol";

/// @title The judge of one chunk of a new version's weights, and of what a server remembers beside them
/// @dev Its cost grows with the depth of the proofs, not with the length of the vectors.
///
///      Assumptions:
///      1. Roots and terms are the caller's to vouch for.
///      2. SHA-256 has no collisions. Its precompile fails for want of gas alone: then it reverts, and judges nothing.
contract VersionJudge is IVersionJudge {
    string public constant VERSION = "0.1.0";
    /// Numerators and momenta have this width.
    uint256 private constant WIDE = 64;

    /// @inheritdoc IVersionJudge
    function judge(
        ChunkParams calldata params,
        Roots calldata roots,
        ChunkProof calldata base,
        ChunkProof calldata numerators,
        ChunkProof calldata claim
    ) external view returns (Verdict memory) {
        _requireAnswerable(params);
        if (!_proven(params, params.precision, roots.version, claim)) revert ResultNotProven();
        if (!_proven(params, params.precision, roots.base, base)) revert InputNotProven(0);
        if (!_proven(params, WIDE, roots.numerators, numerators)) revert InputNotProven(1);
        return _compared(_expected(params, base.chunk, numerators.chunk), claim.chunk, params.precision, params.index);
    }

    /// @inheritdoc IVersionJudge
    function judgeStep(
        ChunkParams calldata params,
        MomentumParams calldata momentum,
        StepRoots calldata roots,
        StepProof calldata proofs
    ) external view returns (Verdict memory) {
        _requireAnswerable(params);
        uint256 bits = proofs.ofMomentum ? WIDE : params.precision;
        if (!_proven(params, bits, roots.claim, proofs.claim)) revert ResultNotProven();
        if (!_proven(params, params.precision, roots.base, proofs.base)) revert InputNotProven(0);
        if (!_proven(params, WIDE, roots.numerators, proofs.numerators)) revert InputNotProven(1);
        if (!_proven(params, WIDE, roots.momenta, proofs.momenta)) revert InputNotProven(2);
        return _compared(_expectedStep(params, momentum, proofs), proofs.claim.chunk, bits, params.index);
    }

    function _requireAnswerable(ChunkParams calldata params) private pure {
        if (params.precision != 32 && params.precision != 16) revert WrongPrecision(params.precision);
        if (params.stepExponent < -60 || params.stepExponent > 20 || params.guardBits > 16) {
            revert WrongLattice(params.stepExponent, params.guardBits);
        }
        if (params.denominator == 0 || params.denominator > type(uint128).max) {
            revert WrongDenominator(params.denominator);
        }
    }

    function _proven(ChunkParams calldata params, uint256 bits, bytes32 root, ChunkProof calldata proof)
        private
        view
        returns (bool)
    {
        return VectorRoots.verifyChunk(root, bits, params.length, params.index, proof.chunk, proof.siblings);
    }

    /// @return expected the bits of each weight. The chunks are proven, so they hold what the question says.
    function _expected(ChunkParams calldata params, bytes calldata base, bytes calldata numerators)
        private
        pure
        returns (uint256[] memory expected)
    {
        uint256 seen;
        (expected, seen) =
            WeightRules.weights(_scale(params), base, numerators, VectorRoots.valuesAt(params.length, params.index));
        if (seen >> 31 != 0) revert AggregateTooLarge();
    }

    /// @return expected the bits of each new weight, or of each new momentum, as the claim is of.
    function _expectedStep(ChunkParams calldata params, MomentumParams calldata momentum, StepProof calldata proofs)
        private
        pure
        returns (uint256[] memory expected)
    {
        (uint256[] memory weights, uint256[] memory momenta, uint256 seen) = MomentumRules.chunk(
            _scale(params),
            Momentum(momentum.factor, momentum.rate, momentum.nesterov),
            proofs,
            VectorRoots.valuesAt(params.length, params.index)
        );
        // As in `_expected`: not this claim is wrong then, but the numerators.
        if (seen >> 31 != 0) revert AggregateTooLarge();
        expected = proofs.ofMomentum ? momenta : weights;
    }

    function _scale(ChunkParams calldata params) private pure returns (Scale memory) {
        // Between 73 and 169.
        int256 place = 149 + int256(params.stepExponent) - int256(uint256(params.guardBits));
        return Scale(params.precision, uint256(place), params.guardBits, params.denominator);
    }

    function _compared(uint256[] memory expected, bytes calldata chunk, uint256 bits, uint64 index)
        private
        pure
        returns (Verdict memory)
    {
        // Where no bits are right, those that say so aren't either.
        uint256 none = bits == 32 ? WeightRules.NONE : WeightRules.NONE_16;
        if (bits == WIDE) none = Binary64.NONE;
        uint256 at;
        uint256 actual;
        assembly ("memory-safe") {
            // Stops at the first value that differs, or behind the last one.
            let next := add(expected, 32)
            for { let count := mload(expected) } lt(at, count) { at := add(at, 1) } {
                let expectedBits := mload(next)
                actual := shr(sub(256, bits), calldataload(add(chunk.offset, shr(3, mul(at, bits)))))
                if or(sub(actual, expectedBits), eq(expectedBits, none)) { break }
                next := add(next, 32)
            }
        }
        if (at == expected.length) return Verdict(true, 0, 0, 0);
        // A coordinate is below the vector's length, which has 64 bits.
        uint64 coordinate = uint64(index * VectorRoots.CHUNK + at);
        return Verdict(false, coordinate, uint64(expected[at]), uint64(actual));
    }
}
