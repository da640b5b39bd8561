// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Disputes} from "../../contracts/stake/Disputes.sol";
import {ChunkProof, Children, Leaf, Node, Path} from "../../contracts/types/DisputeTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// Searches for a wrong chunk, as thieves have tried to outlast them or to live on their bonds.
contract SearchTheftsTest is StakedFixture {
    function setUp() public {
        deployStaked();
    }

    uint256 private constant FEW = 200;

    function _vector(uint256 index) private pure returns (int64[] memory v) {
        v = new int64[](FEW);
        for (uint256 i = 0; i < FEW; ++i) {
            v[i] = int64(uint64(index * 7 + i));
        }
    }

    function _opening(uint256 index) private pure returns (Opening memory) {
        return Opening(VectorWriter.root(_vector(index), BITS), keccak256(abi.encode(index)), 1, bytes32(index + 1));
    }

    function _lie(uint256 from, uint256 to, int64 by) private pure returns (int64[] memory v) {
        v = new int64[](FEW);
        for (uint256 p = from; p < to; ++p) {
            int64[] memory one = _vector(p);
            for (uint256 i = 0; i < FEW; ++i) {
                v[i] += one[i];
            }
        }
        v[0] += by;
    }

    function _leafNode(uint256 from, int64 by) private pure returns (Node memory, Children memory c) {
        c.leaves = new Leaf[](2);
        for (uint256 i = 0; i < 2; ++i) {
            Opening memory o = _opening(from + i);
            c.leaves[i] = Leaf(participantOf(from + i), o.updateRoot, o.contentDigest, o.weight);
        }
        return (nodeOver(c.leaves, _lie(from, from + 2, by)), c);
    }

    function _join(Node memory a, Node memory b, int64[] memory sum)
        private
        pure
        returns (Node memory, Children memory c)
    {
        c.nodes = new Node[](2);
        (c.nodes[0], c.nodes[1]) = (a, b);
        Node memory n =
            Node(a.first, b.last, a.count + b.count, a.weight + b.weight, VectorWriter.root(sum, 64), _hash(c.nodes));
        return (n, c);
    }

    function _hashes(Node[] memory nodes) private pure returns (bytes32[] memory h) {
        h = new bytes32[](nodes.length);
        for (uint256 i = 0; i < nodes.length; ++i) {
            h[i] = keccak256(abi.encode(uint256(1), nodes[i]));
        }
    }

    function _hash(Node[] memory nodes) private pure returns (bytes32) {
        return keccak256(abi.encode(_hashes(nodes)));
    }

    Node private _top;
    Node private _a1;
    Node private _a2;
    Node private _a3;

    /// The way down the left side, `steps` below the top.
    function _way(uint256 steps, Children[3] memory below) private view returns (Path memory p) {
        p.nodes = new Node[](steps + 1);
        p.hashes = new bytes32[][](steps);
        p.turns = new uint256[](steps);
        for (uint256 i = 0; i <= steps; ++i) {
            p.nodes[i] = i == 0 ? _top : i == 1 ? _a1 : i == 2 ? _a2 : _a3;
            if (i < steps) p.hashes[i] = _hashes(below[i].nodes);
        }
    }

    function _small() private returns (RoundId id) {
        stakes.vectorLength = uint64(FEW);
        stakes.disputeWindow = 8 * ANSWER; // five steps and three windows: the floor
        RoundTerms memory t = stakedTerms(2);
        t.maximumParticipants = 32;
        id = openStaked(t);
        for (uint256 i = 0; i < 8; ++i) {
            enlist(id, participantOf(i));
        }
        vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < 8; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, participantOf(i), _opening(i));
            vm.prank(participantOf(i));
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        for (uint256 i = 0; i < 8; ++i) {
            rounds.reveal(id, participantOf(i), _opening(i));
        }
        certifyUpdates(id, 8);
        vm.warp(staked.stakedRoundOf(id).strikesEnd);
    }

    function _deep() private returns (Children[3] memory below) {
        (Node memory a3,) = _leafNode(0, 1000);
        (Node memory c3,) = _leafNode(2, 777);
        (Node memory c2,) = _leafNode(4, 0);
        (Node memory b1,) = _leafNode(6, 0);
        Node memory a2;
        Node memory a1;
        Node memory top;
        (a2, below[2]) = _join(a3, c3, _lie(0, 4, 1777));
        (a1, below[1]) = _join(a2, c2, _lie(0, 6, 1777));
        (top, below[0]) = _join(a1, b1, _lie(0, 8, 1777));
        (_top, _a1, _a2, _a3) = (top, a1, a2, a3);
    }

    /// A mean's tree may have four levels though few take part: the search has the time for that.
    function test_a_deep_tree_outlasts_no_search() public {
        RoundId id = _small();
        Children[3] memory below = _deep();
        propose(id, _top); // the liar and a quorum of accomplices
        for (uint256 step = 0; step < 3; ++step) {
            vm.prank(WATCHER);
            uint256 node = questions.askNode(id, stakes, _way(step, below));
            vm.prank(WATCHER);
            uint256 chunk = questions.askResult(id, stakes, _way(step, below), 0);
            vm.warp(block.timestamp + ANSWER - 1); // at the last second
            questions.answerNode(id, stakes, node, _way(step, below), below[step]);
            int64[] memory v = step == 0 ? _lie(0, 8, 1777) : step == 1 ? _lie(0, 6, 1777) : _lie(0, 4, 1777);
            questions.answerChunk(id, stakes, chunk, VectorWriter.proof(v, 64, 0));
            vm.warp(block.timestamp + 1); // the next block
        }
        vm.prank(WATCHER);
        uint256 last = questions.askResult(id, stakes, _way(3, below), 0);
        vm.warp(block.timestamp + ANSWER - 1);
        ChunkProof memory wrong = VectorWriter.proof(_lie(0, 2, 1000), 64, 0);
        questions.answerChunk(id, stakes, last, wrong);
        _disprove(id, below, wrong);
        same(free(PROPOSER), FUNDS - stakes.proposerStake);
        for (uint256 question = 0; question <= last; ++question) {
            questions.closeQuestion(id, stakes, question);
        }
        same(free(WATCHER), FUNDS);
        same(award(WATCHER), stakes.proposerStake / 2);
    }

    function _disprove(RoundId id, Children[3] memory below, ChunkProof memory wrong) private {
        ChunkProof[] memory inputs = new ChunkProof[](2);
        (inputs[0], inputs[1]) = (VectorWriter.proof(_vector(0), BITS, 0), VectorWriter.proof(_vector(1), BITS, 0));
        (, Children memory leaves) = _leafNode(0, 1000);
        prove(abi.encodeCall(Disputes.proveWrongChunk, (id, stakes, _way(3, below), leaves, 0, inputs, wrong, WATCHER)));
    }

    /// A lie as a honeypot: whoever answers all that is asked, and proves it itself then, keeps no bond.
    function test_a_lie_lives_on_no_answered_bond() public {
        stakes.proposerStake = uint128(8 * 6 * BOND); // the floor: six steps
        address second = address(0x600E);
        fundStake(second);
        RoundId id = proposable(3);
        int64[] memory lie = sums(0, 3);
        lie[0] += 1;
        Node memory top = nodeOver(leavesTo(3), lie);
        propose(id, top); // by the liar, certified by its two seats
        bytes memory own = abi.encodeCall(
            Disputes.proveWrongChunk,
            (
                id,
                stakes,
                pathTo(top),
                childrenOf(leavesTo(3)),
                0,
                inputsOf(3, 0),
                VectorWriter.proof(lie, 64, 0),
                PROPOSER
            )
        );
        disputes.announce(keccak256(own));
        vm.roll(block.number + 1);
        for (uint256 step = 0; step < 4; ++step) {
            for (uint256 i = 0; i < 8; ++i) {
                vm.prank(i < 4 ? WATCHER : second);
                uint256 q = questions.askResult(id, stakes, pathTo(top), uint64(i % 2));
                questions.answerChunk(id, stakes, q, VectorWriter.proof(lie, 64, i % 2));
            }
            vm.warp(block.timestamp + 1);
        }
        (bool done,) = address(disputes).call(own);
        holds(done);
        for (uint256 question = 0; question < 32; ++question) {
            questions.closeQuestion(id, stakes, question);
        }
        same(free(PROPOSER) + award(PROPOSER), FUNDS - stakes.proposerStake / 2);
        same(free(WATCHER), FUNDS);
        same(free(second), FUNDS);
    }
}
