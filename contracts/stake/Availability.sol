// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAvailability} from "../interfaces/IAvailability.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {Bitmaps} from "../libraries/Bitmaps.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {RoundStatus, StakeTerms} from "../types/DisputeTypes.sol";
import {Phase, RoundId} from "../types/RoundTypes.sol";

/// @title Availability
/// @dev Assumptions:
///      1. A signature says that its holder has the data: one honest holder of a quorum makes that true.
///      2. Holders lose their stakes for what nobody gives; more than their stakes a lie may be worth to them.
///      3. ERC-1271 wallets answer the same for the length of a transaction.
contract Availability is IAvailability, EIP712 {
    string public constant VERSION = "0.1.0";
    uint256 private constant MAX_HOLDERS = 255;
    bytes32 private constant HOLDINGS = keccak256("Holdings(bytes32 roundId,uint256[] held)");
    bytes32 private constant RESULT = keccak256("Result(bytes32 roundId,uint32 proposal,bytes32 proposalHash)");

    IStakedRounds public immutable staked;
    ITrainingRounds public immutable rounds;

    /// @inheritdoc IAvailability
    mapping(bytes32 digest => mapping(address holder => bool)) public hasVouched;

    mapping(RoundId => mapping(uint256 word => uint256)) private _certified;
    mapping(RoundId => bytes32[]) private _certificates;
    mapping(RoundId => mapping(uint32 proposal => bytes32)) private _resultHolders;

    constructor(IStakedRounds staked_, ITrainingRounds rounds_) EIP712("Tallystick Availability", "1") {
        if (address(staked_) == address(0) || address(rounds_) == address(0)) revert IStakedRounds.ZeroAddress();
        staked = staked_;
        rounds = rounds_;
    }

    // --- updates ------------------------------------------------------------------------------

    /// @inheritdoc IAvailability
    function vouchForUpdates(RoundId roundId, StakeTerms calldata stakes, uint256[] calldata held) external {
        // Check
        _requireCertifying(roundId, stakes);
        _requireHolder(roundId, stakes, msg.sender);
        uint256 words = _wordsOf(roundId);
        if (held.length != words) revert WrongNumberOfWords(held.length, words);
        // Effect
        hasVouched[holdingsDigest(roundId, held)][msg.sender] = true;
        emit UpdatesVouchedFor(roundId, msg.sender, held);
    }

    /// @inheritdoc IAvailability
    function certifyUpdates(
        RoundId roundId,
        StakeTerms calldata stakes,
        address[] calldata holders,
        uint256[][] calldata held,
        bytes[] calldata signatures
    ) external {
        // Check
        _requireCertifying(roundId, stakes);
        _requireHolders(roundId, stakes, holders, signatures.length);
        _requireHeld(roundId, holders, held, signatures);
        // Effect
        (uint256[] memory certified, bool added) = _certify(roundId, held, stakes.quorum);
        // Else anybody could fill the list of certificates with copies.
        if (!added) revert NothingAdded(roundId);
        uint256 number = _certificates[roundId].length;
        _certificates[roundId].push(keccak256(abi.encode(holders, held)));
        emit UpdatesCertified(roundId, number, holders, held, certified);
    }

    function _requireHeld(
        RoundId roundId,
        address[] calldata holders,
        uint256[][] calldata held,
        bytes[] calldata signatures
    ) private view {
        if (held.length != holders.length) {
            revert WrongNumberOfWords(held.length, holders.length);
        }
        uint256 words = _wordsOf(roundId);
        for (uint256 i = 0; i < holders.length; ++i) {
            if (held[i].length != words) revert WrongNumberOfWords(held[i].length, words);
            _requireSigned(holders[i], holdingsDigest(roundId, held[i]), signatures[i]);
        }
    }

    function _certify(RoundId roundId, uint256[][] calldata held, uint256 quorum)
        private
        returns (uint256[] memory certified, bool added)
    {
        certified = new uint256[](held[0].length);
        for (uint256 word = 0; word < certified.length; ++word) {
            uint256 before = _certified[roundId][word];
            uint256 fresh = Bitmaps.heldByAtLeast(held, word, quorum) & ~before;
            certified[word] = before | fresh;
            if (fresh != 0) _certified[roundId][word] = certified[word];
            added = added || fresh != 0;
        }
    }

    function _requireCertifying(RoundId roundId, StakeTerms calldata stakes) private view {
        RoundStatus memory r = staked.statusOf(roundId, stakes);
        // Nobody can hold what isn't revealed yet.
        bool revealed = rounds.phaseOf(roundId) == Phase.Proposal;
        // Never later, or there would be no time to ask for what they say is there.
        if (!revealed || block.timestamp >= r.certifyEnd) {
            uint64 from = r.certifyEnd - stakes.certifyWindow;
            revert CertifyingClosed(roundId, from, r.certifyEnd, uint64(block.timestamp));
        }
    }

    function _wordsOf(RoundId roundId) private view returns (uint256) {
        return (uint256(staked.stakedRoundOf(roundId).seats) + 255) / 256;
    }

    // --- results ------------------------------------------------------------------------------

    /// @inheritdoc IAvailability
    function vouchForResult(RoundId roundId, StakeTerms calldata stakes, uint32 proposal) external {
        // Check
        RoundStatus memory r = _requireProposal(roundId, stakes, proposal);
        _requireHolder(roundId, stakes, msg.sender);
        // Effect
        hasVouched[resultDigest(roundId, proposal, r.proposalHash)][msg.sender] = true;
        emit ResultVouchedFor(roundId, proposal, msg.sender);
    }

    function _requireProposal(RoundId roundId, StakeTerms calldata stakes, uint32 proposal)
        private
        view
        returns (RoundStatus memory r)
    {
        r = staked.statusOf(roundId, stakes);
        if (r.proposer == address(0)) revert NoProposal(roundId);
        if (r.proposals != proposal) revert WrongProposal(roundId, proposal, r.proposals);
    }

    /// @inheritdoc IAvailability
    function certifyResult(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint32 proposal,
        address[] calldata holders,
        bytes[] calldata signatures
    ) external {
        // Check
        RoundStatus memory r = _requireProposal(roundId, stakes, proposal);
        _requireHolders(roundId, stakes, holders, signatures.length);
        bytes32 digest = resultDigest(roundId, proposal, r.proposalHash);
        for (uint256 i = 0; i < holders.length; ++i) {
            _requireSigned(holders[i], digest, signatures[i]);
        }
        // Effect
        _resultHolders[roundId][proposal] = keccak256(abi.encode(holders));
        emit ResultCertified(roundId, proposal, holders);
        // Interaction
        staked.certifyProposal(roundId, stakes);
    }

    // --- certificates that nobody stands by ---------------------------------------------------

    /// @inheritdoc IAvailability
    function burnForUpdate(
        RoundId roundId,
        StakeTerms calldata stakes,
        address participant,
        uint256 certificate,
        address[] calldata holders,
        uint256[][] calldata held,
        uint256 position
    ) external {
        // Check
        IStakedRounds.Seat memory seat = staked.seatOf(roundId, participant);
        if (!seat.withheld) revert NotWithheld(roundId);
        bool known = certificate < _certificates[roundId].length
            && _certificates[roundId][certificate] == keccak256(abi.encode(holders, held));
        if (!known || position >= holders.length) revert UnknownCertificate(roundId, certificate);
        if (!Bitmaps.has(held[position], seat.index)) revert NotSigned(roundId, holders[position]);
        // Interaction
        staked.burn(roundId, stakes, holders[position], "withheld update");
    }

    /// @inheritdoc IAvailability
    function burnForResult(
        RoundId roundId,
        StakeTerms calldata stakes,
        uint32 proposal,
        address[] calldata holders,
        uint256 position
    ) external {
        // Check
        if (!staked.isWithheld(roundId, proposal)) revert NotWithheld(roundId);
        bool known = _resultHolders[roundId][proposal] == keccak256(abi.encode(holders));
        if (!known || position >= holders.length) revert UnknownCertificate(roundId, proposal);
        // Interaction
        staked.burn(roundId, stakes, holders[position], "withheld result");
    }

    // --- who may sign -------------------------------------------------------------------------

    function _requireHolders(
        RoundId roundId,
        StakeTerms calldata stakes,
        address[] calldata holders,
        uint256 signatures
    ) private view {
        if (holders.length < stakes.quorum || signatures != holders.length) {
            revert TooFewHolders(signatures < holders.length ? signatures : holders.length, stakes.quorum);
        }
        if (holders.length > MAX_HOLDERS) revert TooManyHolders(holders.length, MAX_HOLDERS);
        address last;
        for (uint256 i = 0; i < holders.length; ++i) {
            address holder = holders[i];
            if (holder <= last) revert HoldersNotAscending(last, holder);
            _requireHolder(roundId, stakes, holder);
            last = holder;
        }
    }

    /// @dev A committee, where there is one, is who answers for the data: participants don't vouch then. Who has no stake
    ///      left has nothing to answer with.
    function _requireHolder(RoundId roundId, StakeTerms calldata stakes, address holder) private view {
        IStakedRounds.SeatState state =
            stakes.committee == 0 ? IStakedRounds.SeatState.Participant : IStakedRounds.SeatState.Holder;
        IStakedRounds.Seat memory seat = staked.seatOf(roundId, holder);
        if (seat.state != state || seat.burnt) revert NotAHolder(roundId, holder);
    }

    function _requireSigned(address holder, bytes32 digest, bytes calldata signature) private view {
        bool signed =
            signature.length == 0 ? hasVouched[digest][holder] : Signatures.isSignedBy(holder, digest, signature);
        if (!signed) revert BadSignature(holder);
    }

    // --- views --------------------------------------------------------------------------------

    /// @inheritdoc IAvailability
    function isCertified(RoundId roundId, uint32 index) external view returns (bool) {
        return _certified[roundId][index >> 8] >> (index & 0xff) & 1 == 1;
    }

    /// @inheritdoc IAvailability
    function holdingsDigest(RoundId roundId, uint256[] calldata held) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(HOLDINGS, roundId, keccak256(abi.encodePacked(held)))));
    }

    /// @inheritdoc IAvailability
    function resultDigest(RoundId roundId, uint32 proposal, bytes32 proposalHash) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RESULT, roundId, proposal, proposalHash)));
    }
}
