// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";
import {Phase, RoundId} from "../types/RoundTypes.sol";

/// @title What training rounds, and the rules of their terms, refuse
interface ITrainingRoundsErrors {
    /// @notice A value that the contract can't be made with: an address without code, or a number out of its range.
    /// @param name of the constructor's parameter.
    error InvalidParameter(string name);
    /// @notice No such round.
    /// @param roundId the round's id (R-1).
    error UnknownRound(RoundId roundId);
    /// @notice The round is in another phase than the call is for.
    /// @param roundId the round's id (R-1).
    /// @param expected what it had to be.
    /// @param actual what it is.
    error WrongPhase(RoundId roundId, Phase expected, Phase actual);
    /// @notice Neither owner nor publisher.
    /// @param modelId the model's id (M-2).
    /// @param caller who called.
    error NotPublisherOf(ModelId modelId, address caller);
    /// @notice Only who opened the round may.
    /// @param roundId the round's id (R-1).
    /// @param caller who called.
    /// @param coordinator who opened the round, and proposes its result.
    error NotCoordinator(RoundId roundId, address caller, address coordinator);
    /// @notice No such version, or one that was deprecated or yanked.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    error BaseVersionNotActive(ModelId modelId, uint64 number);
    /// @notice Deadlines have to lie in the future and ascend; `index` counts from enrolment.
    /// @param index which deadline: 0 enrolment, 1 commit, 2 reveal, 3 proposal.
    /// @param before the deadline before it, in seconds since 1970.
    /// @param deadline in seconds since 1970.
    error DeadlinesNotAscending(uint256 index, uint64 before, uint64 deadline);
    /// @notice From 1, and the least not above the most.
    /// @param minimum the least participants.
    /// @param maximum the most participants.
    error InvalidParticipantRange(uint32 minimum, uint32 maximum);
    /// @notice A result that could be challenged for longer than this would lock the budget.
    /// @param challengeWindow in seconds.
    /// @param limit the longest, in seconds.
    error ChallengeWindowTooLong(uint64 challengeWindow, uint64 limit);
    /// @notice A result that nobody has time to look at could be anything.
    /// @param challengeWindow in seconds.
    /// @param least the least that is taken.
    error ChallengeWindowTooShort(uint64 challengeWindow, uint64 least);
    /// @notice A round that could wait for a result for longer than this would lock its budget.
    /// @param revealDeadline in seconds since 1970.
    /// @param latest in seconds since 1970.
    error RevealDeadlineTooLate(uint64 revealDeadline, uint64 latest);
    /// @notice A round that waited so long for a result would lock its budget.
    /// @param deadline for proposals, in seconds since 1970.
    /// @param latest in seconds since 1970.
    error ProposalDeadlineTooLate(uint64 deadline, uint64 latest);
    /// @notice Under stake a proposal is challenged before it becomes the result, so the window is 0.
    /// @param challengeWindow in seconds.
    error ChallengeUnderStake(uint64 challengeWindow);
    /// @notice Under stake pots and stakes take the place of budget and forfeit, so both are 0.
    /// @param budget in the token's smallest unit.
    /// @param forfeit what each participant gets, in the token's smallest unit.
    error MoneyUnderStake(uint256 budget, uint128 forfeit);
    /// @notice Widths or steps out of range (L-1).
    /// @param bits the width of a value, in bits.
    /// @param stepExponent e: a step of the lattice is 2^e.
    /// @param guardBits g: bits below a step (L-1).
    error InvalidLattice(uint8 bits, int8 stepExponent, uint8 guardBits);
    /// @notice The strategy's name is empty, or no text under M-10.
    error InvalidStrategy();
    /// @notice The weights could overflow the aggregate (A-2).
    /// @param weightCap the largest weight of one update.
    /// @param maximumParticipants the most participants.
    error WeightsTooLarge(uint64 weightCap, uint32 maximumParticipants);
    /// @notice A budget or a forfeit has a token and a token one of them; a budget is at most 2^112 - 1 units (what a
    ///         distribution can hold).
    /// @param token the ERC-20 token.
    /// @param budget in the token's smallest unit.
    error InvalidBudget(address token, uint256 budget);
    /// @notice What the coordinator forfeits if it proposes nothing is at least a tenth of the budget over all seats.
    /// @param forfeit what each participant gets, in the token's smallest unit.
    /// @param least the least that is taken.
    error ForfeitTooSmall(uint128 forfeit, uint256 least);
    /// @notice In a round under stake a seat is taken by `lockStake` of StakedRounds.
    /// @param roundId the round's id (R-1).
    error EnrolmentUnderStake(RoundId roundId);
    /// @notice Only rounds under stake take seats so.
    /// @param roundId the round's id (R-1).
    error NotUnderStake(RoundId roundId);
    /// @notice One seat each.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error AlreadyEnrolled(RoundId roundId, address participant);
    /// @notice No seat.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error NotEnrolled(RoundId roundId, address participant);
    /// @notice There is no commitment of this participant's to reveal.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error NotCommitted(RoundId roundId, address participant);
    /// @notice The list's root has no such leaf.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error NotOnAllowList(RoundId roundId, address participant);
    /// @notice No seat is left.
    /// @param roundId the round's id (R-1).
    /// @param maximum the most participants.
    error RoundFull(RoundId roundId, uint32 maximum);
    /// @notice One commitment each.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error AlreadyCommitted(RoundId roundId, address participant);
    /// @notice 0 and 1 mean something else here.
    /// @param commitment the commitment of R-3.
    error InvalidCommitment(bytes32 commitment);
    /// @notice Not the participant's.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error InvalidSignature(RoundId roundId, address participant);
    /// @notice In a hidden round everyone reveals what it masked itself.
    /// @param roundId the round's id (R-1).
    error BatchInHiddenRound(RoundId roundId);
    /// @notice A hidden round waits for secrets, or for the groups that it lost to be given up.
    /// @param roundId the round's id (R-1).
    error SecretsNotOpen(RoundId roundId);
    /// @notice A batch has a root and a count.
    error EmptyBatch();
    /// @notice No such batch.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    error UnknownBatch(RoundId roundId, uint32 batch);
    /// @notice Reveals are posted once.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    error BatchAlreadyRevealed(RoundId roundId, uint32 batch);
    /// @notice Nothing is revealed from it any more.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    error BatchIsStruck(RoundId roundId, uint32 batch);
    /// @notice Something was revealed from it.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    error RevealedAlready(RoundId roundId, uint32 batch);
    /// @notice A seat is one or the other: whoever enrolled reveals what it committed to itself.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error SeatedDirectly(RoundId roundId, address participant);
    /// @notice The batch stands: the account's key made this signature, or its contract accepts it.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error SignatureIsValid(RoundId roundId, address participant);
    /// @notice No own reveal of this participant's is left to be counted once with the batch's.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param participant the participant's account.
    error NotCountedTwice(RoundId roundId, uint32 batch, address participant);
    /// @notice Batches reveal at most the seats that a batch holds, and that direct seats left.
    /// @param count how many seats or reveals.
    /// @param left how many may still be revealed.
    error TooManyReveals(uint32 count, uint32 left);
    /// @notice The batch's root has no such leaf.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param participant the participant's account.
    error NotInBatch(RoundId roundId, uint32 batch, address participant);
    /// @notice The opening is of another commitment.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param committed what was committed.
    /// @param opened what the opening gives.
    error CommitmentMismatch(RoundId roundId, address participant, bytes32 committed, bytes32 opened);
    /// @notice One reveal each.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error AlreadyRevealed(RoundId roundId, address participant);
    /// @notice From 1 to the cap.
    /// @param weight the update's weight, from 1.
    /// @param cap the largest weight.
    error WeightOutOfRange(uint64 weight, uint64 cap);
    /// @notice A result has a root and two digests.
    error EmptyResult();
    /// @notice From 1 to those that revealed, who have to be enough.
    /// @param accepted how many the result takes.
    /// @param revealed how many were revealed, at most.
    error AcceptedOutOfRange(uint32 accepted, uint32 revealed);
    /// @notice The result isn't final yet.
    /// @param roundId the round's id (R-1).
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error ChallengeWindowOpen(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// @notice No deadline and no minimum was missed.
    /// @param roundId the round's id (R-1).
    /// @param phase the phase it is in.
    error CannotVoid(RoundId roundId, Phase phase);
    /// @notice The proposal deadline has passed.
    /// @param roundId the round's id (R-1).
    /// @param deadline in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error ProposalTooLate(RoundId roundId, uint64 deadline, uint64 blockTime);
}
