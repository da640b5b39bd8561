// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {HostileHandler} from "./support/HostileHandler.sol";

/// The handler of the hostile invariants swallows refusals, so this shows that it gets to the end of each way. Of a
/// season's rounds 3 and 2 are fair, 1 is under a panel of the hostiles, and 0 is their own.
contract HostileWaysTest {
    bool public constant IS_TEST = true;
    HostileHandler private handler;

    function setUp() public {
        handler = new HostileHandler();
    }

    function _check() private view {
        handler.checkBooks();
        handler.checkHonest();
    }

    function _ends() private {
        _check();
        handler.finish();
        _check();
    }

    function _played(string memory what) private view {
        require(handler.done(what) != 0, what);
    }

    function _wait(uint256 minutes_) private {
        for (uint256 i = 0; i < minutes_; ++i) {
            handler.wait(59);
        }
    }

    function test_hostile_seasons_end_right_for_the_honest() public {
        for (uint8 habits = 0; habits < 8; ++habits) {
            if (habits & 3 == 2) continue;
            setUp();
            handler.season(habits + 8);
            handler.fundPot(3, 0, 5, true);
            handler.fundPot(2, 1, 7, false);
            handler.proposeRight(3);
            handler.proposeRight(2);
            handler.ask(3, false, false);
            handler.wait(59);
            handler.ask(3, false, true);
            handler.wait(59);
            handler.wait(59);
            handler.settle(3);
            handler.settle(2);
            handler.pay(3, 0, 7);
            _check();
            handler.finish();
            _check();
            require(handler.done("settled") == 2 && handler.done("honest paid") == 2, "not settled");
            require(handler.done("forfeited") == 1, "no forfeit");
        }
        _played("answered");
        _played("late answer");
    }

    function test_every_lie_falls_to_a_proof_and_copiers_get_nothing() public {
        handler.season(0);
        for (uint256 kind = 0; kind < 4; ++kind) {
            handler.proposeWrong(3, kind, 0);
            handler.attack(3, kind);
            require(handler.done("attacked") == kind + 1, "a lie stood");
        }
        for (uint256 lie = 0; lie < 5; ++lie) {
            if (lie == 3) handler.season(3);
            handler.proposeWrong(2, lie, 0);
            handler.certify(2, true);
            _wait(2);
            require(handler.done("challenged") == lie + 1, "a lie was not challenged");
        }
        handler.slashAsIfModule(3, 1);
        _ends();
        handler.attack(3, 0);
        _check();
    }

    function test_a_proof_that_was_tried_in_vain_saves_no_lie() public {
        handler.season(2);
        handler.proposeWrong(2, 4, 0); // who doesn't count is taken in
        handler.attack(2, 1); // as if it were left out
        require(handler.done("attacked") == 0, "nobody is left out");
        handler.certify(2, true);
        _wait(2);
        require(handler.done("challenged") == 1, "a lie was not challenged");
        _ends();
    }

    function test_what_is_withheld_is_punished_and_what_nobody_holds_lapses() public {
        handler.season(1);
        _played("withheld");
        handler.proposeWrong(3, 0, 0);
        handler.wait(21);
        handler.lapse(3);
        _played("lapsed");
        handler.season(0);
        handler.proposeWrong(2, 1, 0);
        handler.certify(2, true);
        handler.ask(2, true, false);
        handler.ask(2, false, true);
        handler.wait(10);
        handler.punish(2, 1);
        handler.burnHolders(2);
        _played("silence");
        _played("holder burnt");
        _ends();
    }

    function test_what_the_hostiles_settle_among_themselves_pays_at_most_its_own_pot() public {
        handler.season(0);
        handler.fundPot(0, 2, 9, false);
        handler.proposeWrong(0, 0, 9);
        handler.certify(0, true);
        _wait(2);
        handler.settle(0);
        _played("unsound settled");
        handler.arm(0, 3);
        handler.pay(0, 1, 1);
        handler.pay(0, 1, 2);
        handler.returnRemainder(0, 1);
        _played("paid");
        _check();
        handler.finish();
        _played("over");
    }

    function test_a_hostile_panel_gets_no_further_than_its_pot() public {
        handler.season(0);
        for (uint256 right = 0; right < 2; ++right) {
            handler.proposeWrong(1, 0, uint96(49 + 50 * right));
            handler.certify(1, true);
            handler.attest(1, right == 1);
            if (right == 0) {
                handler.decide(1, 0);
                handler.decide(1, 1);
                handler.decide(1, 5);
            }
            handler.wait(11);
            if (right == 0) handler.decide(1, 3);
            _check();
        }
        _wait(2);
        handler.settle(1);
        handler.pay(1, 2, 0);
        string[5] memory ways = ["attested", "appealed", "ruled", "panel settled", "paid by root"];
        for (uint256 i = 0; i < 5; ++i) {
            _played(ways[i]);
        }
        handler.season(0);
        handler.proposeWrong(1, 0, 0);
        handler.certify(1, true);
        handler.attest(1, false);
        handler.wait(11);
        handler.decide(1, 3);
        _played("carried out");
        handler.proposeWrong(1, 0, 0);
        handler.attest(1, true);
        handler.decide(1, 0);
        handler.wait(21);
        handler.lapse(1);
        handler.decide(1, 6);
        _ends();
    }

    function test_an_owner_takes_nothing_back_that_is_earned() public {
        handler.fundDistribution(1, 5 ether);
        handler.reign(0);
        handler.postWrong(1, 2 ether, 2 ether);
        handler.unpost(1, 0);
        handler.postRight(1, 1 ether);
        handler.day(1);
        _played("claimed");
        handler.postWrong(1, 2 ether, 2 ether);
        handler.day(1);
        handler.claim(1, 2 ether);
        handler.unpost(1, 1);
        handler.quarter();
        handler.unpost(1, 2);
        handler.reign(2);
        handler.reign(1);
        for (uint256 what = 0; what < 5; ++what) {
            if (what < 4) handler.guard(what, 0);
        }
        string[6] memory ways = ["cancelled", "claimed wrong", "announced", "swept", "transferred", "stopped"];
        for (uint256 i = 0; i < 6; ++i) {
            _played(ways[i]);
        }
        _ends();
    }

    function test_a_stopped_deployment_lets_everybody_out() public {
        handler.season(17);
        handler.fundPot(3, 2, 3, true);
        handler.blockSomebody(0, true);
        handler.blockSomebody(3, true);
        handler.raid(0);
        handler.proposeRight(2);
        for (uint256 what = 0; what < 5; ++what) {
            handler.guard(what, 3);
        }
        handler.proposeRight(3);
        _wait(3);
        handler.settle(2);
        handler.refund(3, 0, false);
        _played("frozen");
        _played("frozen round");
        require(handler.done("right proposal") == 1, "proposed although it was stopped");
        _ends();
        require(handler.done("settled") == 1 && handler.done("forfeited") == 1, "a way out is shut");
    }

    function test_a_coordinator_that_concludes_has_its_bond_back() public {
        handler.season(8);
        handler.conclude(0);
        handler.wait(51);
        handler.conclude(0);
        handler.raid(0);
        _played("concluded");
        _ends();
        require(handler.done("forfeited") == 0, "a bond was taken");
    }
}
