// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IRewardPool} from "../interfaces/IRewardPool.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {Commitments} from "../libraries/Commitments.sol";
import {ModelId} from "../types/ModelTypes.sol";
import {Opening, Phase, Result, Round, RoundId, RoundTerms} from "../types/RoundTypes.sol";
import {RoundPhases} from "./RoundPhases.sol";

/// @title Training rounds
contract TrainingRounds is RoundPhases, EIP712 {
    using SafeERC20 for IERC20;

    // --- immutables and storage ---------------------------------------------------------------

    string public constant VERSION = "0.1.0";
    IModelRegistry public immutable registry;
    IRewardPool public immutable pool;

    mapping(ModelId => uint64) private _roundCounts;

    constructor(IModelRegistry registry_, IRewardPool pool_) EIP712("Tallystick TrainingRounds", "1") {
        registry = registry_;
        pool = pool_;
    }

    // --- open and enrol -----------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function openRound(RoundTerms calldata terms) external returns (RoundId roundId) {
        // Check
        if (!registry.isPublisher(terms.modelId, msg.sender)) revert NotPublisherOf(terms.modelId, msg.sender);
        if (!registry.isActiveVersion(terms.modelId, terms.baseVersion)) {
            revert BaseVersionNotActive(terms.modelId, terms.baseVersion);
        }
        _checkTerms(terms);
        // Effect
        uint64 number = ++_roundCounts[terms.modelId];
        roundId = roundIdOf(terms.modelId, number);
        _store(roundId, terms);
        emit RoundOpened(roundId, terms.modelId, msg.sender, number, terms);
        // Interaction
        if (terms.rewardBudget != 0) {
            IERC20(terms.rewardToken).safeTransferFrom(msg.sender, address(pool), terms.rewardBudget);
            pool.escrow(roundId, terms.rewardToken, msg.sender, terms.rewardBudget);
        }
    }

    function _store(RoundId roundId, RoundTerms calldata t) private {
        Round storage r = _rounds[roundId];
        r.coordinator = msg.sender;
        r.enrolmentDeadline = t.enrolmentDeadline;
        r.commitDeadline = t.commitDeadline;
        r.revealDeadline = t.revealDeadline;
        r.proposalDeadline = t.proposalDeadline;
        r.challengeWindow = t.challengeWindow;
        r.weightCap = t.weightCap;
        r.minimumParticipants = t.minimumParticipants;
        r.maximumParticipants = t.maximumParticipants;
        r.funded = t.rewardBudget != 0;
        r.allowListRoot = t.allowListRoot;
        r.termsHash = keccak256(abi.encode(t));
        r.modelId = t.modelId;
    }

    /// @inheritdoc ITrainingRounds
    function enrol(RoundId roundId, bytes32[] calldata allowListProof) external {
        // Check
        Round storage r = _rounds[roundId];
        if (_seats[roundId][msg.sender] != 0) revert AlreadyEnrolled(roundId, msg.sender);
        _requirePhase(roundId, Phase.Enrolment); // so the round isn't full
        _requireAllowed(roundId, r, msg.sender, allowListProof);
        // Effect
        ++r.enrolled;
        _seats[roundId][msg.sender] = ENROLLED;
        emit ParticipantEnrolled(roundId, msg.sender);
    }

    function _requireAllowed(RoundId roundId, Round storage r, address participant, bytes32[] calldata proof)
        private
        view
    {
        bytes32 root = r.allowListRoot;
        if (root == 0) return;
        if (!MerkleProof.verifyCalldata(proof, root, Commitments.allowListLeaf(participant))) {
            revert NotOnAllowList(roundId, participant);
        }
    }

    // --- commit -------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function commit(RoundId roundId, bytes32 commitment) external {
        _commit(roundId, msg.sender, commitment);
    }

    /// @inheritdoc ITrainingRounds
    function commitFor(RoundId roundId, address participant, bytes32 commitment, bytes calldata signature) external {
        bytes32 structHash = keccak256(abi.encode(Commitments.COMMITMENT_TYPEHASH, roundId, participant, commitment));
        if (!SignatureChecker.isValidSignatureNow(participant, _hashTypedDataV4(structHash), signature)) {
            revert InvalidSignature(roundId, participant);
        }
        _commit(roundId, participant, commitment);
    }

    function _commit(RoundId roundId, address participant, bytes32 commitment) private {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Commit);
        bytes32 seat = _seats[roundId][participant];
        if (seat == 0) revert NotEnrolled(roundId, participant);
        if (seat != ENROLLED) revert AlreadyCommitted(roundId, participant);
        if (uint256(commitment) <= 1) revert InvalidCommitment(commitment);
        // Effect
        _seats[roundId][participant] = commitment;
        ++r.committed;
        emit UpdateCommitted(roundId, participant, commitment);
    }

    /// @inheritdoc ITrainingRounds
    function commitBatch(RoundId roundId, bytes32 root, uint32 count, bytes32 documentDigest) external {
        // Check
        Round storage r = _rounds[roundId];
        Phase phase = phaseOf(roundId);
        if (phase == Phase.None) revert UnknownRound(roundId);
        if (phase != Phase.Enrolment && phase != Phase.Commit) revert WrongPhase(roundId, Phase.Commit, phase);
        _requireCoordinator(roundId, r);
        if (count == 0 || root == 0) revert EmptyBatch();
        if (uint256(r.enrolled) + r.batched + count > r.maximumParticipants) {
            revert RoundFull(roundId, r.maximumParticipants);
        }
        // Effect
        uint32 batch = r.batches++;
        r.batched += count;
        r.committed += count;
        _batchRoots[roundId][batch] = root;
        emit BatchCommitted(roundId, batch, root, count, documentDigest);
    }

    // --- reveal -------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function reveal(RoundId roundId, address participant, Opening calldata opening) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Reveal);
        bytes32 committed = _seats[roundId][participant];
        if (uint256(committed) <= 1) revert NotCommitted(roundId, participant);
        bytes32 opened = Commitments.commitmentOf(roundId, participant, opening);
        if (opened != committed) revert CommitmentMismatch(roundId, participant, committed, opened);
        // Effect
        _reveal(roundId, r, participant, opening);
    }

    /// @inheritdoc ITrainingRounds
    function revealFromBatch(
        RoundId roundId,
        uint32 batch,
        address participant,
        Opening calldata opening,
        bytes32[] calldata proof
    ) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Reveal);
        if (batch >= r.batches) revert UnknownBatch(roundId, batch);
        bytes32 leaf = Commitments.batchLeaf(participant, Commitments.commitmentOf(roundId, participant, opening));
        if (!MerkleProof.verifyCalldata(proof, _batchRoots[roundId][batch], leaf)) {
            revert NotInBatch(roundId, batch, participant);
        }
        _requireBatchSeats(r, 1);
        // Effect
        ++r.batchRevealed;
        _reveal(roundId, r, participant, opening);
    }

    function _reveal(RoundId roundId, Round storage r, address participant, Opening calldata o) private {
        if (_reveals[roundId][participant] != 0) revert AlreadyRevealed(roundId, participant);
        if (o.weight == 0 || o.weight > r.weightCap) revert WeightOutOfRange(o.weight, r.weightCap);
        ++r.revealed; // at most `committed`: each direct commitment opens once, and batches keep to their seats
        _reveals[roundId][participant] = Commitments.revealed(o);
        emit UpdateRevealed(roundId, participant, o.updateRoot, o.contentDigest, o.weight, o.salt);
    }

    /// @inheritdoc ITrainingRounds
    function revealBatch(RoundId roundId, uint32 batch, bytes32 root, uint32 count, bytes32 documentDigest) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Reveal);
        _requireCoordinator(roundId, r);
        if (batch >= r.batches) revert UnknownBatch(roundId, batch);
        if (_batchReveals[roundId][batch] != 0) revert BatchAlreadyRevealed(roundId, batch);
        if (count == 0 || root == 0) revert EmptyBatch();
        _requireBatchSeats(r, count);
        // Effect
        r.revealed += count;
        r.batchRevealed += count;
        _batchReveals[roundId][batch] = root;
        emit BatchRevealed(roundId, batch, root, count, documentDigest);
    }

    /// @dev So whoever committed directly keeps the place to reveal, whatever the coordinator posts.
    function _requireBatchSeats(Round storage r, uint32 count) private view {
        uint32 left = r.batched - r.batchRevealed;
        if (count > left) revert TooManyReveals(count, left);
    }

    // --- result -------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function proposeResult(RoundId roundId, Result calldata result) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Proposal);
        _requireCoordinator(roundId, r);
        if (result.resultRoot == 0 || result.versionDigest == 0 || result.documentDigest == 0) revert EmptyResult();
        if (result.accepted == 0 || result.accepted > r.revealed || r.revealed < r.minimumParticipants) {
            revert AcceptedOutOfRange(result.accepted, r.revealed);
        }
        if (block.timestamp >= r.proposalDeadline) {
            revert ProposalTooLate(roundId, r.proposalDeadline, uint64(block.timestamp));
        }
        // Effect
        uint64 endsAt = uint64(block.timestamp) + r.challengeWindow;
        r.challengeEndsAt = endsAt;
        _results[roundId] = result;
        emit ResultProposed(
            roundId,
            msg.sender,
            result.resultRoot,
            result.versionDigest,
            result.documentDigest,
            result.accepted,
            result.totalWeight,
            endsAt
        );
    }

    /// @inheritdoc ITrainingRounds
    function finalise(RoundId roundId) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Proposed);
        if (block.timestamp < r.challengeEndsAt) {
            revert ChallengeWindowOpen(roundId, r.challengeEndsAt, uint64(block.timestamp));
        }
        // Effect
        r.finalised = true;
        Result storage result = _results[roundId];
        emit RoundFinalised(roundId, result.resultRoot, result.versionDigest);
        // Interaction
        if (r.funded) pool.release(roundId, r.modelId);
    }

    /// @inheritdoc ITrainingRounds
    function voidRound(RoundId roundId) external {
        // Check
        Round storage r = _rounds[roundId];
        Phase phase = phaseOf(roundId);
        if (phase == Phase.None) revert UnknownRound(roundId);
        bool withdrawn = phase == Phase.Enrolment && msg.sender == r.coordinator;
        bool missed = phase == Phase.Proposal
            && (block.timestamp >= r.proposalDeadline || (block.timestamp >= r.revealDeadline && _short(r)) || _lost(r));
        if (!withdrawn && !missed) revert CannotVoid(roundId, phase);
        // Effect
        r.voided = true;
        emit RoundVoided(roundId, phase);
        // Interaction
        if (r.funded) pool.refund(roundId);
    }

    /// @dev Below the minimum of reveals.
    function _short(Round storage r) private view returns (bool) {
        return r.revealed < r.minimumParticipants;
    }

    /// @dev Everything is revealed, early, and still below the minimum.
    function _lost(Round storage r) private view returns (bool) {
        return _short(r) && r.committed == r.revealed;
    }

    // --- views --------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function roundIdOf(ModelId modelId, uint64 number) public view returns (RoundId) {
        return RoundId.wrap(keccak256(abi.encode(block.chainid, address(this), modelId, number)));
    }

    /// @inheritdoc ITrainingRounds
    function roundOf(RoundId roundId) external view returns (Round memory) {
        return _rounds[roundId];
    }

    /// @inheritdoc ITrainingRounds
    function termsHashOf(RoundId roundId) external view returns (bytes32) {
        return _rounds[roundId].termsHash;
    }

    /// @inheritdoc ITrainingRounds
    function isEnrolled(RoundId roundId, address participant) external view returns (bool) {
        return _seats[roundId][participant] != 0;
    }

    /// @inheritdoc ITrainingRounds
    function commitmentOf(RoundId roundId, address participant) external view returns (bytes32) {
        bytes32 seat = _seats[roundId][participant];
        return seat == ENROLLED ? bytes32(0) : seat;
    }

    /// @inheritdoc ITrainingRounds
    function revealOf(RoundId roundId, address participant) external view returns (bytes32) {
        return _reveals[roundId][participant];
    }

    /// @inheritdoc ITrainingRounds
    function commitmentFor(RoundId roundId, address participant, Opening calldata opening)
        external
        view
        returns (bytes32)
    {
        return Commitments.commitmentOf(roundId, participant, opening);
    }

    /// @inheritdoc ITrainingRounds
    function resultOf(RoundId roundId) external view returns (Result memory) {
        return _results[roundId];
    }

    /// @inheritdoc ITrainingRounds
    function batchRootsOf(RoundId roundId, uint32 batch) external view returns (bytes32, bytes32) {
        return (_batchRoots[roundId][batch], _batchReveals[roundId][batch]);
    }
}
