// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Opening, RevealLeaf, RoundId} from "../types/RoundTypes.sol";

/// @title What participants commit to, and the leaves of batches
library Commitments {
    /// keccak256("Commitment(bytes32 roundId,address participant,bytes32 commitment)")
    bytes32 internal constant COMMITMENT_TYPEHASH =
        keccak256("Commitment(bytes32 roundId,address participant,bytes32 commitment)");

    /// @return the commitment of R-3: it binds chain, contract, round, participant and salt.
    function commitmentOf(RoundId roundId, address participant, Opening memory opening)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                block.chainid,
                address(this),
                roundId,
                participant,
                opening.updateRoot,
                opening.contentDigest,
                opening.weight,
                opening.salt
            )
        );
    }

    /// @return what is kept of a revealed update.
    function revealed(Opening memory opening) internal pure returns (bytes32) {
        return keccak256(abi.encode(opening.updateRoot, opening.contentDigest, opening.weight));
    }

    /// @return what a participant signs that somebody else commits for: the struct's hash under EIP-712.
    function signedHash(RoundId roundId, address participant, bytes32 commitment) internal pure returns (bytes32) {
        return keccak256(abi.encode(COMMITMENT_TYPEHASH, roundId, participant, commitment));
    }

    /// @return a batch's leaf, as the OpenZeppelin standard tree hashes it: twice, so that no inner node is one.
    function batchLeaf(address participant, bytes32 commitment, bytes32 signatureHash) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(participant, commitment, signatureHash))));
    }

    /// @return a leaf of a batch's reveals.
    function revealLeaf(RevealLeaf calldata leaf) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(leaf))));
    }

    /// @return an allow-list's leaf.
    function allowListLeaf(address participant) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(participant))));
    }
}
