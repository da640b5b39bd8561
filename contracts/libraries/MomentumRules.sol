// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StepProof} from "../types/DisputeTypes.sol";
import {Binary64} from "./Binary64.sol";
import {Scale, WeightRules} from "./WeightRules.sol";

/// A server's momentum: its factor (β or μ) and its learning rate η, binary64's bits; `nesterov` for Nesterov's step, which
/// is DiLoCo's, and not for FedAvgM's.
struct Momentum {
    uint256 factor;
    uint256 rate;
    bool nesterov;
}

/// @title The new version's weights and memory on one chunk, of strategies with a server's momentum (A-7, F-15)
/// @dev One rounded operation at a time, in the order in which the trainer has them.
library MomentumRules {
    /// @param proofs hold the same chunk of the base's weights, of the momenta there, and of the numerators.
    /// @return weights the bits of each of the `values` new weights, `WeightRules.NONE` or `NONE_16` where there is none.
    /// @return remembered the bits of each new momentum, `Binary64.NONE` where there is none.
    /// @return seen every bit that some aggregate's size has. Right numerators stay in 31.
    function chunk(Scale memory scale, Momentum memory rule, StepProof calldata proofs, uint256 values)
        internal
        pure
        returns (uint256[] memory weights, uint256[] memory remembered, uint256 seen)
    {
        (weights, remembered) = (new uint256[](values), new uint256[](values));
        for (uint256 i = 0; i < values; ++i) {
            uint256 step;
            (step, seen) = _delta(scale, proofs.numerators.chunk, i, seen);
            (remembered[i], step) = moved(rule, _read(proofs.momenta.chunk, 64, i), step);
            weights[i] = _weight(_read(proofs.base.chunk, scale.bits, i), step, scale.bits);
        }
    }

    /// @return remembered factor · momentum + delta, the new momentum.
    /// @return step rate times it; Nesterov's rate · (factor · remembered + delta).
    function moved(Momentum memory rule, uint256 momentum, uint256 delta)
        internal
        pure
        returns (uint256 remembered, uint256 step)
    {
        // Product and sum apart, each rounded: a fused one would differ in the last bit from what trainers compute.
        remembered = Binary64.sum(Binary64.product(rule.factor, momentum), delta);
        step = rule.nesterov ? Binary64.sum(Binary64.product(rule.factor, remembered), delta) : remembered;
        step = Binary64.product(rule.rate, step);
    }

    function _delta(Scale memory scale, bytes calldata numerators, uint256 i, uint256 seen)
        private
        pure
        returns (uint256, uint256)
    {
        (int256 steps, uint256 size) = WeightRules.aggregate(scale, numerators, i);
        return (Binary64.scaled(steps, int256(scale.place) - 149), seen | size);
    }

    function _weight(uint256 base, uint256 step, uint256 bits) private pure returns (uint256 weight) {
        weight = Binary64.narrowed(Binary64.sum(Binary64.widened(base << (32 - bits)), step));
        if (bits == 32) return weight;
        weight = WeightRules.narrowed(weight);
        // Steps of any size may carry a weight to infinity.
        return weight & 0x7f80 == 0x7f80 ? WeightRules.NONE_16 : weight;
    }

    function _read(bytes calldata values, uint256 bits, uint256 i) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            // The upper bits of a word; what follows the value, or the calldata's end, is shifted out.
            value := shr(sub(256, bits), calldataload(add(values.offset, shr(3, mul(i, bits)))))
        }
    }
}
