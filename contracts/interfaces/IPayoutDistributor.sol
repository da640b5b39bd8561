// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";

/// @title Cumulative Merkle payouts per model and token
/// @dev Leaves are those of the OpenZeppelin standard tree over (address account, uint256 cumulative).
///      Assumptions about tokens: as for the pool; a token that takes a fee is refused when funding.
interface IPayoutDistributor {
    /// What a model has been given and has paid in one token, and when its newest root becomes active: one
    /// slot, so a distribution holds at most 2^112 - 1 units (5 · 10^15 tokens of 18 decimals), and its clock
    /// ends in 2106.
    struct Distribution {
        uint112 funded;
        uint112 paid;
        uint32 newestActivation;
    }

    error NotPublisherOf(ModelId modelId, address caller);
    error NotOwnerOf(ModelId modelId, address caller, address owner);
    /// Fewer tokens arrived than were to fund (a fee on transfer).
    error FundingNotReceived(address token, uint256 expected, uint256 actual);
    error ZeroAmount();
    error ZeroRoot();
    error RootExists(ModelId modelId, address token, bytes32 root);
    error UnknownRoot(ModelId modelId, address token, bytes32 root);
    error RootIsDisabled(ModelId modelId, address token, bytes32 root);
    error RootNotActive(bytes32 root, uint64 activatesAt, uint64 blockTime);
    error RootExceedsFunding(uint256 total, uint256 funded);
    error InvalidProof(bytes32 root, address account, uint256 cumulative);
    error NothingToClaim(address account, uint256 cumulative, uint256 claimed);
    /// The leaves of a root sum to more than funded it: what is left can't pay this one.
    error InsufficientFunding(uint256 wanted, uint256 left);
    error ClaimPeriodOpen(uint64 endsAt, uint64 blockTime);

    event DistributionFunded(ModelId indexed modelId, address indexed token, address indexed funder, uint256 amount);
    event PayoutRootPosted(
        ModelId indexed modelId,
        address indexed token,
        bytes32 indexed root,
        uint256 total,
        bytes32 documentDigest,
        uint64 activatesAt
    );
    event PayoutRootDisabled(ModelId indexed modelId, address indexed token, bytes32 indexed root);
    event PayoutClaimed(
        ModelId indexed modelId, address indexed token, address indexed account, uint256 amount, uint256 cumulative
    );
    event DistributionSwept(ModelId indexed modelId, address indexed token, address to, uint256 amount);

    /// @notice Adds tokens to what a model can pay. Caller: anyone, with its own tokens.
    function fund(ModelId modelId, address token, uint256 amount) external;

    /// @notice Posts a root of cumulative amounts (P-3 to P-5). Caller: owner or publisher of the model.
    /// @param total the sum of its leaves.
    /// @param documentDigest SHA-256 digest of the raw block that lists the leaves.
    function postRoot(ModelId modelId, address token, bytes32 root, uint256 total, bytes32 documentDigest) external;

    /// @notice Stops claims from a root. Caller: owner of the model.
    function disableRoot(ModelId modelId, address token, bytes32 root) external;

    /// @notice Pays an account what is new under a root. Caller: anyone; the account in the leaf is paid.
    function claim(
        ModelId modelId,
        address token,
        bytes32 root,
        address account,
        uint256 cumulative,
        bytes32[] calldata proof
    ) external;

    /// @notice Takes what is left after the claim period (P-6). Caller: owner of the model.
    function sweep(ModelId modelId, address token, address to) external;

    function distributionOf(ModelId modelId, address token) external view returns (Distribution memory);
    function claimedOf(ModelId modelId, address token, address account) external view returns (uint256);

    /// @notice When a root becomes active (0: never posted), and whether it is disabled.
    function rootOf(ModelId modelId, address token, bytes32 root)
        external
        view
        returns (uint64 activatesAt, bool disabled);
}
