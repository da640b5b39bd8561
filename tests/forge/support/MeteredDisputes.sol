// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StakedFixture} from "./StakedFixture.sol";

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
        uint256 before = gasleft();
        (bool done,) = address(disputes).call(data);
        uint256 execution = before - gasleft();
        holds(done);
        uint256 usual = 4 * zeros + 16 * others + execution;
        uint256 floor = 10 * zeros + 40 * others;
        return 21_000 + (usual > floor ? usual : floor);
    }
}
