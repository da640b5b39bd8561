// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelRegistry} from "../../../contracts/core/ModelRegistry.sol";
import {IHiddenRounds} from "../../../contracts/interfaces/IHiddenRounds.sol";
import {IForfeits} from "../../../contracts/interfaces/IForfeits.sol";
import {EmergencyStop} from "../../../contracts/governance/EmergencyStop.sol";
import {Timelock} from "../../../contracts/governance/Timelock.sol";
import {IEmergencyStop} from "../../../contracts/interfaces/IEmergencyStop.sol";
import {IModelRegistry} from "../../../contracts/interfaces/IModelRegistry.sol";
import {IQuestions} from "../../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../../contracts/interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../../../contracts/interfaces/ITrainingRounds.sol";
import {IPayoutDistributor} from "../../../contracts/interfaces/IPayoutDistributor.sol";
import {IRewardPool} from "../../../contracts/interfaces/IRewardPool.sol";
import {ITermsRules} from "../../../contracts/interfaces/ITermsRules.sol";
import {HiddenRounds} from "../../../contracts/privacy/HiddenRounds.sol";
import {PayoutDistributor} from "../../../contracts/rewards/PayoutDistributor.sol";
import {RewardPool} from "../../../contracts/rewards/RewardPool.sol";
import {RewardToken} from "../../../contracts/rewards/RewardToken.sol";
import {Forfeits} from "../../../contracts/rounds/Forfeits.sol";
import {TermsRules} from "../../../contracts/rounds/TermsRules.sol";
import {TrainingRounds} from "../../../contracts/rounds/TrainingRounds.sol";
import {Content, ModelId, VersionId, Visibility} from "../../../contracts/types/ModelTypes.sol";
import {Lattice, Opening, Result, RoundId, RoundTerms} from "../../../contracts/types/RoundTypes.sol";
import {Vm} from "./Vm.sol";

/// A deployment, named roles, and the few assertions that the tests use.
abstract contract Fixture {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    address internal constant OWNER = address(0xA11CE);
    address internal constant PUBLISHER = address(0xB0B);
    address internal constant HOSPITAL = address(0xCA11);
    address internal constant STRANGER = address(0x57A6);
    /// Where rounds under stake would be coordinated from.
    address internal constant STAKED = address(0x57A4ED);
    address internal constant COUNCIL = address(0x60);
    address internal constant GUARDIAN = address(0x6A);
    uint64 internal constant TIMELOCK_DELAY = 2 days;
    uint64 internal constant STOP_PERIOD = 730 days;
    uint256 internal constant MINT_CAP = 1000 ether;
    uint64 internal constant EPOCH = 365 days;
    uint64 internal constant ACTIVATION_DELAY = 1 days;
    uint64 internal constant CLAIM_PERIOD = 90 days;

    Timelock internal timelock;
    EmergencyStop internal emergencyStop;
    ModelRegistry internal registry;
    RewardToken internal token;
    PayoutDistributor internal distributor;
    RewardPool internal pool;
    Forfeits internal forfeits;
    TrainingRounds internal rounds;
    HiddenRounds internal hidden;
    ModelId internal modelId;

    function deployAll() internal {
        vm.warp(1_800_000_000);
        timelock = new Timelock(TIMELOCK_DELAY, COUNCIL);
        address decides = address(timelock);
        emergencyStop = new EmergencyStop(decides, GUARDIAN, STOP_PERIOD);
        registry = new ModelRegistry(decides);
        token = new RewardToken("Tallystick Reward", "TALLY", OWNER, 1_000_000 ether, decides, MINT_CAP, EPOCH);
        distributor = new PayoutDistributor(
            IModelRegistry(address(registry)), ACTIVATION_DELAY, CLAIM_PERIOD, IEmergencyStop(address(emergencyStop))
        );
        pool = new RewardPool(IPayoutDistributor(address(distributor)));
        forfeits = new Forfeits();
        rounds = newRounds();
        vm.prank(OWNER);
        modelId = registry.register("mnist-cnn", Visibility.Public, 0);
        vm.prank(OWNER);
        registry.publishVersion(modelId, 1, content(1), new VersionId[](0), RoundId.wrap(0), "MIT");
    }

    function newRounds() internal returns (TrainingRounds made) {
        ITermsRules rules = ITermsRules(address(new TermsRules(STAKED, 1)));
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        made = new TrainingRounds(
            IModelRegistry(address(registry)),
            IRewardPool(address(pool)),
            IForfeits(address(forfeits)),
            rules,
            IEmergencyStop(address(emergencyStop)),
            STAKED,
            IHiddenRounds(next)
        );
        hidden = new HiddenRounds(made, IStakedRounds(STAKED), IQuestions(STAKED));
        require(address(hidden) == next, "another address");
    }

    function content(uint256 seed) internal pure returns (Content memory) {
        return Content(keccak256(abi.encode("content", seed)), 0x70);
    }

    function terms(uint256 budget, uint32 least, uint32 most) internal view returns (RoundTerms memory) {
        uint64 now_ = uint64(block.timestamp);
        return RoundTerms({
            modelId: modelId,
            baseVersion: 1,
            strategy: "fedavg",
            documentDigest: keccak256("terms"),
            lattice: Lattice(16, -16, 8, 0),
            enrolmentDeadline: now_ + 100,
            commitDeadline: now_ + 200,
            revealDeadline: now_ + 300,
            proposalDeadline: now_ + 400,
            challengeWindow: 50,
            minimumParticipants: least,
            maximumParticipants: most,
            allowListRoot: 0,
            weightCap: 1000,
            rewardToken: budget == 0 ? address(0) : address(token),
            rewardBudget: budget,
            forfeit: leastForfeit(budget, most)
        });
    }

    /// A tenth of the budget over all seats, rounded up.
    function leastForfeit(uint256 budget, uint32 most) internal pure returns (uint128) {
        return most == 0 ? 0 : uint128((budget + 10 * uint256(most) - 1) / (10 * uint256(most)));
    }

    function openRound(uint256 budget, uint32 least, uint32 most) internal returns (RoundId roundId) {
        RoundTerms memory t = terms(budget, least, most);
        vm.startPrank(OWNER);
        token.approve(address(rounds), budget + uint256(t.forfeit) * most);
        roundId = rounds.openRound(t);
        vm.stopPrank();
    }

    function opening(uint256 seed, uint64 weight) internal pure returns (Opening memory) {
        return Opening(keccak256(abi.encode("root", seed)), keccak256(abi.encode("cid", seed)), weight, bytes32(seed));
    }

    function result(uint32 accepted) internal pure returns (Result memory) {
        return Result(keccak256("result"), keccak256("version"), keccak256("document"), accepted, 10);
    }

    function pairHash(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function payoutLeaf(address account, uint256 cumulative) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(account, cumulative))));
    }

    function same(bytes32 found, bytes32 expected) internal pure {
        require(found == expected, "bytes32 differ");
    }

    function same(uint256 found, uint256 expected) internal pure {
        require(found == expected, "numbers differ");
    }

    function same(address found, address expected) internal pure {
        require(found == expected, "addresses differ");
    }

    function holds(bool condition) internal pure {
        require(condition, "condition does not hold");
    }
}
