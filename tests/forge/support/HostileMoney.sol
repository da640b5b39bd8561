// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IForfeits} from "../../../contracts/interfaces/IForfeits.sol";
import {IWeightedPayouts} from "../../../contracts/interfaces/IWeightedPayouts.sol";
import {Leaf} from "../../../contracts/types/DisputeTypes.sol";
import {Phase, Result, RevealLeaf, RoundId} from "../../../contracts/types/RoundTypes.sol";
import {HostilePanel} from "./HostilePanel.sol";

/// Pots of rounds under stake, and the bonds of coordinators without one.
abstract contract HostileMoney is HostilePanel {
    // --- pots ---------------------------------------------------------------------------------

    /// An honest fan, or a stranger, puts something up.
    function fundPot(uint256 which, uint256 coin, uint96 amount, bool fan) external {
        Play storage p = _pick(which);
        IERC20 money = coins[coin % 3];
        uint256 given = 1 + amount % 5 ether;
        vm.startPrank(fan ? FAN : STRANGER);
        money.approve(address(pots), given);
        try pots.fund(p.id, address(money), given) {
            ++done["funded"];
        } catch {}
        vm.stopPrank();
    }

    /// Anyone pays anyone of a settled round, and tries to have it twice, or more than there is.
    function pay(uint256 which, uint256 coin, uint8 whom) external {
        Play storage p = _pick(which);
        address money = address(coins[coin % 3]);
        try pots.pay(p.id, money, p.made, _groupOf(p, whom)) {
            ++done["paid"];
        } catch {}
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = payoutLeaf(PROPOSER, 70);
        try pots.payByRoot(p.id, money, p.made, STRANGER, 30, proof) {
            ++done["paid by root"];
        } catch {}
        proof[0] = payoutLeaf(STRANGER, 30);
        try pots.payByRoot(p.id, money, p.made, PROPOSER, 70, proof) {} catch {}
    }

    function _groupOf(Play storage p, uint256 which) private view returns (IWeightedPayouts.Group memory) {
        Leaf[] memory leaves = leavesOf(p.count, p.lie);
        return IWeightedPayouts.Group(pathTo(p.made.top), leaves, which);
    }

    function returnRemainder(uint256 which, uint256 coin) external {
        Play storage p = _pick(which);
        try pots.returnRemainder(p.id, address(coins[coin % 3]), p.made) {
            ++done["rest"];
        } catch {}
    }

    function refund(uint256 which, uint256 coin, bool stranger) external {
        Play storage p = _pick(which);
        try pots.refund(p.id, address(coins[coin % 3]), stranger ? STRANGER : OWNER) {
            ++done["refunded"];
        } catch {}
    }

    function collect(uint256 coin, uint256 who) external {
        try pots.collect(address(coins[coin % 3]), participantOf(who % SEATS)) {
            ++done["collected"];
        } catch {}
    }

    /// The honest are paid by weight as soon as a round has settled, in every token that was put up.
    function _payHonest(Play storage p) internal {
        p.paid = true;
        for (uint256 c = 0; c < 3; ++c) {
            IWeightedPayouts.Pot memory pot = pots.potOf(p.id, address(coins[c]));
            for (uint256 i = 0; i < HONEST_SEATS && pot.amount != 0; ++i) {
                address who = participantOf(i);
                due[coins[c]][who] += uint256(pot.amount) * weightOf(i) / p.made.top.weight;
                if (pots.isPaid(p.id, address(coins[c]), who)) continue;
                try pots.pay(p.id, address(coins[c]), p.made, _groupOf(p, 1 << i)) {}
                catch {
                    ++broken;
                }
            }
        }
        ++done["honest paid"];
    }

    /// A voided round gives the fan its own.
    function _refundFan(Play storage p) internal {
        for (uint256 c = 0; c < 3; ++c) {
            uint256 amount = pots.fundedBy(p.id, address(coins[c]), FAN);
            if (amount == 0) continue;
            uint256 before = _hasOf(coins[c], FAN);
            try pots.refund(p.id, address(coins[c]), FAN) {} catch {}
            if (_hasOf(coins[c], FAN) != before + amount) ++broken;
        }
    }

    function _hasOf(IERC20 coin, address who) internal view returns (uint256) {
        return coin.balanceOf(who) + pots.keptFor(address(coin), who);
    }

    // --- tokens -------------------------------------------------------------------------------

    function blockSomebody(uint256 who, bool blocked) external {
        blocking.setBlocked(who % 4 == 3 ? FAN : participantOf(who % 4), blocked);
    }

    /// The token calls back into whatever pays, when it is next sent.
    function arm(uint256 which, uint256 what) external {
        Play storage p = _pick(which);
        address money = address(hook);
        if (what % 5 == 0) hook.arm(address(pots), abi.encodeCall(pots.collect, (money, participantOf(LIAR))));
        if (what % 5 == 1) hook.arm(address(pots), abi.encodeCall(pots.refund, (p.id, money, MASTER)));
        if (what % 5 == 2) hook.arm(address(pots), abi.encodeCall(pots.returnRemainder, (p.id, money, p.made)));
        if (what % 5 == 3) hook.arm(address(pots), abi.encodeCall(pots.pay, (p.id, money, p.made, _groupOf(p, 24))));
        if (what % 5 == 4) hook.arm(address(staked), abi.encodeCall(staked.settle, (p.id, termsOf(p), p.made)));
    }

    /// Before much time passes no token is in anybody's way any more.
    function _calm() internal {
        hook.arm(address(0), "");
        blocking.setBlocked(FAN, false);
        for (uint256 i = 0; i < HONEST_SEATS; ++i) {
            blocking.setBlocked(participantOf(i), false);
        }
    }

    // --- rounds without stake -----------------------------------------------------------------

    function _pickBare(uint256 which) private view returns (Bare storage) {
        require(bare.length != 0, "no round yet");
        return bare[bare.length - 1 - which % bare.length];
    }

    /// The coordinator comes to a result after all, of which nothing is true.
    function conclude(uint256 which) external {
        RoundId id = _pickBare(which).id;
        vm.prank(rounds.roundOf(id).coordinator);
        try rounds.proposeResult(id, Result("r", "v", "d", 2, 1)) {} catch {}
        try rounds.finalise(id) {
            ++done["concluded"];
        } catch {}
    }

    /// A stranger collects for a leaf that the coordinator made up, or the coordinator takes its bond out.
    function raid(uint256 which) external {
        RoundId id = _pickBare(which).id;
        Leaf memory own = _leaves[0];
        RevealLeaf memory leaf = RevealLeaf(own.participant, own.updateRoot, own.contentDigest, own.weight);
        try forfeits.collectFromBatch(address(rounds), id, 0, leaf, new bytes32[](0)) {
            ++broken; // it revealed by itself
        } catch {}
        try forfeits.collect(address(rounds), id, STRANGER) {
            ++broken;
        } catch {}
        try forfeits.withdraw(address(rounds), id) {} catch {}
        try pool.withdrawRefund(address(rounds), id) {} catch {}
    }

    /// Whoever revealed in a round of which nothing came collects.
    function _closeBare(Bare storage b) internal {
        Phase phase = rounds.phaseOf(b.id);
        if (phase == Phase.Proposed || phase == Phase.Finalised) {
            try rounds.finalise(b.id) {} catch {}
        } else {
            if (block.timestamp < rounds.roundOf(b.id).proposalDeadline) return;
            if (phase == Phase.Proposal) rounds.voidRound(b.id);
        }
        if (rounds.phaseOf(b.id) == Phase.Finalised) {
            b.over = true;
            ++done["concluded"];
            return;
        }
        if (rounds.phaseOf(b.id) != Phase.Voided) return;
        if (b.coin == 2) _calm();
        if (b.coin == 1) hook.arm(address(0), "");
        for (uint256 i = 0; i < 2; ++i) {
            due[coins[b.coin]][participantOf(i)] += EACH;
            try forfeits.collect(address(rounds), b.id, participantOf(i)) {}
            catch {
                if (!forfeits.hasCollected(address(rounds), b.id, participantOf(i))) ++broken;
            }
        }
        b.over = true;
        ++done["forfeited"];
    }

    function _bonds(address coin) internal view returns (uint256 sum) {
        for (uint256 i = 0; i < bare.length; ++i) {
            IForfeits.Bond memory bond = forfeits.bondOf(address(rounds), bare[i].id);
            if (bond.token == coin) sum += bond.left;
        }
    }
}
