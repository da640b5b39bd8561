// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {ITokenList} from "../interfaces/ITokenList.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {IWeightedPayouts} from "../interfaces/IWeightedPayouts.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {Proposal} from "../types/DisputeTypes.sol";
import {Phase, RoundId} from "../types/RoundTypes.sol";

/// @title Pots of rounds under stake
/// @dev Every function that sends tokens writes its state first, so a token that calls back finds nothing left to take.
///      Each pot is accounted by itself: no round pays with another's tokens.
///
///      Assumptions:
///      1. A settled proposal may be wrong, if nobody disputed it: it pays from its own pot alone.
///      2. StakedRounds tells truly what was settled, TrainingRounds what is void.
///      3. Tokens: see the interface.
contract WeightedPayouts is IWeightedPayouts {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    string public constant VERSION = "0.1.0";
    uint64 private constant CLAIM_PERIOD = 180 days;
    IStakedRounds public immutable staked;
    ITrainingRounds public immutable rounds;
    ITokenList public immutable tokens;

    mapping(RoundId => mapping(address token => Pot)) private _pots;
    /// @inheritdoc IWeightedPayouts
    mapping(RoundId => mapping(address token => mapping(address participant => bool))) public isPaid;
    /// @inheritdoc IWeightedPayouts
    mapping(RoundId => mapping(address token => mapping(address funder => uint256))) public fundedBy;
    /// @inheritdoc IWeightedPayouts
    mapping(address token => mapping(address account => uint256)) public keptFor;
    /// @inheritdoc IWeightedPayouts
    mapping(address token => uint256) public owed;

    constructor(IStakedRounds staked_, ITrainingRounds rounds_, ITokenList tokens_) {
        bool named = address(staked_) != address(0) && address(rounds_) != address(0) && address(tokens_) != address(0);
        if (!named) revert ZeroAddress();
        staked = staked_;
        rounds = rounds_;
        tokens = tokens_;
    }

    // --- fund ---------------------------------------------------------------------------------

    /// @inheritdoc IWeightedPayouts
    function fund(RoundId roundId, address token, uint256 amount) external {
        fundFor(roundId, token, amount, msg.sender);
    }

    /// @inheritdoc IWeightedPayouts
    function fundFor(RoundId roundId, address token, uint256 amount, address funder) public {
        // Check
        if (amount == 0) revert ZeroAmount();
        if (!tokens.isAllowed(token)) revert TokenNotAllowed(token);
        if (staked.stakedRoundOf(roundId).sponsor == address(0)) revert UnknownStakedRound(roundId);
        Phase phase = rounds.phaseOf(roundId);
        if (phase == Phase.Finalised || phase == Phase.Voided) revert RoundOver(roundId, phase);
        // Effect
        Pot storage pot = _pots[roundId][token];
        pot.amount = (pot.amount + amount).toUint128();
        fundedBy[roundId][token][funder] += amount;
        owed[token] += amount;
        emit PotFunded(roundId, token, funder, amount);
        // Interaction
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert FundingNotReceived(token, amount, received);
    }

    // --- pay ----------------------------------------------------------------------------------

    /// @inheritdoc IWeightedPayouts
    function pay(RoundId roundId, address token, Proposal calldata proposal, Group calldata group) external {
        // Check
        _requireSettled(roundId, proposal);
        if (proposal.payoutRoot != 0) revert PaidByRoot(roundId);
        if (!RoundTrees.isPath(group.path, RoundTrees.hashOf(proposal.top))) revert PathNotInProposal(roundId);
        uint256 count = group.leaves.length;
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            hashes[i] = RoundTrees.hashOf(group.leaves[i]);
        }
        if (keccak256(abi.encode(hashes)) != RoundTrees.end(group.path).childrenHash) revert LeavesNotOfNode(roundId);
        // Check, Effect, Interaction
        bool any;
        for (uint256 i = 0; i < count; ++i) {
            if (group.which >> i & 1 == 0) continue;
            any = true;
            _pay(roundId, token, group.leaves[i].participant, group.leaves[i].weight, proposal.top.weight);
        }
        if (!any) revert NothingToPay(roundId, token);
    }

    /// @inheritdoc IWeightedPayouts
    function payByRoot(
        RoundId roundId,
        address token,
        Proposal calldata proposal,
        address account,
        uint256 amount,
        bytes32[] calldata proof
    ) external {
        // Check
        _requireSettled(roundId, proposal);
        if (proposal.payoutRoot == 0) revert PaidByWeight(roundId);
        // Hashed twice, so that no inner node of the tree can pass for a leaf.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, amount))));
        if (!MerkleProof.verifyCalldata(proof, proposal.payoutRoot, leaf)) {
            revert InvalidProof(roundId, account, amount);
        }
        // Check, Effect, Interaction
        _pay(roundId, token, account, amount, proposal.payoutTotal);
    }

    /// @dev Pays `⌊pot · share / whole⌋`, never beyond the pot.
    function _pay(RoundId roundId, address token, address account, uint256 share, uint256 whole) private {
        // Check
        if (isPaid[roundId][token][account]) revert AlreadyPaid(roundId, token, account);
        Pot storage pot = _pots[roundId][token];
        if (pot.amount == 0) revert EmptyPot(roundId, token);
        uint256 amount = pot.amount * share / whole;
        uint256 left = pot.remainderPaid ? 0 : pot.amount - pot.paid;
        if (amount > left) revert PotExceeded(roundId, token, amount, left);
        // Effect
        isPaid[roundId][token][account] = true;
        pot.paid += uint128(amount); // at most the pot
        pot.shares = (pot.shares + share).toUint128();
        emit ParticipantPaid(roundId, token, account, amount);
        // Interaction
        if (amount != 0) _send(token, account, amount);
    }

    /// @dev What the token refuses to send stays owed to the account: nobody else waits for it.
    function _send(address token, address account, uint256 amount) private {
        owed[token] -= amount;
        if (IERC20(token).trySafeTransfer(account, amount)) return;
        owed[token] += amount;
        keptFor[token][account] += amount;
        emit PaymentKept(token, account, amount);
    }

    /// @inheritdoc IWeightedPayouts
    function collect(address token, address account) external {
        // Check
        uint256 amount = keptFor[token][account];
        if (amount == 0) revert NothingKept(token, account);
        // Effect
        keptFor[token][account] = 0;
        owed[token] -= amount;
        emit PaymentCollected(token, account, amount);
        // Interaction
        IERC20(token).safeTransfer(account, amount);
    }

    // --- what is left -------------------------------------------------------------------------

    /// @inheritdoc IWeightedPayouts
    function returnRemainder(RoundId roundId, address token, Proposal calldata proposal) external {
        // Check
        IStakedRounds.StakedRound memory r = _requireSettled(roundId, proposal);
        Pot storage pot = _pots[roundId][token];
        if (pot.amount == 0) revert EmptyPot(roundId, token);
        if (pot.remainderPaid) revert RemainderPaid(roundId, token);
        uint256 whole = proposal.payoutRoot == 0 ? proposal.top.weight : proposal.payoutTotal;
        uint64 until = r.endsAt + CLAIM_PERIOD;
        if (pot.shares < whole && block.timestamp < until) {
            revert NotAllPaid(roundId, token, pot.shares, whole, until);
        }
        uint256 rest = pot.amount - pot.paid;
        // Effect
        pot.remainderPaid = true;
        emit RemainderReturned(roundId, token, r.sponsor, rest);
        // Interaction
        if (rest != 0) _send(token, r.sponsor, rest);
    }

    /// @inheritdoc IWeightedPayouts
    function refund(RoundId roundId, address token, address funder) external {
        // Check
        Phase phase = rounds.phaseOf(roundId);
        if (phase != Phase.Voided) revert NotVoided(roundId, phase);
        uint256 amount = fundedBy[roundId][token][funder];
        if (amount == 0) revert NothingToRefund(roundId, token, funder);
        // Effect
        fundedBy[roundId][token][funder] = 0;
        _pots[roundId][token].amount -= uint128(amount); // what was funded is in the pot
        emit PotRefunded(roundId, token, funder, amount);
        // Interaction
        _send(token, funder, amount);
    }

    function _requireSettled(RoundId roundId, Proposal calldata proposal)
        private
        view
        returns (IStakedRounds.StakedRound memory r)
    {
        r = staked.stakedRoundOf(roundId);
        if (!r.settled) revert NotSettled(roundId);
        if (keccak256(abi.encode(proposal)) != r.proposalHash) revert WrongProposal(roundId);
    }

    /// @inheritdoc IWeightedPayouts
    function potOf(RoundId roundId, address token) external view returns (Pot memory) {
        return _pots[roundId][token];
    }
}
