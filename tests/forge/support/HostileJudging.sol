// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {ChunkProof, Leaf, Path, Proposal, StakeTerms} from "../../../contracts/types/DisputeTypes.sol";
import {HostileSeason} from "./HostileSeason.sol";

/// What is proposed, proved, asked and attested of rounds under stake, by whoever the fuzzer likes.
abstract contract HostileJudging is HostileSeason {
    uint256 internal constant KINDS = 4;

    function _pick(uint256 which) internal view returns (Play storage) {
        require(plays.length != 0, "no round yet");
        return plays[plays.length - 1 - which % (plays.length < 8 ? plays.length : 8)];
    }

    // --- propose ------------------------------------------------------------------------------

    /// What the honest have worked out; they stay away from panels and committees of the hostiles.
    function proposeRight(uint256 which) external {
        Play storage p = _pick(which);
        if (!p.fair || p.over) return;
        _propose(p, HONEST, 0, proposalOf(_tops[p.count][0]));
    }

    /// A lie; under a panel with a payout root for the proposer's friends; among the hostiles with a tree that pays one
    /// leaf everything and another one as much again.
    function proposeWrong(uint256 which, uint256 lie, uint96 total) external {
        Play storage p = _pick(which);
        if (p.over) return;
        Proposal memory made = proposalOf(_tops[p.count][p.own ? 0 : 1 + lie % LIES]);
        if (p.own) (made.top.weight, made.top.count) = (1 + uint64(total) % 10, 2);
        if (!p.fair && !p.own) {
            made.payoutRoot = pairHash(payoutLeaf(STRANGER, 30), payoutLeaf(PROPOSER, 70));
            (made.payoutTotal, made.payoutDocument) = (1 + total % 120, keccak256("list"));
        }
        _propose(p, PROPOSER, p.own ? 0 : 1 + lie % LIES, made);
    }

    function _propose(Play storage p, address who, uint256 lie, Proposal memory made) private {
        StakeTerms memory s = termsOf(p);
        vm.prank(who);
        try staked.propose(p.id, s, made) {
            (p.made, p.lie) = (made, lie);
            ++done[lie == 0 ? "right proposal" : "wrong proposal"];
        } catch {}
    }

    /// A quorum vouches for what stands: the honest for what is right, the hostiles for anything.
    function certify(uint256 which, bool byHostiles) external {
        _certify(_pick(which), byHostiles);
    }

    function _certify(Play storage p, bool byHostiles) internal {
        StakeTerms memory s = termsOf(p);
        uint32 number = staked.stakedRoundOf(p.id).proposals;
        address[] memory holders = new address[](QUORUM);
        (holders[0], holders[1]) = (participantOf(0), participantOf(1));
        if (p.own) (holders[0], holders[1]) = (address(0xC0), address(0xC1));
        else if (byHostiles) (holders[0], holders[1]) = (participantOf(LIAR), participantOf(HIDER));
        else if (p.lie != 0) return;
        for (uint256 i = 0; i < QUORUM; ++i) {
            vm.prank(holders[i]);
            try availability.vouchForResult(p.id, s, number) {} catch {}
        }
        try availability.certifyResult(p.id, s, number, holders, new bytes[](QUORUM)) {
            ++done[byHostiles ? "certified by hostiles" : "certified"];
        } catch {}
    }

    function lapse(uint256 which) external {
        Play storage p = _pick(which);
        try staked.lapse(p.id, termsOf(p)) {
            ++done["lapsed"];
            if (p.over) ++broken;
        } catch {}
    }

    function settle(uint256 which) external {
        Play storage p = _pick(which);
        try staked.settle(p.id, termsOf(p), p.made) {
            ++done[p.own ? "unsound settled" : p.fair ? "settled" : "panel settled"];
            if (p.fair && p.lie != 0) ++broken; // the honest challenge before disputes end
        } catch {}
    }

    // --- prove --------------------------------------------------------------------------------

    /// A stranger tries every proof against what stands; only what is wrong may fall to it, and nothing when it is over.
    function attack(uint256 which, uint256 kind) external {
        Play storage p = _pick(which);
        bool over = p.over || staked.stakedRoundOf(p.id).settled;
        if (!_proveFor(p, kind % KINDS, STRANGER)) return;
        ++done["attacked"];
        if (over || (p.lie == 0 && !p.own)) ++broken;
    }

    /// The watcher proves what is wrong. A stranger sees its call, gives it with its own name, and then sends it first. One
    /// that it announced before, in vain, is judged again.
    function _challenge(Play storage p) internal returns (bool) {
        for (uint256 kind = 0; kind < KINDS; ++kind) {
            bytes memory call = _proofOf(p, kind, WATCHER);
            bytes memory copy = _proofOf(p, kind, STRANGER);
            bool known = disputes.announcedIn(keccak256(copy)) != 0;
            disputes.announce(keccak256(call));
            vm.roll(block.number + 1);
            vm.startPrank(STRANGER);
            disputes.announce(keccak256(copy));
            (bool copied, bytes memory why) = address(disputes).call(copy);
            if (copied || (!known && bytes4(why) != IDisputes.NotAnnounced.selector)) ++broken;
            uint256 before = award(WATCHER);
            (bool proved,) = address(disputes).call(call);
            vm.stopPrank();
            if (!proved) continue;
            if (award(WATCHER) != before + termsOf(p).proposerStake / 2) ++broken;
            return true;
        }
        return false;
    }

    function _proveFor(Play storage p, uint256 kind, address who) private returns (bool proved) {
        bytes memory call = _proofOf(p, kind, who);
        disputes.announce(keccak256(call));
        vm.roll(block.number + 1);
        (proved,) = address(disputes).call(call);
    }

    function _proofOf(Play storage p, uint256 kind, address who) private view returns (bytes memory) {
        Path memory path = pathTo(p.made.top);
        StakeTerms memory s = termsOf(p);
        if (kind == 0) return _chunkProof(p, path, s, who);
        if (kind == 1) {
            address missing = participantOf(p.lie == LIES ? HIDER : p.count - 1);
            return abi.encodeCall(disputes.proveLeftOut, (p.id, s, path, childrenFor(p), missing, who));
        }
        if (kind == 2) return _leafProof(p, path, s, who);
        return abi.encodeCall(disputes.proveWrongNode, (p.id, s, path, childrenFor(p), who));
    }

    function _leafProof(Play storage p, Path memory path, StakeTerms memory s, address who)
        private
        view
        returns (bytes memory)
    {
        Leaf[] memory leaves = leavesOf(p.count, p.lie);
        uint256 at = p.lie == LIES ? HIDER : 2;
        if (at >= leaves.length) at = 0;
        bytes32[] memory hashes = hashesOf(leaves);
        return abi.encodeCall(disputes.proveWrongLeaf, (p.id, s, path, hashes, at, leaves[at], who));
    }

    function _chunkProof(Play storage p, Path memory path, StakeTerms memory s, address who)
        private
        view
        returns (bytes memory)
    {
        uint256 leaves = leavesOf(p.count, p.lie).length;
        ChunkProof[] memory inputs = new ChunkProof[](leaves);
        for (uint256 i = 0; i < leaves; ++i) {
            inputs[i] = _inputs[i];
        }
        ChunkProof memory claim = p.lie == 1 ? _wrongChunk[p.count] : _rightChunk[p.count];
        return abi.encodeCall(disputes.proveWrongChunk, (p.id, s, path, childrenFor(p), 1, inputs, claim, who));
    }

    // --- ask ----------------------------------------------------------------------------------

    /// A stranger asks whoever proposed; a hostile proposer also asks itself, to be in the way.
    function ask(uint256 which, bool itself, bool node) external {
        Play storage p = _pick(which);
        (StakeTerms memory s, Path memory path) = (termsOf(p), pathTo(p.made.top));
        vm.prank(itself ? PROPOSER : STRANGER);
        if (node) {
            try questions.askNode(p.id, s, path) {} catch {}
        } else {
            try questions.askResult(p.id, s, path, 1) {} catch {}
        }
    }

    function punish(uint256 which, uint256 question) external {
        Play storage p = _pick(which);
        try questions.punishSilence(p.id, termsOf(p), question % 8) {
            ++done["silence"];
            if (p.over || p.lie == 0 && !p.own) ++broken; // the honest answer
        } catch {}
    }

    function burnHolders(uint256 which) external {
        Play storage p = _pick(which);
        address[] memory holders = new address[](QUORUM);
        (holders[0], holders[1]) = (participantOf(LIAR), participantOf(HIDER));
        if (p.own) (holders[0], holders[1]) = (address(0xC0), address(0xC1));
        for (uint256 i = 0; i < QUORUM; ++i) {
            try availability.burnForResult(p.id, termsOf(p), 1, holders, i) {
                ++done["holder burnt"];
                if (p.over) ++broken;
            } catch {}
        }
    }
}
