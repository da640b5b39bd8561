// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Bounds} from "../libraries/Bounds.sol";

/// @title The token that a federation may pay with: ERC-20 with permit and votes
/// @notice Any other ERC-20 serves as well; nothing depends on this one.
/// @dev Assumptions:
///      1. The minter is a timelock, bound by the cap of each epoch.
///      2. Nothing else of the deployment depends on this token.
contract RewardToken is ERC20, ERC20Permit, ERC20Votes {
    string public constant VERSION = "0.1.0";
    uint64 public constant MIN_EPOCH_LENGTH = 1 days;
    uint64 public constant MAX_EPOCH_LENGTH = 3650 days;

    /// Who alone makes new tokens: the timelock.
    address public immutable minter;
    /// What may be made in one epoch, in the smallest unit.
    uint256 public immutable cap;
    /// An epoch's length in seconds; they are counted from 1970.
    uint64 public immutable epochLength;

    mapping(uint256 epoch => uint256) private _minted;

    error NotMinter(address caller, address minter);
    /// More than the epoch has left.
    error CapExceeded(uint256 asked, uint256 left);

    /// @param holder who gets the first supply.
    constructor(
        string memory name,
        string memory symbol,
        address holder,
        uint256 supply,
        address minter_,
        uint256 cap_,
        uint64 epochLength_
    ) ERC20(name, symbol) ERC20Permit(name) {
        Bounds.requireAddress(minter_);
        Bounds.requirePeriod(epochLength_, MIN_EPOCH_LENGTH, MAX_EPOCH_LENGTH);
        minter = minter_;
        cap = cap_;
        epochLength = epochLength_;
        _mint(holder, supply);
    }

    /// @notice Makes new tokens, up to the cap of the epoch. Caller: minter.
    /// @param to who receives them.
    /// @param amount in the smallest unit.
    function mint(address to, uint256 amount) external {
        // Check
        if (msg.sender != minter) revert NotMinter(msg.sender, minter);
        uint256 left = mintable();
        if (amount > left) revert CapExceeded(amount, left);
        // Effect
        _minted[_epoch()] += amount;
        _mint(to, amount);
    }

    /// @notice What may still be made in this epoch.
    /// @return in the smallest unit.
    function mintable() public view returns (uint256) {
        return cap - _minted[_epoch()];
    }

    /// @notice The next nonce of an account's permits.
    /// @param owner who permits.
    /// @return the nonce, from 0.
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _epoch() private view returns (uint256) {
        return block.timestamp / epochLength;
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
