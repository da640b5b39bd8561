// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {DisputeHandler} from "./support/DisputeHandler.sol";

/// Whatever honest and hostile actors do in whatever order.
contract DisputeInvariantsTest {
    bool public constant IS_TEST = true;
    DisputeHandler private handler;

    function setUp() public {
        handler = new DisputeHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_the_vault_holds_what_it_owes() public view {
        require(handler.isSolvent(), "the vault's balance differs from what it owes");
    }

    function invariant_nobody_honest_is_slashed() public view {
        require(handler.honestKeptTheirs(), "an honest account lost stake");
    }

    function invariant_a_wrong_proposal_that_is_challenged_in_time_never_becomes_final() public view {
        require(handler.wronglyFinal() == 0, "a wrong proposal became final");
    }

    /// The handler swallows refusals, so this shows that it gets to the end of each way.
    function test_the_handler_plays_every_way_through() public {
        for (uint256 kind = 0; kind < 4; ++kind) {
            handler.proposeWrong(kind);
            require(handler.standsWrong(), "nothing wrong was proposed");
            handler.attack(kind);
            handler.challenge();
            require(handler.challenged(), "a wrong proposal was not rejected");
        }
        handler.proposeWrong(0);
        handler.certify();
        handler.ask(1);
        handler.wait(39);
        handler.punish(0);
        require(handler.punished() == 1, "silence was not punished");
        handler.proposeWrong(0);
        handler.wait(39);
        handler.lapse();
        require(handler.lapsed() == 1, "what nobody holds did not lapse");
        handler.proposeRight();
        handler.certify();
        handler.ask(1);
        handler.ask(2);
        handler.wait(39);
        handler.wait(39);
        handler.wait(39);
        handler.settle();
        require(handler.settled() == 1, "a right proposal did not settle");
        handler.start();
        handler.proposeRight();
        require(!handler.standsWrong(), "a second round did not start");
    }
}
