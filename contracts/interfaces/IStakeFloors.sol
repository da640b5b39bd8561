// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StakeTerms} from "../types/DisputeTypes.sol";
import {RoundTerms} from "../types/RoundTypes.sol";

/// @title What the terms of a round under stake may be (F-17)
/// @dev Nothing that a sponsor chooses lets anybody be judged in no time, by nobody, or for nothing. Windows follow from
///      the chain's delays, the vector's chunks and the depth of the tree; stakes from what a search costs.
interface IStakeFloors {
    /// @notice Every contract has to be there.
    error ZeroAddress();
    /// @notice In seconds.
    /// @param window which window, in ASCII.
    /// @param given what the terms give.
    /// @param least the least that is taken.
    error WindowTooShort(bytes32 window, uint256 given, uint256 least);
    /// @notice In seconds.
    /// @param window which window, in ASCII.
    /// @param given what the terms give.
    /// @param most the most that is taken.
    error WindowTooLong(bytes32 window, uint256 given, uint256 most);
    /// @notice In the token's smallest unit.
    /// @param stake which stake, in ASCII.
    /// @param given what the terms give.
    /// @param least the least that is taken.
    error StakeTooSmall(bytes32 stake, uint256 given, uint256 least);
    /// @notice In the token's smallest unit.
    /// @param stake which stake, in ASCII.
    /// @param given what the terms give.
    /// @param most the most that is taken.
    error StakeTooLarge(bytes32 stake, uint256 given, uint256 most);
    /// @notice It must be met by holders, and by more than one.
    /// @param quorum how many holders have to sign.
    /// @param least the smallest.
    /// @param most the largest.
    error QuorumOutOfRange(uint16 quorum, uint32 least, uint32 most);
    /// @notice A term that no round may have.
    /// @param term which term, in ASCII.
    error InvalidStakeTerms(bytes32 term);
    /// @notice There has to be room for certificates, slashing, one dispute and one appeal before the proposal
    ///         deadline.
    /// @param needed in seconds.
    /// @param given what the terms give.
    error ProposalTimeTooShort(uint64 needed, uint64 given);

    /// @notice Reverts for terms that no round may have.
    /// @param terms the round's terms.
    /// @param stakes the stake terms.
    /// @return certifyEnd when certificates of updates are due.
    /// @return slashEnd from when on proposals are taken.
    function check(RoundTerms calldata terms, StakeTerms calldata stakes)
        external
        view
        returns (uint64 certifyEnd, uint64 slashEnd);

    /// @notice How long a proposal takes at most.
    /// @param stakes the stake terms.
    /// @return how long a proposal takes at most until it can be settled: its certificate, disputes, an appeal, settling.
    function proposalTime(StakeTerms calldata stakes) external view returns (uint64);

    /// @notice The shortest certify window of the deployment.
    /// @return in seconds.
    function leastCertifyWindow() external view returns (uint32);

    /// @notice The shortest answer window of the deployment.
    /// @return in seconds.
    function leastAnswerWindow() external view returns (uint32);
}
