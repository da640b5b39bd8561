// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {Node, Path, Proposal, RoundStatus, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @dev What every proof has to show first: that it was announced, that its proposal stands, and where in it it leads.
abstract contract DisputeGrounds is IDisputes {
    IStakedRounds public immutable rounds;

    /// @inheritdoc IDisputes
    mapping(bytes32 call => uint256 blockNumber) public announcedIn;

    constructor(IStakedRounds rounds_) {
        if (address(rounds_) == address(0)) revert ZeroAddress();
        rounds = rounds_;
    }

    // --- who was first ------------------------------------------------------------------------

    /// @inheritdoc IDisputes
    function announce(bytes32 call) external {
        // The first one stays: a later announcement of the same call would only make it wait.
        if (announcedIn[call] == 0) announcedIn[call] = block.number;
        emit FaultAnnounced(call, msg.sender);
    }

    /// @dev Whoever copies a proof names another beneficiary, so its call is another one, which it hasn't announced.
    modifier announced(address beneficiary) {
        _requireAnnounced(beneficiary);
        _;
    }

    function _requireAnnounced(address beneficiary) private view {
        bytes32 call = keccak256(msg.data);
        uint256 at = announcedIn[call];
        if (at == 0 || at == block.number) revert NotAnnounced(call);
        if (beneficiary == address(0)) revert ZeroBeneficiary();
    }

    // --- for the proofs -----------------------------------------------------------------------

    /// @dev A round with a proposal that can still be disputed: from its first moment on, certified or not.
    function _requireDisputable(RoundId roundId, StakeTerms calldata stakes)
        internal
        view
        returns (RoundStatus memory r)
    {
        r = rounds.statusOf(roundId, stakes);
        if (r.proposer == address(0) || r.over) revert NoProposal(roundId);
        if (r.endsAt != 0 && block.timestamp >= r.endsAt) {
            revert DisputeWindowOver(roundId, r.endsAt, uint64(block.timestamp));
        }
    }

    function _requireProposal(RoundId roundId, StakeTerms calldata stakes, Proposal calldata proposal)
        internal
        view
        returns (RoundStatus memory r)
    {
        r = _requireDisputable(roundId, stakes);
        if (keccak256(abi.encode(proposal)) != r.proposalHash) revert WrongProposal(roundId);
    }

    function _requireEnd(RoundId roundId, RoundStatus memory r, Path calldata path)
        internal
        pure
        returns (Node calldata)
    {
        if (!RoundTrees.isPath(path, r.topHash)) revert PathNotInProposal(roundId);
        return RoundTrees.end(path);
    }
}
