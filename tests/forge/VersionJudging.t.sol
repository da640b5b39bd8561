// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IVersionJudge} from "../../contracts/interfaces/IVersionJudge.sol";
import {Scale} from "../../contracts/libraries/WeightRules.sol";
import {VersionJudge} from "../../contracts/stake/VersionJudge.sol";
import {ChunkProof} from "../../contracts/types/DisputeTypes.sol";
import {WeightRulesCaller} from "./WeightRules.t.sol";
import {VectorWriter} from "./support/VectorWriter.sol";
import {Vm} from "./support/Vm.sol";

/// F-14: a right version is called right, a wrong one is named, and what isn't proven is refused.
contract VersionJudgingTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;
    /// Two chunks, the last of 44 values.
    uint256 private constant LENGTH = 300;

    VersionJudge private judge;
    WeightRulesCaller private rules;

    int64[] private base;
    int64[] private numerators;
    int64[] private version;
    IVersionJudge.ChunkParams private question;

    function setUp() public {
        (judge, rules) = (new VersionJudge(), new WeightRulesCaller());
        _draw(32, -20, 8, 22, 1);
    }

    /// A base of finite weights, numerators that move it, and the right version.
    function _draw(uint8 precision, int8 step, uint8 guard, uint256 denominator, uint256 seed) private {
        (base, numerators, version) = (new int64[](LENGTH), new int64[](LENGTH), new int64[](LENGTH));
        question = IVersionJudge.ChunkParams(precision, uint64(LENGTH), 0, step, guard, denominator);
        (bytes memory weights, bytes memory moves) = ("", "");
        for (uint256 i = 0; i < LENGTH; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            // Exponents from 2^-31 to 2^32: what the steps move.
            uint256 bits = (drawn & 0x807fffff | (96 + (drawn >> 32) % 64) << 23) >> (32 - precision);
            base[i] = int64(uint64(bits));
            numerators[i] = int64(uint64(drawn >> 64 & 0xfffff)) - 524_288;
            weights = precision == 32
                ? bytes.concat(weights, bytes4(uint32(bits)))
                : bytes.concat(weights, bytes2(uint16(bits)));
            moves = bytes.concat(moves, bytes8(uint64(numerators[i])));
        }
        uint256 place = uint256(149 + int256(step) - int256(uint256(guard)));
        (uint256[] memory found,) = rules.weights(Scale(precision, place, guard, denominator), weights, moves);
        for (uint256 i = 0; i < LENGTH; ++i) {
            version[i] = int64(uint64(found[i]));
        }
    }

    function _roots() private view returns (IVersionJudge.Roots memory) {
        uint8 bits = question.precision;
        return IVersionJudge.Roots(
            VectorWriter.root(base, bits), VectorWriter.root(numerators, 64), VectorWriter.root(version, bits)
        );
    }

    function _proofs() private view returns (ChunkProof memory, ChunkProof memory, ChunkProof memory) {
        uint8 bits = question.precision;
        uint256 at = question.index;
        return (
            VectorWriter.proof(base, bits, at),
            VectorWriter.proof(numerators, 64, at),
            VectorWriter.proof(version, bits, at)
        );
    }

    function _judged() private view returns (IVersionJudge.Verdict memory) {
        (ChunkProof memory a, ChunkProof memory b, ChunkProof memory c) = _proofs();
        return judge.judge(question, _roots(), a, b, c);
    }

    function _refused(bytes memory why) private {
        (ChunkProof memory a, ChunkProof memory b, ChunkProof memory c) = _proofs();
        IVersionJudge.Roots memory roots = _roots();
        vm.expectRevert(why);
        judge.judge(question, roots, a, b, c);
    }

    function testFuzz_F14_right_weights_are_right_and_any_other_is_named(
        uint256 seed,
        bool wide,
        uint16 at,
        uint32 change
    ) public {
        _draw(wide ? 32 : 16, int8(int256(seed % 30)) - 40, uint8(seed % 17), 22 + seed % 1000, seed);
        uint256 coordinate = at % LENGTH;
        question.index = uint64(coordinate / 256);
        require(_judged().correct, "right weights");
        change = wide ? change : change % 65_536;
        if (change == 0) change = 1;
        int64 right = version[coordinate];
        version[coordinate] = int64(uint64(right) ^ change);
        IVersionJudge.Verdict memory verdict = _judged();
        require(!verdict.correct && verdict.coordinate == coordinate, "another coordinate");
        require(verdict.expected == uint64(right) && verdict.actual == uint64(version[coordinate]), "other bits");
    }

    function test_F14_the_first_of_many_wrong_weights_is_named() public {
        (version[299], version[256], version[255]) = (0, 0, 0);
        require(_judged().coordinate == 255, "the last of a chunk");
        question.index = 1;
        require(_judged().coordinate == 256, "the first of the next");
    }

    /// The same numerators under another step, guard or denominator give other weights.
    function test_F14_step_guard_bits_and_denominator_count() public {
        require(_judged().correct, "right weights");
        question.stepExponent = -19;
        require(!_judged().correct, "the step doesn't count");
        (question.stepExponent, question.guardBits) = (-20, 7);
        // Nearly the same sums, of an aggregate that was rounded to twice the unit.
        require(!_judged().correct, "the guard bits don't count");
        (question.guardBits, question.denominator) = (8, 23);
        require(!_judged().correct, "the denominator doesn't count");
    }

    function test_F14_no_weight_is_right_over_a_base_that_is_not_finite() public {
        uint32[4] memory bases = [uint32(0x7f800000), 0xff800000, 0x7fc00000, 0xffffffff];
        for (uint256 i = 0; i < 4; ++i) {
            base[7] = int64(uint64(bases[i]));
            // Neither the base's own bits nor those that stand for none.
            version[7] = i % 2 == 0 ? base[7] : int64(uint64(0x7fc00000));
            _named(7, 0x7fc00000);
        }
        _draw(16, -20, 8, 22, 1);
        (base[9], version[9]) = (0x7f80, 0x7fc0);
        _named(9, 0x7fc0);
        version[9] = 0x7f80;
        _named(9, 0x7fc0);
    }

    function _named(uint256 coordinate, uint32 expected) private view {
        IVersionJudge.Verdict memory verdict = _judged();
        require(!verdict.correct && verdict.coordinate == coordinate, "called right");
        require(verdict.expected == expected && verdict.actual == uint64(version[coordinate]), "other bits");
    }

    function test_F14_a_zero_is_positive_whatever_it_was() public {
        (base[0], numerators[0], version[0]) = (int64(uint64(1 << 31)), 0, 0);
        require(_judged().correct, "minus zero and nothing");
        version[0] = int64(uint64(1 << 31));
        _named(0, 0);
    }

    function test_F14_what_is_not_proven_is_refused() public {
        IVersionJudge.Roots memory roots = _roots();
        (ChunkProof memory a, ChunkProof memory b, ChunkProof memory c) = _proofs();
        bytes32 other = keccak256("another root");
        vm.expectRevert(abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 0));
        judge.judge(question, IVersionJudge.Roots(other, roots.numerators, roots.version), a, b, c);
        vm.expectRevert(abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 1));
        judge.judge(question, IVersionJudge.Roots(roots.base, other, roots.version), a, b, c);
        vm.expectRevert(abi.encodeWithSelector(IVersionJudge.ResultNotProven.selector));
        judge.judge(question, IVersionJudge.Roots(roots.base, roots.numerators, other), a, b, c);
        // A chunk cut short, a sibling too many, and a chunk that stands elsewhere.
        ChunkProof memory spoilt = ChunkProof(new bytes(1020), a.siblings);
        vm.expectRevert(abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 0));
        judge.judge(question, roots, spoilt, b, c);
        spoilt = ChunkProof(b.chunk, new bytes32[](2));
        vm.expectRevert(abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 1));
        judge.judge(question, roots, a, spoilt, c);
        spoilt = VectorWriter.proof(version, 32, 1);
        vm.expectRevert(abi.encodeWithSelector(IVersionJudge.ResultNotProven.selector));
        judge.judge(question, roots, a, b, spoilt);
        // Weights of another width are no weights.
        question.precision = 16;
        vm.expectRevert(abi.encodeWithSelector(IVersionJudge.ResultNotProven.selector));
        judge.judge(question, roots, a, b, c);
    }

    function testFuzz_F14_other_precisions_are_refused(uint8 precision) public {
        vm.assume(precision != 32 && precision != 16);
        (ChunkProof memory a, ChunkProof memory b, ChunkProof memory c) = _proofs();
        IVersionJudge.Roots memory roots = _roots();
        question.precision = precision;
        vm.expectRevert(abi.encodeWithSelector(IVersionJudge.WrongPrecision.selector, precision));
        judge.judge(question, roots, a, b, c);
    }

    function testFuzz_F14_lattices_beyond_L1_are_refused(int8 step, uint8 guard) public {
        vm.assume(step < -60 || step > 20 || guard > 16);
        (question.stepExponent, question.guardBits) = (step, guard);
        _refused(abi.encodeWithSelector(IVersionJudge.WrongLattice.selector, step, guard));
    }

    function testFuzz_F14_denominators_of_no_round_are_refused(uint256 denominator) public {
        if (denominator <= type(uint128).max) denominator = denominator & 1 == 0 ? 0 : uint256(1) << 128;
        question.denominator = denominator;
        _refused(abi.encodeWithSelector(IVersionJudge.WrongDenominator.selector, denominator));
    }

    function test_F14_the_largest_denominator_leaves_the_base() public {
        question.denominator = type(uint128).max;
        for (uint256 i = 0; i < LENGTH; ++i) {
            version[i] = base[i];
        }
        require(_judged().correct, "moved by nothing");
    }

    /// Right numerators stay in 31 bits; the ones that don't are proved wrong themselves.
    function test_F14_an_aggregate_beyond_32_bits_is_refused_and_not_judged() public {
        (question.guardBits, question.denominator) = (0, 1);
        for (uint256 i = 0; i < LENGTH; ++i) {
            (numerators[i], version[i]) = (0, base[i]);
        }
        base[255] = 0x3f800000; // 1, and what is 2^11 from there
        (numerators[255], version[255]) = (-2_147_483_647, int64(uint64(0xc4ffe000)));
        require(_judged().correct, "the largest step");
        numerators[255] = -2_147_483_648;
        _refused(abi.encodeWithSelector(IVersionJudge.AggregateTooLarge.selector));
        numerators[255] = type(int64).min;
        _refused(abi.encodeWithSelector(IVersionJudge.AggregateTooLarge.selector));
    }
}
