// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "../../contracts/interfaces/IEmergencyStop.sol";
import {IForfeits} from "../../contracts/interfaces/IForfeits.sol";
import {IHiddenRounds} from "../../contracts/interfaces/IHiddenRounds.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {IRewardPool} from "../../contracts/interfaces/IRewardPool.sol";
import {ITermsRules} from "../../contracts/interfaces/ITermsRules.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {TermsRules} from "../../contracts/rounds/TermsRules.sol";
import {TrainingRounds} from "../../contracts/rounds/TrainingRounds.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {Fixture} from "./support/Fixture.sol";

/// R-12: rounds that the deployment's contract for stake coordinates, and the bounds of all others.
contract UnderStakeTest is Fixture {
    bytes32[] private _empty;

    function setUp() public {
        deployAll();
        vm.prank(OWNER);
        registry.addPublisher(modelId, STAKED);
    }

    function _staked() private returns (RoundId) {
        RoundTerms memory t = terms(0, 1, 2);
        t.challengeWindow = 0;
        vm.prank(STAKED);
        return rounds.openRound(t);
    }

    function test_a_result_that_nobody_has_time_to_challenge_is_no_result_s_terms() public {
        RoundTerms memory t = terms(0, 1, 2);
        t.challengeWindow = 0;
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.ChallengeWindowTooShort.selector, 0, 1));
        rounds.openRound(t);
        t.challengeWindow = 1;
        vm.prank(OWNER);
        rounds.openRound(t);
    }

    function test_under_stake_terms_have_neither_window_nor_money() public {
        RoundTerms memory t = terms(0, 1, 2);
        vm.startPrank(STAKED);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.ChallengeUnderStake.selector, 50));
        rounds.openRound(t);
        (t.challengeWindow, t.rewardToken, t.rewardBudget) = (0, address(token), 7);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.MoneyUnderStake.selector, 7, 0));
        rounds.openRound(t);
        (t.rewardBudget, t.forfeit) = (0, 3);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.MoneyUnderStake.selector, 0, 3));
        rounds.openRound(t);
        (t.rewardToken, t.forfeit) = (address(0), 0);
        rounds.openRound(t);
    }

    function test_under_stake_seats_are_taken_by_the_contract_for_stake_alone() public {
        RoundId id = _staked();
        vm.prank(HOSPITAL);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.EnrolmentUnderStake.selector, id));
        rounds.enrol(id, _empty);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotCoordinator.selector, id, OWNER, STAKED));
        rounds.enrolFor(id, HOSPITAL, _empty);
        vm.startPrank(STAKED);
        rounds.enrolFor(id, HOSPITAL, _empty);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AlreadyEnrolled.selector, id, HOSPITAL));
        rounds.enrolFor(id, HOSPITAL, _empty);
        vm.stopPrank();
        holds(rounds.isEnrolled(id, HOSPITAL) && !rounds.isEnrolled(id, STAKED));
    }

    function test_a_coordinator_takes_no_seats_for_others() public {
        RoundId id = openRound(0, 1, 2);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotUnderStake.selector, id));
        rounds.enrolFor(id, HOSPITAL, _empty);
        vm.prank(STAKED);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotCoordinator.selector, id, STAKED, OWNER));
        rounds.enrolFor(id, HOSPITAL, _empty);
    }

    function test_under_stake_the_list_is_held_against_the_participant() public {
        RoundTerms memory t = terms(0, 1, 2);
        t.challengeWindow = 0;
        t.allowListRoot = keccak256(bytes.concat(keccak256(abi.encode(HOSPITAL))));
        vm.startPrank(STAKED);
        RoundId id = rounds.openRound(t);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.NotOnAllowList.selector, id, STRANGER));
        rounds.enrolFor(id, STRANGER, _empty);
        rounds.enrolFor(id, HOSPITAL, _empty);
        vm.stopPrank();
    }

    function test_rounds_are_made_of_contracts_that_are_there() public {
        ITermsRules rules = ITermsRules(address(new TermsRules(STAKED, 1)));
        (IModelRegistry r, IRewardPool p) = (IModelRegistry(address(registry)), IRewardPool(address(pool)));
        IForfeits f = IForfeits(address(forfeits));
        vm.expectRevert(_invalid("registry"));
        new TrainingRounds(IModelRegistry(HOSPITAL), p, f, rules, emergencyStop, STAKED, hidden);
        vm.expectRevert(_invalid("pool"));
        new TrainingRounds(r, IRewardPool(HOSPITAL), f, rules, emergencyStop, STAKED, hidden);
        vm.expectRevert(_invalid("forfeits"));
        new TrainingRounds(r, p, IForfeits(HOSPITAL), rules, emergencyStop, STAKED, hidden);
        vm.expectRevert(_invalid("rules"));
        new TrainingRounds(r, p, f, ITermsRules(HOSPITAL), emergencyStop, STAKED, hidden);
        vm.expectRevert(_invalid("emergencyStop"));
        new TrainingRounds(r, p, f, rules, IEmergencyStop(HOSPITAL), STAKED, hidden);
        vm.expectRevert(_invalid("stakedRounds"));
        new TrainingRounds(r, p, f, rules, emergencyStop, HOSPITAL, hidden);
        vm.expectRevert(_invalid("hiddenRounds"));
        new TrainingRounds(r, p, f, rules, emergencyStop, STAKED, IHiddenRounds(address(0)));
        vm.expectRevert(_invalid("stakedRounds"));
        new TermsRules(address(0), 1);
        vm.expectRevert(_invalid("leastChallengeWindow"));
        new TermsRules(STAKED, 0);
        vm.expectRevert(_invalid("leastChallengeWindow"));
        new TermsRules(STAKED, 365 days + 1);
    }

    function _invalid(string memory name) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITrainingRoundsErrors.InvalidParameter.selector, name);
    }
}
