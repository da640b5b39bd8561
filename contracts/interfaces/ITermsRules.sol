// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RoundTerms} from "../types/RoundTypes.sol";

/// @title Which terms open a round
interface ITermsRules {
    /// @notice Returns if the terms fit, as far as they can be judged without another contract; reverts with the error
    ///         of `ITrainingRounds` that says what doesn't. Caller: anyone.
    /// @param terms the round's terms.
    /// @param coordinator who opens the round.
    function checkTerms(RoundTerms calldata terms, address coordinator) external view;

    /// @notice The contract whose rounds are under stake; it may not be there yet.
    /// @return its address.
    function stakedRounds() external view returns (address);

    /// @notice The least challenge window of rounds that aren't under stake, in seconds, at least 1.
    /// @return in seconds.
    function leastChallengeWindow() external view returns (uint64);
}
