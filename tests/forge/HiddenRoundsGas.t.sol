// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OF_KEY, OF_SEED, PostedShare} from "../../contracts/types/HiddenTypes.sol";
import {HiddenStage} from "./support/HiddenStage.sol";

/// Gas of what is done in a hidden round, as whole transactions (run with isolation), kept in
/// tests/snapshots/hidden_rounds_gas.json.
contract HiddenRoundsGasTest is HiddenStage {
    function setUp() public {
        deployAll();
    }

    function _snap(string memory name) private returns (uint256) {
        return vm.snapshotGasLastCall("hidden_rounds_gas", name);
    }

    function test_gas_of_a_group_of_five() public {
        setTerms(2, 20, 8);
        openHidden();
        _snap("01 hide");
        for (uint256 i = 0; i < MEMBERS; ++i) {
            enrol(i);
            publish(i);
        }
        holds(_snap("02 publishKey") < 150_000);
        vm.warp(roundTerms.enrolmentDeadline);
        for (uint256 i = 0; i < MEMBERS; ++i) {
            share(i);
        }
        holds(_snap("03 shareSecrets") < 120_000);
        revealFrom(1, MEMBERS);
        hidden.freeze(id, 0);
        _snap("04 freeze, 5 members");
        hidden.openSeed(id, who(1), seedOf(1));
        holds(_snap("05 openSeed") < 100_000);
        vm.startPrank(who(2));
        hidden.postShares(id, one(posted(0, 2, OF_KEY)));
        _snap("06 postShares, one");
        PostedShare[] memory two = new PostedShare[](2);
        (two[0], two[1]) = (posted(2, 3, OF_SEED), posted(4, 3, OF_SEED));
        bytes[] memory signatures = new bytes[](2);
        (signatures[0], signatures[1]) = (signed(id, 3, two[0]), signed(id, 3, two[1]));
        hidden.postSharesFor(id, who(3), two, signatures);
        _snap("07 postSharesFor, two");
        vm.stopPrank();
        hidden.openKey(id, who(0), secretOf(0));
        _snap("08 openKey");
        openSeeds(2, MEMBERS);
        holds(_snap("09 openSeed, the last one") < 120_000);
        vm.prank(OWNER);
        rounds.proposeResult(id, result(4));
        _snap("10 proposeResult");
    }

    function test_gas_of_giving_up() public {
        setTerms(2, 20, 8);
        survived(MEMBERS, 3);
        hidden.freeze(id, 0);
        hidden.strand(id, 0);
        _snap("11 strand");
        rounds.voidRound(id);
        _snap("12 voidRound");
    }

    function test_gas_of_a_group_of_32() public {
        _frozen(32);
        holds(_snap("13 freeze, 32 members") < 1_000_000);
        hidden.openSeed(id, who(0), seedOf(0));
        _snap("14 openSeed, 32 members");
    }

    function test_gas_of_a_group_of_256() public {
        _frozen(256);
        holds(_snap("15 freeze, 256 members") < 8_000_000);
    }

    function _frozen(uint16 size) private {
        setTerms(2, size, size);
        openHidden();
        for (uint256 i = 0; i < size; ++i) {
            enrol(i);
            publish(i);
        }
        for (uint256 i = 0; i < size; ++i) {
            bytes32 commitment = commitmentOf(id, i);
            vm.prank(who(i));
            hidden.shareSecrets(id, commitment, keccak256("shares"), keccak256("bundle"));
        }
        revealFrom(0, size);
        hidden.freeze(id, 0);
    }
}
