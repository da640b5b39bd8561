// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IEvaluations} from "../interfaces/IEvaluations.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {IStakeVault, LockId} from "../interfaces/IStakeVault.sol";
import {Proposal, Standing, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Evaluations
contract Evaluations is IEvaluations, EIP712 {
    string public constant VERSION = "0.1.0";
    uint256 private constant MOST_MEMBERS = 64;
    bytes32 private constant TYPE = keccak256(
        "Attestation(bytes32 roundId,bytes32 versionDigest,bytes32 payoutRoot,uint256 payoutTotal,bytes32 scoresDigest)"
    );

    IStakedRounds public immutable staked;
    IStakeVault public immutable vault;

    mapping(bytes32 panel => Panel) private _panels;
    mapping(bytes32 panel => mapping(address account => bool)) public isMember;
    mapping(RoundId => mapping(uint32 proposal => Decision)) private _decisions;

    constructor(IStakedRounds staked_, IStakeVault vault_) EIP712("Tallystick Evaluations", "1") {
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
        bool sized = count != 0 && count <= MOST_MEMBERS && threshold != 0 && threshold <= count;
        if (!sized || appeals != (appealWindow != 0)) revert InvalidPanel();
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
        uint32 number = _requireStanding(roundId, stakes);
        if (keccak256(abi.encode(proposal)) != staked.stakedRoundOf(roundId).proposalHash) {
            revert WrongProposal(roundId);
        }
        if (RoundId.unwrap(attestation.roundId) != RoundId.unwrap(roundId)) {
            revert WrongRound(roundId, attestation.roundId);
        }
        Decision storage d = _decisions[roundId][number];
        if (d.made) revert Decided(roundId, number);
        _requireSigned(stakes.panel, attestation, signers, signatures);
        // Effect
        uint64 endsAt = uint64(block.timestamp) + _panels[stakes.panel].appealWindow;
        bool right = attestation.versionDigest == proposal.versionDigest
            && attestation.payoutRoot == proposal.payoutRoot && attestation.payoutTotal == proposal.payoutTotal;
        (d.made, d.right, d.by, d.appealEndsAt) = (true, right, msg.sender, endsAt);
        emit ProposalEvaluated(roundId, number, right, msg.sender, attestation, signers, endsAt);
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
            if (!SignatureChecker.isValidSignatureNow(signer, digest, signatures[i])) revert BadSignature(signer);
            last = signer;
        }
    }

    /// @inheritdoc IEvaluations
    function carryOut(RoundId roundId, StakeTerms calldata stakes) external {
        // Check
        uint32 number = _requireStanding(roundId, stakes);
        Decision storage d = _requireDecision(roundId, number);
        if (d.right) revert FoundRight(roundId, number);
        if (!_isSettled(d)) revert AppealOpen(roundId, d.appealEndsAt, uint64(block.timestamp));
        // Effect and interaction: the proposal is gone there, and with it its number
        staked.reject(roundId, stakes, d.by, "refuted");
    }

    // --- appeals ------------------------------------------------------------------------------

    /// @inheritdoc IEvaluations
    function appeal(RoundId roundId, StakeTerms calldata stakes) external {
        // Check
        uint32 number = _requireStanding(roundId, stakes);
        Decision storage d = _requireDecision(roundId, number);
        if (d.appellant != address(0)) revert AlreadyAppealed(roundId, d.appellant);
        if (block.timestamp >= d.appealEndsAt) {
            revert AppealOver(roundId, d.appealEndsAt, uint64(block.timestamp));
        }
        // Effect
        d.appellant = msg.sender;
        d.bond = stakes.bond;
        emit DecisionAppealed(roundId, number, msg.sender);
        // Interaction
        if (stakes.bond != 0) vault.lock(msg.sender, stakes.token, appealLock(roundId, number), stakes.bond);
    }

    /// @inheritdoc IEvaluations
    function rule(RoundId roundId, StakeTerms calldata stakes, bool right) external {
        // Check
        uint32 number = _requireStanding(roundId, stakes);
        address governor = _panels[stakes.panel].governor;
        if (msg.sender != governor) revert NotGovernor(msg.sender, governor);
        Decision storage d = _decisions[roundId][number];
        if (d.appellant == address(0) || d.ruled) revert NotAppealed(roundId);
        // Effect
        bool upheld = d.right == right;
        uint256 bond = d.bond;
        (d.ruled, d.right, d.bond) = (true, right, 0);
        emit AppealRuled(roundId, number, right);
        // Interaction
        if (bond == 0) return;
        LockId lock = appealLock(roundId, number);
        if (upheld) vault.slash(d.appellant, stakes.token, lock, bond, d.by);
        else vault.unlock(d.appellant, stakes.token, lock, bond);
    }

    /// @inheritdoc IEvaluations
    function returnBond(RoundId roundId, StakeTerms calldata stakes, uint32 proposal) external {
        // Check
        if (stakes.evaluators != address(this)) revert NotEvaluations(roundId, stakes.evaluators);
        Standing memory r = staked.standingOf(roundId, stakes);
        bool stands = r.proposer != address(0) && r.proposals == proposal
            && block.timestamp < staked.stakedRoundOf(roundId).proposalDeadline;
        if (stands) revert ProposalStands(roundId, proposal);
        Decision storage d = _decisions[roundId][proposal];
        uint256 bond = d.bond;
        if (bond == 0) revert NoBond(roundId, proposal);
        // Effect
        d.bond = 0;
        d.ruled = true;
        // Interaction
        vault.unlock(d.appellant, stakes.token, appealLock(roundId, proposal), bond);
    }

    // --- what stands --------------------------------------------------------------------------

    /// @dev The terms are the round's, or `standingOf` reverts.
    function _requireStanding(RoundId roundId, StakeTerms calldata stakes) private view returns (uint32 number) {
        if (stakes.evaluators != address(this)) revert NotEvaluations(roundId, stakes.evaluators);
        Standing memory r = staked.standingOf(roundId, stakes);
        if (r.proposer == address(0)) revert NoProposal(roundId);
        return r.proposals;
    }

    function _requireDecision(RoundId roundId, uint32 number) private view returns (Decision storage d) {
        d = _decisions[roundId][number];
        if (!d.made) revert NotDecided(roundId, number);
    }

    /// @dev Ruled, or nobody appealed in time.
    function _isSettled(Decision storage d) private view returns (bool) {
        return d.ruled || (d.appellant == address(0) && block.timestamp >= d.appealEndsAt);
    }

    /// @inheritdoc IEvaluations
    function isFinal(RoundId roundId, uint32 proposal) external view returns (bool) {
        Decision storage d = _decisions[roundId][proposal];
        return d.made && d.right && _isSettled(d);
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

    /// @return the name of an appellant's lock in the vault.
    function appealLock(RoundId roundId, uint32 proposal) public pure returns (LockId) {
        return LockId.wrap(keccak256(abi.encode("appeal", roundId, proposal)));
    }
}
