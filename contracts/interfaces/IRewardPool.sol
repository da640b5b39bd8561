// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Budgets of open rounds, in custody
/// @dev Assumptions about tokens. For correctness: a balance falls only by transfers that this contract makes
///      (rebasing tokens break that, and are not supported). For liveness: transfers to the distributor and
///      to funders succeed; a fee that a token begins to take later makes what arrives less, and locks nothing.
interface IRewardPool {
    /// A budget's place in its life.
    enum EscrowState {
        None,
        Held,
        Released,
        Refundable,
        Withdrawn
    }

    /// One round's budget.
    struct Escrow {
        /// The ERC-20 token.
        address token;
        /// Its place in its life.
        EscrowState state;
        /// Who is paid back.
        address funder;
        /// In the token's smallest unit.
        uint256 amount;
    }

    /// @notice A round has one budget.
    /// @param controller the rounds contract that escrowed it.
    /// @param roundId the round's id (R-1).
    error EscrowExists(address controller, RoundId roundId);
    /// @notice The budget is in another state than the call is for.
    /// @param controller the rounds contract that escrowed it.
    /// @param roundId the round's id (R-1).
    /// @param expected what it had to be.
    /// @param actual what it is.
    error WrongEscrowState(address controller, RoundId roundId, EscrowState expected, EscrowState actual);
    /// @notice More than a distribution holds, so the budget could never be released.
    /// @param amount in the token's smallest unit.
    /// @param largest the most that a distribution holds.
    error BudgetTooLarge(uint256 amount, uint256 largest);
    /// @notice The tokens didn't arrive in full before `escrow` was called (a fee on transfer, or no transfer).
    /// @param token the ERC-20 token.
    /// @param expected what it had to be.
    /// @param actual what it is.
    error EscrowNotReceived(address token, uint256 expected, uint256 actual);

    /// @notice A budget is in custody.
    /// @param controller the rounds contract that escrowed it.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    /// @param amount in the token's smallest unit.
    event BudgetEscrowed(
        address indexed controller, RoundId indexed roundId, address indexed token, address funder, uint256 amount
    );
    /// @notice A budget moved to the model's payouts.
    /// @param controller the rounds contract that escrowed it.
    /// @param roundId the round's id (R-1).
    /// @param modelId the model's id (M-2).
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    event BudgetReleased(
        address indexed controller, RoundId indexed roundId, ModelId indexed modelId, address token, uint256 amount
    );
    /// @notice The funder may have it back.
    /// @param controller the rounds contract that escrowed it.
    /// @param roundId the round's id (R-1).
    event BudgetRefunded(address indexed controller, RoundId indexed roundId);
    /// @notice The funder was paid.
    /// @param controller the rounds contract that escrowed it.
    /// @param roundId the round's id (R-1).
    /// @param funder who paid it, and is paid back.
    /// @param amount in the token's smallest unit.
    event RefundWithdrawn(address indexed controller, RoundId indexed roundId, address funder, uint256 amount);

    /// @notice Takes custody of tokens that were just sent here. Caller: a controller, for its own rounds.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    /// @param amount in the token's smallest unit.
    function escrow(RoundId roundId, address token, address funder, uint256 amount) external;

    /// @notice Moves a budget to the model's payouts. Caller: the controller that escrowed it.
    /// @param roundId the round's id (R-1).
    /// @param modelId the model's id (M-2).
    function release(RoundId roundId, ModelId modelId) external;

    /// @notice Lets the funder have a budget back. Caller: the controller that escrowed it.
    /// @param roundId the round's id (R-1).
    function refund(RoundId roundId) external;

    /// @notice Pays a refund to the funder. Caller: anyone.
    /// @param controller the rounds contract that escrowed it.
    /// @param roundId the round's id (R-1).
    function withdrawRefund(address controller, RoundId roundId) external;

    /// @notice A round's budget.
    /// @param controller the rounds contract that escrowed it.
    /// @param roundId the round's id (R-1).
    /// @return state `None` if there is none.
    function escrowOf(address controller, RoundId roundId) external view returns (Escrow memory);

    /// @notice What the pool holds for open escrows and refunds in a token.
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit.
    function accounted(address token) external view returns (uint256);
}
