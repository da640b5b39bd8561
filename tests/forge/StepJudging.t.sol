// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IVersionJudge} from "../../contracts/interfaces/IVersionJudge.sol";
import {VersionJudge} from "../../contracts/stake/VersionJudge.sol";
import {ChunkProof, StepProof} from "../../contracts/types/DisputeTypes.sol";
import {WeightVm} from "./WeightRules.t.sol";
import {DrawnChunks} from "./support/DrawnChunks.sol";
import {Vm} from "./support/Vm.sol";

/// F-15: a right step by momentum is called right, a wrong weight or momentum is named, and what isn't proven is refused.
contract StepJudgingTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    WeightVm private constant json = WeightVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;
    uint256 private constant CASES = 20;

    VersionJudge private judge;

    /// One chunk, which is the whole vector.
    struct Case {
        IVersionJudge.ChunkParams question;
        IVersionJudge.MomentumParams step;
        bytes base;
        bytes momenta;
        bytes numerators;
        bytes weights;
        bytes remembered;
    }

    function setUp() public {
        judge = new VersionJudge();
    }

    function _case(uint256 number) private view returns (Case memory c) {
        string memory file = vm.readFile("tests/vectors/momentum_rules.json");
        string memory at = string.concat(".cases[", vm.toString(number), "]");
        c.base = vm.parseJsonBytes(file, string.concat(at, ".base"));
        c.momenta = vm.parseJsonBytes(file, string.concat(at, ".momenta"));
        c.numerators = vm.parseJsonBytes(file, string.concat(at, ".numerators"));
        c.weights = vm.parseJsonBytes(file, string.concat(at, ".weights"));
        c.remembered = vm.parseJsonBytes(file, string.concat(at, ".remembered"));
        c.question.precision = uint8(json.parseJsonUint(file, string.concat(at, ".precision")));
        c.question.length = uint64(c.numerators.length / 8);
        c.question.stepExponent = int8(json.parseJsonInt(file, string.concat(at, ".stepExponent")));
        c.question.guardBits = uint8(json.parseJsonUint(file, string.concat(at, ".guardBits")));
        c.question.denominator = json.parseJsonUint(file, string.concat(at, ".denominator"));
        c.step.factor = uint64(bytes8(vm.parseJsonBytes(file, string.concat(at, ".factorBits"))));
        c.step.rate = uint64(bytes8(vm.parseJsonBytes(file, string.concat(at, ".rateBits"))));
        c.step.nesterov = vm.parseJsonBool(file, string.concat(at, ".nesterov"));
    }

    function _root(uint8 bits, bytes memory chunk) private pure returns (bytes32) {
        return DrawnChunks.root(bits, uint64(chunk.length * 8 / bits), 0, chunk, new bytes32[](0));
    }

    function _roots(Case memory c, bool ofMomentum) private pure returns (IVersionJudge.StepRoots memory) {
        uint8 bits = c.question.precision;
        bytes32 claim = ofMomentum ? _root(64, c.remembered) : _root(bits, c.weights);
        return IVersionJudge.StepRoots(_root(bits, c.base), _root(64, c.momenta), _root(64, c.numerators), claim);
    }

    function _proofs(Case memory c, bool ofMomentum) private pure returns (StepProof memory) {
        bytes32[] memory none = new bytes32[](0);
        return StepProof(
            ofMomentum,
            ChunkProof(c.base, none),
            ChunkProof(c.momenta, none),
            ChunkProof(c.numerators, none),
            ChunkProof(ofMomentum ? c.remembered : c.weights, none)
        );
    }

    function _judged(Case memory c, bool ofMomentum) private view returns (IVersionJudge.Verdict memory) {
        return judge.judgeStep(c.question, c.step, _roots(c, ofMomentum), _proofs(c, ofMomentum));
    }

    function _read(bytes memory chunk, uint256 bits, uint256 i) private pure returns (uint256 value) {
        uint256 width = bits / 8;
        assembly ("memory-safe") {
            value := shr(sub(256, bits), mload(add(add(chunk, 32), mul(i, width))))
        }
    }

    /// Where a golden chunk says that no bits are right, those aren't either: the first such one is named.
    function test_F15_golden_steps_are_right_up_to_where_none_is() public view {
        uint256 right;
        for (uint256 i = 0; i < CASES; ++i) {
            Case memory c = _case(i);
            if (_holds(c, c.weights, c.question.precision, false)) ++right;
            if (_holds(c, c.remembered, 64, true)) ++right;
        }
        require(right > 5, "few right ones");
    }

    function _holds(Case memory c, bytes memory claim, uint256 bits, bool ofMomentum) private view returns (bool) {
        uint256 none = bits == 64 ? 0x7ff8 << 48 : bits == 32 ? 0x7fc00000 : 0x7fc0;
        uint256 at;
        while (at < c.question.length && _read(claim, bits, at) != none) ++at;
        IVersionJudge.Verdict memory verdict = _judged(c, ofMomentum);
        require(verdict.correct == (at == c.question.length), "judged otherwise");
        if (verdict.correct) return true;
        require(verdict.coordinate == at, "another coordinate");
        require(verdict.expected == none && verdict.actual == none, "other bits");
        return false;
    }

    function testFuzz_F15_any_other_bits_are_named(uint256 number, uint8 at, uint64 change, bool ofMomentum)
        public
        view
    {
        Case memory c = _case(number % CASES);
        uint256 bits = ofMomentum ? 64 : c.question.precision;
        uint256 coordinate = at % c.question.length;
        bytes memory claim = ofMomentum ? c.remembered : c.weights;
        uint256 right = _read(claim, bits, coordinate);
        change = uint64(change & ((1 << bits) - 1));
        if (change == 0) change = 1;
        for (uint256 b = 0; b < bits / 8; ++b) {
            claim[coordinate * bits / 8 + b] ^= bytes1(uint8(change >> (bits - 8 - 8 * b)));
        }
        IVersionJudge.Verdict memory verdict = _judged(c, ofMomentum);
        require(!verdict.correct && verdict.coordinate <= coordinate, "called right");
        // Where no bits are right, an earlier one may be named.
        if (verdict.coordinate < coordinate) return;
        require(verdict.expected == right && verdict.actual == right ^ change, "other bits");
    }

    /// The same inputs under another strategy, rate or factor give others; the momentum follows from the factor alone.
    function test_F15_factor_rate_and_kind_count() public view {
        uint256[3] memory moved;
        bool remembered;
        for (uint256 i = 0; i < CASES; ++i) {
            for (uint256 change = 0; change < 3; ++change) {
                Case memory c = _case(i);
                if (!_judged(c, false).correct || !_judged(c, true).correct) continue;
                if (change == 0) c.step.nesterov = !c.step.nesterov;
                if (change == 1) c.step.rate ^= 1 << 51;
                if (change == 2) c.step.factor ^= 1 << 51;
                if (!_judged(c, false).correct) ++moved[change];
                if (_judged(c, true).correct) continue;
                require(change == 2, "another momentum");
                remembered = true;
            }
        }
        require(moved[0] != 0 && moved[1] != 0 && moved[2] != 0 && remembered, "something doesn't count");
    }

    function test_F15_what_is_not_proven_is_refused() public {
        Case memory c = _case(0);
        for (uint256 i = 0; i < 2; ++i) {
            bool ofMomentum = i == 1;
            StepProof memory proofs = _proofs(c, ofMomentum);
            IVersionJudge.StepRoots memory roots = _roots(c, ofMomentum);
            roots.base = keccak256("another root");
            _refused(c, roots, proofs, abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 0));
            roots = _roots(c, ofMomentum);
            roots.numerators = keccak256("another root");
            _refused(c, roots, proofs, abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 1));
            roots = _roots(c, ofMomentum);
            roots.momenta = keccak256("another root");
            _refused(c, roots, proofs, abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 2));
            // Weights are no momenta, nor the other way round.
            roots = _roots(c, !ofMomentum);
            _refused(c, roots, proofs, abi.encodeWithSelector(IVersionJudge.ResultNotProven.selector));
        }
    }

    function _refused(Case memory c, IVersionJudge.StepRoots memory roots, StepProof memory proofs, bytes memory why)
        private
    {
        vm.expectRevert(why);
        judge.judgeStep(c.question, c.step, roots, proofs);
    }

    function test_F15_questions_that_no_round_asks_are_refused() public {
        Case memory c = _case(0);
        (IVersionJudge.StepRoots memory roots, StepProof memory proofs) = (_roots(c, false), _proofs(c, false));
        c.question.denominator = 0;
        _refused(c, roots, proofs, abi.encodeWithSelector(IVersionJudge.WrongDenominator.selector, 0));
        (c.question.denominator, c.question.guardBits) = (1, 17);
        bytes memory why =
            abi.encodeWithSelector(IVersionJudge.WrongLattice.selector, c.question.stepExponent, c.question.guardBits);
        _refused(c, roots, proofs, why);
        (c.question.guardBits, c.question.precision) = (0, 64);
        _refused(c, roots, proofs, abi.encodeWithSelector(IVersionJudge.WrongPrecision.selector, 64));
    }

    /// Numerators that give it are wrong, and are proved wrong themselves.
    function test_F15_an_aggregate_beyond_32_bits_is_refused_and_not_judged() public {
        Case memory c = _case(0);
        (c.question.guardBits, c.question.denominator) = (0, 1);
        c.numerators = abi.encodePacked(int64(-2_147_483_648));
        (c.base, c.weights) = (new bytes(4), new bytes(4));
        (c.momenta, c.remembered, c.question.length) = (new bytes(8), new bytes(8), 1);
        (IVersionJudge.StepRoots memory roots, StepProof memory proofs) = (_roots(c, true), _proofs(c, true));
        _refused(c, roots, proofs, abi.encodeWithSelector(IVersionJudge.AggregateTooLarge.selector));
    }
}
