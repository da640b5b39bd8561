// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Keystreams} from "../../contracts/libraries/Keystreams.sol";
import {PackedRows, PackedSums} from "../../contracts/libraries/PackedSums.sol";
import {Vm} from "./support/Vm.sol";

/// Gas of the parts of a hidden sum, for 256 values of 32 seeds, in tests/snapshots/keystream_gas.json.
contract KeystreamGasTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;
    uint256 private constant SEEDS = 32;
    uint256 private constant VALUES = 256;

    /// SHA-256 is the protocol's: keccak would cost the chain less, and every participant several times as much.
    function test_keystreams_by_either_hash_are_measured() public {
        uint8[3] memory widths = [13, 21, 37];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 width = widths[i] > 32 ? widths[i] + 1 : widths[i];
            string memory label = string.concat(", 32 seeds, width ", vm.toString(width));
            vm.snapshotValue("keystream_gas", string.concat("sha-256", label), this.bySha(width));
            vm.snapshotValue("keystream_gas", string.concat("keccak-256", label), this.byKeccak(width));
            vm.snapshotValue(
                "keystream_gas", string.concat("sums of 64 rows, width ", vm.toString(width)), this.bySum(width)
            );
        }
    }

    function bySha(uint256 width) external view returns (uint256) {
        (PackedRows memory rows, uint256 before) = (_rows(width), gasleft());
        for (uint256 i = 0; i < SEEDS; ++i) {
            Keystreams.write(PackedSums.nextAdded(rows), bytes32(i), 17 * width, width);
        }
        return before - gasleft();
    }

    /// The same loop, with the opcode in the precompile's place.
    function byKeccak(uint256 width) external view returns (uint256) {
        (PackedRows memory rows, uint256 before) = (_rows(width), gasleft());
        for (uint256 i = 0; i < SEEDS; ++i) {
            _writeKeccak(PackedSums.nextAdded(rows), bytes32(i), 17 * width, width);
        }
        return before - gasleft();
    }

    function bySum(uint256 width) external view returns (uint256) {
        PackedRows memory rows = PackedSums.allocate(width, VALUES, 2 * SEEDS);
        for (uint256 i = 0; i < SEEDS; ++i) {
            Keystreams.write(PackedSums.nextAdded(rows), bytes32(i), 0, width);
            Keystreams.write(PackedSums.nextSubtracted(rows), ~bytes32(i), 0, width);
        }
        uint256 before = gasleft();
        PackedSums.sums(rows);
        return before - gasleft();
    }

    /// Rows whose memory is paid for already.
    function _rows(uint256 width) private pure returns (PackedRows memory rows) {
        rows = PackedSums.allocate(width, VALUES, SEEDS);
        uint256 end = rows.at + SEEDS * rows.size;
        assembly ("memory-safe") {
            mstore(end, 1)
        }
    }

    function _writeKeccak(uint256 to, bytes32 seed, uint256 first, uint256 blocks) private pure {
        assembly ("memory-safe") {
            mstore(0, seed)
            let counter := shl(192, first)
            for { let end := add(to, shl(5, blocks)) } lt(to, end) { to := add(to, 32) } {
                mstore(32, counter)
                mstore(to, keccak256(0, 40))
                counter := add(counter, shl(192, 1))
            }
        }
    }
}
