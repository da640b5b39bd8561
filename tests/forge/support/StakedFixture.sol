// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../../../contracts/interfaces/IAggregationJudge.sol";
import {IModelRegistry} from "../../../contracts/interfaces/IModelRegistry.sol";
import {IPayoutDistributor} from "../../../contracts/interfaces/IPayoutDistributor.sol";
import {IRewardPool} from "../../../contracts/interfaces/IRewardPool.sol";
import {IStakeVault, LockId} from "../../../contracts/interfaces/IStakeVault.sol";
import {IStakedRounds} from "../../../contracts/interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../../../contracts/interfaces/ITrainingRounds.sol";
import {AggregationJudge} from "../../../contracts/stake/AggregationJudge.sol";
import {Disputes} from "../../../contracts/stake/Disputes.sol";
import {StakedRounds} from "../../../contracts/stake/StakedRounds.sol";
import {StakeVault} from "../../../contracts/stake/StakeVault.sol";
import {
    Children,
    ChunkProof,
    Leaf,
    Node,
    Path,
    Proposal,
    Rule,
    StakeTerms
} from "../../../contracts/types/DisputeTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../../contracts/types/RoundTypes.sol";
import {Fixture} from "./Fixture.sol";
import {VectorWriter} from "./VectorWriter.sol";

