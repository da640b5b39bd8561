// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {Labels} from "../libraries/Labels.sol";
import {Phase, Result, Round, RoundId, RoundTerms} from "../types/RoundTypes.sol";

/// @dev The round's storage, its phase at a time (R-2), and the checks of its terms.
abstract contract RoundPhases is ITrainingRounds {
    /// A participant's slot: 0 has no seat, 1 has one, else its commitment. So a commit rewrites a slot
    /// that isn't zero, which costs a quarter.
    bytes32 internal constant ENROLLED = bytes32(uint256(1));

    uint64 internal constant LONGEST_CHALLENGE = 365 days;

    mapping(RoundId => Round) internal _rounds;
    mapping(RoundId => Result) internal _results;
    mapping(RoundId => mapping(address => bytes32)) internal _seats;
    mapping(RoundId => mapping(address => bytes32)) internal _reveals;
    mapping(RoundId => mapping(uint32 => bytes32)) internal _batchRoots;
    mapping(RoundId => mapping(uint32 => bytes32)) internal _batchReveals;

    /// @inheritdoc ITrainingRounds
    function phaseOf(RoundId roundId) public view returns (Phase) {
        Round storage r = _rounds[roundId];
        if (r.coordinator == address(0)) return Phase.None;
        if (r.voided) return Phase.Voided;
        if (r.finalised) return Phase.Finalised;
        if (r.challengeEndsAt != 0) return Phase.Proposed;
        return _openPhase(r);
    }

    /// @dev The phase of a round without a result: by deadline, or earlier when nothing can be added.
    function _openPhase(Round storage r) private view returns (Phase) {
        uint256 seats = uint256(r.enrolled) + r.batched;
        bool full = seats == r.maximumParticipants;
        if (block.timestamp < r.enrolmentDeadline && !full) return Phase.Enrolment;
        uint256 committed = r.committed;
        if (block.timestamp < r.commitDeadline && !(full && committed == seats)) return Phase.Commit;
        bool allRevealed = committed != 0 && r.revealed == committed;
        if (block.timestamp < r.revealDeadline && !allRevealed) return Phase.Reveal;
        return Phase.Proposal;
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

    /// @dev Everything about terms that can be checked without another contract.
    function _checkTerms(RoundTerms calldata t) internal view {
        _checkDeadlines(t);
        if (t.minimumParticipants == 0 || t.minimumParticipants > t.maximumParticipants) {
            revert InvalidParticipantRange(t.minimumParticipants, t.maximumParticipants);
        }
        if (t.strategy == 0 || !Labels.isPaddedLabel(t.strategy)) revert InvalidStrategy();
        (uint8 bits, uint8 guard, int8 step) = (t.lattice.bits, t.lattice.guardBits, t.lattice.stepExponent);
        bool known = bits == 8 || bits == 16 || bits == 32;
        if (!known || guard > 16 || bits + guard > 32 || step < -60 || step > 20) {
            revert InvalidLattice(bits, step, guard);
        }
        // A-2; at most 2^64 · 2^32 · 2^31, so nothing overflows here
        uint256 largest = (uint256(t.weightCap) * t.maximumParticipants) << (bits - 1 + guard);
        if (t.weightCap == 0 || largest >= 1 << 62) revert WeightsTooLarge(t.weightCap, t.maximumParticipants);
        if ((t.rewardToken == address(0)) != (t.rewardBudget == 0) || t.rewardBudget > type(uint112).max) {
            revert InvalidBudget(t.rewardToken, t.rewardBudget);
        }
    }

    function _checkDeadlines(RoundTerms calldata t) private view {
        uint64[5] memory times =
            [uint64(block.timestamp), t.enrolmentDeadline, t.commitDeadline, t.revealDeadline, t.proposalDeadline];
        for (uint256 i = 1; i < 5; ++i) {
            if (times[i] <= times[i - 1]) revert DeadlinesNotAscending(i - 1, times[i - 1], times[i]);
        }
        if (t.challengeWindow > LONGEST_CHALLENGE) revert ChallengeWindowTooLong(t.challengeWindow, LONGEST_CHALLENGE);
    }
}
