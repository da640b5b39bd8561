// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// Packed values and their sums the plain way, one value and one byte at a time: the contracts' own way is another.
library PlainSums {
    /// The number that a value's bits are, of the bytes that they stand in.
    function residue(bytes memory packed, uint256 width, uint256 i) internal pure returns (uint256 value) {
        uint256 end = (i + 1) * width;
        for (uint256 at = i * width / 8; at * 8 < end; ++at) {
            value = value << 8 | uint8(packed[at]);
        }
        return (value >> ((8 - end % 8) % 8)) % (1 << width);
    }

    function centred(uint256 value, uint256 width) internal pure returns (int256) {
        value %= 1 << width;
        return value >> (width - 1) == 0 ? int256(value) : int256(value) - int256(1 << width);
    }

    function pack(int256[] memory values, uint256 width) internal pure returns (bytes memory packed) {
        packed = new bytes((values.length * width + 7) / 8);
        for (uint256 i = 0; i < values.length; ++i) {
            uint256 end = (i + 1) * width;
            uint256 value = uint256(values[i]) % (1 << width) << ((8 - end % 8) % 8);
            for (uint256 at = (end + 7) / 8; at > i * width / 8; (--at, value >>= 8)) {
                packed[at - 1] |= bytes1(uint8(value));
            }
        }
    }

    /// The keystream of a seed behind a chunk, as many values as the chunk has.
    function keystream(bytes32 seed, uint256 width, uint256 chunk, uint256 values)
        internal
        pure
        returns (bytes memory stream)
    {
        for (uint256 n = chunk * width; stream.length * 8 < values * width; ++n) {
            stream = bytes.concat(stream, sha256(abi.encodePacked(seed, uint64(n))));
        }
    }

    function sums(bytes[] memory added, bytes[] memory subtracted, uint256 width, uint256 values)
        internal
        pure
        returns (int256[] memory found)
    {
        found = new int256[](values);
        for (uint256 i = 0; i < values; ++i) {
            uint256 sum;
            for (uint256 row = 0; row < added.length; ++row) {
                sum += residue(added[row], width, i);
            }
            for (uint256 row = 0; row < subtracted.length; ++row) {
                sum += (1 << width) - residue(subtracted[row], width, i);
            }
            found[i] = centred(sum, width);
        }
    }
}
