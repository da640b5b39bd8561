// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IVersionJudge} from "../../contracts/interfaces/IVersionJudge.sol";
import {Momentum} from "../../contracts/libraries/MomentumRules.sol";
import {Scale, WeightRules} from "../../contracts/libraries/WeightRules.sol";
import {VersionJudge} from "../../contracts/stake/VersionJudge.sol";
import {ChunkProof} from "../../contracts/types/DisputeTypes.sol";
import {Meter, SnapshotVm} from "./DisputeGas.t.sol";
import {MomentumRulesCaller} from "./MomentumRules.t.sol";
import {WeightRulesCaller} from "./WeightRules.t.sol";
import {DrawnChunks} from "./support/DrawnChunks.sol";

/// Tells what the rule uses by itself.
contract WeightMeter {
    function used(Scale memory scale, bytes calldata base, bytes calldata numerators) external view returns (uint256) {
        uint256 before = gasleft();
        WeightRules.weights(scale, base, numerators, 256);
        return before - gasleft();
    }
}

/// Gas of judging one chunk of a version, as a transaction of its own, kept in tests/snapshots/version_gas.json.
contract VersionGasTest {
    SnapshotVm private constant vm = SnapshotVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    uint64 private constant INDEX = 17;
    int8 private constant STEP = -24;
    uint8 private constant GUARD = 8;
    uint256 private constant DENOMINATOR = 1_000_003;

    VersionJudge private judge;
    WeightRulesCaller private rules;
    Meter private meter;

    function setUp() public {
        (judge, rules, meter) = (new VersionJudge(), new WeightRulesCaller(), new Meter());
    }

    function test_a_chunk_of_weights_is_judged_in_a_small_transaction() public {
        for (uint8 precision = 16; precision <= 32; precision += 16) {
            string memory label = precision == 32 ? "binary32" : "bfloat16";
            uint256 before;
            for (uint64 length = 1e6; length <= 1e8; length *= 10) {
                uint256 found = _gas(precision, length);
                require(found < 750_000, "too dear");
                // A level is one sibling of each of three proofs: at most four for ten times the length.
                if (before != 0) require(found - before < 4 * 6_000, "more than the levels");
                before = found;
                vm.snapshotValue("version_gas", string.concat(label, ", length ", vm.toString(length)), found);
            }
        }
    }

    function test_a_weight_costs_little() public {
        WeightMeter own = new WeightMeter();
        for (uint256 bits = 16; bits <= 32; bits += 16) {
            (bytes memory base, bytes memory numerators) = _chunks(bits);
            uint256 found = own.used(_scale(bits), base, numerators) / 256;
            require(found < 1_500, "too dear");
            vm.snapshotValue("version_gas", string.concat("a weight of ", vm.toString(bits), " bits"), found);
        }
    }

    /// Momenta of the size of the steps; 0.9 and 0.7 are what DiLoCo's authors have.
    function test_a_weight_moved_by_momentum_costs_what_a_chunk_s_transaction_can_hold() public {
        MomentumRulesCaller own = new MomentumRulesCaller();
        bytes memory momenta;
        for (uint256 i = 0; i < 256; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode("momentum", i)));
            momenta = bytes.concat(momenta, bytes8(uint64(drawn & 0x800fffffffffffff | (990 + drawn % 16) << 52)));
        }
        for (uint256 i = 0; i < 4; ++i) {
            uint256 bits = i < 2 ? 16 : 32;
            (bytes memory base, bytes memory numerators) = _chunks(bits);
            Momentum memory rule = Momentum(0x3feccccccccccccd, 0x3fe6666666666666, i % 2 == 1);
            (,,, uint256 found) = own.chunk(_scale(bits), rule, own.inputsOf(base, momenta, numerators));
            require(found < 3_500_000, "too dear");
            string memory name = i % 2 == 1 ? "diloco" : "fedavgm";
            vm.snapshotValue(
                "version_gas", string.concat("a weight of ", vm.toString(bits), " bits, ", name), found / 256
            );
        }
    }

    function test_the_judge_s_size_stays_below_the_limit() public {
        require(address(judge).code.length < 24_576, "too large");
        vm.snapshotValue("stake_bytecode", "VersionJudge", address(judge).code.length);
    }

    function _scale(uint256 bits) private pure returns (Scale memory) {
        return Scale(bits, uint256(149 + int256(STEP) - int256(uint256(GUARD))), GUARD, DENOMINATOR);
    }

    /// Weights as models have them, from 2^-31 to 2^0, and steps of all sizes.
    function _chunks(uint256 bits) private pure returns (bytes memory base, bytes memory numerators) {
        for (uint256 i = 0; i < 256; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(i)));
            uint256 weight = (drawn & 0x807fffff | (96 + (drawn >> 32) % 32) << 23) >> (32 - bits);
            base = bits == 32 ? bytes.concat(base, bytes4(uint32(weight))) : bytes.concat(base, bytes2(uint16(weight)));
            int64 numerator = int64(uint64(drawn >> 64 & 0x7ffffffff)) - (1 << 34);
            numerators = bytes.concat(numerators, bytes8(uint64(numerator)));
        }
    }

    /// What a transaction that asks this uses (EIP-7623: at least 10 and 40 gas for a byte of calldata).
    function _gas(uint8 precision, uint64 length) private view returns (uint256) {
        bytes memory data = _asked(precision, length);
        (uint256 execution, bytes memory answer) = meter.used(address(judge), data);
        require(abi.decode(answer, (IVersionJudge.Verdict)).correct, "the claim is right");
        uint256 zeros;
        for (uint256 i = 0; i < data.length; ++i) {
            if (data[i] == 0) ++zeros;
        }
        uint256 others = data.length - zeros;
        uint256 usual = 4 * zeros + 16 * others + execution;
        uint256 floor = 10 * zeros + 40 * others;
        return 21_000 + (usual > floor ? usual : floor);
    }

    function _asked(uint8 precision, uint64 length) private view returns (bytes memory) {
        (bytes memory base, bytes memory numerators) = _chunks(precision);
        (uint256[] memory found,) = rules.weights(_scale(precision), base, numerators);
        bytes memory weights;
        for (uint256 i = 0; i < found.length; ++i) {
            weights = precision == 32
                ? bytes.concat(weights, bytes4(uint32(found[i])))
                : bytes.concat(weights, bytes2(uint16(found[i])));
        }
        bytes32[] memory path = DrawnChunks.path(length, INDEX);
        IVersionJudge.Roots memory roots = IVersionJudge.Roots(
            DrawnChunks.root(precision, length, INDEX, base, path),
            DrawnChunks.root(64, length, INDEX, numerators, path),
            DrawnChunks.root(precision, length, INDEX, weights, path)
        );
        return abi.encodeCall(
            IVersionJudge.judge,
            (
                IVersionJudge.ChunkParams(precision, length, INDEX, STEP, GUARD, DENOMINATOR),
                roots,
                ChunkProof(base, path),
                ChunkProof(numerators, path),
                ChunkProof(weights, path)
            )
        );
    }
}
