// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Binary64} from "../../contracts/libraries/Binary64.sol";
import {Momentum, MomentumRules} from "../../contracts/libraries/MomentumRules.sol";
import {Scale} from "../../contracts/libraries/WeightRules.sol";
import {StepProof} from "../../contracts/types/DisputeTypes.sol";
import {Vm} from "./support/Vm.sol";
import {WeightVm} from "./WeightRules.t.sol";

/// Calls the library with calldata.
contract MomentumRulesCaller {
    /// Inputs with nothing that proves them.
    function inputsOf(bytes memory base, bytes memory momenta, bytes memory numerators)
        external
        pure
        returns (StepProof memory inputs)
    {
        (inputs.base.chunk, inputs.momenta.chunk, inputs.numerators.chunk) = (base, momenta, numerators);
    }

    function chunk(Scale memory scale, Momentum memory rule, StepProof calldata inputs)
        external
        view
        returns (uint256[] memory weights, uint256[] memory remembered, uint256 seen, uint256 used)
    {
        used = gasleft();
        (weights, remembered, seen) = MomentumRules.chunk(scale, rule, inputs, inputs.numerators.chunk.length / 8);
        used -= gasleft();
    }
}

/// F-15: products, sums and steps are those of binary64, bit by bit.
contract MomentumRulesTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    WeightVm private constant json = WeightVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    MomentumRulesCaller private caller;

    function setUp() public {
        caller = new MomentumRulesCaller();
    }

    function _read(bytes memory chunk, uint256 bits, uint256 i) private pure returns (uint256 value) {
        uint256 width = bits / 8;
        assembly ("memory-safe") {
            value := shr(sub(256, bits), mload(add(add(chunk, 32), mul(i, width))))
        }
    }

    function test_F15_the_golden_sums_and_products_are_found() public view {
        string memory file = vm.readFile("tests/vectors/momentum_rules.json");
        bytes memory first = vm.parseJsonBytes(file, ".operations.first");
        bytes memory second = vm.parseJsonBytes(file, ".operations.second");
        bytes memory sums = vm.parseJsonBytes(file, ".operations.sums");
        bytes memory products = vm.parseJsonBytes(file, ".operations.products");
        bytes memory singles = vm.parseJsonBytes(file, ".operations.singles");
        uint256 count = first.length / 8;
        require(count > 1_000, "few pairs");
        for (uint256 i = 0; i < count; ++i) {
            (uint256 a, uint256 b) = (_read(first, 64, i), _read(second, 64, i));
            require(Binary64.sum(a, b) == _read(sums, 64, i), string.concat("sum ", vm.toString(i)));
            require(Binary64.product(a, b) == _read(products, 64, i), string.concat("product ", vm.toString(i)));
            require(Binary64.narrowed(a) == _read(singles, 32, i), string.concat("single ", vm.toString(i)));
        }
    }

    function test_F15_the_golden_steps_are_found() public view {
        string memory file = vm.readFile("tests/vectors/momentum_rules.json");
        uint256 cases;
        for (;; ++cases) {
            string memory at = string.concat(".cases[", vm.toString(cases), "]");
            if (!vm.keyExistsJson(file, at)) break;
            _holds(file, at);
        }
        require(cases == 20, "few cases");
    }

    function _holds(string memory file, string memory at) private view {
        Scale memory scale = _scale(file, at);
        Momentum memory rule = Momentum(
            _read(vm.parseJsonBytes(file, string.concat(at, ".factorBits")), 64, 0),
            _read(vm.parseJsonBytes(file, string.concat(at, ".rateBits")), 64, 0),
            vm.parseJsonBool(file, string.concat(at, ".nesterov"))
        );
        StepProof memory inputs = caller.inputsOf(
            vm.parseJsonBytes(file, string.concat(at, ".base")),
            vm.parseJsonBytes(file, string.concat(at, ".momenta")),
            vm.parseJsonBytes(file, string.concat(at, ".numerators"))
        );
        (uint256[] memory weights, uint256[] memory remembered, uint256 seen, uint256 used) =
            caller.chunk(scale, rule, inputs);
        require(seen < 2 ** 31, at);
        require(used / weights.length < 14_000, "too dear");
        bytes memory expected = vm.parseJsonBytes(file, string.concat(at, ".weights"));
        bytes memory kept = vm.parseJsonBytes(file, string.concat(at, ".remembered"));
        require(expected.length * 8 == weights.length * scale.bits && kept.length == remembered.length * 8, at);
        for (uint256 i = 0; i < weights.length; ++i) {
            require(weights[i] == _read(expected, scale.bits, i), string.concat("weight of ", at));
            require(remembered[i] == _read(kept, 64, i), string.concat("momentum of ", at));
        }
    }

    function _scale(string memory file, string memory at) private pure returns (Scale memory) {
        uint256 guard = json.parseJsonUint(file, string.concat(at, ".guardBits"));
        int256 step = json.parseJsonInt(file, string.concat(at, ".stepExponent"));
        return Scale(
            json.parseJsonUint(file, string.concat(at, ".precision")),
            uint256(149 + step - int256(guard)),
            guard,
            json.parseJsonUint(file, string.concat(at, ".denominator"))
        );
    }

    function _finite(uint64 bits) private pure returns (bool) {
        return bits >> 52 & 0x7ff != 0x7ff;
    }

    function testFuzz_F15_order_changes_neither_sum_nor_product(uint64 a, uint64 b) public pure {
        require(Binary64.sum(a, b) == Binary64.sum(b, a), "sums");
        require(Binary64.product(a, b) == Binary64.product(b, a), "products");
    }

    function testFuzz_F15_one_and_zero_leave_a_number(uint64 a) public pure {
        uint256 none = Binary64.NONE;
        require(Binary64.product(a, 0x3ff << 52) == (_finite(a) ? a : none), "times 1");
        require(Binary64.sum(a, 1 << 63) == (_finite(a) ? a : none), "and -0");
        require(Binary64.sum(a, a ^ (1 << 63)) == (_finite(a) ? 0 : none), "less itself");
        require(Binary64.product(a, 0x400 << 52) == Binary64.sum(a, a), "twice");
    }

    /// Integers of up to 26 bits have exact sums and products.
    function testFuzz_F15_small_integers_are_exact(int32 a, int32 b) public pure {
        (int256 x, int256 y) = (int256(a) / 32, int256(b) / 32);
        uint256 one = Binary64.scaled(x, 0);
        uint256 other = Binary64.scaled(y, 0);
        require(Binary64.sum(one, other) == Binary64.scaled(x + y, 0), "sum");
        if (x != 0 && y != 0) require(Binary64.product(one, other) == Binary64.scaled(x * y, 0), "product");
    }

    function testFuzz_F15_a_binary32_stays_one(uint32 single) public pure {
        bool finite = single >> 23 & 0xff != 0xff;
        require(Binary64.narrowed(Binary64.widened(single)) == (finite ? single : Binary64.NONE_32), "another");
    }
}
