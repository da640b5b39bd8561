// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ChunkProof, Children, Leaf, Path, Proposal, Server, StakeTerms, StepProof} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Judgement of proposals: what is wrong is proved in one transaction
/// @dev A proof that fails reverts and costs its gas. A fault takes the whole stake of who made it: half goes to the
///      beneficiary that the announced call names, the rest is burnt, so that a liar that proves its own lie, or has an
///      accomplice prove it, still loses half.
interface IDisputes {
    // --- errors -------------------------------------------------------------------------------

    error NoProposal(RoundId roundId);
    error DisputeWindowOver(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error PathNotInProposal(RoundId roundId);
    error ChildrenNotOfNode(RoundId roundId);
    error NodeIsSound(RoundId roundId);
    error LeafIsRight(RoundId roundId, address participant);
    error PositionOutOfRange(uint256 position, uint256 length);
    error WrongNumberOfInputs(uint256 given, uint256 expected);
    error NotLeftOut(RoundId roundId, address participant);
    error ChunkIsRight(RoundId roundId, uint64 chunk);
    error InRange(RoundId roundId, address participant, uint64 chunk);
    error NotRevealedSo(RoundId roundId, address participant);
    /// A proof counts for who announced it, as the hash of the whole call, in an earlier block.
    error NotAnnounced(bytes32 call);
    error ZeroBeneficiary();
    error ZeroAddress();
    error WrongProposal(RoundId roundId);
    error VersionIsRight(RoundId roundId, uint64 chunk);
    /// The terms name another one, or one whose step no contract computes.
    error WrongServer(RoundId roundId);

    // --- events -------------------------------------------------------------------------------

    event FaultAnnounced(bytes32 indexed call, address indexed caller);

    /// @notice Announces a proof by the hash of the whole call that will give it, so that nobody who sees that call can
    ///         earn by it what it earns. Caller: anyone.
    function announce(bytes32 call) external;

    /// @return the block in which a call was announced; 0 if it wasn't.
    function announcedIn(bytes32 call) external view returns (uint256);

    // --- faults of a proposal -----------------------------------------------------------------

    /// @notice Rejects a proposal with a node that doesn't say what its children do: a total that isn't the sum, a
    ///         participant that counts twice, too many children, another shape than a robust rule's (F-8).
    ///         Caller: anyone.
    function proveWrongNode(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        address beneficiary
    ) external;

    /// @notice Rejects a proposal that counts what wasn't revealed so, or doesn't count. Caller: anyone.
    function proveWrongLeaf(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        bytes32[] calldata hashes,
        uint256 position,
        Leaf calldata leaf,
        address beneficiary
    ) external;

    /// @notice Rejects a proposal that leaves out a participant whose update counts. Caller: anyone.
    function proveLeftOut(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        address participant,
        address beneficiary
    ) external;

    /// @notice Rejects a proposal with a wrong chunk of numerators: recomputes it from the same chunk of all the
    ///         node's children, updates or nodes. Caller: anyone.
    function proveWrongChunk(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        uint64 chunk,
        ChunkProof[] calldata inputs,
        ChunkProof calldata numerators,
        address beneficiary
    ) external;

    /// @notice Rejects a proposal with a wrong chunk of weights: recomputes it from the base's chunk and the top's
    ///         numerators (A-1, A-3). Caller: anyone.
    function proveWrongVersion(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        uint64 chunk,
        ChunkProof calldata base,
        ChunkProof calldata numerators,
        ChunkProof calldata weights,
        address beneficiary
    ) external;

    /// @notice Rejects a proposal with a chunk of weights, or of the momentum that it remembers, that the step of the
    ///         terms' server doesn't give: recomputes it from the base's chunks and the top's numerators (F-15). A
    ///         proposal that names no memory is wrong without one. Caller: anyone.
    /// @param server what the terms' base root is the hash of.
    function proveWrongStep(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        Server calldata server,
        uint64 chunk,
        StepProof calldata proofs,
        address beneficiary
    ) external;

    // --- faults of a participant --------------------------------------------------------------

    /// @notice Strikes a participant whose vector holds a value outside the lattice. Caller: anyone, until strikes end.
    function strikeOutOfRange(
        RoundId roundId,
        StakeTerms calldata stakes,
        Leaf calldata leaf,
        uint64 chunk,
        ChunkProof calldata proof,
        address beneficiary
    ) external;
}
