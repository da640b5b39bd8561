// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Signatures} from "../../contracts/libraries/Signatures.sol";
import {ContractWallet} from "../../contracts/testing/ContractWallet.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {BatchFixture} from "./support/BatchFixture.sol";

/// D-5: whose signature it is, of accounts with keys, with wallets, and with code that is none.
contract SignaturesTest is BatchFixture {
    uint256 private constant KEY = 0xF00;
    bytes32 private constant DIGEST = keccak256("digest");
    /// Half the curve's order, rounded down: the highest s that is taken.
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    bytes private constant STOPS = hex"00";
    bytes private constant REVERTS = hex"5f5ffd";
    bytes private constant SHORT = hex"601f5ff3"; // 31 bytes of zeros
    bytes private constant ZERO_WORD = hex"60205ff3";
    bytes private constant LONG = hex"610400" // 1,024 bytes of zeros
        hex"5ff3";

    function _signed() private pure returns (address account, bytes memory signature) {
        return (vm.addr(KEY), signed(KEY, DIGEST));
    }

    function test_a_key_signs_for_its_account_alone_and_with_a_low_s() public view {
        (address account, bytes memory signature) = _signed();
        holds(Signatures.isSignedBy(account, DIGEST, signature));
        holds(!Signatures.isSignedBy(HOSPITAL, DIGEST, signature));
        holds(!Signatures.isSignedBy(account, keccak256("other"), signature));
        holds(!Signatures.isSignedBy(account, DIGEST, ""));
        holds(!Signatures.isSignedBy(address(0), DIGEST, new bytes(65)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, DIGEST);
        bytes memory high = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        holds(!Signatures.isSignedBy(account, DIGEST, high));
    }

    function test_code_that_is_no_wallet_leaves_the_word_to_the_key() public {
        (address account, bytes memory signature) = _signed();
        bytes[3] memory codes = [STOPS, REVERTS, SHORT];
        for (uint256 i = 0; i < 3; ++i) {
            vm.etch(account, codes[i]);
            holds(Signatures.isSignedBy(account, DIGEST, signature));
            holds(!Signatures.isSignedBy(account, keccak256("other"), signature));
            vm.etch(HOSPITAL, codes[i]);
            holds(!Signatures.isSignedBy(HOSPITAL, DIGEST, signature));
        }
    }

    function test_a_wallet_that_says_no_means_no() public {
        (address account, bytes memory signature) = _signed();
        bytes[2] memory codes = [ZERO_WORD, LONG];
        for (uint256 i = 0; i < 2; ++i) {
            vm.etch(account, codes[i]);
            holds(!Signatures.isSignedBy(account, DIGEST, signature));
            holds(Signatures.isByKey(account, DIGEST, signature));
        }
    }

    function test_a_wallet_speaks_for_its_account() public {
        (address owner, bytes memory signature) = _signed();
        address wallet = address(new ContractWallet(owner));
        holds(Signatures.isSignedBy(wallet, DIGEST, signature));
        holds(!Signatures.isSignedBy(wallet, keccak256("other"), signature));
        vm.etch(vm.addr(KEY + 1), wallet.code); // a delegation to another one's wallet
        holds(Signatures.isSignedBy(vm.addr(KEY + 1), DIGEST, signature));
    }

    function test_who_delegated_to_code_that_is_no_wallet_commits_by_its_key() public {
        deployAll();
        RoundId id = openRound(0, 1, 1);
        address who = memberOf(0);
        vm.prank(who);
        rounds.enrol(id, new bytes32[](0));
        vm.etch(who, REVERTS);
        (bytes32 commitment, bytes memory signature) = (commitmentOf(id, 0), signatureOf(id, 0));
        vm.etch(who, ZERO_WORD);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.InvalidSignature.selector, id, who));
        rounds.commitFor(id, who, commitment, signature);
        vm.etch(who, REVERTS);
        rounds.commitFor(id, who, commitment, signature);
        same(rounds.commitmentOf(id, who), commitment);
    }
}
