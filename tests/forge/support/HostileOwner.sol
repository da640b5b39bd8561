// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "../../../contracts/interfaces/IEmergencyStop.sol";
import {IPayoutDistributor} from "../../../contracts/interfaces/IPayoutDistributor.sol";
import {HostileMoney} from "./HostileMoney.sol";

/// The owner of a model, who would rather keep what it owes; and a guardian that stops everything.
abstract contract HostileOwner is HostileMoney {
    /// What CARL is to have in all by the root that HELPER posted last, by token.
    mapping(uint256 coin => uint256) internal _right;

    function fundDistribution(uint256 coin, uint96 amount) external {
        coin %= 3;
        vm.startPrank(master);
        coins[coin].approve(address(distributor), amount % 10 ether);
        try distributor.fund(theirs, address(coins[coin]), amount % 10 ether) {
            ++done["distribution funded"];
        } catch {}
        vm.stopPrank();
    }

    /// A publisher posts what is right: some of what is left is CARL's.
    function postRight(uint256 coin, uint96 part) external {
        coin %= 3;
        address money = address(coins[coin]);
        IPayoutDistributor.Distribution memory totals = distributor.distributionOf(theirs, money);
        uint256 left = totals.funded - totals.paid;
        if (left == 0) return;
        uint256 cumulative = distributor.claimedOf(theirs, money, CARL) + 1 + part % left;
        vm.prank(HELPER);
        try distributor.postRoot(theirs, money, payoutLeaf(CARL, cumulative), 0, "list") {
            _right[coin] = cumulative;
            ++done["posted"];
        } catch {}
    }

    /// The owner posts what it likes.
    function postWrong(uint256 coin, uint96 amount, uint96 total) external {
        vm.prank(master);
        try distributor.postRoot(theirs, address(coins[coin % 3]), payoutLeaf(STRANGER, amount), total, "list") {
            ++done["posted wrong"];
        } catch {}
        vm.prank(STRANGER);
        try distributor.postRoot(theirs, address(coins[coin % 3]), payoutLeaf(STRANGER, amount), 0, "list") {
            ++broken;
        } catch {}
    }

    function claim(uint256 coin, uint96 amount) external {
        address money = address(coins[coin % 3]);
        bytes32 root = payoutLeaf(STRANGER, amount);
        try distributor.claim(theirs, money, root, STRANGER, amount, new bytes32[](0)) {
            ++done["claimed wrong"];
        } catch {}
    }

    function unpost(uint256 coin, uint256 what) external {
        address money = address(coins[coin % 3]);
        vm.startPrank(master);
        if (what % 3 == 0) {
            try distributor.cancelRoot(theirs, money) {
                ++done["cancelled"];
            } catch {}
        }
        if (what % 3 == 1) {
            try distributor.announceSweep(theirs, money) {
                ++done["announced"];
            } catch {}
        }
        if (what % 3 == 2) {
            try distributor.sweep(theirs, money, STRANGER) {
                ++done["swept"];
            } catch {}
        }
        vm.stopPrank();
    }

    /// The owner names and dismisses publishers, and hands the model to a friend and back.
    function reign(uint256 what) external {
        vm.startPrank(master);
        bool helps = registry.isPublisher(theirs, HELPER);
        if (what % 3 == 0 && !helps) registry.addPublisher(theirs, HELPER);
        if (what % 3 == 1 && helps) registry.removePublisher(theirs, HELPER);
        if (what % 3 == 2) {
            address next = master == MASTER ? HEIR : MASTER;
            registry.transferModel(theirs, next);
            vm.startPrank(next);
            registry.acceptModel(theirs);
            master = next;
            if (registry.isPublisher(theirs, HELPER)) ++broken;
            ++done["transferred"];
        }
        vm.stopPrank();
    }

    function guard(uint256 what, uint256 which) external {
        vm.startPrank(GUARDIAN);
        if (what % 5 < 3) {
            try emergencyStop.stop(IEmergencyStop.Part(what % 5)) {
                ++done["stopped"];
            } catch {}
        }
        if (what % 5 == 3) {
            try emergencyStop.freezeToken(address(coins[which % 3])) {
                ++done["frozen"];
            } catch {}
        }
        if (what % 5 == 4) {
            try emergencyStop.freezeRound(_pick(which).id) {
                ++done["frozen round"];
            } catch {}
        }
        vm.stopPrank();
    }

    /// CARL claims in the moment in which its root's time has come: nothing that was done until then takes it away, but
    /// that the poster was dismissed, or that less is left than it is owed.
    function _claimRight(uint256 coin) internal {
        address money = address(coins[coin]);
        IPayoutDistributor.PendingRoot memory pending = distributor.pendingRootOf(theirs, money);
        bool mine = pending.root == payoutLeaf(CARL, _right[coin]);
        if (!mine || block.timestamp < pending.activatesAt || !registry.isPublisher(theirs, HELPER)) return;
        uint256 owed = _right[coin] - distributor.claimedOf(theirs, money, CARL);
        IPayoutDistributor.Distribution memory totals = distributor.distributionOf(theirs, money);
        if (owed > totals.funded - totals.paid) return;
        if (coin == 1) hook.arm(address(0), "");
        vm.prank(master);
        try distributor.cancelRoot(theirs, money) {
            ++broken;
        } catch {}
        due[coins[coin]][CARL] += owed;
        try distributor.claim(theirs, money, pending.root, CARL, _right[coin], new bytes32[](0)) {
            ++done["claimed"];
        } catch {
            ++broken;
        }
    }

    /// When the next root's time comes, at the latest at `until`.
    function _nextRoot(uint256 until) internal view returns (uint256 next) {
        next = until;
        for (uint256 coin = 0; coin < 3; ++coin) {
            uint256 at = distributor.pendingRootOf(theirs, address(coins[coin])).activatesAt;
            if (at > block.timestamp && at < next) next = at;
        }
    }

    function _leftIn(address coin) internal view returns (uint256) {
        IPayoutDistributor.Distribution memory totals = distributor.distributionOf(theirs, coin);
        return totals.funded - totals.paid;
    }
}
