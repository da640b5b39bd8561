// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Who stands beside whom in a hidden round (H-3): order, groups and neighbours
/// @dev Positions are a permutation of the roster that is computed place by place: a Feistel network over 4^m numbers,
///      walked until it falls below the roster's size. A roster has at most 2^32 members, a group at most 256, so nothing
///      here overflows.
library NeighbourGraphs {
    uint256 private constant ROUNDS = 8;
    /// Below, a group is everybody's neighbour, and one survivor less leaves a single one.
    uint256 private constant LEAST_GROUP = 2;

    // --- the order ----------------------------------------------------------------------------

    /// @param size how many are on the roster, from 1.
    /// @param index in the roster, from 0.
    /// @return position of that member, from 0.
    function positionOf(bytes32 orderSeed, uint256 size, uint256 index) internal pure returns (uint256 position) {
        uint256 half = _half(size);
        position = index;
        do {
            position = _forth(orderSeed, half, position);
        } while (position >= size);
    }

    /// @param size how many are on the roster, from 1.
    /// @param position from 0.
    /// @return index in the roster of who stands there, from 0.
    function indexAt(bytes32 orderSeed, uint256 size, uint256 position) internal pure returns (uint256 index) {
        uint256 half = _half(size);
        index = position;
        do {
            index = _back(orderSeed, half, index);
        } while (index >= size);
    }

    /// @return half the least m from 1 up, in bits, whose 4^m numbers hold `size` of them.
    function _half(uint256 size) private pure returns (uint256 half) {
        unchecked {
            half = 1;
            while (1 << (2 * half) < size) ++half;
        }
    }

    function _forth(bytes32 seed, uint256 half, uint256 value) private pure returns (uint256) {
        (uint256 left, uint256 right) = (value >> half, value & ((1 << half) - 1));
        for (uint256 round = 0; round < ROUNDS; ++round) {
            (left, right) = (right, left ^ _mixed(seed, half, round, right));
        }
        return left << half | right;
    }

    function _back(bytes32 seed, uint256 half, uint256 value) private pure returns (uint256) {
        (uint256 left, uint256 right) = (value >> half, value & ((1 << half) - 1));
        for (uint256 round = ROUNDS; round != 0; --round) {
            (left, right) = (right ^ _mixed(seed, half, round - 1, left), left);
        }
        return left << half | right;
    }

    /// @dev keccak256(abi.encode(seed, round, right)) cut to `half` bits, in the scratch space and the pointer's word,
    ///      which is put back.
    function _mixed(bytes32 seed, uint256 half, uint256 round, uint256 right) private pure returns (uint256 mixed) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(0x00, seed)
            mstore(0x20, round)
            mstore(0x40, right)
            mixed := and(keccak256(0x00, 0x60), sub(shl(half, 1), 1))
            mstore(0x40, free)
        }
    }

    // --- groups -------------------------------------------------------------------------------

    /// @param size how many are on the roster.
    /// @param groupSize how many a group holds at most, unless that left one alone.
    /// @return how many groups there are; none of nobody.
    function groupCount(uint256 size, uint256 groupSize) internal pure returns (uint256) {
        unchecked {
            uint256 groups = (size + groupSize - 1) / groupSize;
            if (groups > size / LEAST_GROUP) groups = size / LEAST_GROUP;
            return groups == 0 && size != 0 ? 1 : groups;
        }
    }

    /// @return first the position where a group begins.
    /// @return members how many it has: sizes differ by one at most, and the larger come first.
    function runOf(uint256 size, uint256 groups, uint256 group) internal pure returns (uint256 first, uint256 members) {
        unchecked {
            (uint256 least, uint256 larger) = (size / groups, size % groups);
            first = group * least + (group < larger ? group : larger);
            members = group < larger ? least + 1 : least;
        }
    }

    /// @return group that holds a position.
    /// @return place of that position in it, from 0.
    function placeAt(uint256 size, uint256 groups, uint256 position)
        internal
        pure
        returns (uint256 group, uint256 place)
    {
        unchecked {
            (uint256 least, uint256 larger) = (size / groups, size % groups);
            uint256 inLarger = larger * (least + 1);
            if (position < inLarger) return (position / (least + 1), position % (least + 1));
            return (larger + (position - inLarger) / least, (position - inLarger) % least);
        }
    }

    // --- neighbours ---------------------------------------------------------------------------

    /// @param members how many the group has, up to 256.
    /// @param place of whom, from 0.
    /// @param degree even.
    /// @return a bitmap of its neighbours' places: everybody else's, or of those at most half the degree away.
    function neighboursOf(uint256 members, uint256 place, uint256 degree) internal pure returns (uint256) {
        unchecked {
            uint256 all = members == 256 ? type(uint256).max : (1 << members) - 1;
            if (degree + 1 >= members) return all & ~(1 << place);
            // The places from `place - degree / 2` on, around the circle, without its own.
            uint256 first = (place + members - degree / 2) % members;
            uint256 run = (1 << (degree + 1)) - 1;
            return (run << first | run >> (members - first)) & all & ~(1 << place);
        }
    }

    /// @return how many neighbours each member of a group has.
    function degreeOf(uint256 members, uint256 degree) internal pure returns (uint256) {
        if (members == 0) return 0;
        return degree < members - 1 ? degree : members - 1;
    }

    /// @return how many shares open a secret in a group: the same part of its neighbours, rounded up.
    function thresholdOf(uint256 members, uint256 degree, uint256 threshold) internal pure returns (uint256) {
        return (degreeOf(members, degree) * threshold + degree - 1) / degree;
    }
}
