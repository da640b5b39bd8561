// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MaskSeeds} from "../../contracts/libraries/MaskSeeds.sol";
import {NeighbourGraphs} from "../../contracts/libraries/NeighbourGraphs.sol";
import {ORDER} from "../../contracts/types/HiddenTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {WalletVm} from "./support/HiddenFixture.sol";
import {Fixture} from "./support/Fixture.sol";

/// H-3 and H-5: the order of a roster, groups, neighbours and shared points, each held against what it is by its words.
contract NeighbourGraphsTest is Fixture {
    function test_fuzz_positions_are_a_permutation_and_indices_its_inverse(bytes32 seed, uint16 drawn) public pure {
        uint256 size = uint256(drawn) % 70 + 1;
        bool[] memory taken = new bool[](size);
        for (uint256 index = 0; index < size; ++index) {
            uint256 position = NeighbourGraphs.positionOf(seed, size, index);
            holds(position < size && !taken[position]);
            taken[position] = true;
            same(NeighbourGraphs.indexAt(seed, size, position), index);
        }
    }

    /// The network of H-3, written out with arrays and without assembly.
    function _slowPosition(bytes32 seed, uint256 size, uint256 index) private pure returns (uint256 value) {
        uint256 m = 1;
        while (4 ** m < size) ++m;
        value = index;
        while (true) {
            uint256[2] memory halves = [value / 2 ** m, value % 2 ** m];
            for (uint256 r = 0; r < 8; ++r) {
                uint256 mixed = uint256(keccak256(abi.encode(seed, r, halves[1]))) % 2 ** m;
                (halves[0], halves[1]) = (halves[1], halves[0] ^ mixed);
            }
            value = halves[0] * 2 ** m + halves[1];
            if (value < size) return value;
        }
    }

    function test_fuzz_positions_are_those_of_the_specification(bytes32 seed, uint32 drawn, uint32 at) public pure {
        uint256 size = uint256(drawn) + 1;
        uint256 index = at % size;
        same(NeighbourGraphs.positionOf(seed, size, index), _slowPosition(seed, size, index));
        same(NeighbourGraphs.indexAt(seed, size, NeighbourGraphs.positionOf(seed, size, index)), index);
    }

    function test_fuzz_groups_cut_the_positions_into_runs_of_two_or_more(uint16 drawn, uint16 most) public pure {
        (uint256 size, uint256 groupSize) = (uint256(drawn) % 2000 + 2, uint256(most) % 255 + 2);
        uint256 groups = NeighbourGraphs.groupCount(size, groupSize);
        uint256 next;
        uint256 last = type(uint256).max;
        for (uint256 group = 0; group < groups; ++group) {
            (uint256 first, uint256 members) = NeighbourGraphs.runOf(size, groups, group);
            holds(first == next && members >= 2 && members <= last && members <= (groupSize < 3 ? 3 : groupSize));
            holds(last == type(uint256).max || last - members <= 1);
            (uint256 at, uint256 place) = NeighbourGraphs.placeAt(size, groups, first);
            holds(at == group && place == 0);
            (at, place) = NeighbourGraphs.placeAt(size, groups, first + members - 1);
            holds(at == group && place == members - 1);
            (next, last) = (next + members, members);
        }
        same(next, size);
    }

    function test_groups_of_none_one_and_three() public pure {
        same(NeighbourGraphs.groupCount(0, 8), 0);
        same(NeighbourGraphs.groupCount(1, 8), 1);
        same(NeighbourGraphs.groupCount(3, 2), 1); // nobody is alone
        same(NeighbourGraphs.groupCount(9, 8), 2);
        same(NeighbourGraphs.groupCount(256, 256), 1);
    }

    function test_fuzz_neighbours_are_at_most_half_the_degree_away_each_way(uint8 size, uint8 half) public pure {
        uint256 members = uint256(size) + 1;
        uint256 degree = 2 * (uint256(half) % 127 + 1);
        for (uint256 place = 0; place < members; place += 1 + members / 16) {
            uint256 bitmap = NeighbourGraphs.neighboursOf(members, place, degree);
            uint256 count;
            for (uint256 other = 0; other < 256; ++other) {
                bool beside = bitmap >> other & 1 == 1;
                if (beside) ++count;
                if (other >= members || other == place) {
                    holds(!beside);
                    continue;
                }
                uint256 apart = place < other ? other - place : place - other;
                if (members - apart < apart) apart = members - apart;
                holds(beside == (degree >= members - 1 || apart <= degree / 2));
                holds(beside == (NeighbourGraphs.neighboursOf(members, other, degree) >> place & 1 == 1));
            }
            same(count, NeighbourGraphs.degreeOf(members, degree));
        }
    }

    function test_fuzz_a_threshold_is_the_same_part_of_fewer_neighbours(uint8 size, uint8 half, uint8 above)
        public
        pure
    {
        uint256 members = uint256(size) + 2;
        uint256 degree = 2 * (uint256(half) % 127 + 1);
        uint256 threshold = degree / 2 + 1 + uint256(above) % (degree / 2);
        uint256 found = NeighbourGraphs.thresholdOf(members, degree, threshold);
        uint256 d = NeighbourGraphs.degreeOf(members, degree);
        holds(found * degree >= d * threshold && (found - 1) * degree < d * threshold);
        holds(2 * found > d && found <= d);
    }

    // --- points ---------------------------------------------------------------------------------

    function _point(uint256 secret) private returns (uint256 x, bool odd) {
        WalletVm.Wallet memory w = WalletVm(address(vm)).createWallet(secret);
        return (w.publicKeyX, w.publicKeyY % 2 == 1);
    }

    function test_fuzz_two_know_one_point(uint256 a, uint256 b) public {
        (a, b) = (a % (ORDER - 1) + 1, b % (ORDER - 1) + 1);
        (uint256 ax, bool aOdd) = _point(a);
        (uint256 bx, bool bOdd) = _point(b);
        address both = vm.addr(mulmod(a, b, ORDER));
        same(MaskSeeds.addressOfProduct(a, bx, bOdd), both);
        same(MaskSeeds.addressOfProduct(b, ax, aOdd), both);
        same(MaskSeeds.addressOf(ax, aOdd), vm.addr(a));
        holds(MaskSeeds.isSecretOf(a, ax, aOdd) && !MaskSeeds.isSecretOf(a, ax, !aOdd));
        holds(a == b || !MaskSeeds.isSecretOf(b, ax, aOdd));
    }

    function test_no_secret_is_zero_or_beyond_the_order() public {
        (uint256 x, bool odd) = _point(7);
        holds(MaskSeeds.isSecretOf(7, x, odd) && !MaskSeeds.isSecretOf(0, x, odd));
        holds(!MaskSeeds.isSecretOf(7 + ORDER, x, odd)); // below 2^256, and the same modulo the order
        holds(!MaskSeeds.isSecretOf(0, 5, false)); // 5 is no point's abscissa
    }

    function test_the_mask_of_a_pair_is_the_same_whoever_is_named_first() public view {
        RoundId round = RoundId.wrap(bytes32(uint256(1)));
        bytes32 seed = MaskSeeds.pairMaskSeed(STAKED, round, OWNER, PUBLISHER, HOSPITAL);
        same(MaskSeeds.pairMaskSeed(STAKED, round, PUBLISHER, OWNER, HOSPITAL), seed);
    }
}
