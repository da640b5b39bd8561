// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPayoutDistributor} from "../interfaces/IPayoutDistributor.sol";
import {IRewardPool} from "../interfaces/IRewardPool.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {ModelId} from "../types/ModelTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Custody of budgets while their rounds are open
/// @dev A controller (a rounds contract) can touch only what it escrowed itself, so anyone may be one.
///
///      Assumptions:
///      1. A controller is trusted with what it escrowed alone; anyone may be one.
///      2. Tokens: see the interface.
///      3. The distributor takes what it is allowed, and counts what arrives.
contract RewardPool is IRewardPool {
    using SafeERC20 for IERC20;

    string public constant VERSION = "0.1.0";
    /// What a distribution holds at most: a larger budget could be escrowed, and never released.
    uint256 public constant MAX_BUDGET = type(uint112).max;
    IPayoutDistributor public immutable distributor;

    mapping(address controller => mapping(RoundId => Escrow)) private _escrows;
    /// @inheritdoc IRewardPool
    mapping(address token => uint256) public accounted;

    constructor(IPayoutDistributor distributor_) {
        Bounds.requireAddress(address(distributor_));
        distributor = distributor_;
    }

    /// @inheritdoc IRewardPool
    function escrow(RoundId roundId, address token, address funder, uint256 amount) external {
        // Check
        if (_escrows[msg.sender][roundId].state != EscrowState.None) revert EscrowExists(msg.sender, roundId);
        if (amount > MAX_BUDGET) revert BudgetTooLarge(amount, MAX_BUDGET);
        uint256 expected = accounted[token] + amount;
        uint256 actual = IERC20(token).balanceOf(address(this));
        if (actual < expected) revert EscrowNotReceived(token, expected, actual);
        // Effect
        accounted[token] = expected;
        _escrows[msg.sender][roundId] = Escrow(token, EscrowState.Held, funder, amount);
        emit BudgetEscrowed(msg.sender, roundId, token, funder, amount);
    }

    /// @inheritdoc IRewardPool
    function release(RoundId roundId, ModelId modelId) external {
        // Check
        Escrow storage e = _requireState(msg.sender, roundId, EscrowState.Held);
        // Effect
        e.state = EscrowState.Released;
        accounted[e.token] -= e.amount;
        emit BudgetReleased(msg.sender, roundId, modelId, e.token, e.amount);
        // Interaction
        IERC20(e.token).forceApprove(address(distributor), e.amount);
        distributor.fund(modelId, e.token, e.amount);
    }

    /// @inheritdoc IRewardPool
    function refund(RoundId roundId) external {
        // Check
        Escrow storage e = _requireState(msg.sender, roundId, EscrowState.Held);
        // Effect
        e.state = EscrowState.Refundable;
        emit BudgetRefunded(msg.sender, roundId);
    }

    /// @inheritdoc IRewardPool
    function withdrawRefund(address controller, RoundId roundId) external {
        // Check
        Escrow storage e = _requireState(controller, roundId, EscrowState.Refundable);
        // Effect
        e.state = EscrowState.Withdrawn;
        accounted[e.token] -= e.amount;
        emit RefundWithdrawn(controller, roundId, e.funder, e.amount);
        // Interaction
        IERC20(e.token).safeTransfer(e.funder, e.amount);
    }

    /// @inheritdoc IRewardPool
    function escrowOf(address controller, RoundId roundId) external view returns (Escrow memory) {
        return _escrows[controller][roundId];
    }

    function _requireState(address controller, RoundId roundId, EscrowState expected)
        private
        view
        returns (Escrow storage e)
    {
        e = _escrows[controller][roundId];
        if (e.state != expected) revert WrongEscrowState(controller, roundId, expected, e.state);
    }
}
