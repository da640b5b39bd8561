// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IStakeVault, LockId} from "../interfaces/IStakeVault.sol";
import {ITokenList} from "../interfaces/ITokenList.sol";

/// @title Custody of stake
/// @dev Deposits are counted by balances before and after, so a token that calls back in between must find the
///      door shut: hence the guard, on every function that transfers.
///
///      Assumptions:
///      1. Controllers are those of the constructor, each named by the account itself: nobody else reaches a stake.
///      2. A controller may take all that it locked: that it does so by the rules is its own code's to show.
///      3. Tokens: see the interface; the token list keeps those out that break it.
///      4. It has no owner, and no call changes what it was made with.
contract StakeVault is IStakeVault, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    string public constant VERSION = "0.1.0";
    uint64 private constant MAX_DELAY = 365 days;
    /// @inheritdoc IStakeVault
    uint64 public immutable unbondingDelay;
    /// @inheritdoc IStakeVault
    ITokenList public immutable tokens;

    /// An account's stake of one token, in two slots.
    struct Stake {
        uint128 free;
        uint128 locked;
        uint128 exiting;
        uint64 availableAt;
    }

    /// @inheritdoc IStakeVault
    mapping(address controller => bool) public isOffered;
    /// @inheritdoc IStakeVault
    mapping(address token => uint256) public owed;
    /// @inheritdoc IStakeVault
    mapping(address account => mapping(address controller => bool)) public isController;
    /// @inheritdoc IStakeVault
    mapping(address account => mapping(address token => uint256)) public awardOf;

    mapping(address account => mapping(address token => Stake)) private _stakes;
    // By the controller first: what another one locked is not even reachable.
    mapping(address controller => mapping(address account => mapping(address token => mapping(LockId => uint256))))
        private _locks;

    constructor(ITokenList tokens_, uint64 unbondingDelay_, address[] memory controllers) {
        if (address(tokens_) == address(0)) revert ZeroAddress();
        if (unbondingDelay_ > MAX_DELAY) revert DelayTooLong(unbondingDelay_, MAX_DELAY);
        if (controllers.length == 0) revert NoControllers();
        tokens = tokens_;
        unbondingDelay = unbondingDelay_;
        for (uint256 i = 0; i < controllers.length; ++i) {
            if (controllers[i] == address(0)) revert ZeroAddress();
            isOffered[controllers[i]] = true;
            emit ControllerOffered(controllers[i]);
        }
    }

    // --- stake ------------------------------------------------------------------------------------

    /// @inheritdoc IStakeVault
    function deposit(address token, uint256 amount) external {
        depositFor(msg.sender, token, amount);
    }

    /// @inheritdoc IStakeVault
    function depositFor(address account, address token, uint256 amount) public nonReentrant {
        // Check
        if (!tokens.isAllowed(token)) revert TokenNotAllowed(token);
        if (amount == 0) revert ZeroAmount();
        // Effect
        _stakes[account][token].free += amount.toUint128();
        owed[token] += amount;
        emit StakeDeposited(account, token, msg.sender, amount);
        // Interaction
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 expected = before + amount;
        uint256 actual = IERC20(token).balanceOf(address(this));
        if (actual != expected) revert DepositNotReceived(token, expected, actual);
    }

    /// @inheritdoc IStakeVault
    function requestExit(address token, uint256 amount) external {
        // Check
        if (amount == 0) revert ZeroAmount();
        Stake storage stake = _requireFree(msg.sender, token, amount);
        // Effect
        stake.free -= uint128(amount); // not above what is free
        stake.exiting += uint128(amount);
        stake.availableAt = uint64(block.timestamp) + unbondingDelay;
        emit ExitRequested(msg.sender, token, amount, stake.availableAt);
    }

    /// @inheritdoc IStakeVault
    function cancelExit(address token) external {
        // Check
        Stake storage stake = _stakes[msg.sender][token];
        uint128 amount = stake.exiting;
        if (amount == 0) revert NothingToWithdraw(msg.sender, token);
        // Effect
        (stake.exiting, stake.availableAt) = (0, 0);
        stake.free += amount;
        emit ExitCancelled(msg.sender, token, amount);
    }

    /// @inheritdoc IStakeVault
    function withdraw(address token) external nonReentrant {
        // Check
        Stake storage stake = _stakes[msg.sender][token];
        (uint256 amount, uint256 availableAt) = (stake.exiting, stake.availableAt);
        if (amount == 0) revert NothingToWithdraw(msg.sender, token);
        if (block.timestamp < availableAt) revert StillUnbonding(availableAt, block.timestamp);
        // Effect
        (stake.exiting, stake.availableAt) = (0, 0);
        owed[token] -= amount;
        emit StakeWithdrawn(msg.sender, token, amount);
        // Interaction
        IERC20(token).safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function collect(address account, address token) external nonReentrant {
        // Check
        uint256 amount = awardOf[account][token];
        if (amount == 0) revert NothingToWithdraw(account, token);
        // Effect
        awardOf[account][token] = 0;
        owed[token] -= amount;
        emit AwardCollected(account, token, amount);
        // Interaction
        IERC20(token).safeTransfer(account, amount);
    }

    // --- locks ------------------------------------------------------------------------------------

    /// @inheritdoc IStakeVault
    function setController(address controller, bool allowed) external {
        // Check
        if (!isOffered[controller]) revert NotOffered(controller);
        // Effect
        isController[msg.sender][controller] = allowed;
        emit ControllerSet(msg.sender, controller, allowed);
    }

    /// @inheritdoc IStakeVault
    function lock(address account, address token, LockId lockId, uint256 amount) external {
        // Check
        if (!isController[account][msg.sender]) revert NotController(account, msg.sender);
        if (amount == 0) revert ZeroAmount();
        Stake storage stake = _requireFree(account, token, amount);
        // Effect
        stake.free -= uint128(amount); // not above what is free
        stake.locked += uint128(amount);
        _locks[msg.sender][account][token][lockId] += amount;
        emit StakeLocked(msg.sender, account, lockId, token, amount);
    }

    /// @inheritdoc IStakeVault
    function unlock(address account, address token, LockId lockId, uint256 amount) external {
        // Check, Effect
        Stake storage stake = _take(account, token, lockId, amount);
        stake.free += uint128(amount); // not above what was locked
        emit StakeUnlocked(msg.sender, account, lockId, token, amount);
    }

    /// @inheritdoc IStakeVault
    function slash(address account, address token, LockId lockId, uint256 amount, address to) external {
        // Check
        if (to == address(0) || to == address(this)) revert WrongRecipient(to);
        // Check, Effect
        _take(account, token, lockId, amount);
        awardOf[to][token] += amount;
        emit StakeSlashed(msg.sender, account, lockId, token, amount, to);
    }

    /// Takes from the caller's own lock. The controller need not be named any more: a lock outlives that.
    function _take(address account, address token, LockId lockId, uint256 amount)
        private
        returns (Stake storage stake)
    {
        if (amount == 0) revert ZeroAmount();
        uint256 held = _locks[msg.sender][account][token][lockId];
        if (amount > held) revert InsufficientLock(msg.sender, account, lockId, amount, held);
        _locks[msg.sender][account][token][lockId] = held - amount;
        stake = _stakes[account][token];
        // No underflow: `locked` is the sum of the account's locks. No truncation: each is below 2^128.
        stake.locked -= uint128(amount);
    }

    function _requireFree(address account, address token, uint256 amount) private view returns (Stake storage stake) {
        stake = _stakes[account][token];
        if (amount > stake.free) revert InsufficientFree(account, token, amount, stake.free);
    }

    // --- views ------------------------------------------------------------------------------------

    /// @inheritdoc IStakeVault
    function freeOf(address account, address token) external view returns (uint256) {
        return _stakes[account][token].free;
    }

    /// @inheritdoc IStakeVault
    function lockedOf(address account, address token) external view returns (uint256) {
        return _stakes[account][token].locked;
    }

    /// @inheritdoc IStakeVault
    function lockOf(address controller, address account, address token, LockId lockId) external view returns (uint256) {
        return _locks[controller][account][token][lockId];
    }

    /// @inheritdoc IStakeVault
    function exitOf(address account, address token) external view returns (uint256 amount, uint256 availableAt) {
        Stake storage stake = _stakes[account][token];
        return (stake.exiting, stake.availableAt);
    }
}
