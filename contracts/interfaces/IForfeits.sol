// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RevealLeaf, RoundId} from "../types/RoundTypes.sol";

/// @title What coordinators put up for coming to a result, in custody
/// @dev Assumptions about tokens are those of `IRewardPool`. A transfer that fails stops nobody but its own payee.
interface IForfeits {
    /// A bond's place in its life.
    enum BondState {
        None,
        Held,
        Released,
        Forfeited,
        Withdrawn
    }

    /// One round's bond: `each` is what one participant gets, `left` what wasn't paid yet. `closesAt`, in seconds,
    /// ends the collecting of a forfeited bond.
    struct Bond {
        /// The ERC-20 token.
        address token;
        /// Its place in its life.
        BondState state;
        /// When collecting ends, in seconds since 1970; 0 unless forfeited.
        uint64 closesAt;
        /// Who is paid back.
        address funder;
        /// Per participant, in the token's smallest unit.
        uint128 each;
        /// Not paid yet, in the token's smallest unit.
        uint256 left;
    }

    /// @notice A round has one bond.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    error BondExists(address controller, RoundId roundId);
    /// @notice The bond is in another state than the call is for.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param expected what it had to be.
    /// @param actual what it is.
    error WrongBondState(address controller, RoundId roundId, BondState expected, BondState actual);
    /// @notice The tokens didn't arrive in full before `hold` was called (a fee on transfer, or no transfer).
    /// @param token the ERC-20 token.
    /// @param expected what it had to be.
    /// @param actual what it is.
    error BondNotReceived(address token, uint256 expected, uint256 actual);
    /// @notice Nothing shows that this participant revealed, or others were paid in its batch's places.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error NothingToCollect(address controller, RoundId roundId, address participant);
    /// @notice The participant was paid.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    error AlreadyCollected(address controller, RoundId roundId, address participant);
    /// @notice Participants may collect still.
    /// @param roundId the round's id (R-1).
    /// @param closesAt when collecting ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error CollectingOpen(RoundId roundId, uint64 closesAt, uint64 blockTime);
    /// @notice What was left is the funder's.
    /// @param roundId the round's id (R-1).
    /// @param closesAt when collecting ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error CollectingOver(RoundId roundId, uint64 closesAt, uint64 blockTime);

    /// @notice A bond is in custody.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    /// @param each what one participant gets, in the token's smallest unit.
    /// @param amount in the token's smallest unit.
    event BondHeld(
        address indexed controller,
        RoundId indexed roundId,
        address indexed token,
        address funder,
        uint128 each,
        uint256 amount
    );
    /// @notice The funder may have it back.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    event BondReleased(address indexed controller, RoundId indexed roundId);
    /// @notice Participants that revealed may collect.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param closesAt when collecting ends, in seconds since 1970.
    event BondForfeited(address indexed controller, RoundId indexed roundId, uint64 closesAt);
    /// @notice A participant was paid.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @param amount in the token's smallest unit.
    event ForfeitCollected(
        address indexed controller, RoundId indexed roundId, address indexed participant, uint128 amount
    );
    /// @notice The funder was paid.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param funder who paid it, and is paid back.
    /// @param amount in the token's smallest unit.
    event BondWithdrawn(address indexed controller, RoundId indexed roundId, address funder, uint256 amount);

    /// @notice Takes custody of tokens that were just sent here. Caller: a controller, for its own rounds.
    /// @param roundId the round's id (R-1).
    /// @param token the ERC-20 token.
    /// @param funder who paid it, and is paid back.
    /// @param each what one participant gets, in the token's smallest unit.
    /// @param amount in the token's smallest unit.
    function hold(RoundId roundId, address token, address funder, uint128 each, uint256 amount) external;

    /// @notice Lets the funder have a bond back. Caller: the controller that holds it here.
    /// @param roundId the round's id (R-1).
    function release(RoundId roundId) external;

    /// @notice Lets the participants that revealed collect. Caller: the controller that holds it here.
    /// @param roundId the round's id (R-1).
    function forfeit(RoundId roundId) external;

    /// @notice Pays a participant that revealed by itself, once. Caller: anyone.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    function collect(address controller, RoundId roundId, address participant) external;

    /// @notice Pays a participant that stands in a batch's posted reveals, once. Caller: anyone who knows the leaf
    ///         and its proof.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param batch the batch's number in its round, from 0.
    /// @param leaf the update as the batch's reveals list it.
    /// @param proof siblings from the leaf up, as OpenZeppelin's tree has them.
    function collectFromBatch(
        address controller,
        RoundId roundId,
        uint32 batch,
        RevealLeaf calldata leaf,
        bytes32[] calldata proof
    ) external;

    /// @notice Pays the funder a bond that was released, or what nobody collected in time of one that was forfeited.
    ///         Caller: anyone.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    function withdraw(address controller, RoundId roundId) external;

    /// @notice A round's bond.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @return state `None` if there is none.
    function bondOf(address controller, RoundId roundId) external view returns (Bond memory);

    /// @notice Whether a participant was paid.
    /// @param controller the rounds contract that holds the bond here.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @return true if so.
    function hasCollected(address controller, RoundId roundId, address participant) external view returns (bool);

    /// @notice What is held of a token for bonds that aren't paid out.
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit.
    function accounted(address token) external view returns (uint256);
}
