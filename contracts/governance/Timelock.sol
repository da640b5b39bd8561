// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Bounds} from "../libraries/Bounds.sol";

/// @title Who decides about a deployment, and only after a delay in which everybody can see what comes
/// @notice OpenZeppelin's controller, administered by itself: roles and the delay change through it alone.
/// @dev Assumptions:
///      1. OpenZeppelin's controller keeps the delay.
///      2. Its governor is trusted with what it may call (G-1), and everybody with watching what waits.
contract Timelock is TimelockController {
    string public constant VERSION = "0.1.0";
    uint64 public constant MAX_DELAY = 60 days;

    /// @param delay seconds between a proposal and its execution; 0 is for trials on a chain of one's own.
    /// @param governor who proposes, cancels and executes: an account, or a contract of many.
    constructor(uint64 delay, address governor) TimelockController(delay, _one(governor), _one(governor), address(0)) {
        Bounds.requirePeriod(delay, 0, MAX_DELAY);
        Bounds.requireAddress(governor);
    }

    function _one(address account) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }
}
