// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiddenRounds} from "../interfaces/IHiddenRounds.sol";
import {IQuestions} from "../interfaces/IQuestions.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {IStakeVault, LockId} from "../interfaces/IStakeVault.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {
    Children,
    ChunkProof,
    Leaf,
    Node,
    Path,
    Proposal,
    QuestionKind,
    RoundStatus,
    StakeTerms
} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";
import {ProposalChecks} from "./ProposalChecks.sol";

/// @title Questions
/// @dev Assumptions:
///      1. Whoever has the data can answer within a window: the deployment's floor exceeds the chain's delays.
///      2. An asker isn't trusted: each question costs it a bond unless it is met by silence, or finds a lie.
///      3. StakedRounds tells truly what stands, and locks and takes by its own rules.
contract Questions is IQuestions {
    string public constant VERSION = "0.1.0";
    uint64 private constant CHUNK = 256;

    IStakedRounds public immutable rounds;
    IStakeVault public immutable vault;
    IHiddenRounds public immutable hiddenRounds;

    mapping(RoundId => Question[]) private _questions;
    /// Under which top a node was asked for: who vouched for a proposal can answer after it was rejected, too.
    mapping(RoundId => mapping(uint32 proposal => bytes32)) private _topHashes;
    mapping(RoundId => mapping(uint32 proposal => uint32)) private _open;

    constructor(IStakedRounds rounds_, IStakeVault vault_, IHiddenRounds hiddenRounds_) {
        bool named =
            address(rounds_) != address(0) && address(vault_) != address(0) && address(hiddenRounds_) != address(0);
        if (!named) revert ZeroAddress();
        (rounds, vault, hiddenRounds) = (rounds_, vault_, hiddenRounds_);
    }

    // --- ask ----------------------------------------------------------------------------------

    /// @inheritdoc IQuestions
    function askUpdate(RoundId roundId, StakeTerms calldata stakes, Leaf calldata leaf, uint64 chunk)
        external
        returns (uint256)
    {
        // Check
        RoundStatus memory r = rounds.statusOf(roundId, stakes);
        uint64 blockTime = uint64(block.timestamp);
        // Before, nobody can be held to a certificate.
        if (blockTime < r.certifyEnd) revert TooEarlyToAsk(roundId, r.certifyEnd, blockTime);
        uint64 endsAt = r.certifyEnd + stakes.answerWindow;
        // In the grace after an outage it is asked late: nothing is proposed before, and nobody written down as a survivor.
        bool late =
            blockTime >= endsAt && (r.proposals != 0 || rounds.graceUntil() == 0 || hiddenRounds.isFrozen(roundId, 0));
        if (late) revert TooLateToAsk(roundId, endsAt, blockTime);
        if (!rounds.matchesReveal(roundId, leaf)) revert NotRevealedSo(roundId, leaf.participant);
        _requireChunk(stakes, chunk);
        // Effect
        // An answer in time leaves an answer window until slashing ends; later, nothing is proposed before it.
        return _ask(roundId, stakes, QuestionKind.Update, 0, leaf.participant, leaf.updateRoot, chunk);
    }

    /// @inheritdoc IQuestions
    function askResult(RoundId roundId, StakeTerms calldata stakes, Path calldata path, uint64 chunk)
        external
        returns (uint256)
    {
        // Check
        RoundStatus memory r = _requireAskable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r.topHash, path);
        _requireChunk(stakes, chunk);
        // Effect
        return _ask(roundId, stakes, QuestionKind.Result, r.proposals, r.proposer, node.numeratorsRoot, chunk);
    }

    /// @inheritdoc IQuestions
    function askVersion(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal, uint64 chunk)
        external
        returns (uint256)
    {
        // Effect
        return _askOf(roundId, stakes, proposal, QuestionKind.Version, proposal.versionRoot, chunk);
    }

    /// @inheritdoc IQuestions
    function askMomentum(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal, uint64 chunk)
        external
        returns (uint256)
    {
        // Check: nobody could answer for the root of nothing
        if (proposal.momentumRoot == 0) revert NoMomentum(roundId);
        // Effect
        return _askOf(roundId, stakes, proposal, QuestionKind.Momentum, proposal.momentumRoot, chunk);
    }

    function _askOf(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        QuestionKind kind,
        bytes32 subject,
        uint64 chunk
    ) private returns (uint256) {
        // Check
        RoundStatus memory r = _requireAskable(roundId, stakes);
        if (keccak256(abi.encode(proposal)) != r.proposalHash) revert IStakedRounds.WrongProposal(roundId);
        _requireChunk(stakes, chunk);
        // Effect
        return _ask(roundId, stakes, kind, r.proposals, r.proposer, subject, chunk);
    }

    /// @inheritdoc IQuestions
    function askNode(RoundId roundId, StakeTerms calldata stakes, Path calldata path) external returns (uint256) {
        // Check
        RoundStatus memory r = _requireAskable(roundId, stakes);
        Node calldata node = _requireEnd(roundId, r.topHash, path);
        // Effect
        _topHashes[roundId][r.proposals] = r.topHash;
        return _ask(roundId, stakes, QuestionKind.Node, r.proposals, r.proposer, RoundTrees.hashOf(node), 0);
    }

    function _ask(
        RoundId roundId,
        StakeTerms calldata stakes,
        QuestionKind kind,
        uint32 proposal,
        address accountable,
        bytes32 subject,
        uint64 chunk
    ) private returns (uint256 number) {
        number = _questions[roundId].length;
        uint64 deadline = uint64(block.timestamp) + stakes.answerWindow;
        _questions[roundId].push(
            Question(msg.sender, deadline, kind, proposal, true, true, accountable, subject, chunk)
        );
        ++_open[roundId][proposal];
        emit QuestionAsked(roundId, number, msg.sender, kind, accountable, subject, chunk, deadline);
        // Interaction
        vault.lock(msg.sender, stakes.token, bondLock(roundId, number), stakes.bond);
    }

    /// @dev Of a certified proposal, so early that what is answered can be disputed for an answer window at least.
    function _requireAskable(RoundId roundId, StakeTerms calldata stakes) private view returns (RoundStatus memory r) {
        r = rounds.statusOf(roundId, stakes);
        if (r.proposer == address(0) || r.over) revert NoProposal(roundId);
        if (r.endsAt == 0) revert NotCertified(roundId, r.proposals);
        uint64 endsAt = r.endsAt - 2 * uint64(stakes.answerWindow);
        if (block.timestamp >= endsAt) revert TooLateToAsk(roundId, endsAt, uint64(block.timestamp));
    }

    function _requireChunk(StakeTerms calldata stakes, uint64 chunk) private pure {
        uint64 chunks = (stakes.vectorLength - 1) / CHUNK + 1;
        if (chunk >= chunks) revert ChunkOutOfRange(chunk, chunks);
    }

    function _requireEnd(RoundId roundId, bytes32 topHash, Path calldata path) private pure returns (Node calldata) {
        if (!RoundTrees.isPath(path, topHash)) revert PathNotInProposal(roundId);
        return RoundTrees.end(path);
    }

    // --- answer -------------------------------------------------------------------------------

    /// @inheritdoc IQuestions
    function answerChunk(RoundId roundId, StakeTerms calldata stakes, uint256 question, ChunkProof calldata proof)
        external
    {
        // Check
        RoundStatus memory r = rounds.statusOf(roundId, stakes);
        Question storage q = _requireInTime(roundId, question);
        if (q.kind == QuestionKind.Node) {
            revert WrongQuestion(roundId, question, QuestionKind.Result, QuestionKind.Node);
        }
        uint8 bits = q.kind == QuestionKind.Update ? _updateBits(roundId, r.bits) : ProposalChecks.NUMERATOR_BITS;
        if (q.kind == QuestionKind.Version) bits = stakes.precision;
        if (!ProposalChecks.proves(q.subject, bits, stakes.vectorLength, q.chunk, proof)) {
            revert AnswerNotProven(roundId, question);
        }
        // Effect
        _answer(roundId, stakes, question, q);
    }

    /// @inheritdoc IQuestions
    function answerNode(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint256 question,
        Path calldata path,
        Children calldata children
    ) external {
        // Check
        // For its check of the terms, which say what a sound node is.
        rounds.statusOf(roundId, stakes);
        Question storage q = _requireInTime(roundId, question);
        if (q.kind != QuestionKind.Node) revert WrongQuestion(roundId, question, QuestionKind.Node, q.kind);
        Node calldata node = _requireEnd(roundId, _topHashes[roundId][q.proposal], path);
        bool answers = RoundTrees.hashOf(node) == q.subject && RoundTrees.areChildren(node, children);
        if (!answers || !ProposalChecks.isSound(path, children)) revert AnswerNotProven(roundId, question);
        // Effect
        _answer(roundId, stakes, question, q);
    }

    /// @return the width of an update's values: of masked ones in a hidden round.
    function _updateBits(RoundId roundId, uint8 plain) private view returns (uint8) {
        uint8 width = hiddenRounds.widthOf(roundId);
        return width == 0 ? plain : width;
    }

    function _answer(RoundId roundId, StakeTerms calldata stakes, uint256 question, Question storage q) private {
        q.open = false;
        --_open[roundId][q.proposal];
        emit QuestionAnswered(roundId, question, msg.sender);
        // Who searches a lie has its bonds back when the lie is found: the bond waits until then.
        if (q.kind != QuestionKind.Update) return;
        q.bondHeld = false;
        // Interaction
        vault.slash(q.asker, stakes.token, bondLock(roundId, question), stakes.bond, q.accountable);
    }

    function _requireInTime(RoundId roundId, uint256 question) private view returns (Question storage q) {
        q = _requireOpen(roundId, question);
        if (block.timestamp >= q.deadline && rounds.graceUntil() == 0) {
            revert AnswerTimeOver(roundId, question, q.deadline, uint64(block.timestamp));
        }
    }

    // --- silence ------------------------------------------------------------------------------

    /// @inheritdoc IQuestions
    function punishSilence(RoundId roundId, StakeTerms calldata stakes, uint256 question) external {
        // Check
        RoundStatus memory r = rounds.statusOf(roundId, stakes);
        Question storage q = _requireOpen(roundId, question);
        if (block.timestamp < q.deadline) {
            revert AnswerTimeOpen(roundId, question, q.deadline, uint64(block.timestamp));
        }
        uint64 grace = rounds.graceUntil();
        if (grace != 0) revert InGrace(grace);
        // Effect
        _close(roundId, stakes, question, q);
        // Interaction
        if (q.kind == QuestionKind.Update) {
            rounds.slashParticipant(roundId, stakes, q.accountable, q.asker, "withheld update");
        } else if (_isStale(r, q)) {
            // Another fault that was proved first doesn't save those who vouched for what is hidden.
            rounds.noteWithheld(roundId, q.proposal);
        } else {
            rounds.reject(roundId, stakes, q.asker, _withheld(q.kind));
        }
    }

    function _withheld(QuestionKind kind) private pure returns (bytes32) {
        if (kind == QuestionKind.Node) return "withheld node";
        if (kind == QuestionKind.Momentum) return "withheld momentum";
        return kind == QuestionKind.Version ? bytes32("withheld weights") : bytes32("withheld chunk");
    }

    /// @inheritdoc IQuestions
    function closeQuestion(RoundId roundId, StakeTerms calldata stakes, uint256 question) external {
        // Check
        RoundStatus memory r = rounds.statusOf(roundId, stakes);
        if (question >= _questions[roundId].length) revert UnknownQuestion(roundId, question);
        Question storage q = _questions[roundId][question];
        if (!q.bondHeld) revert UnknownQuestion(roundId, question);
        if (!q.open) {
            _payBond(roundId, stakes, r, question, q);
            return;
        }
        // Before, silence can still be punished: in a round that is over nobody's bond waits for that.
        if (!r.over) revert QuestionStands(roundId, question);
        // Effect
        _close(roundId, stakes, question, q);
    }

    /// @dev The bond of an answered question, by what became of its proposal.
    function _payBond(
        RoundId roundId,
        StakeTerms calldata stakes,
        RoundStatus memory r,
        uint256 question,
        Question storage q
    ) private {
        // Check
        if (!_isStale(r, q) && !r.over) revert QuestionStands(roundId, question);
        // Effect
        q.bondHeld = false;
        emit QuestionClosed(roundId, question);
        // Interaction
        LockId lock = bondLock(roundId, question);
        // In a void round nobody found out who was right.
        bool stood = !_isStale(r, q) && rounds.stakedRoundOf(roundId).settled;
        if (stood) vault.slash(q.asker, stakes.token, lock, stakes.bond, q.accountable);
        else vault.unlock(q.asker, stakes.token, lock, stakes.bond);
    }

    function _close(RoundId roundId, StakeTerms calldata stakes, uint256 question, Question storage q) private {
        (q.open, q.bondHeld) = (false, false);
        --_open[roundId][q.proposal];
        emit QuestionClosed(roundId, question);
        // Interaction
        vault.unlock(q.asker, stakes.token, bondLock(roundId, question), stakes.bond);
    }

    function _requireOpen(RoundId roundId, uint256 question) private view returns (Question storage q) {
        if (question >= _questions[roundId].length) revert UnknownQuestion(roundId, question);
        q = _questions[roundId][question];
        if (!q.open) revert UnknownQuestion(roundId, question);
    }

    /// @dev Whether the proposal that it asks of doesn't stand any more.
    function _isStale(RoundStatus memory r, Question storage q) private view returns (bool) {
        return q.kind != QuestionKind.Update && (r.proposals != q.proposal || r.proposer == address(0));
    }

    /// @notice The name of a bond's lock in the vault.
    /// @param roundId the round's id (R-1).
    /// @param question the question's number in its round, from 0.
    /// @return keccak of its kind, the round and who or which it is.
    function bondLock(RoundId roundId, uint256 question) public pure returns (LockId) {
        return LockId.wrap(keccak256(abi.encode("bond", roundId, question)));
    }

    /// @inheritdoc IQuestions
    function openQuestions(RoundId roundId, uint32 proposal) external view returns (uint32) {
        uint32 open = _open[roundId][proposal];
        // Whose group isn't open has no sum that anyone could prove.
        return proposal == 0 && hiddenRounds.lacksSecrets(roundId) ? open + 1 : open;
    }

    /// @inheritdoc IQuestions
    function questionOf(RoundId roundId, uint256 question) external view returns (Question memory) {
        return _questions[roundId][question];
    }
}
