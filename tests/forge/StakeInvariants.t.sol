// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {LockId} from "../../contracts/interfaces/IStakeVault.sol";
import {TokenList} from "../../contracts/governance/TokenList.sol";
import {StakeVault} from "../../contracts/stake/StakeVault.sol";
import {StakedToken} from "./Stake.t.sol";
import {Vm} from "./support/Vm.sol";

/// Plays accounts, controllers and strangers in any order that the fuzzer likes, and keeps a ledger of its own.
contract StakeHandler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant ACCOUNTS = 4;
    uint256 private constant CONTROLLERS = 3;

    StakeVault private immutable vault;
    StakedToken private immutable token;

    /// What each account put in, and what it may still have, by this ledger.
    mapping(address account => uint256) public stakeOf;
    mapping(address account => uint256) public lockedOf;
    mapping(address account => uint256) public awardOf;
    mapping(address account => mapping(uint256 controller => mapping(uint256 id => uint256))) public locks;
    mapping(address account => uint256) public paid;
    mapping(string action => uint256) public done;
    uint256 public broken;

    constructor(StakeVault vault_, StakedToken token_) {
        (vault, token) = (vault_, token_);
        token_.approve(address(vault_), type(uint256).max);
    }

    function account(uint256 who) public pure returns (address) {
        return address(uint160(0xACC0 + who % ACCOUNTS));
    }

    function controller(uint256 who) public pure returns (address) {
        return address(uint160(0xC040 + who % CONTROLLERS));
    }

    function _id(uint256 id) private pure returns (LockId) {
        return LockId.wrap(bytes32(id % 2));
    }

    function deposit(uint256 who, uint96 amount) external {
        try vault.depositFor(account(who), address(token), amount % 1e20) {
            stakeOf[account(who)] += amount % 1e20;
            ++done["deposit"];
        } catch {}
    }

    function allow(uint256 who, uint256 by, bool allowed) external {
        vm.prank(account(who));
        vault.setController(controller(by), allowed);
    }

    function lock(uint256 who, uint256 by, uint256 id, uint96 amount) external {
        address at = account(who);
        bool may = vault.isController(at, controller(by)) && amount <= vault.freeOf(at, address(token)) && amount != 0;
        vm.prank(controller(by));
        try vault.lock(at, address(token), _id(id), amount) {
            if (!may) ++broken;
            lockedOf[at] += amount;
            locks[at][by % CONTROLLERS][id % 2] += amount;
            ++done["lock"];
        } catch {
            if (may) ++broken;
        }
    }

    function unlock(uint256 who, uint256 by, uint256 id, uint96 amount) external {
        vm.prank(controller(by));
        try vault.unlock(account(who), address(token), _id(id), _near(who, by, id, amount)) {
            _taken(who, by, id, _near(who, by, id, amount));
            ++done["unlock"];
        } catch {}
    }

    function slash(uint256 who, uint256 by, uint256 id, uint96 amount, uint256 to) external {
        uint256 taken = _near(who, by, id, amount);
        vm.prank(controller(by));
        try vault.slash(account(who), address(token), _id(id), taken, account(to)) {
            _taken(who, by, id, taken);
            stakeOf[account(who)] -= taken;
            awardOf[account(to)] += taken;
            ++done["slash"];
        } catch {}
    }

    /// Half of the amounts lie within the lock, so that the fuzzer gets somewhere.
    function _near(uint256 who, uint256 by, uint256 id, uint96 amount) private view returns (uint256) {
        uint256 held = locks[account(who)][by % CONTROLLERS][id % 2];
        return amount % 2 == 0 ? amount : amount % (held + 1);
    }

    function _taken(uint256 who, uint256 by, uint256 id, uint256 amount) private {
        uint256 held = locks[account(who)][by % CONTROLLERS][id % 2];
        if (amount > held) {
            ++broken;
            return;
        }
        locks[account(who)][by % CONTROLLERS][id % 2] = held - amount;
        lockedOf[account(who)] -= amount;
    }

    function requestExit(uint256 who, uint96 amount) external {
        uint256 free = vault.freeOf(account(who), address(token));
        uint256 leaving = amount % 2 == 0 ? amount : amount % (free + 1);
        vm.prank(account(who));
        try vault.requestExit(address(token), leaving) {
            if (leaving > free) ++broken;
            ++done["exit"];
        } catch {}
    }

    function cancelExit(uint256 who) external {
        vm.prank(account(who));
        try vault.cancelExit(address(token)) {
            ++done["cancel"];
        } catch {}
    }

    function withdraw(uint256 who) external {
        (uint256 leaving, uint256 ready) = vault.exitOf(account(who), address(token));
        vm.prank(account(who));
        try vault.withdraw(address(token)) {
            if (block.timestamp < ready) ++broken;
            stakeOf[account(who)] -= leaving;
            paid[account(who)] += leaving;
            ++done["withdraw"];
        } catch {}
    }

    function collect(uint256 who) external {
        try vault.collect(account(who), address(token)) {
            paid[account(who)] += awardOf[account(who)];
            awardOf[account(who)] = 0;
            ++done["collect"];
        } catch {}
    }

    function wait(uint16 time) external {
        vm.warp(block.timestamp + time);
    }

    /// A stranger, whom no account ever named, tries everything on somebody else's stake.
    function intrude(uint256 who, uint256 id, uint96 amount) external {
        address at = account(who);
        vm.startPrank(address(0xBAD));
        try vault.lock(at, address(token), _id(id), amount) {
            ++broken;
        } catch {}
        try vault.unlock(at, address(token), _id(id), amount) {
            ++broken;
        } catch {}
        try vault.slash(at, address(token), _id(id), amount, address(0xBAD)) {
            ++broken;
        } catch {}
        try vault.withdraw(address(token)) {
            ++broken;
        } catch {}
        vm.stopPrank();
    }
}

