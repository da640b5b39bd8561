// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPayoutDistributor} from "../../contracts/interfaces/IPayoutDistributor.sol";
import {IRewardPool} from "../../contracts/interfaces/IRewardPool.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {RewardPool} from "../../contracts/rewards/RewardPool.sol";
import {FalseToken, FeeToken, HookToken, LateFeeToken, SilentToken} from "../../contracts/testing/HostileTokens.sol";
import {Opening, Phase, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {Fixture} from "./support/Fixture.sol";

/// R-6, R-7: a round's budget goes to the payouts or back to its funder, once, whatever the token does.
contract BudgetsTest is Fixture {
    uint256 private constant BUDGET = 100 ether;

    function setUp() public {
        deployAll();
    }

    function _open(address paid) private returns (RoundId) {
        RoundTerms memory t = terms(BUDGET, 1, 1);
        t.rewardToken = paid;
        vm.startPrank(OWNER);
        SilentToken(paid).approve(address(rounds), 2 * BUDGET); // reads no answer, so it fits every token
        return rounds.openRound(t);
    }

    function _voided(address paid) private returns (RoundId id) {
        id = _open(paid);
        rounds.voidRound(id); // by the coordinator, during enrolment
    }

    function _proposed(address paid) private returns (RoundId id) {
        id = _open(paid);
        Opening memory o = opening(1, 10);
        bytes32 commitment = rounds.commitmentFor(id, HOSPITAL, o);
        vm.startPrank(HOSPITAL);
        rounds.enrol(id, new bytes32[](0));
        rounds.commit(id, commitment);
        rounds.reveal(id, HOSPITAL, o);
        vm.startPrank(OWNER);
        rounds.proposeResult(id, result(1));
        vm.warp(block.timestamp + 50);
    }

    function _state(IRewardPool.EscrowState expected, IRewardPool.EscrowState actual, RoundId id)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeWithSelector(IRewardPool.WrongEscrowState.selector, address(rounds), id, expected, actual);
    }

    function test_R6_a_refund_is_paid_once_to_who_funded_it() public {
        RoundId id = _voided(address(token));
        uint256 before = token.balanceOf(OWNER);
        vm.startPrank(STRANGER);
        pool.withdrawRefund(address(rounds), id);
        same(token.balanceOf(OWNER) - before, BUDGET);
        vm.expectRevert(_state(IRewardPool.EscrowState.Refundable, IRewardPool.EscrowState.Withdrawn, id));
        pool.withdrawRefund(address(rounds), id);
        same(pool.accounted(address(token)), 0);
    }

    function test_R7_a_final_round_leaves_nothing_to_refund() public {
        RoundId id = _proposed(address(token));
        rounds.finalise(id);
        same(distributor.distributionOf(modelId, address(token)).funded, BUDGET);
        vm.expectRevert(_state(IRewardPool.EscrowState.Refundable, IRewardPool.EscrowState.Released, id));
        pool.withdrawRefund(address(rounds), id);
    }

    function testFuzz_a_controller_touches_only_its_own_escrows(address controller) public {
        vm.assume(controller != address(rounds));
        RoundId id = _voided(address(token));
        RoundId open = _open(address(token));
        vm.startPrank(controller);
        RoundId[2] memory ids = [id, open];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory refused = abi.encodeWithSelector(
                IRewardPool.WrongEscrowState.selector,
                controller,
                ids[i],
                IRewardPool.EscrowState.Held,
                IRewardPool.EscrowState.None
            );
            vm.expectRevert(refused);
            pool.release(ids[i], modelId);
            vm.expectRevert(refused);
            pool.refund(ids[i]);
        }
    }

    function testFuzz_T20_an_escrow_needs_tokens_of_its_own(uint96 amount) public {
        _open(address(token)); // its tokens are spoken for
        uint256 wanted = 1 + uint256(amount);
        vm.startPrank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPool.EscrowNotReceived.selector, address(token), BUDGET + wanted, BUDGET)
        );
        pool.escrow(RoundId.wrap("mine"), address(token), STRANGER, wanted);
    }

    function test_T20_a_budget_in_a_token_with_a_fee_is_refused() public {
        vm.startPrank(OWNER);
        FeeToken fee = new FeeToken();
        fee.approve(address(rounds), BUDGET);
        RoundTerms memory t = terms(BUDGET, 1, 1);
        t.rewardToken = address(fee);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPool.EscrowNotReceived.selector, address(fee), BUDGET, BUDGET - BUDGET / 100)
        );
        rounds.openRound(t);
    }

    function test_T20_a_budget_in_a_token_that_returns_false_is_refused() public {
        vm.startPrank(OWNER);
        FalseToken no = new FalseToken();
        RoundTerms memory t = terms(BUDGET, 1, 1);
        t.rewardToken = address(no);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(no)));
        rounds.openRound(t);
    }

    function test_T20_a_budget_in_a_token_that_returns_nothing_reaches_the_payouts() public {
        vm.prank(OWNER);
        SilentToken silent = new SilentToken();
        RoundId id = _proposed(address(silent));
        rounds.finalise(id);
        same(silent.balanceOf(address(distributor)), BUDGET);
    }

    function test_T19_a_token_that_calls_back_is_refunded_once() public {
        vm.prank(OWNER);
        HookToken hook = new HookToken();
        RoundId id = _voided(address(hook));
        hook.arm(address(pool), abi.encodeCall(pool.withdrawRefund, (address(rounds), id)));
        vm.expectRevert(_state(IRewardPool.EscrowState.Refundable, IRewardPool.EscrowState.Withdrawn, id));
        pool.withdrawRefund(address(rounds), id);
        hook.arm(address(0), "");
        pool.withdrawRefund(address(rounds), id);
        same(hook.balanceOf(address(pool)), 0);
    }

    function test_T19_a_token_that_calls_back_finds_the_round_already_final() public {
        vm.prank(OWNER);
        HookToken hook = new HookToken();
        RoundId id = _proposed(address(hook));
        hook.arm(address(rounds), abi.encodeCall(rounds.finalise, (id)));
        vm.expectRevert();
        rounds.finalise(id);
        hook.arm(address(0), "");
        rounds.finalise(id);
        holds(rounds.phaseOf(id) == Phase.Finalised);
        same(hook.balanceOf(address(distributor)), BUDGET);
    }

    function test_a_token_that_turns_its_fee_on_later_locks_no_budget() public {
        vm.prank(OWNER);
        LateFeeToken late = new LateFeeToken();
        RoundId id = _proposed(address(late));
        late.takeFee();
        rounds.finalise(id);
        holds(rounds.phaseOf(id) == Phase.Finalised);
        same(distributor.distributionOf(modelId, address(late)).funded, BUDGET - BUDGET / 100);
        same(late.balanceOf(address(distributor)), BUDGET - BUDGET / 100);
    }

    function test_a_token_that_turns_its_fee_on_later_is_refunded_less_its_fee() public {
        vm.prank(OWNER);
        LateFeeToken late = new LateFeeToken();
        RoundId id = _voided(address(late));
        late.takeFee();
        uint256 before = late.balanceOf(OWNER);
        pool.withdrawRefund(address(rounds), id);
        same(late.balanceOf(OWNER) - before, BUDGET - BUDGET / 100);
    }

    function test_a_budget_that_could_never_be_released_is_refused_at_the_door() public {
        uint256 most = pool.MAX_BUDGET();
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.BudgetTooLarge.selector, most + 1, most));
        pool.escrow(RoundId.wrap("round"), address(token), OWNER, most + 1);
    }

    function test_a_pool_without_a_distributor_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new RewardPool(IPayoutDistributor(address(0)));
    }

    function test_T34_tokens_sent_without_being_asked_for_change_no_account() public {
        RoundId id = _voided(address(token));
        token.transfer(address(pool), 7);
        token.transfer(address(distributor), 7);
        same(pool.accounted(address(token)), BUDGET);
        same(distributor.distributionOf(modelId, address(token)).funded, 0);
        pool.withdrawRefund(address(rounds), id);
        same(token.balanceOf(address(pool)), 7);
    }
}
