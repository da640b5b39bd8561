// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The tokens that vault and pots take, each with the least stake or bond in it
/// @dev A token that was allowed stays so: what is kept in it must never become unusable.
interface ITokenList {
    /// @notice Only the governor may.
    /// @param caller who called.
    /// @param governor the timelock.
    error NotGovernor(address caller, address governor);
    /// @notice The two lists given differ in length.
    /// @param tokens how many tokens.
    /// @param leastStakes how many least stakes.
    error ListsDiffer(uint256 tokens, uint256 leastStakes);
    /// @notice The address has no code, so it is no token.
    /// @param token the ERC-20 token.
    error NotAToken(address token);
    /// @notice A least stake of nothing, or of more than any ledger holds.
    /// @param given in the token's smallest unit.
    /// @param least the least that is taken.
    /// @param most the most that is taken.
    error LeastStakeOutOfRange(uint256 given, uint256 least, uint256 most);

    /// @notice A token is allowed, or has another least stake.
    /// @param token the ERC-20 token.
    /// @param leastStake the least stake or bond, in the token's smallest unit.
    event TokenListed(address indexed token, uint256 leastStake);

    /// @notice Allows a token, or changes the least stake in one, for stakes and bonds from now on.
    ///         Caller: governor.
    /// @param token the ERC-20 token.
    /// @param leastStake in the token's smallest unit.
    function allow(address token, uint256 leastStake) external;

    /// @notice Whether a token is taken as stake.
    /// @param token the ERC-20 token.
    /// @return true if so.
    function isAllowed(address token) external view returns (bool);

    /// @notice The least stake or bond in a token; 0 if it isn't allowed.
    /// @param token the ERC-20 token.
    /// @return in the token's smallest unit.
    function leastStake(address token) external view returns (uint256);

    /// @notice Every allowed token, in the order in which they were allowed.
    /// @return addresses.
    function tokens() external view returns (address[] memory);
}
