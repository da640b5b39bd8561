// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITermsRules} from "../interfaces/ITermsRules.sol";
import {ITrainingRoundsErrors} from "../interfaces/ITrainingRoundsErrors.sol";
import {Labels} from "../libraries/Labels.sol";
import {RoundTerms} from "../types/RoundTypes.sol";

/// @title Terms rules
/// @dev A contract of its own because code has a largest size; it keeps nothing.
///
///      Assumptions:
///      1. It keeps nothing and calls nobody: a view of its arguments and the block's time.
///      2. What another contract knows, a base version or a token, is for the caller to check.
contract TermsRules is ITermsRules {
    string public constant VERSION = "0.1.0";
    uint64 private constant MAX_CHALLENGE = 365 days;
    uint64 private constant MAX_PROPOSAL = 180 days;
    /// Stakes, budgets and forfeits are locked that long.
    uint64 private constant MAX_TRAINING = 365 days;

    /// @inheritdoc ITermsRules
    address public immutable stakedRounds;
    /// @inheritdoc ITermsRules
    uint64 public immutable leastChallengeWindow;

    constructor(address stakedRounds_, uint64 leastChallengeWindow_) {
        if (stakedRounds_ == address(0)) revert ITrainingRoundsErrors.InvalidParameter("stakedRounds");
        if (leastChallengeWindow_ == 0 || leastChallengeWindow_ > MAX_CHALLENGE) {
            revert ITrainingRoundsErrors.InvalidParameter("leastChallengeWindow");
        }
        stakedRounds = stakedRounds_;
        leastChallengeWindow = leastChallengeWindow_;
    }

    /// @inheritdoc ITermsRules
    function checkTerms(RoundTerms calldata t, address coordinator) external view {
        _checkDeadlines(t);
        _checkWindow(t.challengeWindow, coordinator);
        if (t.minimumParticipants == 0 || t.minimumParticipants > t.maximumParticipants) {
            revert ITrainingRoundsErrors.InvalidParticipantRange(t.minimumParticipants, t.maximumParticipants);
        }
        if (t.strategy == 0 || !Labels.isPaddedLabel(t.strategy)) revert ITrainingRoundsErrors.InvalidStrategy();
        (uint8 bits, uint8 guard, int8 step) = (t.lattice.bits, t.lattice.guardBits, t.lattice.stepExponent);
        bool known = bits == 8 || bits == 16 || bits == 32;
        if (!known || guard > 16 || bits + guard > 32 || step < -60 || step > 20) {
            revert ITrainingRoundsErrors.InvalidLattice(bits, step, guard);
        }
        // A-2; at most 2^64 · 2^32 · 2^31, so nothing overflows here
        uint256 largest = (uint256(t.weightCap) * t.maximumParticipants) << (bits - 1 + guard);
        if (t.weightCap == 0 || largest >= 1 << 62) {
            revert ITrainingRoundsErrors.WeightsTooLarge(t.weightCap, t.maximumParticipants);
        }
        _checkMoney(t, coordinator);
    }

    function _checkMoney(RoundTerms calldata t, address coordinator) private view {
        (uint256 budget, uint128 forfeit) = (t.rewardBudget, t.forfeit);
        bool unpaid = budget == 0 && forfeit == 0;
        if ((t.rewardToken == address(0)) != unpaid || budget > type(uint112).max) {
            revert ITrainingRoundsErrors.InvalidBudget(t.rewardToken, budget);
        }
        if (coordinator == stakedRounds) {
            if (!unpaid) revert ITrainingRoundsErrors.MoneyUnderStake(budget, forfeit);
            return;
        }
        // A tenth of the budget, over all seats, rounded up; at most 2^112, so nothing overflows here
        uint256 shares = 10 * uint256(t.maximumParticipants);
        uint256 least = (budget + shares - 1) / shares;
        if (forfeit < least) revert ITrainingRoundsErrors.ForfeitTooSmall(forfeit, least);
    }

    function _checkDeadlines(RoundTerms calldata t) private view {
        uint64[5] memory times =
            [uint64(block.timestamp), t.enrolmentDeadline, t.commitDeadline, t.revealDeadline, t.proposalDeadline];
        for (uint256 i = 1; i < 5; ++i) {
            if (times[i] <= times[i - 1]) {
                revert ITrainingRoundsErrors.DeadlinesNotAscending(i - 1, times[i - 1], times[i]);
            }
        }
        if (t.revealDeadline - times[0] > MAX_TRAINING) {
            revert ITrainingRoundsErrors.RevealDeadlineTooLate(t.revealDeadline, times[0] + MAX_TRAINING);
        }
        if (t.proposalDeadline - t.revealDeadline > MAX_PROPOSAL) {
            revert ITrainingRoundsErrors.ProposalDeadlineTooLate(t.proposalDeadline, t.revealDeadline + MAX_PROPOSAL);
        }
    }

    function _checkWindow(uint64 window, address coordinator) private view {
        if (coordinator == stakedRounds) {
            if (window != 0) revert ITrainingRoundsErrors.ChallengeUnderStake(window);
        } else if (window < leastChallengeWindow) {
            revert ITrainingRoundsErrors.ChallengeWindowTooShort(window, leastChallengeWindow);
        }
        if (window > MAX_CHALLENGE) revert ITrainingRoundsErrors.ChallengeWindowTooLong(window, MAX_CHALLENGE);
    }
}