/// A staked round of small vectors, and everybody's stake.
abstract contract StakedFixture is Fixture {
    uint256 internal constant STAKE = 10 ether;
    uint256 internal constant BOND = 1 ether;
    uint256 internal constant FUNDS = 1000 ether;
    uint256 internal constant BUDGET = 90 ether;
    uint64 internal constant LENGTH = 300; // two chunks, the second one odd
    uint8 internal constant BITS = 16;
    uint32 internal constant ANSWER = 10;
    uint32 internal constant DISPUTE = 60;

    address internal constant PROPOSER = address(0xBAD);
    address internal constant WATCHER = address(0x600D);

    StakeVault internal vault;
    AggregationJudge internal judge;
    StakedRounds internal staked;
    Disputes internal disputes;
    StakeTerms internal stakes;

    function deployStaked() internal {
        deployAll();
        address[] memory tokens = new address[](1);
        tokens[0] = address(token);
        vault = new StakeVault(tokens, 7 days);
        judge = new AggregationJudge();
        staked = new StakedRounds(
            IModelRegistry(address(registry)),
            ITrainingRounds(address(rounds)),
            IRewardPool(address(pool)),
            IPayoutDistributor(address(distributor)),
            IStakeVault(address(vault))
        );
        disputes = new Disputes(
            IStakedRounds(address(staked)), IStakeVault(address(vault)), IAggregationJudge(address(judge))
        );
        vm.prank(OWNER);
        registry.addPublisher(modelId, address(staked));
        stakes = StakeTerms({
            disputes: address(disputes),
            token: address(token),
            participantStake: uint128(STAKE),
            proposerStake: uint128(3 * STAKE),
            bond: uint128(BOND),
            vectorLength: LENGTH,
            rule: Rule.Mean,
            trim: 0,
            answerWindow: ANSWER,
            disputeWindow: DISPUTE,
            evaluators: address(0),
            panel: 0
        });
        fundStake(PROPOSER);
        fundStake(WATCHER);
    }

    function fundStake(address who) internal {
        vm.prank(OWNER);
        token.transfer(who, FUNDS);
        vm.startPrank(who);
        token.approve(address(vault), FUNDS);
        vault.deposit(address(token), FUNDS);
        vault.setController(address(staked), true);
        vault.setController(address(disputes), true);
        vm.stopPrank();
    }

    function stakedTerms(uint32 least) internal view returns (RoundTerms memory t) {
        t = terms(BUDGET, least, 1000);
        t.challengeWindow = 0;
        t.proposalDeadline = t.revealDeadline + 3 * ANSWER + 10 * DISPUTE;
    }

    function participantOf(uint256 index) internal pure returns (address) {
        return address(uint160(0x1000 + index));
    }

    /// Participant `index`'s vector: small values of either sign.
    function vectorOf(uint256 index) internal pure returns (int64[] memory values) {
        values = new int64[](LENGTH);
        for (uint256 i = 0; i < LENGTH; ++i) {
            values[i] = int64(int256(uint256(keccak256(abi.encode(index, i))) % 60_001)) - 30_000;
        }
    }

    function weightOf(uint256 index) internal pure returns (uint64) {
        return uint64(5 + 3 * index);
    }

    function openingOf(uint256 index) internal pure returns (Opening memory) {
        bytes32 root = VectorWriter.root(vectorOf(index), BITS);
        return Opening(root, keccak256(abi.encode("cid", index)), weightOf(index), bytes32(index + 1));
    }

    function leafOf(uint256 index) internal pure returns (Leaf memory) {
        Opening memory o = openingOf(index);
        return Leaf(participantOf(index), o.updateRoot, o.contentDigest, o.weight);
    }

    /// Opens a round; `count` participants enlist, commit and reveal; strikes are not over yet.
    function revealed(uint256 count) internal returns (RoundId id) {
        RoundTerms memory t = stakedTerms(2);
        vm.startPrank(OWNER);
        token.approve(address(staked), BUDGET);
        id = staked.openStaked(t, stakes);
        vm.stopPrank();
        for (uint256 i = 0; i < count; ++i) {
            address who = participantOf(i);
            if (vault.freeOf(who, address(token)) == 0) fundStake(who);
            vm.startPrank(who);
            staked.enlist(id, stakes);
            rounds.enrol(id, new bytes32[](0));
            vm.stopPrank();
        }
        vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, participantOf(i), openingOf(i));
            vm.prank(participantOf(i));
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        for (uint256 i = 0; i < count; ++i) {
            rounds.reveal(id, participantOf(i), openingOf(i));
        }
    }

    /// The same, and strikes are over.
    function proposable(uint256 count) internal returns (RoundId id) {
        id = revealed(count);
        vm.warp(staked.stakedRoundOf(id).strikesEnd);
    }

    function leavesTo(uint256 count) internal pure returns (Leaf[] memory leaves) {
        leaves = new Leaf[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = leafOf(i);
        }
    }

    /// The exact weighted sums of the participants from `from` to `to` (F-1).
    function sums(uint256 from, uint256 to) internal pure returns (int64[] memory values) {
        values = new int64[](LENGTH);
        for (uint256 p = from; p < to; ++p) {
            int64[] memory one = vectorOf(p);
            for (uint256 i = 0; i < LENGTH; ++i) {
                values[i] += one[i] * int64(weightOf(p));
            }
        }
    }

    function childrenOf(Leaf[] memory leaves) internal pure returns (Children memory) {
        return Children(leaves, new Node[](0));
    }

    /// A node over leaves that claims certain numerators, sound otherwise.
    function nodeOver(Leaf[] memory leaves, int64[] memory numerators) internal pure returns (Node memory node) {
        bytes32[] memory hashes = hashesOf(leaves);
        node.first = leaves[0].participant;
        node.last = leaves[leaves.length - 1].participant;
        node.count = uint32(leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            node.weight += leaves[i].weight;
        }
        node.numeratorsRoot = VectorWriter.root(numerators, 64);
        node.childrenHash = keccak256(abi.encode(hashes));
    }

    function hashesOf(Leaf[] memory leaves) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            hashes[i] = keccak256(abi.encode(uint256(0), leaves[i]));
        }
    }

    function proposalOf(Node memory top) internal pure returns (Proposal memory) {
        return Proposal(top, keccak256("version"), keccak256("document"), 0, 0, 0);
    }

    function propose(RoundId id, Node memory top) internal returns (Proposal memory made) {
        made = proposalOf(top);
        vm.prank(PROPOSER);
        staked.propose(id, stakes, made);
    }

    function pathTo(Node memory top) internal pure returns (Path memory path) {
        path.nodes = new Node[](1);
        path.nodes[0] = top;
    }

    /// The chunk of every participant's vector, proven.
    function inputsOf(uint256 count, uint256 chunk) internal pure returns (ChunkProof[] memory inputs) {
        inputs = new ChunkProof[](count);
        for (uint256 i = 0; i < count; ++i) {
            inputs[i] = VectorWriter.proof(vectorOf(i), BITS, chunk);
        }
    }

    function free(address who) internal view returns (uint256) {
        return vault.freeOf(who, address(token));
    }

    function award(address who) internal view returns (uint256) {
        return vault.awardOf(who, address(token));
    }
}
