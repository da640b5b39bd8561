// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "../types/ModelTypes.sol";
import {Batch, Opening, Phase, Result, RevealLeaf, Round, RoundId, RoundTerms} from "../types/RoundTypes.sol";
import {IHiddenRounds} from "./IHiddenRounds.sol";
import {ITrainingRoundsErrors} from "./ITrainingRoundsErrors.sol";

/// @title Training rounds: enrol, commit, reveal, propose, finalise or void
/// @dev Stake, disputes and slashing attach here: `stakedRounds` coordinates the rounds under stake and takes
///      their seats; a challenger needs `revealOf`, `resultOf` and the phase.
interface ITrainingRounds is ITrainingRoundsErrors {
    // --- events -------------------------------------------------------------------------------

    /// @notice There is a round.
    /// @param roundId the round's id (R-1).
    /// @param modelId the model's id (M-2).
    /// @param coordinator who opened the round, and proposes its result.
    /// @param number in the model, from 1.
    /// @param terms the round's terms.
    event RoundOpened(
        RoundId indexed roundId, ModelId indexed modelId, address indexed coordinator, uint64 number, RoundTerms terms
    );
    /// @notice A direct seat is taken.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    event ParticipantEnrolled(RoundId indexed roundId, address indexed participant);
    /// @notice A direct seat has its commitment.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param commitment the commitment of R-3.
    event UpdateCommitted(RoundId indexed roundId, address indexed participant, bytes32 commitment);
    /// @notice Many signed commitments under one root.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param root the root of the tree.
    /// @param count how many seats or reveals.
    /// @param documentDigest SHA-256 of the document's raw block.
    event BatchCommitted(
        RoundId indexed roundId, uint32 indexed batch, bytes32 root, uint32 count, bytes32 documentDigest
    );
    /// @notice A commitment is open.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param updateRoot the update's vector root (L-4).
    /// @param contentDigest SHA-256 of the update's root block.
    /// @param weight the update's weight, from 1.
    /// @param salt 32 random bytes.
    event UpdateRevealed(
        RoundId indexed roundId,
        address indexed participant,
        bytes32 updateRoot,
        bytes32 contentDigest,
        uint64 weight,
        bytes32 salt
    );
    /// @notice A batch's reveals under one root.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param root the root of the tree.
    /// @param count how many seats or reveals.
    /// @param documentDigest SHA-256 of the document's raw block.
    event BatchRevealed(
        RoundId indexed roundId, uint32 indexed batch, bytes32 root, uint32 count, bytes32 documentDigest
    );
    /// @notice The update that `UpdateRevealed` tells of in the same call stands in a batch.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param participant the participant's account.
    event RevealedFromBatch(RoundId indexed roundId, uint32 indexed batch, address indexed participant);
    /// @notice A batch held what its participant didn't sign: it counts for nothing.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param participant the participant's account.
    event BatchStruck(RoundId indexed roundId, uint32 indexed batch, address indexed participant);
    /// @notice A participant stood in own and posted reveals.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param participant the participant's account.
    event CountedOnce(RoundId indexed roundId, uint32 indexed batch, address indexed participant);
    /// @notice The challenge window is open.
    /// @param roundId the round's id (R-1).
    /// @param coordinator who opened the round, and proposes its result.
    /// @param resultRoot the vector root of the aggregate's numerators.
    /// @param versionDigest SHA-256 of the new version's root block.
    /// @param documentDigest SHA-256 of the document's raw block.
    /// @param accepted how many updates are in it.
    /// @param totalWeight the sum of accepted weights.
    /// @param challengeEndsAt in seconds since 1970.
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
    /// @notice The result is final.
    /// @param roundId the round's id (R-1).
    /// @param resultRoot the vector root of the aggregate's numerators.
    /// @param versionDigest SHA-256 of the new version's root block.
    event RoundFinalised(RoundId indexed roundId, bytes32 resultRoot, bytes32 versionDigest);
    /// @notice The round comes to nothing.
    /// @param roundId the round's id (R-1).
    /// @param phase the phase it was in.
    event RoundVoided(RoundId indexed roundId, Phase phase);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Opens a round; the budget, and the forfeit for every seat, are taken from the caller and held.
    ///         Caller: owner or publisher of the model, who becomes the coordinator.
    /// @param terms what the round is about; fixed from here on.
    /// @return roundId the round's id.
    function openRound(RoundTerms calldata terms) external returns (RoundId roundId);

