// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {IEvaluations} from "../interfaces/IEvaluations.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IPayoutDistributor} from "../interfaces/IPayoutDistributor.sol";
import {IRewardPool} from "../interfaces/IRewardPool.sol";
import {IStakeVault, LockId} from "../interfaces/IStakeVault.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {Leaf, Proposal, Rule, Standing, StakeTerms} from "../types/DisputeTypes.sol";
import {Phase, Result, RoundId, RoundTerms} from "../types/RoundTypes.sol";

/// @title Staked rounds
contract StakedRounds is IStakedRounds {
    using SafeERC20 for IERC20;

    string public constant VERSION = "0.1.0";
    uint32 private constant LONGEST_WINDOW = 30 days;

    enum Seat {
        None,
        Enlisted,
        Struck,
        Released
    }

    IModelRegistry public immutable registry;
    ITrainingRounds public immutable rounds;
    IRewardPool public immutable pool;
    IPayoutDistributor public immutable distributor;
    IStakeVault public immutable vault;

    mapping(RoundId => StakedRound) private _staked;
    mapping(RoundId => mapping(address participant => Seat)) private _seats;

    constructor(
        IModelRegistry registry_,
        ITrainingRounds rounds_,
        IRewardPool pool_,
        IPayoutDistributor distributor_,
        IStakeVault vault_
    ) {
        registry = registry_;
        rounds = rounds_;
        pool = pool_;
        distributor = distributor_;
        vault = vault_;
    }

    // --- open and enlist ----------------------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function openStaked(RoundTerms calldata terms, StakeTerms calldata stakes) external returns (RoundId roundId) {
        // Check
        if (!registry.isPublisher(terms.modelId, msg.sender)) revert NotPublisherOf(terms.modelId, msg.sender);
        uint64 strikesEnd = _checkStakes(terms, stakes);
        // Interaction: the id is the rounds' to give; what follows is kept under it, and nothing was kept before
        _takeBudget(terms.rewardToken, terms.rewardBudget);
        roundId = rounds.openRound(terms);
        // Effect
        StakedRound storage r = _staked[roundId];
        r.sponsor = msg.sender;
        r.strikesEnd = strikesEnd;
        r.termsHash = keccak256(abi.encode(stakes));
        r.modelId = terms.modelId;
        r.rewardToken = terms.rewardToken;
        r.revealDeadline = terms.revealDeadline;
        r.proposalDeadline = terms.proposalDeadline;
        r.minimum = terms.minimumParticipants;
        r.bits = terms.lattice.bits;
        emit StakedRoundOpened(roundId, terms.modelId, msg.sender, stakes);
    }

    function _checkStakes(RoundTerms calldata terms, StakeTerms calldata stakes)
        private
        view
        returns (uint64 strikesEnd)
    {
        (uint32 answer, uint32 dispute) = (stakes.answerWindow, stakes.disputeWindow);
        if (answer == 0 || dispute > LONGEST_WINDOW || dispute < 3 * uint256(answer)) {
            revert InvalidWindows(answer, dispute);
        }
        if (terms.challengeWindow != 0) revert ChallengeWindowNotZero(terms.challengeWindow);
        bool trims = stakes.rule == Rule.TrimmedMean;
        bool panel = stakes.evaluators == address(0)
            ? stakes.panel == 0
            : stakes.evaluators.code.length != 0 && IEvaluations(stakes.evaluators).hasPanel(stakes.panel);
        if (!panel || stakes.disputes.code.length == 0 || stakes.vectorLength == 0 || trims != (stakes.trim != 0)) {
            revert InvalidStakeTerms();
        }
        strikesEnd = terms.revealDeadline + 3 * uint64(answer);
        uint64 needed = 3 * uint64(answer) + dispute + answer;
        if (terms.proposalDeadline < terms.revealDeadline + needed) {
            revert ProposalTimeTooShort(needed, terms.proposalDeadline - terms.revealDeadline);
        }
    }

    function _takeBudget(address token, uint256 budget) private {
        if (budget == 0) return;
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), budget);
        // A fee would otherwise be paid from refunds that wait here for other sponsors.
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != budget) revert BudgetNotReceived(token, budget, received);
        IERC20(token).forceApprove(address(rounds), budget);
    }

    /// @inheritdoc IStakedRounds
    function enlist(RoundId roundId, StakeTerms calldata stakes) external {
        // Check
        _requireTerms(roundId, stakes);
        Phase phase = rounds.phaseOf(roundId);
        if (phase != Phase.Enrolment && phase != Phase.Commit) revert EnlistingClosed(roundId, phase);
        if (_seats[roundId][msg.sender] != Seat.None) revert AlreadyEnlisted(roundId, msg.sender);
        // Effect
        _seats[roundId][msg.sender] = Seat.Enlisted;
        emit ParticipantEnlisted(roundId, msg.sender, stakes.participantStake);
        // Interaction
        _lock(msg.sender, stakes.token, participantLock(roundId, msg.sender), stakes.participantStake);
    }

    // --- propose and settle -------------------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function propose(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        if (r.proposer != address(0)) revert ProposalStands(roundId, r.proposer);
        uint64 blockTime = uint64(block.timestamp);
        if (blockTime < r.strikesEnd) revert StrikesNotOver(roundId, r.strikesEnd, blockTime);
        uint64 endsAt = blockTime + stakes.disputeWindow;
        // The last answer window is for settling.
        if (endsAt + stakes.answerWindow > r.proposalDeadline) {
            revert NoTimeForDispute(roundId, r.proposalDeadline, endsAt);
        }
        Phase phase = rounds.phaseOf(roundId);
        if (phase != Phase.Proposal) revert ITrainingRounds.WrongPhase(roundId, Phase.Proposal, phase);
        if (proposal.top.numeratorsRoot == 0 || proposal.versionDigest == 0 || proposal.documentDigest == 0) {
            revert EmptyProposal();
        }
        if (proposal.top.count < r.minimum) revert TooFewCounted(roundId, proposal.top.count, r.minimum);
        // Effect
        uint32 number = ++r.proposals;
        r.proposer = msg.sender;
        r.endsAt = endsAt;
        r.proposalHash = keccak256(abi.encode(proposal));
        r.topHash = RoundTrees.hashOf(proposal.top);
        emit AggregateProposed(roundId, msg.sender, number, proposal, endsAt);
        // Interaction
        _lock(msg.sender, stakes.token, proposalLock(roundId), stakes.proposerStake);
    }

    /// @inheritdoc IStakedRounds
    function settle(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        if (r.proposer == address(0) || r.settled) revert NoProposal(roundId);
        if (keccak256(abi.encode(proposal)) != r.proposalHash) revert WrongProposal(roundId);
        if (block.timestamp < r.endsAt) revert DisputeWindowOpen(roundId, r.endsAt, uint64(block.timestamp));
        uint32 open = IDisputes(stakes.disputes).openQuestions(roundId, r.proposals);
        if (open != 0) revert QuestionsOpen(roundId, open);
        bool attested = stakes.evaluators == address(0) || IEvaluations(stakes.evaluators).isFinal(roundId, r.proposals);
        if (!attested) revert NotAttested(roundId, r.proposals);
        // Effect
        r.settled = true;
        emit RoundSettled(roundId, r.proposer, r.proposals);
        // Interaction
        rounds.proposeResult(
            roundId,
            Result(
                proposal.top.numeratorsRoot,
                proposal.versionDigest,
                proposal.documentDigest,
                proposal.top.count,
                proposal.top.weight
            )
        );
        rounds.finalise(roundId);
        _postPayouts(roundId, r, proposal);
    }

    /// @dev A result stands whatever becomes of its payouts: a publisher can post them later.
    function _postPayouts(RoundId roundId, StakedRound storage r, Proposal calldata p) private {
        if (p.payoutRoot == 0) return;
        try distributor.postRoot(r.modelId, r.rewardToken, p.payoutRoot, p.payoutTotal, p.payoutDocument) {}
        catch {
            emit PayoutsNotPosted(roundId, p.payoutRoot);
        }
    }

    // --- stakes and budgets of rounds that are over -------------------------------------------

    /// @inheritdoc IStakedRounds
    function releaseStake(RoundId roundId, address account, StakeTerms calldata stakes) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        Phase phase = rounds.phaseOf(roundId);
        if (phase != Phase.Finalised && phase != Phase.Voided) revert RoundNotOver(roundId, phase);
        bool seated = _seats[roundId][account] == Seat.Enlisted;
        bool proposed = account == r.proposer && !r.proposerReleased;
        if (!seated && !proposed) revert NothingLocked(roundId, account);
        // Effect
        if (seated) _seats[roundId][account] = Seat.Released;
        if (proposed) r.proposerReleased = true;
        emit StakeReleased(roundId, account);
        // Interaction
        if (seated) _unlock(account, stakes.token, participantLock(roundId, account), stakes.participantStake);
        if (proposed) _unlock(account, stakes.token, proposalLock(roundId), stakes.proposerStake);
    }

    /// @inheritdoc IStakedRounds
    function refundSponsor(RoundId roundId) external {
        // Check
        StakedRound storage r = _staked[roundId];
        address token = r.rewardToken;
        IRewardPool.Escrow memory escrow = pool.escrowOf(address(rounds), roundId);
        bool refundable = escrow.state == IRewardPool.EscrowState.Refundable;
        if (token == address(0) || (!refundable && escrow.state != IRewardPool.EscrowState.Withdrawn)) {
            revert NothingToRefund(roundId);
        }
        // Effect
        r.rewardToken = address(0);
        emit SponsorRefunded(roundId, r.sponsor, escrow.amount);
        // Interaction
        if (refundable) pool.withdrawRefund(address(rounds), roundId);
        IERC20(token).safeTransfer(r.sponsor, escrow.amount);
    }

    // --- judgement ----------------------------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function reject(RoundId roundId, StakeTerms calldata stakes, address prover, bytes32 fault) external {
        // Check
        // Evaluators may take longer than the dispute window: nothing settles without them.
        bool evaluated = msg.sender == stakes.evaluators;
        StakedRound storage r = evaluated ? _requireTerms(roundId, stakes) : _requireDisputes(roundId, stakes);
        address proposer = r.proposer;
        if (proposer == address(0) || r.settled) revert NoProposal(roundId);
        if (!evaluated && block.timestamp >= r.endsAt) {
            revert DisputeWindowOver(roundId, r.endsAt, uint64(block.timestamp));
        }
        // Effect
        r.proposer = address(0);
        r.proposalHash = 0;
        r.topHash = 0;
        emit ProposalRejected(roundId, proposer, prover, r.proposals, fault);
        // Interaction
        _slash(proposer, stakes.token, proposalLock(roundId), stakes.proposerStake, prover, r.sponsor);
    }

    /// @inheritdoc IStakedRounds
    function strike(RoundId roundId, StakeTerms calldata stakes, address participant, address prover, bytes32 fault)
        external
    {
        // Check
        StakedRound storage r = _requireDisputes(roundId, stakes);
        if (block.timestamp >= r.strikesEnd) revert TooLateToStrike(roundId, r.strikesEnd, uint64(block.timestamp));
        if (!counts(roundId, participant)) revert DoesNotCount(roundId, participant);
        // Effect
        _seats[roundId][participant] = Seat.Struck;
        emit ParticipantStruck(roundId, participant, prover, fault);
        // Interaction
        LockId lock = participantLock(roundId, participant);
        _slash(participant, stakes.token, lock, stakes.participantStake, prover, r.sponsor);
    }

    function _requireDisputes(RoundId roundId, StakeTerms calldata stakes)
        private
        view
        returns (StakedRound storage r)
    {
        r = _requireTerms(roundId, stakes);
        if (msg.sender != stakes.disputes) revert NotDisputes(roundId, msg.sender, stakes.disputes);
    }

    function _requireTerms(RoundId roundId, StakeTerms calldata stakes) private view returns (StakedRound storage r) {
        r = _staked[roundId];
        if (r.sponsor == address(0)) revert UnknownStakedRound(roundId);
        if (keccak256(abi.encode(stakes)) != r.termsHash) revert WrongTerms(roundId);
    }

    function _lock(address account, address token, LockId lock, uint256 amount) private {
        if (amount != 0) vault.lock(account, token, lock, amount);
    }

    function _unlock(address account, address token, LockId lock, uint256 amount) private {
        if (amount != 0) vault.unlock(account, token, lock, amount);
    }

    /// @dev Half to who proved the fault, and the rest to the sponsor: proving one's own fault costs half a stake.
    function _slash(address account, address token, LockId lock, uint256 amount, address prover, address sponsor)
        private
    {
        uint256 share = amount / 2;
        if (share != 0) vault.slash(account, token, lock, share, prover);
        if (amount != share) vault.slash(account, token, lock, amount - share, sponsor);
    }

    // --- views --------------------------------------------------------------------------------

    /// @return the name of a participant's lock in the vault.
    function participantLock(RoundId roundId, address participant) public pure returns (LockId) {
        return LockId.wrap(keccak256(abi.encode("participant", roundId, participant)));
    }

    /// @return the name of the proposer's lock in the vault.
    function proposalLock(RoundId roundId) public pure returns (LockId) {
        return LockId.wrap(keccak256(abi.encode("proposal", roundId)));
    }

    /// @inheritdoc IStakedRounds
    function stakedRoundOf(RoundId roundId) external view returns (StakedRound memory) {
        return _staked[roundId];
    }

    /// @inheritdoc IStakedRounds
    function standingOf(RoundId roundId, StakeTerms calldata stakes) external view returns (Standing memory) {
        StakedRound storage r = _requireTerms(roundId, stakes);
        return Standing(r.proposer, r.proposals, r.endsAt, r.topHash, r.revealDeadline, r.strikesEnd, r.bits);
    }

    /// @inheritdoc IStakedRounds
    function isRight(RoundId roundId, Leaf calldata leaf) external view returns (bool) {
        if (_seats[roundId][leaf.participant] != Seat.Enlisted) return false;
        bytes32 revealed = keccak256(abi.encode(leaf.updateRoot, leaf.contentDigest, leaf.weight));
        return rounds.revealOf(roundId, leaf.participant) == revealed;
    }

    /// @inheritdoc IStakedRounds
    function isEnlisted(RoundId roundId, address participant) external view returns (bool) {
        return _seats[roundId][participant] != Seat.None;
    }

    /// @inheritdoc IStakedRounds
    function isStruck(RoundId roundId, address participant) external view returns (bool) {
        return _seats[roundId][participant] == Seat.Struck;
    }

    /// @inheritdoc IStakedRounds
    function counts(RoundId roundId, address participant) public view returns (bool) {
        return _seats[roundId][participant] == Seat.Enlisted && rounds.revealOf(roundId, participant) != 0;
    }
}
