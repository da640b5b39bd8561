// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {MaskSeeds} from "../../contracts/libraries/MaskSeeds.sol";
import {NeighbourGraphs} from "../../contracts/libraries/NeighbourGraphs.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";

interface SeedVm {
    function chainId(uint256 id) external;
    function readFile(string calldata path) external view returns (string memory);
    function toString(uint256 value) external pure returns (string memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function parseJsonAddressArray(string calldata json, string calldata key) external pure returns (address[] memory);
    function parseJsonBool(string calldata json, string calldata key) external pure returns (bool);
    function parseJsonBoolArray(string calldata json, string calldata key) external pure returns (bool[] memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);
}

/// The goldens of seeds, shares and neighbours, which Python reads too (H-3 to H-5).
contract HiddenSeedVectorsTest {
    SeedVm private constant vm = SeedVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    string private seeds;
    string private graphs;
    RoundId private roundId;
    address private rounds;

    function setUp() public {
        seeds = vm.readFile("tests/vectors/hidden_seeds.json");
        graphs = vm.readFile("tests/vectors/hidden_graphs.json");
        roundId = RoundId.wrap(vm.parseJsonBytes32(seeds, ".round"));
        rounds = vm.parseJsonAddress(seeds, ".contract");
        vm.chainId(vm.parseJsonUint(seeds, ".chainId"));
    }

    function _at(string memory list, uint256 i, string memory rest) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "].", rest);
    }

    function test_every_member_s_key_commitment_and_own_seed_are_the_golden_ones() public view {
        uint256 i;
        for (; vm.keyExistsJson(seeds, _at("members", i, "x")); ++i) {
            (address who, uint256 x, bool odd) = _member(i);
            bytes32 seed = vm.parseJsonBytes32(seeds, _at("members", i, "seed"));
            uint256 secret = uint256(vm.parseJsonBytes32(seeds, _at("members", i, "secret")));
            require(MaskSeeds.addressOf(x, odd) == vm.parseJsonAddress(seeds, _at("members", i, "keyAddress")), "key");
            require(MaskSeeds.isSecretOf(secret, x, odd) && !MaskSeeds.isSecretOf(secret, x, !odd), "secret");
            bytes32 commitment = vm.parseJsonBytes32(seeds, _at("members", i, "seedCommitment"));
            require(MaskSeeds.seedCommitment(rounds, roundId, who, seed) == commitment, "commitment");
            bytes32 mask = vm.parseJsonBytes32(seeds, _at("members", i, "selfMaskSeed"));
            require(MaskSeeds.selfMaskSeed(rounds, roundId, who, seed) == mask, "own mask");
        }
        require(i >= 6, "few members");
    }

    function _member(uint256 i) private view returns (address who, uint256 x, bool odd) {
        who = vm.parseJsonAddress(seeds, _at("members", i, "participant"));
        x = uint256(vm.parseJsonBytes32(seeds, _at("members", i, "x")));
        odd = vm.parseJsonBool(seeds, _at("members", i, "odd"));
    }

    function test_every_pair_s_seed_is_the_golden_one_from_either_side() public view {
        uint256 i;
        for (; vm.keyExistsJson(seeds, _at("pairs", i, "one")); ++i) {
            uint256 one = vm.parseJsonUint(seeds, _at("pairs", i, "one"));
            uint256 two = vm.parseJsonUint(seeds, _at("pairs", i, "two"));
            bytes32 seed = vm.parseJsonBytes32(seeds, _at("pairs", i, "seed"));
            require(_pairSeed(one, two) == seed && _pairSeed(two, one) == seed, vm.toString(i));
        }
        require(i >= 6, "few pairs");
    }

    function _pairSeed(uint256 own, uint256 other) private view returns (bytes32) {
        (address who,,) = _member(own);
        (address beside, uint256 x, bool odd) = _member(other);
        uint256 secret = uint256(vm.parseJsonBytes32(seeds, _at("members", own, "secret")));
        return MaskSeeds.pairMaskSeed(rounds, roundId, who, beside, MaskSeeds.addressOfProduct(secret, x, odd));
    }

    function test_every_share_proves_itself_under_the_golden_root() public view {
        bytes32 root = vm.parseJsonBytes32(seeds, ".tree.root");
        uint256 i;
        address dealer = vm.parseJsonAddress(seeds, ".tree.dealer");
        for (; vm.keyExistsJson(seeds, _at("tree.shares", i, "leaf")); ++i) {
            address holder = vm.parseJsonAddress(seeds, _at("tree.shares", i, "holder"));
            uint8 kind = uint8(vm.parseJsonUint(seeds, _at("tree.shares", i, "kind")));
            uint8 place = uint8(vm.parseJsonUint(seeds, _at("tree.shares", i, "place")));
            bytes32 share = vm.parseJsonBytes32(seeds, _at("tree.shares", i, "share"));
            bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(dealer, holder, kind, place, share))));
            require(leaf == vm.parseJsonBytes32(seeds, _at("tree.shares", i, "leaf")), "leaf");
            bytes32[] memory proof = vm.parseJsonBytes32Array(seeds, _at("tree.shares", i, "proof"));
            require(MerkleProof.verify(proof, root, leaf), "proof");
        }
        require(i == 10, "few shares");
    }

    function test_everybody_s_place_is_the_golden_one() public view {
        uint256 i;
        for (; vm.keyExistsJson(graphs, _at("orders", i, "seed")); ++i) {
            address[] memory people = vm.parseJsonAddressArray(graphs, _at("orders", i, "addresses"));
            uint256[] memory xs = vm.parseJsonUintArray(graphs, _at("orders", i, "xs"));
            bool[] memory odds = vm.parseJsonBoolArray(graphs, _at("orders", i, "odds"));
            bytes32 digest;
            for (uint256 n = 0; n < people.length; ++n) {
                digest = keccak256(abi.encode(digest, people[n], xs[n], odds[n]));
            }
            bytes32 seed = keccak256(abi.encode(roundId, digest));
            require(seed == vm.parseJsonBytes32(graphs, _at("orders", i, "seed")), "seed");
            _requirePlaces(seed, vm.parseJsonUintArray(graphs, _at("orders", i, "places")));
        }
        require(i >= 8, "few orders");
    }

    function _requirePlaces(bytes32 seed, uint256[] memory places) private pure {
        for (uint256 index = 0; index < places.length; ++index) {
            require(NeighbourGraphs.positionOf(seed, places.length, index) == places[index], "position");
            require(NeighbourGraphs.indexAt(seed, places.length, places[index]) == index, "index");
        }
    }

    function test_groups_and_neighbours_are_the_golden_ones() public view {
        uint256 i;
        for (; vm.keyExistsJson(graphs, _at("groups", i, "count")); ++i) {
            uint256 count = vm.parseJsonUint(graphs, _at("groups", i, "count"));
            uint256[] memory sizes = vm.parseJsonUintArray(graphs, _at("groups", i, "sizes"));
            uint256 groups = NeighbourGraphs.groupCount(count, vm.parseJsonUint(graphs, _at("groups", i, "groupSize")));
            require(groups == sizes.length, "groups");
            for (uint256 group = 0; group < groups; ++group) {
                (, uint256 members) = NeighbourGraphs.runOf(count, groups, group);
                require(members == sizes[group], "size");
            }
            _requireEnd(i, "ends[0].");
            _requireEnd(i, "ends[1].");
        }
        require(i >= 8, "few groups");
    }

    function _requireEnd(uint256 i, string memory end) private view {
        uint256 degree = vm.parseJsonUint(graphs, _at("groups", i, "degree"));
        uint256 threshold = vm.parseJsonUint(graphs, _at("groups", i, "threshold"));
        uint256 members = vm.parseJsonUint(graphs, _at("groups", i, string.concat(end, "members")));
        uint256 least = vm.parseJsonUint(graphs, _at("groups", i, string.concat(end, "threshold")));
        bytes32[] memory maps = vm.parseJsonBytes32Array(graphs, _at("groups", i, string.concat(end, "neighbours")));
        require(maps.length == members, "members");
        require(NeighbourGraphs.thresholdOf(members, degree, threshold) == least, "threshold");
        for (uint256 place = 0; place < members; ++place) {
            require(NeighbourGraphs.neighboursOf(members, place, degree) == uint256(maps[place]), "neighbours");
        }
    }
}
