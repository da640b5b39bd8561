// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../interfaces/IAggregationJudge.sol";
import {IHiddenRounds} from "../interfaces/IHiddenRounds.sol";
import {IHiddenRoundsErrors} from "../interfaces/IHiddenRoundsErrors.sol";
import {ISumJudge} from "../interfaces/ISumJudge.sol";
import {Keystreams} from "../libraries/Keystreams.sol";
import {MaskSeeds} from "../libraries/MaskSeeds.sol";
import {NeighbourGraphs} from "../libraries/NeighbourGraphs.sol";
import {PackedRows, PackedSums} from "../libraries/PackedSums.sol";
import {VectorRoots} from "../libraries/VectorRoots.sol";
import {ChunkProof, Leaf, OpenedSecrets} from "../types/DisputeTypes.sol";
import {HiddenGroup, Member} from "../types/HiddenTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title The judge of one chunk of a hidden round's sum
/// @dev Its cost grows with the survivors, with the pairs of a survivor and a neighbour that dropped, and with the depth
///      of a proof, not with the length of the vectors.
///
///      Assumptions:
///      1. The updates' roots are the caller's to vouch for; that they are the survivors' own is checked here.
///      2. HiddenRounds tells truly who survived and what members published, and says it once.
///      3. SHA-256 and keccak-256 have no collisions. The precompile of the former fails for want of gas alone: then it
///         reverts, and judges nothing.
contract SumJudge is ISumJudge {
    string public constant VERSION = "0.1.0";
    /// Under stake a round has one group.
    uint256 private constant GROUP = 0;
    /// Numerators are proposed in this width.
    uint256 private constant CLAIM_BITS = 64;

    /// @inheritdoc ISumJudge
    IHiddenRounds public immutable hiddenRounds;

    /// What is asked, and what becomes of it: the masked chunks and their masks' keystreams, one row each.
    struct Sum {
        RoundId roundId;
        uint64 length;
        uint64 index;
        uint256 width;
        uint256 degree;
        HiddenGroup group;
        PackedRows rows;
    }

    constructor(IHiddenRounds hiddenRounds_) {
        if (address(hiddenRounds_) == address(0)) revert ZeroAddress();
        hiddenRounds = hiddenRounds_;
    }

    /// @inheritdoc ISumJudge
    function judge(
        SumParams calldata params,
        Leaf[] calldata leaves,
        ChunkProof[] calldata inputs,
        IAggregationJudge.Claim calldata claim,
        OpenedSecrets calldata secrets
    ) external view returns (IAggregationJudge.Verdict memory) {
        Sum memory sum = _requireFrozen(params);
        uint256 pairs = _requireCounts(sum, leaves.length, inputs.length, secrets);
        if (!VectorRoots.verifyChunk(claim.root, CLAIM_BITS, params.length, params.index, claim.chunk, claim.proof)) {
            revert IAggregationJudge.ResultNotProven();
        }
        // The claim first: a chunk that nobody proposed is no verdict's subject. It is proven, so there is such a chunk.
        uint256 values = VectorRoots.valuesAt(params.length, params.index);
        sum.rows = PackedSums.allocate(sum.width, values, 2 * leaves.length + pairs);
        _addUpdates(sum, leaves, inputs, secrets.seeds);
        _takeOffPairMasks(sum, secrets.keys);
        return _compared(PackedSums.sums(sum.rows), claim.chunk, params.index);
    }

    function _requireFrozen(SumParams calldata params) private view returns (Sum memory sum) {
        sum.width = hiddenRounds.widthOf(params.roundId);
        if (sum.width == 0) revert IHiddenRoundsErrors.NotHidden(params.roundId);
        sum.group = hiddenRounds.groupOf(params.roundId, GROUP);
        if (!sum.group.frozen) revert IHiddenRoundsErrors.NotFrozen(params.roundId, GROUP);
        sum.degree = hiddenRounds.hiddenTermsOf(params.roundId).degree;
        (sum.roundId, sum.length, sum.index) = (params.roundId, params.length, params.index);
    }

    /// @return pairs how many pairs there are of a survivor and a neighbour that dropped: their masks are still in the sum.
    function _requireCounts(Sum memory sum, uint256 leaves, uint256 inputs, OpenedSecrets calldata secrets)
        private
        pure
        returns (uint256 pairs)
    {
        uint256 survivors = _ones(sum.group.survivors);
        if (leaves != survivors) revert WrongNumberOfLeaves(leaves, survivors);
        if (inputs != leaves || secrets.seeds.length != leaves) {
            revert WrongNumberOfSeeds(inputs, secrets.seeds.length, leaves);
        }
        uint256 keys;
        for (uint256 place = 0; place < sum.group.members.length; ++place) {
            uint256 left = _leftBehind(sum, place);
            if (left == 0) continue;
            ++keys;
            pairs += _ones(left);
        }
        if (secrets.keys.length != keys) revert WrongNumberOfKeys(secrets.keys.length, keys);
    }

    /// @return bitmap of the neighbours that survived an active member that dropped; none of any other member.
    function _leftBehind(Sum memory sum, uint256 place) private pure returns (uint256) {
        HiddenGroup memory group = sum.group;
        if ((group.active & ~group.survivors) >> place & 1 == 0) return 0;
        return NeighbourGraphs.neighboursOf(group.members.length, place, sum.degree) & group.survivors;
    }

    /// @dev Every survivor's masked chunk, proven against its root, and off with the survivor's own mask.
    function _addUpdates(Sum memory sum, Leaf[] calldata leaves, ChunkProof[] calldata inputs, bytes32[] calldata seeds)
        private
        view
    {
        uint256 left = sum.group.survivors;
        for (uint256 i = 0; i < leaves.length; ++i) {
            address participant = leaves[i].participant;
            uint256 place = _placeOf(sum.group.members, participant);
            // There are as many leaves as survivors, and none is taken twice: so none is left out.
            if (left >> place & 1 == 0) revert NotASurvivor(sum.roundId, participant);
            left ^= 1 << place;
            if (!_addUpdate(sum, leaves[i].updateRoot, inputs[i])) revert IAggregationJudge.InputNotProven(i);
            _takeOffSelfMask(sum, participant, sum.group.published[place].seedCommitment, seeds[i]);
        }
    }

    /// @return proven whether the masked chunk is the update's; if not, it isn't added.
    function _addUpdate(Sum memory sum, bytes32 root, ChunkProof calldata input) private view returns (bool proven) {
        proven = VectorRoots.verifyPacked(root, sum.width, sum.length, sum.index, input.chunk, input.siblings);
        if (proven) PackedSums.copy(sum.rows, PackedSums.nextAdded(sum.rows), input.chunk);
    }

    function _takeOffSelfMask(Sum memory sum, address participant, bytes32 commitment, bytes32 seed) private view {
        if (MaskSeeds.seedCommitment(address(hiddenRounds), sum.roundId, participant, seed) != commitment) {
            revert IHiddenRoundsErrors.WrongSeed(sum.roundId, participant);
        }
        bytes32 maskSeed = MaskSeeds.selfMaskSeed(address(hiddenRounds), sum.roundId, participant, seed);
        _expand(sum, PackedSums.nextSubtracted(sum.rows), maskSeed);
    }

    /// @dev The masks that no other survivor's cancels, worked out with the key of the neighbour that dropped.
    function _takeOffPairMasks(Sum memory sum, bytes32[] calldata keys) private view {
        uint256 next;
        for (uint256 place = 0; place < sum.group.members.length; ++place) {
            uint256 left = _leftBehind(sum, place);
            if (left == 0) continue;
            uint256 key = uint256(keys[next++]);
            Member memory dropped = sum.group.published[place];
            if (!MaskSeeds.isSecretOf(key, dropped.x, dropped.odd)) {
                revert IHiddenRoundsErrors.WrongKey(sum.roundId, sum.group.members[place]);
            }
            for (uint256 survivor = 0; left != 0; (++survivor, left >>= 1)) {
                if (left & 1 == 1) _takeOffPairMask(sum, sum.group.members[place], key, survivor);
            }
        }
    }

    function _takeOffPairMask(Sum memory sum, address dropped, uint256 key, uint256 place) private view {
        address survivor = sum.group.members[place];
        Member memory published = sum.group.published[place];
        address shared = MaskSeeds.addressOfProduct(key, published.x, published.odd);
        bytes32 seed = MaskSeeds.pairMaskSeed(address(hiddenRounds), sum.roundId, survivor, dropped, shared);
        // Whoever has the lower address added the mask, and the other one subtracted it.
        bool added = survivor < dropped;
        _expand(sum, added ? PackedSums.nextSubtracted(sum.rows) : PackedSums.nextAdded(sum.rows), seed);
    }

    /// @dev A chunk has `width` blocks, so the keystreams of chunks begin that many blocks apart (H-5).
    function _expand(Sum memory sum, uint256 to, bytes32 seed) private view {
        Keystreams.write(to, seed, sum.index * sum.width, sum.rows.size / 32);
    }

    /// @return the place of a member; behind every place if it is none.
    function _placeOf(address[] memory members, address participant) private pure returns (uint256) {
        for (uint256 place = 0; place < members.length; ++place) {
            if (members[place] == participant) return place;
        }
        return type(uint256).max;
    }

    /// @return count of the bits that are set.
    function _ones(uint256 bitmap) private pure returns (uint256 count) {
        for (; bitmap != 0; bitmap &= bitmap - 1) {
            ++count;
        }
    }

    function _compared(int256[] memory expected, bytes calldata chunk, uint64 index)
        private
        pure
        returns (IAggregationJudge.Verdict memory)
    {
        (uint256 at, int256 actual) = PackedSums.firstOther(expected, chunk);
        if (at == expected.length) return IAggregationJudge.Verdict(true, 0, 0, 0);
        // A coordinate is below the vector's length, which has 64 bits.
        return IAggregationJudge.Verdict(false, uint64(index * VectorRoots.CHUNK + at), expected[at], actual);
    }

    /// @inheritdoc ISumJudge
    function isSummed(RoundId roundId, address participant) external view returns (bool) {
        if (!hiddenRounds.memberOf(roundId, participant).published) return false;
        (uint256 group, uint256 place) = hiddenRounds.placeOf(roundId, participant);
        return hiddenRounds.groupOf(roundId, group).survivors >> place & 1 == 1;
    }
}
