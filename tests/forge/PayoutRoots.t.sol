// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "../../contracts/interfaces/IEmergencyStop.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {IPayoutDistributor} from "../../contracts/interfaces/IPayoutDistributor.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {PayoutDistributor} from "../../contracts/rewards/PayoutDistributor.sol";
import {PayoutFixture} from "./support/PayoutFixture.sol";

/// P-5: one root waits, one is current; what is earned under a current root can't be taken back.
contract PayoutRootsTest is PayoutFixture {
    function setUp() public {
        deployAll();
        fundPayouts(1000 ether);
        addPublisher(PUBLISHER);
    }

    function test_a_missed_root_among_two_hundred_takes_nobody_s_pay() public {
        postActive(OWNER, HOSPITAL, 900 ether); // unclaimed so far
        bytes32 missed = payoutLeaf(PUBLISHER, 1000 ether);
        for (uint256 i = 1; i < 200; ++i) {
            post(PUBLISHER, i == 77 ? missed : bytes32(i), 1000 ether);
        }
        bytes32 right = payoutLeaf(HOSPITAL, 1000 ether);
        post(OWNER, right, 1000 ether);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.RootNotCurrent.selector, missed, right));
        claim(PUBLISHER, 1000 ether);
        claim(HOSPITAL, 1000 ether);
        same(token.balanceOf(HOSPITAL), 1000 ether);
    }

    function test_the_owner_takes_no_root_back_that_is_current() public {
        postActive(PUBLISHER, HOSPITAL, 10);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NoPendingRoot.selector, modelId, address(token)));
        distributor.cancelRoot(modelId, address(token));
        post(OWNER, payoutLeaf(OWNER, 1000 ether), 1000 ether);
        claim(HOSPITAL, 10); // as long as the owner's own root waits
        same(token.balanceOf(HOSPITAL), 10);
    }

    function test_the_owner_takes_no_root_back_whose_time_has_come() public {
        bytes32 root = payoutLeaf(HOSPITAL, 10);
        post(PUBLISHER, root, 10);
        uint256 at = block.timestamp + ACTIVATION_DELAY;
        vm.warp(at);
        vm.startPrank(OWNER);
        vm.expectRevert(early(IPayoutDistributor.RootIsDue.selector, root, at));
        distributor.cancelRoot(modelId, address(token));
        distributor.postRoot(modelId, address(token), "another", 10, 0);
        same(current(), root); // nobody had activated it; the newer one waits behind it
        claim(HOSPITAL, 10);
    }

    function test_the_owner_alone_cancels_a_root_that_waits() public {
        bytes32 root = payoutLeaf(PUBLISHER, 1000 ether);
        post(PUBLISHER, root, 1000 ether);
        vm.prank(PUBLISHER);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NotOwnerOf.selector, modelId, PUBLISHER, OWNER));
        distributor.cancelRoot(modelId, address(token));
        vm.prank(OWNER);
        distributor.cancelRoot(modelId, address(token));
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NoPendingRoot.selector, modelId, address(token)));
        distributor.activateRoot(modelId, address(token));
        vm.expectRevert(notCurrent(root));
        claim(PUBLISHER, 1000 ether);
    }

    function test_a_root_of_a_removed_publisher_never_becomes_current() public {
        bytes32 earned = postActive(OWNER, HOSPITAL, 10);
        bytes32 left = payoutLeaf(PUBLISHER, 1000 ether);
        post(PUBLISHER, left, 1000 ether);
        vm.prank(OWNER);
        registry.removePublisher(modelId, PUBLISHER);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(IPayoutDistributor.PosterNotPublisher.selector, modelId, left, PUBLISHER)
        );
        distributor.activateRoot(modelId, address(token));
        claim(HOSPITAL, 10); // and what waits stops nobody
        same(current(), earned);
        bytes32 next = payoutLeaf(HOSPITAL, 20);
        post(OWNER, next, 20);
        same(pending().root, next);
    }

    function test_a_root_of_a_former_owner_never_becomes_current() public {
        bytes32 left = payoutLeaf(OWNER, 1000 ether);
        post(OWNER, left, 1000 ether);
        vm.prank(OWNER);
        registry.transferModel(modelId, HOSPITAL);
        vm.prank(HOSPITAL);
        registry.acceptModel(modelId);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.PosterNotPublisher.selector, modelId, left, OWNER));
        distributor.activateRoot(modelId, address(token));
        vm.prank(HOSPITAL);
        distributor.cancelRoot(modelId, address(token));
        same(pending().root, 0);
    }

    function test_a_root_waits_its_whole_delay_and_a_replacement_its_own() public {
        bytes32 first = payoutLeaf(HOSPITAL, 10);
        post(PUBLISHER, first, 10);
        uint256 at = block.timestamp + ACTIVATION_DELAY;
        vm.expectRevert(early(IPayoutDistributor.RootNotActive.selector, first, at));
        claim(HOSPITAL, 10);
        vm.warp(at - 1);
        vm.expectRevert(early(IPayoutDistributor.RootNotActive.selector, first, at));
        distributor.activateRoot(modelId, address(token));
        bytes32 second = payoutLeaf(HOSPITAL, 20);
        post(PUBLISHER, second, 20);
        vm.warp(at);
        vm.expectRevert(notCurrent(first));
        claim(HOSPITAL, 10);
        vm.warp(at - 1 + ACTIVATION_DELAY);
        claim(HOSPITAL, 20); // activates it by itself
        same(current(), second);
        same(token.balanceOf(HOSPITAL), 20);
    }

    function test_a_right_root_with_a_garbage_document_is_posted_again() public {
        bytes32 root = payoutLeaf(HOSPITAL, 10);
        vm.startPrank(OWNER);
        distributor.postRoot(modelId, address(token), root, 10, "garbage");
        distributor.postRoot(modelId, address(token), root, 10, "its own document");
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        distributor.activateRoot(modelId, address(token));
        distributor.postRoot(modelId, address(token), root, 10, "and once more");
        vm.stopPrank();
        claim(HOSPITAL, 10);
    }

    function test_no_root_is_posted_while_postings_are_stopped_and_claims_go_on() public {
        postActive(OWNER, HOSPITAL, 10);
        vm.prank(GUARDIAN);
        emergencyStop.stop(IEmergencyStop.Part.Postings);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.PartStopped.selector, IEmergencyStop.Part.Postings));
        distributor.postRoot(modelId, address(token), "root", 20, 0);
        claim(HOSPITAL, 10);
        vm.prank(GUARDIAN);
        emergencyStop.freezeToken(address(token));
        vm.prank(GUARDIAN);
        emergencyStop.resume(IEmergencyStop.Part.Postings);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyStop.TokenFrozen.selector, address(token)));
        distributor.postRoot(modelId, address(token), "root", 20, 0);
    }

    function test_periods_and_addresses_that_make_no_sense_are_refused() public {
        IModelRegistry r = IModelRegistry(address(registry));
        IEmergencyStop s = IEmergencyStop(address(emergencyStop));
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new PayoutDistributor(IModelRegistry(address(0)), 1, 1, s);
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new PayoutDistributor(r, 1, 1, IEmergencyStop(address(0)));
        vm.expectRevert(abi.encodeWithSelector(Bounds.PeriodOutOfRange.selector, 366 days, 0, 365 days));
        new PayoutDistributor(r, 366 days, 1, s);
        vm.expectRevert(abi.encodeWithSelector(Bounds.PeriodOutOfRange.selector, 0, 1, 3650 days));
        new PayoutDistributor(r, 1, 0, s);
        vm.expectRevert(abi.encodeWithSelector(Bounds.PeriodOutOfRange.selector, 3651 days, 1, 3650 days));
        new PayoutDistributor(r, 1, 3651 days, s);
    }
}