    /// @notice Takes a seat, unless the round is under stake. Caller: anyone, for itself; on the allow-list if there
    ///         is one.
    /// @param roundId the round's id (R-1).
    /// @param allowListProof siblings that prove the caller's leaf; empty without a list.
    function enrol(RoundId roundId, bytes32[] calldata allowListProof) external;

    /// @notice Takes a seat under stake for who locks a stake. Caller: `stakedRounds`, in its own rounds.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param allowListProof siblings that prove the caller's leaf; empty without a list.
    function enrolFor(RoundId roundId, address participant, bytes32[] calldata allowListProof) external;

    /// @notice Commits to an update (R-3). Caller: an enrolled participant, for itself, once.
    /// @param roundId the round's id (R-1).
    /// @param commitment the commitment of R-3.
    function commit(RoundId roundId, bytes32 commitment) external;

    /// @notice Commits for an enrolled participant that signed `Commitment` (D-5). Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param commitment the commitment of R-3.
    /// @param signature 65 bytes of a key, or what the account's contract accepts (ERC-1271).
    function commitFor(RoundId roundId, address participant, bytes32 commitment, bytes calldata signature) external;

    /// @notice Commits many signed updates under one root (R-5), on `count` seats of those that direct ones leave.
    ///         Not in a hidden round. Caller: coordinator.
    /// @param roundId the round's id (R-1).
    /// @param root over the signed commitments (R-5).
    /// @param count how many seats or reveals.
    /// @param documentDigest SHA-256 of the document's raw block.
    function commitBatch(RoundId roundId, bytes32 root, uint32 count, bytes32 documentDigest) external;

    /// @notice Strikes a batch that holds a leaf its participant didn't sign: its seats are free again, and none of
    ///         its reveals count. Until reveals end. Caller: anyone who knows the leaf and its proof.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param participant the participant's account.
    /// @param commitment the commitment of R-3.
    /// @param signature 65 bytes of a key, or what the account's contract accepts (ERC-1271).
    /// @param proof siblings from the leaf up, as OpenZeppelin's tree has them.
    function strikeBatch(
        RoundId roundId,
        uint32 batch,
        address participant,
        bytes32 commitment,
        bytes calldata signature,
        bytes32[] calldata proof
    ) external;

    /// @notice Opens a participant's commitment (R-4). Caller: anyone who knows the opening.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param opening what the commitment hides.
    function reveal(RoundId roundId, address participant, Opening calldata opening) external;

    /// @notice Opens a commitment that stands in a batch, before the batch's reveals are posted and after.
    ///         Caller: anyone who knows opening, proof and the signature's keccak hash.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param participant the participant's account.
    /// @param opening what the commitment hides.
    /// @param signatureHash keccak of the participant's signature.
    /// @param proof siblings from the leaf up, as OpenZeppelin's tree has them.
    function revealFromBatch(
        RoundId roundId,
        uint32 batch,
        address participant,
        Opening calldata opening,
        bytes32 signatureHash,
        bytes32[] calldata proof
    ) external;

    /// @notice Posts the root over the revealed updates of a batch, once per batch. Caller: coordinator.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param root over the revealed updates (`RevealLeaf`).
    /// @param count how many seats or reveals.
    /// @param documentDigest SHA-256 of the document's raw block.
    function revealBatch(RoundId roundId, uint32 batch, bytes32 root, uint32 count, bytes32 documentDigest) external;

