// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {ChunkProof, Leaf, Node} from "../../contracts/types/DisputeTypes.sol";
import {HiddenGroup} from "../../contracts/types/HiddenTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {DrawnChunks} from "./support/DrawnChunks.sol";
import {HiddenFixture} from "./support/HiddenFixture.sol";
import {PlainSums} from "./support/PlainSums.sol";

/// Gas of proving a wrong hidden sum, the whole transaction with the slash, in tests/snapshots/hidden_gas.json.
contract HiddenGasTest is HiddenFixture {
    uint64 private constant INDEX = 17;
    uint256 private constant VALUES = 256;

    struct Case {
        uint256 members;
        uint256 dropped;
        uint64 length;
    }

    struct Evidence {
        RoundId id;
        Leaf[] leaves;
        ChunkProof[] inputs;
        ChunkProof wrong;
        Node top;
    }

    function setUp() public {
        deployHidden();
        for (uint256 i = 0; i < MOST; ++i) {
            fundStake(participantOf(i));
        }
    }

    function test_sums_of_all_members_are_disputed_within_one_transaction() public {
        for (uint256 members = 8; members <= 32; members *= 2) {
            _lengths("", members, 0, 3_000_000);
        }
    }

    function test_sums_without_three_that_dropped_are_disputed_within_one_transaction() public {
        for (uint256 members = 8; members <= 32; members *= 2) {
            _lengths(", 20 neighbours", members, 3, 4_000_000);
        }
    }

    /// Nearly half of the most members, each everybody's neighbour: what one transaction has to hold at worst.
    function test_sums_of_complete_graphs_are_disputed_within_one_transaction() public {
        degree = 32;
        _lengths(", complete", 32, 3, 4_000_000);
        _lengths(", complete", 32, 15, CAP / 2);
    }

    function _lengths(string memory graph, uint256 members, uint256 dropped, uint256 most) private {
        uint64[3] memory lengths = [uint64(1e4), 1e6, 1e8];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 found = _gas(Case(members, dropped, lengths[i]));
            holds(found <= most);
            string memory label = string.concat(vm.toString(members), " members, ", vm.toString(dropped), " dropped");
            label = string.concat(label, graph, ", length ", vm.toString(lengths[i]));
            vm.snapshotValue("hidden_gas", label, found);
        }
    }

    /// Plays a round of long vectors whose proposal is wrong in one value of a chunk, and proves it.
    function _gas(Case memory k) private returns (uint256) {
        (stakes.vectorLength, stakes.disputeWindow) = (k.length, 20 * ANSWER);
        stakes.bond = 0.1 ether;
        RoundTerms memory t = hiddenStakedTerms();
        t.proposalDeadline += 20 * ANSWER;
        Evidence memory e;
        e.id = shared(t, k.members, k.members);
        _reveal(k, t, e);
        unmask(e.id);
        _claim(k, e);
        proposeUncertified(e.id, proposalOf(e.top));
        return spent(
            abi.encodeCall(
                IDisputes.proveWrongSum,
                (
                    e.id,
                    stakes,
                    pathTo(e.top),
                    childrenOf(e.leaves),
                    INDEX,
                    e.inputs,
                    e.wrong,
                    secretsOf(e.id, e.leaves),
                    WATCHER
                )
            )
        );
    }

    /// Masked values are any bits, and so are these.
    function _reveal(Case memory k, RoundTerms memory t, Evidence memory e) private {
        uint256 survivors = k.members - k.dropped;
        (e.leaves, e.inputs) = (new Leaf[](survivors), new ChunkProof[](survivors));
        bytes32[] memory siblings = DrawnChunks.path(k.length, INDEX);
        for (uint256 i = 0; i < survivors; ++i) {
            e.inputs[i] = ChunkProof(DrawnChunks.drawn(i, WIDTH), siblings);
            bytes32 root = DrawnChunks.root(WIDTH, k.length, INDEX, e.inputs[i].chunk, siblings);
            e.leaves[i] = Leaf(participantOf(i), root, keccak256(abi.encode("cid", i)), 1);
        }
        revealUpdates(e.id, t, e.leaves, k.members);
    }

    function _claim(Case memory k, Evidence memory e) private view {
        (bytes[] memory added, bytes[] memory subtracted) = _rows(e);
        int256[] memory numerators = PlainSums.sums(added, subtracted, WIDTH, VALUES);
        numerators[VALUES - 1] += 1; // the last one, so that all are compared
        e.wrong = ChunkProof(DrawnChunks.packed(numerators), e.inputs[0].siblings);
        e.top = nodeOver(e.leaves, new int64[](1));
        e.top.numeratorsRoot = DrawnChunks.root(64, k.length, INDEX, e.wrong.chunk, e.wrong.siblings);
    }

    /// The survivors' chunks and the masks that are still in their sum, by its sign.
    function _rows(Evidence memory e) private view returns (bytes[] memory added, bytes[] memory subtracted) {
        HiddenGroup memory g = hidden.groupOf(e.id, 0);
        uint256 count = e.leaves.length;
        (added, subtracted) = (new bytes[](count * MOST), new bytes[](count * MOST));
        (uint256 plus, uint256 minus) = (count, count);
        for (uint256 i = 0; i < count; ++i) {
            added[i] = e.inputs[i].chunk;
            subtracted[i] = _stream(selfMaskOf(e.id, i));
        }
        for (uint256 one = 0; one < g.members.length; ++one) {
            for (uint256 other = 0; other < g.members.length; ++other) {
                (uint256 survivor, uint256 dropped) = (indexOf(g.members[one]), indexOf(g.members[other]));
                if (survivor >= count || dropped < count) continue;
                // Survivors have the lower indices here, and so the lower addresses: they added.
                if (areNeighbours(g.members.length, one, other)) {
                    subtracted[minus++] = _stream(pairMaskOf(e.id, survivor, dropped));
                }
            }
        }
        assembly ("memory-safe") {
            mstore(added, plus)
            mstore(subtracted, minus)
        }
    }

    function _stream(bytes32 seed) private pure returns (bytes memory) {
        return PlainSums.keystream(seed, WIDTH, INDEX, VALUES);
    }
}
