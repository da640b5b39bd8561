// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Leaf, Path, Proposal} from "../types/DisputeTypes.sol";
import {Phase, RoundId} from "../types/RoundTypes.sol";

/// @title Pots of rounds under stake, paid by what was settled (P-7)
/// @dev Without a panel nobody posts who gets what: each payout is recomputed from the tree of the settled proposal, which
///      anyone could dispute. With a panel it is a leaf of the payout root that K of N attested. Either way a pot pays at
///      most what it holds: each is accounted by itself, whatever another round settled.
///      Assumptions about tokens. For correctness: a balance falls only by transfers made here. For liveness: none; what
///      a token refuses to send is kept for the account, and holds nobody else up.
interface IWeightedPayouts {
    /// What was put up for one round in one token, and what was paid of it.
    /// `shares` are the weights, or the parts of the payout root's total, that were paid.
    struct Pot {
        uint128 amount;
        uint128 paid;
        uint128 shares;
        bool restPaid;
    }

    /// One group of leaves: the way to the node above them, all of its children, and which of them are to be paid.
    struct Group {
        Path path;
        Leaf[] leaves;
        uint256 which;
    }

    error ZeroAddress();
    error TokenNotAllowed(address token);
    error UnknownStakedRound(RoundId roundId);
    error RoundOver(RoundId roundId, Phase phase);
    error ZeroAmount();
    /// The tokens didn't arrive in full (a fee on transfer, or no transfer).
    error FundingNotReceived(address token, uint256 expected, uint256 received);
    error NotSettled(RoundId roundId);
    error WrongProposal(RoundId roundId);
    error PaidByRoot(RoundId roundId);
    error PaidByWeight(RoundId roundId);
    error PathNotInProposal(RoundId roundId);
    error LeavesNotOfNode(RoundId roundId);
    error InvalidProof(RoundId roundId, address account, uint256 amount);
    error NothingToPay(RoundId roundId, address token);
    error AlreadyPaid(RoundId roundId, address token, address participant);
    error EmptyPot(RoundId roundId, address token);
    /// A tree whose leaves weigh more than its top, or a root of more than its total: it pays nothing from elsewhere.
    error PotExceeded(RoundId roundId, address token, uint256 wanted, uint256 left);
    error NotAllPaid(RoundId roundId, address token, uint256 shares, uint256 whole, uint64 until);
    error RestPaid(RoundId roundId, address token);
    error NotVoided(RoundId roundId, Phase phase);
    error NothingToRefund(RoundId roundId, address token, address funder);
    error NothingKept(address token, address account);

    event PotFunded(RoundId indexed roundId, address indexed token, address indexed funder, uint256 amount);
    event ParticipantPaid(RoundId indexed roundId, address indexed token, address indexed participant, uint256 amount);
    /// The token refused the transfer: the amount waits for `collect`.
    event PaymentKept(address indexed token, address indexed account, uint256 amount);
    event PaymentCollected(address indexed token, address indexed account, uint256 amount);
    event RestReturned(RoundId indexed roundId, address indexed token, address indexed sponsor, uint256 amount);
    event PotRefunded(RoundId indexed roundId, address indexed token, address indexed funder, uint256 amount);

    /// @notice Adds to a round's pot, which has to be approved before. Caller: anyone, until the round is over.
    function fund(RoundId roundId, address token, uint256 amount) external;

    /// @notice Adds to a round's pot for another funder, who gets it back if the round is void. Caller: anyone, who pays.
    function fundFor(RoundId roundId, address token, uint256 amount, address funder) external;

    /// @notice Pays participants their part of the pot, `⌊pot · weight / total weight⌋`: of up to 32 at a time, those whose
    ///         bits `which` sets. Caller: anyone; the participants are paid.
    /// @param proposal the settled one, of a round without a panel.
    function pay(RoundId roundId, address token, Proposal calldata proposal, Group calldata group) external;

    /// @notice Pays an account its part of the pot, `⌊pot · amount / payout total⌋` by the attested payout root. Caller:
    ///         anyone; the account is paid.
    /// @param proposal the settled one, of a round with a panel.
    function payByRoot(
        RoundId roundId,
        address token,
        Proposal calldata proposal,
        address account,
        uint256 amount,
        bytes32[] calldata proof
    ) external;

    /// @notice Returns to the sponsor what the division left, once everybody is paid, or 180 days after disputes ended.
    ///         Caller: anyone.
    function returnRest(RoundId roundId, address token, Proposal calldata proposal) external;

    /// @notice Gives a funder its part of a voided round's pot back. Caller: anyone; the funder is paid.
    function refund(RoundId roundId, address token, address funder) external;

    /// @notice Sends an account what a token refused to send before. Caller: anyone; the account is paid.
    function collect(address token, address account) external;

    function potOf(RoundId roundId, address token) external view returns (Pot memory);

    /// @return what a funder has in a pot.
    function fundedBy(RoundId roundId, address token, address funder) external view returns (uint256);

    function isPaid(RoundId roundId, address token, address participant) external view returns (bool);

    /// @return what is kept for an account.
    function keptFor(address token, address account) external view returns (uint256);

    /// @return what the contract owes in a token, over all pots.
    function owed(address token) external view returns (uint256);
}