    /// @notice Shows that a participant of a batch's posted reveals revealed by itself as well, so that both count
    ///         as one. Caller: anyone who knows the leaf and its proof.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param leaf the update as the batch's reveals list it.
    /// @param proof siblings from the leaf up, as OpenZeppelin's tree has them.
    function countOnce(RoundId roundId, uint32 batch, RevealLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Proposes the round's result; the challenge window opens. Of a hidden round once it waits for no group
    ///         (H-6). Caller: coordinator.
    /// @param roundId the round's id (R-1).
    /// @param result what the round comes to.
    function proposeResult(RoundId roundId, Result calldata result) external;

    /// @notice Makes a result final after its challenge window; the budget moves to the payouts, and what the
    ///         coordinator would have forfeited is free. Caller: anyone.
    /// @param roundId the round's id (R-1).
    function finalise(RoundId roundId) external;

    /// @notice Voids a round (R-6); the budget goes back to its funder. What the coordinator put up is forfeited if
    ///         enough revealed, and in a hidden round weren't lost (H-6), and it proposed nothing in time, and free
    ///         otherwise. Caller: anyone once a deadline
    ///         or the minimum was missed; the coordinator during enrolment.
    /// @param roundId the round's id (R-1).
    function voidRound(RoundId roundId) external;

    // --- views --------------------------------------------------------------------------------

    /// @notice The contract whose rounds are under stake.
    /// @return its address.
    function stakedRounds() external view returns (address);

    /// @notice The contract that says which rounds are hidden, and what they lost.
    /// @return its address.
    function hiddenRounds() external view returns (IHiddenRounds);

    /// @notice The id of a model's round by its number.
    /// @param modelId the model's id (M-2).
    /// @param number in the model, from 1.
    /// @return the id, opened or not.
    function roundIdOf(ModelId modelId, uint64 number) external view returns (RoundId);

    /// @notice A round as the contract keeps it.
    /// @param roundId the round's id (R-1).
    /// @return zeros if there is none.
    function roundOf(RoundId roundId) external view returns (Round memory);

    /// @notice Who opened a round, and how its seats stand: what HiddenRounds asks for.
    /// @param roundId the round's id (R-1).
    /// @return coordinator 0 if there is no such round.
    /// @return enrolled direct seats.
    /// @return batches how many there were, struck ones too.
    /// @return revealed direct reveals.
    function seatsOf(RoundId roundId)
        external
        view
        returns (address coordinator, uint32 enrolled, uint32 batches, uint32 revealed);

    /// @notice The hash of a round's terms.
    /// @param roundId the round's id (R-1).
    /// @return keccak of the encoded terms; 0 if there is none.
    function termsHashOf(RoundId roundId) external view returns (bytes32);

    /// @notice A round's phase by now (R-2).
    /// @param roundId the round's id (R-1).
    /// @return the phase in this block; `None` if there is no such round.
    function phaseOf(RoundId roundId) external view returns (Phase);

    /// @notice Whether a participant has a direct seat.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @return true if it has a direct seat.
    function isEnrolled(RoundId roundId, address participant) external view returns (bool);

    /// @notice A participant's commitment; 0 before it committed.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @return 32 bytes.
    function commitmentOf(RoundId roundId, address participant) external view returns (bytes32);

    /// @notice `keccak(enc(updateRoot, contentDigest, weight))` of a revealed update; 0 before, and once the batch
    ///         that it was revealed from is struck.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @return 32 bytes.
    function revealOf(RoundId roundId, address participant) external view returns (bytes32);

    /// @notice The commitment that an opening gives for a participant.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param opening what the commitment hides.
    /// @return what R-3 asks for.
    function commitmentFor(RoundId roundId, address participant, Opening calldata opening)
        external
        view
        returns (bytes32);

    /// @notice What was proposed for a round.
    /// @param roundId the round's id (R-1).
    /// @return zeros before it is proposed.
    function resultOf(RoundId roundId) external view returns (Result memory);

    /// @notice A batch by its number.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @return zeros if there is none.
    function batchOf(RoundId roundId, uint32 batch) external view returns (Batch memory);
}
