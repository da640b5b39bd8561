// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IHiddenRounds} from "../interfaces/IHiddenRounds.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {Commitments} from "../libraries/Commitments.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Batch, Opening, Phase, RevealLeaf, Round, RoundId} from "../types/RoundTypes.sol";
import {RoundPhases} from "./RoundPhases.sol";

/// @dev Batches of a round (R-5). Whatever a coordinator posts, it takes no direct seat and refuses nobody's own
///      reveal: counts of own and of posted reveals are kept apart, and each kind is bounded by itself.
///
///      Assumptions:
///      1. A coordinator may make leaves up: they take no direct seat, and count within the batch's own seats.
///      2. Wallets (ERC-1271) may change their mind: a key's signature stays good whatever its account's code says.
abstract contract RoundBatches is RoundPhases, EIP712 {
    /// @inheritdoc ITrainingRounds
    IHiddenRounds public immutable hiddenRounds;

    mapping(RoundId => mapping(uint32 => Batch)) private _batches;
    mapping(RoundId => mapping(uint32 => mapping(address => bool))) private _counted;

    constructor(IHiddenRounds hiddenRounds_) {
        if (address(hiddenRounds_) == address(0)) revert InvalidParameter("hiddenRounds");
        hiddenRounds = hiddenRounds_;
    }

    // --- commit -------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function commitBatch(RoundId roundId, bytes32 root, uint32 count, bytes32 documentDigest) external {
        // Check
        Round storage r = _rounds[roundId];
        Phase phase = phaseOf(roundId);
        if (phase == Phase.None) revert UnknownRound(roundId);
        if (phase != Phase.Enrolment && phase != Phase.Commit) revert WrongPhase(roundId, Phase.Commit, phase);
        _requireCoordinator(roundId, r);
        if (count == 0 || root == 0) revert EmptyBatch();
        // A masked update takes a seat of its own: masks are agreed on between keys of participants.
        if (hiddenRounds.widthOf(roundId) != 0) revert BatchInHiddenRound(roundId);
        if (uint256(r.enrolled) + r.batched + count > r.maximumParticipants) {
            revert RoundFull(roundId, r.maximumParticipants);
        }
        // Effect
        uint32 batch = r.batches++;
        r.batched += count;
        Batch storage b = _batches[roundId][batch];
        b.root = root;
        b.count = count;
        emit BatchCommitted(roundId, batch, root, count, documentDigest);
    }

    /// @inheritdoc ITrainingRounds
    function strikeBatch(
        RoundId roundId,
        uint32 batch,
        address participant,
        bytes32 commitment,
        bytes calldata signature,
        bytes32[] calldata proof
    ) external {
        // Check
        Phase phase = phaseOf(roundId);
        if (phase != Phase.Enrolment && phase != Phase.Commit && phase != Phase.Reveal) {
            revert WrongPhase(roundId, Phase.Reveal, phase);
        }
        (Round storage r, Batch storage b) = (_rounds[roundId], _requireValidBatch(roundId, batch));
        // Or a coordinator could take everybody's reveals out again, and with them what it forfeits.
        if (b.own != 0 || b.posted != 0) revert RevealedAlready(roundId, batch);
        bytes32 leaf = Commitments.batchLeaf(participant, commitment, keccak256(signature));
        _requireLeaf(roundId, batch, participant, proof, b.root, leaf);
        bytes32 digest = _hashTypedDataV4(Commitments.signedHash(roundId, participant, commitment));
        // A key's signature stays right whatever code its account takes on later, or a participant could end the
        // batch that it stands in.
        if (Signatures.isByKey(participant, digest, signature) || Signatures.isSignedBy(participant, digest, signature))
        {
            revert SignatureIsValid(roundId, participant);
        }
        // Effect
        r.batched -= b.count;
        b.struck = true;
        emit BatchStruck(roundId, batch, participant);
    }

    // --- reveal -------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function revealFromBatch(
        RoundId roundId,
        uint32 batch,
        address participant,
        Opening calldata opening,
        bytes32 signatureHash,
        bytes32[] calldata proof
    ) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Reveal);
        Batch storage b = _requireValidBatch(roundId, batch);
        if (_seats[roundId][participant] != 0) revert SeatedDirectly(roundId, participant);
        bytes32 leaf =
            Commitments.batchLeaf(participant, Commitments.commitmentOf(roundId, participant, opening), signatureHash);
        _requireLeaf(roundId, batch, participant, proof, b.root, leaf);
        _requireRoom(1, b.count - b.own, r.maximumParticipants - r.enrolled - r.ownReveals);
        _requireOpening(roundId, r, participant, opening);
        // Effect
        uint32 before = _atMost(b);
        ++b.own;
        ++r.ownReveals;
        r.batchRevealed += _atMost(b) - before;
        _reveals[roundId][participant] = Commitments.revealed(opening);
        emit RevealedFromBatch(roundId, batch, participant);
        emit UpdateRevealed(
            roundId, participant, opening.updateRoot, opening.contentDigest, opening.weight, opening.salt
        );
    }

    /// @inheritdoc ITrainingRounds
    function revealBatch(RoundId roundId, uint32 batch, bytes32 root, uint32 count, bytes32 documentDigest) external {
        // Check
        Round storage r = _requirePhase(roundId, Phase.Reveal);
        _requireCoordinator(roundId, r);
        Batch storage b = _requireValidBatch(roundId, batch);
        if (b.revealRoot != 0) revert BatchAlreadyRevealed(roundId, batch);
        if (count == 0 || root == 0) revert EmptyBatch();
        _requireRoom(count, b.count, r.maximumParticipants - r.enrolled - r.postedReveals);
        // Effect
        uint32 before = _atMost(b);
        b.posted = count;
        b.revealRoot = root;
        r.postedReveals += count;
        r.batchRevealed += _atMost(b) - before;
        emit BatchRevealed(roundId, batch, root, count, documentDigest);
    }

    /// @inheritdoc ITrainingRounds
    function countOnce(RoundId roundId, uint32 batch, RevealLeaf calldata leaf, bytes32[] calldata proof) external {
        // Check
        Round storage r = _rounds[roundId];
        Phase phase = phaseOf(roundId);
        if (phase != Phase.Reveal && phase != Phase.Proposal) revert WrongPhase(roundId, Phase.Proposal, phase);
        Batch storage b = _requireValidBatch(roundId, batch);
        address who = leaf.participant;
        bool known = _counted[roundId][batch][who] || b.twice == b.posted;
        if (known || revealOf(roundId, who) == 0) revert NotCountedTwice(roundId, batch, who);
        _requireLeaf(roundId, batch, who, proof, b.revealRoot, Commitments.revealLeaf(leaf));
        // Effect
        uint32 before = _atMost(b);
        ++b.twice;
        r.batchRevealed -= before - _atMost(b);
        _counted[roundId][batch][who] = true;
        emit CountedOnce(roundId, batch, who);
    }

    // --- what the functions share -------------------------------------------------------------

    /// @dev Own and posted reveals may be the same participants', so this is how many they can be at most.
    function _atMost(Batch storage b) private view returns (uint32) {
        uint256 sum = uint256(b.own) + b.posted - b.twice;
        return sum < b.count ? uint32(sum) : b.count;
    }

    function _requireValidBatch(RoundId roundId, uint32 batch) private view returns (Batch storage b) {
        b = _batches[roundId][batch];
        if (b.count == 0) revert UnknownBatch(roundId, batch);
        if (b.struck) revert BatchIsStruck(roundId, batch);
    }

    function _requireLeaf(
        RoundId roundId,
        uint32 batch,
        address participant,
        bytes32[] calldata proof,
        bytes32 root,
        bytes32 leaf
    ) private pure {
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) {
            revert NotInBatch(roundId, batch, participant);
        }
    }

    /// @dev So whoever committed directly keeps the place to reveal, and the weights their bound (A-2).
    function _requireRoom(uint32 count, uint32 inBatch, uint32 inRound) private pure {
        uint32 left = inBatch < inRound ? inBatch : inRound;
        if (count > left) revert TooManyReveals(count, left);
    }

    function _requireOpening(RoundId roundId, Round storage r, address participant, Opening calldata o) internal view {
        if (revealOf(roundId, participant) != 0) revert AlreadyRevealed(roundId, participant);
        if (o.weight == 0 || o.weight > r.weightCap) revert WeightOutOfRange(o.weight, r.weightCap);
    }

    // --- views --------------------------------------------------------------------------------

    /// @inheritdoc ITrainingRounds
    function revealOf(RoundId roundId, address participant) public view returns (bytes32) {
        return _reveals[roundId][participant];
    }

    /// @inheritdoc ITrainingRounds
    function batchOf(RoundId roundId, uint32 batch) external view returns (Batch memory) {
        return _batches[roundId][batch];
    }
}
