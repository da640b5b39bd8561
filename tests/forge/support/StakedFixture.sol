// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../../../contracts/interfaces/IAggregationJudge.sol";
import {IEmergencyStop} from "../../../contracts/interfaces/IEmergencyStop.sol";
import {IEvaluations} from "../../../contracts/interfaces/IEvaluations.sol";
import {IForfeits} from "../../../contracts/interfaces/IForfeits.sol";
import {IHiddenRounds} from "../../../contracts/interfaces/IHiddenRounds.sol";
import {IModelRegistry} from "../../../contracts/interfaces/IModelRegistry.sol";
import {IRewardPool} from "../../../contracts/interfaces/IRewardPool.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IStakedRounds} from "../../../contracts/interfaces/IStakedRounds.sol";
import {ISumJudge} from "../../../contracts/interfaces/ISumJudge.sol";
import {ITermsRules} from "../../../contracts/interfaces/ITermsRules.sol";
import {ITrainingRounds} from "../../../contracts/interfaces/ITrainingRounds.sol";
import {IWeightedPayouts} from "../../../contracts/interfaces/IWeightedPayouts.sol";
import {TokenList} from "../../../contracts/governance/TokenList.sol";
import {HiddenRounds} from "../../../contracts/privacy/HiddenRounds.sol";
import {TermsRules} from "../../../contracts/rounds/TermsRules.sol";
import {TrainingRounds} from "../../../contracts/rounds/TrainingRounds.sol";
import {SumJudge} from "../../../contracts/privacy/SumJudge.sol";
import {AggregationJudge} from "../../../contracts/stake/AggregationJudge.sol";
import {Availability} from "../../../contracts/stake/Availability.sol";
import {Disputes} from "../../../contracts/stake/Disputes.sol";
import {Evaluations} from "../../../contracts/stake/Evaluations.sol";
import {Questions} from "../../../contracts/stake/Questions.sol";
import {StakeFloors} from "../../../contracts/stake/StakeFloors.sol";
import {StakedRounds} from "../../../contracts/stake/StakedRounds.sol";
import {StakeVault} from "../../../contracts/stake/StakeVault.sol";
import {VersionJudge} from "../../../contracts/stake/VersionJudge.sol";
import {WeightedPayouts} from "../../../contracts/stake/WeightedPayouts.sol";
import {
    AggregationRule,
    Children,
    ChunkProof,
    Leaf,
    Node,
    Path,
    Proposal,
    StakeTerms
} from "../../../contracts/types/DisputeTypes.sol";
import {Modules, Uptime} from "../../../contracts/types/ModuleTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../../contracts/types/RoundTypes.sol";
import {Fixture} from "./Fixture.sol";
import {VectorWriter} from "./VectorWriter.sol";

