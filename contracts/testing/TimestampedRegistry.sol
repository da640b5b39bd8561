// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The naive design: ids that hash the block's time. A test shows how it loses a registration.
contract TimestampedRegistry {
    mapping(bytes32 => string) public nameOf;
    mapping(bytes32 => string) public hashOf;

    function registerModel(string calldata name, string calldata ipfsHash) external returns (bytes32 id) {
        id = keccak256(abi.encodePacked(msg.sender, block.timestamp));
        nameOf[id] = name;
        hashOf[id] = ipfsHash;
    }
}
