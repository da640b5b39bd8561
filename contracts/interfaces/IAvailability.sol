// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Certificates that a round's data are there for anyone to judge (F-16)
/// @dev Holders sign what they have fetched whole. Correctness rests on anybody who looks; that there is something to
///      look at rests on one honest holder among any `quorum`.
interface IAvailability {
    error CertifyingClosed(RoundId roundId, uint64 from, uint64 until, uint64 blockTime);
    error TooFewHolders(uint256 given, uint16 quorum);
    error TooManyHolders(uint256 given, uint256 most);
    error HoldersNotAscending(address before, address holder);
    error NotAHolder(RoundId roundId, address account);
    error WrongNumberOfWords(uint256 given, uint256 expected);
    error BadSignature(address holder);
    error NothingAdded(RoundId roundId);
    error NoProposal(RoundId roundId);
    error WrongProposal(RoundId roundId, uint32 given, uint32 standing);
    error UnknownCertificate(RoundId roundId, uint256 certificate);
    error NotSigned(RoundId roundId, address holder);
    error NotWithheld(RoundId roundId);

    event UpdatesVouchedFor(RoundId indexed roundId, address indexed holder, uint256[] held);
    event ResultVouchedFor(RoundId indexed roundId, uint32 indexed proposal, address indexed holder);
    /// `held` has one bitmap per holder, of the seats whose updates it holds.
    event UpdatesCertified(
        RoundId indexed roundId, uint256 indexed certificate, address[] holders, uint256[][] held, uint256[] certified
    );
    event ResultCertified(RoundId indexed roundId, uint32 indexed proposal, address[] holders);

    /// @notice Says on the chain what the caller holds, in place of a signature. Caller: a holder, for itself.
    /// @param held a bitmap of seats, 256 to a word, by their indexes.
    function vouchForUpdates(RoundId roundId, StakeTerms calldata stakes, uint256[] calldata held) external;

    /// @notice Says on the chain that the caller holds all that the standing proposal names. Caller: a holder.
    function vouchForResult(RoundId roundId, StakeTerms calldata stakes, uint32 proposal) external;

    /// @notice Certifies the updates that at least a quorum of the holders hold. Caller: anyone with their signatures,
    ///         from the end of reveals until certificates are due. An empty signature stands for a vouch.
    function certifyUpdates(
        RoundId roundId,
        StakeTerms calldata stakes,
        address[] calldata holders,
        uint256[][] calldata held,
        bytes[] calldata signatures
    ) external;

    /// @notice Certifies that a quorum holds all that the standing proposal names. Caller: anyone with their signatures;
    ///         an empty one stands for a vouch.
    function certifyResult(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint32 proposal,
        address[] calldata holders,
        bytes[] calldata signatures
    ) external;

    /// @notice Burns the stake of a holder that signed for an update which nobody could give. Caller: anyone.
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
    /// @param proposal by its number.
    function burnForResult(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint32 proposal,
        address[] calldata holders,
        uint256 position
    ) external;

    /// @notice Whether a quorum holds the update of a seat, by its index.
    function isCertified(RoundId roundId, uint32 index) external view returns (bool);

    /// @notice Whether a holder has vouched for what a digest says.
    function hasVouched(bytes32 digest, address holder) external view returns (bool);

    /// @notice What a holder signs for updates (EIP-712).
    function holdingsDigest(RoundId roundId, uint256[] calldata held) external view returns (bytes32);

    /// @notice What a holder signs for a result (EIP-712).
    function resultDigest(RoundId roundId, uint32 proposal, bytes32 proposalHash) external view returns (bytes32);
}
