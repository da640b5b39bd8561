// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RoundTreesHarness} from "../../contracts/testing/RoundTreesHarness.sol";
import {Children, Leaf, Node} from "../../contracts/types/DisputeTypes.sol";
import {ChunkRulesCaller, RuleCase} from "./ChunkRules.t.sol";
import {Vm} from "./support/Vm.sol";

/// What the golden file says of one tree.
struct TreeCase {
    uint256 rule;
    uint256 trim;
    uint256 bits;
    uint256 count;
    uint256 values;
    bytes updates;
}

/// F-8: a robust rule's tree has the shape that its count demands, and what its nodes come to is the golden result.
contract RobustTreesTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    RoundTreesHarness private trees;
    ChunkRulesCaller private rules;
    string private _file;

    function setUp() public {
        (trees, rules) = (new RoundTreesHarness(), new ChunkRulesCaller());
        _file = vm.readFile("tests/vectors/robust_trees.json");
    }

    /// A node over nodes of these counts; hashes and sums are for others to check.
    function _over(uint256[] memory sizes) private pure returns (Node memory node, Children memory children) {
        children.nodes = new Node[](sizes.length);
        for (uint256 i = 0; i < sizes.length; ++i) {
            children.nodes[i].count = uint32(sizes[i]);
            node.count += uint32(sizes[i]);
        }
    }

    function _leaves(uint256 count) private pure returns (Node memory node, Children memory children) {
        node.count = uint32(count);
        children.leaves = new Leaf[](count);
    }

    /// As equal as possible, the larger ones first.
    function _equal(uint256 count, uint256 fan) private pure returns (uint256[] memory sizes) {
        sizes = new uint256[](fan);
        for (uint256 i = 0; i < fan; ++i) {
            sizes[i] = (count + fan - 1 - i) / fan;
        }
    }

    function test_F8_the_golden_shapes_are_shaped() public view {
        uint256 cases;
        for (;; ++cases) {
            string memory at = string.concat(".shapes[", vm.toString(cases), "]");
            if (!vm.keyExistsJson(_file, at)) break;
            uint256 count = vm.parseJsonUint(_file, string.concat(at, ".count"));
            uint256[] memory sizes = vm.parseJsonUintArray(_file, string.concat(at, ".sizes"));
            require(trees.fanOf(count) == sizes.length, "another fan");
            (Node memory node, Children memory children) = count <= 32 ? _leaves(count) : _over(sizes);
            require(trees.isShaped(node, children), vm.toString(count));
        }
        require(cases == 16, "another number of cases");
    }

    /// No other fan, nor another order of sizes.
    function testFuzz_F8_one_shape_alone_is_shaped(uint32 drawn, uint8 other, uint8 moved) public view {
        uint256 count = 33 + drawn % (1 << (6 + drawn % 15));
        uint256 fan = trees.fanOf(count);
        require(fan >= 2 && fan <= 32, "no fan");
        uint256[] memory sizes = _equal(count, fan);
        (Node memory node, Children memory children) = _over(sizes);
        require(trees.isShaped(node, children), "the shape");
        uint256 chosen = 2 + other % 31;
        (node, children) = _over(_equal(count, chosen));
        require(trees.isShaped(node, children) == (chosen == fan), "another fan");
        uint256 from = moved % fan;
        sizes[from] -= 1;
        sizes[(from + 1) % fan] += 1;
        (node, children) = _over(sizes);
        require(!trees.isShaped(node, children), "another size");
        (, children) = _leaves(32);
        require(!trees.isShaped(node, children), "leaves");
    }

    function test_F8_a_small_round_has_leaves_alone() public view {
        for (uint256 count = 2; count <= 32; ++count) {
            (Node memory node, Children memory children) = _over(_equal(count, 2));
            require(!trees.isShaped(node, children), "nodes");
            (node, children) = _leaves(count);
            require(trees.isShaped(node, children), "leaves");
        }
    }

    function testFuzz_F8_all_leaves_have_one_height(uint32 drawn) public view {
        uint256 count = 1 + drawn % (1 << (1 + drawn % 20));
        uint256 least = count;
        uint256 most = count;
        while (most > 32) {
            // The largest child's way down and the smallest one's.
            (least, most) = (least / trees.fanOf(least), (most + trees.fanOf(most) - 1) / trees.fanOf(most));
            require((least > 32) == (most > 32), "another height");
        }
        require(least >= 1, "an empty child");
    }

    function testFuzz_F1_what_is_trimmed_leaves_something(uint32 trim, uint32 count) public view {
        if (count == 0) count = 1;
        uint256 fan = trees.fanOf(count);
        uint256 cut = trees.trimAt(trim, fan);
        require(cut <= trim && 2 * cut < fan, "too much");
        require(cut == trim || fan - 2 * cut <= 2, "too little");
        uint256 scale = count > 32 ? 65_536 : 1;
        require(trees.denominatorOf(trim, count) == scale * (fan - 2 * cut), "another denominator");
    }

    /// A node that claims nobody below has nothing to divide by, whatever it says: it isn't sound.
    function test_F1_nobody_has_no_denominator() public view {
        require(trees.denominatorOf(5, 0) == 0 && trees.trimAt(5, 0) == 0, "something of nothing");
    }

    // --- whole trees --------------------------------------------------------------------------

    function test_F1_the_golden_trees_come_to_their_results() public view {
        uint256 cases;
        for (;; ++cases) {
            string memory at = string.concat(".cases[", vm.toString(cases), "]");
            if (!vm.keyExistsJson(_file, at)) break;
            TreeCase memory c = TreeCase({
                rule: vm.parseJsonUint(_file, string.concat(at, ".rule")),
                trim: vm.parseJsonUint(_file, string.concat(at, ".trim")),
                bits: vm.parseJsonUint(_file, string.concat(at, ".bits")),
                count: vm.parseJsonUint(_file, string.concat(at, ".count")),
                values: vm.parseJsonUint(_file, string.concat(at, ".values")),
                updates: vm.parseJsonBytes(_file, string.concat(at, ".updates"))
            });
            bytes memory expected = vm.parseJsonBytes(_file, string.concat(at, ".numerators"));
            require(keccak256(_numerators(c, 0, c.count)) == keccak256(expected), vm.toString(cases));
            if (c.rule == 1) continue;
            uint256 denominator = vm.parseJsonUint(_file, string.concat(at, ".denominator"));
            require(trees.denominatorOf(c.trim, c.count) == denominator, vm.toString(cases));
        }
        require(cases >= 50, "few cases");
    }

    /// The numerators of the updates from `from` to `to`, as they stand in a chunk.
    function _numerators(TreeCase memory c, uint256 from, uint256 to) private view returns (bytes memory packed) {
        uint256 fan = trees.fanOf(to - from);
        bool leaves = to - from <= 32;
        RuleCase memory node = RuleCase(c.rule, 0, leaves ? c.bits : 64, c.values, new uint256[](fan), new bytes[](fan));
        node.trim = c.rule == 2 ? trees.trimAt(c.trim, fan) : 0;
        uint256[] memory sizes = _equal(to - from, fan);
        for (uint256 i = 0; i < fan; ++i) {
            node.weights[i] = c.rule == 2 ? trees.denominatorOf(c.trim, sizes[i]) : 1;
            node.chunks[i] = leaves ? _update(c, from) : _numerators(c, from, from + sizes[i]);
            from += sizes[i];
        }
        int256[] memory found = rules.numerators(node);
        for (uint256 i = 0; i < found.length; ++i) {
            packed = bytes.concat(packed, bytes8(uint64(int64(found[i]))));
        }
    }

    function _update(TreeCase memory c, uint256 index) private pure returns (bytes memory chunk) {
        uint256 size = c.values * c.bits / 8;
        chunk = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            chunk[i] = c.updates[index * size + i];
        }
    }
}
