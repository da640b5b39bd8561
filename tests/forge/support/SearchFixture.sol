// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RobustTrees} from "../../../contracts/libraries/RobustTrees.sol";
import {Disputes} from "../../../contracts/stake/Disputes.sol";
import {Children, ChunkProof, Leaf, Node, Path} from "../../../contracts/types/DisputeTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./StakedFixture.sol";
import {VectorWriter} from "./VectorWriter.sol";

/// A lie as deep as a tree can be, under the shortest windows that the floors take: who searches it has a step to each
/// level, and a last one for the chunk. Whoever else is counted doesn't exist: nobody finds that out before.
abstract contract SearchFixture is StakedFixture {
    uint256 internal constant FEW = 200;
    uint256 internal constant CROWD = 32; // one node's leaves
    uint256 internal constant LEVELS = 4;

    /// From the top down to the node over all that take part.
    Node[LEVELS] internal way;

    function fewOf(uint256 index) internal pure returns (int64[] memory v) {
        v = new int64[](FEW);
        for (uint256 i = 0; i < FEW; ++i) {
            v[i] = int64(uint64(index * 7 + i));
        }
    }

    function openingOfFew(uint256 index) internal pure returns (Opening memory) {
        return Opening(VectorWriter.root(fewOf(index), BITS), keccak256(abi.encode(index)), 1, bytes32(index + 1));
    }

    /// What the node at a level claims: the lowest one a sum that is 1,000 too much, and those above it `level` less.
    function claimAt(uint256 level) internal pure returns (int64[] memory v) {
        v = new int64[](FEW);
        for (uint256 p = 0; p < CROWD; ++p) {
            int64[] memory one = fewOf(p);
            for (uint256 i = 0; i < FEW; ++i) {
                v[i] += one[i];
            }
        }
        v[0] += int64(uint64(997 + level));
    }

    function crowdLeaves() internal pure returns (Leaf[] memory leaves) {
        leaves = new Leaf[](CROWD);
        for (uint256 i = 0; i < CROWD; ++i) {
            Opening memory o = openingOfFew(i);
            leaves[i] = Leaf(participantOf(i), o.updateRoot, o.contentDigest, o.weight);
        }
    }

    function crowd() internal returns (RoundId id) {
        stakes.vectorLength = uint64(FEW);
        stakes.disputeWindow = 8 * ANSWER; // five steps and three windows: the floor
        RoundTerms memory t = stakedTerms(2);
        t.maximumParticipants = uint32(CROWD);
        id = openStaked(t);
        for (uint256 i = 0; i < CROWD; ++i) {
            lockStake(id, participantOf(i));
        }
        vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < CROWD; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, participantOf(i), openingOfFew(i));
            vm.prank(participantOf(i));
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        for (uint256 i = 0; i < CROWD; ++i) {
            rounds.reveal(id, participantOf(i), openingOfFew(i));
        }
        certifyUpdates(id, CROWD);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
    }

    /// Of 32,769 that are claimed: 2 nodes, 17 below, 31 below, and 32 leaves.
    function deepLie() internal returns (Children[3] memory below) {
        uint32[3] memory counts = [uint32(964), 16_385, 32_769];
        Node memory node = nodeOver(crowdLeaves(), claimAt(3));
        way[3] = node;
        for (uint256 level = 3; level > 0; --level) {
            (node, below[level - 1]) = _over(node, counts[3 - level], claimAt(level - 1));
            way[level - 1] = node;
        }
    }

    /// A node of the shape that its count demands, whose first child is the one that exists.
    function _over(Node memory first, uint32 count, int64[] memory claim)
        private
        pure
        returns (Node memory, Children memory children)
    {
        uint256 fan = RobustTrees.fanOf(count);
        children.nodes = new Node[](fan);
        children.nodes[0] = first;
        uint64 weight = first.weight;
        address last = first.last;
        for (uint256 i = 1; i < fan; ++i) {
            uint32 size = uint32(count / fan + (i < count % fan ? 1 : 0));
            children.nodes[i] = _nobody(last, size);
            (last, weight) = (children.nodes[i].last, weight + size);
        }
        bytes32 hash = keccak256(abi.encode(nodeHashes(children.nodes)));
        return (Node(first.first, last, count, weight, VectorWriter.root(claim, 64), hash), children);
    }

    function _nobody(address after_, uint32 count) private pure returns (Node memory) {
        address first = address(uint160(after_) + 1);
        return Node(first, address(uint160(after_) + count), count, count, keccak256(abi.encode(first)), "nobody");
    }

    function nodeHashes(Node[] memory nodes) internal pure returns (bytes32[] memory h) {
        h = new bytes32[](nodes.length);
        for (uint256 i = 0; i < nodes.length; ++i) {
            h[i] = keccak256(abi.encode(uint256(1), nodes[i]));
        }
    }

    /// The way down, `steps` below the top.
    function wayDown(uint256 steps, Children[3] memory below) internal view returns (Path memory p) {
        p.nodes = new Node[](steps + 1);
        p.hashes = new bytes32[][](steps);
        p.turns = new uint256[](steps);
        for (uint256 i = 0; i <= steps; ++i) {
            p.nodes[i] = way[i];
            if (i < steps) p.hashes[i] = nodeHashes(below[i].nodes);
        }
    }

    /// The watcher asks for a level's children and for its chunk.
    function askAt(RoundId id, uint256 level, Children[3] memory below) internal returns (uint256 node) {
        Path memory path = wayDown(level, below);
        vm.startPrank(WATCHER);
        node = questions.askNode(id, stakes, path);
        questions.askResult(id, stakes, path, 0);
        vm.stopPrank();
    }

    function answerAt(RoundId id, uint256 level, Children[3] memory below, uint256 node) internal {
        Children memory children = level < 3 ? below[level] : childrenOf(crowdLeaves());
        questions.answerNode(id, stakes, node, wayDown(level, below), children);
        questions.answerChunk(id, stakes, node + 1, VectorWriter.proof(claimAt(level), 64, 0));
    }

    /// The lowest node's claim isn't what its leaves come to.
    function disprove(RoundId id, Children[3] memory below) internal {
        ChunkProof[] memory inputs = new ChunkProof[](CROWD);
        for (uint256 i = 0; i < CROWD; ++i) {
            inputs[i] = VectorWriter.proof(fewOf(i), BITS, 0);
        }
        ChunkProof memory wrong = VectorWriter.proof(claimAt(3), 64, 0);
        Children memory leaves = childrenOf(crowdLeaves());
        prove(
            abi.encodeCall(Disputes.proveWrongChunk, (id, stakes, wayDown(3, below), leaves, 0, inputs, wrong, WATCHER))
        );
    }
}
