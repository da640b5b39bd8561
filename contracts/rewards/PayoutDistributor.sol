// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IEmergencyStop} from "../interfaces/IEmergencyStop.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IPayoutDistributor} from "../interfaces/IPayoutDistributor.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {ModelId} from "../types/ModelTypes.sol";

/// @title Pays contributors from cumulative Merkle roots
/// @dev Every function that sends tokens writes its state first, so a token that calls back finds nothing
///      left to take. Only `fund` has to see what arrives before it writes, and is locked against itself:
///      a fund within a fund would be counted twice.
///
///      Assumptions:
///      1. A publisher's root may be wrong: everybody has the activation delay to see it, and the owner to cancel it.
///      2. The registry tells owner and publishers truly.
///      3. Tokens: see the interface. What one model has in one token no other root can draw.
///      4. A root's leaves may sum to more than was funded: who comes last then isn't paid; no other ledger pays.
contract PayoutDistributor is IPayoutDistributor, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    string public constant VERSION = "0.1.0";
    uint64 public constant MAX_DELAY = 365 days;
    uint64 public constant MAX_CLAIM_PERIOD = 3650 days;
    IModelRegistry public immutable registry;
    uint64 public immutable activationDelay;
    uint64 public immutable claimPeriod;
    IEmergencyStop public immutable emergencyStop;

    struct Ledger {
        Distribution totals;
        bytes32 current;
        PendingRoot pending;
        mapping(address account => uint256) claimed;
    }

    mapping(ModelId => mapping(address token => Ledger)) private _ledgers;

    /// @param activationDelay_ seconds that a root waits; 0 is for trials on a chain of one's own.
    /// @param claimPeriod_ seconds from the announcement of a sweep to the end of claims.
    constructor(IModelRegistry registry_, uint64 activationDelay_, uint64 claimPeriod_, IEmergencyStop emergencyStop_) {
        Bounds.requireAddress(address(registry_));
        Bounds.requireAddress(address(emergencyStop_));
        Bounds.requirePeriod(activationDelay_, 0, MAX_DELAY);
        Bounds.requirePeriod(claimPeriod_, 1, MAX_CLAIM_PERIOD);
        registry = registry_;
        activationDelay = activationDelay_;
        claimPeriod = claimPeriod_;
        emergencyStop = emergencyStop_;
    }

    // --- money in -----------------------------------------------------------------------------

    /// @inheritdoc IPayoutDistributor
    function fund(ModelId modelId, address token, uint256 amount) external nonReentrant {
        // Check
        if (amount == 0) revert ZeroAmount();
        // Interaction: first, as only what arrives is counted
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        // Effect
        Distribution storage totals = _ledgers[modelId][token].totals;
        totals.funded += received.toUint112();
        if (received != 0) _endAnnouncement(modelId, token, totals);
        emit DistributionFunded(modelId, token, msg.sender, received);
    }

    // --- roots --------------------------------------------------------------------------------

    /// @inheritdoc IPayoutDistributor
    function postRoot(ModelId modelId, address token, bytes32 root, uint256 total, bytes32 documentDigest) external {
        // Check
        if (!registry.isPublisher(modelId, msg.sender)) revert NotPublisherOf(modelId, msg.sender);
        emergencyStop.requirePostings(token);
        Ledger storage ledger = _ledgers[modelId][token];
        if (root == 0) revert ZeroRoot();
        uint256 funded = ledger.totals.funded;
        if (total > funded) revert RootExceedsFunding(total, funded);
        // Effect
        _activateIfDue(modelId, token, ledger);
        _drop(modelId, token, ledger);
        uint64 activatesAt = uint64(block.timestamp) + activationDelay;
        ledger.pending = PendingRoot(root, msg.sender, activatesAt);
        _endAnnouncement(modelId, token, ledger.totals);
        emit PayoutRootPosted(modelId, token, root, total, documentDigest, activatesAt, msg.sender);
    }

    /// @inheritdoc IPayoutDistributor
    function activateRoot(ModelId modelId, address token) external {
        _activate(modelId, token, _ledgers[modelId][token]);
    }

    /// @inheritdoc IPayoutDistributor
    function cancelRoot(ModelId modelId, address token) external {
        // Check
        _requireOwner(modelId);
        Ledger storage ledger = _ledgers[modelId][token];
        PendingRoot memory pending = ledger.pending;
        if (pending.root == 0) revert NoPendingRoot(modelId, token);
        if (_isDue(modelId, pending)) {
            revert RootIsDue(pending.root, pending.activatesAt, uint64(block.timestamp));
        }
        // Effect
        _drop(modelId, token, ledger);
    }

    // --- money out ----------------------------------------------------------------------------

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
        _activateIfDue(modelId, token, ledger);
        // Check
        _requireCurrent(ledger, root);
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
    function announceSweep(ModelId modelId, address token) external {
        // Check
        _requireOwner(modelId);
        Ledger storage ledger = _ledgers[modelId][token];
        // No root waits while a sweep is announced, so none can come up behind it.
        if (ledger.pending.root != 0) _activate(modelId, token, ledger);
        if (ledger.current == 0) revert NoCurrentRoot(modelId, token);
        // Effect
        uint64 claimsEnd = uint64(block.timestamp) + claimPeriod;
        ledger.totals.claimsEnd = uint256(claimsEnd).toUint32();
        emit SweepAnnounced(modelId, token, claimsEnd);
    }

    /// @inheritdoc IPayoutDistributor
    function sweep(ModelId modelId, address token, address to) external {
        // Check
        _requireOwner(modelId);
        Bounds.requireAddress(to);
        Ledger storage ledger = _ledgers[modelId][token];
        Distribution memory totals = ledger.totals;
        if (totals.claimsEnd == 0) revert SweepNotAnnounced(modelId, token);
        if (block.timestamp < totals.claimsEnd) revert ClaimPeriodOpen(totals.claimsEnd, uint64(block.timestamp));
        uint256 left = totals.funded - totals.paid;
        if (left == 0) revert ZeroAmount();
        // Effect
        ledger.totals = Distribution(totals.paid, totals.paid, 0);
        ledger.current = 0; // its claims must not draw what comes later
        emit DistributionSwept(modelId, token, to, left);
        // Interaction
        IERC20(token).safeTransfer(to, left);
    }

    // --- views --------------------------------------------------------------------------------

    /// @inheritdoc IPayoutDistributor
    function distributionOf(ModelId modelId, address token) external view returns (Distribution memory) {
        return _ledgers[modelId][token].totals;
    }

    /// @inheritdoc IPayoutDistributor
    function claimedOf(ModelId modelId, address token, address account) external view returns (uint256) {
        return _ledgers[modelId][token].claimed[account];
    }

    /// @inheritdoc IPayoutDistributor
    function currentRootOf(ModelId modelId, address token) external view returns (bytes32) {
        return _ledgers[modelId][token].current;
    }

    /// @inheritdoc IPayoutDistributor
    function pendingRootOf(ModelId modelId, address token) external view returns (PendingRoot memory) {
        return _ledgers[modelId][token].pending;
    }

    // --- checks and effects -------------------------------------------------------------------

    function _requireOwner(ModelId modelId) private view {
        address owner = registry.ownerOf(modelId);
        if (msg.sender != owner) revert NotOwnerOf(modelId, msg.sender, owner);
    }

    function _requireCurrent(Ledger storage ledger, bytes32 root) private view {
        bytes32 current = ledger.current;
        if (root == current && root != 0) return;
        uint64 activatesAt = ledger.pending.activatesAt;
        if (root == ledger.pending.root && block.timestamp < activatesAt) {
            revert RootNotActive(root, activatesAt, uint64(block.timestamp));
        }
        revert RootNotCurrent(root, current);
    }

    /// @dev Whether the root that waits is in force: its time has come, and its poster has its role still.
    function _isDue(ModelId modelId, PendingRoot memory pending) private view returns (bool) {
        if (pending.activatesAt == 0 || block.timestamp < pending.activatesAt) return false;
        return registry.isPublisher(modelId, pending.poster);
    }

    function _activateIfDue(ModelId modelId, address token, Ledger storage ledger) private {
        uint64 activatesAt = ledger.pending.activatesAt; // read alone: most claims find none
        if (activatesAt == 0 || block.timestamp < activatesAt) return;
        if (_isDue(modelId, ledger.pending)) _activate(modelId, token, ledger);
    }

    function _activate(ModelId modelId, address token, Ledger storage ledger) private {
        // Check
        PendingRoot memory pending = ledger.pending;
        if (pending.root == 0) revert NoPendingRoot(modelId, token);
        if (block.timestamp < pending.activatesAt) {
            revert RootNotActive(pending.root, pending.activatesAt, uint64(block.timestamp));
        }
        if (!registry.isPublisher(modelId, pending.poster)) {
            revert PosterNotPublisher(modelId, pending.root, pending.poster);
        }
        // Effect
        bytes32 former = ledger.current;
        ledger.current = pending.root;
        delete ledger.pending;
        emit PayoutRootActivated(modelId, token, pending.root, former);
    }

    function _drop(ModelId modelId, address token, Ledger storage ledger) private {
        bytes32 root = ledger.pending.root;
        if (root == 0) return;
        delete ledger.pending;
        emit PayoutRootDropped(modelId, token, root, msg.sender);
    }

    function _endAnnouncement(ModelId modelId, address token, Distribution storage totals) private {
        if (totals.claimsEnd == 0) return;
        totals.claimsEnd = 0;
        emit SweepCancelled(modelId, token);
    }
}
