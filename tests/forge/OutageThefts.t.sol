// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {IEvaluations} from "../../contracts/interfaces/IEvaluations.sol";
import {IUptimeFeed} from "../../contracts/interfaces/IUptimeFeed.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Uptime} from "../../contracts/types/ModuleTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

contract Feed is IUptimeFeed {
    int256 private _down;
    uint256 private _since;

    function set(int256 down) external {
        (_down, _since) = (down, block.timestamp);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _down, _since, _since, 1);
    }
}

/// An outage of the chain's sequencer, as thieves have waited for one.
contract OutageTheftsTest is StakedFixture {
    /// It is down while a result is to be certified: the vouches come in the grace, and the proposal stands.
    function test_an_outage_over_the_certificate_burns_no_proposer() public {
        Feed feed = new Feed();
        deployStakedWith(Uptime(address(feed), 50));
        feed.set(0);
        RoundId id = proposable(3);
        proposeUncertified(id, proposalOf(nodeOver(leavesTo(3), sums(0, 3))));
        feed.set(1); // nobody gets a vouch in
        vm.warp(block.timestamp + CERTIFY);
        feed.set(0);
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        for (uint256 i = 0; i < QUORUM; ++i) {
            vm.prank(holders[i]);
            availability.vouchForResult(id, stakes, 1);
        }
        uint64 until = staked.graceUntil();
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.InGrace.selector, until));
        staked.lapse(id, stakes);
        availability.certifyResult(id, stakes, 1, holders, vouched);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.AlreadyCertified.selector, id, 1));
        staked.lapse(id, stakes);
        same(vault.lockedOf(PROPOSER, address(token)), 3 * STAKE);
    }

    /// It is down while a lie is to be disputed: the time for it begins anew, and the proof comes in the grace.
    function test_an_outage_over_the_dispute_window_settles_no_lie() public {
        Feed feed = new Feed();
        deployStakedWith(Uptime(address(feed), 50));
        feed.set(0);
        RoundId id = proposable(3);
        int64[] memory lie = sums(0, 3);
        lie[0] += 1;
        Node memory top = nodeOver(leavesTo(3), lie);
        Proposal memory made = propose(id, top);
        feed.set(1);
        vm.warp(staked.stakedRoundOf(id).endsAt);
        (uint64 now_, uint64 never) = (uint64(block.timestamp), type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.DisputeWindowOpen.selector, id, never, now_));
        staked.settle(id, stakes, made);
        feed.set(0);
        bytes memory call = abi.encodeCall(
            Disputes.proveWrongChunk,
            (
                id,
                stakes,
                pathTo(top),
                childrenOf(leavesTo(3)),
                0,
                inputsOf(3, 0),
                VectorWriter.proof(lie, 64, 0),
                WATCHER
            )
        );
        uint64 endsAt = now_ + 50 + DISPUTE;
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.DisputeWindowOpen.selector, id, endsAt, now_));
        staked.settle(id, stakes, made);
        prove(call);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        same(award(WATCHER), 3 * STAKE / 2);
    }

    /// It is down while an appeal is due: the appeal comes in the grace, and nothing is carried out.
    function test_an_outage_over_the_appeal_window_takes_no_appeal_away() public {
        Feed feed = new Feed();
        deployStakedWith(Uptime(address(feed), 50));
        feed.set(0);
        address[] memory members = new address[](1);
        members[0] = vm.addr(7);
        stakes.panel = evaluations.createPanel(members, 1, STRANGER, 30);
        RoundId id = proposable(3);
        Proposal memory made = propose(id, nodeOver(leavesTo(3), sums(0, 3)));
        _refute(id, made, members);
        feed.set(1);
        vm.warp(block.timestamp + 30);
        feed.set(0);
        uint64 now_ = uint64(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.AppealOpen.selector, id, now_, now_));
        evaluations.enforceDecision(id, stakes);
        vm.prank(PROPOSER);
        evaluations.appeal(id, stakes);
        vm.warp(staked.graceUntil());
        vm.expectRevert(
            abi.encodeWithSelector(
                IEvaluations.WrongState.selector,
                id,
                1,
                IEvaluations.DecisionState.Ruled,
                IEvaluations.DecisionState.Appealed
            )
        );
        evaluations.enforceDecision(id, stakes);
        same(free(PROPOSER), FUNDS - 3 * STAKE - BOND);
        same(award(BURNT), 0);
    }

    function _refute(RoundId id, Proposal memory made, address[] memory members) private {
        IEvaluations.Attestation memory a =
            IEvaluations.Attestation(id, keccak256("lie"), made.documentDigest, 0, 0, 0, 0);
        bytes32 typed = keccak256(
            "Attestation(bytes32 roundId,bytes32 versionDigest,bytes32 documentDigest,bytes32 payoutRoot,uint256 payoutTotal,bytes32 payoutDocument,bytes32 scoresDigest)"
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Tallystick Evaluations"),
                keccak256("1"),
                block.chainid,
                address(evaluations)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(typed, a))));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(7, digest);
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = abi.encodePacked(r, s, v);
        evaluations.attest(id, stakes, made, a, members, signatures);
    }
}
