// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {HiddenRounds} from "../../../contracts/privacy/HiddenRounds.sol";
import {HiddenGroup, OF_KEY, OF_SEED, PostedShare} from "../../../contracts/types/HiddenTypes.sol";
import {RoundId} from "../../../contracts/types/RoundTypes.sol";
import {HiddenStage} from "./HiddenStage.sol";

/// Plays one hidden round in any order that the fuzzer likes: honest members, late ones, and whoever tries the wrong
/// secret. It remembers what it saw written down first.
contract HiddenHandler is HiddenStage {
    uint256 public constant SEATS = 7;

    mapping(uint256 group => bytes32) public frozenAs;
    mapping(uint256 member => uint256) public seedsOpened;
    mapping(uint256 member => uint256) public keysOpened;
    uint256 public openedEarly;
    uint256 public proposedWaiting;
    uint256 public frozenGroups;

    constructor() {
        deployAll();
        setTerms(2, uint32(SEATS), 4);
        (hiddenTerms.degree, hiddenTerms.threshold) = (2, 2);
        openHidden();
    }

    function contracts() external view returns (HiddenRounds) {
        return hidden;
    }

    function account(uint256 index) external pure returns (address) {
        return who(index);
    }

    function revealedBy(uint256 index) external view returns (bool) {
        return rounds.revealOf(id, who(index)) != 0;
    }

    function revealedCount() external view returns (uint32) {
        return rounds.roundOf(id).revealed;
    }

    function roundId() external view returns (RoundId) {
        return id;
    }

    /// Time passes, most often from one phase to the next.
    function wait(uint8 by) external {
        vm.warp(block.timestamp + uint256(by) % 64);
    }

    function enters(uint8 index) external {
        vm.prank(who(index % SEATS));
        try rounds.enrol(id, new bytes32[](0)) {} catch {}
    }

    function publishes(uint8 index) external {
        (uint256 x, bool odd) = pointOf(uint256(secretOf(index % SEATS)));
        vm.prank(who(index % SEATS));
        try hidden.publishKey(id, x, odd) {} catch {}
    }

    function shares(uint8 index) external {
        uint256 member = index % SEATS;
        bytes32 commitment = commitmentOf(id, member);
        vm.prank(who(member));
        try hidden.shareSecrets(id, commitment, shareRootOf(member), keccak256("bundle")) {} catch {}
    }

    function commits(uint8 index) external {
        uint256 member = index % SEATS;
        bytes32 commitment = rounds.commitmentFor(id, who(member), openingOf(member));
        vm.prank(who(member));
        try rounds.commit(id, commitment) {} catch {}
    }

    function reveals(uint8 index) external {
        uint256 member = index % SEATS;
        try rounds.reveal(id, who(member), openingOf(member)) {} catch {}
    }

    function freezes(uint8 group) external {
        try hidden.freeze(id, group % 2) {
            frozenAs[group % 2] = recordOf(group % 2);
            ++frozenGroups;
        } catch {}
    }

    function recordOf(uint256 group) public view returns (bytes32) {
        HiddenGroup memory g = hidden.groupOf(id, group);
        return keccak256(abi.encode(g.members, g.active, g.survivors));
    }

    function opensSeed(uint8 index) external {
        uint256 member = index % SEATS;
        try hidden.openSeed(id, who(member), seedOf(member)) {
            ++seedsOpened[member];
            _noteEarly(member);
        } catch {}
    }

    function opensKey(uint8 index) external {
        uint256 member = index % SEATS;
        try hidden.openKey(id, who(member), secretOf(member)) {
            ++keysOpened[member];
            _noteEarly(member);
        } catch {}
    }

    function postsShare(uint8 dealer, uint8 holder, bool ofKey) external {
        PostedShare memory s = posted(dealer % SEATS, holder % SEATS, ofKey ? OF_KEY : OF_SEED);
        vm.prank(who(holder % SEATS));
        try hidden.postShares(id, one(s)) {
            _noteEarly(dealer % SEATS);
        } catch {}
    }

    function _noteEarly(uint256 member) private {
        (uint256 group,) = hidden.placeOf(id, who(member));
        if (!hidden.isFrozen(id, group)) ++openedEarly;
    }

    function strands(uint8 group) external {
        try hidden.strand(id, group % 2) {} catch {}
    }

    function proposes(uint8 accepted) external {
        bool waits = hidden.isWaiting(id);
        vm.prank(OWNER);
        try rounds.proposeResult(id, result(accepted % 8)) {
            if (waits) ++proposedWaiting;
        } catch {}
    }

    function voids() external {
        try rounds.voidRound(id) {} catch {}
    }

    /// The fuzzer seldom gets a whole round right: here everybody but the last ones plays it to the end of reveals.
    function plays(uint8 drops) external {
        for (uint8 i = 0; i < SEATS; ++i) {
            this.enters(i);
            this.publishes(i);
        }
        for (uint8 i = 0; i < SEATS; ++i) {
            this.shares(i);
        }
        for (uint8 i = drops % 4; i < SEATS; ++i) {
            this.commits(i);
        }
        if (block.timestamp < roundTerms.commitDeadline) vm.warp(roundTerms.commitDeadline);
        for (uint8 i = drops % 4; i < SEATS; ++i) {
            this.reveals(i);
        }
    }
}
