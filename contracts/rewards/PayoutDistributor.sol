// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IPayoutDistributor} from "../interfaces/IPayoutDistributor.sol";
import {ModelId} from "../types/ModelTypes.sol";

/// @title Pays contributors from cumulative Merkle roots
/// @dev Every function that sends tokens writes its state first, so a token that calls back finds nothing
///      left to take; no lock is needed.
contract PayoutDistributor is IPayoutDistributor {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    string public constant VERSION = "0.1.0";
    IModelRegistry public immutable registry;
    uint64 public immutable activationDelay;
    uint64 public immutable claimPeriod;

    /// A root's activation time; the top bit is set once it is disabled.
    uint64 private constant DISABLED = 1 << 63;

    struct Ledger {
        Distribution totals;
        mapping(bytes32 root => uint64) roots;
        mapping(address account => uint256) claimed;
    }

    mapping(ModelId => mapping(address token => Ledger)) private _ledgers;

    constructor(IModelRegistry registry_, uint64 activationDelay_, uint64 claimPeriod_) {
        registry = registry_;
        activationDelay = activationDelay_;
        claimPeriod = claimPeriod_;
    }

    /// @inheritdoc IPayoutDistributor
    function fund(ModelId modelId, address token, uint256 amount) external {
        // Check
        if (amount == 0) revert ZeroAmount();
        // Effect
        _ledgers[modelId][token].totals.funded += amount.toUint112();
        emit DistributionFunded(modelId, token, msg.sender, amount);
        // Interaction
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert FundingNotReceived(token, amount, received);
    }

    /// @inheritdoc IPayoutDistributor
    function postRoot(ModelId modelId, address token, bytes32 root, uint256 total, bytes32 documentDigest) external {
        // Check
        if (!registry.isPublisher(modelId, msg.sender)) revert NotPublisherOf(modelId, msg.sender);
        Ledger storage ledger = _ledgers[modelId][token];
        if (root == 0) revert ZeroRoot();
        if (ledger.roots[root] != 0) revert RootExists(modelId, token, root);
        uint256 funded = ledger.totals.funded;
        if (total > funded) revert RootExceedsFunding(total, funded);
        // Effect
        uint64 activatesAt = uint64(block.timestamp) + activationDelay;
        ledger.roots[root] = activatesAt;
        ledger.totals.newestActivation = uint256(activatesAt).toUint32();
        emit PayoutRootPosted(modelId, token, root, total, documentDigest, activatesAt);
    }

    /// @inheritdoc IPayoutDistributor
    function disableRoot(ModelId modelId, address token, bytes32 root) external {
        // Check
        _requireOwner(modelId);
        Ledger storage ledger = _ledgers[modelId][token];
        uint64 stored = ledger.roots[root];
        if (stored == 0) revert UnknownRoot(modelId, token, root);
        if (stored & DISABLED != 0) revert RootIsDisabled(modelId, token, root);
        // Effect
        ledger.roots[root] = stored | DISABLED;
        emit PayoutRootDisabled(modelId, token, root);
    }

    /// @inheritdoc IPayoutDistributor
    function claim(
        ModelId modelId,
        address token,
        bytes32 root,
        address account,
        uint256 cumulative,
        bytes32[] calldata proof
    ) external {
        Ledger storage ledger = _ledgers[modelId][token];
        // Check
        uint64 activatesAt = ledger.roots[root];
        if (activatesAt == 0) revert UnknownRoot(modelId, token, root);
        if (activatesAt & DISABLED != 0) revert RootIsDisabled(modelId, token, root);
        if (block.timestamp < activatesAt) revert RootNotActive(root, activatesAt, uint64(block.timestamp));
        // Hashed twice, so that no inner node of the tree can pass for a leaf.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, cumulative))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert InvalidProof(root, account, cumulative);
        uint256 claimed = ledger.claimed[account];
        if (cumulative <= claimed) revert NothingToClaim(account, cumulative, claimed);
        uint256 amount;
        unchecked {
            amount = cumulative - claimed; // compared above
        }
        uint256 paid = ledger.totals.paid;
        uint256 left = ledger.totals.funded - paid;
        if (amount > left) revert InsufficientFunding(amount, left);
        // Effect
        ledger.claimed[account] = cumulative;
        unchecked {
            ledger.totals.paid = uint112(paid + amount); // at most `funded`, which is of that type
        }
        emit PayoutClaimed(modelId, token, account, amount, cumulative);
        // Interaction
        IERC20(token).safeTransfer(account, amount);
    }

    /// @inheritdoc IPayoutDistributor
    function sweep(ModelId modelId, address token, address to) external {
        // Check
        _requireOwner(modelId);
        Distribution storage totals = _ledgers[modelId][token].totals;
        uint64 endsAt = uint64(totals.newestActivation) + claimPeriod;
        if (totals.newestActivation == 0 || block.timestamp < endsAt) {
            revert ClaimPeriodOpen(endsAt, uint64(block.timestamp));
        }
        uint256 left = totals.funded - totals.paid;
        if (left == 0) revert ZeroAmount();
        // Effect
        totals.paid = totals.funded;
        emit DistributionSwept(modelId, token, to, left);
        // Interaction
        IERC20(token).safeTransfer(to, left);
    }

    /// @inheritdoc IPayoutDistributor
    function distributionOf(ModelId modelId, address token) external view returns (Distribution memory) {
        return _ledgers[modelId][token].totals;
    }

    /// @inheritdoc IPayoutDistributor
    function claimedOf(ModelId modelId, address token, address account) external view returns (uint256) {
        return _ledgers[modelId][token].claimed[account];
    }

    /// @inheritdoc IPayoutDistributor
    function rootOf(ModelId modelId, address token, bytes32 root)
        external
        view
        returns (uint64 activatesAt, bool disabled)
    {
        uint64 stored = _ledgers[modelId][token].roots[root];
        return (stored & ~DISABLED, stored & DISABLED != 0);
    }

    function _requireOwner(ModelId modelId) private view {
        address owner = registry.ownerOf(modelId);
        if (msg.sender != owner) revert NotOwnerOf(modelId, msg.sender, owner);
    }
}
