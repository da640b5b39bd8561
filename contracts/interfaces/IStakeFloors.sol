// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StakeTerms} from "../types/DisputeTypes.sol";
import {RoundTerms} from "../types/RoundTypes.sol";

/// @title What the terms of a round under stake may be (F-17)
/// @dev Nothing that a sponsor chooses lets anybody be judged in no time, by nobody, or for nothing. Windows follow from
///      the chain's delays, the vector's chunks and the depth of the tree; stakes from what a search costs.
interface IStakeFloors {
    error ZeroAddress();
    error WindowTooShort(bytes32 window, uint256 given, uint256 least);
    error WindowTooLong(bytes32 window, uint256 given, uint256 most);
    error StakeTooSmall(bytes32 stake, uint256 given, uint256 least);
    error StakeTooLarge(bytes32 stake, uint256 given, uint256 most);
    error QuorumOutOfRange(uint16 quorum, uint32 least, uint32 most);
    error InvalidStakeTerms(bytes32 term);
    /// There has to be room for certificates, strikes, one dispute and one appeal before the proposal deadline.
    error ProposalTimeTooShort(uint64 needed, uint64 given);

    /// @notice Reverts for terms that no round may have.
    /// @return certifyEnd when certificates of updates are due.
    /// @return strikesEnd from when on proposals are taken.
    function check(RoundTerms calldata terms, StakeTerms calldata stakes)
        external
        view
        returns (uint64 certifyEnd, uint64 strikesEnd);

    /// @return how long a proposal takes at most until it can be settled: its certificate, disputes, an appeal, settling.
    function proposalTime(StakeTerms calldata stakes) external view returns (uint64);

    function leastCertifyWindow() external view returns (uint32);
    function leastAnswerWindow() external view returns (uint32);
}
