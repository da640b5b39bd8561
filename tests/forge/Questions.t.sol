// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {Children, ChunkProof, Leaf, Node, Path, Proposal, QuestionKind} from "../../contracts/types/DisputeTypes.sol";
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
        return questions.askUpdate(id, stakes, _kept[index], chunk);
    }

    function _proposed() private returns (Proposal memory) {
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        return propose(id, _top);
    }

    // --- updates ------------------------------------------------------------------------------

    function test_an_answer_in_time_gives_the_bond_to_whose_data_it_is() public {
        ChunkProof memory proof = VectorWriter.proof(vectorOf(1), BITS, 1);
        uint256 question = _askUpdate(1, 1);
        same(free(WATCHER), FUNDS - BOND);
        vm.prank(STRANGER); // a copied answer earns the copier nothing
        questions.answerChunk(id, stakes, question, proof);
        same(award(participantOf(1)), BOND);
        same(award(STRANGER), 0);
        same(free(WATCHER), FUNDS - BOND);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.UnknownQuestion.selector, id, question));
        questions.punishSilence(id, stakes, question);
    }

    function test_silence_slashes_the_participant_and_its_update_counts_no_more() public {
        uint256 question = _askUpdate(2, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IQuestions.AnswerTimeOpen.selector, id, question, block.timestamp + ANSWER, block.timestamp
            )
        );
        questions.punishSilence(id, stakes, question);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        same(free(WATCHER), FUNDS);
        same(award(WATCHER), STAKE / 2);
        same(award(BURNT), STAKE - STAKE / 2);
        holds(staked.seatOf(id, participantOf(2)).state == IStakedRounds.SeatState.Slashed);
        holds(!staked.isCounted(id, participantOf(2)));
        // What is slashed may be left out, and may not be counted.
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (_kept[0], _kept[1]);
        Node memory top = nodeOver(two, sums(0, 2));
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        Proposal memory made = propose(id, top);
        refuse(
            abi.encodeCall(
                disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(two), participantOf(2), WATCHER)
            ),
            abi.encodeWithSelector(IStakedRounds.NotCounted.selector, id, participantOf(2))
        );
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        same(vault.owed(address(token)), token.balanceOf(address(vault)));
    }

    function test_counting_who_was_slashed_is_proved() public {
        uint256 question = _askUpdate(2, 0);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        _proposed();
        Leaf[] memory leaves = _kept;
        prove(
            abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(_top), hashesOf(leaves), 2, leaves[2], WATCHER))
        );
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_an_answer_with_another_chunk_is_refused() public {
        ChunkProof memory proof = VectorWriter.proof(vectorOf(1), BITS, 0);
        uint256 question = _askUpdate(1, 1);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.AnswerNotProven.selector, id, question));
        questions.answerChunk(id, stakes, question, proof);
    }

    function test_an_answer_too_late_is_refused() public {
        ChunkProof memory proof = VectorWriter.proof(vectorOf(1), BITS, 1);
        uint256 question = _askUpdate(1, 1);
        vm.warp(block.timestamp + ANSWER);
        vm.expectRevert(
            abi.encodeWithSelector(IQuestions.AnswerTimeOver.selector, id, question, block.timestamp, block.timestamp)
        );
        questions.answerChunk(id, stakes, question, proof);
    }

    function test_only_what_was_revealed_can_be_asked_for() public {
        Leaf memory other = _kept[1];
        other.updateRoot = keccak256("another");
        vm.startPrank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotRevealedSo.selector, id, other.participant));
        questions.askUpdate(id, stakes, other, 0);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.ChunkOutOfRange.selector, 2, 2));
        questions.askUpdate(id, stakes, _kept[1], 2);
        uint64 endsAt = staked.stakedRoundOf(id).certifyEnd + ANSWER;
        vm.warp(endsAt);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.TooLateToAsk.selector, id, endsAt, endsAt));
        questions.askUpdate(id, stakes, _kept[1], 0);
    }

    /// Whatever kept everybody from punishing it in time: as long as nothing was proposed, and nothing is while it waits.
    function test_silence_about_an_update_is_punished_after_slashing_has_ended() public {
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (_kept[0], _kept[1]);
        Proposal memory right = proposalOf(nodeOver(two, sums(0, 2)));
        uint256 question = _askUpdate(2, 0);
        same(questions.openQuestions(id, 0), 1);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        bytes memory open = abi.encodeWithSelector(IStakedRounds.QuestionsOpen.selector, id, 1);
        vm.prank(PROPOSER);
        vm.expectRevert(open);
        staked.propose(id, stakes, right);
        questions.punishSilence(id, stakes, question);
        same(questions.openQuestions(id, 0), 0);
        same(award(WATCHER), STAKE / 2);
        same(free(WATCHER), FUNDS);
        holds(!staked.isCounted(id, participantOf(2)));
        proposeUncertified(id, right);
    }

    /// After a first proposal nobody is slashed any more, whoever judges.
    function test_nobody_is_slashed_once_something_was_proposed() public {
        _proposed();
        uint64 end = staked.stakedRoundOf(id).slashEnd;
        vm.prank(address(questions));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.TooLateToSlash.selector, id, end, uint64(block.timestamp)));
        staked.slashParticipant(id, stakes, participantOf(2), WATCHER, "withheld update");
        _silent();
        same(staked.stakedRoundOf(id).proposer, address(0));
        vm.prank(address(questions));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.TooLateToSlash.selector, id, end, uint64(block.timestamp)));
        staked.slashParticipant(id, stakes, participantOf(2), WATCHER, "withheld update");
    }

    function _silent() private {
        vm.prank(WATCHER);
        uint256 question = questions.askNode(id, stakes, pathTo(_top));
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
    }

    function test_an_answered_question_of_an_update_holds_no_proposal_up() public {
        ChunkProof memory proof = VectorWriter.proof(vectorOf(1), BITS, 0);
        _askUpdate(1, 0);
        uint256 second = _askUpdate(1, 0);
        same(questions.openQuestions(id, 0), 2);
        questions.answerChunk(id, stakes, second, proof);
        same(questions.openQuestions(id, 0), 1);
        questions.answerChunk(id, stakes, second - 1, proof);
        same(questions.openQuestions(id, 0), 0);
        _proposed();
    }

    /// Nobody punished it until the round was over: its bond goes back then, and not before.
    function test_an_open_question_of_an_update_ends_with_the_round() public {
        uint256 question = _askUpdate(1, 0);
        uint64 end = staked.stakedRoundOf(id).proposalDeadline;
        bytes memory stands = abi.encodeWithSelector(IQuestions.QuestionStands.selector, id, question);
        vm.warp(end - 1);
        vm.expectRevert(stands);
        questions.closeQuestion(id, stakes, question);
        vm.warp(end);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.RoundOver.selector, id));
        questions.punishSilence(id, stakes, question);
        questions.closeQuestion(id, stakes, question);
        same(questions.openQuestions(id, 0), 0);
        same(free(WATCHER), FUNDS);
        same(award(participantOf(1)), 0);
        rounds.voidRound(id);
        staked.releaseStake(id, participantOf(1), stakes);
        same(free(participantOf(1)), FUNDS);
    }

    // --- out of range -------------------------------------------------------------------------

    function test_a_value_outside_the_lattice_slashes_its_participant() public {
        // -2^15 has no negative in 16 bits, so it is no value of the lattice (L-2).
        int64[] memory values = vectorOf(7);
        values[LENGTH - 1] = -32_768;
        ChunkProof memory proof = VectorWriter.proof(values, BITS, 1);
        ChunkProof memory fine = VectorWriter.proof(values, BITS, 0);
        Opening memory o = Opening(VectorWriter.root(values, BITS), keccak256("cid"), 9, bytes32(uint256(7)));
        (RoundId round, Leaf memory leaf) = _roundOfTwo(o);
        refuse(
            _outOfRange(round, leaf, 0, fine),
            abi.encodeWithSelector(IDisputes.InRange.selector, round, leaf.participant, 0)
        );
        bytes memory call = _outOfRange(round, leaf, 1, proof);
        prove(call);
        holds(staked.seatOf(round, leaf.participant).state == IStakedRounds.SeatState.Slashed);
        same(award(WATCHER), STAKE / 2);
        refuse(call, abi.encodeWithSelector(IDisputes.NotRevealedSo.selector, round, leaf.participant));
    }

    /// The largest negative value that has a negative is one of the lattice: whoever sent it isn't slashed.
    function test_the_least_value_of_the_lattice_slashes_nobody() public {
        int64[] memory values = vectorOf(7);
        values[LENGTH - 1] = -32_767;
        ChunkProof memory proof = VectorWriter.proof(values, BITS, 1);
        Opening memory o = Opening(VectorWriter.root(values, BITS), keccak256("cid"), 9, bytes32(uint256(7)));
        (RoundId round, Leaf memory leaf) = _roundOfTwo(o);
        bytes memory why = abi.encodeWithSelector(IDisputes.InRange.selector, round, leaf.participant, 1);
        refuse(_outOfRange(round, leaf, 1, proof), why);
    }

    function _outOfRange(RoundId round, Leaf memory leaf, uint64 chunk, ChunkProof memory proof)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(disputes.proveOutOfRange, (round, stakes, leaf, chunk, proof, WATCHER));
    }

    /// Participant 0 reveals this, participant 1 as ever; both updates are certified.
    function _roundOfTwo(Opening memory o) private returns (RoundId round, Leaf memory leaf) {
        uint64 from = uint64(block.timestamp);
        round = openStaked(stakedTerms(2));
        Opening[2] memory openings = [o, openingOf(1)];
        for (uint256 i = 0; i < 2; ++i) {
            lockStake(round, participantOf(i));
        }
        vm.warp(from + 100);
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 commitment = rounds.commitmentFor(round, participantOf(i), openings[i]);
            vm.prank(participantOf(i));
            rounds.commit(round, commitment);
        }
        vm.warp(from + 200);
        for (uint256 i = 0; i < 2; ++i) {
            rounds.reveal(round, participantOf(i), openings[i]);
        }
        certifyUpdates(round, 2);
        return (round, Leaf(participantOf(0), o.updateRoot, o.contentDigest, o.weight));
    }

    // --- results ------------------------------------------------------------------------------

    function test_a_withheld_chunk_of_the_result_costs_the_proposal() public {
        Proposal memory made = _proposed();
        vm.prank(WATCHER);
        uint256 question = questions.askResult(id, stakes, pathTo(_top), 1);
        same(questions.openQuestions(id, 1), 1);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
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
        uint256 question = questions.askResult(id, stakes, pathTo(_top), 1);
        vm.prank(PROPOSER);
        questions.answerChunk(id, stakes, question, proof);
        same(award(PROPOSER), 0);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.QuestionStands.selector, id, question));
        questions.closeQuestion(id, stakes, question);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        // Only now is it known that who asked found nothing.
        questions.closeQuestion(id, stakes, question);
        same(award(PROPOSER), BOND);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.UnknownQuestion.selector, id, question));
        questions.closeQuestion(id, stakes, question);
        holds(rounds.phaseOf(id) == Phase.Finalised);
    }

    function test_an_open_question_holds_the_settlement_up() public {
        Proposal memory made = _proposed();
        vm.prank(WATCHER);
        uint256 question = questions.askResult(id, stakes, pathTo(_top), 0);
        vm.warp(block.timestamp + DISPUTE);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.QuestionsOpen.selector, id, 1));
        staked.settle(id, stakes, made);
        question;
    }

    function test_children_are_asked_for_and_given() public {
        _proposed();
        Leaf[] memory leaves = _kept;
        vm.prank(WATCHER);
        uint256 question = questions.askNode(id, stakes, pathTo(_top));
        vm.expectRevert(
            abi.encodeWithSelector(
                IQuestions.WrongQuestion.selector, id, question, QuestionKind.Result, QuestionKind.Node
            )
        );
        questions.answerChunk(id, stakes, question, ChunkProof("", new bytes32[](0)));
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (leaves[0], leaves[1]);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.AnswerNotProven.selector, id, question));
        questions.answerNode(id, stakes, question, pathTo(_top), childrenOf(two));
        vm.prank(PROPOSER);
        questions.answerNode(id, stakes, question, pathTo(_top), childrenOf(leaves));
        holds(!questions.questionOf(id, question).open && questions.questionOf(id, question).bondHeld);
    }

    function test_withheld_children_cost_the_proposal() public {
        _proposed();
        vm.prank(WATCHER);
        uint256 question = questions.askNode(id, stakes, pathTo(_top));
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_the_bond_of_a_question_about_a_rejected_proposal_comes_back() public {
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (_kept[0], _kept[1]);
        Node memory top = nodeOver(two, sums(0, 2));
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        propose(id, top);
        vm.prank(WATCHER);
        uint256 question = questions.askResult(id, stakes, pathTo(top), 0);
        prove(
            abi.encodeCall(disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(two), participantOf(2), WATCHER))
        );
        vm.expectRevert(abi.encodeWithSelector(IQuestions.QuestionStands.selector, id, question));
        questions.closeQuestion(id, stakes, question);
        vm.warp(block.timestamp + ANSWER);
        holds(!staked.isWithheld(id, 1));
        questions.punishSilence(id, stakes, question);
        holds(staked.isWithheld(id, 1)); // who vouched for it answers for it, whatever else was wrong
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
        vm.expectRevert(abi.encodeWithSelector(IQuestions.TooLateToAsk.selector, id, endsAt, endsAt));
        questions.askResult(id, stakes, pathTo(_top), 0);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.TooLateToAsk.selector, id, endsAt, endsAt));
        questions.askNode(id, stakes, pathTo(_top));
    }

    function test_updates_are_asked_for_when_their_certificates_are_due() public {
        RoundId round = uncertified(3);
        certifyUpdates(round, 3);
        uint64 from = staked.stakedRoundOf(round).certifyEnd;
        vm.prank(WATCHER);
        bytes memory early =
            abi.encodeWithSelector(IQuestions.TooEarlyToAsk.selector, round, from, uint64(block.timestamp));
        vm.expectRevert(early);
        questions.askUpdate(round, stakes, _kept[0], 0);
    }

    function test_nobody_answers_for_a_result_that_nobody_holds() public {
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        proposeUncertified(id, proposalOf(_top));
        vm.prank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.NotCertified.selector, id, 1));
        questions.askResult(id, stakes, pathTo(_top), 1);
    }

    function test_weights_are_asked_for_and_their_silence_costs_the_proposal() public {
        Proposal memory made = _proposed();
        Proposal memory other = proposalOf(_top);
        other.versionRoot = keccak256("another");
        vm.startPrank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.WrongProposal.selector, id));
        questions.askVersion(id, stakes, other, 1);
        uint256 question = questions.askVersion(id, stakes, made, 1);
        vm.stopPrank();
        same(questions.questionOf(id, question).subject, made.versionRoot);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function _remembering() private returns (Proposal memory made) {
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        made = proposalOf(_top);
        made.momentumRoot = VectorWriter.root(sums(0, 2), 64);
        proposeUncertified(id, made);
        certifyResult(id);
    }

    function test_memory_is_asked_for_and_its_silence_costs_the_proposal() public {
        Proposal memory made = _remembering();
        Proposal memory other = made;
        bytes32 right = made.momentumRoot;
        vm.startPrank(WATCHER);
        other.momentumRoot = keccak256("another");
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.WrongProposal.selector, id));
        questions.askMomentum(id, stakes, other, 1);
        made.momentumRoot = right;
        vm.expectRevert(abi.encodeWithSelector(IQuestions.ChunkOutOfRange.selector, 2, 2));
        questions.askMomentum(id, stakes, made, 2);
        uint256 question = questions.askMomentum(id, stakes, made, 1);
        vm.stopPrank();
        same(questions.questionOf(id, question).subject, right);
        holds(questions.questionOf(id, question).kind == QuestionKind.Momentum);
        vm.warp(block.timestamp + ANSWER);
        vm.expectCall(
            address(staked), abi.encodeCall(IStakedRounds.reject, (id, stakes, WATCHER, bytes32("withheld momentum")))
        );
        questions.punishSilence(id, stakes, question);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_memory_is_answered_with_momenta_of_64_bits() public {
        ChunkProof memory proof = VectorWriter.proof(sums(0, 2), 64, 1);
        ChunkProof memory elsewhere = VectorWriter.proof(sums(0, 3), 64, 1);
        Proposal memory made = _remembering();
        vm.prank(WATCHER);
        uint256 question = questions.askMomentum(id, stakes, made, 1);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.AnswerNotProven.selector, id, question));
        questions.answerChunk(id, stakes, question, elsewhere);
        questions.answerChunk(id, stakes, question, proof);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        questions.closeQuestion(id, stakes, question);
        same(award(PROPOSER), BOND);
    }

    /// Nobody could answer for it, so nobody is to be asked.
    function test_a_proposal_that_remembers_nothing_is_not_asked_for_it() public {
        Proposal memory made = _proposed();
        vm.prank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.NoMomentum.selector, id));
        questions.askMomentum(id, stakes, made, 0);
    }

    /// An unanswered question that nobody punished in time gives its bond back: the round is over.
    function test_the_bond_of_an_unpunished_question_comes_back_when_the_round_is_over() public {
        _proposed();
        vm.prank(WATCHER);
        uint256 question = questions.askResult(id, stakes, pathTo(_top), 1);
        uint64 deadline = staked.stakedRoundOf(id).proposalDeadline;
        vm.warp(deadline - 1);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.QuestionStands.selector, id, question));
        questions.closeQuestion(id, stakes, question);
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.RoundOver.selector, id));
        questions.punishSilence(id, stakes, question);
        questions.closeQuestion(id, stakes, question);
        same(free(WATCHER), FUNDS);
    }

    /// Silence is punished after the dispute window too: else a last question would hold the round up for ever.
    function test_silence_is_punished_after_disputes_have_ended() public {
        _proposed();
        vm.prank(WATCHER);
        uint256 question = questions.askResult(id, stakes, pathTo(_top), 1);
        vm.warp(staked.stakedRoundOf(id).endsAt + 1);
        questions.punishSilence(id, stakes, question);
        same(award(WATCHER), 3 * STAKE / 2);
    }
}
