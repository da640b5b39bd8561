// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ChunkRules, Rows} from "../../contracts/libraries/ChunkRules.sol";
import {VectorVm} from "./VectorRoots.t.sol";

/// A chunk of every input and the rule that combines them; `rule` is 0, 1 or 2 for mean, median, trimmed mean. Of the
/// trimmed mean's 64-bit inputs, the weights are the denominators.
struct RuleCase {
    uint256 rule;
    uint256 trim;
    uint256 bits;
    uint256 values;
    uint256[] weights;
    bytes[] chunks;
}

/// Calls the library with calldata, after leaving rubbish in the memory that it will take.
contract ChunkRulesCaller {
    function numerators(RuleCase calldata c) external pure returns (int256[] memory) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            for { let at := 0 } lt(at, 8192) { at := add(at, 32) } { mstore(add(free, at), not(at)) }
        }
        Rows memory rows = ChunkRules.allocate(c.chunks.length, c.bits, c.values);
        for (uint256 i = 0; i < c.chunks.length; ++i) {
            ChunkRules.place(rows, i, c.chunks[i]);
        }
        if (c.rule == 0) return ChunkRules.mean(rows, c.weights, c.values);
        if (c.rule == 1) return ChunkRules.median(rows, c.values);
        if (c.bits == 64) require(ChunkRules.divide(rows, c.weights, c.values), "values too large");
        return ChunkRules.trimmedMean(rows, c.trim, c.values);
    }
}

