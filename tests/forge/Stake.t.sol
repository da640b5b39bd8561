// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IStakeVault, LockId} from "../../contracts/interfaces/IStakeVault.sol";
import {TokenList} from "../../contracts/governance/TokenList.sol";
import {StakeVault} from "../../contracts/stake/StakeVault.sol";
import {FalseToken, FeeToken, HookToken, SilentToken} from "../../contracts/testing/HostileTokens.sol";
import {Vm} from "./support/Vm.sol";

/// A plain token, all of it with who deploys it.
contract StakedToken is ERC20("Staked", "STK") {
    constructor() {
        _mint(msg.sender, 1e30);
    }
}

/// Custody: what is free, locked, on its way out and awarded always adds up, whatever the token does.
contract StakeTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    address private constant HOSPITAL = address(0xCA11);
    address private constant CLINIC = address(0xC11);
    address private constant ROUNDS = address(0x40);
    address private constant STRANGER = address(0xDEAD);
    LockId private constant ID = LockId.wrap("round");
    uint64 private constant DELAY = 7 days;

    StakedToken private token;
    FeeToken private fee;
    FalseToken private no;
    SilentToken private silent;
    HookToken private hook;
    StakeVault private vault;

    function setUp() public {
        vm.warp(1_800_000_000);
        (token, fee, no) = (new StakedToken(), new FeeToken(), new FalseToken());
        (silent, hook) = (new SilentToken(), new HookToken());
        address[] memory tokens = new address[](5);
        (tokens[0], tokens[1], tokens[2]) = (address(token), address(fee), address(no));
        (tokens[3], tokens[4]) = (address(silent), address(hook));
        vault = new StakeVault(_list(tokens), DELAY, _controllers());
        for (uint256 i = 0; i < 5; ++i) {
            ERC20 each = ERC20(tokens[i]);
            (bool done,) = address(each).call(abi.encodeCall(each.approve, (address(vault), type(uint256).max)));
            require(done, "no approval");
        }
        vm.prank(HOSPITAL);
        vault.setController(ROUNDS, true);
    }

    function _list(address[] memory tokens) private returns (TokenList) {
        uint256[] memory least = new uint256[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            least[i] = 1;
        }
        return new TokenList(address(this), tokens, least);
    }

    function _controllers() private view returns (address[] memory controllers) {
        controllers = new address[](3);
        (controllers[0], controllers[1], controllers[2]) = (ROUNDS, CLINIC, address(this));
    }

    function _state(address account, uint256 free, uint256 locked, uint256 exiting, uint256 award) private view {
        require(vault.freeOf(account, address(token)) == free, "free");
        require(vault.lockedOf(account, address(token)) == locked, "locked");
        (uint256 amount,) = vault.exitOf(account, address(token));
        require(amount == exiting, "exiting");
        require(vault.awardOf(account, address(token)) == award, "award");
    }

    function testFuzz_a_stake_goes_in_and_comes_out_whole(uint128 amount, uint64 wait) public {
        vm.assume(amount != 0 && amount <= 1e30);
        vault.depositFor(HOSPITAL, address(token), amount);
        _state(HOSPITAL, amount, 0, 0, 0);
        vm.startPrank(HOSPITAL);
        vault.requestExit(address(token), amount);
        uint256 ready = block.timestamp + DELAY;
        vm.warp(block.timestamp + wait % (2 * DELAY));
        if (block.timestamp < ready) {
            vm.expectRevert(abi.encodeWithSelector(IStakeVault.StillUnbonding.selector, ready, block.timestamp));
            vault.withdraw(address(token));
            vm.warp(ready);
        }
        vault.withdraw(address(token));
        require(token.balanceOf(HOSPITAL) == amount && token.balanceOf(address(vault)) == 0, "not whole");
        _state(HOSPITAL, 0, 0, 0, 0);
    }

    function testFuzz_a_slash_takes_no_more_than_the_lock(uint96 stake, uint96 locked, uint256 slashed) public {
        vm.assume(stake != 0 && stake <= 1e28);
        locked = 1 + locked % stake;
        vault.depositFor(HOSPITAL, address(token), stake);
        vm.startPrank(ROUNDS);
        vault.lock(HOSPITAL, address(token), ID, locked);
        if (slashed == 0 || slashed > locked) {
            if (slashed == 0) vm.expectRevert(abi.encodeWithSelector(IStakeVault.ZeroAmount.selector));
            else vm.expectRevert(_tooMuch(ROUNDS, HOSPITAL, slashed, locked));
            vault.slash(HOSPITAL, address(token), ID, slashed, CLINIC);
            slashed = 1 + slashed % locked;
        }
        vault.slash(HOSPITAL, address(token), ID, slashed, CLINIC);
        _state(HOSPITAL, stake - locked, locked - slashed, 0, 0);
        _state(CLINIC, 0, 0, 0, slashed);
        vault.collect(CLINIC, address(token));
        require(token.balanceOf(CLINIC) == slashed && vault.owed(address(token)) == stake - slashed, "not paid");
    }

    function _tooMuch(address controller, address account, uint256 wanted, uint256 held)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(IStakeVault.InsufficientLock.selector, controller, account, ID, wanted, held);
    }

    function test_a_lock_outlives_the_dismissal_of_its_controller() public {
        vault.depositFor(HOSPITAL, address(token), 100);
        vm.prank(ROUNDS);
        vault.lock(HOSPITAL, address(token), ID, 60);
        vm.startPrank(HOSPITAL);
        vault.setController(ROUNDS, false);
        bytes4 insufficient = IStakeVault.InsufficientFree.selector;
        vm.expectRevert(abi.encodeWithSelector(insufficient, HOSPITAL, address(token), 41, 40));
        vault.requestExit(address(token), 41);
        vm.stopPrank();
        vm.startPrank(ROUNDS);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotController.selector, HOSPITAL, ROUNDS));
        vault.lock(HOSPITAL, address(token), ID, 1);
        vault.unlock(HOSPITAL, address(token), ID, 20);
        vault.slash(HOSPITAL, address(token), ID, 40, CLINIC);
        _state(HOSPITAL, 60, 0, 0, 0);
    }

    function testFuzz_a_stranger_reaches_no_lock(uint256 amount, address stranger) public {
        vm.assume(stranger != ROUNDS && stranger != address(0) && stranger != address(vault) && amount != 0);
        vault.depositFor(HOSPITAL, address(token), 100);
        vm.prank(ROUNDS);
        vault.lock(HOSPITAL, address(token), ID, 60);
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotController.selector, HOSPITAL, stranger));
        vault.lock(HOSPITAL, address(token), ID, 1);
        vm.expectRevert(_tooMuch(stranger, HOSPITAL, amount, 0));
        vault.unlock(HOSPITAL, address(token), ID, amount);
        vm.expectRevert(_tooMuch(stranger, HOSPITAL, amount, 0));
        vault.slash(HOSPITAL, address(token), ID, amount, stranger);
        _state(HOSPITAL, 40, 60, 0, 0);
    }

    function test_T20_a_token_with_a_fee_or_that_says_no_is_refused_at_the_door() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.DepositNotReceived.selector, address(fee), 1000, 990));
        vault.deposit(address(fee), 1000);
        // Tokens that somebody gave away don't make up for the fee.
        fee.transfer(address(vault), 10_000);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.DepositNotReceived.selector, address(fee), 10_900, 10_890));
        vault.deposit(address(fee), 1000);
        vm.expectRevert(abi.encodeWithSignature("SafeERC20FailedOperation(address)", address(no)));
        vault.deposit(address(no), 1000);
        require(vault.owed(address(fee)) == 0 && vault.owed(address(no)) == 0, "something is owed");
    }

    function test_T20_a_token_that_returns_nothing_is_staked_and_paid_out() public {
        vault.depositFor(HOSPITAL, address(silent), 1000);
        vm.startPrank(HOSPITAL);
        vault.requestExit(address(silent), 1000);
        vm.warp(block.timestamp + DELAY);
        vault.withdraw(address(silent));
        require(silent.balanceOf(HOSPITAL) == 1000, "not paid");
    }

    function test_T19_a_token_that_calls_back_finds_the_door_shut() public {
        bytes memory shut = abi.encodeWithSelector(ReentrancyGuard.ReentrancyGuardReentrantCall.selector);
        hook.arm(address(vault), abi.encodeCall(vault.depositFor, (STRANGER, address(hook), 1)));
        vm.expectRevert(shut);
        vault.deposit(address(hook), 1000);
        hook.arm(address(vault), abi.encodeCall(vault.withdraw, (address(hook))));
        vm.expectRevert(shut);
        vault.deposit(address(hook), 1000);
        hook.arm(address(0), "");
        _hookedPayments(shut);
    }

    function _hookedPayments(bytes memory shut) private {
        vault.setController(address(this), true);
        vault.deposit(address(hook), 1000);
        vault.lock(address(this), address(hook), ID, 400);
        vault.slash(address(this), address(hook), ID, 400, CLINIC);
        hook.arm(address(vault), abi.encodeCall(vault.collect, (CLINIC, address(hook))));
        vm.expectRevert(shut);
        vault.collect(CLINIC, address(hook));
        vault.requestExit(address(hook), 600);
        vm.warp(block.timestamp + DELAY);
        hook.arm(address(vault), abi.encodeCall(vault.withdraw, (address(hook))));
        vm.expectRevert(shut);
        vault.withdraw(address(hook));
        hook.arm(address(0), "");
        vault.withdraw(address(hook));
        vault.collect(CLINIC, address(hook));
        require(hook.balanceOf(address(vault)) == 0 && hook.balanceOf(CLINIC) == 400, "not paid once");
    }

    function test_T21_amounts_beyond_128_bits_are_refused() public {
        bytes4 overflow = bytes4(keccak256("SafeCastOverflowedUintDowncast(uint8,uint256)"));
        vm.expectRevert(abi.encodeWithSelector(overflow, 128, 1 << 128));
        vault.deposit(address(token), 1 << 128);
    }

    function test_what_is_not_allowed_or_nothing_at_all_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.TokenNotAllowed.selector, STRANGER));
        vault.deposit(STRANGER, 1);
        bytes memory nothing = abi.encodeWithSelector(IStakeVault.ZeroAmount.selector);
        vm.expectRevert(nothing);
        vault.deposit(address(token), 0);
        vm.expectRevert(nothing);
        vault.requestExit(address(token), 0);
        vm.prank(ROUNDS);
        vm.expectRevert(nothing);
        vault.lock(HOSPITAL, address(token), ID, 0);
        vm.expectRevert(nothing);
        vault.unlock(HOSPITAL, address(token), ID, 0);
    }

    function test_a_vault_is_made_with_a_list_controllers_and_a_delay_that_ends() public {
        TokenList list = TokenList(address(vault.tokens()));
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.ZeroAddress.selector));
        new StakeVault(TokenList(address(0)), DELAY, _controllers());
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NoControllers.selector));
        new StakeVault(list, DELAY, new address[](0));
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.ZeroAddress.selector));
        new StakeVault(list, DELAY, new address[](1));
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.DelayTooLong.selector, 366 days, 365 days));
        new StakeVault(list, 366 days, _controllers());
    }

    /// T-38: a stranger's contract could lock all that is free and take it, so nobody can name one.
    function test_t38_a_controller_that_the_deployment_does_not_offer_cannot_be_named() public {
        vm.prank(HOSPITAL);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotOffered.selector, STRANGER));
        vault.setController(STRANGER, true);
        require(vault.isOffered(ROUNDS) && !vault.isOffered(STRANGER), "another offer");
    }

    function test_nothing_is_paid_where_nothing_is_due() public {
        bytes4 nothing = IStakeVault.NothingToWithdraw.selector;
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(nothing, STRANGER, address(token)));
        vault.withdraw(address(token));
        vm.expectRevert(abi.encodeWithSelector(nothing, STRANGER, address(token)));
        vault.cancelExit(address(token));
        vm.expectRevert(abi.encodeWithSelector(nothing, HOSPITAL, address(token)));
        vault.collect(HOSPITAL, address(token));
    }

    function test_neither_the_vault_nor_nobody_is_awarded_anything() public {
        vault.depositFor(HOSPITAL, address(token), 10);
        vm.startPrank(ROUNDS);
        vault.lock(HOSPITAL, address(token), ID, 10);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.WrongRecipient.selector, address(0)));
        vault.slash(HOSPITAL, address(token), ID, 1, address(0));
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.WrongRecipient.selector, address(vault)));
        vault.slash(HOSPITAL, address(token), ID, 1, address(vault));
        require(vault.lockOf(ROUNDS, HOSPITAL, address(token), ID) == 10, "taken");
    }

    function testFuzz_an_exit_that_more_joins_waits_anew_and_can_be_cancelled(uint64 first, uint64 more, uint32 later)
        public
    {
        vault.depositFor(HOSPITAL, address(token), 2 + uint256(first) + more);
        vm.startPrank(HOSPITAL);
        vault.requestExit(address(token), 1 + uint256(first));
        vm.warp(block.timestamp + later);
        vault.requestExit(address(token), 1 + uint256(more));
        (uint256 amount, uint256 ready) = vault.exitOf(HOSPITAL, address(token));
        require(amount == 2 + uint256(first) + more && ready == block.timestamp + DELAY, "another exit");
        vault.cancelExit(address(token));
        _state(HOSPITAL, amount, 0, 0, 0);
    }
}
