// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IEmergencyStop} from "../interfaces/IEmergencyStop.sol";
import {IEvaluations} from "../interfaces/IEvaluations.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IQuestions} from "../interfaces/IQuestions.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {IStakeVault, LockId} from "../interfaces/IStakeVault.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {ITrainingRoundsErrors} from "../interfaces/ITrainingRoundsErrors.sol";
import {IWeightedPayouts} from "../interfaces/IWeightedPayouts.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {Leaf, Proposal, RoundStatus, StakeTerms} from "../types/DisputeTypes.sol";
import {Modules, Uptime} from "../types/ModuleTypes.sol";
import {Phase, Result, RoundId, RoundTerms} from "../types/RoundTypes.sol";
import {StakedSeats} from "./StakedSeats.sol";

/// @title Staked rounds
/// @dev Assumptions:
///      1. For correctness one watcher sees a wrong proposal and gets one transaction in within the dispute window.
///      2. For availability one of any `quorum` holders that vouch is honest, and answers.
///      3. A sponsor isn't trusted: its terms are held against the deployment's floors, and its round has no result but
///         by this contract.
///      4. The model's owner made this contract a publisher; without that no round opens.
///      5. Tokens: those of the token list, see `IStakeVault`.
contract StakedRounds is StakedSeats {
    using SafeERC20 for IERC20;

    string public constant VERSION = "0.1.0";
    IWeightedPayouts public immutable pots;
    IEmergencyStop public immutable emergencyStop;

    /// @inheritdoc IStakedRounds
    mapping(RoundId => mapping(uint32 proposal => bool)) public isWithheld;

    constructor(
        IModelRegistry registry_,
        ITrainingRounds rounds_,
        IStakeVault vault_,
        IWeightedPayouts pots_,
        IEmergencyStop emergencyStop_,
        Modules memory modules,
        Uptime memory uptime
    ) StakedSeats(registry_, rounds_, vault_, modules, uptime) {
        if (address(pots_) == address(0) || address(emergencyStop_) == address(0)) {
            revert ZeroAddress();
        }
        pots = pots_;
        emergencyStop = emergencyStop_;
    }

    // --- open ---------------------------------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function openStaked(RoundTerms calldata terms, StakeTerms calldata stakes, address rewardToken, uint256 budget)
        external
        returns (RoundId roundId)
    {
        // Check
        if (!registry.isPublisher(terms.modelId, msg.sender)) revert NotPublisherOf(terms.modelId, msg.sender);
        (uint64 certifyEnd, uint64 slashEnd) = floors.check(terms, stakes);
        emergencyStop.requireRounds(stakes.token);
        emergencyStop.requireRounds(rewardToken);
        // Interaction: the id is the rounds' to give; what follows is kept under it, and nothing was kept before
        roundId = rounds.openRound(terms);
        // Effect
        StakedRound storage r = _staked[roundId];
        r.sponsor = msg.sender;
        (r.certifyEnd, r.slashEnd) = (certifyEnd, slashEnd);
        r.termsHash = keccak256(abi.encode(stakes));
        r.modelId = terms.modelId;
        r.proposalDeadline = terms.proposalDeadline;
        r.minimum = terms.minimumParticipants;
        (r.bits, r.guardBits) = (terms.lattice.bits, terms.lattice.guardBits);
        r.stepExponent = terms.lattice.stepExponent;
        emit StakedRoundOpened(roundId, terms.modelId, msg.sender, stakes);
        // Interaction
        if (budget != 0) _fund(roundId, rewardToken, budget);
    }

    function _fund(RoundId roundId, address token, uint256 budget) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), budget);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != budget) revert BudgetNotReceived(token, budget, received);
        IERC20(token).forceApprove(address(pots), budget);
        pots.fundFor(roundId, token, budget, msg.sender);
    }

    // --- propose and settle -------------------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function propose(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        if (r.proposer != address(0)) revert ProposalStands(roundId, r.proposer);
        uint64 blockTime = uint64(block.timestamp);
        if (blockTime < r.slashEnd) revert SlashingNotOver(roundId, r.slashEnd, blockTime);
        _requireNoGrace();
        _requireNoneOpen(roundId, 0);
        uint64 endsAt = blockTime + floors.proposalTime(stakes);
        if (endsAt > r.proposalDeadline) revert NoTimeForDispute(roundId, r.proposalDeadline, endsAt);
        Phase phase = rounds.phaseOf(roundId);
        if (phase != Phase.Proposal) revert ITrainingRoundsErrors.WrongPhase(roundId, Phase.Proposal, phase);
        emergencyStop.requireProposals(roundId);
        _checkProposal(roundId, r.minimum, stakes, proposal);
        // Effect
        uint32 number = ++r.proposals;
        r.proposer = msg.sender;
        r.certifyBy = blockTime + stakes.certifyWindow;
        r.endsAt = 0;
        r.proposalHash = keccak256(abi.encode(proposal));
        r.topHash = RoundTrees.hashOf(proposal.top);
        emit AggregateProposed(roundId, msg.sender, number, proposal, r.certifyBy);
        // Interaction
        vault.lock(msg.sender, stakes.token, proposalLock(roundId, number), stakes.proposerStake);
    }

    function _checkProposal(RoundId roundId, uint32 minimum, StakeTerms calldata stakes, Proposal calldata p)
        private
        pure
    {
        bool empty =
            p.top.numeratorsRoot == 0 || p.versionRoot == 0 || p.versionDigest == 0 || p.documentDigest == 0;
        if (empty) revert EmptyProposal();
        if (p.top.count < minimum) revert TooFewCounted(roundId, p.top.count, minimum);
        bool pays = p.payoutRoot != 0 || p.payoutTotal != 0 || p.payoutDocument != 0;
        if (pays && stakes.panel == 0) revert PayoutsWithoutPanel();
    }

    /// @inheritdoc IStakedRounds
    function certifyProposal(RoundId roundId, StakeTerms calldata stakes) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        if (msg.sender != availability) revert NotAuthorized(roundId, msg.sender);
        if (r.proposer == address(0) || r.settled) revert NoProposal(roundId);
        if (r.endsAt != 0) revert AlreadyCertified(roundId, r.proposals);
        bool late = block.timestamp >= r.certifyBy && graceUntil() == 0;
        if (late) revert NotCertified(roundId, r.proposals, r.certifyBy);
        // Effect
        r.endsAt = uint64(block.timestamp) + stakes.disputeWindow;
        emit ProposalCertified(roundId, r.proposals, r.endsAt);
    }

    /// @inheritdoc IStakedRounds
    function settle(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        if (r.proposer == address(0) || r.settled) revert NoProposal(roundId);
        if (keccak256(abi.encode(proposal)) != r.proposalHash) revert WrongProposal(roundId);
        if (r.endsAt == 0) revert NotCertified(roundId, r.proposals, r.certifyBy);
        uint64 endsAt = _endsAt(r, stakes);
        if (block.timestamp < endsAt) revert DisputeWindowOpen(roundId, endsAt, uint64(block.timestamp));
        _requireNoneOpen(roundId, r.proposals);
        bool attested = stakes.panel == 0 || IEvaluations(evaluations).isFinal(roundId, r.proposals);
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
    }

    function _requireNoneOpen(RoundId roundId, uint32 proposal) private view {
        uint32 open = IQuestions(questions).openQuestions(roundId, proposal);
        if (open != 0) revert QuestionsOpen(roundId, open);
    }

    /// @return when disputes about a certified proposal end: an outage starts their time anew, as a search takes all of it.
    function _endsAt(StakedRound storage r, StakeTerms calldata stakes) private view returns (uint64) {
        uint64 again = _graceEnd();
        uint64 certifiedAt = r.endsAt == 0 ? 0 : r.endsAt - stakes.disputeWindow;
        if (r.endsAt == 0 || again <= certifiedAt + grace) return r.endsAt;
        return again == type(uint64).max ? again : again + stakes.disputeWindow;
    }

    // --- judgement of proposals ---------------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function lapse(RoundId roundId, StakeTerms calldata stakes) external {
        // Check
        StakedRound storage r = _requireRejectable(roundId, stakes);
        if (r.endsAt != 0) revert AlreadyCertified(roundId, r.proposals);
        if (block.timestamp < r.certifyBy) revert NotCertified(roundId, r.proposals, r.certifyBy);
        _requireNoGrace();
        // Effect, Interaction
        _reject(roundId, r, stakes, address(0), "not certified");
    }

    /// @inheritdoc IStakedRounds
    function reject(RoundId roundId, StakeTerms calldata stakes, address beneficiary, bytes32 fault) external {
        // Check
        StakedRound storage r = _requireRejectable(roundId, stakes);
        if (msg.sender != disputes && msg.sender != questions && msg.sender != evaluations) {
            revert NotAuthorized(roundId, msg.sender);
        }
        // Effect, Interaction
        if (msg.sender == questions) _noteWithheld(roundId, r.proposals);
        _reject(roundId, r, stakes, beneficiary, fault);
    }

    /// @inheritdoc IStakedRounds
    function noteWithheld(RoundId roundId, uint32 proposal) external {
        // Check
        if (msg.sender != questions) revert NotAuthorized(roundId, msg.sender);
        // Effect
        _noteWithheld(roundId, proposal);
    }

    function _noteWithheld(RoundId roundId, uint32 proposal) private {
        if (isWithheld[roundId][proposal]) return; // of several questions only the first one says it
        isWithheld[roundId][proposal] = true;
        emit ResultWithheld(roundId, proposal);
    }

    function _requireRejectable(RoundId roundId, StakeTerms calldata stakes)
        private
        view
        returns (StakedRound storage r)
    {
        r = _requireTerms(roundId, stakes);
        if (r.proposer == address(0) || r.settled) revert NoProposal(roundId);
        if (_isOver(roundId, r)) revert RoundOver(roundId);
    }

    function _reject(
        RoundId roundId,
        StakedRound storage r,
        StakeTerms calldata stakes,
        address beneficiary,
        bytes32 fault
    ) private {
        (address proposer, uint32 number) = (r.proposer, r.proposals);
        r.proposer = address(0);
        r.endsAt = 0;
        r.proposalHash = 0;
        r.topHash = 0;
        emit ProposalRejected(roundId, proposer, beneficiary, number, fault);
        _slash(proposer, stakes.token, proposalLock(roundId, number), stakes.proposerStake, beneficiary);
    }

    // --- stakes of rounds that are over -------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function releaseStake(RoundId roundId, address account, StakeTerms calldata stakes) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        Phase phase = rounds.phaseOf(roundId);
        if (phase != Phase.Finalised && phase != Phase.Voided) revert RoundNotOver(roundId, phase);
        bool seated = _isSeated(_seats[roundId][account]);
        bool proposed = account == r.proposer && !r.proposerReleased;
        if (!seated && !proposed) revert NothingLocked(roundId, account);
        // Effect, Interaction
        if (proposed) {
            r.proposerReleased = true;
            vault.unlock(account, stakes.token, proposalLock(roundId, r.proposals), stakes.proposerStake);
        }
        if (seated) _releaseSeat(roundId, r, account, stakes);
        emit StakeReleased(roundId, account);
    }

    // --- views --------------------------------------------------------------------------------

    /// @notice The name of a proposer's lock in the vault.
    /// @param roundId the round's id (R-1).
    /// @param number the proposal's number in its round, from 1.
    /// @return keccak of its kind, the round and who or which it is.
    function proposalLock(RoundId roundId, uint32 number) public pure returns (LockId) {
        return LockId.wrap(keccak256(abi.encode("proposal", roundId, number)));
    }

    /// @inheritdoc IStakedRounds
    function stakedRoundOf(RoundId roundId) external view returns (StakedRound memory) {
        return _staked[roundId];
    }

    /// @inheritdoc IStakedRounds
    function statusOf(RoundId roundId, StakeTerms calldata stakes) external view returns (RoundStatus memory s) {
        StakedRound storage r = _requireTerms(roundId, stakes);
        (s.proposer, s.proposals, s.endsAt) = (r.proposer, r.proposals, _endsAt(r, stakes));
        (s.proposalHash, s.topHash) = (r.proposalHash, r.topHash);
        (s.certifyEnd, s.slashEnd) = (r.certifyEnd, r.slashEnd);
        (s.bits, s.guardBits, s.stepExponent) = (r.bits, r.guardBits, r.stepExponent);
        s.over = _isOver(roundId, r);
    }

    /// @inheritdoc IStakedRounds
    function matchesReveal(RoundId roundId, Leaf calldata leaf) external view returns (bool) {
        bytes32 revealed = keccak256(abi.encode(leaf.updateRoot, leaf.contentDigest, leaf.weight));
        return isCounted(roundId, leaf.participant) && rounds.revealOf(roundId, leaf.participant) == revealed;
    }
}
