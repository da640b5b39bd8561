// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IEmergencyStop} from "../interfaces/IEmergencyStop.sol";
import {IForfeits} from "../interfaces/IForfeits.sol";
import {IHiddenRounds} from "../interfaces/IHiddenRounds.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IRewardPool} from "../interfaces/IRewardPool.sol";
import {ITermsRules} from "../interfaces/ITermsRules.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {Commitments} from "../libraries/Commitments.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {ModelId} from "../types/ModelTypes.sol";
import {Opening, Phase, Result, Round, RoundId, RoundTerms} from "../types/RoundTypes.sol";
import {RoundBatches} from "./RoundBatches.sol";

/// @title Training rounds
/// @dev Assumptions:
///      1. The coordinator isn't trusted with anybody's update: it can't reveal for others, refuse a direct seat, or
///         end a phase early.
///      2. It is trusted with the result, until an audit or, under stake, a proof says otherwise (F-7).
///      3. The registry, the pool, Forfeits and the rules are the deployment's, and fixed.
///      4. Tokens: see `IRewardPool`. Block times are right to the minute.
///      5. Updates are public once revealed; what they contain no contract here looks at.
///      6. HiddenRounds tells truly which of those that revealed a hidden round lost, and what it waits for.
contract TrainingRounds is RoundBatches {
    using SafeERC20 for IERC20;

    // --- immutables and storage ---------------------------------------------------------------

    string public constant VERSION = "0.1.0";
    IModelRegistry public immutable registry;
    IRewardPool public immutable pool;
    IForfeits public immutable forfeits;
    IEmergencyStop public immutable emergencyStop;
    ITermsRules public immutable rules;
    /// @inheritdoc ITrainingRounds
    address public immutable stakedRounds;

    mapping(ModelId => uint64) private _roundCounts;

    constructor(
        IModelRegistry registry_,
        IRewardPool pool_,
        IForfeits forfeits_,
        ITermsRules rules_,
        IEmergencyStop emergencyStop_,
        address stakedRounds_,
        IHiddenRounds hiddenRounds_
    ) RoundBatches(hiddenRounds_) EIP712("Tallystick TrainingRounds", "1") {
        if (address(registry_).code.length == 0) revert InvalidParameter("registry");
        if (address(pool_).code.length == 0) revert InvalidParameter("pool");
        if (address(forfeits_).code.length == 0) revert InvalidParameter("forfeits");
        if (address(rules_).code.length == 0) revert InvalidParameter("rules");
        if (address(emergencyStop_).code.length == 0) revert InvalidParameter("emergencyStop");
        if (stakedRounds_ != rules_.stakedRounds()) revert InvalidParameter("stakedRounds");
        registry = registry_;
        pool = pool_;
        forfeits = forfeits_;
        emergencyStop = emergencyStop_;
        rules = rules_;
        stakedRounds = stakedRounds_;
    }

    // --- open and enrol -----------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function openRound(RoundTerms calldata terms) external returns (RoundId roundId) {
        // Check
        if (!registry.isPublisher(terms.modelId, msg.sender)) revert NotPublisherOf(terms.modelId, msg.sender);
        if (!registry.isActiveVersion(terms.modelId, terms.baseVersion)) {
            revert BaseVersionNotActive(terms.modelId, terms.baseVersion);
        }
        rules.checkTerms(terms, msg.sender);
        emergencyStop.requireRounds(terms.rewardToken);
        // Effect
        uint64 number = ++_roundCounts[terms.modelId];
        roundId = roundIdOf(terms.modelId, number);
        _store(roundId, terms);
        emit RoundOpened(roundId, terms.modelId, msg.sender, number, terms);
        // Interaction
        IERC20 token = IERC20(terms.rewardToken);
        if (terms.rewardBudget != 0) {
            token.safeTransferFrom(msg.sender, address(pool), terms.rewardBudget);
            pool.escrow(roundId, address(token), msg.sender, terms.rewardBudget);
        }
        if (terms.forfeit != 0) {
            uint256 bond = uint256(terms.forfeit) * terms.maximumParticipants;
            token.safeTransferFrom(msg.sender, address(forfeits), bond);
            forfeits.hold(roundId, address(token), msg.sender, terms.forfeit, bond);
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
        r.bonded = t.forfeit != 0;
        r.allowListRoot = t.allowListRoot;
        r.termsHash = keccak256(abi.encode(t));
        r.modelId = t.modelId;
    }

    /// @inheritdoc ITrainingRounds
    function enrol(RoundId roundId, bytes32[] calldata allowListProof) external {
        if (_rounds[roundId].coordinator == stakedRounds) revert EnrolmentUnderStake(roundId);
        _enrol(roundId, msg.sender, allowListProof);
    }

    /// @inheritdoc ITrainingRounds
    function enrolFor(RoundId roundId, address participant, bytes32[] calldata allowListProof) external {
        _requireCoordinator(roundId, _rounds[roundId]);
        if (msg.sender != stakedRounds) revert NotUnderStake(roundId);
        _enrol(roundId, participant, allowListProof);
    }

    function _enrol(RoundId roundId, address participant, bytes32[] calldata allowListProof) private {
        // Check
        Round storage r = _rounds[roundId];
        if (_seats[roundId][participant] != 0) revert AlreadyEnrolled(roundId, participant);
        _requirePhase(roundId, Phase.Enrolment); // so the round isn't full
        _requireAllowed(roundId, r, participant, allowListProof);
        // Effect
        ++r.enrolled;
        _seats[roundId][participant] = ENROLLED;
        emit ParticipantEnrolled(roundId, participant);
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
        bytes32 digest = _hashTypedDataV4(Commitments.signedHash(roundId, participant, commitment));
        if (!Signatures.isSignedBy(participant, digest, signature)) revert InvalidSignature(roundId, participant);
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

    // --- reveal -------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function reveal(RoundId roundId, address participant, Opening calldata opening) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Reveal);
        bytes32 committed = _seats[roundId][participant];
        if (uint256(committed) <= 1) revert NotCommitted(roundId, participant);
        bytes32 opened = Commitments.commitmentOf(roundId, participant, opening);
        if (opened != committed) revert CommitmentMismatch(roundId, participant, committed, opened);
        _requireOpening(roundId, r, participant, opening);
        // Effect
        ++r.revealed;
        _reveals[roundId][participant] = Commitments.revealed(opening);
        emit UpdateRevealed(
            roundId, participant, opening.updateRoot, opening.contentDigest, opening.weight, opening.salt
        );
    }

    // --- result -------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function proposeResult(RoundId roundId, Result calldata result) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Proposal);
        _requireCoordinator(roundId, r);
        if (result.resultRoot == 0 || result.versionDigest == 0 || result.documentDigest == 0) revert EmptyResult();
        // Nobody could check it yet.
        if (hiddenRounds.isWaiting(roundId)) revert SecretsNotOpen(roundId);
        uint32 revealed = _countedOf(roundId, r);
        if (result.accepted == 0 || result.accepted > revealed || revealed < r.minimumParticipants) {
            revert AcceptedOutOfRange(result.accepted, revealed);
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
        if (r.bonded) forfeits.release(roundId);
    }

    /// @inheritdoc ITrainingRounds
    function voidRound(RoundId roundId) external {
        // Check
        Round storage r = _rounds[roundId];
        Phase phase = phaseOf(roundId);
        if (phase == Phase.None) revert UnknownRound(roundId);
        bool short = _countedOf(roundId, r) < r.minimumParticipants;
        bool late = block.timestamp >= r.proposalDeadline;
        bool withdrawn = phase == Phase.Enrolment && msg.sender == r.coordinator;
        // Proposal begins when nothing more can be revealed, so what is short then stays short; and a hidden round only
        // loses.
        bool missed = phase == Phase.Proposal && (late || short);
        if (!withdrawn && !missed) revert CannotVoid(roundId, phase);
        // Effect
        r.voided = true;
        emit RoundVoided(roundId, phase);
        // Interaction
        if (r.funded) pool.refund(roundId);
        if (!r.bonded) return;
        if (missed && _isForfeited(roundId, r, short)) forfeits.forfeit(roundId);
        else forfeits.release(roundId);
    }

    /// @dev Enough revealed, and everybody's updates are public: who was to make something of them didn't. In a hidden round
    ///      whoever reveals and gives nothing keeps others from a result, and so does a coordinator's own seat. By
    ///      invitation those are its own guests, so it answers for what comes of opened seeds; where anybody may enrol it
    ///      would answer for strangers.
    function _isForfeited(RoundId roundId, Round storage r, bool short) private view returns (bool) {
        if (hiddenRounds.widthOf(roundId) == 0) return !short;
        bool enough = _revealedCount(r) >= r.minimumParticipants;
        return enough && r.allowListRoot != 0 && hiddenRounds.hasBegun(roundId);
    }

    /// @dev How many updates a result could be of: in a hidden round those whose masks come off.
    function _countedOf(RoundId roundId, Round storage r) private view returns (uint32) {
        return _revealedCount(r) - hiddenRounds.lostOf(roundId);
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
    function seatsOf(RoundId roundId)
        external
        view
        returns (address coordinator, uint32 enrolled, uint32 batches, uint32 revealed)
    {
        Round storage r = _rounds[roundId];
        return (r.coordinator, r.enrolled, r.batches, r.revealed);
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
}
