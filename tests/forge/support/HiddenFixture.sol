// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AggregationRule, ChunkProof, Leaf, Node, OpenedSecrets} from "../../../contracts/types/DisputeTypes.sol";
import {HiddenGroup, HiddenTerms, ORDER} from "../../../contracts/types/HiddenTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../../contracts/types/RoundTypes.sol";
import {MeteredDisputes} from "./MeteredDisputes.sol";
import {PackedWriter} from "./PackedWriter.sol";

/// A point of the curve by its number.
interface WalletVm {
    struct Wallet {
        address addr;
        uint256 publicKeyX;
        uint256 publicKeyY;
        uint256 privateKey;
    }

    function createWallet(uint256 privateKey) external returns (Wallet memory);
}

/// Hidden rounds under stake, and what their members know: keys, seeds, and the masks that they make of them. Here a
/// shared point is the product of two numbers; the contracts have it from one number and the other's point.
abstract contract HiddenFixture is MeteredDisputes {
    bytes32 private constant SEED = keccak256("tallystick/hidden/seed/1");
    bytes32 private constant SELF = keccak256("tallystick/hidden/self/1");
    bytes32 private constant PAIR = keccak256("tallystick/hidden/pair/1");
    /// 16 bits, and five more for 32 summands.
    uint8 internal constant WIDTH = 21;
    uint32 internal constant MOST = 32;

    uint16 internal degree;

    function deployHidden() internal {
        deployStaked();
        stakes.rule = AggregationRule.HiddenMean;
        degree = 20;
    }

    // --- what members know ----------------------------------------------------------------------

    function keyOf(uint256 index) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("round key", index))) % (ORDER - 1) + 1;
    }

    function seedOf(uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode("mask seed", index)) >> 1;
    }

    function indexOf(address participant) internal pure returns (uint256) {
        return uint160(participant) - uint160(participantOf(0));
    }

    function commitmentOf(RoundId id, uint256 index) internal view returns (bytes32) {
        return keccak256(abi.encode(SEED, block.chainid, hidden, id, participantOf(index), seedOf(index)));
    }

    function selfMaskOf(RoundId id, uint256 index) internal view returns (bytes32) {
        return keccak256(abi.encode(SELF, block.chainid, hidden, id, participantOf(index), seedOf(index)));
    }

    /// Participants' addresses ascend with their indices.
    function pairMaskOf(RoundId id, uint256 low, uint256 high) internal view returns (bytes32) {
        address shared = vm.addr(mulmod(keyOf(low), keyOf(high), ORDER));
        return keccak256(abi.encode(PAIR, block.chainid, hidden, id, participantOf(low), participantOf(high), shared));
    }

    function areNeighbours(uint256 members, uint256 one, uint256 other) internal view returns (bool) {
        if (one == other) return false;
        uint256 apart = one < other ? other - one : one - other;
        if (members - apart < apart) apart = members - apart;
        return degree >= members - 1 || 2 * apart <= degree;
    }

    // --- the round ------------------------------------------------------------------------------

    function hiddenStakedTerms() internal view returns (RoundTerms memory t) {
        t = stakedTerms(2);
        (t.maximumParticipants, t.weightCap) = (MOST, 1);
        t.commitDeadline += 100;
        t.revealDeadline += 100;
        t.proposalDeadline += 400;
    }

    function hiddenTerms(RoundTerms memory t) internal view returns (HiddenTerms memory h) {
        (h.ring, h.degree, h.threshold) = (32, degree, degree / 2 + 1);
        (h.groupSize, h.weightCap) = (uint16(MOST), 1);
        h.bundleDeadline = t.enrolmentDeadline + 100;
        h.unmaskDeadline = t.proposalDeadline - 1;
    }

    /// Opens a hidden round with so many seats, whose first ones have keys and bundles; commitments are due next.
    function shared(RoundTerms memory t, uint256 seats, uint256 members) internal returns (RoundId id) {
        id = openStaked(t);
        vm.prank(OWNER);
        hidden.hide(id, t, hiddenTerms(t));
        for (uint256 i = 0; i < seats; ++i) {
            lockStake(id, participantOf(i));
            if (i < members) _publish(id, i);
        }
        vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < members; ++i) {
            bytes32 commitment = commitmentOf(id, i);
            vm.prank(participantOf(i));
            hidden.shareSecrets(id, commitment, keccak256("shares"), keccak256("bundle"));
        }
    }

    function _publish(RoundId id, uint256 index) private {
        WalletVm.Wallet memory key = WalletVm(address(vm)).createWallet(keyOf(index));
        vm.prank(participantOf(index));
        hidden.publishKey(id, key.publicKeyX, key.publicKeyY % 2 == 1);
    }

    /// Commits and reveals, until every update has a certificate and slashing is over.
    function revealUpdates(RoundId id, RoundTerms memory t, Leaf[] memory leaves, uint256 seats) internal {
        for (uint256 i = 0; i < leaves.length; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, leaves[i].participant, openingOf(leaves[i]));
            vm.prank(leaves[i].participant);
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        for (uint256 i = 0; i < leaves.length; ++i) {
            rounds.reveal(id, leaves[i].participant, openingOf(leaves[i]));
        }
        certifyUpdates(id, seats);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
    }

    function openingOf(Leaf memory leaf) internal pure returns (Opening memory) {
        return Opening(leaf.updateRoot, leaf.contentDigest, leaf.weight, bytes32(uint256(7)));
    }

    /// Writes survivors down, and lays open what their sum takes.
    function unmask(RoundId id) internal {
        hidden.freeze(id, 0);
        HiddenGroup memory g = hidden.groupOf(id, 0);
        for (uint256 place = 0; place < g.members.length; ++place) {
            uint256 index = indexOf(g.members[place]);
            if (g.survivors >> place & 1 == 1) hidden.openSeed(id, g.members[place], seedOf(index));
            else if (_needed(g, place)) hidden.openKey(id, g.members[place], bytes32(keyOf(index)));
        }
    }

    function _needed(HiddenGroup memory g, uint256 place) private view returns (bool) {
        if (g.active >> place & 1 == 0 || g.survivors >> place & 1 == 1) return false;
        for (uint256 other = 0; other < g.members.length; ++other) {
            if (g.survivors >> other & 1 == 1 && areNeighbours(g.members.length, place, other)) return true;
        }
        return false;
    }

    /// What a proof of these leaves takes: their seeds in order, the keys of who dropped by place.
    function secretsOf(RoundId id, Leaf[] memory leaves) internal view returns (OpenedSecrets memory s) {
        s.seeds = new bytes32[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            s.seeds[i] = seedOf(indexOf(leaves[i].participant));
        }
        HiddenGroup memory g = hidden.groupOf(id, 0);
        for (uint256 place = 0; place < g.members.length; ++place) {
            if (_needed(g, place)) s.keys = _with(s.keys, bytes32(keyOf(indexOf(g.members[place]))));
        }
    }

    function _with(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = last;
    }

    // --- masked updates -------------------------------------------------------------------------

    /// The participant's vector as it masks it, once bundles are there.
    function maskedOf(RoundId id, uint256 index, int64[] memory values)
        internal
        view
        returns (uint256[] memory residues)
    {
        residues = new uint256[](values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            residues[i] = uint256(int256(values[i])) % (1 << WIDTH);
        }
        PackedWriter.mask(residues, WIDTH, selfMaskOf(id, index), true);
        HiddenGroup memory g = hidden.groupOf(id, 0);
        uint256 own = _placeOf(g, index);
        for (uint256 place = 0; place < g.members.length; ++place) {
            bool paired = g.active >> place & 1 == 1 && areNeighbours(g.members.length, own, place);
            if (!paired) continue;
            uint256 other = indexOf(g.members[place]);
            bytes32 seed = index < other ? pairMaskOf(id, index, other) : pairMaskOf(id, other, index);
            PackedWriter.mask(residues, WIDTH, seed, index < other);
        }
    }

    function _placeOf(HiddenGroup memory g, uint256 index) private pure returns (uint256 place) {
        while (indexOf(g.members[place]) != index) ++place;
    }

    /// Numerators as they would be without masks.
    function plainSums(uint256 count) internal pure returns (int64[] memory values) {
        values = new int64[](LENGTH);
        for (uint256 p = 0; p < count; ++p) {
            int64[] memory one = vectorOf(p);
            for (uint256 i = 0; i < LENGTH; ++i) {
                values[i] += one[i];
            }
        }
    }
}
