// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Whether an account signed (D-5)
/// @dev An account may have a key and code at once (EIP-7702). Code that answers speaks for the account; code that
///      gives no answer isn't a wallet, and doesn't take the key's word from it.
library Signatures {
    /// @return whether the account signed: by its key, or, if it has code that answers under ERC-1271, by its code.
    function isSignedBy(address account, bytes32 digest, bytes memory signature) internal view returns (bool) {
        if (account.code.length != 0) {
            (bool answers, bool accepts) = _ask(account, digest, signature);
            if (answers) return accepts;
        }
        return isByKey(account, digest, signature);
    }

    /// @return whether the account's key made the signature, whatever code the account has; 65 bytes, low s.
    function isByKey(address account, bytes32 digest, bytes memory signature) internal pure returns (bool) {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, signature);
        return failure == ECDSA.RecoverError.NoError && signer == account;
    }

    function _ask(address account, bytes32 digest, bytes memory signature)
        private
        view
        returns (bool answers, bool accepts)
    {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes32 word;
        // One word is all that is copied: an answer of any length costs the asker nothing.
        assembly ("memory-safe") {
            answers := staticcall(gas(), account, add(question, 0x20), mload(question), 0, 0x20)
            answers := and(answers, gt(returndatasize(), 0x1f))
            word := mload(0)
        }
        accepts = answers && word == bytes32(IERC1271.isValidSignature.selector);
    }
}
