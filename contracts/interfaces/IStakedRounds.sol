// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";
import {Leaf, Proposal, Standing, StakeTerms} from "../types/DisputeTypes.sol";
import {Phase, RoundId, RoundTerms} from "../types/RoundTypes.sol";

/// @title Rounds whose participants and proposers have something to lose
/// @dev This contract is the coordinator of its rounds in TrainingRounds, so nothing is proposed there but what has
///      stood here for a dispute window. The model's owner makes it a publisher of the model. Which contracts may take
///      stakes is fixed by the deployment, and no term of a round can name another (T-38).
///
///      Assumptions. For correctness: one watcher that is neither silenced nor censored for a dispute window. For
///      availability: of any `quorum` holders that sign, one is honest and answers.
interface IStakedRounds {
    /// What an account's seat in a round is worth.
    enum SeatState {
        None,
        Enlisted,
        Holder,
        Struck,
        Released
    }

    /// A seat. `index` is its bit in certificates; `burnt` says that its stake is lost though its update counts.
    struct Seat {
        SeatState state;
        uint32 index;
        bool burnt;
        bool withheld;
    }

    /// A staked round as the contract keeps it. `sponsor` opened it; times are block times in seconds. A proposal that
    /// isn't certified by `certifyBy` lapses; `endsAt` is 0 until it is.
    struct StakedRound {
        address sponsor;
        uint64 certifyEnd;
        uint32 proposals;
        address proposer;
        uint64 endsAt;
        uint32 seats;
        bytes32 proposalHash;
        bytes32 topHash;
        bytes32 termsHash;
        ModelId modelId;
        uint64 strikesEnd;
        uint64 proposalDeadline;
        uint64 certifyBy;
        uint32 minimum;
        uint8 bits;
        uint8 guardBits;
        int8 stepExponent;
        bool settled;
        bool proposerReleased;
    }

    /// The contracts that may take stakes, each in its own way, and the one that says which terms a round may have.
    struct Judges {
        address disputes;
        address questions;
        address evaluations;
        address availability;
        address floors;
    }

    /// Whether the chain's sequencer is up, and for how many seconds after an outage nothing runs out; zero for none.
    struct Uptime {
        address uptimeFeed;
        uint32 grace;
    }

    // --- errors -------------------------------------------------------------------------------

