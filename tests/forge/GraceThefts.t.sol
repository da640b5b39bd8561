// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAvailability} from "../../contracts/interfaces/IAvailability.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {Children, ChunkProof, Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Uptime} from "../../contracts/types/ModuleTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {Feed} from "./OutageThefts.t.sol";
import {SearchFixture} from "./support/SearchFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// A second of outage and the grace after it, as thieves have tried to use what is late then.
contract GraceTheftsTest is SearchFixture {
    Feed private feed;

    function _graced(uint32 grace) private {
        feed = new Feed();
        deployStakedWith(Uptime(address(feed), grace));
        feed.set(0);
    }

    /// Down for a second.
    function _outage() private {
        feed.set(1);
        vm.warp(block.timestamp + 1);
        feed.set(0);
    }

    function _certify(RoundId id, uint256 bitmap) private {
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        uint256[][] memory held = new uint256[][](QUORUM);
        for (uint256 i = 0; i < QUORUM; ++i) {
            held[i] = new uint256[](1);
            held[i][0] = bitmap;
            vm.prank(holders[i]);
            availability.vouchForUpdates(id, stakes, held[i]);
        }
        availability.certifyUpdates(id, stakes, holders, held, vouched);
    }

    // --- certificates -------------------------------------------------------------------------

    /// Of four, 0 and 1 are thieves: 0 shows its update to nobody else, and their certificate of it is to come in a grace
    /// when nobody may ask for it any more.
    function _hidden() private returns (RoundId id) {
        _graced(9); // less than an answer window
        id = uncertified(4);
        vm.warp(rounds.roundOf(id).revealDeadline);
        _certify(id, 0xe);
        uint64 end = staked.stakedRoundOf(id).certifyEnd;
        vm.warp(end + ANSWER - 1);
        _outage();
        vm.warp(end + ANSWER + 8); // the grace's last second
        holds(staked.graceUntil() != 0);
        uint256[] memory held = new uint256[](1);
        held[0] = 1;
        bytes memory closed = abi.encodeWithSelector(
            IAvailability.CertifyingClosed.selector, id, end - CERTIFY, end, uint64(block.timestamp)
        );
        for (uint256 i = 0; i < QUORUM; ++i) {
            vm.prank(participantOf(i));
            vm.expectRevert(closed);
            availability.vouchForUpdates(id, stakes, held);
        }
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        uint256[][] memory all = new uint256[][](QUORUM);
        (all[0], all[1]) = (held, held);
        vm.expectRevert(closed);
        availability.certifyUpdates(id, stakes, holders, all, vouched);
        holds(!staked.isCounted(id, participantOf(0)));
        vm.warp(staked.stakedRoundOf(id).slashEnd);
    }

    function test_no_certificate_of_an_update_comes_in_a_grace() public {
        RoundId id = _hidden();
        Leaf[] memory three = new Leaf[](3);
        for (uint256 i = 0; i < 3; ++i) {
            three[i] = leafOf(i + 1);
        }
        Node memory top = nodeOver(three, sums(1, 4));
        Proposal memory honest = propose(id, top);
        refuse(
            abi.encodeCall(
                Disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(three), participantOf(0), WATCHER)
            ),
            abi.encodeWithSelector(IStakedRounds.NotCounted.selector, id, participantOf(0))
        );
        vm.warp(staked.stakedRoundOf(id).endsAt);
        staked.settle(id, stakes, honest);
        for (uint256 i = 0; i < 4; ++i) {
            staked.releaseStake(id, participantOf(i), stakes);
            same(free(participantOf(i)), i == 0 ? FUNDS - STAKE : FUNDS);
        }
        same(award(BURNT), STAKE);
    }

    function test_a_lie_over_an_update_that_only_thieves_have_falls() public {
        RoundId id = _hidden();
        Leaf[] memory four = leavesTo(4);
        int64[] memory lie = new int64[](LENGTH);
        Node memory top = nodeOver(four, lie);
        propose(id, top);
        prove(abi.encodeCall(Disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashesOf(four), 0, four[0], WATCHER)));
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        same(award(WATCHER), 3 * STAKE / 2);
    }

    // --- silence ------------------------------------------------------------------------------

    /// An outage over the time to punish: it is punished after the grace, and nothing is proposed before.
    function test_an_outage_over_the_time_to_punish_saves_no_withheld_update() public {
        _graced(2 * ANSWER);
        RoundId id = revealed(3);
        Leaf[] memory all = leavesTo(3);
        vm.prank(WATCHER);
        uint256 q = questions.askUpdate(id, stakes, all[2], 0);
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (all[0], all[1]);
        Proposal memory right = proposalOf(nodeOver(two, sums(0, 2)));
        vm.warp(block.timestamp + ANSWER - 1);
        _outage();
        uint64 until = staked.graceUntil();
        holds(until >= staked.stakedRoundOf(id).slashEnd);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.InGrace.selector, until));
        questions.punishSilence(id, stakes, q);
        vm.warp(until);
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.QuestionsOpen.selector, id, 1));
        staked.propose(id, stakes, right);
        questions.punishSilence(id, stakes, q);
        same(free(participantOf(2)), FUNDS - STAKE);
        same(award(WATCHER), STAKE / 2);
        same(free(WATCHER), FUNDS);
        holds(!staked.isCounted(id, participantOf(2)));
        proposeUncertified(id, right);
    }

    // --- searches -----------------------------------------------------------------------------

    /// A second of outage, and a grace of three answer windows: the liar answers at their end.
    function test_a_grace_outlasts_no_search() public {
        _graced(3 * ANSWER);
        RoundId id = crowd();
        Children[3] memory below = deepLie();
        propose(id, way[0]);
        uint64 before = staked.stakedRoundOf(id).endsAt;
        for (uint256 level = 0; level < LEVELS; ++level) {
            // At the last level nobody could have asked any more.
            if (level == LEVELS - 1) holds(block.timestamp >= before - 2 * ANSWER);
            uint256 node = askAt(id, level, below);
            vm.warp(block.timestamp + ANSWER - 1);
            if (level == 0) {
                _outage();
                vm.warp(block.timestamp + 3 * ANSWER - 1);
            }
            answerAt(id, level, below, node);
            vm.warp(block.timestamp + 1);
        }
        disprove(id, below);
        same(free(PROPOSER), FUNDS - stakes.proposerStake);
        for (uint256 q = 0; q < 2 * LEVELS; ++q) {
            questions.closeQuestion(id, stakes, q);
        }
        same(free(WATCHER), FUNDS);
        same(award(PROPOSER), 0);
    }

    /// A question at the last second, an answer at a grace's last second that is later than disputes should have ended.
    function test_an_answer_at_the_end_of_a_grace_leaves_time_to_prove() public {
        _graced(2 * ANSWER);
        RoundId id = proposable(3);
        int64[] memory lie = sums(0, 3);
        lie[0] += 1;
        ChunkProof memory wrong = VectorWriter.proof(lie, 64, 0);
        Node memory top = nodeOver(leavesTo(3), lie);
        Proposal memory made = propose(id, top);
        uint64 endsAt = staked.stakedRoundOf(id).endsAt;
        vm.warp(endsAt - 2 * ANSWER - 1);
        vm.prank(WATCHER);
        uint256 q = questions.askResult(id, stakes, pathTo(top), 0);
        vm.warp(endsAt - ANSWER - 2);
        _outage();
        uint64 until = staked.graceUntil();
        vm.warp(until - 1);
        holds(until - 1 >= endsAt);
        questions.answerChunk(id, stakes, q, wrong);
        vm.warp(until);
        uint64 anew = until + DISPUTE;
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.DisputeWindowOpen.selector, id, anew, until));
        staked.settle(id, stakes, made);
        Children memory leaves = childrenOf(leavesTo(3));
        prove(
            abi.encodeCall(
                Disputes.proveWrongChunk, (id, stakes, pathTo(top), leaves, 0, inputsOf(3, 0), wrong, WATCHER)
            )
        );
        questions.closeQuestion(id, stakes, q);
        same(free(WATCHER), FUNDS);
        same(award(WATCHER), 3 * STAKE / 2);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }
}
