// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IPayoutDistributor} from "../../contracts/interfaces/IPayoutDistributor.sol";
import {FalseToken, FeeToken, HookToken, SilentToken} from "../../contracts/testing/HostileTokens.sol";
import {Fixture} from "./support/Fixture.sol";

/// P-3 to P-6: what is paid, to whom, and never more than what funded it.
contract PayoutsTest is Fixture {
    function setUp() public {
        deployAll();
        _fund(address(token), 1000 ether);
    }

    function _fund(address paid, uint256 amount) private {
        vm.startPrank(OWNER);
        IERC20(paid).approve(address(distributor), amount);
        distributor.fund(modelId, paid, amount);
        vm.stopPrank();
    }

    /// Posts a tree of two leaves and waits until it is active; returns its root.
    function _post(address a, uint256 forA, address b, uint256 forB, uint256 total) private returns (bytes32 root) {
        root = pairHash(payoutLeaf(a, forA), payoutLeaf(b, forB));
        vm.prank(OWNER);
        distributor.postRoot(modelId, address(token), root, total, keccak256("document"));
        vm.warp(block.timestamp + ACTIVATION_DELAY);
    }

    function _proof(address other, uint256 amount) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = payoutLeaf(other, amount);
    }

    function _claim(bytes32 root, address account, uint256 amount, bytes32[] memory proof) private {
        distributor.claim(modelId, address(token), root, account, amount, proof);
    }

    function testFuzz_P3_a_claim_pays_what_is_new(uint96 first, uint96 more) public {
        uint256 one = 1 + first % 400 ether;
        uint256 two = one + 1 + more % 400 ether;
        bytes32 root = _post(HOSPITAL, one, PUBLISHER, 1, one + 1);
        _claim(root, HOSPITAL, one, _proof(PUBLISHER, 1));
        same(token.balanceOf(HOSPITAL), one);
        root = _post(HOSPITAL, two, PUBLISHER, 1, two + 1);
        _claim(root, HOSPITAL, two, _proof(PUBLISHER, 1));
        same(token.balanceOf(HOSPITAL), two);
    }

    function testFuzz_P4_leaves_that_sum_to_more_than_was_funded_are_not_paid(uint96 excess) public {
        uint256 amount = 1000 ether - 5;
        uint256 second = 6 + uint256(excess);
        bytes32 root = _post(HOSPITAL, amount, PUBLISHER, second, 1000 ether); // the declared total lies
        _claim(root, HOSPITAL, amount, _proof(PUBLISHER, second));
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.InsufficientFunding.selector, second, 5));
        _claim(root, PUBLISHER, second, _proof(HOSPITAL, amount));
    }

    function test_P4_a_total_above_the_funding_is_refused() public {
        vm.prank(OWNER);
        vm.expectRevert(
            abi.encodeWithSelector(IPayoutDistributor.RootExceedsFunding.selector, 1000 ether + 1, 1000 ether)
        );
        distributor.postRoot(modelId, address(token), "root", 1000 ether + 1, 0);
    }

    function test_T17_a_second_claim_pays_nothing_more() public {
        bytes32 root = _post(HOSPITAL, 7, PUBLISHER, 1, 8);
        _claim(root, HOSPITAL, 7, _proof(PUBLISHER, 1));
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NothingToClaim.selector, HOSPITAL, 7, 7));
        _claim(root, HOSPITAL, 7, _proof(PUBLISHER, 1));
    }

    function test_T17_a_lowered_amount_pays_nothing_and_takes_nothing_back() public {
        bytes32 root = _post(HOSPITAL, 7, PUBLISHER, 1, 8);
        _claim(root, HOSPITAL, 7, _proof(PUBLISHER, 1));
        root = _post(HOSPITAL, 5, PUBLISHER, 1, 6);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NothingToClaim.selector, HOSPITAL, 5, 7));
        _claim(root, HOSPITAL, 5, _proof(PUBLISHER, 1));
        same(token.balanceOf(HOSPITAL), 7);
    }

    function test_T17_an_older_root_pays_nothing_once_a_newer_one_is_current() public {
        bytes32 older = _post(HOSPITAL, 7, PUBLISHER, 1, 8);
        bytes32 newer = _post(HOSPITAL, 9, PUBLISHER, 1, 10);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.RootNotCurrent.selector, older, newer));
        _claim(older, HOSPITAL, 7, _proof(PUBLISHER, 1));
        _claim(newer, HOSPITAL, 9, _proof(PUBLISHER, 1));
        same(token.balanceOf(HOSPITAL), 9);
    }

    function test_T18_an_inner_node_and_an_empty_proof_are_no_leaf() public {
        bytes32 root = _post(HOSPITAL, 7, PUBLISHER, 1, 8);
        bytes memory refused =
            abi.encodeWithSelector(IPayoutDistributor.InvalidProof.selector, root, HOSPITAL, uint256(8));
        vm.expectRevert(refused);
        _claim(root, HOSPITAL, 8, _proof(PUBLISHER, 1));
        vm.expectRevert(refused);
        _claim(root, HOSPITAL, 8, new bytes32[](0));
    }

    function test_a_stranger_can_neither_post_nor_sweep() public {
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NotPublisherOf.selector, modelId, STRANGER));
        distributor.postRoot(modelId, address(token), "root", 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NotOwnerOf.selector, modelId, STRANGER, OWNER));
        distributor.sweep(modelId, address(token), STRANGER);
    }

    function test_T20_what_arrives_of_a_token_that_takes_a_fee_is_what_counts() public {
        vm.startPrank(OWNER);
        FeeToken fee = new FeeToken();
        fee.approve(address(distributor), 100);
        distributor.fund(modelId, address(fee), 100);
        same(distributor.distributionOf(modelId, address(fee)).funded, 99);
        same(fee.balanceOf(address(distributor)), 99);
    }

    function test_T19_a_fund_within_a_fund_is_not_counted_twice() public {
        vm.startPrank(OWNER);
        HookToken hook = new HookToken();
        hook.approve(address(distributor), 100);
        hook.arm(address(distributor), abi.encodeCall(distributor.fund, (modelId, address(hook), 50)));
        vm.expectRevert(abi.encodeWithSelector(ReentrancyGuard.ReentrancyGuardReentrantCall.selector));
        distributor.fund(modelId, address(hook), 50);
    }

    function test_T20_a_token_that_returns_false_is_refused() public {
        vm.startPrank(OWNER);
        FalseToken no = new FalseToken();
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(no)));
        distributor.fund(modelId, address(no), 100);
    }

    function test_T20_a_token_that_returns_nothing_is_paid_exactly() public {
        vm.startPrank(OWNER);
        SilentToken silent = new SilentToken();
        silent.approve(address(distributor), 100);
        distributor.fund(modelId, address(silent), 100);
        bytes32 root = payoutLeaf(HOSPITAL, 100);
        distributor.postRoot(modelId, address(silent), root, 100, 0);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        distributor.claim(modelId, address(silent), root, HOSPITAL, 100, new bytes32[](0));
        same(silent.balanceOf(HOSPITAL), 100);
    }

    function test_T19_a_token_that_calls_back_finds_the_claim_already_taken() public {
        vm.startPrank(OWNER);
        HookToken hook = new HookToken();
        hook.approve(address(distributor), 100);
        distributor.fund(modelId, address(hook), 100);
        bytes32 root = payoutLeaf(HOSPITAL, 60);
        distributor.postRoot(modelId, address(hook), root, 60, 0);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        bytes memory again =
            abi.encodeCall(distributor.claim, (modelId, address(hook), root, HOSPITAL, 60, new bytes32[](0)));
        hook.arm(address(distributor), again);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NothingToClaim.selector, HOSPITAL, 60, 60));
        distributor.claim(modelId, address(hook), root, HOSPITAL, 60, new bytes32[](0));
        hook.arm(address(0), "");
        distributor.claim(modelId, address(hook), root, HOSPITAL, 60, new bytes32[](0));
        same(hook.balanceOf(HOSPITAL), 60);
    }
}