contract StakeInvariantsTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;
    uint64 private constant DELAY = 1 days;

    StakedToken private token;
    StakeVault private vault;
    StakeHandler private handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        token = new StakedToken();
        address[] memory tokens = new address[](1);
        tokens[0] = address(token);
        uint256[] memory least = new uint256[](1);
        least[0] = 1;
        address[] memory controllers = new address[](3);
        (controllers[0], controllers[1], controllers[2]) = (address(0xC040), address(0xC041), address(0xC042));
        vault = new StakeVault(new TokenList(address(this), tokens, least), DELAY, controllers);
        handler = new StakeHandler(vault, token);
        token.transfer(address(handler), 1e30);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// forge-config: default.invariant.runs = 48
    /// forge-config: default.invariant.depth = 64
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: nightly.invariant.runs = 10000
    /// forge-config: nightly.invariant.depth = 64
    /// forge-config: nightly.invariant.fail-on-revert = true
    function invariant_the_vault_holds_exactly_what_it_owes() public view {
        uint256 sum;
        for (uint256 who = 0; who < 4; ++who) {
            address at = handler.account(who);
            (uint256 leaving,) = vault.exitOf(at, address(token));
            sum += vault.freeOf(at, address(token)) + vault.lockedOf(at, address(token));
            sum += leaving + vault.awardOf(at, address(token));
        }
        require(sum == vault.owed(address(token)), "the parts aren't what is owed");
        require(sum == token.balanceOf(address(vault)), "the balance isn't what is owed");
    }

    /// forge-config: default.invariant.runs = 48
    /// forge-config: default.invariant.depth = 64
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: nightly.invariant.runs = 10000
    /// forge-config: nightly.invariant.depth = 64
    /// forge-config: nightly.invariant.fail-on-revert = true
    function invariant_nobody_withdraws_or_loses_but_by_the_rules() public view {
        require(handler.broken() == 0, "a rule was broken");
        for (uint256 who = 0; who < 4; ++who) {
            address at = handler.account(who);
            (uint256 leaving,) = vault.exitOf(at, address(token));
            uint256 stake = vault.freeOf(at, address(token)) + vault.lockedOf(at, address(token)) + leaving;
            require(stake == handler.stakeOf(at), "stake went another way than out, or by a slash of a lock");
            require(vault.awardOf(at, address(token)) == handler.awardOf(at), "an award from nowhere");
            require(token.balanceOf(at) == handler.paid(at), "paid twice, or not at all");
        }
        require(token.balanceOf(address(0xBAD)) == 0, "a stranger was paid");
    }

    /// forge-config: default.invariant.runs = 48
    /// forge-config: default.invariant.depth = 64
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: nightly.invariant.runs = 10000
    /// forge-config: nightly.invariant.depth = 64
    /// forge-config: nightly.invariant.fail-on-revert = true
    function invariant_what_is_locked_is_the_sum_of_the_locks() public view {
        for (uint256 who = 0; who < 4; ++who) {
            address at = handler.account(who);
            uint256 sum;
            for (uint256 by = 0; by < 3; ++by) {
                for (uint256 id = 0; id < 2; ++id) {
                    uint256 held = vault.lockOf(handler.controller(by), at, address(token), LockId.wrap(bytes32(id)));
                    require(held == handler.locks(at, by, id), "another lock than was made");
                    sum += held;
                }
            }
            require(sum == vault.lockedOf(at, address(token)), "locked beside the locks");
        }
    }

    /// The handler swallows refusals, so this shows that it can reach everything.
    function test_the_handler_can_play_stake_through() public {
        handler.deposit(0, 1000);
        handler.allow(0, 1, true);
        handler.lock(0, 1, 1, 600);
        handler.unlock(0, 1, 1, 100);
        handler.slash(0, 1, 1, 200, 2);
        handler.requestExit(0, 500);
        handler.cancelExit(0);
        handler.requestExit(0, 400);
        handler.wait(43_200);
        handler.withdraw(0);
        handler.wait(43_200);
        handler.withdraw(0);
        handler.collect(2);
        handler.intrude(0, 1, 100);
        string[8] memory actions = ["deposit", "lock", "unlock", "slash", "exit", "cancel", "withdraw", "collect"];
        for (uint256 i = 0; i < 8; ++i) {
            require(handler.done(actions[i]) != 0, actions[i]);
        }
        require(token.balanceOf(handler.account(0)) == 400 && token.balanceOf(handler.account(2)) == 200, "paid");
        require(handler.broken() == 0, "a rule was broken");
    }
}
