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
        uint112 funded;
        uint112 paid;
        uint32 claimsEnd;
    }

    /// A root that waits for its activation; zeros: none does.
    struct PendingRoot {
        bytes32 root;
        address poster;
        uint64 activatesAt;
    }

    error NotPublisherOf(ModelId modelId, address caller);
    error NotOwnerOf(ModelId modelId, address caller, address owner);
    error ZeroAmount();
    error ZeroRoot();
    error NoPendingRoot(ModelId modelId, address token);
    error NoCurrentRoot(ModelId modelId, address token);
    /// Claims go against the current root alone (0: there is none).
    error RootNotCurrent(bytes32 root, bytes32 current);
    error RootNotActive(bytes32 root, uint64 activatesAt, uint64 blockTime);
    /// The root's time has come: what is earned under it can't be taken back.
    error RootIsDue(bytes32 root, uint64 activatesAt, uint64 blockTime);
    /// Who posted the root has lost its role since; the root never becomes current.
    error PosterNotPublisher(ModelId modelId, bytes32 root, address poster);
    error RootExceedsFunding(uint256 total, uint256 funded);
    error InvalidProof(bytes32 root, address account, uint256 cumulative);
    error NothingToClaim(address account, uint256 cumulative, uint256 claimed);
    /// The leaves of a root sum to more than funded it: what is left can't pay this one.
    error InsufficientFunding(uint256 wanted, uint256 left);
    error SweepNotAnnounced(ModelId modelId, address token);
    error ClaimPeriodOpen(uint64 endsAt, uint64 blockTime);

    event DistributionFunded(ModelId indexed modelId, address indexed token, address indexed funder, uint256 amount);
    event PayoutRootPosted(
        ModelId indexed modelId,
        address indexed token,
        bytes32 indexed root,
        uint256 total,
        bytes32 documentDigest,
        uint64 activatesAt,
        address poster
    );
    /// The root that waited never becomes current: it was cancelled, or another took its place.
    event PayoutRootDropped(ModelId indexed modelId, address indexed token, bytes32 indexed root, address by);
    event PayoutRootActivated(ModelId indexed modelId, address indexed token, bytes32 indexed root, bytes32 former);
    event PayoutClaimed(
        ModelId indexed modelId, address indexed token, address indexed account, uint256 amount, uint256 cumulative
    );
    event SweepAnnounced(ModelId indexed modelId, address indexed token, uint64 claimsEnd);
    event SweepCancelled(ModelId indexed modelId, address indexed token);
    event DistributionSwept(ModelId indexed modelId, address indexed token, address to, uint256 amount);

    /// @notice Adds what arrives to what a model can pay; ends an announced sweep. Caller: anyone, with its own
    ///         tokens.
    function fund(ModelId modelId, address token, uint256 amount) external;

    /// @notice Posts a root of cumulative amounts (P-3 to P-5) in place of the one that waits; ends an
    ///         announced sweep. Caller: owner or publisher of the model.
    /// @param total the sum of its leaves.
    /// @param documentDigest SHA-256 digest of the raw block that lists the leaves.
    function postRoot(ModelId modelId, address token, bytes32 root, uint256 total, bytes32 documentDigest) external;

    /// @notice Makes the root that waits the current one, once its time has come. Caller: anyone.
    function activateRoot(ModelId modelId, address token) external;

    /// @notice Drops the root that waits, before its time has come. Caller: owner of the model.
    function cancelRoot(ModelId modelId, address token) external;

    /// @notice Pays an account what is new under the current root; one whose time has come is made current
    ///         first. Caller: anyone; the account in the leaf is paid.
    function claim(
        ModelId modelId,
        address token,
        bytes32 root,
        address account,
        uint256 cumulative,
        bytes32[] calldata proof
    ) external;

    /// @notice Says when claims end, one claim period from now (P-6). Caller: owner of the model.
    function announceSweep(ModelId modelId, address token) external;

    /// @notice Takes what nobody claimed until the announced end, and ends the current root (P-6). Caller:
    ///         owner of the model.
    function sweep(ModelId modelId, address token, address to) external;

    function distributionOf(ModelId modelId, address token) external view returns (Distribution memory);
    function claimedOf(ModelId modelId, address token, address account) external view returns (uint256);

    /// @notice The root that was made current last; 0 before the first and after a sweep.
    function currentRootOf(ModelId modelId, address token) external view returns (bytes32);

    /// @notice The root that waits, due or not; zeros if none does.
    function pendingRootOf(ModelId modelId, address token) external view returns (PendingRoot memory);
}
