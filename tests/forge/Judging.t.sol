// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../../contracts/interfaces/IAggregationJudge.sol";
import {AggregationJudge} from "../../contracts/stake/AggregationJudge.sol";
import {AggregationRule} from "../../contracts/types/DisputeTypes.sol";
import {ChunkRulesCaller, RuleCase} from "./ChunkRules.t.sol";
import {Vm} from "./support/Vm.sol";

/// F-4: what is right is called right, what is wrong is named, and what isn't proven is refused.
contract JudgingTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;
    uint256 private constant VALUES = 12;
    uint256 private _unit = 65_536;

    AggregationJudge private judge;
    ChunkRulesCaller private rules;

    IAggregationJudge.ChunkParams private question;
    IAggregationJudge.Input[] private inputs;
    IAggregationJudge.Claim private claim;

    function setUp() public {
        (judge, rules) = (new AggregationJudge(), new ChunkRulesCaller());
        _ask(AggregationRule.Mean, 16, 5, 0, 1);
    }

    /// A vector of one chunk: its proof is empty.
    function _root(uint8 bits, bytes memory chunk) private pure returns (bytes32) {
        return _rootOf(bits, uint64(VALUES), chunk);
    }

    function _rootOf(uint8 bits, uint64 length, bytes memory chunk) private pure returns (bytes32) {
        bytes32 leaf = sha256(bytes.concat(hex"00", chunk));
        return sha256(bytes.concat(hex"02", bytes1(bits), bytes8(length), leaf));
    }

    function _ask(AggregationRule rule, uint8 bits, uint256 count, uint32 trim, uint256 seed) private {
        delete inputs;
        RuleCase memory c = RuleCase(uint256(rule), trim, bits, VALUES, new uint256[](count), new bytes[](count));
        for (uint256 i = 0; i < count; ++i) {
            c.weights[i] = bits == 64 ? 1 : 1 + i;
            // The denominators of a trimmed mean's nodes.
            if (bits == 64 && rule == AggregationRule.TrimmedMean) c.weights[i] = _unit * (1 + i);
            c.chunks[i] = new bytes(VALUES * bits / 8);
            for (uint256 at = 0; at < c.chunks[i].length; ++at) {
                // Partial sums begin with a small byte, so that their sum fits.
                uint256 drawn = uint256(keccak256(abi.encode(seed, i, at)));
                c.chunks[i][at] = bytes1(uint8(bits == 64 && at % 8 == 0 ? drawn % 2 : drawn));
            }
            inputs.push(
                IAggregationJudge.Input(_root(bits, c.chunks[i]), uint64(c.weights[i]), c.chunks[i], new bytes32[](0))
            );
        }
        question = IAggregationJudge.ChunkParams(rule, trim, bits, uint64(VALUES), 0);
        _claim(rules.numerators(c));
    }

    function _claim(int256[] memory numerators) private {
        bytes memory chunk;
        for (uint256 i = 0; i < numerators.length; ++i) {
            chunk = bytes.concat(chunk, bytes8(uint64(int64(numerators[i]))));
        }
        claim = IAggregationJudge.Claim(_root(64, chunk), chunk, new bytes32[](0));
    }

    function _refused(bytes memory why) private {
        vm.expectRevert(why);
        judge.judge(question, inputs, claim);
    }

    function testFuzz_F4_right_numerators_are_right_and_any_other_is_named(
        uint256 seed,
        uint8 width,
        uint8 count,
        uint8 at,
        int64 change
    ) public {
        uint256 n = 1 + count % 32;
        AggregationRule rule = AggregationRule(seed % 3);
        uint8 bits = uint8(uint256(8) << (width % 4));
        _ask(rule, bits, n, rule == AggregationRule.TrimmedMean ? uint32((n - 1) / 2) : 0, seed);
        IAggregationJudge.Verdict memory verdict = judge.judge(question, inputs, claim);
        require(verdict.correct, "right numerators");
        if (change == 0) change = 1;
        uint256 coordinate = at % VALUES;
        bytes memory chunk = claim.chunk;
        int64 right = _at(chunk, coordinate);
        int64 wrong = int64(uint64(right) ^ uint64(change));
        for (uint256 b = 0; b < 8; ++b) {
            chunk[coordinate * 8 + b] = bytes1(uint8(uint64(wrong) >> (56 - 8 * b)));
        }
        claim = IAggregationJudge.Claim(_root(64, chunk), chunk, new bytes32[](0));
        verdict = judge.judge(question, inputs, claim);
        require(!verdict.correct && verdict.coordinate == coordinate, "another coordinate");
        require(verdict.expected == right && verdict.actual == wrong, "another number");
    }

    function _at(bytes memory chunk, uint256 i) private pure returns (int64) {
        uint64 value;
        for (uint256 b = 0; b < 8; ++b) {
            value = (value << 8) | uint8(chunk[i * 8 + b]);
        }
        return int64(value);
    }

    function test_F4_what_is_not_proven_is_refused() public {
        bytes memory unproven = abi.encodeWithSelector(IAggregationJudge.InputNotProven.selector, 3);
        inputs[3].chunk[5] ^= 0x01;
        _refused(unproven);
        _ask(AggregationRule.Median, 8, 5, 0, 1);
        inputs[3].proof.push(0);
        _refused(unproven);
        _ask(AggregationRule.TrimmedMean, 32, 5, 1, 1);
        claim.root ^= bytes32(uint256(1));
        _refused(abi.encodeWithSelector(IAggregationJudge.ResultNotProven.selector));
    }

    function test_F1_the_number_of_inputs_and_the_trim_are_bounded() public {
        _ask(AggregationRule.TrimmedMean, 8, 4, 1, 1);
        question.trim = 2;
        _refused(abi.encodeWithSelector(IAggregationJudge.TrimTooLarge.selector, 2, 4));
        _ask(AggregationRule.Mean, 8, 33, 0, 1);
        _refused(abi.encodeWithSelector(IAggregationJudge.TooManyInputs.selector, 33, 32));
        delete inputs;
        _refused(abi.encodeWithSelector(IAggregationJudge.NoInputs.selector));
    }

    function testFuzz_F3_other_widths_are_refused(uint8 bits, uint8 rule) public {
        question.rule = AggregationRule(rule % 3);
        vm.assume(bits != 8 && bits != 16 && bits != 32 && bits != 64);
        question.bits = bits;
        _refused(abi.encodeWithSelector(IAggregationJudge.WrongBits.selector, question.rule, bits));
    }

    function testFuzz_T29_weights_beyond_A2_are_refused(uint64 weight) public {
        uint256 most = 2 ** 47 - 1;
        // Half of them lie at the bound.
        if (weight % 2 == 1) weight = uint64(most - 16 + (weight >> 1) % 4);
        inputs[0].weight = weight;
        // The others weigh 2 to 5.
        if (weight == 0) {
            _refused(abi.encodeWithSelector(IAggregationJudge.WrongWeight.selector, 0, 0));
        } else if (uint256(weight) + 14 > most) {
            _refused(abi.encodeWithSelector(IAggregationJudge.WeightsTooLarge.selector, uint256(weight) + 14, most));
        } else {
            judge.judge(question, inputs, claim);
        }
    }

    function testFuzz_F3_partial_sums_weigh_one(uint64 weight) public {
        _ask(AggregationRule.Mean, 64, 3, 0, 1);
        vm.assume(weight != 1);
        inputs[2].weight = weight;
        _refused(abi.encodeWithSelector(IAggregationJudge.WrongWeight.selector, 2, weight));
    }

    function test_F3_a_node_without_a_denominator_is_refused() public {
        _ask(AggregationRule.TrimmedMean, 64, 5, 1, 1);
        inputs[4].weight = 0;
        _refused(abi.encodeWithSelector(IAggregationJudge.WrongWeight.selector, 4, 0));
    }

    /// Values of 2^63 and more can't be compared; the node that has them is wrong, and judged by itself.
    function test_F3_nodes_with_values_beyond_64_bits_are_refused() public {
        _ask(AggregationRule.TrimmedMean, 64, 5, 1, 1);
        inputs[2].weight = 1;
        _refused(abi.encodeWithSelector(IAggregationJudge.ValuesTooLarge.selector));
    }

    function test_F3_what_stands_behind_a_chunk_is_no_value() public {
        _unit = 2048; // what would follow wouldn't fit 64 bits, what is drawn does
        _ask(AggregationRule.TrimmedMean, 64, 3, 1, 1);
        bytes memory honest = abi.encodeCall(IAggregationJudge.judge, (question, inputs, claim));
        // The padding of a chunk of eleven values is not zero when whoever asks wants it so.
        question.length = 11;
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory chunk = _cut(inputs[i].chunk);
            (inputs[i].chunk, inputs[i].root) = (chunk, _rootOf(64, 11, chunk));
        }
        claim.chunk = _cut(claim.chunk);
        claim.root = _rootOf(64, 11, claim.chunk);
        bytes memory data = abi.encodeCall(IAggregationJudge.judge, (question, inputs, claim));
        require(data.length == honest.length, "another padding");
        uint256 at = _last(data, inputs[0].chunk);
        data[at] = 0x7f;
        (bool done, bytes memory answer) = address(judge).staticcall(data);
        require(done && abi.decode(answer, (IAggregationJudge.Verdict)).correct, "the padding counted");
    }

    function _cut(bytes memory chunk) private pure returns (bytes memory cut) {
        cut = new bytes(88);
        for (uint256 i = 0; i < 88; ++i) {
            cut[i] = chunk[i];
        }
    }

    /// @return where what follows a chunk begins in encoded data.
    function _last(bytes memory data, bytes memory chunk) private pure returns (uint256) {
        for (uint256 at = 4; at + 88 < data.length; at += 32) {
            bool found = true;
            for (uint256 i = 0; i < 88 && found; ++i) {
                found = data[at + i] == chunk[i];
            }
            if (found) return at + 88;
        }
        revert("no such chunk");
    }
}