    error ZeroAddress();
    error NotPublisherOf(ModelId modelId, address caller);
    error UnknownStakedRound(RoundId roundId);
    error WrongTerms(RoundId roundId);
    error AlreadyEnlisted(RoundId roundId, address participant);
    error EnlistingClosed(RoundId roundId, Phase phase);
    error NotOfCommittee(RoundId roundId, address account);
    error StrikesNotOver(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error NoTimeForDispute(RoundId roundId, uint64 deadline, uint64 endsAt);
    error ProposalStands(RoundId roundId, address proposer);
    error NoProposal(RoundId roundId);
    error DisputeWindowOpen(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error NotCertified(RoundId roundId, uint32 proposal, uint64 certifyBy);
    error AlreadyCertified(RoundId roundId, uint32 proposal);
    error QuestionsOpen(RoundId roundId, uint32 number);
    error NotAttested(RoundId roundId, uint32 proposal);
    error NotAJudge(RoundId roundId, address caller);
    error TooLateToStrike(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error DoesNotCount(RoundId roundId, address participant);
    error WrongProposal(RoundId roundId);
    error EmptyProposal();
    error PayoutsWithoutPanel();
    error RoundNotOver(RoundId roundId, Phase phase);
    error RoundOver(RoundId roundId);
    error NothingLocked(RoundId roundId, address account);
    error TooFewCounted(RoundId roundId, uint32 count, uint32 minimum);
    error BudgetNotReceived(address token, uint256 expected, uint256 received);
    /// The chain's sequencer is down, or came back less than the grace ago.
    error InGrace(uint64 until);

    // --- events -------------------------------------------------------------------------------

    event StakedRoundOpened(
        RoundId indexed roundId, ModelId indexed modelId, address indexed sponsor, StakeTerms stakes
    );
    event ParticipantEnlisted(RoundId indexed roundId, address indexed participant, uint32 index, uint256 stake);
    event HolderEnlisted(RoundId indexed roundId, address indexed holder, uint32 index, uint256 stake);
    event AggregateProposed(
        RoundId indexed roundId, address indexed proposer, uint32 indexed number, Proposal proposal, uint64 certifyBy
    );
    event ProposalCertified(RoundId indexed roundId, uint32 indexed number, uint64 endsAt);
    event ProposalRejected(
        RoundId indexed roundId, address indexed proposer, address indexed beneficiary, uint32 number, bytes32 fault
    );
    event ParticipantStruck(
        RoundId indexed roundId, address indexed participant, address indexed beneficiary, bytes32 fault
    );
    /// The stake of who let a certificate down, or whose update nobody certified; burnt, and nobody's gain.
    /// Nobody gave the data of a struck participant, or what a rejected proposal names: who vouched for it answers.
    event UpdateWithheld(RoundId indexed roundId, address indexed participant);
    event ResultWithheld(RoundId indexed roundId, uint32 indexed number);
    event StakeBurnt(RoundId indexed roundId, address indexed account, bytes32 fault);
    event RoundSettled(RoundId indexed roundId, address indexed proposer, uint32 number);
    event StakeReleased(RoundId indexed roundId, address indexed account);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Opens a round of TrainingRounds with stakes; the budget is taken from the caller into the round's pot.
    ///         Caller: owner or publisher of the model, which this contract has to be a publisher of as well.
    /// @param terms the round's, without budget, forfeit or challenge window: those are this contract's to give.
    function openStaked(RoundTerms calldata terms, StakeTerms calldata stakes, address rewardToken, uint256 budget)
        external
        returns (RoundId roundId);

    /// @notice Locks the caller's stake and takes a seat with it. Caller: anyone, for itself, during enrolment; on the
    ///         allow-list if there is one.
    function enlist(RoundId roundId, StakeTerms calldata stakes, bytes32[] calldata allowListProof) external;

    /// @notice Locks the caller's stake, to sign for what it holds. Caller: a member of the committee that the terms
    ///         name, for itself, until reveals end.
    function enlistHolder(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Proposes the aggregate under stake. Caller: anyone with stake in the vault.
    function propose(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external;

    /// @notice Makes a certified, undisputed proposal the round's result; with a panel in the terms, one that it found
    ///         right. Caller: anyone.
    function settle(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external;

    /// @notice Rejects a proposal that no quorum holds; its proposer's stake is burnt. Caller: anyone.
    function lapse(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Gives an account's lock of an ended round back to its free stake; burns that of a participant whose
    ///         update nobody certified in a round that has a result without it. Caller: anyone.
    function releaseStake(RoundId roundId, address account, StakeTerms calldata stakes) external;

    /// @notice Takes the proposer's whole stake and makes room for another proposal: half to the beneficiary, the rest
    ///         burnt; all of it without one. Never in a round that is over. Caller: Disputes, Questions or Evaluations.
    function reject(RoundId roundId, StakeTerms calldata stakes, address beneficiary, bytes32 fault) external;

    /// @notice Takes a participant's whole stake likewise; what it revealed doesn't count. Never after strikes end, when
    ///         an honest proposal would become a wrong one, but for what nothing is proposed before: silence, and any
    ///         fault in the grace after an outage. Of one that is struck already, only notes that it withheld too.
    ///         Caller: Disputes or Questions.
    function strike(
        RoundId roundId,
        StakeTerms calldata stakes,
        address participant,
        address beneficiary,
        bytes32 fault
    ) external;

    /// @notice Notes that nobody gave what a rejected proposal was asked for. Caller: Questions.
    function noteWithheld(RoundId roundId, uint32 proposal) external;

    /// @notice Burns a holder's stake; its own update counts as before. Caller: Availability, until the round is over.
    function burn(RoundId roundId, StakeTerms calldata stakes, address holder, bytes32 fault) external;

    /// @notice Notes that a quorum holds the standing proposal; its dispute window opens. Caller: Availability.
    function certifyProposal(RoundId roundId, StakeTerms calldata stakes) external;

    // --- views --------------------------------------------------------------------------------

    function stakedRoundOf(RoundId roundId) external view returns (StakedRound memory);

    /// @notice Where a round stands, for whoever knows its terms.
    function standingOf(RoundId roundId, StakeTerms calldata stakes) external view returns (Standing memory);

    function seatOf(RoundId roundId, address account) external view returns (Seat memory);

    /// @notice Whether a leaf is what its participant revealed, and counts.
    function isRight(RoundId roundId, Leaf calldata leaf) external view returns (bool);

    /// @notice Whether a participant's update counts: enlisted, revealed, certified, not struck.
    function counts(RoundId roundId, address participant) external view returns (bool);

    /// @notice Whether a proposal, by its number, was asked for something that nobody gave.
    function isWithheld(RoundId roundId, uint32 proposal) external view returns (bool);

    /// @notice Until when nothing runs out, because the chain's sequencer was down; 0 if it wasn't.
    function graceUntil() external view returns (uint64);
}
