// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Certificates that a round's data are there for anyone to judge (F-16)
/// @dev Holders sign what they have fetched whole. Correctness rests on anybody who looks; that there is something to
///      look at rests on one honest holder among any `quorum`.
interface IAvailability {
    /// @notice Updates are certified after reveals, until certificates are due.
    /// @param roundId the round's id (R-1).
    /// @param from when certifying begins, in seconds since 1970.
    /// @param until when it ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error CertifyingClosed(RoundId roundId, uint64 from, uint64 until, uint64 blockTime);
    /// @notice Fewer holders, or signatures, than the quorum.
    /// @param given what was given.
    /// @param quorum how many the terms want.
    error TooFewHolders(uint256 given, uint16 quorum);
    /// @notice More holders than a certificate counts.
    /// @param given what was given.
    /// @param most the most that is taken.
    error TooManyHolders(uint256 given, uint256 most);
    /// @notice Each holder once, by ascending address.
    /// @param before the address before it.
    /// @param holder who vouches: a participant, or a member of the committee.
    error HoldersNotAscending(address before, address holder);
    /// @notice No seat that may vouch, or its stake is lost.
    /// @param roundId the round's id (R-1).
    /// @param account who isn't one.
    error NotAHolder(RoundId roundId, address account);
    /// @notice A bitmap of another length than the seats need.
    /// @param given what was given.
    /// @param expected one word for 256 seats.
    error WrongNumberOfWords(uint256 given, uint256 expected);
    /// @notice Neither its signature nor its vouch.
    /// @param holder who vouches: a participant, or a member of the committee.
    error BadSignature(address holder);
    /// @notice Every update of it is certified already.
    /// @param roundId the round's id (R-1).
    error NothingAdded(RoundId roundId);
    /// @notice No proposal stands.
    /// @param roundId the round's id (R-1).
    error NoProposal(RoundId roundId);
    /// @notice Another proposal stands.
    /// @param roundId the round's id (R-1).
    /// @param given the number that was given.
    /// @param standing the number of the one that stands.
    error WrongProposal(RoundId roundId, uint32 given, uint32 standing);
    /// @notice No such certificate, or of others.
    /// @param roundId the round's id (R-1).
    /// @param certificate its number in the round, from 0.
    error UnknownCertificate(RoundId roundId, uint256 certificate);
    /// @notice The holder didn't say that it holds this update.
    /// @param roundId the round's id (R-1).
    /// @param holder who vouches: a participant, or a member of the committee.
    error NotSigned(RoundId roundId, address holder);
    /// @notice Nobody was punished for withholding it.
    /// @param roundId the round's id (R-1).
    error NotWithheld(RoundId roundId);

    /// @notice A holder said on the chain what it holds.
    /// @param roundId the round's id (R-1).
    /// @param holder who vouches: a participant, or a member of the committee.
    /// @param held a bitmap of seats by their indexes, 256 to a word.
    event UpdatesVouchedFor(RoundId indexed roundId, address indexed holder, uint256[] held);
    /// @notice A holder said on the chain that it holds all of a proposal.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @param holder who vouches: a participant, or a member of the committee.
    event ResultVouchedFor(RoundId indexed roundId, uint32 indexed proposal, address indexed holder);
    /// @notice `held` has one bitmap per holder, of the seats whose updates it holds.
    /// @param roundId the round's id (R-1).
    /// @param certificate its number in the round, from 0.
    /// @param holders ascending, each with a stake left.
    /// @param held per holder a bitmap of the seats whose updates it holds, 256 seats a word.
    /// @param certified a bitmap of all seats certified so far.
    event UpdatesCertified(
        RoundId indexed roundId, uint256 indexed certificate, address[] holders, uint256[][] held, uint256[] certified
    );
    /// @notice A proposal is certified: disputes begin.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @param holders ascending, each with a stake left.
    event ResultCertified(RoundId indexed roundId, uint32 indexed proposal, address[] holders);

    /// @notice Says on the chain what the caller holds, in place of a signature. Caller: a holder, for itself.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param held a bitmap of seats, 256 to a word, by their indexes.
    function vouchForUpdates(RoundId roundId, StakeTerms calldata stakes, uint256[] calldata held) external;

    /// @notice Says on the chain that the caller holds all that the standing proposal names. Caller: a holder.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the proposal's number in its round, from 1.
    function vouchForResult(RoundId roundId, StakeTerms calldata stakes, uint32 proposal) external;

    /// @notice Certifies the updates that at least a quorum of the holders hold. Caller: anyone with their signatures,
    ///         from the end of reveals until certificates are due. An empty signature stands for a vouch.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param holders ascending, each with a stake left.
    /// @param held per holder a bitmap of the seats whose updates it holds, 256 seats a word.
    /// @param signatures of the holders, in their order; an empty one stands for a vouch.
    function certifyUpdates(
        RoundId roundId,
        StakeTerms calldata stakes,
        address[] calldata holders,
        uint256[][] calldata held,
        bytes[] calldata signatures
    ) external;

    /// @notice Certifies that a quorum holds all that the standing proposal names. Caller: anyone with their signatures;
    ///         an empty one stands for a vouch.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the proposal's number in its round, from 1.
    /// @param holders ascending, each with a stake left.
    /// @param signatures of the holders, in their order; an empty one stands for a vouch.
    function certifyResult(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint32 proposal,
        address[] calldata holders,
        bytes[] calldata signatures
    ) external;

    /// @notice Burns the stake of a holder that signed for an update which nobody could give. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param participant whose update nobody gave.
    /// @param certificate its number in the round, from 0.
    /// @param holders ascending, each with a stake left.
    /// @param held per holder a bitmap of the seats whose updates it holds, 256 seats a word.
    /// @param position the holder's among the signers, from 0.
    function burnForUpdate(
        RoundId roundId,
        StakeTerms calldata stakes,
        address participant,
        uint256 certificate,
        address[] calldata holders,
        uint256[][] calldata held,
        uint256 position
    ) external;

    /// @notice Burns the stake of a holder that signed for a result which nobody could give. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal by its number.
    /// @param holders ascending, each with a stake left.
    /// @param position the holder's among the signers, from 0.
    function burnForResult(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint32 proposal,
        address[] calldata holders,
        uint256 position
    ) external;

    /// @notice Whether a quorum holds the update of a seat, by its index.
    /// @param roundId the round's id (R-1).
    /// @param index the seat's index, from 0: its bit in certificates.
    /// @return true if so.
    function isCertified(RoundId roundId, uint32 index) external view returns (bool);

    /// @notice Whether a holder has vouched for what a digest says.
    /// @param digest of `holdingsDigest` or `resultDigest`.
    /// @param holder who vouches: a participant, or a member of the committee.
    /// @return true if so.
    function hasVouched(bytes32 digest, address holder) external view returns (bool);

    /// @notice What a holder signs for updates (EIP-712).
    /// @param roundId the round's id (R-1).
    /// @param held a bitmap of seats by their indexes, 256 to a word.
    /// @return the EIP-712 digest of `Holdings`.
    function holdingsDigest(RoundId roundId, uint256[] calldata held) external view returns (bytes32);

    /// @notice What a holder signs for a result (EIP-712).
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @param proposalHash keccak of the encoded proposal.
    /// @return the EIP-712 digest of `Result`.
    function resultDigest(RoundId roundId, uint32 proposal, bytes32 proposalHash) external view returns (bytes32);
}
