// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Keystreams of mask seeds
/// @dev Block n of a seed is sha-256(seed ‖ n), n in 8 bytes. SHA-256 by its precompile: participants expand millions of
///      blocks with what their processors have instructions for, and the chain some thousands of them.
library Keystreams {
    /// Writes `blocks` blocks of 32 bytes, from block `first` on, to memory at `to`, which the caller has allocated.
    function write(uint256 to, bytes32 seed, uint256 first, uint256 blocks) internal view {
        bool done = true;
        assembly ("memory-safe") {
            // The scratch space holds the 40 bytes that are hashed, so a block costs one store beside its call.
            mstore(0, seed)
            let counter := shl(192, first)
            for { let end := add(to, shl(5, blocks)) } lt(to, end) { to := add(to, 32) } {
                mstore(32, counter)
                done := and(staticcall(gas(), 2, 0, 40, to, 32), done)
                counter := add(counter, shl(192, 1))
            }
            // The precompile fails only for want of gas. Then nothing is known, so nothing may be judged.
            if iszero(done) { revert(0, 0) }
        }
    }
}
