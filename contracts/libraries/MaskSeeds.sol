// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ORDER} from "../types/HiddenTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title What masks are drawn from, and what their secrets are held against (H-4, H-5)
/// @dev `ecrecover` multiplies points: for r = x and hash 0 it gives the address of (s / x) times the point of that x.
library MaskSeeds {
    bytes32 internal constant SEED = keccak256("tallystick/hidden/seed/1");
    bytes32 internal constant SELF = keccak256("tallystick/hidden/self/1");
    bytes32 internal constant PAIR = keccak256("tallystick/hidden/pair/1");
    /// The generator's x coordinate; its y is even.
    uint256 private constant GENERATOR = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;

    /// @param hiddenRounds the contract that keeps the commitment.
    /// @return what a participant publishes of the seed of its own mask.
    function seedCommitment(address hiddenRounds, RoundId roundId, address participant, bytes32 seed)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(SEED, block.chainid, hiddenRounds, roundId, participant, seed));
    }

    /// @param hiddenRounds the contract that keeps the round's members.
    /// @return what the participant's own mask is drawn from.
    function selfMaskSeed(address hiddenRounds, RoundId roundId, address participant, bytes32 seed)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(SELF, block.chainid, hiddenRounds, roundId, participant, seed));
    }

    /// @param hiddenRounds the contract that keeps the round's members.
    /// @param shared the address of the point that both know: one's secret times the other's key.
    /// @return what the mask of two participants is drawn from, whichever of them is named first.
    function pairMaskSeed(address hiddenRounds, RoundId roundId, address one, address other, address shared)
        internal
        view
        returns (bytes32)
    {
        (address low, address high) = one < other ? (one, other) : (other, one);
        return keccak256(abi.encode(PAIR, block.chainid, hiddenRounds, roundId, low, high, shared));
    }

    /// @return the address of the point; 0 if there is none with that x below the group's order.
    function addressOf(uint256 x, bool odd) internal pure returns (address) {
        return ecrecover(0, odd ? 28 : 27, bytes32(x), bytes32(x));
    }

    /// @return the address of `secret` times the point; 0 if the secret is a multiple of the order, or no such point is.
    function addressOfProduct(uint256 secret, uint256 x, bool odd) internal pure returns (address) {
        return ecrecover(0, odd ? 28 : 27, bytes32(x), bytes32(mulmod(secret, x, ORDER)));
    }

    /// @return whether the key of that point is `secret`, from 1 to the order.
    function isSecretOf(uint256 secret, uint256 x, bool odd) internal pure returns (bool) {
        if (secret == 0 || secret >= ORDER) return false;
        return addressOfProduct(secret, GENERATOR, false) == addressOf(x, odd);
    }
}
