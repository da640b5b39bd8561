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
        address token;
        BondState state;
        uint64 closesAt;
        address funder;
        uint128 each;
        uint256 left;
    }

    error BondExists(address controller, RoundId roundId);
    error WrongBondState(address controller, RoundId roundId, BondState expected, BondState actual);
    /// The tokens didn't arrive in full before `hold` was called (a fee on transfer, or no transfer).
    error BondNotReceived(address token, uint256 expected, uint256 actual);
    /// Nothing shows that this participant revealed, or others were paid in its batch's places.
    error NothingToCollect(address controller, RoundId roundId, address participant);
    error AlreadyCollected(address controller, RoundId roundId, address participant);
    error CollectingOpen(RoundId roundId, uint64 closesAt, uint64 blockTime);
    error CollectingOver(RoundId roundId, uint64 closesAt, uint64 blockTime);

    event BondHeld(
        address indexed controller,
        RoundId indexed roundId,
        address indexed token,
        address funder,
        uint128 each,
        uint256 amount
    );
    event BondReleased(address indexed controller, RoundId indexed roundId);
    event BondForfeited(address indexed controller, RoundId indexed roundId, uint64 closesAt);
    event ForfeitCollected(
        address indexed controller, RoundId indexed roundId, address indexed participant, uint128 amount
    );
    event BondWithdrawn(address indexed controller, RoundId indexed roundId, address funder, uint256 amount);

    /// @notice Takes custody of tokens that were just sent here. Caller: a controller, for its own rounds.
    function hold(RoundId roundId, address token, address funder, uint128 each, uint256 amount) external;

    /// @notice Lets the funder have a bond back. Caller: the controller that holds it here.
    function release(RoundId roundId) external;

    /// @notice Lets the participants that revealed collect. Caller: the controller that holds it here.
    function forfeit(RoundId roundId) external;

    /// @notice Pays a participant that revealed by itself, once. Caller: anyone.
    function collect(address controller, RoundId roundId, address participant) external;

    /// @notice Pays a participant that stands in a batch's posted reveals, once. Caller: anyone who knows the leaf
    ///         and its proof.
    function collectFromBatch(
        address controller,
        RoundId roundId,
        uint32 batch,
        RevealLeaf calldata leaf,
        bytes32[] calldata proof
    ) external;

    /// @notice Pays the funder a bond that was released, or what nobody collected in time of one that was forfeited.
    ///         Caller: anyone.
    function withdraw(address controller, RoundId roundId) external;

    function bondOf(address controller, RoundId roundId) external view returns (Bond memory);
    function hasCollected(address controller, RoundId roundId, address participant) external view returns (bool);

    /// @notice What is held of a token for bonds that aren't paid out.
    function accounted(address token) external view returns (uint256);
}
