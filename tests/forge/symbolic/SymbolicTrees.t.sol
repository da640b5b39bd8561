// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RoundTreesHarness} from "../../../contracts/testing/RoundTreesHarness.sol";
import {Leaf, Node} from "../../../contracts/types/DisputeTypes.sol";

/// For all inputs, by halmos: `make symbolic`.
contract SymbolicTreesCheck {
    RoundTreesHarness private immutable trees = new RoundTreesHarness();

    function check_a_leaf_never_passes_for_a_node(Leaf memory leaf, Node memory node) public view {
        assert(trees.leafHash(leaf) != trees.nodeHash(node));
    }

    function check_another_leaf_has_another_hash(Leaf memory a, Leaf memory b) public view {
        bool same = a.participant == b.participant && a.updateRoot == b.updateRoot && a.contentDigest == b.contentDigest
            && a.weight == b.weight;
        assert(same == (trees.leafHash(a) == trees.leafHash(b)));
    }

    function check_another_node_has_another_hash(Node memory a, Node memory b) public view {
        bool same = a.first == b.first && a.last == b.last && a.count == b.count && a.weight == b.weight
            && a.numeratorsRoot == b.numeratorsRoot && a.childrenHash == b.childrenHash;
        assert(same == (trees.nodeHash(a) == trees.nodeHash(b)));
    }
}
