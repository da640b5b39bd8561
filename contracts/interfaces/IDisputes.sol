// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    AggregationRule,
    Children,
    ChunkProof,
    Leaf,
    OpenedSecrets,
    Path,
    Proposal,
    Server,
    StakeTerms,
    StepProof
} from "../types/DisputeTypes.sol";
import {SignedShare} from "../types/HiddenTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Judgement of proposals: what is wrong is proved in one transaction
/// @dev A proof that fails reverts and costs its gas. A fault takes the whole stake of who made it: half goes to the
///      beneficiary that the announced call names, the rest is burnt, so that a liar that proves its own lie, or has an
///      accomplice prove it, still loses half.
interface IDisputes {
    // --- errors -------------------------------------------------------------------------------

    /// @notice No proposal stands, or the round is over.
    /// @param roundId the round's id (R-1).
    error NoProposal(RoundId roundId);
    /// @notice Proofs are too late.
    /// @param roundId the round's id (R-1).
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error DisputeWindowOver(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// @notice The path doesn't begin at the proposal's top, or breaks.
    /// @param roundId the round's id (R-1).
    error PathNotInProposal(RoundId roundId);
    /// @notice The node doesn't commit to these children.
    /// @param roundId the round's id (R-1).
    error ChildrenNotOfNode(RoundId roundId);
    /// @notice Nothing is wrong with the node.
    /// @param roundId the round's id (R-1).
    error NodeIsSound(RoundId roundId);
    /// @notice The leaf is what was revealed, and counts.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error LeafMatchesReveal(RoundId roundId, address participant);
    /// @notice There is no such child.
    /// @param position the child's, from 0.
    /// @param length how many children there are.
    error PositionOutOfRange(uint256 position, uint256 length);
    /// @notice One chunk for each child, none left out.
    /// @param given what was given.
    /// @param expected what it had to be.
    error WrongNumberOfInputs(uint256 given, uint256 expected);
    /// @notice The participant is there, or the path leads elsewhere.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error NotLeftOut(RoundId roundId, address participant);
    /// @notice The numerators are what they have to be.
    /// @param roundId the round's id (R-1).
    /// @param chunk the chunk's index, from 0: 256 values each.
    error ChunkIsCorrect(RoundId roundId, uint64 chunk);
    /// @notice The chunk isn't proven, or all of its values are on the lattice.
    /// @param roundId the round's id (R-1).
    /// @param participant whose chunk has no value outside the lattice.
    /// @param chunk the chunk's index, from 0: 256 values each.
    error InRange(RoundId roundId, address participant, uint64 chunk);
    /// @notice The leaf isn't what the participant revealed, or doesn't count.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error NotRevealedSo(RoundId roundId, address participant);
    /// @notice A proof counts for who announced it, as the hash of the whole call, in an earlier block.
    /// @param call keccak of the whole call, selector included.
    error NotAnnounced(bytes32 call);
    /// @notice Somebody has to gain by a proof.
    error ZeroBeneficiary();
    /// @notice Every contract has to be there.
    error ZeroAddress();
    /// @notice Another proposal stands.
    /// @param roundId the round's id (R-1).
    error WrongProposal(RoundId roundId);
    /// @notice The weights, or the momentum, are what they have to be.
    /// @param roundId the round's id (R-1).
    /// @param chunk the chunk's index, from 0: 256 values each.
    error VersionIsCorrect(RoundId roundId, uint64 chunk);
    /// @notice The terms name another one, or one whose step no contract computes.
    /// @param roundId the round's id (R-1).
    error WrongServer(RoundId roundId);
    /// @notice The round's rule has another proof: of hidden sums `proveWrongSum`, of plain ones `proveWrongChunk`.
    /// @param roundId the round's id (R-1).
    /// @param rule the terms'.
    error WrongRule(RoundId roundId, AggregationRule rule);
    /// @notice The round is hidden and its rule that of hidden sums, or neither.
    /// @param roundId the round's id (R-1).
    /// @param rule the terms'.
    error RuleFits(RoundId roundId, AggregationRule rule);
    /// @notice The holder didn't sign shares of both of the dealer's secrets.
    /// @param roundId the round's id (R-1).
    /// @param holder who was to have signed.
    /// @param dealer whose secrets they were to be of.
    error NotSignedBoth(RoundId roundId, address holder, address dealer);

    // --- events -------------------------------------------------------------------------------

    /// @notice A proof is announced: from the next block on it counts.
    /// @param call keccak of the whole call, selector included.
    /// @param caller who announced.
    event FaultAnnounced(bytes32 indexed call, address indexed caller);

    /// @notice Announces a proof by the hash of the whole call that will give it, so that nobody who sees that call can
    ///         earn by it what it earns. Caller: anyone.
    /// @param call keccak of the whole call, selector included.
    function announce(bytes32 call) external;

    /// @notice When a call was announced.
    /// @param call keccak of the whole call, selector included.
    /// @return the block in which a call was announced; 0 if it wasn't.
    function announcedIn(bytes32 call) external view returns (uint256);

    // --- faults of a proposal -----------------------------------------------------------------

    /// @notice Rejects a proposal with a node that doesn't say what its children do: a total that isn't the sum, a
    ///         participant that counts twice, too many children, another shape than a robust rule's (F-8).
    ///         Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param path the way from the proposal's top to the node.
    /// @param children the node's children, in order.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
    function proveWrongNode(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        address beneficiary
    ) external;

    /// @notice Rejects a proposal that counts what wasn't revealed so, or doesn't count. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param path the way from the proposal's top to the node.
    /// @param hashes of all the node's children, in order.
    /// @param position the child's, from 0.
    /// @param leaf what was revealed.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
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
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param path the way to where its leaf would have to be.
    /// @param children the node's children, in order.
    /// @param participant the participant's account.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
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
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param path the way from the proposal's top to the node.
    /// @param children the node's children, in order.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @param inputs that chunk of each child, in order.
    /// @param numerators that chunk of the numerators.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
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

    /// @notice Rejects a hidden round's proposal with a wrong chunk of numerators: takes the masks off the sum of the same
    ///         chunk of all survivors' updates (H-8). Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param path the way from the proposal's top to the node.
    /// @param children the updates of all survivors, in order.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @param inputs that chunk of each masked update, in order.
    /// @param numerators that chunk of the numerators.
    /// @param secrets what the masks are made of.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
    function proveWrongSum(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        uint64 chunk,
        ChunkProof[] calldata inputs,
        ChunkProof calldata numerators,
        OpenedSecrets calldata secrets,
        address beneficiary
    ) external;

    /// @notice Rejects any proposal of a round whose rule is that of hidden sums though nobody made it hidden, or that is
    ///         hidden and has another rule: nothing else could be proved of it. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
    function proveNotHidden(RoundId roundId, StakeTerms calldata stakes, address beneficiary) external;

    /// @notice Rejects a proposal with a wrong chunk of weights: recomputes it from the base's chunk and the top's
    ///         numerators (A-1, A-3). Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the standing one.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @param base that chunk of the base's weights.
    /// @param numerators that chunk of the numerators.
    /// @param weights that chunk of the new weights.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
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
    ///         proposal that names no momentum is wrong without one. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the standing one.
    /// @param server what the terms' base root is the hash of.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @param proofs that chunk of base, momentum, numerators and claim.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
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

    /// @notice Slashes a participant whose vector holds a value outside the lattice. Caller: anyone, until slashing ends.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param leaf what was revealed.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @param proof the chunk, and what proves it.
    /// @param beneficiary who gets half of the stake; the rest is burnt.
    function proveOutOfRange(
        RoundId roundId,
        StakeTerms calldata stakes,
        Leaf calldata leaf,
        uint64 chunk,
        ChunkProof calldata proof,
        address beneficiary
    ) external;

    /// @notice Burns the stake of who signed shares of both secrets of one dealer in one round: with enough of them that
    ///         dealer's update is laid open (H-8). Caller: anyone; nobody gains by it.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param holder who signed.
    /// @param dealer whose secrets they are of.
    /// @param ofSeed a share of the seed.
    /// @param ofKey a share of the round secret key.
    function proveBothSecrets(
        RoundId roundId,
        StakeTerms calldata stakes,
        address holder,
        address dealer,
        SignedShare calldata ofSeed,
        SignedShare calldata ofKey
    ) external;
}
