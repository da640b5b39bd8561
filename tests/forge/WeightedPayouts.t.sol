// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../../contracts/interfaces/ITrainingRounds.sol";
import {IWeightedPayouts} from "../../contracts/interfaces/IWeightedPayouts.sol";
import {WeightedPayouts} from "../../contracts/stake/WeightedPayouts.sol";
import {FalseToken, FeeToken, HookToken} from "../../contracts/testing/HostileTokens.sol";
import {Leaf, Node, Path, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// P-7: what everybody may claim follows from the settled tree alone; pots of one round never pay another's.
contract WeightedPayoutsTest is StakedFixture {
    uint256 private constant POT = 1_000_003;

    WeightedPayouts private payouts;
    RoundId private id;
    Leaf[] private _kept;
    address private coin;

    function setUp() public {
        deployStaked();
        payouts = new WeightedPayouts(IStakedRounds(address(staked)), ITrainingRounds(address(rounds)));
        coin = address(token);
        id = proposable(3);
        Leaf[] memory leaves = leavesTo(3);
        for (uint256 i = 0; i < 3; ++i) {
            _kept.push(leaves[i]);
        }
    }

    function _fund(address who, uint256 amount) private {
        vm.startPrank(OWNER);
        token.transfer(who, amount);
        vm.stopPrank();
        vm.startPrank(who);
        token.approve(address(payouts), amount);
        payouts.fund(id, coin, amount);
        vm.stopPrank();
    }

    function _top() private view returns (Node memory) {
        return nodeOver(_kept, sums(0, 3));
    }

    function _settled() private returns (Proposal memory made) {
        made = propose(id, _top());
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
    }

    function _pay(Proposal memory made, uint256 i) private {
        payouts.pay(id, coin, made, pathTo(made.top), hashesOf(_kept), i, _kept[i]);
    }

    function _void() private {
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
    }

    // --- paying -------------------------------------------------------------------------------

    function test_P7_everybody_is_paid_by_weight_and_the_sponsor_gets_the_rest() public {
        _fund(STRANGER, POT);
        Proposal memory made = _settled();
        uint256 paid;
        for (uint256 i = 0; i < 3; ++i) {
            address who = _kept[i].participant;
            uint256 before = token.balanceOf(who);
            vm.prank(STRANGER); // anyone may, and only the participant is paid
            _pay(made, i);
            uint256 due = POT * _kept[i].weight / made.top.weight;
            same(token.balanceOf(who) - before, due);
            holds(payouts.isPaid(id, coin, who));
            paid += due;
        }
        uint256 sponsors = token.balanceOf(OWNER);
        payouts.returnRest(id, coin, made);
        same(token.balanceOf(OWNER) - sponsors, POT - paid);
        same(payouts.owed(coin), 0);
        same(token.balanceOf(address(payouts)), 0);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.RestPaid.selector, id, coin));
        payouts.returnRest(id, coin, made);
    }

    function testFuzz_P7_nothing_is_lost_and_nothing_is_made(uint96 first, uint96 second) public {
        (first, second) = (1 + first % 1e22, 1 + second % 1e22);
        _fund(STRANGER, first);
        _fund(WATCHER, second);
        Proposal memory made = _settled();
        for (uint256 i = 3; i > 0; --i) {
            _pay(made, i - 1);
        }
        payouts.returnRest(id, coin, made);
        same(payouts.owed(coin), 0);
        same(token.balanceOf(address(payouts)), 0);
        IWeightedPayouts.Pot memory pot = payouts.potOf(id, coin);
        same(pot.amount, uint256(first) + second);
        holds(pot.amount - pot.paid < 3);
    }

    function test_a_leaf_is_paid_once() public {
        _fund(STRANGER, POT);
        Proposal memory made = _settled();
        _pay(made, 1);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.AlreadyPaid.selector, id, coin, _kept[1].participant));
        this.payAgain(made, 1);
    }

    function payAgain(Proposal memory made, uint256 i) external {
        _pay(made, i);
    }

    function test_a_leaf_that_is_not_in_the_tree_is_paid_nothing() public {
        _fund(STRANGER, POT);
        Proposal memory made = _settled();
        bytes32[] memory hashes = hashesOf(_kept);
        Path memory path = pathTo(made.top);
        Leaf memory more = _kept[0];
        more.weight += 1;
        bytes memory why = abi.encodeWithSelector(IWeightedPayouts.LeafNotInTree.selector, id, more.participant);
        vm.expectRevert(why);
        payouts.pay(id, coin, made, path, hashes, 0, more);
        vm.expectRevert(why);
        payouts.pay(id, coin, made, path, hashes, 3, _kept[0]);
        path = pathTo(_top());
        path.nodes[0].count += 1;
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.PathNotInProposal.selector, id));
        payouts.pay(id, coin, made, path, hashes, 0, _kept[0]);
    }

    function test_nothing_is_paid_before_it_is_settled_or_by_another_proposal() public {
        _fund(STRANGER, POT);
        Proposal memory made = propose(id, _top());
        bytes32[] memory hashes = hashesOf(_kept);
        Path memory path = pathTo(made.top);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NotSettled.selector, id));
        payouts.pay(id, coin, made, path, hashes, 0, _kept[0]);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        made.top.weight -= 1;
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.WrongProposal.selector, id));
        payouts.pay(id, coin, made, path, hashes, 0, _kept[0]);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.WrongProposal.selector, id));
        payouts.returnRest(id, coin, made);
    }

    function test_the_rest_waits_for_everybody() public {
        _fund(STRANGER, POT);
        Proposal memory made = _settled();
        _pay(made, 0);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NotAllPaid.selector, id, coin, 1, 3));
        payouts.returnRest(id, coin, made);
    }

    function test_an_empty_pot_pays_nothing() public {
        Proposal memory made = _settled();
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.EmptyPot.selector, id, coin));
        this.payAgain(made, 0);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.EmptyPot.selector, id, coin));
        payouts.returnRest(id, coin, made);
    }

    // --- funding and refunds ------------------------------------------------------------------

    function test_a_voided_round_gives_each_funder_its_own() public {
        _fund(STRANGER, POT);
        _fund(WATCHER, 7);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NotVoided.selector, id, Phase.Proposal));
        payouts.refund(id, coin, STRANGER);
        _void();
        payouts.refund(id, coin, STRANGER);
        same(token.balanceOf(STRANGER), POT);
        same(payouts.owed(coin), 7);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NothingToRefund.selector, id, coin, STRANGER));
        payouts.refund(id, coin, STRANGER);
        payouts.refund(id, coin, WATCHER);
        same(token.balanceOf(address(payouts)), 0);
    }

    function test_a_round_that_is_over_or_not_under_stake_takes_no_pot() public {
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.ZeroAmount.selector));
        payouts.fund(id, coin, 0);
        RoundId none = RoundId.wrap(bytes32(uint256(1)));
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.UnknownStakedRound.selector, none));
        payouts.fund(none, coin, 1);
        _void();
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.RoundOver.selector, id, Phase.Voided));
        payouts.fund(id, coin, 1);
    }

    function test_a_token_that_keeps_a_fee_or_sends_nothing_is_refused() public {
        FeeToken fee = new FeeToken();
        fee.approve(address(payouts), 1000);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.FundingNotReceived.selector, address(fee), 1000, 990));
        payouts.fund(id, address(fee), 1000);
        FalseToken no = new FalseToken();
        vm.expectRevert();
        payouts.fund(id, address(no), 1000);
    }

    function test_T16_a_token_that_calls_back_is_paid_once() public {
        HookToken hook = new HookToken();
        hook.approve(address(payouts), POT);
        payouts.fund(id, address(hook), POT);
        Proposal memory made = _settled();
        bytes memory again = abi.encodeCall(
            IWeightedPayouts.pay, (id, address(hook), made, pathTo(made.top), hashesOf(_kept), 0, _kept[0])
        );
        hook.arm(address(payouts), again);
        address who = _kept[0].participant;
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.AlreadyPaid.selector, id, address(hook), who));
        payouts.pay(id, address(hook), made, pathTo(made.top), hashesOf(_kept), 0, _kept[0]);
        hook.arm(address(0), "");
        payouts.pay(id, address(hook), made, pathTo(made.top), hashesOf(_kept), 0, _kept[0]);
        same(IERC20(address(hook)).balanceOf(who), POT * _kept[0].weight / made.top.weight);
    }

    function test_one_round_s_pot_does_not_pay_another_s() public {
        _fund(STRANGER, POT);
        RoundId first = id;
        Proposal memory made = _settled();
        id = proposable(3);
        Proposal memory other = _settled();
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.EmptyPot.selector, id, coin));
        this.payAgain(other, 0);
        id = first;
        _pay(made, 0);
        same(payouts.owed(coin), POT - POT * _kept[0].weight / made.top.weight);
    }
}
