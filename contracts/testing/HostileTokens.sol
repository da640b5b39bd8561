// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that keeps a hundredth of every transfer
contract FeeToken is ERC20("Fee", "FEE") {
    constructor() {
        _mint(msg.sender, 1_000_000 ether);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0xFEE), value / 100);
    }
}

/// @title A token that begins to keep a hundredth of every transfer when it is told to
contract LateFeeToken is ERC20("Late fee", "LATE") {
    bool public takesFee;

    constructor() {
        _mint(msg.sender, 1_000_000 ether);
    }

    function takeFee() external {
        takesFee = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (takesFee && from != address(0)) super._update(to, address(0xFEE), value / 100);
    }
}

/// @title A token whose transfers return false instead of reverting
contract FalseToken is ERC20("False", "NO") {
    constructor() {
        _mint(msg.sender, 1_000_000 ether);
    }

    function transfer(address, uint256) public pure override returns (bool) {
        return false;
    }

    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @title A token of the old kind, whose transfers return nothing
contract SilentToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor() {
        balanceOf[msg.sender] = 1_000_000 ether;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @title A token that calls a chosen contract back on every transfer
contract HookToken is ERC20("Hook", "HOOK") {
    address public target;
    bytes public call;

    constructor() {
        _mint(msg.sender, 1_000_000 ether);
    }

    function arm(address target_, bytes calldata call_) external {
        (target, call) = (target_, call_);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target == address(0)) return;
        (address armed, bytes memory data) = (target, call);
        target = address(0); // once
        (bool ok, bytes memory answer) = armed.call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

/// @title A token that refuses transfers to whoever it blocks
contract BlockingToken is ERC20("Blocking", "BLOCK") {
    mapping(address account => bool) public isBlocked;

    error Blocked(address account);

    constructor() {
        _mint(msg.sender, 1_000_000 ether);
    }

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (isBlocked[to]) revert Blocked(to);
        super._update(from, to, value);
    }
}
