// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";
import {Leaf, Proposal, Standing, StakeTerms} from "../types/DisputeTypes.sol";
import {Phase, RoundId, RoundTerms} from "../types/RoundTypes.sol";

/// @title Rounds whose participants and proposers have something to lose
/// @dev This contract is the coordinator of its rounds in TrainingRounds, so nothing is proposed there but what has
///      stood here for a dispute window. The model's owner makes it a publisher of the model.
interface IStakedRounds {
    /// A staked round as the contract keeps it. `sponsor` opened it; times are block times in seconds.
    struct StakedRound {
        address sponsor;
        uint64 strikesEnd;
        uint32 proposals;
        bool settled;
        address proposer;
        uint64 endsAt;
        bytes32 proposalHash;
        bytes32 topHash;
        bytes32 termsHash;
        ModelId modelId;
        address rewardToken;
        uint64 revealDeadline;
        uint64 proposalDeadline;
        uint32 minimum;
        uint8 bits;
        bool proposerReleased;
    }

    // --- errors -------------------------------------------------------------------------------

    error NotPublisherOf(ModelId modelId, address caller);
    error UnknownStakedRound(RoundId roundId);
    /// Windows are 1 second to 30 days, and a dispute's is at least three times an answer's.
    error InvalidWindows(uint32 answerWindow, uint32 disputeWindow);
    /// There has to be room for strikes and one dispute window between reveals and the proposal deadline.
    error ProposalTimeTooShort(uint64 needed, uint64 given);
    /// The challenge window is this contract's: the terms' own has to be 0.
    error ChallengeWindowNotZero(uint64 challengeWindow);
    error InvalidStakeTerms();
    error WrongTerms(RoundId roundId);
    error AlreadyEnlisted(RoundId roundId, address participant);
    error EnlistingClosed(RoundId roundId, Phase phase);
    error StrikesNotOver(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error NoTimeForDispute(RoundId roundId, uint64 deadline, uint64 endsAt);
    error ProposalStands(RoundId roundId, address proposer);
    error NoProposal(RoundId roundId);
    error DisputeWindowOpen(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error DisputeWindowOver(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error QuestionsOpen(RoundId roundId, uint32 number);
    error NotAttested(RoundId roundId, uint32 proposal);
    error NotDisputes(RoundId roundId, address caller, address disputes);
    error TooLateToStrike(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error DoesNotCount(RoundId roundId, address participant);
    error WrongProposal(RoundId roundId);
    error EmptyProposal();
    error RoundNotOver(RoundId roundId, Phase phase);
    error NothingLocked(RoundId roundId, address account);
    error NothingToRefund(RoundId roundId);
    error TooFewCounted(RoundId roundId, uint32 count, uint32 minimum);
    error BudgetNotReceived(address token, uint256 expected, uint256 received);

    // --- events -------------------------------------------------------------------------------

    event StakedRoundOpened(
        RoundId indexed roundId, ModelId indexed modelId, address indexed sponsor, StakeTerms stakes
    );
    event ParticipantEnlisted(RoundId indexed roundId, address indexed participant, uint256 stake);
    event AggregateProposed(
        RoundId indexed roundId, address indexed proposer, uint32 indexed number, Proposal proposal, uint64 endsAt
    );
    event ProposalRejected(
        RoundId indexed roundId, address indexed proposer, address indexed challenger, uint32 number, bytes32 fault
    );
    event ParticipantStruck(
        RoundId indexed roundId, address indexed participant, address indexed challenger, bytes32 fault
    );
    event RoundSettled(RoundId indexed roundId, address indexed proposer, uint32 number);
    /// The root was posted before, exceeds what is funded, or this contract is no publisher any more.
    event PayoutsNotPosted(RoundId indexed roundId, bytes32 root);
    event StakeReleased(RoundId indexed roundId, address indexed account);
    event SponsorRefunded(RoundId indexed roundId, address indexed sponsor, uint256 amount);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Opens a round of TrainingRounds with stakes; the budget is taken from the caller. Caller: owner or
    ///         publisher of the model, which this contract has to be a publisher of as well.
    function openStaked(RoundTerms calldata terms, StakeTerms calldata stakes) external returns (RoundId roundId);

    /// @notice Locks the caller's stake, so that what it reveals counts. Caller: anyone, for itself, until commits end.
    function enlist(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Proposes the aggregate under stake; the dispute window opens. Caller: anyone with stake in the vault.
    function propose(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external;

    /// @notice Makes an undisputed proposal the round's result, and posts its payouts; with evaluators in the terms, one
    ///         that they found right. Caller: anyone.
    function settle(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external;

    /// @notice Gives an account's lock of an ended round back to its free stake. Caller: anyone.
    function releaseStake(RoundId roundId, address account, StakeTerms calldata stakes) external;

    /// @notice Pays a voided round's budget back to its sponsor. Caller: anyone.
    function refundSponsor(RoundId roundId) external;

    /// @notice Takes the proposer's whole stake and makes room for another proposal. Caller: the contract that the
    ///         terms name for disputes, in the dispute window; the evaluators that they name, until it is settled.
    function reject(RoundId roundId, StakeTerms calldata stakes, address prover, bytes32 fault) external;

    /// @notice Takes a participant's whole stake; what it revealed doesn't count. Never after strikes end: an honest
    ///         proposal would become a wrong one. Caller: the contract that the terms name for disputes.
    function strike(RoundId roundId, StakeTerms calldata stakes, address participant, address prover, bytes32 fault)
        external;

    // --- views --------------------------------------------------------------------------------

    function stakedRoundOf(RoundId roundId) external view returns (StakedRound memory);

    /// @notice Where a round stands, for whoever knows its terms.
    function standingOf(RoundId roundId, StakeTerms calldata stakes) external view returns (Standing memory);

    /// @notice Whether a leaf is what its participant revealed, and counts.
    function isRight(RoundId roundId, Leaf calldata leaf) external view returns (bool);
    function isEnlisted(RoundId roundId, address participant) external view returns (bool);
    function isStruck(RoundId roundId, address participant) external view returns (bool);

    /// @notice Whether a participant's update counts: enlisted, revealed, not struck.
    function counts(RoundId roundId, address participant) external view returns (bool);
}
