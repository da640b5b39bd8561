// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {CidText} from "../../contracts/libraries/CidText.sol";
import {Commitments} from "../../contracts/libraries/Commitments.sol";
import {TrainingRounds} from "../../contracts/rounds/TrainingRounds.sol";
import {CidWriter} from "./support/CidWriter.sol";
import {Fixture} from "./support/Fixture.sol";

/// The goldens under tests/vectors, which Python reads too: one rule, two languages, the same bytes.
contract VectorsTest is Fixture {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    string private file;

    function setUp() public {
        deployAll();
    }

    function _at(string memory list, uint256 i, string memory rest) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "]", rest);
    }

    function _sameText(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    function test_P3_R5_the_leaves_and_proofs_of_every_tree_lead_to_its_root() public {
        file = vm.readFile("tests/vectors/merkle.json");
        uint256 trees;
        for (; vm.keyExistsJson(file, _at("trees", trees, "")); ++trees) {
            string[] memory types = vm.parseJsonStringArray(file, _at("trees", trees, ".types"));
            bytes32 root = vm.parseJsonBytes32(file, _at("trees", trees, ".root"));
            for (uint256 i = 0; i < 16; ++i) {
                string memory value = _at("trees", trees, string.concat(".values[", vm.toString(i), "]"));
                if (!vm.keyExistsJson(file, value)) break;
                bytes32[] memory proof =
                    vm.parseJsonBytes32Array(file, _at("trees", trees, string.concat(".proofs[", vm.toString(i), "]")));
                holds(MerkleProof.verify(proof, root, _leaf(types, value)));
            }
        }
        holds(trees != 0);
    }

    function _leaf(string[] memory types, string memory value) private view returns (bytes32) {
        address account = vm.parseJsonAddress(file, string.concat(value, "[0]"));
        if (types.length == 1) return Commitments.allowListLeaf(account);
        if (_sameText(types[1], "uint256")) {
            return payoutLeaf(account, vm.parseJsonUint(file, string.concat(value, "[1]")));
        }
        return Commitments.batchLeaf(
            account,
            vm.parseJsonBytes32(file, string.concat(value, "[1]")),
            vm.parseJsonBytes32(file, string.concat(value, "[2]"))
        );
    }

    function test_T14_the_signed_commitments_recover_under_the_contracts_own_domain() public {
        file = vm.readFile("tests/vectors/eip712.json");
        uint256 checked;
        for (uint256 i = 0; vm.keyExistsJson(file, _at("cases", i, "")); ++i) {
            if (!_sameText(vm.parseJsonString(file, _at("cases", i, ".kind")), "Commitment")) continue;
            bytes32 separator = _separator(i);
            same(separator, vm.parseJsonBytes32(file, _at("cases", i, ".domainSeparator")));
            bytes32 structHash = _commitment(i);
            same(structHash, vm.parseJsonBytes32(file, _at("cases", i, ".structHash")));
            bytes32 digest = keccak256(abi.encodePacked(hex"1901", separator, structHash));
            bytes memory signature = vm.parseJsonBytes(file, _at("cases", i, ".signature"));
            same(ECDSA.recover(digest, signature), vm.parseJsonAddress(file, _at("cases", i, ".signer")));
            ++checked;
        }
        holds(checked != 0);
    }

    /// The domain as TrainingRounds itself tells it, put where the vector says that it stands.
    function _separator(uint256 i) private returns (bytes32) {
        address place = vm.parseJsonAddress(file, _at("cases", i, ".domain.verifyingContract"));
        vm.chainId(vm.parseJsonUint(file, _at("cases", i, ".domain.chainId")));
        vm.etch(place, address(rounds).code);
        (, string memory name, string memory version, uint256 chainId, address at,,) =
            TrainingRounds(place).eip712Domain();
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256(bytes(name)), keccak256(bytes(version)), chainId, at));
    }

    function _commitment(uint256 i) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                Commitments.COMMITMENT_TYPEHASH,
                vm.parseJsonBytes32(file, _at("cases", i, ".message.roundId")),
                vm.parseJsonAddress(file, _at("cases", i, ".message.participant")),
                vm.parseJsonBytes32(file, _at("cases", i, ".message.commitment"))
            )
        );
    }

    function test_C1_the_CIDs_of_real_files_are_read_and_written_back() public {
        file = vm.readFile("tests/vectors/cids.json");
        uint256 files;
        for (; vm.keyExistsJson(file, _at("files", files, "")); ++files) {
            string memory text = vm.parseJsonString(file, _at("files", files, ".v1"));
            (bool ok, uint64 codec, bytes32 digest) = CidText.parse(text);
            bytes memory binary = abi.encodePacked(uint8(1), uint8(codec), uint16(0x1220), digest);
            holds(ok && _sameText(CidWriter.base32(binary), text));
            text = vm.parseJsonString(file, _at("files", files, ".v0"));
            (ok,, digest) = CidText.parse(text);
            holds(ok && _sameText(CidWriter.base58(abi.encodePacked(uint16(0x1220), digest)), text));
        }
        holds(files != 0);
    }
}
