// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {HiddenRounds} from "../../contracts/privacy/HiddenRounds.sol";
import {HiddenGroup, Member} from "../../contracts/types/HiddenTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {HiddenHandler} from "./support/HiddenHandler.sol";

/// Whatever is called in whatever order: of each member one secret at most, none before survivors are written down, and
/// those never change.
contract HiddenInvariantsTest {
    bool public constant IS_TEST = true;

    HiddenHandler private handler;
    HiddenRounds private hidden;
    RoundId private id;

    function setUp() public {
        handler = new HiddenHandler();
        (hidden, id) = (handler.contracts(), handler.roundId());
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// One campaign for all of them: each would play its own rounds.
    function invariant_secrets_survivors_and_losses() public view {
        _one_secret_of_each_at_most_and_the_right_one();
        _nothing_is_opened_before_survivors_are_written_down();
        _survivors_never_change();
        _no_more_is_lost_than_was_revealed();
        _a_group_is_open_when_nothing_of_it_is_missing();
        _nothing_is_proposed_while_a_group_waits();
    }

    function _one_secret_of_each_at_most_and_the_right_one() private view {
        for (uint256 i = 0; i < handler.SEATS(); ++i) {
            Member memory m = hidden.memberOf(id, handler.account(i));
            require(!(m.seedOpened && m.keyOpened), "both secrets are open");
            if (!m.seedOpened && !m.keyOpened) continue;
            require(m.seedOpened == handler.revealedBy(i), "the wrong secret is open");
            require(m.shareRoot != 0, "nothing was shared");
        }
    }

    function _nothing_is_opened_before_survivors_are_written_down() private view {
        require(handler.openedEarly() == 0, "opened early");
        for (uint256 i = 0; i < handler.SEATS(); ++i) {
            require(handler.seedsOpened(i) + handler.keysOpened(i) <= 1, "opened twice");
        }
    }

    function _survivors_never_change() private view {
        for (uint256 group = 0; group < hidden.groupCount(id); ++group) {
            if (!hidden.isFrozen(id, group)) continue;
            require(handler.recordOf(group) == handler.frozenAs(group), "survivors changed");
            HiddenGroup memory g = hidden.groupOf(id, group);
            require(g.survivors & ~g.active == 0 && !(g.open && g.stranded), "a group is two things");
        }
    }

    function _no_more_is_lost_than_was_revealed() private view {
        require(hidden.lostOf(id) <= handler.revealedCount(), "more is lost than was revealed");
    }

    function _a_group_is_open_when_nothing_of_it_is_missing() private view {
        for (uint256 group = 0; group < hidden.groupCount(id); ++group) {
            HiddenGroup memory g = hidden.groupOf(id, group);
            if (!g.open) continue;
            for (uint256 place = 0; place < g.members.length; ++place) {
                if (g.survivors >> place & 1 == 1) require(g.published[place].seedOpened, "a seed is missing");
            }
        }
    }

    function _nothing_is_proposed_while_a_group_waits() private view {
        require(handler.proposedWaiting() == 0, "proposed while it waited");
    }
}
