// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {EmergencyStop} from "../../contracts/governance/EmergencyStop.sol";
import {Timelock} from "../../contracts/governance/Timelock.sol";
import {TokenList} from "../../contracts/governance/TokenList.sol";
import {IEmergencyStop} from "../../contracts/interfaces/IEmergencyStop.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {ITokenList} from "../../contracts/interfaces/ITokenList.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {RewardToken} from "../../contracts/rewards/RewardToken.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {Fixture} from "./support/Fixture.sol";

/// Who decides about a deployment, after what delay, and what can be stopped until when.
contract GovernanceTest is Fixture {
    TokenList private list;

    function setUp() public {
        deployAll();
        list = new TokenList(address(timelock), _tokens(address(token)), _amounts(5));
    }

    function _tokens(address one) private pure returns (address[] memory made) {
        made = new address[](1);
        made[0] = one;
    }

    function _amounts(uint256 one) private pure returns (uint256[] memory made) {
        made = new uint256[](1);
        made[0] = one;
    }

    /// Proposes a call, waits the delay, and carries it out.
    function _decide(address target, bytes memory call) private {
        vm.startPrank(COUNCIL);
        timelock.schedule(target, 0, call, 0, 0, TIMELOCK_DELAY);
        vm.warp(block.timestamp + TIMELOCK_DELAY);
        timelock.execute(target, 0, call, 0, 0);
        vm.stopPrank();
    }

    // --- the timelock -------------------------------------------------------------------------

    function test_nothing_is_decided_before_the_delay_and_by_nobody_else() public {
        bytes memory call = abi.encodeCall(list.allow, (address(distributor), 7));
        vm.startPrank(COUNCIL);
        vm.expectRevert(
            abi.encodeWithSelector(
                TimelockController.TimelockInsufficientDelay.selector, TIMELOCK_DELAY - 1, TIMELOCK_DELAY
            )
        );
        timelock.schedule(address(list), 0, call, 0, 0, TIMELOCK_DELAY - 1);
        timelock.schedule(address(list), 0, call, 0, 0, TIMELOCK_DELAY);
        vm.warp(block.timestamp + TIMELOCK_DELAY - 1);
        vm.expectRevert();
        timelock.execute(address(list), 0, call, 0, 0);
        vm.warp(block.timestamp + 1);
        vm.stopPrank();
        vm.prank(STRANGER);
        vm.expectRevert();
        timelock.execute(address(list), 0, call, 0, 0);
        vm.prank(COUNCIL);
        timelock.execute(address(list), 0, call, 0, 0);
        same(list.leastStake(address(distributor)), 7);
    }

    function test_a_timelock_of_an_absurd_delay_or_of_nobody_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(Bounds.PeriodOutOfRange.selector, 61 days, 0, 60 days));
        new Timelock(61 days, COUNCIL);
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new Timelock(1 days, address(0));
    }

    // --- tokens -------------------------------------------------------------------------------

    function test_the_timelock_alone_allows_tokens_and_changes_the_least_stake() public {
        vm.prank(COUNCIL);
        vm.expectRevert(abi.encodeWithSelector(ITokenList.NotGovernor.selector, COUNCIL, address(timelock)));
        list.allow(address(pool), 1);
        holds(list.isAllowed(address(token)) && !list.isAllowed(address(pool)));
        same(list.leastStake(address(token)), 5);
        _decide(address(list), abi.encodeCall(list.allow, (address(token), 9)));
        _decide(address(list), abi.encodeCall(list.allow, (address(pool), 1)));
        same(list.leastStake(address(token)), 9);
        same(list.tokens().length, 2);
        same(list.tokens()[1], address(pool));
    }

    function test_a_token_without_code_or_without_a_least_stake_is_refused() public {
        vm.startPrank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ITokenList.NotAToken.selector, STRANGER));
        list.allow(STRANGER, 1);
        uint256 most = type(uint112).max;
        vm.expectRevert(abi.encodeWithSelector(ITokenList.LeastStakeOutOfRange.selector, 0, 1, most));
        list.allow(address(pool), 0);
        vm.expectRevert(abi.encodeWithSelector(ITokenList.LeastStakeOutOfRange.selector, most + 1, 1, most));
        list.allow(address(pool), most + 1);
        vm.expectRevert(abi.encodeWithSelector(ITokenList.ListsDiffer.selector, 1, 0));
        new TokenList(address(timelock), _tokens(address(token)), new uint256[](0));
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new TokenList(address(0), new address[](0), new uint256[](0));
    }

    // --- the emergency stop -------------------------------------------------------------------

    function test_the_guardian_stops_what_is_new_and_lets_it_go_on() public {
        vm.startPrank(GUARDIAN);
        emergencyStop.stop(IEmergencyStop.Part.Rounds);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.PartStopped.selector, IEmergencyStop.Part.Rounds));
        emergencyStop.requireRounds(address(token));
        emergencyStop.requireProposals(RoundId.wrap("a")); // the other parts go on
        emergencyStop.requirePostings(address(token));
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.StopUnchanged.selector));
        emergencyStop.stop(IEmergencyStop.Part.Rounds);
        emergencyStop.resume(IEmergencyStop.Part.Rounds);
        emergencyStop.requireRounds(address(token));
        emergencyStop.stop(IEmergencyStop.Part.Proposals);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.PartStopped.selector, IEmergencyStop.Part.Proposals));
        emergencyStop.requireProposals(RoundId.wrap("a"));
    }

    function test_the_guardian_freezes_one_token_or_one_round() public {
        vm.startPrank(GUARDIAN);
        emergencyStop.freezeToken(address(token));
        emergencyStop.freezeRound(RoundId.wrap("a"));
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.TokenFrozen.selector, address(token)));
        emergencyStop.requireRounds(address(token));
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.RoundFrozen.selector, RoundId.wrap("a")));
        emergencyStop.requireProposals(RoundId.wrap("a"));
        emergencyStop.requireRounds(address(0));
        emergencyStop.requireProposals(RoundId.wrap("b"));
        vm.startPrank(address(timelock)); // what a lost guardian froze goes on by decision
        emergencyStop.resumeToken(address(token));
        emergencyStop.resumeRound(RoundId.wrap("a"));
        emergencyStop.requireRounds(address(token));
        emergencyStop.requireProposals(RoundId.wrap("a"));
    }

    function test_the_guardian_s_power_ends_at_its_date_with_all_that_it_stopped() public {
        vm.startPrank(GUARDIAN);
        emergencyStop.stop(IEmergencyStop.Part.Postings);
        emergencyStop.freezeToken(address(token));
        emergencyStop.freezeRound(RoundId.wrap("a"));
        uint64 endsAt = emergencyStop.endsAt();
        vm.warp(endsAt);
        emergencyStop.requirePostings(address(token));
        emergencyStop.requireRounds(address(token));
        emergencyStop.requireProposals(RoundId.wrap("a"));
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.PowerHasEnded.selector, endsAt, endsAt));
        emergencyStop.stop(IEmergencyStop.Part.Rounds);
    }

    function test_only_the_timelock_replaces_the_guardian() public {
        vm.startPrank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.NotGovernor.selector, GUARDIAN, address(timelock)));
        emergencyStop.nameGuardian(STRANGER);
        vm.stopPrank();
        _decide(address(emergencyStop), abi.encodeCall(emergencyStop.nameGuardian, (HOSPITAL)));
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.NotGuardian.selector, GUARDIAN, HOSPITAL));
        emergencyStop.stop(IEmergencyStop.Part.Rounds);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.NotGuardian.selector, STRANGER, HOSPITAL));
        emergencyStop.resume(IEmergencyStop.Part.Rounds);
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        emergencyStop.nameGuardian(address(0));
    }

    function test_a_stop_of_nobody_or_for_ever_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new EmergencyStop(address(0), GUARDIAN, 1);
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new EmergencyStop(address(timelock), address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(Bounds.PeriodOutOfRange.selector, 0, 1, 3650 days));
        new EmergencyStop(address(timelock), GUARDIAN, 0);
        vm.expectRevert(abi.encodeWithSelector(Bounds.PeriodOutOfRange.selector, 3651 days, 1, 3650 days));
        new EmergencyStop(address(timelock), GUARDIAN, 3651 days);
    }

    // --- the reward token ---------------------------------------------------------------------

    function test_the_timelock_mints_up_to_the_cap_of_each_epoch() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(RewardToken.NotMinter.selector, OWNER, address(timelock)));
        token.mint(OWNER, 1);
        _decide(address(token), abi.encodeCall(token.mint, (HOSPITAL, MINT_CAP - 1)));
        same(token.balanceOf(HOSPITAL), MINT_CAP - 1);
        same(token.mintable(), 1);
        vm.startPrank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(RewardToken.CapExceeded.selector, 2, 1));
        token.mint(HOSPITAL, 2);
        uint256 epoch = block.timestamp / EPOCH;
        vm.warp((epoch + 1) * EPOCH);
        token.mint(HOSPITAL, MINT_CAP);
        vm.expectRevert(abi.encodeWithSelector(RewardToken.CapExceeded.selector, 1, 0));
        token.mint(HOSPITAL, 1);
        vm.warp((epoch + 5) * EPOCH); // what earlier epochs left is gone
        same(token.mintable(), MINT_CAP);
        same(token.nonces(HOSPITAL), 0);
    }

    function test_a_token_of_no_minter_or_of_an_absurd_epoch_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new RewardToken("T", "T", OWNER, 1, address(0), 1, EPOCH);
        vm.expectRevert(abi.encodeWithSelector(Bounds.PeriodOutOfRange.selector, 0, 1 days, 3650 days));
        new RewardToken("T", "T", OWNER, 1, address(timelock), 1, 0);
    }

    // --- the registry's successor -------------------------------------------------------------

    function test_the_timelock_names_the_registry_s_successor() public {
        vm.prank(COUNCIL);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotGovernor.selector, COUNCIL, address(timelock)));
        registry.nameSuccessor(HOSPITAL);
        vm.startPrank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidSuccessor.selector, address(0)));
        registry.nameSuccessor(address(0));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidSuccessor.selector, address(registry)));
        registry.nameSuccessor(address(registry));
        vm.stopPrank();
        same(registry.successor(), address(0));
        _decide(address(registry), abi.encodeCall(registry.nameSuccessor, (HOSPITAL)));
        same(registry.successor(), HOSPITAL);
    }
}
