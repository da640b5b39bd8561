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
        /// What was put up, in the token's smallest unit.
        uint128 amount;
        /// In the token's smallest unit.
        uint128 paid;
        /// Weights, or parts of the payout total, that were paid.
        uint128 shares;
        /// Whether the sponsor has the rest.
        bool remainderPaid;
    }

    /// One group of leaves: the way to the node above them, all of its children, and which of them are to be paid.
    struct Group {
        /// From the proposal's top to the node above the leaves.
        Path path;
        /// All of its children.
        Leaf[] leaves;
        /// Bit i: the leaf at i is to be paid.
        uint256 which;
    }

    /// @notice Every contract has to be there.
    error ZeroAddress();
    /// @notice The token list doesn't have it.
    /// @param token the ERC-20 token.
    error TokenNotAllowed(address token);
    /// @notice No such round under stake.
    /// @param roundId the round's id (R-1).
    error UnknownStakedRound(RoundId roundId);
    /// @notice Pots are filled before.
    /// @param roundId the round's id (R-1).
    /// @param phase the round's phase (R-2).
    error RoundOver(RoundId roundId, Phase phase);
    /// @notice Nothing to move.
    error ZeroAmount();
    /// @notice The tokens didn't arrive in full (a fee on transfer, or no transfer).
    /// @param token the ERC-20 token.
    /// @param expected what it had to be.
    /// @param received what arrived.
    error FundingNotReceived(address token, uint256 expected, uint256 received);
    /// @notice It has no result yet.
    /// @param roundId the round's id (R-1).
    error NotSettled(RoundId roundId);
    /// @notice Not the proposal that was settled.
    /// @param roundId the round's id (R-1).
    error WrongProposal(RoundId roundId);
    /// @notice A panel attested who gets what.
    /// @param roundId the round's id (R-1).
    error PaidByRoot(RoundId roundId);
    /// @notice There is no payout root.
    /// @param roundId the round's id (R-1).
    error PaidByWeight(RoundId roundId);
    /// @notice The path doesn't begin at the proposal's top, or breaks.
    /// @param roundId the round's id (R-1).
    error PathNotInProposal(RoundId roundId);
    /// @notice The path's end doesn't commit to these leaves.
    /// @param roundId the round's id (R-1).
    error LeavesNotOfNode(RoundId roundId);
    /// @notice The payout root has no such leaf.
    /// @param roundId the round's id (R-1).
    /// @param account who is paid.
    /// @param amount as the leaf would have it.
    error InvalidProof(RoundId roundId, address account, uint256 amount);
    /// @notice `which` sets no bit of a leaf.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    error NothingToPay(RoundId roundId, address token);
    /// @notice Once each.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param participant the participant's account.
    error AlreadyPaid(RoundId roundId, address token, address participant);
    /// @notice Nothing was put up in this token.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    error EmptyPot(RoundId roundId, address token);
    /// @notice A tree whose leaves weigh more than its top, or a root of more than its total: it pays nothing from
    ///         elsewhere.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param wanted in the token's smallest unit.
    /// @param left in the token's smallest unit.
    error PotExceeded(RoundId roundId, address token, uint256 wanted, uint256 left);
    /// @notice Somebody may still be paid.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param shares weights, or parts of the payout total, that were paid.
    /// @param whole all of them.
    /// @param until when it is returned in any case, in seconds since 1970.
    error NotAllPaid(RoundId roundId, address token, uint256 shares, uint256 whole, uint64 until);
    /// @notice The sponsor has the rest already.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    error RemainderPaid(RoundId roundId, address token);
    /// @notice Pots go back in a void round alone.
    /// @param roundId the round's id (R-1).
    /// @param phase the round's phase (R-2).
    error NotVoided(RoundId roundId, Phase phase);
    /// @notice It has nothing in the pot.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    error NothingToRefund(RoundId roundId, address token, address funder);
    /// @notice Nothing waits for it.
    /// @param token the ERC-20 token.
    /// @param account who is paid.
    error NothingKept(address token, address account);

    /// @notice A pot grew.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    /// @param amount in the token's smallest unit.
    event PotFunded(RoundId indexed roundId, address indexed token, address indexed funder, uint256 amount);
    /// @notice A part of the pot is paid, or kept if the token refused.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param participant who is paid.
    /// @param amount in the token's smallest unit.
    event ParticipantPaid(RoundId indexed roundId, address indexed token, address indexed participant, uint256 amount);
    /// @notice The token refused the transfer: the amount waits for `collect`.
    /// @param token the ERC-20 token.
    /// @param account who is paid.
    /// @param amount in the token's smallest unit.
    event PaymentKept(address indexed token, address indexed account, uint256 amount);
    /// @notice What was kept is paid.
    /// @param token the ERC-20 token.
    /// @param account who is paid.
    /// @param amount in the token's smallest unit.
    event PaymentCollected(address indexed token, address indexed account, uint256 amount);
    /// @notice The sponsor has the rest.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param sponsor who opened the round.
    /// @param amount in the token's smallest unit.
    event RemainderReturned(RoundId indexed roundId, address indexed token, address indexed sponsor, uint256 amount);
    /// @notice A funder has its part back.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    /// @param amount in the token's smallest unit.
    event PotRefunded(RoundId indexed roundId, address indexed token, address indexed funder, uint256 amount);

    /// @notice Adds to a round's pot, which has to be approved before. Caller: anyone, until the round is over.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    function fund(RoundId roundId, address token, uint256 amount) external;

    /// @notice Adds to a round's pot for another funder, who gets it back if the round is void. Caller: anyone, who pays.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param amount in the token's smallest unit.
    /// @param funder who is paid back if the round is void.
    function fundFor(RoundId roundId, address token, uint256 amount, address funder) external;

    /// @notice Pays participants their part of the pot, `⌊pot · weight / total weight⌋`: of up to 32 at a time, those whose
    ///         bits `which` sets. Caller: anyone; the participants are paid.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param proposal the settled one, of a round without a panel.
    /// @param group leaves, the way to them, and which are to be paid.
    function pay(RoundId roundId, address token, Proposal calldata proposal, Group calldata group) external;

    /// @notice Pays an account its part of the pot, `⌊pot · amount / payout total⌋` by the attested payout root. Caller:
    ///         anyone; the account is paid.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param proposal the settled one, of a round with a panel.
    /// @param account who is paid.
    /// @param amount as its leaf has it, of the payout total.
    /// @param proof siblings from the leaf up, as OpenZeppelin's tree has them.
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
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param proposal the settled one.
    function returnRemainder(RoundId roundId, address token, Proposal calldata proposal) external;

    /// @notice Gives a funder its part of a voided round's pot back. Caller: anyone; the funder is paid.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    function refund(RoundId roundId, address token, address funder) external;

    /// @notice Sends an account what a token refused to send before. Caller: anyone; the account is paid.
    /// @param token the ERC-20 token.
    /// @param account who is paid.
    function collect(address token, address account) external;

    /// @notice A round's pot in one token.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit; zeros if there is none.
    function potOf(RoundId roundId, address token) external view returns (Pot memory);

    /// @notice What a funder put in.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    /// @return what a funder has in a pot.
    function fundedBy(RoundId roundId, address token, address funder) external view returns (uint256);

    /// @notice Whether a participant was paid.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param participant the participant's account.
    /// @return true if so.
    function isPaid(RoundId roundId, address token, address participant) external view returns (bool);

    /// @notice What a token refused to send, and waits.
    /// @param token the ERC-20 token.
    /// @param account who is paid.
    /// @return what is kept for an account.
    function keptFor(address token, address account) external view returns (uint256);

    /// @notice What all pots and kept payments come to.
    /// @param token the ERC-20 token.
    /// @return what the contract owes in a token, over all pots.
    function owed(address token) external view returns (uint256);
}
