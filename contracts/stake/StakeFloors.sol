// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEvaluations} from "../interfaces/IEvaluations.sol";
import {IStakeFloors} from "../interfaces/IStakeFloors.sol";
import {ITokenList} from "../interfaces/ITokenList.sol";
import {StakeRules} from "../libraries/StakeRules.sol";
import {AggregationRule, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundTerms} from "../types/RoundTypes.sol";

/// @title Floors of stake terms
/// @dev Assumptions:
///      1. The deployment's least windows exceed its chain's delay of forced inclusion.
///      2. Least stakes of the token list are worth a search's gas.
///      3. A panel that terms name exists; that its members are who they seem nobody checks here.
contract StakeFloors is IStakeFloors {
    string public constant VERSION = "0.1.0";
    uint256 private constant MAX_WINDOW = 30 days;
    /// Answers of a long search add up.
    uint256 private constant MAX_DISPUTE = 120 days;
    uint256 private constant FAN_IN = 32;
    uint16 private constant MIN_QUORUM = 2;
    uint32 private constant MAX_HOLDERS = 255;

    ITokenList public immutable tokens;
    IEvaluations public immutable evaluations;
    /// @inheritdoc IStakeFloors
    uint32 public immutable leastCertifyWindow;
    /// @inheritdoc IStakeFloors
    uint32 public immutable leastAnswerWindow;

    /// @param leastCertifyWindow_ in seconds: above the delay of the chain's forced inclusion.
    /// @param leastAnswerWindow_ likewise.
    constructor(ITokenList tokens_, IEvaluations evaluations_, uint32 leastCertifyWindow_, uint32 leastAnswerWindow_) {
        if (address(tokens_) == address(0) || address(evaluations_) == address(0)) revert ZeroAddress();
        _requireWithin("certify", leastCertifyWindow_, 1, MAX_WINDOW);
        _requireWithin("answer", leastAnswerWindow_, 1, MAX_WINDOW);
        tokens = tokens_;
        evaluations = evaluations_;
        leastCertifyWindow = leastCertifyWindow_;
        leastAnswerWindow = leastAnswerWindow_;
    }

    /// @inheritdoc IStakeFloors
    function check(RoundTerms calldata terms, StakeTerms calldata s)
        external
        view
        returns (uint64 certifyEnd, uint64 slashEnd)
    {
        _checkJudged(terms, s);
        _checkWindows(s);
        _checkStakes(s);
        _checkQuorum(terms.minimumParticipants, s);
        certifyEnd = terms.revealDeadline + s.certifyWindow;
        slashEnd = certifyEnd + 3 * uint64(s.answerWindow);
        // A certify window more, in which somebody has to propose.
        uint64 needed = slashEnd - terms.revealDeadline + s.certifyWindow + proposalTime(s);
        if (terms.proposalDeadline < terms.revealDeadline + needed) {
            revert ProposalTimeTooShort(needed, terms.proposalDeadline - terms.revealDeadline);
        }
    }

    function _checkJudged(RoundTerms calldata terms, StakeTerms calldata s) private view {
        uint256 minimum = terms.minimumParticipants;
        if (s.vectorLength == 0) revert InvalidStakeTerms("vector length");
        if ((s.rule == AggregationRule.TrimmedMean) != (s.trim != 0)) revert InvalidStakeTerms("trim");
        // A round that is one group of leaves has to hold more than is trimmed of it (F-8).
        if (minimum <= FAN_IN && minimum <= 2 * uint256(s.trim)) revert InvalidStakeTerms("trim");
        if (s.panel != 0 && !evaluations.hasPanel(s.panel)) revert InvalidStakeTerms("panel");
        if (s.committee != 0 && !evaluations.hasPanel(s.committee)) revert InvalidStakeTerms("committee");
        if (s.precision != 32 && s.precision != 16) revert InvalidStakeTerms("precision");
        if (s.baseRoot == 0) revert InvalidStakeTerms("base root");
        // One group, whose sum one transaction judges.
        bool judged = terms.maximumParticipants <= FAN_IN && terms.weightCap == 1;
        if (s.rule == AggregationRule.HiddenMean && !judged) revert InvalidStakeTerms("hidden mean");
    }

    function _checkWindows(StakeTerms calldata s) private view {
        _requireWithin("certify", s.certifyWindow, leastCertifyWindow, MAX_WINDOW);
        _requireWithin("answer", s.answerWindow, leastAnswerWindow, MAX_WINDOW);
        uint256 least = StakeRules.leastDispute(s.vectorLength, s.answerWindow);
        _requireWithin("dispute", s.disputeWindow, least, MAX_DISPUTE);
    }

    function _requireWithin(bytes32 window, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least) revert WindowTooShort(window, given, least);
        if (given > most) revert WindowTooLong(window, given, most);
    }

    function _checkStakes(StakeTerms calldata s) private view {
        if (!tokens.isAllowed(s.token)) revert InvalidStakeTerms("token");
        uint256 least = tokens.leastStake(s.token);
        if (least == 0) least = 1;
        if (s.bond < least) revert StakeTooSmall("bond", s.bond, least);
        if (s.participantStake < least) revert StakeTooSmall("participant", s.participantStake, least);
        // Or answering would earn more than silence costs.
        if (s.bond > s.participantStake) revert StakeTooLarge("bond", s.bond, s.participantStake);
        uint256 search = StakeRules.leastProposerStake(s.vectorLength, s.bond);
        if (s.proposerStake < search) revert StakeTooSmall("proposer", s.proposerStake, search);
        // Or nobody could propose. With the largest bond it is the least.
        uint256 most = StakeRules.leastProposerStake(s.vectorLength, s.participantStake);
        if (s.proposerStake > most) revert StakeTooLarge("proposer", s.proposerStake, most);
    }

    function _checkQuorum(uint32 most, StakeTerms calldata s) private view {
        if (s.committee != 0) most = evaluations.panelOf(s.committee).members;
        if (most > MAX_HOLDERS) most = MAX_HOLDERS;
        if (s.quorum < MIN_QUORUM || s.quorum > most) revert QuorumOutOfRange(s.quorum, MIN_QUORUM, most);
    }

    /// @inheritdoc IStakeFloors
    function proposalTime(StakeTerms calldata s) public view returns (uint64) {
        uint64 appeal = s.panel == 0 ? 0 : evaluations.panelOf(s.panel).appealWindow;
        return uint64(s.certifyWindow) + s.disputeWindow + appeal + s.answerWindow;
    }
}
