// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEvaluations} from "../../contracts/interfaces/IEvaluations.sol";
import {IWeightedPayouts} from "../../contracts/interfaces/IWeightedPayouts.sol";
import {BlockingToken, FalseToken, FeeToken, HookToken} from "../../contracts/testing/HostileTokens.sol";
import {Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// P-7: what everybody may claim follows from the settled tree alone; pots of one round never pay another's.
contract WeightedPayoutsTest is StakedFixture {
    uint256 private constant POT = 1_000_003;

    RoundId private id;
    Leaf[] private _kept;
    address private coin;

    function setUp() public {
        deployStaked();
        coin = address(token);
        delete _kept;
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
        token.approve(address(pots), amount);
        pots.fund(id, coin, amount);
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

    function _group(Proposal memory made, uint256 which) private view returns (IWeightedPayouts.Group memory) {
        return IWeightedPayouts.Group(pathTo(made.top), _kept, which);
    }

    function _pay(Proposal memory made, uint256 i) private {
        pots.pay(id, coin, made, _group(made, 1 << i));
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
            uint256 due = (POT + BUDGET) * _kept[i].weight / made.top.weight;
            same(token.balanceOf(who) - before, due);
            holds(pots.isPaid(id, coin, who));
            paid += due;
        }
        uint256 sponsors = token.balanceOf(OWNER);
        pots.returnRemainder(id, coin, made);
        same(token.balanceOf(OWNER) - sponsors, POT + BUDGET - paid);
        same(pots.owed(coin), 0);
        same(token.balanceOf(address(pots)), 0);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.RemainderPaid.selector, id, coin));
        pots.returnRemainder(id, coin, made);
    }

    function testFuzz_P7_nothing_is_lost_and_nothing_is_made(uint96 first, uint96 second) public {
        (first, second) = (1 + first % 1e22, 1 + second % 1e22);
        _fund(STRANGER, first);
        _fund(WATCHER, second);
        Proposal memory made = _settled();
        for (uint256 i = 3; i > 0; --i) {
            _pay(made, i - 1);
        }
        pots.returnRemainder(id, coin, made);
        same(pots.owed(coin), 0);
        same(token.balanceOf(address(pots)), 0);
        IWeightedPayouts.Pot memory pot = pots.potOf(id, coin);
        same(pot.amount, uint256(first) + second + BUDGET);
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
        IWeightedPayouts.Group memory group = _group(made, 1);
        group.leaves[0].weight += 1;
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.LeavesNotOfNode.selector, id));
        pots.pay(id, coin, made, group);
        group = _group(made, 1 << 3); // there is no fourth leaf
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NothingToPay.selector, id, coin));
        pots.pay(id, coin, made, group);
        group = IWeightedPayouts.Group(pathTo(_top()), _kept, 1);
        group.path.nodes[0].count += 1;
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.PathNotInProposal.selector, id));
        pots.pay(id, coin, made, group);
        Leaf[] memory forged = new Leaf[](3);
        (forged[0], forged[1], forged[2]) = (_kept[0], _kept[0], _kept[2]); // a sibling that isn't one
        group = IWeightedPayouts.Group(pathTo(made.top), forged, 1);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.LeavesNotOfNode.selector, id));
        pots.pay(id, coin, made, group);
    }

    function test_nothing_is_paid_before_it_is_settled_or_by_another_proposal() public {
        _fund(STRANGER, POT);
        Proposal memory made = propose(id, _top());
        IWeightedPayouts.Group memory group = _group(made, 1);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NotSettled.selector, id));
        pots.pay(id, coin, made, group);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        made.top.weight -= 1;
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.WrongProposal.selector, id));
        pots.pay(id, coin, made, group);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.WrongProposal.selector, id));
        pots.returnRemainder(id, coin, made);
    }

    function test_the_rest_waits_for_everybody_or_180_days() public {
        Proposal memory made = _settled();
        _pay(made, 0);
        uint64 until = staked.stakedRoundOf(id).endsAt + 180 days;
        uint256 whole = made.top.weight;
        bytes memory why = abi.encodeWithSelector(
            IWeightedPayouts.NotAllPaid.selector, id, coin, uint256(_kept[0].weight), whole, until
        );
        vm.warp(until - 1);
        vm.expectRevert(why);
        pots.returnRemainder(id, coin, made);
        vm.warp(until);
        pots.returnRemainder(id, coin, made);
        same(token.balanceOf(address(pots)), 0);
        uint256 due = BUDGET * _kept[1].weight / whole;
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.PotExceeded.selector, id, coin, due, 0));
        this.payAgain(made, 1);
    }

    function test_an_empty_pot_pays_nothing() public {
        Proposal memory made = _settled();
        coin = address(0xC0);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.EmptyPot.selector, id, coin));
        this.payAgain(made, 0);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.EmptyPot.selector, id, coin));
        pots.returnRemainder(id, coin, made);
    }

    /// T-37: an unsound tree that nobody disputed (a top of weight 1, a leaf of 1.8e19) drains no other round's pot.
    function test_t37_an_unsound_tree_pays_at_most_its_own_pot() public {
        RoundId honest = openStaked(stakedTerms(2)); // another round's pot lies in the same contract
        id = proposable(2);
        Leaf[] memory leaves = leavesTo(2);
        Node memory top = nodeOver(leaves, sums(0, 2));
        leaves[0].weight = type(uint64).max;
        top.childrenHash = keccak256(abi.encode(hashesOf(leaves)));
        top.weight = 1;
        Proposal memory made = propose(id, top);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        uint256 wanted = BUDGET * type(uint64).max;
        IWeightedPayouts.Group memory group = IWeightedPayouts.Group(pathTo(top), leaves, 1);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.PotExceeded.selector, id, coin, wanted, BUDGET));
        pots.pay(id, coin, made, group);
        same(pots.potOf(honest, coin).amount, BUDGET);
        same(token.balanceOf(address(pots)), pots.owed(coin));
    }

    /// A participant that the token blocks gets its part later, and holds nobody up.
    function test_whoever_a_token_blocks_holds_nobody_up() public {
        BlockingToken blocks = new BlockingToken();
        tokens.allow(address(blocks), 1);
        blocks.approve(address(pots), POT);
        pots.fund(id, address(blocks), POT);
        Proposal memory made = _settled();
        coin = address(blocks);
        address who = _kept[1].participant;
        blocks.setBlocked(who, true);
        pots.pay(id, coin, made, _group(made, 7));
        pots.returnRemainder(id, coin, made);
        uint256 due = POT * _kept[1].weight / made.top.weight;
        same(pots.keptFor(coin, who), due);
        same(blocks.balanceOf(_kept[0].participant), POT * _kept[0].weight / made.top.weight);
        blocks.setBlocked(who, false);
        pots.collect(coin, who);
        same(blocks.balanceOf(who), due);
        same(pots.owed(coin), 0);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NothingKept.selector, coin, who));
        pots.collect(coin, who);
    }

    // --- funding and refunds ------------------------------------------------------------------

    function test_a_voided_round_gives_each_funder_its_own() public {
        _fund(STRANGER, POT);
        _fund(WATCHER, 7);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NotVoided.selector, id, Phase.Proposal));
        pots.refund(id, coin, STRANGER);
        _void();
        pots.refund(id, coin, STRANGER);
        same(token.balanceOf(STRANGER), POT);
        same(pots.owed(coin), BUDGET + 7);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NothingToRefund.selector, id, coin, STRANGER));
        pots.refund(id, coin, STRANGER);
        pots.refund(id, coin, WATCHER);
        pots.refund(id, coin, OWNER);
        same(token.balanceOf(address(pots)), 0);
    }

    function test_a_round_that_is_over_or_not_under_stake_takes_no_pot() public {
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.ZeroAmount.selector));
        pots.fund(id, coin, 0);
        RoundId none = RoundId.wrap(bytes32(uint256(1)));
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.UnknownStakedRound.selector, none));
        pots.fund(none, coin, 1);
        _void();
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.RoundOver.selector, id, Phase.Voided));
        pots.fund(id, coin, 1);
    }

    function test_a_token_that_keeps_a_fee_or_sends_nothing_is_refused() public {
        FeeToken fee = new FeeToken();
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.TokenNotAllowed.selector, address(fee)));
        pots.fund(id, address(fee), 1000);
        tokens.allow(address(fee), 1);
        fee.approve(address(pots), 1000);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.FundingNotReceived.selector, address(fee), 1000, 990));
        pots.fund(id, address(fee), 1000);
        FalseToken no = new FalseToken();
        tokens.allow(address(no), 1);
        vm.expectRevert();
        pots.fund(id, address(no), 1000);
    }

    function test_T16_a_token_that_calls_back_is_paid_once() public {
        HookToken hook = new HookToken();
        tokens.allow(address(hook), 1);
        hook.approve(address(pots), POT);
        pots.fund(id, address(hook), POT);
        Proposal memory made = _settled();
        coin = address(hook);
        bytes memory again = abi.encodeCall(IWeightedPayouts.pay, (id, coin, made, _group(made, 1)));
        hook.arm(address(pots), again);
        pots.pay(id, coin, made, _group(made, 1));
        address who = _kept[0].participant;
        uint256 due = POT * _kept[0].weight / made.top.weight;
        // What called back was refused, and with it the transfer: the amount is kept for the participant.
        same(pots.keptFor(coin, who), due);
        hook.arm(address(0), "");
        pots.collect(coin, who);
        same(IERC20(coin).balanceOf(who), due);
        same(IERC20(coin).balanceOf(address(pots)), pots.owed(coin));
    }

    function test_one_round_s_pot_does_not_pay_another_s() public {
        RoundId first = id;
        Proposal memory made = _settled();
        _pay(made, 0);
        id = proposable(3);
        Proposal memory other = _settled();
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.WrongProposal.selector, id));
        IWeightedPayouts.Group memory group = _group(other, 1);
        other.documentDigest = keccak256("of the first");
        pots.pay(id, coin, other, group);
        same(pots.potOf(first, coin).paid, BUDGET * _kept[0].weight / made.top.weight);
        same(pots.potOf(id, coin).paid, 0);
    }

    // --- with a panel -------------------------------------------------------------------------

    function _panelled(uint256 total) private returns (Proposal memory made, bytes32[] memory proof) {
        address[] memory members = new address[](1);
        members[0] = vm.addr(7);
        stakes.panel = evaluations.createPanel(members, 1, address(0), 0);
        id = proposable(3);
        bytes32[2] memory leaves = [payoutLeaf(STRANGER, 30), payoutLeaf(WATCHER, 70)];
        proof = new bytes32[](1);
        proof[0] = leaves[1];
        made = proposalOf(_top());
        (made.payoutRoot, made.payoutTotal) = (pairHash(leaves[0], leaves[1]), total);
        made.payoutDocument = keccak256("list");
        proposeUncertified(id, made);
        certifyResult(id);
        // The panel's word is another test's: here it is settled.
        vm.warp(block.timestamp + DISPUTE);
        _attested(made);
        staked.settle(id, stakes, made);
    }

    function _attested(Proposal memory made) private {
        IEvaluations.Attestation memory a = IEvaluations.Attestation(
            id,
            made.versionDigest,
            made.documentDigest,
            made.payoutRoot,
            made.payoutTotal,
            made.payoutDocument,
            keccak256("scores")
        );
        bytes32 kind = keccak256(
            "Attestation(bytes32 roundId,bytes32 versionDigest,bytes32 documentDigest,bytes32 payoutRoot,uint256 payoutTotal,bytes32 payoutDocument,bytes32 scoresDigest)"
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Tallystick Evaluations"),
                keccak256("1"),
                block.chainid,
                address(evaluations)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(kind, a))));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(7, digest);
        address[] memory signers = new address[](1);
        signers[0] = vm.addr(7);
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = abi.encodePacked(r, s, v);
        evaluations.attest(id, stakes, made, a, signers, signatures);
    }

    function test_P7_with_a_panel_the_attested_parts_divide_the_pot() public {
        (Proposal memory made, bytes32[] memory proof) = _panelled(100);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.PaidByRoot.selector, id));
        this.payAgain(made, 0);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.InvalidProof.selector, id, STRANGER, 31));
        pots.payByRoot(id, coin, made, STRANGER, 31, proof);
        pots.payByRoot(id, coin, made, STRANGER, 30, proof);
        same(token.balanceOf(STRANGER), BUDGET * 30 / 100);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.AlreadyPaid.selector, id, coin, STRANGER));
        pots.payByRoot(id, coin, made, STRANGER, 30, proof);
        proof[0] = payoutLeaf(STRANGER, 30);
        pots.payByRoot(id, coin, made, WATCHER, 70, proof);
        pots.returnRemainder(id, coin, made);
        same(pots.owed(coin), BUDGET); // the other round's
    }

    function test_t37_a_root_of_more_than_its_total_pays_at_most_the_pot() public {
        (Proposal memory made, bytes32[] memory proof) = _panelled(50);
        pots.payByRoot(id, coin, made, STRANGER, 30, proof);
        proof[0] = payoutLeaf(STRANGER, 30);
        uint256 left = BUDGET - BUDGET * 30 / 50;
        bytes memory why =
            abi.encodeWithSelector(IWeightedPayouts.PotExceeded.selector, id, coin, BUDGET * 70 / 50, left);
        vm.expectRevert(why);
        pots.payByRoot(id, coin, made, WATCHER, 70, proof);
    }

    function test_a_round_without_a_panel_has_no_payout_root() public {
        Proposal memory made = _settled();
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.PaidByWeight.selector, id));
        pots.payByRoot(id, coin, made, STRANGER, 30, new bytes32[](0));
    }
}
