// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The tokens that vault and pots take, each with the least stake or bond in it
/// @dev A token that was allowed stays so: what is kept in it must never become unusable.
interface ITokenList {
    error NotGovernor(address caller, address governor);
    /// The two lists given differ in length.
    error ListsDiffer(uint256 tokens, uint256 leastStakes);
    /// The address has no code, so it is no token.
    error NotAToken(address token);
    /// A least stake of nothing, or of more than any ledger holds.
    error LeastStakeOutOfRange(uint256 given, uint256 least, uint256 most);

    event TokenListed(address indexed token, uint256 leastStake);

    /// @notice Allows a token, or changes the least stake in one, for stakes and bonds from now on.
    ///         Caller: governor.
    /// @param leastStake in the token's smallest unit.
    function allow(address token, uint256 leastStake) external;

    function isAllowed(address token) external view returns (bool);

    /// @notice The least stake or bond in a token; 0 if it isn't allowed.
    function leastStake(address token) external view returns (uint256);

    /// @notice Every allowed token, in the order in which they were allowed.
    function tokens() external view returns (address[] memory);
}
