// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RoundId} from "../types/RoundTypes.sol";

/// @title A brake: what is new can be stopped for a while; what somebody has or is owed never can
/// @dev Contracts ask the `require…` views where something new begins. None asks them on claims, exits,
///      withdrawals or refunds.
interface IEmergencyStop {
    /// What of the whole deployment can be stopped.
    enum Part {
        Rounds,
        Proposals,
        Postings
    }

    error NotGuardian(address caller, address guardian);
    error NotGovernor(address caller, address governor);
    /// The guardian's power ended; nothing is stopped any more.
    error PowerHasEnded(uint64 endsAt, uint64 blockTime);
    /// It is stopped, or goes on, already.
    error StopUnchanged();
    error PartStopped(Part part);
    error TokenFrozen(address token);
    error RoundFrozen(RoundId roundId);

    event GuardianNamed(address indexed guardian);
    event PartStopSet(Part indexed part, bool stopped);
    event TokenFreezeSet(address indexed token, bool frozen);
    event RoundFreezeSet(RoundId indexed roundId, bool frozen);

    /// @notice Stops a part of the whole deployment. Caller: guardian.
    function stop(Part part) external;

    /// @notice Freezes a token: no new round, no new payout root in it. Caller: guardian.
    function freezeToken(address token) external;

    /// @notice Freezes a round: no proposal for it. Caller: guardian.
    function freezeRound(RoundId roundId) external;

    /// @notice Lets a part go on. Caller: guardian or governor.
    function resume(Part part) external;

    /// @notice Lets a token go on. Caller: guardian or governor.
    function resumeToken(address token) external;

    /// @notice Lets a round go on. Caller: guardian or governor.
    function resumeRound(RoundId roundId) external;

    /// @notice Names another guardian. Caller: governor.
    function nameGuardian(address guardian) external;

    /// @notice Reverts if no round may be opened in a token (0: one without a budget).
    function requireRounds(address token) external view;

    /// @notice Reverts if nothing may be proposed for a round.
    function requireProposals(RoundId roundId) external view;

    /// @notice Reverts if no payout root may be posted in a token.
    function requirePostings(address token) external view;

    function guardian() external view returns (address);

    /// @notice When the guardian's power ends, in seconds since 1970: from then on nothing is stopped.
    function endsAt() external view returns (uint64);

    function isStopped(Part part) external view returns (bool);
    function isTokenFrozen(address token) external view returns (bool);
    function isRoundFrozen(RoundId roundId) external view returns (bool);
}
