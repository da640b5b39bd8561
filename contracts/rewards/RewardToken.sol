// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title The token that a federation may pay with: ERC-20 with permit and votes
/// @notice Any other ERC-20 serves as well; nothing depends on this one.
contract RewardToken is ERC20, ERC20Permit, ERC20Votes, Ownable2Step {
    string public constant VERSION = "0.1.0";

    constructor(string memory name, string memory symbol, address owner, uint256 supply)
        ERC20(name, symbol)
        ERC20Permit(name)
        Ownable(owner)
    {
        _mint(owner, supply);
    }

    /// @notice Makes new tokens. Caller: owner.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    /// @notice The next nonce of an account's permits.
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}
