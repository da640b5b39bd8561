// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Scale, WeightRules} from "../../contracts/libraries/WeightRules.sol";

/// The cheat codes that these tests use.
interface WeightVm {
    function readFile(string calldata path) external view returns (string memory);
    function toString(uint256 value) external pure returns (string memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonInt(string calldata json, string calldata key) external pure returns (int256);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
}

/// Calls the library with calldata.
contract WeightRulesCaller {
    function weights(Scale memory scale, bytes calldata base, bytes calldata numerators)
        external
        pure
        returns (uint256[] memory, uint256)
    {
        return WeightRules.weights(scale, base, numerators, numerators.length / 8);
    }
}

/// F-14: the bits that the library finds are those of plain rounding, one type after the other.
contract WeightRulesTest {
    WeightVm private constant vm = WeightVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    WeightRulesCaller private caller;

    function setUp() public {
        caller = new WeightRulesCaller();
    }

    /// The nearest integer times the unit that leaves `digits` binary digits, half to even: digit by digit.
    function _nearest(uint256 size, uint256 digits) private pure returns (uint256) {
        uint256 unit = 1;
        while (size / unit >= 2 ** digits) unit *= 2;
        uint256 rest = size % unit;
        uint256 whole = size / unit;
        if (2 * rest > unit || (2 * rest == unit && whole % 2 == 1)) ++whole;
        return whole * unit;
    }

    /// The bits of a size in units of 2^(at − 149) that is a binary32.
    function _bits(uint256 size, uint256 at) private pure returns (uint256) {
        if (size == 0) return 0;
        while (size >= 2 ** 24) {
            require(size % 2 == 0, "no binary32");
            (size, at) = (size / 2, at + 1);
        }
        while (size < 2 ** 23 && at != 0) (size, at) = (size * 2, at - 1);
        return size < 2 ** 23 ? size : (at + 1) * 2 ** 23 + (size - 2 ** 23);
    }

    /// A-1 and A-3 as the specification says them, on one value.
    function _plain(Scale memory scale, uint256 base, int256 n) private pure returns (uint256) {
        if (scale.bits == 16) base *= 65_536;
        uint256 raised = base / 2 ** 23 % 256;
        if (raised == 255) return scale.bits == 16 ? 0x7fc0 : 0x7fc00000;
        int256 size = int256(base % 2 ** 23 + (raised == 0 ? 0 : 2 ** 23));
        if (raised != 0) --raised;
        if (base >= 2 ** 31) size = -size;
        // The steps, without the formula that the contract uses.
        int256 d = int256(scale.denominator);
        n *= int256(2 ** scale.guardBits);
        int256 steps = n / d;
        int256 rest = n % d < 0 ? -(n % d) : n % d;
        if (2 * rest >= d) steps += n < 0 ? -1 : int256(1);
        uint256 at = raised < scale.place ? raised : scale.place;
        int256 sum = size * int256(2 ** (raised - at)) + steps * int256(2 ** (scale.place - at));
        uint256 whole = _nearest(_nearest(uint256(sum < 0 ? -sum : sum), 53), 24);
        uint256 bits = _bits(whole, at);
        // Eight digits; subnormal ones keep their unit, as their bits do.
        if (scale.bits == 16) {
            uint256 low = bits % 65_536;
            bits = bits / 65_536;
            if (low > 32_768 || (low == 32_768 && bits % 2 == 1)) ++bits;
        }
        return sum < 0 ? bits + 2 ** (scale.bits - 1) : bits;
    }

    function _read(bytes memory chunk, uint256 bits, uint256 i) private pure returns (uint256 value) {
        for (uint256 b = 0; b < bits / 8; ++b) {
            value = value * 256 + uint8(chunk[i * bits / 8 + b]);
        }
    }

    /// A base whose exponent is near its step's, or any; rests of few different bits among them.
    function _drawn(Scale memory scale, uint256 seed) private pure returns (uint256 base, int256 n) {
        uint256 raised = seed % 3 == 0 ? (seed >> 8) % 255 : (scale.place + (seed >> 8) % 80) % 255;
        uint256 rest = (seed >> 32) % 2 ** 23;
        if (seed >> 4 & 3 == 0) rest = seed >> 6 & 1 == 0 ? 0 : 2 ** 23 - 1;
        base = ((seed >> 7 & 1) * 2 ** 31 + raised * 2 ** 23 + rest) / 2 ** (32 - scale.bits);
        // No aggregate beyond 31 bits.
        uint256 most = (2 ** 31 - 1) * scale.denominator / 2 ** scale.guardBits;
        if (most > uint256(uint64(type(int64).max))) most = uint256(uint64(type(int64).max));
        uint256 size = (seed >> 64) % (most + 1);
        if (seed >> 128 & 1 == 0) size >>= (seed >> 130) % 31;
        n = seed >> 129 & 1 == 0 ? int256(size) : -int256(size);
    }

    function testFuzz_F14_the_bits_are_those_of_plain_rounding(
        uint256 seed,
        uint8 step,
        uint8 guard,
        uint64 denominator,
        bool wide
    ) public view {
        Scale memory scale = Scale(wide ? 32 : 16, 0, guard % 17, 1 + (uint256(denominator) >> (seed % 64)));
        scale.place = 149 + step % 81 - 60 - scale.guardBits;
        (bytes memory base, bytes memory numerators) = ("", "");
        uint256[] memory expected = new uint256[](8);
        for (uint256 i = 0; i < 8; ++i) {
            (uint256 weight, int256 n) = _drawn(scale, uint256(keccak256(abi.encode(seed, i))));
            base = wide ? bytes.concat(base, bytes4(uint32(weight))) : bytes.concat(base, bytes2(uint16(weight)));
            numerators = bytes.concat(numerators, bytes8(uint64(int64(n))));
            expected[i] = _plain(scale, weight, n);
        }
        (uint256[] memory found, uint256 seen) = caller.weights(scale, base, numerators);
        require(seen < 2 ** 31, "too large an aggregate");
        for (uint256 i = 0; i < 8; ++i) {
            require(found[i] == expected[i], "another weight");
        }
    }

    function testFuzz_F14_any_bits_are_moved_as_plain_rounding_does(uint32 base, int32 steps, uint8 step) public pure {
        Scale memory scale = Scale(32, 73 + step % 97, 0, 1);
        uint256 found = WeightRules.moved(base, steps, scale.place);
        require(found == _plain(scale, base, steps), "another weight");
    }

    function test_F14_the_golden_weights_are_found() public view {
        string memory file = vm.readFile("tests/vectors/weight_rules.json");
        uint256 cases;
        for (;; ++cases) {
            string memory at = string.concat(".cases[", vm.toString(cases), "]");
            if (!vm.keyExistsJson(file, at)) break;
            uint256 guard = vm.parseJsonUint(file, string.concat(at, ".guardBits"));
            Scale memory scale = Scale({
                bits: vm.parseJsonUint(file, string.concat(at, ".precision")),
                place: uint256(149 + vm.parseJsonInt(file, string.concat(at, ".stepExponent")) - int256(guard)),
                guardBits: guard,
                denominator: vm.parseJsonUint(file, string.concat(at, ".denominator"))
            });
            bytes memory expected = vm.parseJsonBytes(file, string.concat(at, ".weights"));
            (uint256[] memory found, uint256 seen) = caller.weights(
                scale,
                vm.parseJsonBytes(file, string.concat(at, ".base")),
                vm.parseJsonBytes(file, string.concat(at, ".numerators"))
            );
            require(seen < 2 ** 31 && found.length * scale.bits == expected.length * 8, vm.toString(cases));
            for (uint256 i = 0; i < found.length; ++i) {
                require(found[i] == _read(expected, scale.bits, i), vm.toString(cases));
            }
        }
        require(cases >= 40, "few cases");
    }

    function test_F14_an_aggregate_beyond_32_bits_is_seen() public view {
        Scale memory scale = Scale(32, 149, 16, 2);
        // 2^16 · n / 2 with n = 2^16: exactly 2^31; and the largest numerators there are.
        int64[3] memory numerators = [int64(65_535), 65_536, type(int64).min];
        uint256[3] memory expected = [uint256(65_535) << 15, uint256(1) << 31, uint256(1) << 78];
        for (uint256 i = 0; i < 3; ++i) {
            (, uint256 seen) = caller.weights(scale, new bytes(4), bytes.concat(bytes8(uint64(numerators[i]))));
            require(seen == expected[i], "another size");
        }
    }
}
