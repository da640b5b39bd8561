// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IForfeits} from "../interfaces/IForfeits.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {Commitments} from "../libraries/Commitments.sol";
import {Batch, RevealLeaf, Round, RoundId} from "../types/RoundTypes.sol";

/// @title Forfeits
/// @dev A controller (a rounds contract) can touch only the bonds that it holds here itself, so anyone may be one.
///      It is asked who revealed; its answers spend its own bonds alone.
///
///      Assumptions:
///      1. A controller is asked who revealed, and its answers spend its own bonds alone; anyone may be one.
///      2. It sends the tokens before it calls `hold`: two controllers can't claim the same balance.
///      3. Tokens: see `IRewardPool`; a transfer that fails stops its own payee alone.
contract Forfeits is IForfeits {
    using SafeERC20 for IERC20;

    string public constant VERSION = "0.1.0";
    uint64 public constant COLLECTING = 180 days;

    mapping(address controller => mapping(RoundId => Bond)) private _bonds;
    mapping(address controller => mapping(RoundId => mapping(address participant => bool))) private _collected;
    mapping(address controller => mapping(RoundId => mapping(uint32 batch => uint32))) private _paidFromBatch;
    mapping(address controller => mapping(RoundId => uint32)) private _paidFromBatches;
    /// @inheritdoc IForfeits
    mapping(address token => uint256) public accounted;

    // --- the controller's ---------------------------------------------------------------------

    /// @inheritdoc IForfeits
    function hold(RoundId roundId, address token, address funder, uint128 each, uint256 amount) external {
        // Check
        if (_bonds[msg.sender][roundId].state != BondState.None) revert BondExists(msg.sender, roundId);
        uint256 expected = accounted[token] + amount;
        uint256 actual = IERC20(token).balanceOf(address(this));
        if (actual < expected) revert BondNotReceived(token, expected, actual);
        // Effect
        accounted[token] = expected;
        _bonds[msg.sender][roundId] = Bond(token, BondState.Held, 0, funder, each, amount);
        emit BondHeld(msg.sender, roundId, token, funder, each, amount);
    }

    /// @inheritdoc IForfeits
    function release(RoundId roundId) external {
        // Check
        Bond storage b = _requireState(msg.sender, roundId, BondState.Held);
        // Effect
        b.state = BondState.Released;
        emit BondReleased(msg.sender, roundId);
    }

    /// @inheritdoc IForfeits
    function forfeit(RoundId roundId) external {
        // Check
        Bond storage b = _requireState(msg.sender, roundId, BondState.Held);
        // Effect
        b.state = BondState.Forfeited;
        b.closesAt = uint64(block.timestamp) + COLLECTING;
        emit BondForfeited(msg.sender, roundId, b.closesAt);
    }

    // --- collecting ---------------------------------------------------------------------------

    /// @inheritdoc IForfeits
    function collect(address controller, RoundId roundId, address participant) external {
        // Check
        Bond storage b = _requireCollecting(controller, roundId, participant);
        if (ITrainingRounds(controller).revealOf(roundId, participant) == 0) {
            revert NothingToCollect(controller, roundId, participant);
        }
        _pay(b, controller, roundId, participant);
    }

    /// @inheritdoc IForfeits
    function collectFromBatch(
        address controller,
        RoundId roundId,
        uint32 batch,
        RevealLeaf calldata leaf,
        bytes32[] calldata proof
    ) external {
        // Check
        Bond storage b = _requireCollecting(controller, roundId, leaf.participant);
        bool stands = _standsIn(ITrainingRounds(controller), roundId, batch, leaf, proof);
        if (!stands) revert NothingToCollect(controller, roundId, leaf.participant);
        // Effect
        ++_paidFromBatch[controller][roundId][batch];
        ++_paidFromBatches[controller][roundId];
        _pay(b, controller, roundId, leaf.participant);
    }

    /// @dev Whoever revealed by itself has a place of its own, so leaves of a posted root that were made up can take
    ///      only the places that the batch has beside those.
    function _standsIn(
        ITrainingRounds rounds,
        RoundId roundId,
        uint32 batch,
        RevealLeaf calldata leaf,
        bytes32[] calldata proof
    ) private view returns (bool) {
        Batch memory posted = rounds.batchOf(roundId, batch);
        if (!MerkleProof.verifyCalldata(proof, posted.revealRoot, Commitments.revealLeaf(leaf))) return false;
        if (rounds.isEnrolled(roundId, leaf.participant) || rounds.revealOf(roundId, leaf.participant) != 0) {
            return false;
        }
        uint32 paid = _paidFromBatch[address(rounds)][roundId][batch];
        Round memory r = rounds.roundOf(roundId);
        uint32 places = r.maximumParticipants - r.enrolled - r.ownReveals;
        return
            paid < posted.posted && paid < posted.count - posted.own
                && _paidFromBatches[address(rounds)][roundId] < places;
    }

    function _pay(Bond storage b, address controller, RoundId roundId, address participant) private {
        // Effect
        uint128 amount = b.each;
        _collected[controller][roundId][participant] = true;
        b.left -= amount;
        accounted[b.token] -= amount;
        emit ForfeitCollected(controller, roundId, participant, amount);
        // Interaction
        IERC20(b.token).safeTransfer(participant, amount);
    }

    // --- the funder's -------------------------------------------------------------------------

    /// @inheritdoc IForfeits
    function withdraw(address controller, RoundId roundId) external {
        // Check
        Bond storage b = _bonds[controller][roundId];
        if (b.state == BondState.Forfeited) {
            if (block.timestamp < b.closesAt) revert CollectingOpen(roundId, b.closesAt, uint64(block.timestamp));
        } else {
            _requireState(controller, roundId, BondState.Released);
        }
        // Effect
        uint256 amount = b.left;
        b.left = 0;
        b.state = BondState.Withdrawn;
        accounted[b.token] -= amount;
        emit BondWithdrawn(controller, roundId, b.funder, amount);
        // Interaction
        if (amount != 0) IERC20(b.token).safeTransfer(b.funder, amount);
    }

    // --- views and checks ---------------------------------------------------------------------

    /// @inheritdoc IForfeits
    function bondOf(address controller, RoundId roundId) external view returns (Bond memory) {
        return _bonds[controller][roundId];
    }

    /// @inheritdoc IForfeits
    function hasCollected(address controller, RoundId roundId, address participant) external view returns (bool) {
        return _collected[controller][roundId][participant];
    }

    function _requireCollecting(address controller, RoundId roundId, address participant)
        private
        view
        returns (Bond storage b)
    {
        b = _requireState(controller, roundId, BondState.Forfeited);
        if (block.timestamp >= b.closesAt) revert CollectingOver(roundId, b.closesAt, uint64(block.timestamp));
        if (_collected[controller][roundId][participant]) revert AlreadyCollected(controller, roundId, participant);
    }

    function _requireState(address controller, RoundId roundId, BondState expected)
        private
        view
        returns (Bond storage b)
    {
        b = _bonds[controller][roundId];
        if (b.state != expected) revert WrongBondState(controller, roundId, expected, b.state);
    }
}
