// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {AggregationRule, ChunkProof, Leaf, Node, Path} from "../../contracts/types/DisputeTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {ChunkRulesCaller, RuleCase} from "./ChunkRules.t.sol";
import {DrawnChunks} from "./support/DrawnChunks.sol";
import {MeteredDisputes} from "./support/MeteredDisputes.sol";

/// Gas of proving a wrong chunk, the whole transaction with the slash, in tests/snapshots/wrong_chunk_gas.json.
contract DisputeTransactionGasTest is MeteredDisputes {
    uint64 private constant LONG = 1 << 24; // 16 levels: 65,536 chunks
    uint64 private constant INDEX = 0xB0B5;

    ChunkRulesCaller private _rules;

    function setUp() public {
        deployStaked();
        _rules = new ChunkRulesCaller();
        for (uint256 i = 0; i < 32; ++i) {
            fundStake(participantOf(i));
        }
    }

    function test_the_mean_is_disputed_within_one_transaction() public {
        _table(AggregationRule.Mean, "mean");
    }

    function test_the_median_is_disputed_within_one_transaction() public {
        _table(AggregationRule.Median, "median");
    }

    function test_the_trimmed_mean_is_disputed_within_one_transaction() public {
        _table(AggregationRule.TrimmedMean, "trimmed mean");
    }

    function test_a_vectors_length_costs_no_more_than_its_levels() public {
        uint64[3] memory lengths = [uint64(1e4), 1e6, 1e8];
        for (uint256 i = 0; i < 3; ++i) {
            string memory label = string.concat("mean, int16, 32 updates, length ", vm.toString(lengths[i]));
            vm.snapshotValue("wrong_chunk_gas", label, _gas(AggregationRule.Mean, 16, 32, lengths[i], 17));
        }
    }

    function test_sizes_stay_below_the_limit() public {
        vm.snapshotValue("stake_bytecode", "Disputes", address(disputes).code.length);
        vm.snapshotValue("stake_bytecode", "StakedRounds", address(staked).code.length);
        vm.snapshotValue("stake_bytecode", "WeightedPayouts", address(pots).code.length);
        vm.snapshotValue("stake_bytecode", "Evaluations", address(evaluations).code.length);
        vm.snapshotValue("stake_bytecode", "Questions", address(questions).code.length);
        vm.snapshotValue("stake_bytecode", "Availability", address(availability).code.length);
        vm.snapshotValue("stake_bytecode", "StakeVault", address(vault).code.length);
        vm.snapshotValue("stake_bytecode", "StakeFloors", address(floors).code.length);
        vm.snapshotValue("stake_bytecode", "HiddenRounds", address(hidden).code.length);
        vm.snapshotValue("stake_bytecode", "SumJudge", address(sumJudge).code.length);
        holds(address(disputes).code.length < 24_576 && address(staked).code.length < 24_576);
    }

    function _table(AggregationRule rule, string memory name) private {
        for (uint8 bits = 8; bits <= 32; bits *= 2) {
            for (uint256 count = 4; count <= 32; count *= 2) {
                uint256 found = _gas(rule, bits, count, LONG, INDEX);
                holds(found < CAP);
                if (rule == AggregationRule.Mean && bits <= 16) holds(found <= 3_000_000);
                string memory label =
                    string.concat(name, ", int", vm.toString(bits), ", ", vm.toString(count), " updates");
                vm.snapshotValue("wrong_chunk_gas", label, found);
            }
        }
    }

    struct Case {
        AggregationRule rule;
        uint8 bits;
        uint256 count;
        uint64 length;
        uint64 index;
        uint256 trim;
    }

    struct Evidence {
        Leaf[] leaves;
        ChunkProof[] inputs;
        ChunkProof wrong;
        Node top;
    }

    /// Plays a round of long vectors whose proposal is wrong in one chunk, and proves it.
    function _gas(AggregationRule rule, uint8 bits, uint256 count, uint64 length, uint64 index)
        private
        returns (uint256)
    {
        Case memory k = Case(rule, bits, count, length, index, rule == AggregationRule.TrimmedMean ? count / 4 : 0);
        Evidence memory e = _evidence(k);
        RoundId id = _proposed(k, e);
        return spent(
            abi.encodeCall(
                IDisputes.proveWrongChunk,
                (id, stakes, pathTo(e.top), childrenOf(e.leaves), index, e.inputs, e.wrong, WATCHER)
            )
        );
    }

    function _evidence(Case memory k) private view returns (Evidence memory e) {
        RuleCase memory c = RuleCase(uint256(k.rule), k.trim, k.bits, 256, new uint256[](k.count), new bytes[](k.count));
        bytes32[] memory siblings = DrawnChunks.path(k.length, k.index);
        e.leaves = new Leaf[](k.count);
        e.inputs = new ChunkProof[](k.count);
        for (uint256 i = 0; i < k.count; ++i) {
            c.chunks[i] = DrawnChunks.drawn(i, k.bits);
            c.weights[i] = weightOf(i);
            e.inputs[i] = ChunkProof(c.chunks[i], siblings);
            e.leaves[i].updateRoot = DrawnChunks.root(k.bits, k.length, k.index, c.chunks[i], siblings);
            e.leaves[i].participant = participantOf(i);
            e.leaves[i].contentDigest = keccak256(abi.encode("cid", i));
            e.leaves[i].weight = weightOf(i);
        }
        int256[] memory numerators = _rules.numerators(c);
        numerators[255] += 1; // the last one, so that all are compared
        e.wrong = ChunkProof(DrawnChunks.packed(numerators), siblings);
        e.top = nodeOver(e.leaves, new int64[](1));
        e.top.numeratorsRoot = DrawnChunks.root(64, k.length, k.index, e.wrong.chunk, siblings);
    }

    function _proposed(Case memory k, Evidence memory e) private returns (RoundId id) {
        (stakes.rule, stakes.trim, stakes.vectorLength) = (k.rule, uint32(k.trim), k.length);
        (stakes.bond, stakes.disputeWindow) = (0.1 ether, 20 * ANSWER);
        RoundTerms memory t = stakedTerms(2);
        (t.lattice.bits, t.lattice.guardBits) = (k.bits, 0);
        t.proposalDeadline += 20 * ANSWER;
        id = openStaked(t);
        _revealAll(id, t, e.leaves);
        certifyUpdates(id, e.leaves.length);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        proposeUncertified(id, proposalOf(e.top));
    }

    function _revealAll(RoundId id, RoundTerms memory t, Leaf[] memory leaves) private {
        for (uint256 i = 0; i < leaves.length; ++i) {
            lockStake(id, leaves[i].participant);
        }
        vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < leaves.length; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, leaves[i].participant, _opening(leaves[i]));
            vm.prank(leaves[i].participant);
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        for (uint256 i = 0; i < leaves.length; ++i) {
            rounds.reveal(id, leaves[i].participant, _opening(leaves[i]));
        }
    }

    function _opening(Leaf memory leaf) private pure returns (Opening memory) {
        return Opening(leaf.updateRoot, leaf.contentDigest, leaf.weight, bytes32(uint256(7)));
    }
}
