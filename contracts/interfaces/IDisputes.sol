// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Asked, ChunkProof, Children, Leaf, Path, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Judgement of proposals: what is wrong is proved in one transaction
/// @dev A proof that fails reverts and costs its gas; a question costs its bond if it is answered. A fault takes the
///      whole stake of who made it: half goes to who proved it, half to the round's sponsor.
interface IDisputes {
    /// A question that waits for its answer.
    struct Question {
        address asker;
        uint64 deadline;
        Asked asked;
        uint32 proposal;
        bool open;
        address participant;
        bytes32 subject;
        uint64 chunk;
    }

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
    error TooLateToAsk(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error ChunkOutOfRange(uint64 chunk, uint64 chunks);
    error UnknownQuestion(RoundId roundId, uint256 question);
    error WrongQuestion(RoundId roundId, uint256 question, Asked expected, Asked actual);
    error AnswerTimeOver(RoundId roundId, uint256 question, uint64 deadline, uint64 blockTime);
    error AnswerTimeOpen(RoundId roundId, uint256 question, uint64 deadline, uint64 blockTime);
    error AnswerNotProven(RoundId roundId, uint256 question);
    error QuestionOfRejectedProposal(RoundId roundId, uint256 question);
    error QuestionStands(RoundId roundId, uint256 question);

    // --- events -------------------------------------------------------------------------------

    event QuestionAsked(
        RoundId indexed roundId,
        uint256 indexed question,
        address indexed asker,
        Asked asked,
        address participant,
        bytes32 subject,
        uint64 chunk,
        uint64 deadline
    );
    event QuestionAnswered(RoundId indexed roundId, uint256 indexed question, address indexed answerer);
    event QuestionClosed(RoundId indexed roundId, uint256 indexed question);

    // --- faults of a proposal -----------------------------------------------------------------

    /// @notice Rejects a proposal with a node that doesn't say what its children do: a total that isn't the sum, a
    ///         participant that counts twice, too many children, another shape than a robust rule's (F-8).
    ///         Caller: anyone.
    function proveWrongNode(RoundId roundId, StakeTerms calldata stakes, Path calldata path, Children calldata children)
        external;

    /// @notice Rejects a proposal that counts what wasn't revealed so, or doesn't count. Caller: anyone.
    function proveWrongLeaf(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        bytes32[] calldata hashes,
        uint256 position,
        Leaf calldata leaf
    ) external;

    /// @notice Rejects a proposal that leaves out a participant whose update counts. Caller: anyone.
    function proveLeftOut(
        RoundId roundId,
        StakeTerms calldata stakes,
        Path calldata path,
        Children calldata children,
        address participant
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
        ChunkProof calldata numerators
    ) external;

    // --- faults of a participant --------------------------------------------------------------

    /// @notice Strikes a participant whose vector holds a value outside the lattice. Caller: anyone, until strikes end.
    function strikeOutOfRange(
        RoundId roundId,
        StakeTerms calldata stakes,
        Leaf calldata leaf,
        uint64 chunk,
        ChunkProof calldata proof
    ) external;

    // --- withheld data ------------------------------------------------------------------------

    /// @notice Asks for a chunk of a revealed update, under a bond. Caller: anyone with stake, one answer window before
    ///         strikes end.
    function askUpdate(RoundId roundId, StakeTerms calldata stakes, Leaf calldata leaf, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a chunk of a node's numerators, under a bond. Caller: anyone with stake.
    function askResult(RoundId roundId, StakeTerms calldata stakes, Path calldata path, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a node's children, under a bond. Caller: anyone with stake.
    function askNode(RoundId roundId, StakeTerms calldata stakes, Path calldata path)
        external
        returns (uint256 question);

    /// @notice Answers with a chunk; the bond goes to the caller. Caller: anyone.
    function answerChunk(RoundId roundId, StakeTerms calldata stakes, uint256 question, ChunkProof calldata proof)
        external;

    /// @notice Answers with a sound node's children; the bond goes to the caller. Caller: anyone.
    function answerNode(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint256 question,
        Path calldata path,
        Children calldata children
    ) external;

    /// @notice Takes the stake of who left a question unanswered; the bond goes back. Caller: anyone.
    function punishSilence(RoundId roundId, StakeTerms calldata stakes, uint256 question) external;

    /// @notice Gives the bond of a question back whose proposal was rejected for something else. Caller: anyone.
    function closeQuestion(RoundId roundId, StakeTerms calldata stakes, uint256 question) external;

    /// @notice How many questions about a round's proposal, by its number, wait for an answer.
    function openQuestions(RoundId roundId, uint32 proposal) external view returns (uint32);

    function questionOf(RoundId roundId, uint256 question) external view returns (Question memory);
}
