// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";

/// @title Cumulative Merkle payouts per model and token
/// @dev Leaves are those of the OpenZeppelin standard tree over (address account, uint256 cumulative).
///      A ledger has one current root, which claims go against, and one root that waits. Assumptions about
///      tokens: as for the pool; what arrives is what counts, so a fee that a token takes locks nothing.
interface IPayoutDistributor {
    /// What a model has in one token: `funded` less what was swept, `paid`, and when claims end if a sweep is
    /// announced (0: none is). One slot, so a distribution holds at most 2^112 - 1 units (5 · 10^15 tokens of
    /// 18 decimals), and its clock ends in 2106.
    struct Distribution {
        /// In the token's smallest unit.
        uint112 funded;
        /// In the token's smallest unit.
        uint112 paid;
        /// In seconds since 1970; 0: no sweep is announced.
        uint32 claimsEnd;
    }

    /// A root that waits for its activation; zeros: none does.
    struct PendingRoot {
        /// Over cumulative amounts (P-3).
        bytes32 root;
        /// Who posted it: a publisher then, and when it is activated.
        address poster;
        /// In seconds since 1970.
        uint64 activatesAt;
    }

    /// @notice Neither owner nor publisher.
    /// @param modelId the model's id (M-2).
    /// @param caller who called.
    error NotPublisherOf(ModelId modelId, address caller);
    /// @notice Not the model's owner.
    /// @param modelId the model's id (M-2).
    /// @param caller who called.
    /// @param owner the model's owner.
    error NotOwnerOf(ModelId modelId, address caller, address owner);
    /// @notice Nothing to move.
    error ZeroAmount();
    /// @notice A root has to be something.
    error ZeroRoot();
    /// @notice No root waits.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    error NoPendingRoot(ModelId modelId, address token);
    /// @notice No root is current.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    error NoCurrentRoot(ModelId modelId, address token);
    /// @notice Claims go against the current root alone (0: there is none).
    /// @param root the root of cumulative amounts (P-3).
    /// @param current the current root; 0: none.
    error RootNotCurrent(bytes32 root, bytes32 current);
    /// @notice Its time hasn't come.
    /// @param root the root of cumulative amounts (P-3).
    /// @param activatesAt when its time comes, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error RootNotActive(bytes32 root, uint64 activatesAt, uint64 blockTime);
    /// @notice The root's time has come: what is earned under it can't be taken back.
    /// @param root the root of cumulative amounts (P-3).
    /// @param activatesAt when its time comes, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error RootIsDue(bytes32 root, uint64 activatesAt, uint64 blockTime);
    /// @notice Who posted the root has lost its role since; the root never becomes current.
    /// @param modelId the model's id (M-2).
    /// @param root the root of cumulative amounts (P-3).
    /// @param poster who posted it.
    error PosterNotPublisher(ModelId modelId, bytes32 root, address poster);
    /// @notice It pays more than came in.
    /// @param total what the root pays in all.
    /// @param funded what came in less what was swept, in the token's smallest unit.
    error RootExceedsFunding(uint256 total, uint256 funded);
    /// @notice The root has no such leaf.
    /// @param root the root of cumulative amounts (P-3).
    /// @param account who is paid.
    /// @param cumulative what the account has earned so far in all, in the token's smallest unit.
    error InvalidProof(bytes32 root, address account, uint256 cumulative);
    /// @notice The account was paid all of it.
    /// @param account who is paid.
    /// @param cumulative what the account has earned so far in all, in the token's smallest unit.
    /// @param claimed what it was paid so far.
    error NothingToClaim(address account, uint256 cumulative, uint256 claimed);
    /// @notice The leaves of a root sum to more than funded it: what is left can't pay this one.
    /// @param wanted in the token's smallest unit.
    /// @param left in the token's smallest unit.
    error InsufficientFunding(uint256 wanted, uint256 left);
    /// @notice Announce it first.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    error SweepNotAnnounced(ModelId modelId, address token);
    /// @notice Accounts may claim still.
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error ClaimPeriodOpen(uint64 endsAt, uint64 blockTime);

