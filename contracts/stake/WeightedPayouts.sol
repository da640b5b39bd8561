// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {IWeightedPayouts} from "../interfaces/IWeightedPayouts.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {Leaf, Path, Proposal} from "../types/DisputeTypes.sol";
import {Phase, RoundId} from "../types/RoundTypes.sol";

/// @title Payouts by weight
/// @dev Every function that sends tokens writes its state first, so a token that calls back finds nothing left to take.
///      Each pot is accounted by itself: no round pays with another's tokens.
contract WeightedPayouts is IWeightedPayouts {
    using SafeERC20 for IERC20;

    string public constant VERSION = "0.1.0";
    IStakedRounds public immutable staked;
    ITrainingRounds public immutable rounds;

    mapping(RoundId => mapping(address token => Pot)) private _pots;
    mapping(RoundId => mapping(address token => mapping(address participant => bool))) public isPaid;
    mapping(RoundId => mapping(address token => mapping(address funder => uint256))) public fundedBy;
    /// @inheritdoc IWeightedPayouts
    mapping(address token => uint256) public owed;

    constructor(IStakedRounds staked_, ITrainingRounds rounds_) {
        staked = staked_;
        rounds = rounds_;
    }

    /// @inheritdoc IWeightedPayouts
    function fund(RoundId roundId, address token, uint256 amount) external {
        // Check
        if (amount == 0) revert ZeroAmount();
        if (staked.stakedRoundOf(roundId).sponsor == address(0)) revert UnknownStakedRound(roundId);
        Phase phase = rounds.phaseOf(roundId);
        if (phase == Phase.Finalised || phase == Phase.Voided) revert RoundOver(roundId, phase);
        // Effect
        _pots[roundId][token].amount += amount;
        fundedBy[roundId][token][msg.sender] += amount;
        owed[token] += amount;
        emit PotFunded(roundId, token, msg.sender, amount);
        // Interaction
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert FundingNotReceived(token, amount, received);
    }

    /// @inheritdoc IWeightedPayouts
    function pay(
        RoundId roundId,
        address token,
        Proposal calldata proposal,
        Path calldata path,
        bytes32[] calldata hashes,
        uint256 position,
        Leaf calldata leaf
    ) external {
        // Check
        _requireSettled(roundId, proposal);
        if (!RoundTrees.isPath(path, RoundTrees.hashOf(proposal.top))) revert PathNotInProposal(roundId);
        bool inTree = position < hashes.length && hashes[position] == RoundTrees.hashOf(leaf)
            && keccak256(abi.encode(hashes)) == RoundTrees.end(path).childrenHash;
        if (!inTree) revert LeafNotInTree(roundId, leaf.participant);
        if (isPaid[roundId][token][leaf.participant]) revert AlreadyPaid(roundId, token, leaf.participant);
        Pot storage pot = _pots[roundId][token];
        if (pot.amount == 0) revert EmptyPot(roundId, token);
        // Weights have 64 bits: an amount beyond 192 bits reverts here, and nothing else of the round does.
        uint256 amount = pot.amount * leaf.weight / proposal.top.weight;
        // Effect
        isPaid[roundId][token][leaf.participant] = true;
        pot.paid += amount;
        ++pot.paidCount;
        owed[token] -= amount;
        emit WeightPaid(roundId, token, leaf.participant, leaf.weight, amount);
        // Interaction
        IERC20(token).safeTransfer(leaf.participant, amount);
    }

    /// @inheritdoc IWeightedPayouts
    function returnRest(RoundId roundId, address token, Proposal calldata proposal) external {
        // Check
        address sponsor = _requireSettled(roundId, proposal);
        Pot storage pot = _pots[roundId][token];
        if (pot.amount == 0) revert EmptyPot(roundId, token);
        if (pot.paidCount != proposal.top.count) {
            revert NotAllPaid(roundId, token, pot.paidCount, proposal.top.count);
        }
        if (pot.restPaid) revert RestPaid(roundId, token);
        uint256 rest = pot.amount - pot.paid;
        // Effect
        pot.restPaid = true;
        owed[token] -= rest;
        emit RestReturned(roundId, token, sponsor, rest);
        // Interaction
        if (rest != 0) IERC20(token).safeTransfer(sponsor, rest);
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
        _pots[roundId][token].amount -= amount;
        owed[token] -= amount;
        emit PotRefunded(roundId, token, funder, amount);
        // Interaction
        IERC20(token).safeTransfer(funder, amount);
    }

    /// @inheritdoc IWeightedPayouts
    function potOf(RoundId roundId, address token) external view returns (Pot memory) {
        return _pots[roundId][token];
    }

    function _requireSettled(RoundId roundId, Proposal calldata proposal) private view returns (address sponsor) {
        IStakedRounds.StakedRound memory r = staked.stakedRoundOf(roundId);
        if (!r.settled) revert NotSettled(roundId);
        if (keccak256(abi.encode(proposal)) != r.proposalHash) revert WrongProposal(roundId);
        return r.sponsor;
    }
}
