// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StakedFixture} from "./StakedFixture.sol";

/// What forge tells of the last call: in isolation it is a transaction of its own.
interface GasVm {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function lastCallGas() external view returns (Gas memory);
}

/// Staked rounds whose disputes are measured as the transactions that they are.
abstract contract MeteredDisputes is StakedFixture {
    uint256 internal constant CAP = 1 << 24; // no transaction may use more (EIP-7825)

    /// What the proof's transaction uses, once it was announced (EIP-7623: at least 10 and 40 gas for a byte of calldata).
    function spent(bytes memory data) internal returns (uint256) {
        disputes.announce(keccak256(data));
        vm.roll(block.number + 1);
        uint256 zeros;
        for (uint256 i = 0; i < data.length; ++i) {
            if (data[i] == 0) ++zeros;
        }
        uint256 others = data.length - zeros;
        vm.prank(WATCHER);
        (bool done,) = address(disputes).call(data);
        holds(done);
        // With the 21,000 of every transaction, and its calldata at 4 and 16 gas a byte.
        uint256 usual = GasVm(address(vm)).lastCallGas().gasTotalUsed;
        uint256 floor = 21_000 + 10 * zeros + 40 * others;
        return usual > floor ? usual : floor;
    }
}
