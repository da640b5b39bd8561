// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";
import {Leaf, Proposal, RoundStatus, StakeTerms} from "../types/DisputeTypes.sol";
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
        Participant,
        Holder,
        Slashed,
        Released
    }

    /// A seat. `index` is its bit in certificates; `burnt` says that its stake is lost though its update counts.
    struct Seat {
        /// What it is worth.
        SeatState state;
        /// Its bit in certificates, from 0, in the order in which seats were taken.
        uint32 index;
        /// Its stake is lost, though its update counts.
        bool burnt;
        /// Nobody gave its update's data.
        bool withheld;
    }

    /// A staked round as the contract keeps it. `sponsor` opened it; times are block times in seconds. A proposal that
    /// isn't certified by `certifyBy` lapses; `endsAt` is 0 until it is.
    struct StakedRound {
        /// Who opened it, and gets what is left of the pot.
        address sponsor;
        /// When certificates of updates are due, in seconds since 1970.
        uint64 certifyEnd;
        /// How many proposals there were: the number of the newest, from 1.
        uint32 proposals;
        /// Whose proposal stands; 0: none does.
        address proposer;
        /// When disputes end, in seconds since 1970, but for outages; 0 until it is certified.
        uint64 endsAt;
        /// How many seats were taken.
        uint32 seats;
        /// keccak of the encoded proposal.
        bytes32 proposalHash;
        /// Hash of its tree's top (F-8).
        bytes32 topHash;
        /// keccak of the encoded stake terms.
        bytes32 termsHash;
        /// What is trained.
        ModelId modelId;
        /// From when on proposals are taken, in seconds since 1970.
        uint64 slashEnd;
        /// In seconds since 1970.
        uint64 proposalDeadline;
        /// Until when the proposal is to be certified, in seconds since 1970.
        uint64 certifyBy;
        /// The least number of updates that a proposal counts.
        uint32 minimum;
        /// Width of updates' values.
        uint8 bits;
        /// Bits below a step of the lattice (L-1).
        uint8 guardBits;
        /// e: a step of the lattice is 2^e.
        int8 stepExponent;
        /// Whether it has a result.
        bool settled;
        /// Whether the settled proposal's stake was given back.
        bool proposerReleased;
    }

    // --- errors -------------------------------------------------------------------------------

    /// @notice Every contract has to be there.
    error ZeroAddress();
    /// @notice Neither owner nor publisher.
    /// @param modelId the model's id (M-2).
    /// @param caller who called.
    error NotPublisherOf(ModelId modelId, address caller);
    /// @notice No such round under stake.
    /// @param roundId the round's id (R-1).
    error UnknownStakedRound(RoundId roundId);
    /// @notice Not the terms that the round was opened with.
    /// @param roundId the round's id (R-1).
    error WrongTerms(RoundId roundId);
    /// @notice The account has, or had, a seat.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error StakeAlreadyLocked(RoundId roundId, address participant);
    /// @notice Reveals have ended.
    /// @param roundId the round's id (R-1).
    /// @param phase the round's phase (R-2).
    error TooLateToLock(RoundId roundId, Phase phase);
    /// @notice The terms name no committee, or another.
    /// @param roundId the round's id (R-1).
    /// @param account whose stake it is.
    error NotOfCommittee(RoundId roundId, address account);
    /// @notice Until then a participant may be slashed, and its update would count no more.
    /// @param roundId the round's id (R-1).
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error SlashingNotOver(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// @notice It couldn't be settled before the proposal deadline.
    /// @param roundId the round's id (R-1).
    /// @param deadline for proposals, in seconds since 1970.
    /// @param endsAt when this one could be settled at the latest, in seconds since 1970.
    error NoTimeForDispute(RoundId roundId, uint64 deadline, uint64 endsAt);
    /// @notice One proposal stands at a time.
    /// @param roundId the round's id (R-1).
    /// @param proposer who proposed, and answers with its stake.
    error ProposalStands(RoundId roundId, address proposer);
    /// @notice No proposal stands, or it is settled.
    /// @param roundId the round's id (R-1).
    error NoProposal(RoundId roundId);
    /// @notice Somebody may prove it wrong still.
    /// @param roundId the round's id (R-1).
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error DisputeWindowOpen(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// @notice No quorum has vouched for it; or, of `lapse`, one may still.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number, from 1.
    /// @param certifyBy until when it is to be certified, in seconds since 1970.
    error NotCertified(RoundId roundId, uint32 proposal, uint64 certifyBy);
    /// @notice A quorum has vouched for it.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number, from 1.
    error AlreadyCertified(RoundId roundId, uint32 proposal);
    /// @notice They wait for answers, or for who punishes silence.
    /// @param roundId the round's id (R-1).
    /// @param number how many are open.
    error QuestionsOpen(RoundId roundId, uint32 number);
    /// @notice The panel didn't find it correct, or an appeal is open.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number, from 1.
    error NotAttested(RoundId roundId, uint32 proposal);
    /// @notice The caller isn't the module that may do this.
    /// @param roundId the round's id (R-1).
    /// @param caller who called.
    error NotAuthorized(RoundId roundId, address caller);
    /// @notice Something was proposed: an honest proposal would become a wrong one.
    /// @param roundId the round's id (R-1).
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error TooLateToSlash(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// @notice No stake, no reveal, no certificate, or slashed.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error NotCounted(RoundId roundId, address participant);
    /// @notice Not the proposal that stands.
    /// @param roundId the round's id (R-1).
    error WrongProposal(RoundId roundId);
    /// @notice A root or a digest is missing.
    error EmptyProposal();
    /// @notice Without a panel the pot is paid by weight (P-7).
    error PayoutsWithoutPanel();
    /// @notice Stakes are released when it is final or void.
    /// @param roundId the round's id (R-1).
    /// @param phase the round's phase (R-2).
    error RoundNotOver(RoundId roundId, Phase phase);
    /// @notice Nobody is slashed any more.
    /// @param roundId the round's id (R-1).
    error RoundOver(RoundId roundId);
    /// @notice No stake of it is locked here.
    /// @param roundId the round's id (R-1).
    /// @param account whose stake it is.
    error NothingLocked(RoundId roundId, address account);
    /// @notice Fewer updates than the round's minimum.
    /// @param roundId the round's id (R-1).
    /// @param count how many the proposal counts.
    /// @param minimum the round's least number of participants.
    error TooFewCounted(RoundId roundId, uint32 count, uint32 minimum);
    /// @notice The tokens didn't arrive in full (a fee on transfer).
    /// @param token the ERC-20 token.
    /// @param expected what it had to be.
    /// @param received what arrived.
    error BudgetNotReceived(address token, uint256 expected, uint256 received);
    /// @notice The chain's sequencer is down, or came back less than the grace ago.
    /// @param until in seconds since 1970.
    error InGrace(uint64 until);

    // --- events -------------------------------------------------------------------------------

    /// @notice There is a round under stake.
    /// @param roundId the round's id (R-1).
    /// @param modelId the model's id (M-2).
    /// @param sponsor who opened the round.
    /// @param stakes the round's stake terms, whose hash it keeps.
    event StakedRoundOpened(
        RoundId indexed roundId, ModelId indexed modelId, address indexed sponsor, StakeTerms stakes
    );
    /// @notice A participant has a seat.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param index the seat's index, from 0: its bit in certificates.
    /// @param stake in the token's smallest unit.
    event ParticipantStakeLocked(RoundId indexed roundId, address indexed participant, uint32 index, uint256 stake);
    /// @notice A member of the committee has a seat.
    /// @param roundId the round's id (R-1).
    /// @param holder who vouches: a participant, or a member of the committee.
    /// @param index the seat's index, from 0: its bit in certificates.
    /// @param stake in the token's smallest unit.
    event HolderStakeLocked(RoundId indexed roundId, address indexed holder, uint32 index, uint256 stake);
    /// @notice Something is proposed: from here on it can be disputed.
    /// @param roundId the round's id (R-1).
    /// @param proposer who proposed, and answers with its stake.
    /// @param number the proposal's number, from 1.
    /// @param proposal what is proposed.
    /// @param certifyBy until when it is to be certified, in seconds since 1970.
    event AggregateProposed(
        RoundId indexed roundId, address indexed proposer, uint32 indexed number, Proposal proposal, uint64 certifyBy
    );
    /// @notice Disputes end at `endsAt`.
    /// @param roundId the round's id (R-1).
    /// @param number the proposal's number, from 1.
    /// @param endsAt when that ends, in seconds since 1970.
    event ProposalCertified(RoundId indexed roundId, uint32 indexed number, uint64 endsAt);
    /// @notice The proposer lost its stake; another may propose.
    /// @param roundId the round's id (R-1).
    /// @param proposer who proposed, and answers with its stake.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
    /// @param number the proposal's number, from 1.
    /// @param fault what was wrong, in ASCII padded with zeros.
    event ProposalRejected(
        RoundId indexed roundId, address indexed proposer, address indexed beneficiary, uint32 number, bytes32 fault
    );
    /// @notice A participant lost its stake, and its update counts no more.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
    /// @param fault what was wrong, in ASCII padded with zeros.
    event ParticipantSlashed(
        RoundId indexed roundId, address indexed participant, address indexed beneficiary, bytes32 fault
    );
    /// @notice Nobody gave the data of a slashed participant: who vouched for it answers.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    event UpdateWithheld(RoundId indexed roundId, address indexed participant);
    /// @notice Nobody gave what a rejected proposal names: who vouched for it answers.
    /// @param roundId the round's id (R-1).
    /// @param number the proposal's number, from 1.
    event ResultWithheld(RoundId indexed roundId, uint32 indexed number);
    /// @notice The stake of who let a certificate down, or whose update nobody certified, is burnt.
    /// @param roundId the round's id (R-1).
    /// @param account whose stake it is.
    /// @param fault what was wrong, in ASCII padded with zeros.
    event StakeBurnt(RoundId indexed roundId, address indexed account, bytes32 fault);
    /// @notice The proposal is the round's result.
    /// @param roundId the round's id (R-1).
    /// @param proposer who proposed, and answers with its stake.
    /// @param number the proposal's number, from 1.
    event RoundSettled(RoundId indexed roundId, address indexed proposer, uint32 number);
    /// @notice The account's stake of the round is free, or was lost before.
    /// @param roundId the round's id (R-1).
    /// @param account whose stake it is.
    event StakeReleased(RoundId indexed roundId, address indexed account);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Opens a round of TrainingRounds with stakes; the budget is taken from the caller into the round's pot.
    ///         Caller: owner or publisher of the model, which this contract has to be a publisher of as well.
    /// @param terms the round's, without budget, forfeit or challenge window: those are this contract's to give.
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param rewardToken what the pot is filled in.
    /// @param budget what fills the pot, in its smallest unit; 0: nothing.
    /// @return roundId the round's id.
    function openStaked(RoundTerms calldata terms, StakeTerms calldata stakes, address rewardToken, uint256 budget)
        external
        returns (RoundId roundId);

    /// @notice Locks the caller's stake and takes a seat with it. Caller: anyone, for itself, during enrolment; on the
    ///         allow-list if there is one.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param allowListProof siblings that prove the caller's leaf; empty without a list.
    function lockStake(RoundId roundId, StakeTerms calldata stakes, bytes32[] calldata allowListProof) external;

    /// @notice Locks the caller's stake, to sign for what it holds. Caller: a member of the committee that the terms
    ///         name, for itself, until reveals end.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    function lockHolderStake(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Proposes the aggregate under stake. Caller: anyone with stake in the vault.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal what is proposed.
    function propose(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external;

    /// @notice Makes a certified, undisputed proposal the round's result; with a panel in the terms, one that it found
    ///         correct. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the standing one.
    function settle(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external;

    /// @notice Rejects a proposal that no quorum holds; its proposer's stake is burnt. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    function lapse(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Gives an account's lock of an ended round back to its free stake; burns that of a participant whose
    ///         update nobody certified in a round that has a result without it. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param account whose stake it is.
    /// @param stakes the round's stake terms, whose hash it keeps.
    function releaseStake(RoundId roundId, address account, StakeTerms calldata stakes) external;

    /// @notice Takes the proposer's whole stake and makes room for another proposal: half to the beneficiary, the rest
    ///         burnt; all of it without one. Never in a round that is over. Caller: Disputes, Questions or Evaluations.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param beneficiary who gets half of the stake; 0: nobody, and all is burnt.
    /// @param fault what was wrong, in ASCII padded with zeros.
    function reject(RoundId roundId, StakeTerms calldata stakes, address beneficiary, bytes32 fault) external;

    /// @notice Takes a participant's whole stake likewise; what it revealed doesn't count. Never after slashing ends, when
    ///         an honest proposal would become a wrong one, but for what nothing is proposed before: silence, and any
    ///         fault in the grace after an outage. Of one that is slashed already, only notes that it withheld too.
    ///         Caller: Disputes or Questions.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param participant the participant's account.
    /// @param beneficiary who gets half of the stake; 0: nobody, and all is burnt.
    /// @param fault what was wrong, in ASCII padded with zeros.
    function slashParticipant(
        RoundId roundId,
        StakeTerms calldata stakes,
        address participant,
        address beneficiary,
        bytes32 fault
    ) external;

    /// @notice Notes that nobody gave what a rejected proposal was asked for. Caller: Questions.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number, from 1.
    function noteWithheld(RoundId roundId, uint32 proposal) external;

    /// @notice Burns a holder's stake; its own update counts as before. Caller: Availability or Disputes, until the
    ///         round is over.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param holder who vouches: a participant, or a member of the committee.
    /// @param fault what was wrong, in ASCII padded with zeros.
    function burn(RoundId roundId, StakeTerms calldata stakes, address holder, bytes32 fault) external;

    /// @notice Notes that a quorum holds the standing proposal; its dispute window opens. Caller: Availability.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    function certifyProposal(RoundId roundId, StakeTerms calldata stakes) external;

    // --- views --------------------------------------------------------------------------------

    /// @notice A round as the contract keeps it.
    /// @param roundId the round's id (R-1).
    /// @return zeros if there is none.
    function stakedRoundOf(RoundId roundId) external view returns (StakedRound memory);

    /// @notice Where a round stands, for whoever knows its terms.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @return what judges and modules need of it; reverts for other terms.
    function statusOf(RoundId roundId, StakeTerms calldata stakes) external view returns (RoundStatus memory);

    /// @notice An account's seat in a round.
    /// @param roundId the round's id (R-1).
    /// @param account whose stake it is.
    /// @return state `None` without a seat.
    function seatOf(RoundId roundId, address account) external view returns (Seat memory);

    /// @notice Whether a leaf is what its participant revealed, and counts.
    /// @param roundId the round's id (R-1).
    /// @param leaf as a proposal's tree has it.
    /// @return true if both.
    function matchesReveal(RoundId roundId, Leaf calldata leaf) external view returns (bool);

    /// @notice Whether a participant's update counts: stake locked, revealed, certified, not slashed.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @return true if so.
    function isCounted(RoundId roundId, address participant) external view returns (bool);

    /// @notice Whether a proposal, by its number, was asked for something that nobody gave.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number, from 1.
    /// @return true if so.
    function isWithheld(RoundId roundId, uint32 proposal) external view returns (bool);

    /// @notice Until when nothing runs out, because the chain's sequencer was down; 0 if it wasn't.
    /// @return in seconds since 1970.
    function graceUntil() external view returns (uint64);
}
