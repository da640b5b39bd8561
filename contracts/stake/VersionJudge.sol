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
contract VersionJudge is IVersionJudge {
    string public constant VERSION = "0.1.0";
    /// Numerators and momenta have this width.
    uint256 private constant WIDE = 64;

    /// @inheritdoc IVersionJudge
    function judge(
        Question calldata question,
        Roots calldata roots,
        ChunkProof calldata base,
        ChunkProof calldata numerators,
        ChunkProof calldata claim
    ) external view returns (Verdict memory) {
        _requireAnswerable(question);
        if (!_proven(question, question.precision, roots.version, claim)) revert ResultNotProven();
        if (!_proven(question, question.precision, roots.base, base)) revert InputNotProven(0);
        if (!_proven(question, WIDE, roots.numerators, numerators)) revert InputNotProven(1);
        return
            _compared(
                _expected(question, base.chunk, numerators.chunk), claim.chunk, question.precision, question.index
            );
    }

    /// @inheritdoc IVersionJudge
    function judgeStep(
        Question calldata question,
        Step calldata step,
        StepRoots calldata roots,
        StepProof calldata proofs
    ) external view returns (Verdict memory) {
        _requireAnswerable(question);
        uint256 bits = proofs.ofMemory ? WIDE : question.precision;
        if (!_proven(question, bits, roots.claim, proofs.claim)) revert ResultNotProven();
        if (!_proven(question, question.precision, roots.base, proofs.base)) revert InputNotProven(0);
        if (!_proven(question, WIDE, roots.numerators, proofs.numerators)) revert InputNotProven(1);
        if (!_proven(question, WIDE, roots.momenta, proofs.momenta)) revert InputNotProven(2);
        return _compared(_expectedStep(question, step, proofs), proofs.claim.chunk, bits, question.index);
    }

    function _requireAnswerable(Question calldata question) private pure {
        if (question.precision != 32 && question.precision != 16) revert WrongPrecision(question.precision);
        if (question.stepExponent < -60 || question.stepExponent > 20 || question.guardBits > 16) {
            revert WrongStep(question.stepExponent, question.guardBits);
        }
        if (question.denominator == 0 || question.denominator > type(uint128).max) {
            revert WrongDenominator(question.denominator);
        }
    }

    function _proven(Question calldata question, uint256 bits, bytes32 root, ChunkProof calldata proof)
        private
        view
        returns (bool)
    {
        return VectorRoots.verifyChunk(root, bits, question.length, question.index, proof.chunk, proof.siblings);
    }

    /// @return expected the bits of each weight. The chunks are proven, so they hold what the question says.
    function _expected(Question calldata question, bytes calldata base, bytes calldata numerators)
        private
        pure
        returns (uint256[] memory expected)
    {
        uint256 seen;
        (expected, seen) = WeightRules.weights(
            _scale(question), base, numerators, VectorRoots.valuesAt(question.length, question.index)
        );
        if (seen >> 31 != 0) revert AggregateTooLarge();
    }

    /// @return expected the bits of each new weight, or of each new momentum, as the claim is of.
    function _expectedStep(Question calldata question, Step calldata step, StepProof calldata proofs)
        private
        pure
        returns (uint256[] memory expected)
    {
        (uint256[] memory weights, uint256[] memory momenta, uint256 seen) = MomentumRules.chunk(
            _scale(question),
            Momentum(step.factor, step.rate, step.ahead),
            proofs,
            VectorRoots.valuesAt(question.length, question.index)
        );
        if (seen >> 31 != 0) revert AggregateTooLarge();
        expected = proofs.ofMemory ? momenta : weights;
    }

    function _scale(Question calldata question) private pure returns (Scale memory) {
        // Between 73 and 169.
        int256 place = 149 + int256(question.stepExponent) - int256(uint256(question.guardBits));
        return Scale(question.precision, uint256(place), question.guardBits, question.denominator);
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
        uint256 found;
        assembly ("memory-safe") {
            // Stops at the first value that differs, or behind the last one.
            let next := add(expected, 32)
            for { let count := mload(expected) } lt(at, count) { at := add(at, 1) } {
                let right := mload(next)
                found := shr(sub(256, bits), calldataload(add(chunk.offset, shr(3, mul(at, bits)))))
                if or(sub(found, right), eq(right, none)) { break }
                next := add(next, 32)
            }
        }
        if (at == expected.length) return Verdict(true, 0, 0, 0);
        // A coordinate is below the vector's length, which has 64 bits.
        uint64 coordinate = uint64(index * VectorRoots.CHUNK + at);
        return Verdict(false, coordinate, uint64(expected[at]), uint64(found));
    }
}
