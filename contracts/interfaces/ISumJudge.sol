// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ChunkProof, Leaf, OpenedSecrets} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";
import {IAggregationJudge} from "./IAggregationJudge.sol";
import {IHiddenRounds} from "./IHiddenRounds.sol";

/// @title Recomputes one chunk of a hidden round's sum from masked chunks and opened secrets
/// @dev It keeps nothing: what it says follows from its arguments, and from who survived and what members published, as
///      HiddenRounds has it. That the leaves are those of the round is for the caller to know.
interface ISumJudge {
    /// What is asked: at which chunk, of vectors of that length.
    struct SumParams {
        /// The hidden round.
        RoundId roundId;
        /// How many values a masked vector has.
        uint64 length;
        /// The chunk's, from 0.
        uint64 index;
    }

    /// @notice Every contract has to be there.
    error ZeroAddress();
    /// @notice Not the updates of all survivors.
    /// @param given how many leaves were given.
    /// @param expected how many survived.
    error WrongNumberOfLeaves(uint256 given, uint256 expected);
    /// @notice The leaf is of nobody that survived, or the second one of a survivor.
    /// @param roundId the round's id (R-1).
    /// @param participant whose leaf it is.
    error NotASurvivor(RoundId roundId, address participant);
    /// @notice One chunk and one seed for each leaf.
    /// @param chunks how many there are.
    /// @param seeds how many there are.
    /// @param expected how many leaves there are.
    error WrongNumberOfSeeds(uint256 chunks, uint256 seeds, uint256 expected);
    /// @notice One round secret key for each active member that dropped and has a neighbour that survived, no other.
    /// @param given how many keys were given.
    /// @param expected how many such members there are.
    error WrongNumberOfKeys(uint256 given, uint256 expected);

    /// @notice Judges a claim. Caller: anyone; nothing changes.
    /// @param params which chunk, of what.
    /// @param leaves the updates of all survivors of the round's one group, in any order.
    /// @param inputs that chunk of each of them, in the leaves' order.
    /// @param claim the proposed numerators.
    /// @param secrets what the masks are made of.
    /// @return verdict whether the claim is correct, and if not where.
    function judge(
        SumParams calldata params,
        Leaf[] calldata leaves,
        ChunkProof[] calldata inputs,
        IAggregationJudge.Claim calldata claim,
        OpenedSecrets calldata secrets
    ) external view returns (IAggregationJudge.Verdict memory verdict);

    /// @notice Whether a participant's update is in its group's sum.
    /// @param roundId the round's id (R-1).
    /// @param participant the participant's account.
    /// @return true of a survivor of a frozen group.
    function isSummed(RoundId roundId, address participant) external view returns (bool);

    /// @notice Who says who survived.
    /// @return fixed by the deployment.
    function hiddenRounds() external view returns (IHiddenRounds);
}
