// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title What a search for one wrong chunk needs: its steps, and so its time and its money (F-17)
library StakeRules {
    /// Questions that a watcher asks at a time; each step of its search leaves at most a quarter of the chunks.
    uint256 internal constant AT_ONCE = 4;
    uint256 private constant CHUNK = 256;
    uint256 private constant FAN_IN = 32;

    /// @return how many levels of nodes a tree over that many updates has at most.
    function depthOf(uint256 participants) internal pure returns (uint256) {
        uint256 depth = 1;
        for (uint256 most = FAN_IN; most < participants; most *= FAN_IN) {
            ++depth;
        }
        return depth;
    }

    /// @return how many questions, one after another, find a wrong chunk of a result that nobody lays open: one per
    ///         level of the tree, and one per quarter that the chunks can be divided into.
    function stepsOf(uint256 participants, uint256 vectorLength) internal pure returns (uint256) {
        uint256 chunks = (vectorLength - 1) / CHUNK + 1;
        uint256 steps = depthOf(participants) + 1;
        for (uint256 left = 1; left < chunks; left *= 4) {
            ++steps;
        }
        return steps;
    }

    /// @return the shortest dispute window in which such a search ends, whoever answers at the last second: its steps,
    ///         one window to see the first answer coming, and two that end before disputes do.
    function leastDispute(uint256 participants, uint256 vectorLength, uint256 answerWindow)
        internal
        pure
        returns (uint256)
    {
        return (stepsOf(participants, vectorLength) + 3) * answerWindow;
    }

    /// @return the least proposer's stake of which half pays for all the bonds of such a search.
    function leastProposerStake(uint256 participants, uint256 vectorLength, uint256 bond)
        internal
        pure
        returns (uint256)
    {
        return 2 * AT_ONCE * stepsOf(participants, vectorLength) * bond;
    }
}
