// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessGrants} from "../interfaces/IAccessGrants.sol";
import {ModelId} from "../types/ModelTypes.sol";

/// @dev The part of the registry that says who may read. It shares the registry's address, so that a grant
///      needs no call to another contract, and one address carries the whole of the simple surface.
///
///      Assumptions:
///      1. Whoever inherits it tells the owner, the epoch of roles and the visibility truly.
///      2. A grant is a record: it opens no content. Who has the content's key can hand it on (M-9).
abstract contract AccessGrants is IAccessGrants {
    /// Expiry plus one, so that 0 says that there is no grant; the largest value is a grant without end.
    mapping(ModelId => mapping(address => uint256)) private _grants;
    mapping(ModelId => mapping(uint32 => mapping(address => bool))) private _granters;

    /// @dev The owner, or a revert if there is no such model.
    function _requireOwner(ModelId modelId) internal view virtual returns (address owner);

    /// @dev Owner, epoch of the roles, and whether the model is public; a revert if there is no such model.
    function _accessOf(ModelId modelId) internal view virtual returns (address owner, uint32 epoch, bool isPublic);

    modifier onlyGranter(ModelId modelId) {
        (address owner, uint32 epoch,) = _accessOf(modelId);
        if (msg.sender != owner && !_granters[modelId][epoch][msg.sender]) revert NotGranter(modelId, msg.sender);
        _;
    }

    /// @inheritdoc IAccessGrants
    function grantAccess(ModelId modelId, address user) external onlyGranter(modelId) {
        // Check
        if (user == address(0)) revert ZeroUser();
        // Effect
        _grants[modelId][user] = type(uint256).max;
        emit AccessGranted(modelId, user);
    }

    /// @inheritdoc IAccessGrants
    function grant(ModelId modelId, address user, uint64 expiry, bytes32 wrappedKeyDigest)
        external
        onlyGranter(modelId)
    {
        // Check
        if (user == address(0)) revert ZeroUser();
        if (expiry != 0 && expiry <= block.timestamp) revert ExpiryInThePast(expiry, uint64(block.timestamp));
        // Effect
        _grants[modelId][user] = expiry == 0 ? type(uint256).max : uint256(expiry) + 1;
        emit AccessGranted(modelId, user);
        emit GrantTermsSet(modelId, user, expiry, wrappedKeyDigest);
    }

    /// @inheritdoc IAccessGrants
    function revokeAccess(ModelId modelId, address user) external onlyGranter(modelId) {
        // Check
        if (_grants[modelId][user] == 0) revert NotGranted(modelId, user);
        // Effect
        delete _grants[modelId][user];
        emit AccessRevoked(modelId, user);
    }

    /// @inheritdoc IAccessGrants
    function setGranter(ModelId modelId, address account, bool allowed) external {
        // Check
        _requireOwner(modelId);
        (, uint32 epoch,) = _accessOf(modelId);
        // Effect
        _granters[modelId][epoch][account] = allowed;
        emit GranterSet(modelId, account, allowed);
    }

    /// @inheritdoc IAccessGrants
    function hasAccess(ModelId modelId, address user) external view returns (bool) {
        (address owner,, bool isPublic) = _accessOf(modelId);
        if (isPublic || user == owner) return true;
        uint256 stored = _grants[modelId][user];
        return stored != 0 && block.timestamp < stored - 1;
    }

    /// @inheritdoc IAccessGrants
    function grantOf(ModelId modelId, address user) external view returns (uint64 expiry, bool granted) {
        uint256 stored = _grants[modelId][user];
        if (stored == 0) return (0, false);
        return (stored == type(uint256).max ? 0 : uint64(stored - 1), true);
    }

    /// @inheritdoc IAccessGrants
    function isGranter(ModelId modelId, address account) external view returns (bool) {
        (, uint32 epoch,) = _accessOf(modelId);
        return _granters[modelId][epoch][account];
    }
}
