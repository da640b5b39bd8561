// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RoundTreesHarness} from "../../contracts/testing/RoundTreesHarness.sol";
import {Children, Leaf, Node, Path} from "../../contracts/types/DisputeTypes.sol";

/// The cheat codes that these tests use.
interface TreeVm {
    function readFile(string calldata path) external view returns (string memory);
    function toString(bytes32 value) external pure returns (string memory);
    function toString(bool value) external pure returns (string memory);
    function parseJsonStringArray(string calldata json, string calldata key) external pure returns (string[] memory);
    function parseJsonBytesArray(string calldata json, string calldata key) external pure returns (bytes[] memory);
}

/// F-8: what both languages are told about trees by the same vectors.
contract RoundTreesTest {
    TreeVm private constant vm = TreeVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    RoundTreesHarness private trees;

    function setUp() public {
        trees = new RoundTreesHarness();
    }

    /// The file holds columns: a call for every value would copy it whole each time.
    function test_F8_every_golden_case_has_its_answer() public view {
        string memory file = vm.readFile("tests/vectors/round_trees.json");
        string[] memory kinds = vm.parseJsonStringArray(file, ".kind");
        string[] memory whats = vm.parseJsonStringArray(file, ".what");
        string[] memory answers = vm.parseJsonStringArray(file, ".answer");
        bytes[] memory data = vm.parseJsonBytesArray(file, ".data");
        require(data.length >= 100, "few cases");
        for (uint256 i = 0; i < data.length; ++i) {
            require(same(answerTo(kinds[i], data[i]), answers[i]), whats[i]);
        }
    }

    function answerTo(string memory kind, bytes memory data) private view returns (string memory) {
        if (same(kind, "leaf")) return vm.toString(trees.leafHash(abi.decode(data, (Leaf))));
        if (same(kind, "node")) return vm.toString(trees.nodeHash(abi.decode(data, (Node))));
        if (same(kind, "sound")) {
            (Node memory node, Children memory children) = abi.decode(data, (Node, Children));
            return vm.toString(trees.isSound(node, children));
        }
        if (same(kind, "path")) {
            (Path memory path, bytes32 top) = abi.decode(data, (Path, bytes32));
            return vm.toString(trees.isPath(path, top));
        }
        require(same(kind, "absent"), "another kind");
        (Path memory way, Children memory below, address who) = abi.decode(data, (Path, Children, address));
        return vm.toString(trees.isAbsent(way, below, who));
    }

    function same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    /// T-18: a leaf of two participants' worth of words is never a node's hash, nor the other way about.
    function testFuzz_F8_T18_leaves_and_nodes_have_different_hashes(Leaf calldata leaf, Node calldata node)
        public
        view
    {
        require(trees.leafHash(leaf) != trees.nodeHash(node), "a leaf as a node");
    }
}
