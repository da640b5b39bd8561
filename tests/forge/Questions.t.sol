// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {Asked, Children, ChunkProof, Leaf, Node, Path, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Opening, Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// F-10: whoever withholds data loses its stake, and whoever asks in vain loses a bond.
contract QuestionsTest is StakedFixture {
    RoundId private id;
    Leaf[] private _kept;
    Node private _top;

    function setUp() public {
        deployStaked();
        id = revealed(3);
        Leaf[] memory leaves = leavesTo(3);
        for (uint256 i = 0; i < 3; ++i) {
            _kept.push(leaves[i]);
        }
        _top = nodeOver(leaves, sums(0, 3));
    }

    function _askUpdate(uint256 index, uint64 chunk) private returns (uint256) {
        vm.prank(WATCHER);
        return disputes.askUpdate(id, stakes, _kept[index], chunk);
    }

    function _proposed() private returns (Proposal memory) {
        vm.warp(staked.stakedRoundOf(id).strikesEnd);
        return propose(id, _top);
    }

    // --- updates ------------------------------------------------------------------------------

    function test_an_answer_in_time_earns_the_bond() public {
        ChunkProof memory proof = VectorWriter.proof(vectorOf(1), BITS, 1);
        uint256 question = _askUpdate(1, 1);
        same(free(WATCHER), FUNDS - BOND);
        vm.prank(participantOf(1));
        disputes.answerChunk(id, stakes, question, proof);
        same(award(participantOf(1)), BOND);
        same(free(WATCHER), FUNDS - BOND);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.UnknownQuestion.selector, id, question));
        disputes.punishSilence(id, stakes, question);
    }

    function test_silence_strikes_the_participant_and_its_update_counts_no_more() public {
        uint256 question = _askUpdate(2, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDisputes.AnswerTimeOpen.selector, id, question, block.timestamp + ANSWER, block.timestamp
            )
        );
        disputes.punishSilence(id, stakes, question);
        vm.warp(block.timestamp + ANSWER);
        disputes.punishSilence(id, stakes, question);
        same(free(WATCHER), FUNDS);
        same(award(WATCHER), STAKE / 2);
        same(award(OWNER), STAKE - STAKE / 2);
        holds(staked.isStruck(id, participantOf(2)));
        holds(!staked.counts(id, participantOf(2)));
        // What is struck may be left out, and may not be counted.
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (_kept[0], _kept[1]);
        Node memory top = nodeOver(two, sums(0, 2));
        vm.warp(staked.stakedRoundOf(id).strikesEnd);
        Proposal memory made = propose(id, top);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.DoesNotCount.selector, id, participantOf(2)));
        disputes.proveLeftOut(id, stakes, pathTo(top), childrenOf(two), participantOf(2));
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        same(vault.owed(address(token)), token.balanceOf(address(vault)));
    }

    function test_counting_who_was_struck_is_proved() public {
        uint256 question = _askUpdate(2, 0);
        vm.warp(block.timestamp + ANSWER);
        disputes.punishSilence(id, stakes, question);
        _proposed();
        Leaf[] memory leaves = _kept;
        disputes.proveWrongLeaf(id, stakes, pathTo(_top), hashesOf(leaves), 2, leaves[2]);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_an_answer_with_another_chunk_is_refused() public {
        ChunkProof memory proof = VectorWriter.proof(vectorOf(1), BITS, 0);
        uint256 question = _askUpdate(1, 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.AnswerNotProven.selector, id, question));
        disputes.answerChunk(id, stakes, question, proof);
    }

    function test_an_answer_too_late_is_refused() public {
        ChunkProof memory proof = VectorWriter.proof(vectorOf(1), BITS, 1);
        uint256 question = _askUpdate(1, 1);
        vm.warp(block.timestamp + ANSWER);
        vm.expectRevert(
            abi.encodeWithSelector(IDisputes.AnswerTimeOver.selector, id, question, block.timestamp, block.timestamp)
        );
        disputes.answerChunk(id, stakes, question, proof);
    }

    function test_only_what_was_revealed_can_be_asked_for() public {
        Leaf memory other = _kept[1];
        other.updateRoot = keccak256("another");
        vm.startPrank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotRevealedSo.selector, id, other.participant));
        disputes.askUpdate(id, stakes, other, 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.ChunkOutOfRange.selector, 2, 2));
        disputes.askUpdate(id, stakes, _kept[1], 2);
        uint64 endsAt = staked.stakedRoundOf(id).revealDeadline + ANSWER;
        vm.warp(endsAt);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.TooLateToAsk.selector, id, endsAt, endsAt));
        disputes.askUpdate(id, stakes, _kept[1], 0);
    }

    function test_after_strikes_end_silence_costs_a_participant_nothing() public {
        uint256 question = _askUpdate(1, 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.QuestionStands.selector, id, question));
        disputes.closeQuestion(id, stakes, question);
        uint64 end = staked.stakedRoundOf(id).strikesEnd;
        vm.warp(end);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.TooLateToStrike.selector, id, end, end));
        disputes.punishSilence(id, stakes, question);
        disputes.closeQuestion(id, stakes, question);
        same(free(WATCHER), FUNDS);
    }

    // --- out of range -------------------------------------------------------------------------

    function test_a_value_outside_the_lattice_strikes_its_participant() public {
        // -2^15 has no negative in 16 bits, so it is no value of the lattice (L-2).
        int64[] memory values = vectorOf(7);
        values[LENGTH - 1] = -32_768;
        ChunkProof memory proof = VectorWriter.proof(values, BITS, 1);
        ChunkProof memory fine = VectorWriter.proof(values, BITS, 0);
        Opening memory o = Opening(VectorWriter.root(values, BITS), keccak256("cid"), 9, bytes32(uint256(7)));
        (RoundId round, Leaf memory leaf) = _roundOfOne(o);
        vm.startPrank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.InRange.selector, round, leaf.participant, 0));
        disputes.strikeOutOfRange(round, stakes, leaf, 0, fine);
        disputes.strikeOutOfRange(round, stakes, leaf, 1, proof);
        holds(staked.isStruck(round, leaf.participant));
        same(award(WATCHER), STAKE / 2);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotRevealedSo.selector, round, leaf.participant));
        disputes.strikeOutOfRange(round, stakes, leaf, 1, proof);
    }

    function _roundOfOne(Opening memory o) private returns (RoundId round, Leaf memory leaf) {
        address who = participantOf(7);
        fundStake(who);
        vm.startPrank(OWNER);
        token.approve(address(staked), BUDGET);
        uint64 from = uint64(block.timestamp);
        round = staked.openStaked(stakedTerms(1), stakes);
        vm.startPrank(who);
        staked.enlist(round, stakes);
        rounds.enrol(round, new bytes32[](0));
        vm.warp(from + 100);
        rounds.commit(round, rounds.commitmentFor(round, who, o));
        vm.warp(from + 200);
        rounds.reveal(round, who, o);
        vm.stopPrank();
        return (round, Leaf(who, o.updateRoot, o.contentDigest, o.weight));
    }

    // --- results ------------------------------------------------------------------------------

    function test_a_withheld_chunk_of_the_result_costs_the_proposal() public {
        Proposal memory made = _proposed();
        vm.prank(WATCHER);
        uint256 question = disputes.askResult(id, stakes, pathTo(_top), 1);
        same(disputes.openQuestions(id, 1), 1);
        vm.warp(block.timestamp + ANSWER);
        disputes.punishSilence(id, stakes, question);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        same(award(WATCHER), 3 * STAKE / 2);
        same(free(WATCHER), FUNDS);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NoProposal.selector, id));
        staked.settle(id, stakes, made);
    }

    function test_an_answered_question_lets_the_proposal_settle() public {
        ChunkProof memory proof = VectorWriter.proof(sums(0, 3), 64, 1);
        Proposal memory made = _proposed();
        vm.prank(WATCHER);
        uint256 question = disputes.askResult(id, stakes, pathTo(_top), 1);
        vm.prank(PROPOSER);
        disputes.answerChunk(id, stakes, question, proof);
        same(award(PROPOSER), BOND);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        holds(rounds.phaseOf(id) == Phase.Finalised);
    }

    function test_an_open_question_holds_the_settlement_up() public {
        Proposal memory made = _proposed();
        vm.prank(WATCHER);
        uint256 question = disputes.askResult(id, stakes, pathTo(_top), 0);
        vm.warp(block.timestamp + DISPUTE);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.QuestionsOpen.selector, id, 1));
        staked.settle(id, stakes, made);
        question;
    }

    function test_children_are_asked_for_and_given() public {
        _proposed();
        Leaf[] memory leaves = _kept;
        vm.prank(WATCHER);
        uint256 question = disputes.askNode(id, stakes, pathTo(_top));
        vm.expectRevert(
            abi.encodeWithSelector(IDisputes.WrongQuestion.selector, id, question, Asked.Result, Asked.Node)
        );
        disputes.answerChunk(id, stakes, question, ChunkProof("", new bytes32[](0)));
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (leaves[0], leaves[1]);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.AnswerNotProven.selector, id, question));
        disputes.answerNode(id, stakes, question, pathTo(_top), childrenOf(two));
        vm.prank(PROPOSER);
        disputes.answerNode(id, stakes, question, pathTo(_top), childrenOf(leaves));
        same(award(PROPOSER), BOND);
    }

    function test_withheld_children_cost_the_proposal() public {
        _proposed();
        vm.prank(WATCHER);
        uint256 question = disputes.askNode(id, stakes, pathTo(_top));
        vm.warp(block.timestamp + ANSWER);
        disputes.punishSilence(id, stakes, question);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_the_bond_of_a_question_about_a_rejected_proposal_comes_back() public {
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (_kept[0], _kept[1]);
        Node memory top = nodeOver(two, sums(0, 2));
        vm.warp(staked.stakedRoundOf(id).strikesEnd);
        propose(id, top);
        vm.prank(WATCHER);
        uint256 question = disputes.askResult(id, stakes, pathTo(top), 0);
        disputes.proveLeftOut(id, stakes, pathTo(top), childrenOf(two), participantOf(2));
        vm.warp(block.timestamp + ANSWER);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.QuestionOfRejectedProposal.selector, id, question));
        disputes.punishSilence(id, stakes, question);
        disputes.closeQuestion(id, stakes, question);
        same(free(WATCHER), FUNDS);
        // The next proposal is not held up by it.
        Proposal memory made = propose(id, _top);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
    }

    function test_questions_end_early_enough_to_dispute_their_answers() public {
        _proposed();
        uint64 endsAt = staked.stakedRoundOf(id).endsAt - 2 * ANSWER;
        vm.warp(endsAt);
        vm.startPrank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.TooLateToAsk.selector, id, endsAt, endsAt));
        disputes.askResult(id, stakes, pathTo(_top), 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.TooLateToAsk.selector, id, endsAt, endsAt));
        disputes.askNode(id, stakes, pathTo(_top));
    }
}
