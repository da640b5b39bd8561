// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title A feed that says whether a rollup's sequencer is up, in the form that Chainlink's have
interface IUptimeFeed {
    /// @notice What the feed says now.
    /// @return roundId of the feed.
    /// @return answer 0 while the sequencer is up, 1 while it is down.
    /// @return startedAt since when that is so, in seconds.
    /// @return updatedAt when the feed was last told.
    /// @return answeredInRound of the feed.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
