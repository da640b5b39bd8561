// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IEvaluations} from "../interfaces/IEvaluations.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {IStakeVault, LockId} from "../interfaces/IStakeVault.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Proposal, RoundStatus, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Evaluations
/// @dev Assumptions:
///      1. K of N members may be wrong together: who proposes accepts the panel by name, and its governor may reverse.
///      2. A governor may never rule: the round is void then, and the bond comes back.
///      3. ERC-1271 wallets answer the same for the length of a transaction.
contract Evaluations is IEvaluations, EIP712 {
    string public constant VERSION = "0.1.0";
    uint256 private constant MAX_MEMBERS = 64;
    uint32 private constant MAX_APPEAL = 30 days;
    /// Nobody has its key: what is slashed to it is burnt.
    address private constant BURNT = 0x000000000000000000000000000000000000dEaD;
    bytes32 private constant TYPE = keccak256(
        "Attestation(bytes32 roundId,bytes32 versionDigest,bytes32 documentDigest,bytes32 payoutRoot,uint256 payoutTotal,bytes32 payoutDocument,bytes32 scoresDigest)"
    );

    IStakedRounds public immutable staked;
    IStakeVault public immutable vault;

    mapping(bytes32 panel => Panel) private _panels;
    /// @inheritdoc IEvaluations
    mapping(bytes32 panel => mapping(address account => bool)) public isMember;
    mapping(RoundId => mapping(uint32 proposal => Decision)) private _decisions;

    constructor(IStakedRounds staked_, IStakeVault vault_) EIP712("Tallystick Evaluations", "1") {
        if (address(staked_) == address(0) || address(vault_) == address(0)) revert ZeroAddress();
        staked = staked_;
        vault = vault_;
    }

    // --- panels -------------------------------------------------------------------------------

    /// @inheritdoc IEvaluations
    function createPanel(address[] calldata members, uint8 threshold, address governor, uint32 appealWindow)
        external
        returns (bytes32 panel)
    {
        // Check
        uint256 count = members.length;
        bool appeals = governor != address(0);
        bool sized = count != 0 && count <= MAX_MEMBERS && threshold != 0 && threshold <= count;
        if (!sized || appeals != (appealWindow != 0) || appealWindow > MAX_APPEAL) revert InvalidPanel();
        panel = keccak256(abi.encode(members, threshold, governor, appealWindow));
        if (_panels[panel].threshold != 0) revert PanelExists(panel);
        // Effect
        address last;
        for (uint256 i = 0; i < count; ++i) {
            if (members[i] <= last) revert SignersNotAscending(last, members[i]);
            last = members[i];
            isMember[panel][last] = true;
        }
        _panels[panel] = Panel(threshold, uint8(count), appealWindow, governor);
        emit PanelCreated(panel, members, threshold, governor, appealWindow);
    }

    // --- decisions ----------------------------------------------------------------------------

    /// @inheritdoc IEvaluations
    function attest(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        Attestation calldata attestation,
        address[] calldata signers,
        bytes[] calldata signatures
    ) external {
        // Check
        RoundStatus memory r = _requireProposal(roundId, stakes);
        if (keccak256(abi.encode(proposal)) != r.proposalHash) revert WrongProposal(roundId);
        if (RoundId.unwrap(attestation.roundId) != RoundId.unwrap(roundId)) {
            revert WrongRound(roundId, attestation.roundId);
        }
        Decision storage d = _requireState(roundId, r.proposals, DecisionState.None);
        _requireSigned(stakes.panel, attestation, signers, signatures);
        // Effect
        uint64 endsAt = uint64(block.timestamp) + _panels[stakes.panel].appealWindow;
        bool correct = _agrees(attestation, proposal);
        (d.state, d.correct, d.appealEndsAt) = (DecisionState.Attested, correct, endsAt);
        emit ProposalEvaluated(roundId, r.proposals, correct, attestation, signers, endsAt);
    }

    function _agrees(Attestation calldata a, Proposal calldata p) private pure returns (bool) {
        return a.versionDigest == p.versionDigest && a.documentDigest == p.documentDigest
            && a.payoutRoot == p.payoutRoot && a.payoutTotal == p.payoutTotal && a.payoutDocument == p.payoutDocument;
    }

    function _requireSigned(
        bytes32 panel,
        Attestation calldata attestation,
        address[] calldata signers,
        bytes[] calldata signatures
    ) private view {
        uint256 threshold = _panels[panel].threshold;
        bool enough = threshold != 0 && signers.length >= threshold && signers.length == signatures.length;
        if (!enough) revert TooFewSignatures(signatures.length, threshold);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(TYPE, attestation)));
        address last;
        for (uint256 i = 0; i < signers.length; ++i) {
            address signer = signers[i];
            if (signer <= last) revert SignersNotAscending(last, signer);
            if (!isMember[panel][signer]) revert NotAMember(panel, signer);
            if (!Signatures.isSignedBy(signer, digest, signatures[i])) revert BadSignature(signer);
            last = signer;
        }
    }

    /// @inheritdoc IEvaluations
    function enforceDecision(RoundId roundId, StakeTerms calldata stakes) external {
        // Check
        uint32 number = _requireProposal(roundId, stakes).proposals;
        Decision storage d = _decisions[roundId][number];
        if (!_isSettled(d)) {
            DecisionState expected = d.state == DecisionState.Appealed ? DecisionState.Ruled : DecisionState.Attested;
            if (d.state != expected) revert WrongState(roundId, number, expected, d.state);
            revert AppealOpen(roundId, d.appealEndsAt, uint64(block.timestamp));
        }
        if (d.correct) revert FoundCorrect(roundId, number);
        // Interaction: the proposal is gone there, and with it its number
        staked.reject(roundId, stakes, address(0), "refuted");
    }

    // --- appeals ------------------------------------------------------------------------------

    /// @inheritdoc IEvaluations
    function appeal(RoundId roundId, StakeTerms calldata stakes) external {
        // Check
        uint32 number = _requireProposal(roundId, stakes).proposals;
        Decision storage d = _requireState(roundId, number, DecisionState.Attested);
        if (block.timestamp >= d.appealEndsAt && staked.graceUntil() == 0) {
            revert AppealOver(roundId, d.appealEndsAt, uint64(block.timestamp));
        }
        // Effect
        (d.state, d.appellant) = (DecisionState.Appealed, msg.sender);
        emit DecisionAppealed(roundId, number, msg.sender);
        // Interaction
        vault.lock(msg.sender, stakes.token, appealLock(roundId, number), stakes.bond);
    }

    /// @inheritdoc IEvaluations
    function rule(RoundId roundId, StakeTerms calldata stakes, bool correct) external {
        // Check
        uint32 number = _requireProposal(roundId, stakes).proposals;
        address governor = _panels[stakes.panel].governor;
        if (msg.sender != governor) revert NotGovernor(msg.sender, governor);
        Decision storage d = _requireState(roundId, number, DecisionState.Appealed);
        // Effect
        bool upheld = d.correct == correct;
        (d.state, d.correct) = (DecisionState.Ruled, correct);
        emit AppealRuled(roundId, number, correct);
        // Interaction
        LockId lock = appealLock(roundId, number);
        if (upheld) vault.slash(d.appellant, stakes.token, lock, stakes.bond, BURNT);
        else vault.unlock(d.appellant, stakes.token, lock, stakes.bond);
    }

    /// @inheritdoc IEvaluations
    function lapseAppeal(RoundId roundId, StakeTerms calldata stakes, uint32 proposal) external {
        // Check
        if (stakes.panel == 0) revert NoPanel(roundId);
        RoundStatus memory r = staked.statusOf(roundId, stakes);
        if (r.proposer != address(0) && r.proposals == proposal && !r.over) revert ProposalStands(roundId, proposal);
        Decision storage d = _requireState(roundId, proposal, DecisionState.Appealed);
        // Effect
        d.state = DecisionState.Lapsed;
        emit AppealLapsed(roundId, proposal, d.appellant, stakes.bond);
        // Interaction
        vault.unlock(d.appellant, stakes.token, appealLock(roundId, proposal), stakes.bond);
    }

    // --- what stands --------------------------------------------------------------------------

    /// @dev The terms are the round's, or `statusOf` reverts.
    function _requireProposal(RoundId roundId, StakeTerms calldata stakes) private view returns (RoundStatus memory r) {
        if (stakes.panel == 0) revert NoPanel(roundId);
        r = staked.statusOf(roundId, stakes);
        if (r.over) revert RoundOver(roundId);
        if (r.proposer == address(0)) revert NoProposal(roundId);
    }

    function _requireState(RoundId roundId, uint32 number, DecisionState expected)
        private
        view
        returns (Decision storage d)
    {
        d = _decisions[roundId][number];
        if (d.state != expected) revert WrongState(roundId, number, expected, d.state);
    }

    /// @dev Ruled, or nobody appealed in time; after an outage an appeal is late in time.
    function _isSettled(Decision storage d) private view returns (bool) {
        return d.state == DecisionState.Ruled
            || (d.state == DecisionState.Attested && block.timestamp >= d.appealEndsAt && staked.graceUntil() == 0);
    }

    /// @inheritdoc IEvaluations
    function isFinal(RoundId roundId, uint32 proposal) external view returns (bool) {
        Decision storage d = _decisions[roundId][proposal];
        return d.correct && _isSettled(d);
    }

    /// @inheritdoc IEvaluations
    function hasPanel(bytes32 panel) external view returns (bool) {
        return _panels[panel].threshold != 0;
    }

    /// @inheritdoc IEvaluations
    function panelOf(bytes32 panel) external view returns (Panel memory) {
        return _panels[panel];
    }

    /// @inheritdoc IEvaluations
    function decisionOf(RoundId roundId, uint32 proposal) external view returns (Decision memory) {
        return _decisions[roundId][proposal];
    }

    /// @notice The name of an appellant's lock in the vault.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @return keccak of its kind, the round and who or which it is.
    function appealLock(RoundId roundId, uint32 proposal) public pure returns (LockId) {
        return LockId.wrap(keccak256(abi.encode("appeal", roundId, proposal)));
    }
}
