// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Opening, RevealLeaf, RoundId} from "../../../contracts/types/RoundTypes.sol";
import {Fixture} from "./Fixture.sol";

/// Batches of up to four participants with keys of their own.
abstract contract BatchFixture is Fixture {
    function memberOf(uint256 i) internal pure returns (address) {
        return vm.addr(0xF00 + i);
    }

    function openingOf(uint256 i) internal pure returns (Opening memory) {
        return opening(i, 5);
    }

    function revealedHash(uint256 i) internal pure returns (bytes32) {
        Opening memory o = openingOf(i);
        return keccak256(abi.encode(o.updateRoot, o.contentDigest, o.weight));
    }

    function commitmentOf(RoundId id, uint256 i) internal view returns (bytes32) {
        return rounds.commitmentFor(id, memberOf(i), openingOf(i));
    }

    function commitmentDigest(RoundId id, address participant, bytes32 commitment) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Tallystick TrainingRounds"),
                keccak256("1"),
                block.chainid,
                address(rounds)
            )
        );
        bytes32 kind = keccak256("Commitment(bytes32 roundId,address participant,bytes32 commitment)");
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(kind, id, participant, commitment))));
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function signatureOf(RoundId id, uint256 i) internal view returns (bytes memory) {
        return signed(0xF00 + i, commitmentDigest(id, memberOf(i), commitmentOf(id, i)));
    }

    function batchLeafOf(RoundId id, uint256 i) internal view returns (bytes32) {
        bytes32 signature = keccak256(signatureOf(id, i));
        return keccak256(bytes.concat(keccak256(abi.encode(memberOf(i), commitmentOf(id, i), signature))));
    }

    /// A batch of four, or of the first one alone.
    function postBatch(RoundId id, uint32 count) internal {
        bytes32 root = count == 1 ? batchLeafOf(id, 0) : _pairs(id, 0);
        if (count != 1) root = pairHash(root, _pairs(id, 2));
        vm.prank(OWNER);
        rounds.commitBatch(id, root, count, "document");
    }

    /// The proof of a member's leaf in a batch of four.
    function proofOf(RoundId id, uint256 i) internal view returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        proof[0] = batchLeafOf(id, i ^ 1);
        proof[1] = _pairs(id, i < 2 ? 2 : 0);
    }

    function revealOwn(RoundId id, uint32 batch, uint256 i) internal {
        bytes32[] memory proof = proofOf(id, i);
        bytes32 signature = keccak256(signatureOf(id, i));
        rounds.revealFromBatch(id, batch, memberOf(i), openingOf(i), signature, proof);
    }

    function revealLeafOf(uint256 i) internal pure returns (RevealLeaf memory) {
        Opening memory o = openingOf(i);
        return RevealLeaf(memberOf(i), o.updateRoot, o.contentDigest, o.weight);
    }

    /// The root over two members' reveals, and the proof of the first one's.
    function revealTree(uint256 i, uint256 j) internal pure returns (bytes32 root, bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = _revealHash(j);
        root = pairHash(_revealHash(i), proof[0]);
    }

    function _revealHash(uint256 i) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(revealLeafOf(i)))));
    }

    function _pairs(RoundId id, uint256 from) private view returns (bytes32) {
        return pairHash(batchLeafOf(id, from), batchLeafOf(id, from + 1));
    }
}
