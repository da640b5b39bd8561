// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";

/// @title Who may read a private model
interface IAccessGrants {
    // --- errors -------------------------------------------------------------------------------

    /// @notice The caller is neither the model's owner nor one of its granters.
    /// @param modelId the model's id (M-2).
    /// @param caller who called.
    error NotGranter(ModelId modelId, address caller);
    /// @notice The user has no grant to revoke.
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    error NotGranted(ModelId modelId, address user);
    /// @notice A grant that would have ended already.
    /// @param expiry when the grant ends, in seconds since 1970; 0: never.
    /// @param blockTime the block's time, in seconds since 1970.
    error ExpiryInThePast(uint64 expiry, uint64 blockTime);
    /// @notice Nobody holds the key of the zero address.
    error ZeroUser();

    // --- events -------------------------------------------------------------------------------

    /// @notice A user may read the model, without end unless `GrantTermsSet` follows in the same transaction.
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    event AccessGranted(ModelId indexed modelId, address indexed user);
    /// @notice The end of a grant (0: none) and the SHA-256 digest of the content key wrapped for the user.
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    /// @param expiry when the grant ends, in seconds since 1970; 0: never.
    /// @param wrappedKeyDigest SHA-256 of the content key wrapped for the user.
    event GrantTermsSet(ModelId indexed modelId, address indexed user, uint64 expiry, bytes32 wrappedKeyDigest);
    /// @notice A user may no longer read the model.
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    event AccessRevoked(ModelId indexed modelId, address indexed user);
    /// @notice An account may, or may no longer, grant and revoke for the owner.
    /// @param modelId the model's id (M-2).
    /// @param account the granter.
    /// @param allowed whether it may.
    event GranterSet(ModelId indexed modelId, address indexed account, bool allowed);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Gives a user access without end. Caller: owner or granter.
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    function grantAccess(ModelId modelId, address user) external;

    /// @notice Gives a user access until `expiry` (0: no end) and records the digest of its wrapped key.
    ///         A second grant replaces the first. Caller: owner or granter.
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    /// @param expiry when the grant ends, in seconds since 1970; 0: never.
    /// @param wrappedKeyDigest SHA-256 of the content key wrapped for the user.
    function grant(ModelId modelId, address user, uint64 expiry, bytes32 wrappedKeyDigest) external;

    /// @notice Ends a user's access. Caller: owner or granter.
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    function revokeAccess(ModelId modelId, address user) external;

    /// @notice Lets an account grant and revoke for the owner, or ends that. Caller: owner.
    /// @param modelId the model's id (M-2).
    /// @param account the granter.
    /// @param allowed whether it may.
    function setGranter(ModelId modelId, address account, bool allowed) external;

    /// @notice Whether a user may read a model in this block: it is public, the user owns it, or holds a
    ///         grant whose expiry lies after the block's time (M-9).
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    /// @return true if so.
    function hasAccess(ModelId modelId, address user) external view returns (bool);

    /// @notice A user's grant: its expiry (0: no end) and whether there is one, expired or not.
    /// @param modelId the model's id (M-2).
    /// @param user who reads.
    /// @return expiry when it ends, in seconds since 1970; 0: never.
    /// @return granted whether there is one, expired or not.
    function grantOf(ModelId modelId, address user) external view returns (uint64 expiry, bool granted);

    /// @notice Whether an account may grant for the owner.
    /// @param modelId the model's id (M-2).
    /// @param account the granter.
    /// @return true if so; the owner itself isn't one.
    function isGranter(ModelId modelId, address account) external view returns (bool);
}
