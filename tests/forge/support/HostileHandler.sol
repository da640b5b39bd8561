// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IQuestions} from "../../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../../contracts/interfaces/IStakedRounds.sol";
import {IWeightedPayouts} from "../../../contracts/interfaces/IWeightedPayouts.sol";
import {QuestionKind} from "../../../contracts/types/DisputeTypes.sol";
import {Phase} from "../../../contracts/types/RoundTypes.sol";
import {HostileOwner} from "./HostileOwner.sol";

/// What the honest do before time passes, and what has to be true whatever the hostile did.
contract HostileHandler is HostileOwner {
    /// No step is longer than what an answer has time for.
    uint256 private constant STEP = ANSWER - 1;

    // --- time ---------------------------------------------------------------------------------

    function wait(uint8 time) external {
        _pass(time % 60);
    }

    /// Long enough for a root that waits.
    function day(uint8 many) external {
        if (_nextRoot(type(uint256).max) == type(uint256).max) return;
        _calm();
        _pass((1 + uint256(many) % 3) * 12 hours);
    }

    /// Long enough for a sweep that was announced.
    function quarter() external {
        bool announced;
        for (uint256 c = 0; c < 3; ++c) {
            if (distributor.distributionOf(theirs, address(coins[c])).claimsEnd != 0) announced = true;
        }
        if (!announced) return;
        _calm();
        _pass(90 days);
    }

    function _freed() internal override {
        _resumeAll();
        _calm();
    }

    function _pass(uint256 time) internal override {
        uint256 end = block.timestamp + time;
        while (true) {
            uint256 next = _duties(end);
            if (block.timestamp >= end) return;
            vm.warp(next);
        }
    }

    /// Returns when the honest have to look again.
    function _duties(uint256 end) private returns (uint256 next) {
        for (uint256 coin = 0; coin < 3; ++coin) {
            _claimRight(coin);
        }
        next = _nextRoot(end);
        for (uint256 i = 0; i < plays.length; ++i) {
            if (plays[i].over) continue;
            uint256 at = _dutiesOf(plays[i]);
            if (at < next) next = at;
        }
        for (uint256 i = 0; i < bare.length; ++i) {
            if (bare[i].over) continue;
            _closeBare(bare[i]);
            uint256 at = rounds.roundOf(bare[i].id).proposalDeadline;
            if (at <= block.timestamp) at = block.timestamp + STEP;
            if (!bare[i].over && at < next) next = at;
        }
    }

    function _dutiesOf(Play storage p) private returns (uint256) {
        IStakedRounds.StakedRound memory r = staked.stakedRoundOf(p.id);
        if (r.settled && p.fair && p.lie == 0 && !p.paid) _payHonest(p);
        if (r.settled) return _close(p);
        if (block.timestamp >= r.proposalDeadline) {
            if (rounds.phaseOf(p.id) != Phase.Voided) rounds.voidRound(p.id);
            _refundFan(p);
            return _close(p);
        }
        if (r.proposer == address(0)) return r.proposalDeadline;
        if (r.proposer == HONEST) {
            if (r.endsAt == 0) _certify(p, false);
            _answerAll(p);
        } else if (p.fair && r.endsAt != 0 && block.timestamp + STEP >= r.endsAt) {
            if (_challenge(p)) ++done["challenged"];
            else ++broken;
        }
        return block.timestamp + STEP;
    }

    function _answerAll(Play storage p) private {
        for (uint256 q = 0;; ++q) {
            try questions.questionOf(p.id, q) returns (IQuestions.Question memory question) {
                if (!question.open || question.accountable != HONEST) continue;
                if (question.kind == QuestionKind.Node) {
                    try questions.answerNode(p.id, termsOf(p), q, pathTo(p.made.top), childrenFor(p)) {} catch {}
                } else {
                    try questions.answerChunk(p.id, termsOf(p), q, _rightChunk[p.count]) {} catch {}
                }
                ++done["answered"];
            } catch {
                return;
            }
        }
    }

    // --- the end of a round -------------------------------------------------------------------

    /// Everybody takes out what it has in a round that is over.
    function _close(Play storage p) private returns (uint256) {
        p.over = true;
        for (uint256 i = 0; i < SEATS; ++i) {
            _release(p, participantOf(i));
        }
        address[4] memory others = [HONEST, PROPOSER, address(0xC0), address(0xC1)];
        for (uint256 i = 0; i < 4; ++i) {
            _release(p, others[i]);
        }
        bool open = true;
        for (uint256 q = 0; open; ++q) {
            try questions.questionOf(p.id, q) {
                try questions.closeQuestion(p.id, termsOf(p), q) {} catch {}
            } catch {
                open = false;
            }
        }
        ++done["over"];
        return type(uint256).max;
    }

    function _release(Play storage p, address who) private {
        try staked.releaseStake(p.id, who, termsOf(p)) {} catch {}
    }

    /// Time goes on until everything is over, and everybody takes out what is left, whatever is stopped.
    function finish() external {
        _calm();
        _pass(1 days);
        for (uint256 i = 0; i < plays.length; ++i) {
            require(plays[i].over, "a round without an end");
        }
        for (uint256 c = 0; c < 3; ++c) {
            _collectAll(c);
        }
        vm.warp(block.timestamp + 181 days);
        for (uint256 c = 0; c < 3; ++c) {
            for (uint256 i = 0; i < plays.length; ++i) {
                _empty(plays[i], address(coins[c]));
            }
            _collectAll(c);
            require(pots.owed(address(coins[c])) == 0, "a pot keeps something");
        }
    }

    function _collectAll(uint256 c) private {
        address[12] memory all = _everybody();
        for (uint256 i = 0; i < 12; ++i) {
            if (pots.keptFor(address(coins[c]), all[i]) != 0) pots.collect(address(coins[c]), all[i]);
            require(coins[c].balanceOf(all[i]) >= due[coins[c]][all[i]], "less than it was promised");
        }
    }

    function _empty(Play storage p, address coin) private {
        address[4] memory funders = [OWNER, MASTER, STRANGER, FAN];
        for (uint256 i = 0; i < 4; ++i) {
            try pots.refund(p.id, coin, funders[i]) {} catch {}
        }
        try pots.returnRemainder(p.id, coin, p.made) {} catch {}
    }

    // --- what has to be true ------------------------------------------------------------------

    function _everybody() private pure returns (address[12] memory all) {
        for (uint256 i = 0; i < SEATS; ++i) {
            all[i] = participantOf(i);
        }
        (all[6], all[7], all[8], all[9], all[10], all[11]) = (HONEST, FAN, CARL, OWNER, MASTER, STRANGER);
    }

    /// Of the vault, each pot, each distribution and each custody: what is there is what is owed.
    function checkBooks() external view {
        require(vault.owed(address(token)) == token.balanceOf(address(vault)), "vault");
        require(_held() + award(BURNT) == vault.owed(address(token)), "stake went to nobody's account");
        for (uint256 c = 0; c < 3; ++c) {
            address coin = address(coins[c]);
            require(coins[c].balanceOf(address(pots)) == pots.owed(coin), "pots");
            require(_potsOf(coin) == pots.owed(coin), "one pot pays with another's");
            require(coins[c].balanceOf(address(distributor)) == _leftIn(coin), "distributions");
            require(coins[c].balanceOf(address(pool)) == pool.accounted(coin), "pool");
            require(coins[c].balanceOf(address(forfeits)) == forfeits.accounted(coin), "forfeits");
            require(_bonds(coin) == forfeits.accounted(coin), "bonds");
            require(pots.keptFor(coin, BURNT) == 0 && coins[c].balanceOf(BURNT) == 0, "burnt from a pot");
        }
    }

    function _held() private view returns (uint256 sum) {
        address[12] memory all = _everybody();
        for (uint256 i = 0; i < 12; ++i) {
            sum += holding(all[i]);
        }
        sum += holding(PROPOSER) + holding(WATCHER) + holding(address(0xC0)) + holding(address(0xC1));
    }

    function _potsOf(address coin) private view returns (uint256 sum) {
        for (uint256 i = 0; i < plays.length; ++i) {
            IWeightedPayouts.Pot memory pot = pots.potOf(plays[i].id, coin);
            require(pot.paid <= pot.amount, "a pot pays more than it holds");
            if (!pot.remainderPaid) sum += pot.amount - pot.paid;
        }
        address[12] memory all = _everybody();
        for (uint256 i = 0; i < 12; ++i) {
            sum += pots.keptFor(coin, all[i]);
        }
    }

    /// Stake is whole, promises are kept, and nothing came about that must not.
    function checkHonest() external view {
        require(broken == 0, "something came about that must not");
        for (uint256 i = 0; i < HONEST_SEATS; ++i) {
            require(holding(participantOf(i)) >= FUNDS, "a participant lost stake");
            for (uint256 c = 0; c < 3; ++c) {
                require(_hasOf(coins[c], participantOf(i)) >= due[coins[c]][participantOf(i)], "unpaid");
            }
        }
        require(holding(HONEST) >= FUNDS, "an honest proposer lost stake");
        require(holding(WATCHER) + spent >= FUNDS, "a challenger lost stake");
    }
}
