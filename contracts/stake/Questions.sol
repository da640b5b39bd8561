// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {IStakeVault, LockId} from "../interfaces/IStakeVault.sol";
import {RobustTrees} from "../libraries/RobustTrees.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {VectorRoots} from "../libraries/VectorRoots.sol";
import {Asked, ChunkProof, Children, Leaf, Node, Path, Rule, Standing, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @dev Withheld data: a question under a bond, and an answer before a deadline or a stake.
abstract contract Questions is IDisputes {
    uint8 internal constant NUMERATOR_BITS = 64;
    uint64 private constant CHUNK = 256;
    bytes32 private constant WITHHELD_NODE = "withheld node";
    bytes32 private constant WITHHELD_CHUNK = "withheld chunk";

    IStakedRounds public immutable rounds;
    IStakeVault public immutable vault;

    mapping(RoundId => Question[]) private _questions;
    /// @inheritdoc IDisputes
    mapping(RoundId => mapping(uint32 proposal => uint32)) public openQuestions;

    constructor(IStakedRounds rounds_, IStakeVault vault_) {
        rounds = rounds_;
        vault = vault_;
    }

    // --- ask ----------------------------------------------------------------------------------

    /// @inheritdoc IDisputes
    function askUpdate(RoundId roundId, StakeTerms calldata stakes, Leaf calldata leaf, uint64 chunk)
        external
        returns (uint256)
    {
        // Check
        Standing memory r = rounds.standingOf(roundId, stakes);
        if (!rounds.isRight(roundId, leaf)) revert NotRevealedSo(roundId, leaf.participant);
        uint64 endsAt = r.revealDeadline + stakes.answerWindow;
        if (block.timestamp >= endsAt) revert TooLateToAsk(roundId, endsAt, uint64(block.timestamp));
        _requireChunk(stakes, chunk);
        // Effect
        // An answer in time always leaves an answer window until strikes end.
        Question memory q;
        (q.asked, q.participant, q.subject, q.chunk) = (Asked.Update, leaf.participant, leaf.updateRoot, chunk);
        return _ask(roundId, stakes, q);
    }

    /// @inheritdoc IDisputes
    function askResult(RoundId roundId, StakeTerms calldata stakes, Path calldata path, uint64 chunk)
        external
        returns (uint256)
    {
        // Check
        Standing memory r = _requireAskable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r, path);
        _requireChunk(stakes, chunk);
        // Effect
        Question memory q;
        (q.asked, q.proposal, q.subject, q.chunk) = (Asked.Result, r.proposals, node.numeratorsRoot, chunk);
        ++openQuestions[roundId][r.proposals];
        return _ask(roundId, stakes, q);
    }

    /// @inheritdoc IDisputes
    function askNode(RoundId roundId, StakeTerms calldata stakes, Path calldata path) external returns (uint256) {
        // Check
        Standing memory r = _requireAskable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r, path);
        // Effect
        Question memory q;
        (q.asked, q.proposal, q.subject) = (Asked.Node, r.proposals, RoundTrees.hashOf(node));
        ++openQuestions[roundId][r.proposals];
        return _ask(roundId, stakes, q);
    }

    function _ask(RoundId roundId, StakeTerms calldata stakes, Question memory q) private returns (uint256 number) {
        number = _questions[roundId].length;
        (q.asker, q.deadline, q.open) = (msg.sender, uint64(block.timestamp) + stakes.answerWindow, true);
        _questions[roundId].push(q);
        emit QuestionAsked(roundId, number, msg.sender, q.asked, q.participant, q.subject, q.chunk, q.deadline);
        // Interaction
        if (stakes.bond != 0) vault.lock(msg.sender, stakes.token, bondLock(roundId, number), stakes.bond);
    }

    /// @dev So that what is answered can be disputed for an answer window at least.
    function _requireAskable(RoundId roundId, StakeTerms calldata stakes) private view returns (Standing memory r) {
        r = _requireDisputable(roundId, stakes);
        uint64 endsAt = r.endsAt - 2 * uint64(stakes.answerWindow);
        if (block.timestamp >= endsAt) revert TooLateToAsk(roundId, endsAt, uint64(block.timestamp));
    }

    function _requireChunk(StakeTerms calldata stakes, uint64 chunk) private pure {
        uint64 chunks = (stakes.vectorLength - 1) / CHUNK + 1;
        if (chunk >= chunks) revert ChunkOutOfRange(chunk, chunks);
    }

    // --- answer -------------------------------------------------------------------------------

    /// @inheritdoc IDisputes
    function answerChunk(RoundId roundId, StakeTerms calldata stakes, uint256 question, ChunkProof calldata proof)
        external
    {
        // Check
        Standing memory r = rounds.standingOf(roundId, stakes);
        Question storage q = _requireInTime(roundId, r, question);
        if (q.asked == Asked.Node) revert WrongQuestion(roundId, question, Asked.Result, Asked.Node);
        uint8 bits = q.asked == Asked.Update ? r.bits : NUMERATOR_BITS;
        if (!_proves(q.subject, bits, stakes.vectorLength, q.chunk, proof)) revert AnswerNotProven(roundId, question);
        // Effect
        _answer(roundId, stakes, question, q);
    }

    /// @inheritdoc IDisputes
    function answerNode(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint256 question,
        Path calldata path,
        Children calldata children
    ) external {
        // Check
        Standing memory r = rounds.standingOf(roundId, stakes);
        Question storage q = _requireInTime(roundId, r, question);
        if (q.asked != Asked.Node) revert WrongQuestion(roundId, question, Asked.Node, q.asked);
        Node calldata node = _requireEnd(roundId, r, path);
        bool answers = RoundTrees.hashOf(node) == q.subject && RoundTrees.areChildren(node, children);
        if (!answers || !_isSound(stakes, path, children)) revert AnswerNotProven(roundId, question);
        // Effect
        _answer(roundId, stakes, question, q);
    }

    function _answer(RoundId roundId, StakeTerms calldata stakes, uint256 question, Question storage q) private {
        q.open = false;
        if (q.asked != Asked.Update) --openQuestions[roundId][q.proposal];
        emit QuestionAnswered(roundId, question, msg.sender);
        // Interaction
        if (stakes.bond != 0) {
            vault.slash(q.asker, stakes.token, bondLock(roundId, question), stakes.bond, msg.sender);
        }
    }

    function _requireInTime(RoundId roundId, Standing memory r, uint256 question)
        private
        view
        returns (Question storage q)
    {
        q = _requireOpen(roundId, question);
        if (block.timestamp >= q.deadline) {
            revert AnswerTimeOver(roundId, question, q.deadline, uint64(block.timestamp));
        }
        if (_isStale(r, q)) revert QuestionOfRejectedProposal(roundId, question);
    }

    // --- silence ------------------------------------------------------------------------------

    /// @inheritdoc IDisputes
    function punishSilence(RoundId roundId, StakeTerms calldata stakes, uint256 question) external {
        // Check
        Standing memory r = rounds.standingOf(roundId, stakes);
        Question storage q = _requireOpen(roundId, question);
        if (block.timestamp < q.deadline) {
            revert AnswerTimeOpen(roundId, question, q.deadline, uint64(block.timestamp));
        }
        if (_isStale(r, q)) revert QuestionOfRejectedProposal(roundId, question);
        // Effect
        _close(roundId, stakes, question, q);
        if (q.asked == Asked.Update) {
            rounds.strike(roundId, stakes, q.participant, q.asker, "withheld update");
        } else {
            rounds.reject(roundId, stakes, q.asker, q.asked == Asked.Node ? WITHHELD_NODE : WITHHELD_CHUNK);
        }
    }

    /// @inheritdoc IDisputes
    function closeQuestion(RoundId roundId, StakeTerms calldata stakes, uint256 question) external {
        // Check
        Standing memory r = rounds.standingOf(roundId, stakes);
        Question storage q = _requireOpen(roundId, question);
        bool idle = q.asked == Asked.Update
            ? block.timestamp >= r.strikesEnd || !rounds.counts(roundId, q.participant)
            : _isStale(r, q);
        if (!idle) revert QuestionStands(roundId, question);
        // Effect
        _close(roundId, stakes, question, q);
    }

    function _close(RoundId roundId, StakeTerms calldata stakes, uint256 question, Question storage q) private {
        q.open = false;
        if (q.asked != Asked.Update) --openQuestions[roundId][q.proposal];
        emit QuestionClosed(roundId, question);
        // Interaction
        if (stakes.bond != 0) vault.unlock(q.asker, stakes.token, bondLock(roundId, question), stakes.bond);
    }

    function _requireOpen(RoundId roundId, uint256 question) private view returns (Question storage q) {
        if (question >= _questions[roundId].length) revert UnknownQuestion(roundId, question);
        q = _questions[roundId][question];
        if (!q.open) revert UnknownQuestion(roundId, question);
    }

    /// @dev Whether the proposal that it asks of doesn't stand any more.
    function _isStale(Standing memory r, Question storage q) private view returns (bool) {
        return q.asked != Asked.Update && (r.proposals != q.proposal || r.proposer == address(0));
    }

    // --- for the proofs -----------------------------------------------------------------------

    /// @dev A round with a proposal that can still be disputed.
    function _requireDisputable(RoundId roundId, StakeTerms calldata stakes) internal view returns (Standing memory r) {
        r = rounds.standingOf(roundId, stakes);
        if (r.proposer == address(0)) revert NoProposal(roundId);
        if (block.timestamp >= r.endsAt) revert DisputeWindowOver(roundId, r.endsAt, uint64(block.timestamp));
    }

    function _requireEnd(RoundId roundId, Standing memory r, Path calldata path) internal pure returns (Node calldata) {
        if (!RoundTrees.isPath(path, r.topHash)) revert PathNotInProposal(roundId);
        return RoundTrees.end(path);
    }

    /// @dev Whether the end of a path is sound under the terms' rule (F-8). Below the lowest level no path leads, so
    ///      nodes there could not be disputed.
    function _isSound(StakeTerms calldata stakes, Path calldata path, Children calldata children)
        internal
        pure
        returns (bool)
    {
        Node calldata node = RoundTrees.end(path);
        if (path.nodes.length == RoundTrees.DEPTH && children.nodes.length != 0) return false;
        if (stakes.rule != Rule.Mean && !RobustTrees.isShaped(node, children)) return false;
        // Groups may be smaller than what is trimmed of larger ones; a round that is one group has to be larger.
        bool single = stakes.rule == Rule.TrimmedMean && path.nodes.length == 1 && children.nodes.length == 0;
        if (single && node.count <= 2 * uint256(stakes.trim)) return false;
        return RoundTrees.isSound(node, children);
    }

    function _proves(bytes32 root, uint8 bits, uint64 length, uint64 chunk, ChunkProof calldata proof)
        internal
        view
        returns (bool)
    {
        return VectorRoots.verifyChunk(root, bits, length, chunk, proof.chunk, proof.siblings);
    }

    /// @return the name of a bond's lock in the vault.
    function bondLock(RoundId roundId, uint256 question) public pure returns (LockId) {
        return LockId.wrap(keccak256(abi.encode("bond", roundId, question)));
    }

    /// @inheritdoc IDisputes
    function questionOf(RoundId roundId, uint256 question) external view returns (Question memory) {
        return _questions[roundId][question];
    }
}
