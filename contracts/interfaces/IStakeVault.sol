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
    /// @notice Every address has to be somebody's.
    error ZeroAddress();
    /// @notice Nobody could lock anything.
    error NoControllers();
    /// @notice In seconds.
    /// @param delay in seconds.
    /// @param most the most that is taken.
    error DelayTooLong(uint64 delay, uint64 most);
    /// @notice The deployment offers no such controller.
    /// @param controller the contract that locks, or holds, it.
    error NotOffered(address controller);
    /// @notice The token list doesn't have it.
    /// @param token the ERC-20 token.
    error TokenNotAllowed(address token);
    /// @notice Nothing to move.
    error ZeroAmount();
    /// @notice The tokens didn't arrive in full (a fee on transfer).
    /// @param token the ERC-20 token.
    /// @param expected what it had to be.
    /// @param actual what it is.
    error DepositNotReceived(address token, uint256 expected, uint256 actual);
    /// @notice The account didn't name the caller.
    /// @param account whose stake it is.
    /// @param controller the contract that locks, or holds, it.
    error NotController(address account, address controller);
    /// @notice More than the account has free.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param wanted in the token's smallest unit.
    /// @param free what is free, in the token's smallest unit.
    error InsufficientFree(address account, address token, uint256 wanted, uint256 free);
    /// @notice More than the caller locked under this id.
    /// @param controller the contract that locks, or holds, it.
    /// @param account whose stake it is.
    /// @param lockId the controller's name for the lock.
    /// @param wanted in the token's smallest unit.
    /// @param locked what is locked, in the token's smallest unit.
    error InsufficientLock(address controller, address account, LockId lockId, uint256 wanted, uint256 locked);
    /// @notice The vault itself and the zero address can't be awarded anything.
    /// @param to who receives.
    error WrongRecipient(address to);
    /// @notice No exit, or no award.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    error NothingToWithdraw(address account, address token);
    /// @notice The delay isn't over.
    /// @param availableAt from when on it may be withdrawn, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error StillUnbonding(uint256 availableAt, uint256 blockTime);

    /// @notice Accounts may name it.
    /// @param controller the contract that locks, or holds, it.
    event ControllerOffered(address indexed controller);
    /// @notice Free stake came in.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param payer who paid it in.
    /// @param amount in the token's smallest unit.
    event StakeDeposited(address indexed account, address indexed token, address indexed payer, uint256 amount);
    /// @notice An account named, or dismissed, a controller.
    /// @param account whose stake it is.
    /// @param controller the contract that locks, or holds, it.
    /// @param allowed whether it may lock.
    event ControllerSet(address indexed account, address indexed controller, bool allowed);
    /// @notice Free stake was locked.
    /// @param controller the contract that locks, or holds, it.
    /// @param account whose stake it is.
    /// @param lockId the controller's name for the lock.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    event StakeLocked(
        address indexed controller, address indexed account, LockId indexed lockId, address token, uint256 amount
    );
    /// @notice Locked stake is free.
    /// @param controller the contract that locks, or holds, it.
    /// @param account whose stake it is.
    /// @param lockId the controller's name for the lock.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    event StakeUnlocked(
        address indexed controller, address indexed account, LockId indexed lockId, address token, uint256 amount
    );
    /// @notice Locked stake was taken, and awarded.
    /// @param controller the contract that locks, or holds, it.
    /// @param account whose stake it is.
    /// @param lockId the controller's name for the lock.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    /// @param to who receives.
    event StakeSlashed(
        address indexed controller,
        address indexed account,
        LockId indexed lockId,
        address token,
        uint256 amount,
        address to
    );
    /// @notice `amount` is what joins the exit; all of it is available from `availableAt`.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    /// @param availableAt from when on it may be withdrawn, in seconds since 1970.
    event ExitRequested(address indexed account, address indexed token, uint256 amount, uint256 availableAt);
    /// @notice An exit is free stake again.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    event ExitCancelled(address indexed account, address indexed token, uint256 amount);
    /// @notice An exit was paid out.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    event StakeWithdrawn(address indexed account, address indexed token, uint256 amount);
    /// @notice An award was paid out.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    event AwardCollected(address indexed account, address indexed token, uint256 amount);

    /// @notice Adds to the caller's free stake. Caller: anyone, with an allowance for the vault.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    function deposit(address token, uint256 amount) external;

    /// @notice Adds to another account's free stake. Caller: anyone, with an allowance for the vault.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    function depositFor(address account, address token, uint256 amount) external;

    /// @notice Says whether a controller may lock the caller's free stake from now on. What it locked before stays
    ///         locked: dismissing it doesn't free anything. Caller: the account.
    /// @param controller the contract that locks, or holds, it.
    /// @param allowed whether it may lock.
    function setController(address controller, bool allowed) external;

    /// @notice Locks free stake, adding to what the caller holds under this id. Caller: a controller of the account.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param lockId the controller's name for the lock.
    /// @param amount in the token's smallest unit.
    function lock(address account, address token, LockId lockId, uint256 amount) external;

    /// @notice Frees what the caller locked. Caller: the controller that locked it.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param lockId the controller's name for the lock.
    /// @param amount in the token's smallest unit.
    function unlock(address account, address token, LockId lockId, uint256 amount) external;

    /// @notice Takes what the caller locked and awards it to `to`, which collects it: no transfer happens here, so
    ///         no receiver can hinder it. Caller: the controller that locked it.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param lockId the controller's name for the lock.
    /// @param amount in the token's smallest unit.
    /// @param to who receives.
    function slash(address account, address token, LockId lockId, uint256 amount, address to) external;

    /// @notice Sends free stake on its way out. With an exit under way it joins that, and the delay begins anew for
    ///         all of it. Caller: the account.
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    function requestExit(address token, uint256 amount) external;

    /// @notice Makes the whole exit free stake again. Caller: the account.
    /// @param token the ERC-20 token.
    function cancelExit(address token) external;

    /// @notice Pays the exit out once the delay has passed. Caller: the account.
    /// @param token the ERC-20 token.
    function withdraw(address token) external;

    /// @notice Pays an account what it was awarded. Caller: anyone.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    function collect(address account, address token) external;

    /// @notice What an account may lock or withdraw.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit.
    function freeOf(address account, address token) external view returns (uint256);

    /// @notice What all controllers together have locked.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit.
    function lockedOf(address account, address token) external view returns (uint256);

    /// @notice What one controller has locked under one id.
    /// @param controller the contract that locks, or holds, it.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @param lockId the controller's name for the lock.
    /// @return in the token's smallest unit.
    function lockOf(address controller, address account, address token, LockId lockId) external view returns (uint256);

    /// @notice What is on its way out, and from when on it may be withdrawn.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @return amount in the token's smallest unit; 0: no exit.
    /// @return availableAt in seconds since 1970.
    function exitOf(address account, address token) external view returns (uint256 amount, uint256 availableAt);

    /// @notice What slashes have awarded and nobody has collected.
    /// @param account whose stake it is.
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit.
    function awardOf(address account, address token) external view returns (uint256);

    /// @notice Whether a controller may lock an account's free stake.
    /// @param account whose stake it is.
    /// @param controller the contract that locks, or holds, it.
    /// @return true if so.
    function isController(address account, address controller) external view returns (bool);

    /// @notice Whether the deployment offers a controller.
    /// @param controller the contract that locks, or holds, it.
    /// @return true if so.
    function isOffered(address controller) external view returns (bool);

    /// @notice The tokens that are taken.
    /// @return the list.
    function tokens() external view returns (ITokenList);

    /// @notice What the vault owes in a token: all that is free, locked, on its way out, or awarded.
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit.
    function owed(address token) external view returns (uint256);

    /// @notice Seconds between an exit's request and its withdrawal.
    /// @return in seconds.
    function unbondingDelay() external view returns (uint64);
}