    /// @notice Money came in: what arrived.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    /// @param amount in the token's smallest unit.
    event DistributionFunded(ModelId indexed modelId, address indexed token, address indexed funder, uint256 amount);
    /// @notice A root waits for its time.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param root the root of cumulative amounts (P-3).
    /// @param total the sum of its leaves, in the token's smallest unit.
    /// @param documentDigest SHA-256 of the document's raw block.
    /// @param activatesAt when its time comes, in seconds since 1970.
    /// @param poster who posted it.
    event PayoutRootPosted(
        ModelId indexed modelId,
        address indexed token,
        bytes32 indexed root,
        uint256 total,
        bytes32 documentDigest,
        uint64 activatesAt,
        address poster
    );
    /// @notice The root that waited never becomes current: it was cancelled, or another took its place.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param root the root of cumulative amounts (P-3).
    /// @param by who dropped it.
    event PayoutRootDropped(ModelId indexed modelId, address indexed token, bytes32 indexed root, address by);
    /// @notice Claims go against this root now.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param root the root of cumulative amounts (P-3).
    /// @param former what was current before; 0: nothing.
    event PayoutRootActivated(ModelId indexed modelId, address indexed token, bytes32 indexed root, bytes32 former);
    /// @notice An account was paid.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param account who is paid.
    /// @param amount in the token's smallest unit.
    /// @param cumulative what the account has earned so far in all, in the token's smallest unit.
    event PayoutClaimed(
        ModelId indexed modelId, address indexed token, address indexed account, uint256 amount, uint256 cumulative
    );
    /// @notice It is said when claims end.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param claimsEnd in seconds since 1970.
    event SweepAnnounced(ModelId indexed modelId, address indexed token, uint64 claimsEnd);
    /// @notice Money or a root came: no sweep follows.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    event SweepCancelled(ModelId indexed modelId, address indexed token);
    /// @notice The owner took what nobody claimed.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param to who receives.
    /// @param amount in the token's smallest unit.
    event DistributionSwept(ModelId indexed modelId, address indexed token, address to, uint256 amount);

    /// @notice Adds what arrives to what a model can pay; ends an announced sweep. Caller: anyone, with its own
    ///         tokens.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    function fund(ModelId modelId, address token, uint256 amount) external;

    /// @notice Posts a root of cumulative amounts (P-3 to P-5) in place of the one that waits; ends an
    ///         announced sweep. Caller: owner or publisher of the model.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param root the root of cumulative amounts (P-3).
    /// @param total the sum of its leaves.
    /// @param documentDigest SHA-256 digest of the raw block that lists the leaves.
    function postRoot(ModelId modelId, address token, bytes32 root, uint256 total, bytes32 documentDigest) external;

    /// @notice Makes the root that waits the current one, once its time has come. Caller: anyone.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    function activateRoot(ModelId modelId, address token) external;

    /// @notice Drops the root that waits, before its time has come. Caller: owner of the model.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    function cancelRoot(ModelId modelId, address token) external;

    /// @notice Pays an account what is new under the current root; one whose time has come is made current
    ///         first. Caller: anyone; the account in the leaf is paid.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param root the root of cumulative amounts (P-3).
    /// @param account who is paid.
    /// @param cumulative what the account has earned so far in all, in the token's smallest unit.
    /// @param proof siblings from the leaf up, as OpenZeppelin's tree has them.
    function claim(
        ModelId modelId,
        address token,
        bytes32 root,
        address account,
        uint256 cumulative,
        bytes32[] calldata proof
    ) external;

    /// @notice Says when claims end, one claim period from now (P-6). Caller: owner of the model.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    function announceSweep(ModelId modelId, address token) external;

    /// @notice Takes what nobody claimed until the announced end, and ends the current root (P-6). Caller:
    ///         owner of the model.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param to who receives.
    function sweep(ModelId modelId, address token, address to) external;

    /// @notice What a model has in a token.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit; zeros if there is none.
    function distributionOf(ModelId modelId, address token) external view returns (Distribution memory);

    /// @notice What an account was paid of a model's payouts in a token.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param account who is paid.
    /// @return what it was paid so far, in the token's smallest unit.
    function claimedOf(ModelId modelId, address token, address account) external view returns (uint256);

    /// @notice The root that was made current last; 0 before the first and after a sweep.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @return the root.
    function currentRootOf(ModelId modelId, address token) external view returns (bytes32);

    /// @notice The root that waits, due or not; zeros if none does.
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @return root, poster and time.
    function pendingRootOf(ModelId modelId, address token) external view returns (PendingRoot memory);
}
