// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {Phase, Result, Round, RoundId} from "../types/RoundTypes.sol";

/// @dev The round's storage, and its phase at a time (R-2).
///
///      Assumptions:
///      1. Block times don't go back, and are right to the minute.
///      2. A coordinator's word ends no phase: direct seats alone do.
abstract contract RoundPhases is ITrainingRounds {
    /// A participant's slot: 0 has no seat, 1 has one, else its commitment. So a commit rewrites a slot
    /// that isn't zero, which costs a quarter.
    bytes32 internal constant ENROLLED = bytes32(uint256(1));

    mapping(RoundId => Round) internal _rounds;
    mapping(RoundId => Result) internal _results;
    mapping(RoundId => mapping(address => bytes32)) internal _seats;
    mapping(RoundId => mapping(address => bytes32)) internal _reveals;

    /// @inheritdoc ITrainingRounds
    function phaseOf(RoundId roundId) public view returns (Phase) {
        Round storage r = _rounds[roundId];
        if (r.coordinator == address(0)) return Phase.None;
        if (r.voided) return Phase.Voided;
        if (r.finalised) return Phase.Finalised;
        if (r.challengeEndsAt != 0) return Phase.Proposed;
        return _openPhase(r);
    }

    /// @dev The phase of a round without a result: by deadline, or earlier when nothing can be added. Only direct
    ///      seats end a phase early: what a coordinator says of a batch could be made up to shut others out.
    function _openPhase(Round storage r) private view returns (Phase) {
        uint256 enrolled = r.enrolled;
        bool full = enrolled == r.maximumParticipants;
        if (block.timestamp < r.enrolmentDeadline && !full) return Phase.Enrolment;
        uint256 committed = r.committed;
        if (block.timestamp < r.commitDeadline && !(full && committed == enrolled)) return Phase.Commit;
        // Direct seats that fill a round leave batches none to reveal.
        bool allRevealed = (full || r.batched == 0) && committed != 0 && r.revealed == committed;
        if (block.timestamp < r.revealDeadline && !allRevealed) return Phase.Reveal;
        return Phase.Proposal;
    }

    /// @dev At most so many participants revealed; never more than the weights were bounded for (A-2).
    function _revealedCount(Round storage r) internal view returns (uint32) {
        uint256 count = uint256(r.revealed) + r.batchRevealed;
        return count < r.maximumParticipants ? uint32(count) : r.maximumParticipants;
    }

    function _requirePhase(RoundId roundId, Phase expected) internal view returns (Round storage r) {
        r = _rounds[roundId];
        Phase actual = phaseOf(roundId);
        if (actual == Phase.None) revert UnknownRound(roundId);
        if (actual != expected) revert WrongPhase(roundId, expected, actual);
    }

    function _requireCoordinator(RoundId roundId, Round storage r) internal view {
        if (msg.sender != r.coordinator) revert NotCoordinator(roundId, msg.sender, r.coordinator);
    }
}
