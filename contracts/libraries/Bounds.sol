// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title What a constructor's values have to be: they hold for good, so a slip can't be mended later
library Bounds {
    /// An address that has to be somebody's.
    error ZeroAddress();
    /// A period in seconds outside of what makes sense.
    error PeriodOutOfRange(uint64 given, uint64 least, uint64 most);

    /// @dev Reverts if the address is zero.
    function requireAddress(address given) internal pure {
        if (given == address(0)) revert ZeroAddress();
    }

    /// @dev Reverts unless the period, in seconds, is from `least` to `most`.
    function requirePeriod(uint64 given, uint64 least, uint64 most) internal pure {
        if (given < least || given > most) revert PeriodOutOfRange(given, least, most);
    }
}
