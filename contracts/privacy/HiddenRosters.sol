// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiddenRounds} from "../interfaces/IHiddenRounds.sol";
import {IQuestions} from "../interfaces/IQuestions.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {HiddenTermsRules} from "../libraries/HiddenTermsRules.sol";
import {MaskSeeds} from "../libraries/MaskSeeds.sol";
import {NeighbourGraphs} from "../libraries/NeighbourGraphs.sol";
import {HiddenGroup, HiddenTerms, Member} from "../types/HiddenTypes.sol";
import {Phase, RoundId, RoundTerms} from "../types/RoundTypes.sol";

/// @dev Which rounds are hidden, who has a key in them, and who stands beside whom (H-1 to H-4).
///
///      Assumptions:
///      1. A key that is published is its publisher's. A foreign one opens nobody else's update: what two share is drawn
///         from their addresses too, and its publisher can't mask with it.
///      2. Shares may be wrong: a dealer of such ones can strand its group, by dropping, and shows so in its bundle.
///      3. Whoever publishes the last key can choose among keys, and so among orders of the roster. A group is as
///         private as the graph would be whose members the adversary placed: one group with everybody's neighbour is.
abstract contract HiddenRosters is IHiddenRounds {
    /// A hidden round as the contract keeps it.
    struct HiddenRound {
        HiddenTerms terms;
        uint8 width;
        bool staked;
        /// Whether a seed is open: from then on somebody may know a sum.
        bool begun;
        uint64 enrolmentDeadline;
        /// From when survivors are final at the latest: the reveal deadline, under stake the end of slashing.
        uint64 finalFrom;
        uint32 maximum;
        uint32 members;
        uint32 active;
        bytes32 rosterHash;
        uint32 frozen;
        uint32 open;
        uint32 stranded;
        /// In groups that are frozen.
        uint32 survivors;
        /// In groups that are stranded.
        uint32 lost;
    }

    /// A group as the contract keeps it. `missing` counts the secrets that its sum takes and that aren't open.
    struct Group {
        uint256 active;
        uint256 survivors;
        uint16 missing;
        bool frozen;
        bool open;
        bool stranded;
    }

    /// After the selector and the round's id; of twenty words.
    uint256 private constant TERMS_FROM = 36;
    uint256 private constant TERMS_TO = TERMS_FROM + 20 * 32;

    ITrainingRounds public immutable rounds;
    IStakedRounds public immutable staked;
    IQuestions public immutable questions;

    mapping(RoundId => HiddenRound) internal _hidden;
    mapping(RoundId => mapping(uint256 index => address)) internal _roster;
    mapping(RoundId => mapping(address participant => Member)) internal _members;
    mapping(RoundId => mapping(uint256 group => Group)) internal _groups;

    constructor(ITrainingRounds rounds_, IStakedRounds staked_, IQuestions questions_) {
        bool named =
            address(rounds_) != address(0) && address(staked_) != address(0) && address(questions_) != address(0);
        if (!named) revert ZeroAddress();
        (rounds, staked, questions) = (rounds_, staked_, questions_);
    }

    // --- hide ---------------------------------------------------------------------------------

    /// @inheritdoc IHiddenRounds
    function hide(RoundId roundId, RoundTerms calldata roundTerms, HiddenTerms calldata hiddenTerms) external {
        // Check
        (address coordinator,, uint32 batches,) = rounds.seatsOf(roundId);
        uint64 finalFrom = roundTerms.revealDeadline;
        bool underStake = coordinator == address(staked);
        if (underStake) {
            IStakedRounds.StakedRound memory s = staked.stakedRoundOf(roundId);
            (coordinator, finalFrom) = (s.sponsor, s.slashEnd);
        }
        if (msg.sender != coordinator) revert NotCoordinatorOf(roundId, msg.sender, coordinator);
        HiddenRound storage h = _hidden[roundId];
        if (h.width != 0) revert AlreadyHidden(roundId);
        // They are of fixed size, so the call holds them as they are hashed.
        if (keccak256(msg.data[TERMS_FROM:TERMS_TO]) != rounds.termsHashOf(roundId)) revert WrongRoundTerms(roundId);
        Phase phase = rounds.phaseOf(roundId);
        if (phase != Phase.Enrolment) revert NotInEnrolment(roundId, phase);
        // Seats may be taken: else a stranger that takes one first kept every round from being hidden.
        if (batches != 0) revert BatchesAlready(roundId, batches);
        uint8 width = HiddenTermsRules.check(roundTerms, hiddenTerms, underStake, finalFrom);
        // Effect
        h.terms = hiddenTerms;
        (h.width, h.staked, h.finalFrom) = (width, underStake, finalFrom);
        (h.enrolmentDeadline, h.maximum) = (roundTerms.enrolmentDeadline, roundTerms.maximumParticipants);
        emit RoundHidden(roundId, hiddenTerms, width);
    }

    // --- keys and bundles ---------------------------------------------------------------------

    /// @inheritdoc IHiddenRounds
    function publishKey(RoundId roundId, uint256 x, bool odd) external {
        // Check
        HiddenRound storage h = _requireHidden(roundId);
        Member storage m = _members[roundId][msg.sender];
        if (m.published) revert KeyPublishedAlready(roundId, msg.sender);
        if (_keysClosed(h)) revert KeysClosed(roundId, h.members);
        if (!rounds.isEnrolled(roundId, msg.sender)) revert NotEnrolled(roundId, msg.sender);
        if (MaskSeeds.addressOf(x, odd) == address(0)) revert NotOnCurve(x);
        // Effect
        uint32 index = h.members;
        unchecked {
            h.members = index + 1; // below the maximum until now
        }
        (m.x, m.index, m.odd, m.published) = (x, index, odd, true);
        _roster[roundId][index] = msg.sender;
        h.rosterHash = keccak256(abi.encode(h.rosterHash, msg.sender, x, odd));
        emit RoundKeyPublished(roundId, msg.sender, index, x, odd);
    }

    /// @inheritdoc IHiddenRounds
    function shareSecrets(RoundId roundId, bytes32 seedCommitment, bytes32 shareRoot, bytes32 bundleDigest) external {
        // Check
        HiddenRound storage h = _requireHidden(roundId);
        Member storage m = _requireMember(roundId, msg.sender);
        if (m.shareRoot != 0) revert SharedAlready(roundId, msg.sender);
        if (!_keysClosed(h)) revert KeysOpen(roundId, h.members, h.enrolmentDeadline);
        if (_bundlesClosed(h)) revert BundlesClosed(roundId, h.terms.bundleDeadline, uint64(block.timestamp));
        if (seedCommitment == 0 || shareRoot == 0 || bundleDigest == 0) revert EmptyBundle();
        // Effect
        (m.seedCommitment, m.shareRoot) = (seedCommitment, shareRoot);
        unchecked {
            ++h.active; // one for each member at most
        }
        emit SecretsShared(roundId, msg.sender, seedCommitment, shareRoot, bundleDigest);
    }

    // --- what is so ---------------------------------------------------------------------------

    function _requireHidden(RoundId roundId) internal view returns (HiddenRound storage h) {
        h = _hidden[roundId];
        if (h.width == 0) revert NotHidden(roundId);
    }

    function _requireMember(RoundId roundId, address participant) internal view returns (Member storage m) {
        m = _members[roundId][participant];
        if (!m.published) revert NoKey(roundId, participant);
    }

    function _keysClosed(HiddenRound storage h) internal view returns (bool) {
        return block.timestamp >= h.enrolmentDeadline || h.members == h.maximum;
    }

    function _bundlesClosed(HiddenRound storage h) internal view returns (bool) {
        return block.timestamp >= h.terms.bundleDeadline || (_keysClosed(h) && h.active == h.members);
    }

    function _orderSeed(RoundId roundId, HiddenRound storage h) internal view returns (bytes32) {
        return keccak256(abi.encode(roundId, h.rosterHash));
    }

    function _groupCount(HiddenRound storage h) internal view returns (uint256) {
        return NeighbourGraphs.groupCount(h.members, h.terms.groupSize);
    }

    /// @return group of a member.
    /// @return place of it in its group.
    /// @return size of that group.
    function _placeOf(RoundId roundId, HiddenRound storage h, Member storage m)
        internal
        view
        returns (uint256 group, uint256 place, uint256 size)
    {
        (uint256 members, uint256 groups) = (h.members, _groupCount(h));
        uint256 position = NeighbourGraphs.positionOf(_orderSeed(roundId, h), members, m.index);
        (group, place) = NeighbourGraphs.placeAt(members, groups, position);
        (, size) = NeighbourGraphs.runOf(members, groups, group);
    }

    /// @return members of a group in the order of their places.
    function _membersOf(RoundId roundId, HiddenRound storage h, uint256 group)
        internal
        view
        returns (address[] memory members)
    {
        (uint256 all, uint256 groups) = (h.members, _groupCount(h));
        if (group >= groups) revert UnknownGroup(roundId, group, groups);
        (uint256 first, uint256 size) = NeighbourGraphs.runOf(all, groups, group);
        bytes32 seed = _orderSeed(roundId, h);
        members = new address[](size);
        for (uint256 place = 0; place < size; ++place) {
            members[place] = _roster[roundId][NeighbourGraphs.indexAt(seed, all, first + place)];
        }
    }

    // --- views --------------------------------------------------------------------------------

    /// @inheritdoc IHiddenRounds
    function hiddenTermsOf(RoundId roundId) external view returns (HiddenTerms memory) {
        return _hidden[roundId].terms;
    }

    /// @inheritdoc IHiddenRounds
    function widthOf(RoundId roundId) external view returns (uint8) {
        return _hidden[roundId].width;
    }

    /// @inheritdoc IHiddenRounds
    function memberOf(RoundId roundId, address participant) external view returns (Member memory) {
        return _members[roundId][participant];
    }

    /// @inheritdoc IHiddenRounds
    function rosterSize(RoundId roundId) external view returns (uint32) {
        return _hidden[roundId].members;
    }

    /// @inheritdoc IHiddenRounds
    function orderSeedOf(RoundId roundId) external view returns (bytes32) {
        return _orderSeed(roundId, _requireHidden(roundId));
    }

    /// @inheritdoc IHiddenRounds
    function groupCount(RoundId roundId) external view returns (uint256) {
        HiddenRound storage h = _hidden[roundId];
        return h.width == 0 ? 0 : _groupCount(h);
    }

    /// @inheritdoc IHiddenRounds
    function placeOf(RoundId roundId, address participant) external view returns (uint256 group, uint256 place) {
        HiddenRound storage h = _requireHidden(roundId);
        (group, place,) = _placeOf(roundId, h, _requireMember(roundId, participant));
    }

    /// @inheritdoc IHiddenRounds
    function groupOf(RoundId roundId, uint256 group) external view returns (HiddenGroup memory whole) {
        whole.members = _membersOf(roundId, _requireHidden(roundId), group);
        Group storage g = _groups[roundId][group];
        (whole.active, whole.survivors) = (g.active, g.survivors);
        (whole.frozen, whole.open, whole.stranded) = (g.frozen, g.open, g.stranded);
        whole.published = new Member[](whole.members.length);
        for (uint256 place = 0; place < whole.members.length; ++place) {
            Member memory m = _members[roundId][whole.members[place]];
            whole.published[place] = m;
            if (!g.frozen && m.shareRoot != 0) whole.active |= 1 << place;
        }
    }
}