/// F-1: the rules that work on many values at once give what the plain ones give, value by value.
contract ChunkRulesTest {
    VectorVm private constant vm = VectorVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    ChunkRulesCaller private caller;

    function setUp() public {
        caller = new ChunkRulesCaller();
    }

    function _read(bytes memory chunk, uint256 bits, uint256 i) private pure returns (int256 value) {
        for (uint256 b = 0; b < bits / 8; ++b) {
            value = (value << 8) | int256(uint256(uint8(chunk[i * bits / 8 + b])));
        }
        if (value >> (bits - 1) != 0) value -= int256(1) << bits;
    }

    /// The rule as the specification says it, on one column.
    function _plain(RuleCase memory c, int256[] memory column) private pure returns (int256 sum) {
        uint256 n = column.length;
        if (c.rule == 0) {
            for (uint256 i = 0; i < n; ++i) {
                sum += int256(c.weights[i]) * column[i];
            }
            return sum;
        }
        for (uint256 i = 1; i < n; ++i) {
            for (uint256 j = i; j != 0 && column[j - 1] > column[j]; --j) {
                (column[j - 1], column[j]) = (column[j], column[j - 1]);
            }
        }
        if (c.rule == 1) return column[(n - 1) / 2] + column[n / 2];
        for (uint256 i = c.trim; i < n - c.trim; ++i) {
            sum += column[i];
        }
    }

    /// roundHalfAway(2^16 · n / d), without the formula that the contract uses.
    function _divided(int256 n, int256 d) private pure returns (int256 value) {
        value = n * 65_536 / d; // toward zero
        int256 rest = n * 65_536 % d;
        if (rest < 0) rest = -rest;
        if (2 * rest >= d) value += n < 0 ? -1 : int256(1);
    }

    function _holds(RuleCase memory c) private view {
        int256[] memory found = caller.numerators(c);
        require(found.length == c.values, "another length");
        int256[] memory column = new int256[](c.chunks.length);
        for (uint256 i = 0; i < c.values; ++i) {
            for (uint256 row = 0; row < column.length; ++row) {
                column[row] = _read(c.chunks[row], c.bits, i);
                if (c.rule == 2 && c.bits == 64) column[row] = _divided(column[row], int256(c.weights[row]));
            }
            require(found[i] == _plain(c, column), "another numerator");
        }
    }

    /// Bytes drawn from a seed. Odd seeds give few different bytes, so that values tie and signs meet.
    function _drawn(uint256 seed, uint256 size) private pure returns (bytes memory chunk) {
        chunk = new bytes(size);
        for (uint256 at = 0; at < size; ++at) {
            uint8 drawn = uint8(uint256(keccak256(abi.encode(seed, at))));
            if (seed & 1 == 1) drawn = drawn & 1 == 0 ? (drawn & 2 == 0 ? 0x80 : 0x7f) : (drawn & 2 == 0 ? 0 : 0xff);
            chunk[at] = bytes1(drawn);
        }
    }

    function _case(uint256 rule, uint256 seed, uint8 width, uint8 count, uint8 values)
        private
        pure
        returns (RuleCase memory c)
    {
        c.rule = rule;
        c.bits = uint256(8) << (width % 4);
        c.values = 1 + values % 40;
        uint256 n = 1 + count % 32;
        c.trim = seed % ((n + 1) / 2);
        c.weights = new uint256[](n);
        c.chunks = new bytes[](n);
        for (uint256 i = 0; i < n; ++i) {
            // The most that A-2 allows is shared out.
            uint256 most = c.bits == 64 ? 1 : (2 ** (63 - c.bits) - 1) / n;
            c.weights[i] = seed % 3 == 0 ? most : 1 + uint256(keccak256(abi.encode(i, seed))) % most;
            // Denominators beyond 2^16 leave any numerator a value of 64 bits.
            if (rule == 2 && c.bits == 64) c.weights[i] = 65_537 + uint256(keccak256(abi.encode(i, seed))) % 2 ** 50;
            c.chunks[i] = _drawn(uint256(keccak256(abi.encode(seed, i, "chunk"))), c.values * c.bits / 8);
        }
    }

    function testFuzz_F1_means_are_the_plain_ones(uint256 seed, uint8 width, uint8 count, uint8 values) public view {
        _holds(_case(0, seed, width, count, values));
    }

    function testFuzz_F1_medians_are_the_plain_ones(uint256 seed, uint8 width, uint8 count, uint8 values) public view {
        _holds(_case(1, seed, width, count, values));
    }

    function testFuzz_F1_trimmed_means_are_the_plain_ones(uint256 seed, uint8 width, uint8 count, uint8 values)
        public
        view
    {
        _holds(_case(2, seed, width, count, values));
    }

    function testFuzz_T35_the_order_of_inputs_changes_nothing(uint256 seed, uint8 rule, uint8 width, uint8 count)
        public
        view
    {
        RuleCase memory c = _case(rule % 3, seed, width, count, 20);
        int256[] memory before = caller.numerators(c);
        for (uint256 i = c.chunks.length; i > 1; --i) {
            uint256 j = uint256(keccak256(abi.encode(seed, i, "swap"))) % i;
            (c.chunks[i - 1], c.chunks[j]) = (c.chunks[j], c.chunks[i - 1]);
            (c.weights[i - 1], c.weights[j]) = (c.weights[j], c.weights[i - 1]);
        }
        require(keccak256(abi.encode(caller.numerators(c))) == keccak256(abi.encode(before)), "order counts");
    }

    /// A network that sorts every column of zeros and ones sorts everything (the zero-one principle): 256 columns
    /// hold every such column of eight rows, and fewer rows are among them.
    function test_F1_the_network_sorts_every_column_of_zeros_and_ones() public view {
        for (uint256 n = 1; n <= 8; ++n) {
            RuleCase memory c = RuleCase(2, 0, 8, 2 ** n, new uint256[](n), new bytes[](n));
            for (uint256 row = 0; row < n; ++row) {
                c.chunks[row] = new bytes(2 ** n);
                for (uint256 i = 0; i < 2 ** n; ++i) {
                    if (i >> row & 1 == 1) c.chunks[row][i] = 0x01;
                }
            }
            for (uint256 trim = 0; 2 * trim < n; ++trim) {
                c.trim = trim;
                _holds(c);
            }
        }
    }

    function test_F1_the_golden_numerators_are_found() public view {
        string memory file = vm.readFile("tests/vectors/chunk_rules.json");
        uint256 cases;
        for (;; ++cases) {
            string memory at = string.concat(".cases[", vm.toString(cases), "]");
            if (!vm.keyExistsJson(file, at)) break;
            RuleCase memory c = RuleCase({
                rule: vm.parseJsonUint(file, string.concat(at, ".rule")),
                trim: vm.parseJsonUint(file, string.concat(at, ".trim")),
                bits: vm.parseJsonUint(file, string.concat(at, ".bits")),
                values: vm.parseJsonUint(file, string.concat(at, ".values")),
                weights: vm.parseJsonUintArray(file, string.concat(at, ".weights")),
                chunks: vm.parseJsonBytesArray(file, string.concat(at, ".chunks"))
            });
            bytes memory expected = vm.parseJsonBytes(file, string.concat(at, ".numerators"));
            int256[] memory found = caller.numerators(c);
            require(found.length * 8 == expected.length, vm.toString(cases));
            for (uint256 i = 0; i < found.length; ++i) {
                require(found[i] == _read(expected, 64, i), vm.toString(cases));
            }
        }
        require(cases >= 100, "few cases");
    }
}
