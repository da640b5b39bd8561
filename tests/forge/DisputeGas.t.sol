// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../../contracts/interfaces/IAggregationJudge.sol";
import {AggregationJudge} from "../../contracts/stake/AggregationJudge.sol";
import {AggregationRule} from "../../contracts/types/DisputeTypes.sol";
import {ChunkRulesCaller, RuleCase} from "./ChunkRules.t.sol";
import {DrawnChunks} from "./support/DrawnChunks.sol";

/// The cheat codes that these tests use.
interface SnapshotVm {
    function snapshotValue(string calldata group, string calldata name, uint256 value) external;
    function toString(uint256 value) external pure returns (string memory);
}

/// Tells what a call uses by itself, without what a transaction costs before it.
contract Meter {
    function used(address at, bytes memory data) external view returns (uint256 gas_, bytes memory answer) {
        bool done;
        // Warm, as the address that a transaction is sent to is.
        AggregationJudge(at).VERSION();
        uint256 before = gasleft();
        (done, answer) = at.staticcall(data);
        gas_ = before - gasleft();
        require(done, "refused");
    }
}

/// Gas of judging one chunk, as a transaction of its own, kept in tests/snapshots/dispute_gas.json.
contract DisputeGasTest {
    SnapshotVm private constant vm = SnapshotVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    /// 16 levels: 65,536 chunks.
    uint64 private constant LENGTH = 1 << 24;
    uint64 private constant INDEX = 0xB0B5;
    /// No transaction may use more (EIP-7825).
    uint256 private constant CAP = 1 << 24;

    AggregationJudge private judge;
    ChunkRulesCaller private rules;
    Meter private meter;

    function setUp() public {
        (judge, rules, meter) = (new AggregationJudge(), new ChunkRulesCaller(), new Meter());
    }

    function test_the_mean_of_any_fan_in_and_width_fits_one_transaction() public {
        _table(AggregationRule.Mean);
    }

    function test_the_median_of_any_fan_in_and_width_fits_one_transaction() public {
        _table(AggregationRule.Median);
    }

    function test_the_trimmed_mean_of_any_fan_in_and_width_fits_one_transaction() public {
        _table(AggregationRule.TrimmedMean);
    }

    function test_partial_sums_of_a_tree_fit_one_transaction() public {
        for (uint256 count = 4; count <= 32; count *= 2) {
            _row("partial sums", _gas(AggregationRule.Mean, 64, count, LENGTH, INDEX), 64, count);
        }
    }

    function test_nodes_of_a_robust_tree_fit_one_transaction() public {
        for (uint256 count = 4; count <= 32; count *= 2) {
            _row("median", _gas(AggregationRule.Median, 64, count, LENGTH, INDEX), 64, count);
            _row("trimmed mean", _gas(AggregationRule.TrimmedMean, 64, count, LENGTH, INDEX), 64, count);
        }
    }

    function test_the_length_of_the_vectors_counts_by_the_levels_of_a_proof_alone() public {
        uint64[3] memory lengths = [uint64(1e4), 1e6, 1e8];
        uint64[3] memory levels = [uint64(6), 12, 19];
        uint256[3] memory found;
        for (uint256 i = 0; i < 3; ++i) {
            found[i] = _gas(AggregationRule.Mean, 16, 32, lengths[i], 17);
            vm.snapshotValue(
                "dispute_gas", string.concat("mean, int16, 32 inputs, length ", vm.toString(lengths[i])), found[i]
            );
        }
        // A level is one sibling of each of 33 proofs: 32 bytes at 40 gas each, and never 60,000 in all.
        for (uint256 i = 1; i < 3; ++i) {
            require(found[i] - found[i - 1] < (levels[i] - levels[i - 1]) * 60_000, "more than the levels");
        }
    }

    function test_sizes_stay_below_the_limit() public {
        _size("AggregationJudge", address(judge));
    }

    function _size(string memory name, address at) private {
        require(at.code.length < 24_576, "too large");
        vm.snapshotValue("stake_bytecode", name, at.code.length);
    }

    function _table(AggregationRule rule) private {
        string[3] memory names = ["mean", "median", "trimmed mean"];
        for (uint256 bits = 8; bits <= 32; bits *= 2) {
            for (uint256 count = 4; count <= 32; count *= 2) {
                uint256 found = _gas(rule, uint8(bits), count, LENGTH, INDEX);
                if (rule == AggregationRule.Mean && bits == 16) {
                    require(found <= 3_000_000, "the mean of 32 is too dear");
                }
                _row(names[uint256(rule)], found, bits, count);
            }
        }
    }

    function _row(string memory name, uint256 found, uint256 bits, uint256 count) private {
        require(found < CAP, "no transaction can hold it");
        string memory label = string.concat(name, ", int", vm.toString(bits), ", ", vm.toString(count), " inputs");
        vm.snapshotValue("dispute_gas", label, found);
    }

    /// What a transaction that asks this uses (EIP-7623: at least 10 and 40 gas for a byte of calldata).
    function _gas(AggregationRule rule, uint8 bits, uint256 count, uint64 length, uint64 index)
        private
        view
        returns (uint256)
    {
        bytes memory data = _asked(rule, bits, count, length, index);
        (uint256 execution, bytes memory answer) = meter.used(address(judge), data);
        require(abi.decode(answer, (IAggregationJudge.Verdict)).correct, "the claim is right");
        uint256 zeros;
        for (uint256 i = 0; i < data.length; ++i) {
            if (data[i] == 0) ++zeros;
        }
        uint256 others = data.length - zeros;
        uint256 usual = 4 * zeros + 16 * others + execution;
        uint256 floor = 10 * zeros + 40 * others;
        return 21_000 + (usual > floor ? usual : floor);
    }

    function _asked(AggregationRule rule, uint8 bits, uint256 count, uint64 length, uint64 index)
        private
        view
        returns (bytes memory)
    {
        uint32 trim = rule == AggregationRule.TrimmedMean ? uint32(count / 4) : 0;
        RuleCase memory c = RuleCase(uint256(rule), trim, bits, 256, new uint256[](count), new bytes[](count));
        IAggregationJudge.Input[] memory inputs = new IAggregationJudge.Input[](count);
        bytes32[] memory path = DrawnChunks.path(length, index);
        for (uint256 i = 0; i < count; ++i) {
            c.weights[i] = bits == 64 ? 1 : 1 + i;
            // The denominator of a trimmed mean's node over nodes.
            if (bits == 64 && rule == AggregationRule.TrimmedMean) c.weights[i] = 65_536 * 16;
            c.chunks[i] = DrawnChunks.drawn(i, bits);
            inputs[i] = IAggregationJudge.Input(
                DrawnChunks.root(bits, length, index, c.chunks[i], path), uint64(c.weights[i]), c.chunks[i], path
            );
        }
        bytes memory result = DrawnChunks.packed(rules.numerators(c));
        IAggregationJudge.Claim memory claim =
            IAggregationJudge.Claim(DrawnChunks.root(64, length, index, result, path), result, path);
        IAggregationJudge.ChunkParams memory question = IAggregationJudge.ChunkParams(rule, trim, bits, length, index);
        return abi.encodeCall(IAggregationJudge.judge, (question, inputs, claim));
    }
}
