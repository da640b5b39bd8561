// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Children, ChunkProof, Leaf, Path, Proposal, QuestionKind, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Questions for what a certificate says is there (F-10)
/// @dev Whoever can answer may: a holder that signed answers for its own stake. An answered question costs its bond,
///      which goes to who is accountable for the data, so that no copied answer earns anything; of a proposal that is
///      rejected after all it goes back, so that no lie lives on the bonds of who searches it.
interface IQuestions {
    /// A question. `open` waits for its answer. Of a result, `proposal` is the proposal's number; 0 for an update; its
    /// bond stays locked, `bondHeld`, until it is known what becomes of the proposal.
    struct Question {
        /// Who asked, and locked the bond.
        address asker;
        /// When answers end, in seconds since 1970.
        uint64 deadline;
        /// What is asked for.
        QuestionKind kind;
        /// The proposal's number, from 1; 0: of an update.
        uint32 proposal;
        /// Whether it waits for its answer.
        bool open;
        /// Whether its bond is locked.
        bool bondHeld;
        /// Whose stake answers for it.
        address accountable;
        /// The vector root, or the node's hash, that an answer is held against.
        bytes32 subject;
        /// From 0; 0 of a node.
        uint64 chunk;
    }

    // --- errors -------------------------------------------------------------------------------

    /// @notice Every contract has to be there.
    error ZeroAddress();
    /// @notice No proposal stands, or the round is over.
    /// @param roundId the round's id (R-1).
    error NoProposal(RoundId roundId);
    /// @notice Of what nobody vouched for nobody can be asked.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1; 0: of updates.
    error NotCertified(RoundId roundId, uint32 proposal);
    /// @notice The path doesn't begin at the proposal's top, or breaks.
    /// @param roundId the round's id (R-1).
    error PathNotInProposal(RoundId roundId);
    /// @notice The leaf isn't what the participant revealed, or doesn't count.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error NotRevealedSo(RoundId roundId, address participant);
    /// @notice Certificates aren't due yet.
    /// @param roundId the round's id (R-1).
    /// @param from in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error TooEarlyToAsk(RoundId roundId, uint64 from, uint64 blockTime);
    /// @notice An answer would leave no time for what follows.
    /// @param roundId the round's id (R-1).
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error TooLateToAsk(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// @notice The vector has no such chunk.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @param chunks how many chunks the vector has.
    error ChunkOutOfRange(uint64 chunk, uint64 chunks);
    /// @notice No such question, or it is closed.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    error UnknownQuestion(RoundId roundId, uint256 question);
    /// @notice The answer is of another kind.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    /// @param expected the kind that the call is for.
    /// @param actual the question's kind.
    error WrongQuestion(RoundId roundId, uint256 question, QuestionKind expected, QuestionKind actual);
    /// @notice Answers are too late.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    /// @param deadline in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error AnswerTimeOver(RoundId roundId, uint256 question, uint64 deadline, uint64 blockTime);
    /// @notice An answer may still come.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    /// @param deadline in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error AnswerTimeOpen(RoundId roundId, uint256 question, uint64 deadline, uint64 blockTime);
    /// @notice The proposal names no momentum root.
    /// @param roundId the round's id (R-1).
    error NoMomentum(RoundId roundId);
    /// @notice It isn't what was asked for.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    error AnswerNotProven(RoundId roundId, uint256 question);
    /// @notice It isn't known yet what becomes of its bond.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    error QuestionStands(RoundId roundId, uint256 question);
    /// @notice The chain's sequencer is down, or came back less than the grace ago.
    /// @param until in seconds since 1970.
    error InGrace(uint64 until);

    // --- events -------------------------------------------------------------------------------

    /// @notice Somebody asked, and locked a bond.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    /// @param asker who asked, under a bond.
    /// @param kind what is asked for.
    /// @param accountable whose stake answers for it.
    /// @param subject the root, or the node's hash, that an answer is held against.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @param deadline in seconds since 1970.
    event QuestionAsked(
        RoundId indexed roundId,
        uint256 indexed question,
        address indexed asker,
        QuestionKind kind,
        address accountable,
        bytes32 subject,
        uint64 chunk,
        uint64 deadline
    );
    /// @notice The answer is in the transaction's call.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    /// @param answerer who answered.
    event QuestionAnswered(RoundId indexed roundId, uint256 indexed question, address indexed answerer);
    /// @notice Nothing follows from it any more.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    event QuestionClosed(RoundId indexed roundId, uint256 indexed question);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Asks for a chunk of a certified update, under a bond. Caller: anyone with stake, from the end of
    ///         certificates for one answer window; as long as nothing was proposed, also in the grace after an outage.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param leaf what the participant revealed.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @return question its number in the round, from 0.
    function askUpdate(RoundId roundId, StakeTerms calldata stakes, Leaf calldata leaf, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a chunk of a node's numerators, under a bond. Caller: anyone with stake.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param path the way from the proposal's top to the node.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @return question its number in the round, from 0.
    function askResult(RoundId roundId, StakeTerms calldata stakes, Path calldata path, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a chunk of the new version's weights, under a bond. Caller: anyone with stake.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the standing one.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @return question its number in the round, from 0.
    function askVersion(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a chunk of the momentum after the round, under a bond. Caller: anyone with stake.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the standing one.
    /// @param chunk the chunk's index, from 0: 256 values each.
    /// @return question its number in the round, from 0.
    function askMomentum(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal, uint64 chunk)
        external
        returns (uint256 question);

    /// @notice Asks for a node's children, under a bond. Caller: anyone with stake.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param path the way from the proposal's top to the node.
    /// @return question its number in the round, from 0.
    function askNode(RoundId roundId, StakeTerms calldata stakes, Path calldata path)
        external
        returns (uint256 question);

    /// @notice Answers with a chunk. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param question the question's number in its round, from 0.
    /// @param proof the chunk, and what proves it.
    function answerChunk(RoundId roundId, StakeTerms calldata stakes, uint256 question, ChunkProof calldata proof)
        external;

    /// @notice Answers with a sound node's children. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param question the question's number in its round, from 0.
    /// @param path the way from the proposal's top to the node.
    /// @param children the node's children, in order.
    function answerNode(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint256 question,
        Path calldata path,
        Children calldata children
    ) external;

    /// @notice Takes the stake of who left a question unanswered; the bond goes back. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param question the question's number in its round, from 0.
    function punishSilence(RoundId roundId, StakeTerms calldata stakes, uint256 question) external;

    /// @notice Ends a question whose round is over: the bond goes back. Of an answered one about a proposal, once it is
    ///         rejected or its round is over: the bond goes to the proposer if it was settled, and back if not.
    ///         Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param question the question's number in its round, from 0.
    function closeQuestion(RoundId roundId, StakeTerms calldata stakes, uint256 question) external;

    /// @notice How many questions about a round's proposal, by its number, wait for an answer; of updates by 0, where a
    ///         hidden round's secrets count as one more until every one that its sum takes is open (H-6).
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1; 0: of updates.
    /// @return how many.
    function openQuestions(RoundId roundId, uint32 proposal) external view returns (uint32);

    /// @notice A question by its number.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    /// @return reverts if there is none.
    function questionOf(RoundId roundId, uint256 question) external view returns (Question memory);
}
