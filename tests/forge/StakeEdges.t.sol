// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEvaluations} from "../../contracts/interfaces/IEvaluations.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakeFloors} from "../../contracts/interfaces/IStakeFloors.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {Leaf, Node, Proposal, QuestionKind} from "../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// The last terms that are taken and the first that aren't, and what a question or a proposal says of itself.
contract StakeEdgesTest is StakedFixture {
    RoundId private id;

    function setUp() public {
        deployStaked();
    }

    function _top() private pure returns (Node memory) {
        return nodeOver(leavesTo(3), sums(0, 3));
    }

    function _proposed() private returns (Proposal memory) {
        id = proposable(3);
        return propose(id, _top());
    }

    // --- terms --------------------------------------------------------------------------------

    /// Bond and stake of the least that the token's list says, and a proposer's stake that just pays a search.
    function test_F17_the_least_stakes_are_enough() public {
        tokens.allow(address(token), BOND);
        (stakes.participantStake, stakes.proposerStake) = (uint128(BOND), uint128(48 * BOND));
        openStaked(stakedTerms(2));
        tokens.allow(address(token), BOND + 1);
        RoundTerms memory t = stakedTerms(2);
        vm.expectRevert(abi.encodeWithSelector(IStakeFloors.StakeTooSmall.selector, bytes32("bond"), BOND, BOND + 1));
        floors.check(t, stakes);
        stakes.bond += 1;
        stakes.proposerStake += 48;
        vm.expectRevert(
            abi.encodeWithSelector(IStakeFloors.StakeTooSmall.selector, bytes32("participant"), BOND, BOND + 1)
        );
        floors.check(t, stakes);
    }

    /// No certificate counts more holders than 255, nor more than there may be.
    function test_F16_a_quorum_is_at_most_what_a_certificate_can_count() public {
        RoundTerms memory t = stakedTerms(300);
        stakes.quorum = 255;
        floors.check(t, stakes);
        stakes.quorum = 256;
        vm.expectRevert(abi.encodeWithSelector(IStakeFloors.QuorumOutOfRange.selector, 256, 2, 255));
        floors.check(t, stakes);
        address[] memory members = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            members[i] = address(uint160(0xC0 + i));
        }
        stakes.committee = evaluations.createPanel(members, 2, address(0), 0);
        stakes.quorum = 3;
        floors.check(t, stakes);
        stakes.quorum = 4;
        vm.expectRevert(abi.encodeWithSelector(IStakeFloors.QuorumOutOfRange.selector, 4, 2, 3));
        floors.check(t, stakes);
    }

    /// The longest windows: a month for certificates and answers, four for disputes.
    function test_F17_the_longest_windows_are_taken() public {
        RoundTerms memory t = stakedTerms(2);
        (stakes.certifyWindow, stakes.answerWindow, stakes.disputeWindow) = (30 days, 1, 120 days);
        t.proposalDeadline += 365 days;
        floors.check(t, stakes);
        (stakes.answerWindow, stakes.disputeWindow) = (13 days, 120 days);
        floors.check(t, stakes);
    }

    /// What the contract was sent before is no part of a budget.
    function test_a_budget_arrives_whole_whatever_was_there_before() public {
        vm.prank(OWNER);
        token.transfer(address(staked), 5);
        id = openStaked(stakedTerms(2));
        same(pots.potOf(id, address(token)).amount, BUDGET);
        same(token.balanceOf(address(staked)), 5);
    }

    // --- proposals ----------------------------------------------------------------------------

    function test_a_proposal_names_all_of_its_parts() public {
        id = proposable(3);
        for (uint256 i = 0; i < 4; ++i) {
            Proposal memory made = proposalOf(_top());
            if (i == 0) made.top.numeratorsRoot = 0;
            if (i == 1) made.versionRoot = 0;
            if (i == 2) made.versionDigest = 0;
            if (i == 3) made.documentDigest = 0;
            vm.prank(PROPOSER);
            vm.expectRevert(abi.encodeWithSelector(IStakedRounds.EmptyProposal.selector));
            staked.propose(id, stakes, made);
        }
        Proposal memory whole = proposalOf(_top());
        vm.prank(PROPOSER);
        staked.propose(id, stakes, whole);
    }

    // --- questions ----------------------------------------------------------------------------

    function _same(uint256 number, IQuestions.Question memory expected) private view {
        same(keccak256(abi.encode(questions.questionOf(id, number))), keccak256(abi.encode(expected)));
    }

    function test_F10_a_question_says_of_whom_what_and_until_when_it_asks() public {
        id = revealed(3);
        Leaf memory leaf = leafOf(1);
        vm.prank(WATCHER);
        questions.askUpdate(id, stakes, leaf, 1);
        uint64 due = uint64(block.timestamp) + ANSWER;
        address whose = leaf.participant;
        _same(0, IQuestions.Question(WATCHER, due, QuestionKind.Update, 0, true, true, whose, leaf.updateRoot, 1));
        same(questions.openQuestions(id, 0), 1);
        questions.answerChunk(id, stakes, 0, VectorWriter.proof(vectorOf(1), BITS, 1));
        same(questions.openQuestions(id, 0), 0);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        Node memory top = _top();
        Proposal memory made = propose(id, top);
        due = uint64(block.timestamp) + ANSWER;
        vm.startPrank(WATCHER);
        questions.askNode(id, stakes, pathTo(top));
        questions.askResult(id, stakes, pathTo(top), 0);
        questions.askVersion(id, stakes, made, 1);
        vm.stopPrank();
        bytes32 node = keccak256(abi.encode(uint256(1), top));
        _same(1, IQuestions.Question(WATCHER, due, QuestionKind.Node, 1, true, true, PROPOSER, node, 0));
        _same(2, IQuestions.Question(WATCHER, due, QuestionKind.Result, 1, true, true, PROPOSER, top.numeratorsRoot, 0));
        _same(3, IQuestions.Question(WATCHER, due, QuestionKind.Version, 1, true, true, PROPOSER, made.versionRoot, 1));
        same(questions.openQuestions(id, 1), 3);
    }

    function test_F10_no_chunk_past_the_last_is_asked_for() public {
        Proposal memory made = _proposed();
        bytes memory none = abi.encodeWithSelector(IQuestions.ChunkOutOfRange.selector, 2, 2);
        vm.startPrank(WATCHER);
        vm.expectRevert(none);
        questions.askResult(id, stakes, pathTo(made.top), 2);
        vm.expectRevert(none);
        questions.askVersion(id, stakes, made, 2);
        questions.askResult(id, stakes, pathTo(made.top), 1);
        questions.askVersion(id, stakes, made, 1);
    }

    /// Its bond went to whose data it was: there is nothing to close.
    function test_F10_an_answered_question_of_an_update_is_closed_for_good() public {
        id = revealed(3);
        Leaf memory leaf = leafOf(1);
        vm.prank(WATCHER);
        uint256 question = questions.askUpdate(id, stakes, leaf, 1);
        questions.answerChunk(id, stakes, question, VectorWriter.proof(vectorOf(1), BITS, 1));
        holds(!questions.questionOf(id, question).bondHeld);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.UnknownQuestion.selector, id, question));
        questions.closeQuestion(id, stakes, question);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.UnknownQuestion.selector, id, question + 1));
        questions.closeQuestion(id, stakes, question + 1);
        same(award(leaf.participant), BOND);
    }

    /// A question is answered, punished or closed once.
    function test_F10_a_punished_question_is_closed_for_good() public {
        id = revealed(3);
        Leaf memory leaf = leafOf(1);
        vm.prank(WATCHER);
        uint256 question = questions.askUpdate(id, stakes, leaf, 1);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        bytes memory unknown = abi.encodeWithSelector(IQuestions.UnknownQuestion.selector, id, question);
        vm.expectRevert(unknown);
        questions.punishSilence(id, stakes, question);
        vm.expectRevert(unknown);
        questions.closeQuestion(id, stakes, question);
        same(free(WATCHER), FUNDS);
    }

    // --- appeals ------------------------------------------------------------------------------

    function test_F12_without_a_panel_there_is_no_appeal_to_lapse() public {
        _proposed();
        bytes memory none = abi.encodeWithSelector(IEvaluations.NoPanel.selector, id);
        vm.expectRevert(none);
        evaluations.lapseAppeal(id, stakes, 1);
        vm.expectRevert(none);
        evaluations.appeal(id, stakes);
        vm.expectRevert(none);
        evaluations.enforceDecision(id, stakes);
    }
}
