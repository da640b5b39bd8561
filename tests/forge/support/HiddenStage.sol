// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {HiddenTerms, ORDER, PostedShare} from "../../../contracts/types/HiddenTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../../contracts/types/RoundTypes.sol";
import {WalletVm} from "./HiddenFixture.sol";
import {Fixture} from "./Fixture.sol";

/// Hidden rounds without stake: participants with keys, seeds and shares, up to any point of the round.
abstract contract HiddenStage is Fixture {
    uint256 internal constant MEMBERS = 5;
    uint256 private constant ACCOUNTS = 0xACC0000;
    /// Leaves of a dealer's tree: two for each of 16 holders.
    uint256 private constant LEAVES = 32;
    uint128 internal constant FORFEIT = 3 ether;

    RoundTerms internal roundTerms;
    HiddenTerms internal hiddenTerms;
    RoundId internal id;

    // --- what participants know -----------------------------------------------------------------

    function who(uint256 index) internal pure returns (address) {
        return vm.addr(ACCOUNTS + index);
    }

    function accountKey(uint256 index) internal pure returns (uint256) {
        return ACCOUNTS + index;
    }

    function secretOf(uint256 index) internal pure returns (bytes32) {
        return bytes32(uint256(keccak256(abi.encode("round key", index))) % (ORDER - 1) + 1);
    }

    function seedOf(uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode("mask seed", index)) >> 1;
    }

    function pointOf(uint256 secret) internal returns (uint256 x, bool odd) {
        WalletVm.Wallet memory w = WalletVm(address(vm)).createWallet(secret);
        return (w.publicKeyX, w.publicKeyY % 2 == 1);
    }

    /// What H-4 asks a commitment to be, written anew.
    function commitmentOf(RoundId round, uint256 index) internal view returns (bytes32) {
        bytes32 tag = keccak256("tallystick/hidden/seed/1");
        return keccak256(abi.encode(tag, block.chainid, address(hidden), round, who(index), seedOf(index)));
    }

    // --- shares ---------------------------------------------------------------------------------

    function shareOf(uint256 dealer, uint256 holder, uint8 kind) internal pure returns (bytes32) {
        return keccak256(abi.encode("share", dealer, holder, kind)) >> 1;
    }

    function _leaf(uint256 dealer, uint256 slot) private pure returns (bytes32) {
        (uint256 holder, uint8 kind) = (slot / 2, uint8(slot % 2 + 1));
        bytes memory told = abi.encode(who(dealer), who(holder), kind, uint8(holder + 1), shareOf(dealer, holder, kind));
        return keccak256(bytes.concat(keccak256(told)));
    }

    function _levels(uint256 dealer) private pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](2 * LEAVES);
        for (uint256 slot = 0; slot < LEAVES; ++slot) {
            nodes[LEAVES + slot] = _leaf(dealer, slot);
        }
        _hash(nodes);
    }

    /// The allow-list of the accounts from 0 to 31, as a tree.
    function _guests() private pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](2 * LEAVES);
        for (uint256 index = 0; index < LEAVES; ++index) {
            nodes[LEAVES + index] = keccak256(bytes.concat(keccak256(abi.encode(who(index)))));
        }
        _hash(nodes);
    }

    function _hash(bytes32[] memory nodes) private pure {
        for (uint256 at = LEAVES - 1; at != 0; --at) {
            nodes[at] = pairOf(nodes[2 * at], nodes[2 * at + 1]);
        }
    }

    function _proofOf(bytes32[] memory nodes, uint256 slot) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](5);
        uint256 at = LEAVES + slot;
        for (uint256 i = 0; i < 5; ++i) {
            proof[i] = nodes[at ^ 1];
            at /= 2;
        }
    }

    function pairOf(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    function shareRootOf(uint256 dealer) internal pure returns (bytes32) {
        return _levels(dealer)[1];
    }

    /// A share as its holder posts it.
    function posted(uint256 dealer, uint256 holder, uint8 kind) internal pure returns (PostedShare memory) {
        bytes32[] memory proof = _proofOf(_levels(dealer), 2 * holder + kind - 1);
        return PostedShare(who(dealer), kind, uint8(holder + 1), shareOf(dealer, holder, kind), proof);
    }

    function one(PostedShare memory s) internal pure returns (PostedShare[] memory list) {
        list = new PostedShare[](1);
        list[0] = s;
    }

    function signed(RoundId round, uint256 holder, PostedShare memory s) internal view returns (bytes memory) {
        bytes32 digest = hidden.shareDigest(round, s.dealer, s.kind, s.place, s.share);
        (uint8 v, bytes32 r, bytes32 w) = vm.sign(accountKey(holder), digest);
        return abi.encodePacked(r, w, v);
    }

    // --- the round ------------------------------------------------------------------------------

    /// Terms of a round of groups of up to 8, everybody beside everybody, with a forfeit.
    function setTerms(uint32 least, uint32 most, uint16 groupSize) internal {
        RoundTerms memory t = terms(0, least, most);
        (t.weightCap, t.rewardToken, t.forfeit) = (1, address(token), FORFEIT);
        roundTerms = t;
        HiddenTerms memory h;
        (h.ring, h.degree, h.threshold, h.groupSize, h.weightCap) = (32, 6, 4, groupSize, 1);
        (h.bundleDeadline, h.unmaskDeadline) = (t.enrolmentDeadline + 50, t.revealDeadline + 50);
        hiddenTerms = h;
    }

    function openHidden() internal {
        vm.startPrank(OWNER);
        token.approve(address(rounds), uint256(FORFEIT) * roundTerms.maximumParticipants);
        id = rounds.openRound(roundTerms);
        hidden.hide(id, roundTerms, hiddenTerms);
        vm.stopPrank();
    }

    /// Has the next round take nobody but the accounts from 0 to 31.
    function byInvitation() internal {
        roundTerms.allowListRoot = _guests()[1];
    }

    function enrol(uint256 index) internal {
        bool open = roundTerms.allowListRoot == 0;
        bytes32[] memory proof = open ? new bytes32[](0) : _proofOf(_guests(), index);
        vm.prank(who(index));
        rounds.enrol(id, proof);
    }

    function publish(uint256 index) internal {
        (uint256 x, bool odd) = pointOf(uint256(secretOf(index)));
        vm.prank(who(index));
        hidden.publishKey(id, x, odd);
    }

    function share(uint256 index) internal {
        bytes32 commitment = commitmentOf(id, index);
        vm.prank(who(index));
        hidden.shareSecrets(id, commitment, shareRootOf(index), keccak256(abi.encode("bundle", index)));
    }

    function commit(uint256 index) internal {
        bytes32 commitment = rounds.commitmentFor(id, who(index), openingOf(index));
        vm.prank(who(index));
        rounds.commit(id, commitment);
    }

    function openingOf(uint256 index) internal pure returns (Opening memory) {
        return opening(index + 1, 1);
    }

    function reveal(uint256 index) internal {
        rounds.reveal(id, who(index), openingOf(index));
    }

    /// The round up to shared secrets: all have a seat, a key and a bundle.
    function shared(uint256 count) internal {
        openHidden();
        for (uint256 i = 0; i < count; ++i) {
            enrol(i);
            publish(i);
        }
        vm.warp(roundTerms.enrolmentDeadline);
        for (uint256 i = 0; i < count; ++i) {
            share(i);
        }
    }

    /// The round up to the end of reveals: those from `first` on commit and reveal, the others drop.
    function survived(uint256 count, uint256 first) internal {
        shared(count);
        revealFrom(first, count);
    }

    function revealFrom(uint256 first, uint256 count) internal {
        for (uint256 i = first; i < count; ++i) {
            commit(i);
        }
        vm.warp(roundTerms.commitDeadline);
        for (uint256 i = first; i < count; ++i) {
            reveal(i);
        }
        vm.warp(roundTerms.revealDeadline);
    }

    function openSeeds(uint256 first, uint256 count) internal {
        for (uint256 i = first; i < count; ++i) {
            hidden.openSeed(id, who(i), seedOf(i));
        }
    }
}
