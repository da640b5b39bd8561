// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITokenList} from "../interfaces/ITokenList.sol";
import {Bounds} from "../libraries/Bounds.sol";

/// @title The tokens that count as stake
/// @dev Assumptions:
///      1. The governor lists no token that rebases, takes fees or calls back beyond what the vault bears: only code is
///         checked.
///      2. A token listed once stays: stakes in it must remain usable.
contract TokenList is ITokenList {
    string public constant VERSION = "0.1.0";
    uint256 public constant MAX_LEAST_STAKE = type(uint112).max;
    address public immutable governor;

    /// @inheritdoc ITokenList
    mapping(address token => uint256) public leastStake;
    address[] private _tokens;

    /// @param governor_ the timelock.
    constructor(address governor_, address[] memory tokens_, uint256[] memory leastStakes) {
        Bounds.requireAddress(governor_);
        if (tokens_.length != leastStakes.length) revert ListsDiffer(tokens_.length, leastStakes.length);
        governor = governor_;
        for (uint256 i = 0; i < tokens_.length; ++i) {
            _allow(tokens_[i], leastStakes[i]);
        }
    }

    /// @inheritdoc ITokenList
    function allow(address token, uint256 leastStake_) external {
        // Check
        if (msg.sender != governor) revert NotGovernor(msg.sender, governor);
        _allow(token, leastStake_);
    }

    function _allow(address token, uint256 leastStake_) private {
        // Check
        if (token.code.length == 0) revert NotAToken(token);
        if (leastStake_ == 0 || leastStake_ > MAX_LEAST_STAKE) {
            revert LeastStakeOutOfRange(leastStake_, 1, MAX_LEAST_STAKE);
        }
        // Effect
        if (leastStake[token] == 0) _tokens.push(token);
        leastStake[token] = leastStake_;
        emit TokenListed(token, leastStake_);
    }

    /// @inheritdoc ITokenList
    function isAllowed(address token) external view returns (bool) {
        return leastStake[token] != 0;
    }

    /// @inheritdoc ITokenList
    function tokens() external view returns (address[] memory) {
        return _tokens;
    }
}
