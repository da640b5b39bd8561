// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title What a search for one wrong chunk needs: its steps, and so its time and its money (F-17)
library StakeRules {
    /// Questions that a watcher asks at a time; each step of its search leaves at most a quarter of the chunks.
    uint256 internal constant AT_ONCE = 4;
    uint256 private constant CHUNK = 256;
    /// Levels that a tree may have, whatever its size (F-8), and one for the chunk itself.
    uint256 private constant MIN_STEPS = 5;

    /// @return steps how many questions, one after another, find a wrong chunk of a result that nobody lays open: one per
    ///         level of the tree, one for the chunk, and one per quarter that the chunks can be divided into.
    function stepsOf(uint256 vectorLength) internal pure returns (uint256 steps) {
        uint256 chunks = (vectorLength - 1) / CHUNK + 1;
        steps = MIN_STEPS;
        for (uint256 left = 1; left < chunks; left *= 4) {
            ++steps;
        }
    }

    /// @return the shortest dispute window in which such a search ends, whoever answers at the last second: its steps,
    ///         one window to see the first answer coming, and two that end before disputes do.
    function leastDispute(uint256 vectorLength, uint256 answerWindow) internal pure returns (uint256) {
        return (stepsOf(vectorLength) + 3) * answerWindow;
    }

    /// @return the least proposer's stake of which half pays for all the bonds of such a search.
    function leastProposerStake(uint256 vectorLength, uint256 bond) internal pure returns (uint256) {
        return 2 * AT_ONCE * stepsOf(vectorLength) * bond;
    }
}
