// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {HostileHandler} from "./support/HostileHandler.sol";

/// Several rounds at once over several tokens, with sponsors, proposers, participants, panels, owners, coordinators,
/// strangers and a guardian who take what they can (T-37 to T-46).
contract HostileInvariantsTest {
    bool public constant IS_TEST = true;
    HostileHandler private handler;

    function setUp() public {
        handler = new HostileHandler();
        handler.season(9);
    }

    struct Selectors {
        address at;
        bytes4[] selectors;
    }

    /// What ends everything isn't played in between.
    function excludeSelectors() public view returns (Selectors[] memory left) {
        left = new Selectors[](1);
        left[0] = Selectors(address(handler), new bytes4[](1));
        left[0].selectors[0] = handler.finish.selector;
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Both in one: what comes before is dear, and the same.
    function invariant_books_balance_and_nobody_honest_loses_what_it_was_promised() public view {
        handler.checkBooks();
        handler.checkHonest();
    }

    /// However it went, everybody gets out.
    function afterInvariant() public {
        handler.finish();
        handler.checkBooks();
        handler.checkHonest();
    }
}
