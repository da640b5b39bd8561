// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";

/// @title Who may read a private model
interface IAccessGrants {
    // --- errors -------------------------------------------------------------------------------

    /// The caller is neither the model's owner nor one of its granters.
    error NotGranter(ModelId modelId, address caller);
    /// The user has no grant to revoke.
    error NotGranted(ModelId modelId, address user);
    /// A grant that would have ended already.
    error ExpiryInThePast(uint64 expiry, uint64 blockTime);
    /// Nobody holds the key of the zero address.
    error ZeroUser();

    // --- events -------------------------------------------------------------------------------

    /// A user may read the model, without end unless `GrantTermsSet` follows in the same transaction.
    event AccessGranted(ModelId indexed modelId, address indexed user);
    /// The end of a grant (0: none) and the SHA-256 digest of the content key wrapped for the user.
    event GrantTermsSet(ModelId indexed modelId, address indexed user, uint64 expiry, bytes32 wrappedKeyDigest);
    /// A user may no longer read the model.
    event AccessRevoked(ModelId indexed modelId, address indexed user);
    /// An account may, or may no longer, grant and revoke for the owner.
    event GranterSet(ModelId indexed modelId, address indexed account, bool allowed);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Gives a user access without end. Caller: owner or granter.
    function grantAccess(ModelId modelId, address user) external;

    /// @notice Gives a user access until `expiry` (0: no end) and records the digest of its wrapped key.
    ///         A second grant replaces the first. Caller: owner or granter.
    function grant(ModelId modelId, address user, uint64 expiry, bytes32 wrappedKeyDigest) external;

    /// @notice Ends a user's access. Caller: owner or granter.
    function revokeAccess(ModelId modelId, address user) external;

    /// @notice Lets an account grant and revoke for the owner, or ends that. Caller: owner.
    function setGranter(ModelId modelId, address account, bool allowed) external;

    /// @notice Whether a user may read a model in this block: it is public, the user owns it, or holds a
    ///         grant whose expiry lies after the block's time (M-9).
    function hasAccess(ModelId modelId, address user) external view returns (bool);

    /// @notice A user's grant: its expiry (0: no end) and whether there is one, expired or not.
    function grantOf(ModelId modelId, address user) external view returns (uint64 expiry, bool granted);

    /// @notice Whether an account may grant for the owner.
    function isGranter(ModelId modelId, address account) external view returns (bool);
}
