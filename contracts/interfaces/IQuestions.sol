// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Asked, ChunkProof, Children, Leaf, Path, Proposal, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Questions for what a certificate says is there (F-10)
/// @dev Whoever can answer may: a holder that signed answers for its own stake. An answered question costs its bond,
///      which goes to who is accountable for the data, so that no copied answer earns anything; of a proposal that is
///      rejected after all it goes back, so that no lie lives on the bonds of who searches it.
interface IQuestions {
    /// A question. `open` waits for its answer. Of a result, `proposal` is the proposal's number; 0 for an update; its
    /// bond stays locked, `bondHeld`, until it is known what becomes of the proposal.
    struct Question {
        address asker;
        uint64 deadline;
        Asked asked;
        uint32 proposal;
        bool open;
        bool bondHeld;
        address accountable;
        bytes32 subject;
        uint64 chunk;
    }

    // --- errors -------------------------------------------------------------------------------

    error ZeroAddress();
    error NoProposal(RoundId roundId);
    error NotCertified(RoundId roundId, uint32 proposal);
    error PathNotInProposal(RoundId roundId);
    error NotRevealedSo(RoundId roundId, address participant);
    error TooEarlyToAsk(RoundId roundId, uint64 from, uint64 blockTime);
    error TooLateToAsk(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error ChunkOutOfRange(uint64 chunk, uint64 chunks);
    error UnknownQuestion(RoundId roundId, uint256 question);
    error WrongQuestion(RoundId roundId, uint256 question, Asked expected, Asked actual);
    error AnswerTimeOver(RoundId roundId, uint256 question, uint64 deadline, uint64 blockTime);
    error AnswerTimeOpen(RoundId roundId, uint256 question, uint64 deadline, uint64 blockTime);
    /// The proposal names no memory.
    error NothingRemembered(RoundId roundId);
    error AnswerNotProven(RoundId roundId, uint256 question);
    error QuestionStands(RoundId roundId, uint256 question);
    /// The chain's sequencer is down, or came back less than the grace ago.
    error InGrace(uint64 until);

    // --- events -------------------------------------------------------------------------------

    event QuestionAsked(
        RoundId indexed roundId,
        uint256 indexed question,
        address indexed asker,
        Asked asked,
        address accountable,
        bytes32 subject,
        uint64 chunk,
        uint64 deadline
    );
    event QuestionAnswered(RoundId indexed roundId, uint256 indexed question, address indexed answerer);
    event QuestionClosed(RoundId indexed roundId, uint256 indexed question);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Asks for a chunk of a certified update, under a bond. Caller: anyone with stake, from the end of
    ///         certificates for one answer window; as long as nothing was proposed, also in the grace after an outage.
    function askUpdate(RoundId roundId, StakeTerms calldata stakes, Leaf calldata leaf, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a chunk of a node's numerators, under a bond. Caller: anyone with stake.
    function askResult(RoundId roundId, StakeTerms calldata stakes, Path calldata path, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a chunk of the new version's weights, under a bond. Caller: anyone with stake.
    /// @param proposal the standing one.
    function askVersion(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a chunk of what the server remembers after the round, under a bond. Caller: anyone with stake.
    /// @param proposal the standing one.
    function askMemory(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a node's children, under a bond. Caller: anyone with stake.
    function askNode(RoundId roundId, StakeTerms calldata stakes, Path calldata path)
        external
        returns (uint256 question);

    /// @notice Answers with a chunk. Caller: anyone.
    function answerChunk(RoundId roundId, StakeTerms calldata stakes, uint256 question, ChunkProof calldata proof)
        external;

    /// @notice Answers with a sound node's children. Caller: anyone.
    function answerNode(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint256 question,
        Path calldata path,
        Children calldata children
    ) external;

    /// @notice Takes the stake of who left a question unanswered; the bond goes back. Caller: anyone.
    function punishSilence(RoundId roundId, StakeTerms calldata stakes, uint256 question) external;

    /// @notice Ends a question whose round is over: the bond goes back. Of an answered one about a proposal, once it is
    ///         rejected or its round is over: the bond goes to the proposer if it was settled, and back if not.
    ///         Caller: anyone.
    function closeQuestion(RoundId roundId, StakeTerms calldata stakes, uint256 question) external;

    /// @notice How many questions about a round's proposal, by its number, wait for an answer; of updates by 0.
    function openQuestions(RoundId roundId, uint32 proposal) external view returns (uint32);

    function questionOf(RoundId roundId, uint256 question) external view returns (Question memory);
}
