// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IPayoutDistributor} from "../../../contracts/interfaces/IPayoutDistributor.sol";
import {Fixture} from "./Fixture.sol";

/// Roots with one leaf, posted, awaited and claimed from.
abstract contract PayoutFixture is Fixture {
    bytes32[] internal noProof;

    function fundPayouts(uint256 amount) internal {
        vm.startPrank(OWNER);
        token.approve(address(distributor), amount);
        distributor.fund(modelId, address(token), amount);
        vm.stopPrank();
    }

    function post(address by, bytes32 root, uint256 total) internal {
        vm.prank(by);
        distributor.postRoot(modelId, address(token), root, total, "document");
    }

    /// Posts a root that pays one account, waits, and makes it current.
    function postActive(address by, address account, uint256 cumulative) internal returns (bytes32 root) {
        root = payoutLeaf(account, cumulative);
        post(by, root, cumulative);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        distributor.activateRoot(modelId, address(token));
    }

    function claim(address account, uint256 cumulative) internal {
        bytes32 root = payoutLeaf(account, cumulative);
        distributor.claim(modelId, address(token), root, account, cumulative, noProof);
    }

    function current() internal view returns (bytes32) {
        return distributor.currentRootOf(modelId, address(token));
    }

    function pending() internal view returns (IPayoutDistributor.PendingRoot memory) {
        return distributor.pendingRootOf(modelId, address(token));
    }

    function addPublisher(address account) internal {
        vm.prank(OWNER);
        registry.addPublisher(modelId, account);
    }

    function notCurrent(bytes32 root) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IPayoutDistributor.RootNotCurrent.selector, root, current());
    }

    function early(bytes4 selector, bytes32 root, uint256 at) internal view returns (bytes memory) {
        return abi.encodeWithSelector(selector, root, uint64(at), uint64(block.timestamp));
    }
}
