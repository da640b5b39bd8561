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

    /// @notice Only the guardian may; the governor only where it says so.
    /// @param caller who called.
    /// @param guardian who may stop what is new.
    error NotGuardian(address caller, address guardian);
    /// @notice Only the governor may.
    /// @param caller who called.
    /// @param governor the timelock.
    error NotGovernor(address caller, address governor);
    /// @notice The guardian's power ended; nothing is stopped any more.
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error PowerHasEnded(uint64 endsAt, uint64 blockTime);
    /// @notice It is stopped, or goes on, already.
    error StopUnchanged();
    /// @notice The guardian stopped it.
    /// @param part rounds, proposals or postings.
    error PartStopped(Part part);
    /// @notice The guardian froze the token.
    /// @param token the ERC-20 token.
    error TokenFrozen(address token);
    /// @notice The guardian froze the round.
    /// @param roundId the round's id (R-1).
    error RoundFrozen(RoundId roundId);

    /// @notice There is another guardian.
    /// @param guardian who may stop what is new.
    event GuardianNamed(address indexed guardian);
    /// @notice A part was stopped, or goes on.
    /// @param part rounds, proposals or postings.
    /// @param stopped whether it is.
    event PartStopSet(Part indexed part, bool stopped);
    /// @notice A token was frozen, or goes on.
    /// @param token the ERC-20 token.
    /// @param frozen whether it is.
    event TokenFreezeSet(address indexed token, bool frozen);
    /// @notice A round was frozen, or goes on.
    /// @param roundId the round's id (R-1).
    /// @param frozen whether it is.
    event RoundFreezeSet(RoundId indexed roundId, bool frozen);

    /// @notice Stops a part of the whole deployment. Caller: guardian.
    /// @param part rounds, proposals or postings.
    function stop(Part part) external;

    /// @notice Freezes a token: no new round, no new payout root in it. Caller: guardian.
    /// @param token the ERC-20 token.
    function freezeToken(address token) external;

    /// @notice Freezes a round: no proposal for it. Caller: guardian.
    /// @param roundId the round's id (R-1).
    function freezeRound(RoundId roundId) external;

    /// @notice Lets a part go on. Caller: guardian or governor.
    /// @param part rounds, proposals or postings.
    function resume(Part part) external;

    /// @notice Lets a token go on. Caller: guardian or governor.
    /// @param token the ERC-20 token.
    function resumeToken(address token) external;

    /// @notice Lets a round go on. Caller: guardian or governor.
    /// @param roundId the round's id (R-1).
    function resumeRound(RoundId roundId) external;

    /// @notice Names another guardian. Caller: governor.
    /// @param guardian who may stop what is new.
    function nameGuardian(address guardian) external;

    /// @notice Reverts if no round may be opened in a token (0: one without a budget).
    /// @param token of the budget; 0: without one.
    function requireRounds(address token) external view;

    /// @notice Reverts if nothing may be proposed for a round.
    /// @param roundId the round's id (R-1).
    function requireProposals(RoundId roundId) external view;

    /// @notice Reverts if no payout root may be posted in a token.
    /// @param token the ERC-20 token.
    function requirePostings(address token) external view;

    /// @notice Who may stop what is new.
    /// @return who may stop what is new.
    function guardian() external view returns (address);

    /// @notice When the guardian's power ends, in seconds since 1970: from then on nothing is stopped.
    /// @return in seconds since 1970.
    function endsAt() external view returns (uint64);

    /// @notice Whether a part is stopped in this block.
    /// @param part rounds, proposals or postings.
    /// @return true if so.
    function isStopped(Part part) external view returns (bool);

    /// @notice Whether a token is frozen in this block.
    /// @param token the ERC-20 token.
    /// @return true if so.
    function isTokenFrozen(address token) external view returns (bool);

    /// @notice Whether a round is frozen in this block.
    /// @param roundId the round's id (R-1).
    /// @return true if so.
    function isRoundFrozen(RoundId roundId) external view returns (bool);
}
