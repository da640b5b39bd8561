// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";
import {Batch, Opening, Phase, Result, RevealLeaf, Round, RoundId, RoundTerms} from "../types/RoundTypes.sol";

/// @title Training rounds: enrol, commit, reveal, propose, finalise or void
/// @dev Stake, disputes and slashing attach here: `stakedRounds` coordinates the rounds under stake and takes
///      their seats; a challenger needs `revealOf`, `resultOf` and the phase.
interface ITrainingRounds {
    // --- errors -------------------------------------------------------------------------------

    /// A value that the contract can't be made with: an address without code, or a number out of its range.
    error InvalidParameter(string name);
    error UnknownRound(RoundId roundId);
    error WrongPhase(RoundId roundId, Phase expected, Phase actual);
    error NotPublisherOf(ModelId modelId, address caller);
    error NotCoordinator(RoundId roundId, address caller, address coordinator);
    error BaseVersionNotActive(ModelId modelId, uint64 number);
    /// Deadlines have to lie in the future and ascend; `index` counts from enrolment.
    error DeadlinesNotAscending(uint256 index, uint64 before, uint64 deadline);
    error InvalidParticipantRange(uint32 minimum, uint32 maximum);
    /// A result that could be challenged for longer than this would lock the budget.
    error ChallengeWindowTooLong(uint64 challengeWindow, uint64 limit);
    /// A result that nobody has time to look at could be anything.
    error ChallengeWindowTooShort(uint64 challengeWindow, uint64 least);
    /// A round that could wait for a result for longer than this would lock its budget.
    error RevealDeadlineTooLate(uint64 revealDeadline, uint64 latest);
    error ProposalDeadlineTooLate(uint64 deadline, uint64 latest);
    /// Under stake a proposal is challenged before it becomes the result, so the window is 0.
    error ChallengeUnderStake(uint64 challengeWindow);
    /// Under stake pots and stakes take the place of budget and forfeit, so both are 0.
    error MoneyUnderStake(uint256 budget, uint128 forfeit);
    error InvalidLattice(uint8 bits, int8 stepExponent, uint8 guardBits);
    /// The strategy's name is empty, or no text under M-10.
    error InvalidStrategy();
    /// The weights could overflow the aggregate (A-2).
    error WeightsTooLarge(uint64 weightCap, uint32 maximumParticipants);
    /// A budget or a forfeit has a token and a token one of them; a budget is at most 2^112 - 1 units (what a
    /// distribution can hold).
    error InvalidBudget(address token, uint256 budget);
    /// What the coordinator forfeits if it proposes nothing is at least a tenth of the budget over all seats.
    error ForfeitTooSmall(uint128 forfeit, uint256 least);
    /// In a round under stake a seat is taken by enlisting with StakedRounds.
    error EnrolmentUnderStake(RoundId roundId);
    error NotUnderStake(RoundId roundId);
    error AlreadyEnrolled(RoundId roundId, address participant);
    error NotEnrolled(RoundId roundId, address participant);
    /// There is no commitment of this participant's to reveal.
    error NotCommitted(RoundId roundId, address participant);
    error NotOnAllowList(RoundId roundId, address participant);
    error RoundFull(RoundId roundId, uint32 maximum);
    error AlreadyCommitted(RoundId roundId, address participant);
    error InvalidCommitment(bytes32 commitment);
    error InvalidSignature(RoundId roundId, address participant);
    error EmptyBatch();
    error UnknownBatch(RoundId roundId, uint32 batch);
    error BatchAlreadyRevealed(RoundId roundId, uint32 batch);
    error BatchIsStruck(RoundId roundId, uint32 batch);
    error RevealedAlready(RoundId roundId, uint32 batch);
    /// A seat is one or the other: whoever enrolled reveals what it committed to itself.
    error SeatedDirectly(RoundId roundId, address participant);
    /// The batch stands: the account's key made this signature, or its contract accepts it.
    error SignatureIsRight(RoundId roundId, address participant);
    /// No own reveal of this participant's is left to be counted once with the batch's.
    error NotCountedTwice(RoundId roundId, uint32 batch, address participant);
    /// Batches reveal at most the seats that a batch holds, and that direct seats left.
    error TooManyReveals(uint32 count, uint32 left);
    error NotInBatch(RoundId roundId, uint32 batch, address participant);
    error CommitmentMismatch(RoundId roundId, address participant, bytes32 committed, bytes32 opened);
    error AlreadyRevealed(RoundId roundId, address participant);
    error WeightOutOfRange(uint64 weight, uint64 cap);
    error EmptyResult();
    error AcceptedOutOfRange(uint32 accepted, uint32 revealed);
    error ChallengeWindowOpen(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error CannotVoid(RoundId roundId, Phase phase);
    error ProposalTooLate(RoundId roundId, uint64 deadline, uint64 blockTime);

    // --- events -------------------------------------------------------------------------------

    event RoundOpened(
        RoundId indexed roundId, ModelId indexed modelId, address indexed coordinator, uint64 number, RoundTerms terms
    );
    event ParticipantEnrolled(RoundId indexed roundId, address indexed participant);
    event UpdateCommitted(RoundId indexed roundId, address indexed participant, bytes32 commitment);
    event BatchCommitted(
        RoundId indexed roundId, uint32 indexed batch, bytes32 root, uint32 count, bytes32 documentDigest
    );
    event UpdateRevealed(
        RoundId indexed roundId,
        address indexed participant,
        bytes32 updateRoot,
        bytes32 contentDigest,
        uint64 weight,
        bytes32 salt
    );
    event BatchRevealed(
        RoundId indexed roundId, uint32 indexed batch, bytes32 root, uint32 count, bytes32 documentDigest
    );
    /// The update that `UpdateRevealed` tells of in the same call stands in a batch.
    event RevealedFromBatch(RoundId indexed roundId, uint32 indexed batch, address indexed participant);
    event BatchStruck(RoundId indexed roundId, uint32 indexed batch, address indexed participant);
    event CountedOnce(RoundId indexed roundId, uint32 indexed batch, address indexed participant);
    event ResultProposed(
        RoundId indexed roundId,
        address indexed coordinator,
        bytes32 resultRoot,
        bytes32 versionDigest,
        bytes32 documentDigest,
        uint32 accepted,
        uint64 totalWeight,
        uint64 challengeEndsAt
    );
    event RoundFinalised(RoundId indexed roundId, bytes32 resultRoot, bytes32 versionDigest);
    event RoundVoided(RoundId indexed roundId, Phase phase);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Opens a round; the budget, and the forfeit for every seat, are taken from the caller and held.
    ///         Caller: owner or publisher of the model, who becomes the coordinator.
    function openRound(RoundTerms calldata terms) external returns (RoundId roundId);

    /// @notice Takes a seat, unless the round is under stake. Caller: anyone, for itself; on the allow-list if there
    ///         is one.
    function enrol(RoundId roundId, bytes32[] calldata allowListProof) external;

    /// @notice Takes a seat under stake for who enlists. Caller: `stakedRounds`, in its own rounds.
    function enrolFor(RoundId roundId, address participant, bytes32[] calldata allowListProof) external;

    /// @notice Commits to an update (R-3). Caller: an enrolled participant, for itself, once.
    function commit(RoundId roundId, bytes32 commitment) external;

    /// @notice Commits for an enrolled participant that signed `Commitment` (D-5). Caller: anyone.
    function commitFor(RoundId roundId, address participant, bytes32 commitment, bytes calldata signature) external;

    /// @notice Commits many signed updates under one root (R-5), on `count` seats of those that direct ones leave.
    ///         Caller: coordinator.
    function commitBatch(RoundId roundId, bytes32 root, uint32 count, bytes32 documentDigest) external;

    /// @notice Strikes a batch that holds a leaf its participant didn't sign: its seats are free again, and none of
    ///         its reveals count. Until reveals end. Caller: anyone who knows the leaf and its proof.
    function strikeBatch(
        RoundId roundId,
        uint32 batch,
        address participant,
        bytes32 commitment,
        bytes calldata signature,
        bytes32[] calldata proof
    ) external;

    /// @notice Opens a participant's commitment (R-4). Caller: anyone who knows the opening.
    function reveal(RoundId roundId, address participant, Opening calldata opening) external;

    /// @notice Opens a commitment that stands in a batch, before the batch's reveals are posted and after.
    ///         Caller: anyone who knows opening, proof and the signature's keccak hash.
    function revealFromBatch(
        RoundId roundId,
        uint32 batch,
        address participant,
        Opening calldata opening,
        bytes32 signatureHash,
        bytes32[] calldata proof
    ) external;

    /// @notice Posts the root over the revealed updates of a batch, once per batch. Caller: coordinator.
    function revealBatch(RoundId roundId, uint32 batch, bytes32 root, uint32 count, bytes32 documentDigest) external;

    /// @notice Shows that a participant of a batch's posted reveals revealed by itself as well, so that both count
    ///         as one. Caller: anyone who knows the leaf and its proof.
    function countOnce(RoundId roundId, uint32 batch, RevealLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Proposes the round's result; the challenge window opens. Caller: coordinator.
    function proposeResult(RoundId roundId, Result calldata result) external;

    /// @notice Makes a result final after its challenge window; the budget moves to the payouts, and what the
    ///         coordinator would have forfeited is free. Caller: anyone.
    function finalise(RoundId roundId) external;

    /// @notice Voids a round (R-6); the budget goes back to its funder. What the coordinator put up is forfeited if
    ///         enough revealed and it proposed nothing in time, and free otherwise. Caller: anyone once a deadline
    ///         or the minimum was missed; the coordinator during enrolment.
    function voidRound(RoundId roundId) external;

    // --- views --------------------------------------------------------------------------------

    /// @notice The contract whose rounds are under stake.
    function stakedRounds() external view returns (address);

    function roundIdOf(ModelId modelId, uint64 number) external view returns (RoundId);
    function roundOf(RoundId roundId) external view returns (Round memory);
    function termsHashOf(RoundId roundId) external view returns (bytes32);
    function phaseOf(RoundId roundId) external view returns (Phase);
    function isEnrolled(RoundId roundId, address participant) external view returns (bool);

    /// @notice A participant's commitment; 0 before it committed.
    function commitmentOf(RoundId roundId, address participant) external view returns (bytes32);

    /// @notice `keccak(enc(updateRoot, contentDigest, weight))` of a revealed update; 0 before, and once the batch
    ///         that it was revealed from is struck.
    function revealOf(RoundId roundId, address participant) external view returns (bytes32);

    /// @notice The commitment that an opening gives for a participant.
    function commitmentFor(RoundId roundId, address participant, Opening calldata opening)
        external
        view
        returns (bytes32);

    function resultOf(RoundId roundId) external view returns (Result memory);
    function batchOf(RoundId roundId, uint32 batch) external view returns (Batch memory);
}
