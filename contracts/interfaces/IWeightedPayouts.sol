// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Leaf, Path, Proposal} from "../types/DisputeTypes.sol";
import {Phase, RoundId} from "../types/RoundTypes.sol";

/// @title Payouts by weight of rounds under stake (P-7)
/// @dev Nobody posts who gets what: each payout is recomputed from the tree of the settled proposal, which anyone could
///      dispute. Assumptions about tokens: for correctness, a balance falls only by transfers made here; for liveness,
///      transfers succeed.
interface IWeightedPayouts {
    /// What was put up for one round in one token, and what was paid of it.
    struct Pot {
        uint256 amount;
        uint256 paid;
        uint32 paidCount;
        bool restPaid;
    }

    error UnknownStakedRound(RoundId roundId);
    error RoundOver(RoundId roundId, Phase phase);
    error ZeroAmount();
    /// The tokens didn't arrive in full (a fee on transfer, or no transfer).
    error FundingNotReceived(address token, uint256 expected, uint256 received);
    error NotSettled(RoundId roundId);
    error WrongProposal(RoundId roundId);
    error PathNotInProposal(RoundId roundId);
    error LeafNotInTree(RoundId roundId, address participant);
    error AlreadyPaid(RoundId roundId, address token, address participant);
    error EmptyPot(RoundId roundId, address token);
    error NotAllPaid(RoundId roundId, address token, uint32 paid, uint32 count);
    error RestPaid(RoundId roundId, address token);
    error NotVoided(RoundId roundId, Phase phase);
    error NothingToRefund(RoundId roundId, address token, address funder);

    event PotFunded(RoundId indexed roundId, address indexed token, address indexed funder, uint256 amount);
    event WeightPaid(
        RoundId indexed roundId, address indexed token, address indexed participant, uint64 weight, uint256 amount
    );
    event RestReturned(RoundId indexed roundId, address indexed token, address indexed sponsor, uint256 amount);
    event PotRefunded(RoundId indexed roundId, address indexed token, address indexed funder, uint256 amount);

    /// @notice Adds to a round's pot, which has to be approved before. Caller: anyone, until the round is over.
    function fund(RoundId roundId, address token, uint256 amount) external;

    /// @notice Pays a participant its part of the pot: `⌊pot · weight / total weight⌋`. Caller: anyone; the participant is
    ///         paid.
    /// @param proposal the settled one.
    /// @param path to the node above the participant's leaf.
    /// @param hashes of all children of the path's end.
    /// @param position the leaf's among them.
    /// @param leaf what the participant revealed.
    function pay(
        RoundId roundId,
        address token,
        Proposal calldata proposal,
        Path calldata path,
        bytes32[] calldata hashes,
        uint256 position,
        Leaf calldata leaf
    ) external;

    /// @notice Returns what the division leaves, once everybody is paid. Caller: anyone; the round's sponsor is paid.
    function returnRest(RoundId roundId, address token, Proposal calldata proposal) external;

    /// @notice Gives a funder its part of a voided round's pot back. Caller: anyone; the funder is paid.
    function refund(RoundId roundId, address token, address funder) external;

    function potOf(RoundId roundId, address token) external view returns (Pot memory);

    /// @return what a funder has in a pot.
    function fundedBy(RoundId roundId, address token, address funder) external view returns (uint256);

    function isPaid(RoundId roundId, address token, address participant) external view returns (bool);

    /// @return what the contract owes in a token, over all pots.
    function owed(address token) external view returns (uint256);
}
