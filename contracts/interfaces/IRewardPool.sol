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
        address token;
        EscrowState state;
        address funder;
        uint256 amount;
    }

    error EscrowExists(address controller, RoundId roundId);
    error WrongEscrowState(address controller, RoundId roundId, EscrowState expected, EscrowState actual);
    /// More than a distribution holds, so the budget could never be released.
    error BudgetTooLarge(uint256 amount, uint256 largest);
    /// The tokens didn't arrive in full before `escrow` was called (a fee on transfer, or no transfer).
    error EscrowNotReceived(address token, uint256 expected, uint256 actual);

    event BudgetEscrowed(
        address indexed controller, RoundId indexed roundId, address indexed token, address funder, uint256 amount
    );
    event BudgetReleased(
        address indexed controller, RoundId indexed roundId, ModelId indexed modelId, address token, uint256 amount
    );
    event BudgetRefunded(address indexed controller, RoundId indexed roundId);
    event RefundWithdrawn(address indexed controller, RoundId indexed roundId, address funder, uint256 amount);

    /// @notice Takes custody of tokens that were just sent here. Caller: a controller, for its own rounds.
    function escrow(RoundId roundId, address token, address funder, uint256 amount) external;

    /// @notice Moves a budget to the model's payouts. Caller: the controller that escrowed it.
    function release(RoundId roundId, ModelId modelId) external;

    /// @notice Lets the funder have a budget back. Caller: the controller that escrowed it.
    function refund(RoundId roundId) external;

    /// @notice Pays a refund to the funder. Caller: anyone.
    function withdrawRefund(address controller, RoundId roundId) external;

    function escrowOf(address controller, RoundId roundId) external view returns (Escrow memory);

    /// @notice What the pool holds for open escrows and refunds in a token.
    function accounted(address token) external view returns (uint256);
}
