// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {Children, ChunkProof, Leaf, Node, OpenedSecrets, Path} from "../../contracts/types/DisputeTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// T-45: whatever is proved, it is announced a block before, and for somebody.
contract AnnouncementsTest is StakedFixture {
    RoundId private id;

    function setUp() public {
        deployStaked();
    }

    /// One call of every kind, of no use but for its beneficiary.
    function _calls(address to) private view returns (bytes[8] memory calls) {
        Node memory top;
        Path memory path = pathTo(top);
        Leaf memory leaf = Leaf(STRANGER, 0, 0, 1);
        Children memory none = Children(new Leaf[](0), new Node[](0));
        calls[0] = abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, none, to));
        calls[1] = abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, path, new bytes32[](0), 0, leaf, to));
        calls[2] = abi.encodeCall(disputes.proveLeftOut, (id, stakes, path, none, STRANGER, to));
        ChunkProof memory proof = ChunkProof("", new bytes32[](0));
        calls[3] = _chunkCall(path, none, proof, to);
        calls[4] = abi.encodeCall(disputes.proveWrongVersion, (id, stakes, proposalOf(top), 0, proof, proof, proof, to));
        calls[5] = abi.encodeCall(disputes.proveOutOfRange, (id, stakes, leaf, 0, proof, to));
        calls[6] = _sumCall(path, none, proof, to);
        calls[7] = abi.encodeCall(disputes.proveNotHidden, (id, stakes, to));
    }

    function _sumCall(Path memory path, Children memory none, ChunkProof memory proof, address to)
        private
        view
        returns (bytes memory)
    {
        OpenedSecrets memory secrets;
        ChunkProof[] memory inputs = new ChunkProof[](0);
        return abi.encodeCall(disputes.proveWrongSum, (id, stakes, path, none, 0, inputs, proof, secrets, to));
    }

    function _chunkCall(Path memory path, Children memory none, ChunkProof memory proof, address to)
        private
        view
        returns (bytes memory)
    {
        ChunkProof[] memory inputs = new ChunkProof[](0);
        return abi.encodeCall(disputes.proveWrongChunk, (id, stakes, path, none, 0, inputs, proof, to));
    }

    function _given(bytes memory call, bytes memory why) private {
        (bool done, bytes memory reason) = address(disputes).call(call);
        holds(!done);
        same(keccak256(reason), keccak256(why));
    }

    function test_t45_no_proof_is_heard_unannounced_or_in_the_block_of_its_announcement() public {
        id = openStaked(stakedTerms(2));
        bytes[8] memory calls = _calls(WATCHER);
        for (uint256 i = 0; i < calls.length; ++i) {
            bytes memory why = abi.encodeWithSelector(IDisputes.NotAnnounced.selector, keccak256(calls[i]));
            _given(calls[i], why);
            disputes.announce(keccak256(calls[i]));
            _given(calls[i], why);
        }
    }

    function test_t45_no_proof_is_heard_for_nobody() public {
        id = openStaked(stakedTerms(2));
        bytes[8] memory calls = _calls(address(0));
        for (uint256 i = 0; i < calls.length; ++i) {
            refuse(calls[i], abi.encodeWithSelector(IDisputes.ZeroBeneficiary.selector));
        }
    }
}
