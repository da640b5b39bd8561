// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Momentum} from "../../../contracts/libraries/MomentumRules.sol";
import {Scale} from "../../../contracts/libraries/WeightRules.sol";
import {ChunkProof, Server, ServerStep, StepProof} from "../../../contracts/types/DisputeTypes.sol";
import {MomentumRulesCaller} from "../MomentumRules.t.sol";
import {DrawnChunks} from "./DrawnChunks.sol";
import {MeteredDisputes} from "./MeteredDisputes.sol";

/// Rounds whose strategy has a server's momentum: chunks at a base, and what its step makes of them.
abstract contract StepFixture is MeteredDisputes {
    uint64 internal constant NINE_TENTHS = 0x3feccccccccccccd;
    uint64 internal constant SEVEN_TENTHS = 0x3fe6666666666666;

    MomentumRulesCaller internal momenta;

    function deploySteps() internal {
        deployStaked();
        momenta = new MomentumRulesCaller();
    }

    /// One chunk at the base, and the right ones of the new version.
    struct Chunks {
        bytes base;
        bytes momenta;
        bytes numerators;
        bytes weights;
        bytes remembered;
    }

    /// Weights as models have them, momenta of the size of the steps, and the steps of given numerators.
    function chunksOf(uint8 precision, ServerStep step, bytes memory numerators, uint256 weight)
        internal
        view
        returns (Chunks memory c)
    {
        c.numerators = numerators;
        for (uint256 i = 0; i < numerators.length / 8; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(i)));
            uint256 bits = (drawn & 0x807fffff | (96 + (drawn >> 32) % 32) << 23) >> (32 - precision);
            c.base = bytes.concat(c.base, _last(bits, precision));
            uint256 momentum = uint256(keccak256(abi.encode("momentum", i)));
            momentum = momentum & 0x800fffffffffffff | (1_000 + momentum % 16) << 52;
            c.momenta = bytes.concat(c.momenta, _last(momentum, 64));
        }
        Scale memory scale = Scale(precision, 149 - 16 - 8, 8, weight);
        Momentum memory rule = Momentum(NINE_TENTHS, SEVEN_TENTHS, step == ServerStep.DiLoCo);
        (uint256[] memory weights, uint256[] memory remembered,,) =
            momenta.chunk(scale, rule, momenta.inputsOf(c.base, c.momenta, c.numerators));
        for (uint256 i = 0; i < weights.length; ++i) {
            c.weights = bytes.concat(c.weights, _last(weights[i], precision));
            c.remembered = bytes.concat(c.remembered, _last(remembered[i], 64));
        }
    }

    function _last(uint256 value, uint256 bits) private pure returns (bytes memory found) {
        found = new bytes(bits / 8);
        for (uint256 b = 0; b < bits / 8; ++b) {
            found[b] = bytes1(uint8(value >> (bits - 8 - 8 * b)));
        }
    }

    /// The same but for the last bit of the last value, so that all are compared.
    function spoilt(bytes memory chunk) internal pure returns (bytes memory other) {
        other = bytes.concat(chunk);
        other[other.length - 1] ^= 0x01;
    }

    function rootAt(uint8 bits, uint64 length, uint64 index, bytes memory chunk) internal pure returns (bytes32) {
        return DrawnChunks.root(bits, length, index, chunk, DrawnChunks.path(length, index));
    }

    function serverOf(ServerStep step, uint8 precision, uint64 length, uint64 index, Chunks memory c)
        internal
        pure
        returns (Server memory)
    {
        bytes32 weights = rootAt(precision, length, index, c.base);
        return Server(step, NINE_TENTHS, SEVEN_TENTHS, weights, rootAt(64, length, index, c.momenta));
    }

    function stepProof(bool ofMomentum, uint64 length, uint64 index, Chunks memory c, bytes memory claim)
        internal
        pure
        returns (StepProof memory)
    {
        bytes32[] memory path = DrawnChunks.path(length, index);
        return StepProof(
            ofMomentum,
            ChunkProof(c.base, path),
            ChunkProof(c.momenta, path),
            ChunkProof(c.numerators, path),
            ChunkProof(claim, path)
        );
    }
}
