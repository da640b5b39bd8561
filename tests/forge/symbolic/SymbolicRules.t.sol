// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Bitmaps} from "../../../contracts/libraries/Bitmaps.sol";
import {StakeRules} from "../../../contracts/libraries/StakeRules.sol";

/// What libraries say, called from outside.
contract RulesCaller {
    function heldByAtLeast(uint256[][] calldata held, uint256 quorum) external pure returns (uint256) {
        return Bitmaps.heldByAtLeast(held, 0, quorum);
    }

    function stepsOf(uint256 length) external pure returns (uint256) {
        return StakeRules.stepsOf(length);
    }

    function least(uint64 length, uint32 window, uint128 bond) external pure {
        StakeRules.leastDispute(length, window);
        StakeRules.leastProposerStake(length, bond);
    }
}

/// For all inputs, by halmos: `make symbolic`.
contract SymbolicRulesCheck {
    RulesCaller private immutable rules = new RulesCaller();

    function _counted(uint256 bit, uint256[][] memory held) private pure returns (uint256 number) {
        for (uint256 i = 0; i < held.length; ++i) {
            number += held[i][0] >> bit & 1;
        }
    }

    function _checkHeld(uint8 bit, uint256[] memory words) private view {
        uint256[][] memory held = new uint256[][](words.length);
        for (uint256 i = 0; i < words.length; ++i) {
            held[i] = new uint256[](1);
            held[i][0] = words[i];
        }
        uint256 number = _counted(bit, held);
        for (uint256 quorum = 0; quorum <= words.length + 1; ++quorum) {
            assert((rules.heldByAtLeast(held, quorum) >> bit & 1 == 1) == (number >= quorum));
        }
    }

    function check_a_seat_of_two_holders_is_held_as_often_as_it_is_counted(uint8 bit, uint256 a, uint256 b)
        public
        view
    {
        uint256[] memory words = new uint256[](2);
        (words[0], words[1]) = (a, b);
        _checkHeld(bit, words);
    }

    function check_a_seat_of_four_holders_is_held_as_often_as_it_is_counted(
        uint8 bit,
        uint256 a,
        uint256 b,
        uint256 c,
        uint256 d
    ) public view {
        uint256[] memory words = new uint256[](4);
        (words[0], words[1], words[2], words[3]) = (a, b, c, d);
        _checkHeld(bit, words);
    }

    function check_one_more_value_needs_no_fewer_steps(uint64 length) public view {
        if (length == 0) return;
        assert(rules.stepsOf(length) <= rules.stepsOf(uint256(length) + 1));
    }

    /// With the longest window and the largest bond; smaller ones give less.
    function check_floors_never_overflow(uint64 length) public view {
        if (length == 0) return;
        try rules.least(length, type(uint32).max, type(uint128).max) {}
        catch {
            assert(false);
        }
    }
}
