// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessGrants} from "../../contracts/interfaces/IAccessGrants.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {ModelRegistry} from "../../contracts/core/ModelRegistry.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {Fixture} from "./support/Fixture.sol";
import {Content, ModelId, VersionId, VersionStatus, Visibility} from "../../contracts/types/ModelTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";

/// What the registry refuses, with what it says: owners, publishers, granters, versions and channels.
contract RegistryRefusalsTest is Fixture {
    VersionId[] private _none;

    function setUp() public {
        deployAll();
    }

    function _publish(uint64 number, Content memory c, VersionId[] memory parents) private {
        registry.publishVersion(modelId, number, c, parents, RoundId.wrap(0), "MIT");
    }

    function test_a_stranger_owns_publishes_and_grants_nothing() public {
        ModelId unknown = ModelId.wrap(keccak256("none"));
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, modelId, STRANGER, OWNER));
        registry.setVisibility(modelId, Visibility.Private);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotPublisher.selector, modelId, STRANGER));
        _publish(2, content(2), _none);
        vm.expectRevert(abi.encodeWithSelector(IAccessGrants.NotGranter.selector, modelId, STRANGER));
        registry.grantAccess(modelId, HOSPITAL);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, unknown));
        registry.setVisibility(unknown, Visibility.Private);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotPendingOwner.selector, modelId, STRANGER, address(0)));
        registry.acceptModel(modelId);
        vm.stopPrank();
    }

    function test_roles_and_visibility_change_or_are_refused() public {
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VisibilityUnchanged.selector, modelId, Visibility.Public));
        registry.setVisibility(modelId, Visibility.Public);
        registry.addPublisher(modelId, PUBLISHER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.RoleUnchanged.selector, modelId, PUBLISHER));
        registry.addPublisher(modelId, PUBLISHER);
        registry.removePublisher(modelId, PUBLISHER);
        vm.stopPrank();
        holds(!registry.isPublisher(modelId, PUBLISHER));
    }

    function test_grants_are_given_once_asked_for_and_expire() public {
        vm.startPrank(OWNER);
        registry.setVisibility(modelId, Visibility.Private);
        vm.expectRevert(abi.encodeWithSelector(IAccessGrants.ZeroUser.selector));
        registry.grantAccess(modelId, address(0));
        vm.expectRevert(abi.encodeWithSelector(IAccessGrants.ZeroUser.selector));
        registry.grant(modelId, address(0), 0, 0);
        uint64 past = uint64(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IAccessGrants.ExpiryInThePast.selector, past, past));
        registry.grant(modelId, HOSPITAL, past, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessGrants.NotGranted.selector, modelId, HOSPITAL));
        registry.revokeAccess(modelId, HOSPITAL);
        registry.grant(modelId, HOSPITAL, past + 10, 0);
        vm.stopPrank();
        holds(registry.hasAccess(modelId, HOSPITAL) && registry.hasAccess(modelId, OWNER));
        vm.warp(past + 10);
        holds(!registry.hasAccess(modelId, HOSPITAL) && !registry.hasAccess(modelId, STRANGER));
        (, bool granted) = registry.grantOf(modelId, STRANGER);
        holds(!granted);
    }

    function test_versions_are_numbered_and_have_content_and_known_parents() public {
        VersionId[] memory many = new VersionId[](9);
        VersionId[] memory unknown = new VersionId[](1);
        unknown[0] = VersionId.wrap(keccak256("none"));
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionNumberTaken.selector, modelId, 1, 2));
        _publish(1, content(2), _none);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.TooManyParents.selector, 9, 8));
        _publish(2, content(2), many);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownParent.selector, unknown[0]));
        _publish(2, content(2), unknown);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ZeroDigest.selector));
        _publish(2, Content(0, 0x70), _none);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownCodec.selector, 0x71));
        _publish(2, Content(keccak256("x"), 0x71), _none);
        _publish(2, Content(keccak256("x"), 0x55), _none);
        vm.stopPrank();
        (Content memory found,) = registry.versionOf(modelId, 2);
        same(found.codec, 0x55);
    }

    function test_a_status_changes_once_and_is_of_a_version_that_there_is() public {
        string memory long = string(new bytes(513));
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownVersion.selector, modelId, 9));
        registry.yankVersion(modelId, 9, "");
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.StatusUnchanged.selector, modelId, 1, VersionStatus.Active)
        );
        registry.restoreVersion(modelId, 1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ReasonTooLong.selector, 513, 256));
        registry.yankVersion(modelId, 1, long);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownVersion.selector, modelId, 9));
        registry.versionOf(modelId, 9);
        holds(!registry.isActiveVersion(modelId, 9));
        holds(!registry.versionExists(VersionId.wrap(keccak256("none"))));
    }

    function test_channels_have_names_point_to_usable_versions_and_roll_back() public {
        bytes32 broken = "a";
        broken |= bytes32(uint256(1));
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidChannel.selector, broken));
        registry.setChannel(modelId, broken, 1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownVersion.selector, modelId, 7));
        registry.setChannel(modelId, "production", 7);
        registry.setChannel(modelId, "production", 1);
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.NothingToRollBack.selector, modelId, bytes32("production"))
        );
        registry.rollbackChannel(modelId, "production");
        _publish(2, content(2), _none);
        registry.setChannel(modelId, "production", 2);
        registry.rollbackChannel(modelId, "production");
        same(registry.channelOf(modelId, "production"), 1);
        registry.yankVersion(modelId, 2, "");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionIsYanked.selector, modelId, 2));
        registry.setChannel(modelId, "production", 2);
        vm.stopPrank();
    }

    function test_a_roll_back_passes_yanked_versions_over() public {
        vm.startPrank(OWNER);
        for (uint64 n = 2; n <= 4; ++n) {
            _publish(n, content(n), _none);
        }
        for (uint64 n = 1; n <= 4; ++n) {
            registry.setChannel(modelId, "production", n);
        }
        registry.yankVersion(modelId, 2, "");
        registry.yankVersion(modelId, 3, "");
        registry.rollbackChannel(modelId, "production");
        same(registry.channelOf(modelId, "production"), 1);
        registry.restoreVersion(modelId, 2);
        bytes32 name = "production";
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NothingToRollBack.selector, modelId, name));
        registry.rollbackChannel(modelId, name);
        registry.setChannel(modelId, name, 4);
        registry.yankVersion(modelId, 1, "");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.EveryEarlierIsYanked.selector, modelId, name));
        registry.rollbackChannel(modelId, name);
        same(registry.channelOf(modelId, name), 4);
        vm.stopPrank();
    }

    function test_roles_and_offers_end_with_a_transfer() public {
        vm.startPrank(OWNER);
        registry.addPublisher(modelId, HOSPITAL);
        registry.setGranter(modelId, HOSPITAL, true);
        registry.transferModel(modelId, STRANGER);
        registry.transferModel(modelId, PUBLISHER);
        vm.stopPrank();
        vm.prank(STRANGER); // an offer that another one replaced
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotPendingOwner.selector, modelId, STRANGER, PUBLISHER));
        registry.acceptModel(modelId);
        vm.prank(PUBLISHER);
        registry.acceptModel(modelId);
        holds(!registry.isPublisher(modelId, HOSPITAL) && !registry.isPublisher(modelId, OWNER));
        holds(!registry.isGranter(modelId, HOSPITAL));
        same(registry.modelOf(modelId).pendingOwner, address(0));
        vm.prank(PUBLISHER); // an offer is taken once
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotPendingOwner.selector, modelId, PUBLISHER, address(0)));
        registry.acceptModel(modelId);
        vm.prank(HOSPITAL);
        vm.expectRevert(abi.encodeWithSelector(IAccessGrants.NotGranter.selector, modelId, HOSPITAL));
        registry.grantAccess(modelId, STRANGER);
    }

    function test_a_stranger_names_no_granter() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, modelId, STRANGER, OWNER));
        registry.setGranter(modelId, STRANGER, true);
        holds(!registry.isGranter(modelId, STRANGER));
    }

    function test_a_registry_without_a_governor_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        new ModelRegistry(address(0));
    }

    function test_models_are_registered_under_good_names_and_cids() public {
        string memory long = "a-name-that-is-longer-than-a-word-has-bytes-and-then-some-more-of-it";
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidCid.selector, "not a cid"));
        registry.registerModel("other", "not a cid", true);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidSlug.selector, long, bytes(long).length));
        registry.registerModel(long, "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWV3kMq", true);
        vm.stopPrank();
    }

    function test_a_model_changes_hands_when_both_agree() public {
        vm.prank(OWNER);
        registry.transferModel(modelId, PUBLISHER);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotPendingOwner.selector, modelId, STRANGER, PUBLISHER));
        registry.acceptModel(modelId);
        vm.prank(PUBLISHER);
        registry.acceptModel(modelId);
        same(registry.ownerOf(modelId), PUBLISHER);
    }

    function test_granters_are_named_by_the_owner_and_grants_end() public {
        vm.startPrank(OWNER);
        registry.setVisibility(modelId, Visibility.Private);
        registry.setGranter(modelId, PUBLISHER, true);
        vm.stopPrank();
        holds(registry.isGranter(modelId, PUBLISHER) && !registry.isGranter(modelId, STRANGER));
        vm.startPrank(PUBLISHER);
        registry.grantAccess(modelId, HOSPITAL);
        (uint64 expiry, bool granted) = registry.grantOf(modelId, HOSPITAL);
        holds(granted && expiry == 0);
        registry.revokeAccess(modelId, HOSPITAL);
        vm.stopPrank();
        holds(!registry.hasAccess(modelId, HOSPITAL));
        vm.prank(OWNER);
        registry.setGranter(modelId, PUBLISHER, false);
        holds(!registry.isGranter(modelId, PUBLISHER));
    }

    function test_a_deprecated_version_is_restored() public {
        vm.startPrank(OWNER);
        registry.deprecateVersion(modelId, 1, "old");
        holds(!registry.isActiveVersion(modelId, 1));
        registry.restoreVersion(modelId, 1);
        vm.stopPrank();
        holds(registry.isActiveVersion(modelId, 1));
        holds(registry.versionExists(registry.versionIdOf(modelId, 1)));
        same(registry.modelOf(modelId).owner, OWNER);
    }
}
