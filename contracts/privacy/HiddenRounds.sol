// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IHiddenRounds} from "../interfaces/IHiddenRounds.sol";
import {IQuestions} from "../interfaces/IQuestions.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {MaskSeeds} from "../libraries/MaskSeeds.sol";
import {NeighbourGraphs} from "../libraries/NeighbourGraphs.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Member, OF_KEY, OF_SEED, ORDER, PostedShare, SignedShare} from "../types/HiddenTypes.sol";
import {Phase, RoundId} from "../types/RoundTypes.sol";
import {HiddenRosters} from "./HiddenRosters.sol";

/// @title Hidden rounds
/// @dev Assumptions:
///      1. Fewer of a member's neighbours than its threshold would give its shares away before survivors are written
///         down, or shares of the secret that stays hidden after: those lay its update open, and no contract sees it.
///      2. Of those that survive at least a threshold post what they hold until the unmask deadline; else the group is
///         given up, and nobody loses more than its work.
///      3. A holder waits until the block that wrote survivors down stands: on another branch of the chain the other
///         secret would be asked for.
///      4. TrainingRounds says truly who revealed, StakedRounds who counts.
contract HiddenRounds is HiddenRosters {
    string public constant VERSION = "0.1.0";
    // What EIP-712 calls the domain; with OpenZeppelin's own contract for it the code would be too large.
    bytes32 private constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME = keccak256("Tallystick HiddenRounds");
    bytes32 private constant REVISION = keccak256("1");
    bytes32 private constant SHARE =
        keccak256("SecretShare(bytes32 roundId,address dealer,uint8 kind,uint8 place,bytes32 share)");

    /// @inheritdoc IHiddenRounds
    mapping(RoundId => mapping(address dealer => uint256)) public sharesPostedOf;

    constructor(ITrainingRounds rounds_, IStakedRounds staked_, IQuestions questions_)
        HiddenRosters(rounds_, staked_, questions_)
    {}

    // --- freeze -------------------------------------------------------------------------------

    /// @inheritdoc IHiddenRounds
    function freeze(RoundId roundId, uint256 group) external {
        // Check
        HiddenRound storage h = _requireHidden(roundId);
        _requireFinal(roundId, h);
        address[] memory members = _membersOf(roundId, h, group);
        Group storage g = _groups[roundId][group];
        if (g.frozen) revert FrozenAlready(roundId, group);
        // Effect
        (uint256 active, uint256 survivors) = _survivorsOf(roundId, h.staked, members);
        (g.active, g.survivors, g.frozen) = (active, survivors, true);
        g.missing = _missing(members.length, h.terms.degree, active, survivors);
        ++h.frozen;
        h.survivors += _count(survivors);
        emit GroupFrozen(roundId, group, active, survivors);
    }

    /// @dev Nothing that is said here changes afterwards: bundles and reveals are over, and under stake nobody is slashed
    ///      any more, as no update is asked for, or will be.
    function _requireFinal(RoundId roundId, HiddenRound storage h) private view {
        Phase phase = rounds.phaseOf(roundId);
        if (phase == Phase.Voided) revert RoundIsVoid(roundId);
        bool early = phase < Phase.Proposal || !_bundlesClosed(h);
        if (early || (h.staked && block.timestamp < h.finalFrom)) {
            revert TooEarlyToFreeze(roundId, phase, h.finalFrom, uint64(block.timestamp));
        }
        if (!h.staked) return;
        uint64 grace = staked.graceUntil();
        if (grace != 0) revert InGrace(grace);
        // One of them is that the round waits for its secrets.
        uint32 open = questions.openQuestions(roundId, 0) - 1;
        if (open != 0) revert QuestionsOpen(roundId, open);
    }

    function _survivorsOf(RoundId roundId, bool underStake, address[] memory members)
        private
        view
        returns (uint256 active, uint256 survivors)
    {
        for (uint256 place = 0; place < members.length; ++place) {
            address who = members[place];
            if (_members[roundId][who].shareRoot == 0) continue;
            active |= 1 << place;
            bool survived = underStake ? staked.isCounted(roundId, who) : rounds.revealOf(roundId, who) != 0;
            if (survived) survivors |= 1 << place;
        }
    }

    /// @return missing how many secrets a group's sum takes: of each survivor the seed, of each that dropped beside one
    ///         the key.
    function _missing(uint256 size, uint256 degree, uint256 active, uint256 survivors)
        private
        pure
        returns (uint16 missing)
    {
        for (uint256 place = 0; place < size; ++place) {
            if (active >> place & 1 == 0) continue;
            bool needed =
                survivors >> place & 1 == 1 || NeighbourGraphs.neighboursOf(size, place, degree) & survivors != 0;
            unchecked {
                if (needed) ++missing; // 256 at most
            }
        }
    }

    // --- open ---------------------------------------------------------------------------------

    /// @inheritdoc IHiddenRounds
    function openSeed(RoundId roundId, address participant, bytes32 seed) external {
        // Check
        HiddenRound storage h = _requireUnmasking(roundId);
        (Member storage m, uint256 group) = _requireNeeded(roundId, h, participant, OF_SEED);
        if (m.seedOpened) revert OpenedAlready(roundId, participant);
        if (MaskSeeds.seedCommitment(address(this), roundId, participant, seed) != m.seedCommitment) {
            revert WrongSeed(roundId, participant);
        }
        // Effect
        (m.seedOpened, h.begun) = (true, true);
        emit SeedOpened(roundId, participant, seed);
        _countDown(roundId, h, group);
    }

    /// @inheritdoc IHiddenRounds
    function openKey(RoundId roundId, address participant, bytes32 secret) external {
        // Check
        HiddenRound storage h = _requireUnmasking(roundId);
        (Member storage m, uint256 group) = _requireNeeded(roundId, h, participant, OF_KEY);
        if (m.keyOpened) revert OpenedAlready(roundId, participant);
        if (!MaskSeeds.isSecretOf(uint256(secret), m.x, m.odd)) revert WrongKey(roundId, participant);
        // Effect
        m.keyOpened = true;
        emit KeyOpened(roundId, participant, secret);
        _countDown(roundId, h, group);
    }

    function _countDown(RoundId roundId, HiddenRound storage h, uint256 group) private {
        Group storage g = _groups[roundId][group];
        if (--g.missing != 0) return;
        g.open = true;
        ++h.open;
        emit GroupOpened(roundId, group);
    }

    function _requireUnmasking(RoundId roundId) private view returns (HiddenRound storage h) {
        h = _requireHidden(roundId);
        uint64 deadline = h.terms.unmaskDeadline;
        if (block.timestamp >= deadline) revert UnmaskingOver(roundId, deadline, uint64(block.timestamp));
        if (rounds.phaseOf(roundId) == Phase.Voided) revert RoundIsVoid(roundId);
    }

    /// @dev Of each exactly one secret may be opened, and which follows from what is written down: with both its update
    ///      would lie open.
    function _requireNeeded(RoundId roundId, HiddenRound storage h, address participant, uint8 kind)
        private
        view
        returns (Member storage m, uint256 group)
    {
        m = _requireMember(roundId, participant);
        uint256 place;
        uint256 size;
        (group, place, size) = _placeOf(roundId, h, m);
        Group storage g = _groups[roundId][group];
        if (!g.frozen) revert NotFrozen(roundId, group);
        if (g.stranded) revert StrandedAlready(roundId, group);
        uint256 survivors = g.survivors;
        _requireEnough(roundId, group, survivors, size);
        if (g.active >> place & 1 == 0) revert NotActive(roundId, participant);
        bool survived = survivors >> place & 1 == 1;
        if (survived != (kind == OF_SEED)) revert WrongSecret(roundId, participant, kind, survived);
        if (!survived && NeighbourGraphs.neighboursOf(size, place, h.terms.degree) & survivors == 0) {
            revert SecretNotNeeded(roundId, participant);
        }
    }

    function _requireEnough(RoundId roundId, uint256 group, uint256 survivors, uint256 size) private pure {
        (uint32 count, uint32 least) = (_count(survivors), _leastOf(size));
        if (count < least) revert TooFewSurvivors(roundId, group, count, least);
    }

    /// @return two, or more than half of the group.
    function _leastOf(uint256 size) private pure returns (uint32) {
        unchecked {
            return size < 2 ? 2 : uint32(size / 2 + 1);
        }
    }

    function _count(uint256 bitmap) private pure returns (uint32 count) {
        unchecked {
            for (; bitmap != 0; bitmap &= bitmap - 1) {
                ++count;
            }
        }
    }

    // --- shares -------------------------------------------------------------------------------

    /// @inheritdoc IHiddenRounds
    function postShares(RoundId roundId, PostedShare[] calldata shares) external {
        _postAll(roundId, msg.sender, shares);
    }

    /// @inheritdoc IHiddenRounds
    function postSharesFor(RoundId roundId, address holder, PostedShare[] calldata shares, bytes[] calldata signatures)
        external
    {
        if (shares.length != signatures.length) revert SignatureCount(shares.length, signatures.length);
        for (uint256 i = 0; i < shares.length; ++i) {
            PostedShare calldata s = shares[i];
            if (!_signed(holder, shareDigest(roundId, s.dealer, s.kind, s.place, s.share), signatures[i])) {
                revert InvalidSignature(roundId, holder);
            }
        }
        _postAll(roundId, holder, shares);
    }

    function _postAll(RoundId roundId, address holder, PostedShare[] calldata shares) private {
        HiddenRound storage h = _requireUnmasking(roundId);
        uint256 posted;
        for (uint256 i = 0; i < shares.length; ++i) {
            if (!_isNew(roundId, h, shares[i])) continue;
            _post(roundId, holder, shares[i]);
            ++posted;
        }
        if (posted == 0) revert PostedAlready(roundId, holder);
    }

    /// @dev What is there already is passed over: else whoever posts one share of many first would stop the others.
    function _isNew(RoundId roundId, HiddenRound storage h, PostedShare calldata s) private view returns (bool) {
        if (s.kind != OF_SEED && s.kind != OF_KEY) revert UnknownKind(s.kind);
        (Member storage m,) = _requireNeeded(roundId, h, s.dealer, s.kind);
        if (m.seedOpened || m.keyOpened) return false;
        return sharesPostedOf[roundId][s.dealer] >> s.place & 1 == 0;
    }

    function _post(RoundId roundId, address holder, PostedShare calldata s) private {
        // Check
        // With its dealer, or somebody else could hand another's sealed shares on as its own, and have them posted.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(s.dealer, holder, s.kind, s.place, s.share))));
        bool proven = MerkleProof.verifyCalldata(s.proof, _members[roundId][s.dealer].shareRoot, leaf);
        if (!proven || s.place == 0 || uint256(s.share) >= ORDER) {
            revert ShareNotOfBundle(roundId, s.dealer, holder);
        }
        // Effect
        sharesPostedOf[roundId][s.dealer] |= 1 << s.place;
        emit SharePosted(roundId, s.dealer, holder, s.kind, s.place, s.share);
    }

    /// @dev A key's signature stays good whatever code its account takes on: or whoever signed both secrets' shares would
    ///      take its word back.
    function _signed(address holder, bytes32 digest, bytes calldata signature) private view returns (bool) {
        return Signatures.isByKey(holder, digest, signature) || Signatures.isSignedBy(holder, digest, signature);
    }

    // --- give up ------------------------------------------------------------------------------

    /// @inheritdoc IHiddenRounds
    function strand(RoundId roundId, uint256 group) external {
        // Check
        HiddenRound storage h = _requireHidden(roundId);
        uint256 groups = _groupCount(h);
        if (group >= groups) revert UnknownGroup(roundId, group, groups);
        Group storage g = _groups[roundId][group];
        if (!g.frozen) revert NotFrozen(roundId, group);
        if (g.open) revert GroupIsOpen(roundId, group);
        if (g.stranded) revert StrandedAlready(roundId, group);
        (, uint256 size) = NeighbourGraphs.runOf(h.members, groups, group);
        uint32 survivors = _count(g.survivors);
        uint64 deadline = h.terms.unmaskDeadline;
        if (survivors >= _leastOf(size) && block.timestamp < deadline) {
            revert UnmaskingNotOver(roundId, deadline, uint64(block.timestamp));
        }
        // Effect
        g.stranded = true;
        ++h.stranded;
        h.lost += survivors;
        emit GroupStranded(roundId, group, survivors);
    }

    // --- views --------------------------------------------------------------------------------

    /// @inheritdoc IHiddenRounds
    function lostOf(RoundId roundId) external view returns (uint32) {
        HiddenRound storage h = _hidden[roundId];
        if (h.width == 0 || !_keysClosed(h) || h.frozen < _groupCount(h)) return h.lost;
        // Whoever revealed without a key or without a bundle is in no sum: it can't make up the numbers of a round either.
        (,,, uint32 revealed) = rounds.seatsOf(roundId);
        return revealed - h.survivors + h.lost;
    }

    /// @inheritdoc IHiddenRounds
    function isWaiting(RoundId roundId) external view returns (bool) {
        HiddenRound storage h = _hidden[roundId];
        return h.width != 0 && (!_keysClosed(h) || uint256(h.open) + h.stranded < _groupCount(h));
    }

    /// @inheritdoc IHiddenRounds
    function lacksSecrets(RoundId roundId) external view returns (bool) {
        HiddenRound storage h = _hidden[roundId];
        return h.width != 0 && (h.open == 0 || h.open < _groupCount(h));
    }

    /// @inheritdoc IHiddenRounds
    function hasBegun(RoundId roundId) external view returns (bool) {
        return _hidden[roundId].begun;
    }

    /// @inheritdoc IHiddenRounds
    function isFrozen(RoundId roundId, uint256 group) external view returns (bool) {
        return _groups[roundId][group].frozen;
    }

    /// @inheritdoc IHiddenRounds
    function shareDigest(RoundId roundId, address dealer, uint8 kind, uint8 place, bytes32 share)
        public
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(abi.encode(DOMAIN, NAME, REVISION, block.chainid, address(this)));
        bytes32 hash = keccak256(abi.encode(SHARE, roundId, dealer, kind, place, share));
        return keccak256(abi.encodePacked(hex"1901", domain, hash));
    }

    /// @inheritdoc IHiddenRounds
    function signedBoth(
        RoundId roundId,
        address holder,
        address dealer,
        SignedShare calldata ofSeed,
        SignedShare calldata ofKey
    ) external view returns (bool) {
        bytes32 seed = shareDigest(roundId, dealer, OF_SEED, ofSeed.place, ofSeed.share);
        bytes32 key = shareDigest(roundId, dealer, OF_KEY, ofKey.place, ofKey.share);
        return _signed(holder, seed, ofSeed.signature) && _signed(holder, key, ofKey.signature);
    }
}
