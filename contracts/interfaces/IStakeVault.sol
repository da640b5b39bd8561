// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITokenList} from "./ITokenList.sol";

/// Identifies a lock among those of one controller (a round's id, say).
type LockId is bytes32;

/// @title Stake, in custody
/// @dev An account's stake of a token is free, locked or on its way out. Controllers are contracts that the deployment
///      offers for good and the account itself names; each reaches only what it locked, and the vault has no owner. It
///      knows nothing about rounds, and doesn't judge.
///
///      Assumptions about tokens. For correctness: a balance falls only by transfers that the vault makes
///      (rebasing tokens break that; the deployment must not allow them). For liveness: transfers to who withdraws
///      or collects succeed; a token that blocks one of them holds that account's tokens, and no other's.
///      Assumption about controllers, for correctness: those that the deployment offers take stakes only as their
///      interfaces say. A stranger's contract could lock and take all that is free, so none can be named.
interface IStakeVault {
    error ZeroAddress();
    error NoControllers();
    error DelayTooLong(uint64 delay, uint64 most);
    /// The deployment offers no such controller.
    error NotOffered(address controller);
    error TokenNotAllowed(address token);
    error ZeroAmount();
    /// The tokens didn't arrive in full (a fee on transfer).
    error DepositNotReceived(address token, uint256 expected, uint256 actual);
    error NotController(address account, address controller);
    /// More than the account has free.
    error InsufficientFree(address account, address token, uint256 wanted, uint256 free);
    /// More than the caller locked under this id.
    error InsufficientLock(address controller, address account, LockId lockId, uint256 wanted, uint256 locked);
    /// The vault itself and the zero address can't be awarded anything.
    error WrongRecipient(address to);
    error NothingToWithdraw(address account, address token);
    error StillUnbonding(uint256 availableAt, uint256 blockTime);

    event ControllerOffered(address indexed controller);
    event StakeDeposited(address indexed account, address indexed token, address indexed payer, uint256 amount);
    event ControllerSet(address indexed account, address indexed controller, bool allowed);
    event StakeLocked(
        address indexed controller, address indexed account, LockId indexed lockId, address token, uint256 amount
    );
    event StakeUnlocked(
        address indexed controller, address indexed account, LockId indexed lockId, address token, uint256 amount
    );
    event StakeSlashed(
        address indexed controller,
        address indexed account,
        LockId indexed lockId,
        address token,
        uint256 amount,
        address to
    );
    /// `amount` is what joins the exit; all of it is available from `availableAt`.
    event ExitRequested(address indexed account, address indexed token, uint256 amount, uint256 availableAt);
    event ExitCancelled(address indexed account, address indexed token, uint256 amount);
    event StakeWithdrawn(address indexed account, address indexed token, uint256 amount);
    event AwardCollected(address indexed account, address indexed token, uint256 amount);

    /// @notice Adds to the caller's free stake. Caller: anyone, with an allowance for the vault.
    function deposit(address token, uint256 amount) external;

    /// @notice Adds to another account's free stake. Caller: anyone, with an allowance for the vault.
    function depositFor(address account, address token, uint256 amount) external;

    /// @notice Says whether a controller may lock the caller's free stake from now on. What it locked before stays
    ///         locked: dismissing it doesn't free anything. Caller: the account.
    function setController(address controller, bool allowed) external;

    /// @notice Locks free stake, adding to what the caller holds under this id. Caller: a controller of the account.
    function lock(address account, address token, LockId lockId, uint256 amount) external;

    /// @notice Frees what the caller locked. Caller: the controller that locked it.
    function unlock(address account, address token, LockId lockId, uint256 amount) external;

    /// @notice Takes what the caller locked and awards it to `to`, which collects it: no transfer happens here, so
    ///         no receiver can hinder it. Caller: the controller that locked it.
    function slash(address account, address token, LockId lockId, uint256 amount, address to) external;

    /// @notice Sends free stake on its way out. With an exit under way it joins that, and the delay begins anew for
    ///         all of it. Caller: the account.
    function requestExit(address token, uint256 amount) external;

    /// @notice Makes the whole exit free stake again. Caller: the account.
    function cancelExit(address token) external;

    /// @notice Pays the exit out once the delay has passed. Caller: the account.
    function withdraw(address token) external;

    /// @notice Pays an account what it was awarded. Caller: anyone.
    function collect(address account, address token) external;

    function freeOf(address account, address token) external view returns (uint256);

    /// @notice What all controllers together have locked.
    function lockedOf(address account, address token) external view returns (uint256);

    function lockOf(address controller, address account, address token, LockId lockId) external view returns (uint256);

    function exitOf(address account, address token) external view returns (uint256 amount, uint256 availableAt);

    /// @notice What slashes have awarded and nobody has collected.
    function awardOf(address account, address token) external view returns (uint256);

    function isController(address account, address controller) external view returns (bool);

    /// @notice Whether the deployment offers a controller.
    function isOffered(address controller) external view returns (bool);

    /// @notice The tokens that are taken.
    function tokens() external view returns (ITokenList);

    /// @notice What the vault owes in a token: all that is free, locked, on its way out, or awarded.
    function owed(address token) external view returns (uint256);

    /// @notice Seconds between an exit's request and its withdrawal.
    function unbondingDelay() external view returns (uint64);
}
