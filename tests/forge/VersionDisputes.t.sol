// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IVersionJudge} from "../../contracts/interfaces/IVersionJudge.sol";
import {Scale} from "../../contracts/libraries/WeightRules.sol";
import {AggregationRule, ChunkProof, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {WeightRulesCaller} from "./WeightRules.t.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// F-14: who proposes other weights than the numerators give loses its stake, under each rule; right ones stand.
contract VersionDisputesTest is StakedFixture {
    /// Of the fixture's lattice: 2^(−16 − 8 + 149).
    uint256 private constant PLACE = 125;
    uint256 private constant GUARD = 8;

    WeightRulesCaller private rules;
    RoundId private id;
    int64[] private _base;
    int64[] private _version;
    bytes32 private _memory;

    function setUp() public {
        rules = new WeightRulesCaller();
        deployStaked();
    }

    /// A base of weights that such steps move, and the right version of it.
    function _draw(uint8 precision, int64[] memory numerators, uint256 denominator) private {
        (_base, _version) = (new int64[](LENGTH), new int64[](LENGTH));
        (bytes memory base, bytes memory moves) = ("", "");
        for (uint256 i = 0; i < LENGTH; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode("base", i)));
            uint256 bits = (drawn & 0x807fffff | (112 + (drawn >> 32) % 16) << 23) >> (32 - precision);
            _base[i] = int64(uint64(bits));
            base = precision == 32 ? bytes.concat(base, bytes4(uint32(bits))) : bytes.concat(base, bytes2(uint16(bits)));
            moves = bytes.concat(moves, bytes8(uint64(numerators[i])));
        }
        (uint256[] memory found,) = rules.weights(Scale(precision, PLACE, GUARD, denominator), base, moves);
        for (uint256 i = 0; i < LENGTH; ++i) {
            _version[i] = int64(uint64(found[i]));
        }
    }

    function _proposed(uint32 count) private returns (Proposal memory made) {
        stakes.baseRoot = VectorWriter.root(_base, stakes.precision);
        id = proposable(3);
        Node memory top = nodeOver(leavesTo(3), sums(0, 3));
        top.count = count; // the judge takes it as it stands there: another proof is for a wrong one
        made = proposalOf(top);
        made.versionRoot = VectorWriter.root(_version, stakes.precision);
        made.momentumRoot = _memory;
        proposeUncertified(id, made);
    }

    function _call(Proposal memory made, uint64 chunk) private view returns (bytes memory) {
        ChunkProof memory base = VectorWriter.proof(_base, stakes.precision, chunk);
        ChunkProof memory numerators = VectorWriter.proof(sums(0, 3), 64, chunk);
        ChunkProof memory weights = VectorWriter.proof(_version, stakes.precision, chunk);
        return abi.encodeCall(disputes.proveWrongVersion, (id, stakes, made, chunk, base, numerators, weights, WATCHER));
    }

    function _isRight(uint32 count) private {
        Proposal memory made = _proposed(count);
        for (uint64 chunk = 0; chunk < 2; ++chunk) {
            refuse(_call(made, chunk), abi.encodeWithSelector(IDisputes.VersionIsCorrect.selector, id, chunk));
        }
    }

    /// The right version stands, and the same one with a wrong bit doesn't.
    function _judges(uint32 count, uint256 denominator) private {
        _draw(stakes.precision, sums(0, 3), denominator);
        _isRight(count);
        _version[LENGTH - 1] ^= 1;
        Proposal memory made = _proposed(count);
        uint256 before = award(WATCHER);
        prove(_call(made, 1));
        same(award(WATCHER) - before, 3 * STAKE / 2);
        same(staked.stakedRoundOf(id).proposer, address(0));
    }

    function test_F14_weights_of_binary32_are_judged_by_the_total_weight() public {
        _judges(3, uint256(weightOf(0)) + weightOf(1) + weightOf(2));
    }

    function test_F14_weights_of_bfloat16_are_judged_by_the_total_weight() public {
        stakes.precision = 16;
        _judges(3, uint256(weightOf(0)) + weightOf(1) + weightOf(2));
    }

    /// Each level of medians doubles the numerators.
    function test_F14_a_median_s_weights_are_judged_by_its_levels() public {
        stakes.rule = AggregationRule.Median;
        _judges(3, 2);
        _draw(stakes.precision, sums(0, 3), 4);
        _isRight(33);
    }

    /// What a trimmed mean keeps, and the units of its nodes above the lowest.
    function test_F14_a_trimmed_mean_s_weights_are_judged_by_what_it_keeps() public {
        (stakes.rule, stakes.trim) = (AggregationRule.TrimmedMean, 1);
        _judges(3, 1);
        _draw(stakes.precision, sums(0, 3), 2 << 16);
        _isRight(33);
    }

    /// Of a base of weights alone nothing is remembered, whatever the weights.
    function test_F15_a_memory_over_a_base_of_weights_alone_is_wrong() public {
        _draw(32, sums(0, 3), uint256(weightOf(0)) + weightOf(1) + weightOf(2));
        _isRight(3);
        _memory = keccak256("memory");
        prove(_call(_proposed(3), 0));
        same(award(WATCHER), 3 * STAKE / 2);
    }

    function test_F14_what_is_not_the_proposal_s_disproves_no_version() public {
        _draw(32, sums(0, 3), 24);
        Proposal memory made = _proposed(3);
        made.versionRoot = keccak256("another");
        refuse(_call(made, 0), abi.encodeWithSelector(IDisputes.WrongProposal.selector, id));
        made.versionRoot = VectorWriter.root(_version, 32);
        _version[0] ^= 1;
        refuse(_call(made, 0), abi.encodeWithSelector(IVersionJudge.ResultNotProven.selector));
        _version[0] ^= 1;
        _base[0] ^= 1;
        refuse(_call(made, 0), abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 0));
    }
}