/// A staked round of small vectors, and everybody's stake.
abstract contract StakedFixture is Fixture {
    uint256 internal constant STAKE = 10 ether;
    uint256 internal constant BOND = 0.5 ether;
    uint256 internal constant FUNDS = 1000 ether;
    uint256 internal constant BUDGET = 90 ether;
    uint64 internal constant LENGTH = 300; // two chunks, the second one odd
    uint8 internal constant BITS = 16;
    uint32 internal constant CERTIFY = 20;
    uint32 internal constant ANSWER = 10;
    uint32 internal constant DISPUTE = 100;
    uint16 internal constant QUORUM = 2;
    /// What a proposal takes until it can be settled.
    uint32 internal constant PROPOSAL = CERTIFY + DISPUTE + ANSWER;

    address internal constant PROPOSER = address(0xBAD);
    address internal constant WATCHER = address(0x600D);
    address internal constant BURNT = 0x000000000000000000000000000000000000dEaD;
    bytes32 internal constant BASE_ROOT = keccak256("base root");

    TokenList internal tokens;
    StakeVault internal vault;
    AggregationJudge internal judge;
    StakeFloors internal floors;
    StakedRounds internal staked;
    Disputes internal disputes;
    SumJudge internal sumJudge;
    Questions internal questions;
    Evaluations internal evaluations;
    Availability internal availability;
    WeightedPayouts internal pots;
    StakeTerms internal stakes;

    function deployStaked() internal {
        deployStakedWith(Uptime(address(0), 0));
    }

    function deployStakedWith(Uptime memory uptime) internal {
        deployAll();
        _deployGovernance();
        judge = new AggregationJudge();
        VersionJudge versionJudge = new VersionJudge();
        address[] memory at = _foreseen(12);
        TermsRules rules = new TermsRules(at[4], 1);
        rounds = new TrainingRounds(
            IModelRegistry(address(registry)),
            IRewardPool(address(pool)),
            IForfeits(address(forfeits)),
            ITermsRules(address(rules)),
            IEmergencyStop(address(emergencyStop)),
            at[4],
            IHiddenRounds(at[10])
        );
        _deployVault(at);
        staked = new StakedRounds(
            IModelRegistry(address(registry)),
            ITrainingRounds(address(rounds)),
            IStakeVault(address(vault)),
            IWeightedPayouts(at[9]),
            IEmergencyStop(address(emergencyStop)),
            Modules(at[5], at[6], at[7], at[8], at[3]),
            uptime
        );
        disputes = new Disputes(staked, judge, versionJudge, ISumJudge(at[11]));
        questions = new Questions(staked, IStakeVault(address(vault)), IHiddenRounds(at[10]));
        evaluations = new Evaluations(staked, IStakeVault(address(vault)));
        availability = new Availability(staked, rounds);
        pots = new WeightedPayouts(staked, rounds, tokens);
        hidden = new HiddenRounds(rounds, staked, questions);
        same(address(hidden), at[10]);
        sumJudge = new SumJudge(hidden);
        same(address(sumJudge), at[11]);
        same(address(pots), at[9]);
        same(address(staked), at[4]);
        vm.prank(OWNER);
        registry.addPublisher(modelId, address(staked));
        _setTerms();
        fundStake(PROPOSER);
        fundStake(WATCHER);
    }

    function _deployGovernance() private {
        address[] memory allowed = new address[](1);
        allowed[0] = address(token);
        uint256[] memory least = new uint256[](1);
        least[0] = 1;
        tokens = new TokenList(address(this), allowed, least);
    }

    /// The addresses of the next contracts that this one makes.
    function _foreseen(uint256 count) private view returns (address[] memory at) {
        at = new address[](count);
        uint256 nonce = vm.getNonce(address(this));
        for (uint256 i = 0; i < count; ++i) {
            at[i] = vm.computeCreateAddress(address(this), nonce + i);
        }
    }

    function _deployVault(address[] memory at) private {
        address[] memory controllers = new address[](3);
        (controllers[0], controllers[1], controllers[2]) = (at[4], at[6], at[7]);
        vault = new StakeVault(tokens, 7 days, controllers);
        floors = new StakeFloors(tokens, IEvaluations(at[7]), 1, 1);
        same(address(vault), at[2]);
    }

    function _setTerms() private {
        stakes = StakeTerms({
            token: address(token),
            participantStake: uint128(STAKE),
            proposerStake: uint128(3 * STAKE),
            bond: uint128(BOND),
            vectorLength: LENGTH,
            rule: AggregationRule.Mean,
            trim: 0,
            certifyWindow: CERTIFY,
            answerWindow: ANSWER,
            disputeWindow: DISPUTE,
            quorum: QUORUM,
            committee: 0,
            panel: 0,
            precision: 32,
            baseRoot: BASE_ROOT
        });
    }

    function fundStake(address who) internal {
        vm.prank(OWNER);
        token.transfer(who, FUNDS);
        vm.startPrank(who);
        token.approve(address(vault), FUNDS);
        vault.deposit(address(token), FUNDS);
        vault.setController(address(staked), true);
        vault.setController(address(questions), true);
        vault.setController(address(evaluations), true);
        vm.stopPrank();
    }

    function stakedTerms(uint32 least) internal view returns (RoundTerms memory t) {
        // A trimmed mean's minimum is more than what it trims.
        uint32 kept = 2 * stakes.trim + 1;
        t = terms(0, least > kept ? least : kept, 1000);
        t.challengeWindow = 0;
        t.proposalDeadline = t.revealDeadline + CERTIFY + 3 * ANSWER + 10 * PROPOSAL;
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

    function openStaked(RoundTerms memory t) internal returns (RoundId id) {
        vm.startPrank(OWNER);
        token.approve(address(staked), BUDGET);
        id = staked.openStaked(t, stakes, address(token), BUDGET);
        vm.stopPrank();
    }

    function lockStake(RoundId id, address who) internal {
        if (vault.freeOf(who, address(token)) == 0) fundStake(who);
        vm.prank(who);
        staked.lockStake(id, stakes, new bytes32[](0));
    }

    /// Opens a round; `count` participants lock stakes, commit and reveal; nothing is certified yet.
    function uncertified(uint256 count) internal returns (RoundId id) {
        return uncertifiedOf(stakedTerms(2), count, count);
    }

    /// The same of these terms: of so many that take a seat the first ones commit and reveal.
    function uncertifiedOf(RoundTerms memory t, uint256 seats, uint256 reveals) internal returns (RoundId id) {
        id = openStaked(t);
        for (uint256 i = 0; i < seats; ++i) {
            lockStake(id, participantOf(i));
        }
        vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < reveals; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, participantOf(i), openingOf(i));
            vm.prank(participantOf(i));
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        for (uint256 i = 0; i < reveals; ++i) {
            rounds.reveal(id, participantOf(i), openingOf(i));
        }
    }

    /// The same, and certificates are over: everybody's update has one. Slashing is not over yet.
    function revealed(uint256 count) internal returns (RoundId id) {
        id = uncertified(count);
        certifyUpdates(id, count);
        vm.warp(staked.stakedRoundOf(id).certifyEnd);
    }

    /// The first participants hold everything.
    function certifyUpdates(RoundId id, uint256 count) internal {
        uint256[] memory held = new uint256[]((count + 255) / 256);
        for (uint256 i = 0; i < count; ++i) {
            held[i / 256] |= 1 << (i % 256);
        }
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        uint256[][] memory all = new uint256[][](QUORUM);
        for (uint256 i = 0; i < QUORUM; ++i) {
            all[i] = held;
            vm.prank(holders[i]);
            availability.vouchForUpdates(id, stakes, held);
        }
        availability.certifyUpdates(id, stakes, holders, all, vouched);
    }

    /// Participants 0 and 1, and an empty signature for each: they vouch on the chain.
    function firstHolders() internal pure returns (address[] memory holders, bytes[] memory vouched) {
        holders = new address[](QUORUM);
        vouched = new bytes[](QUORUM);
        for (uint256 i = 0; i < QUORUM; ++i) {
            holders[i] = participantOf(i);
        }
    }

    /// The same, and slashing is over.
    function proposable(uint256 count) internal returns (RoundId id) {
        id = revealed(count);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
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
        return Proposal(top, keccak256("version root"), keccak256("version"), keccak256("document"), 0, 0, 0, 0);
    }

    /// Proposes, and a quorum holds it.
    function propose(RoundId id, Node memory top) internal returns (Proposal memory made) {
        made = proposeUncertified(id, proposalOf(top));
        certifyResult(id);
    }

    function proposeUncertified(RoundId id, Proposal memory made) internal returns (Proposal memory) {
        vm.prank(PROPOSER);
        staked.propose(id, stakes, made);
        return made;
    }

    function certifyResult(RoundId id) internal {
        uint32 number = staked.stakedRoundOf(id).proposals;
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        for (uint256 i = 0; i < QUORUM; ++i) {
            vm.prank(holders[i]);
            availability.vouchForResult(id, stakes, number);
        }
        availability.certifyResult(id, stakes, number, holders, vouched);
    }

    /// Announces a proof, and gives it in the next block.
    function prove(bytes memory call) internal {
        (bool done, bytes memory reason) = _prove(call);
        if (done) return;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }

    /// The same, of a proof that is refused.
    function refuse(bytes memory call, bytes memory why) internal {
        (bool done, bytes memory reason) = _prove(call);
        holds(!done);
        same(keccak256(reason), keccak256(why));
    }

    function _prove(bytes memory call) private returns (bool, bytes memory) {
        disputes.announce(keccak256(call));
        vm.roll(block.number + 1);
        return address(disputes).call(call);
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
