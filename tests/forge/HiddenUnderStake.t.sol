// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiddenRoundsErrors} from "../../contracts/interfaces/IHiddenRoundsErrors.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakeFloors} from "../../contracts/interfaces/IStakeFloors.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {AggregationRule, Leaf, Node} from "../../contracts/types/DisputeTypes.sol";
import {HiddenGroup, HiddenTerms} from "../../contracts/types/HiddenTypes.sol";
import {Uptime} from "../../contracts/types/ModuleTypes.sol";
import {Phase, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {Feed} from "./OutageThefts.t.sol";
import {HiddenFixture} from "./support/HiddenFixture.sol";
import {PackedWriter} from "./support/PackedWriter.sol";

/// H-8: a hidden round under stake. Its sponsor hides it, who counts survives, and nothing is proposed before every secret
/// is open.
contract HiddenUnderStakeTest is HiddenFixture {
    uint256 private constant SEATS = 5;

    RoundTerms private _terms;
    RoundId private id;
    Leaf[] private _leaves;

    function setUp() public {
        deployHidden();
        _terms = hiddenStakedTerms();
    }

    /// All have keys and bundles; the first ones reveal and are certified, and certificates are over.
    function _certified(uint256 reveals, uint256 certificates) private {
        id = shared(_terms, SEATS, SEATS);
        for (uint256 i = 0; i < reveals; ++i) {
            bytes32 root = PackedWriter.root(maskedOf(id, i, vectorOf(i)), WIDTH);
            _leaves.push(Leaf(participantOf(i), root, keccak256(abi.encode("cid", i)), 1));
            bytes32 commitment = rounds.commitmentFor(id, participantOf(i), openingOf(_leaves[i]));
            vm.prank(participantOf(i));
            rounds.commit(id, commitment);
        }
        vm.warp(_terms.commitDeadline);
        for (uint256 i = 0; i < reveals; ++i) {
            rounds.reveal(id, participantOf(i), openingOf(_leaves[i]));
        }
        certifyUpdates(id, certificates);
        vm.warp(staked.stakedRoundOf(id).certifyEnd);
    }

    function _slashingOver() private {
        vm.warp(staked.stakedRoundOf(id).slashEnd);
    }

    function _survivors() private view returns (uint256 bitmap) {
        HiddenGroup memory g = hidden.groupOf(id, 0);
        for (uint256 place = 0; place < g.members.length; ++place) {
            if (g.survivors >> place & 1 == 1) bitmap |= 1 << indexOf(g.members[place]);
        }
    }

    function _refusesProposal(uint32 open) private {
        Node memory top = nodeOver(_leaves, plainSums(_leaves.length));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.QuestionsOpen.selector, id, open));
        this.proposes(top);
    }

    function proposes(Node memory top) external {
        propose(id, top);
    }

    // --- who hides it, and what it may ask for --------------------------------------------------

    function test_its_sponsor_hides_it_and_nobody_else() public {
        id = openStaked(_terms);
        address[3] memory others = [address(staked), PUBLISHER, STRANGER];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IHiddenRoundsErrors.NotCoordinatorOf.selector, id, others[i], OWNER));
            vm.prank(others[i]);
            hidden.hide(id, _terms, hiddenTerms(_terms));
        }
        vm.prank(OWNER);
        hidden.hide(id, _terms, hiddenTerms(_terms));
        same(hidden.widthOf(id), WIDTH);
    }

    function _refusesTerms(HiddenTerms memory h, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(OWNER);
        hidden.hide(id, _terms, h);
    }

    function test_it_has_one_group_alike_weights_and_time_after_slashing() public {
        id = openStaked(_terms);
        HiddenTerms memory h = hiddenTerms(_terms);
        h.weightCap = 2;
        _refusesTerms(h, abi.encodeWithSelector(IHiddenRoundsErrors.HiddenWeightOutOfRange.selector, 2));
        h = hiddenTerms(_terms);
        bytes4 group = IHiddenRoundsErrors.GroupSizeOutOfRange.selector;
        h.groupSize = 31; // 32 seats would be two groups
        _refusesTerms(h, abi.encodeWithSelector(group, 31, 32));
        h.groupSize = 33; // more than one transaction judges
        _refusesTerms(h, abi.encodeWithSelector(group, 33, 32));
        h = hiddenTerms(_terms);
        uint64 slashEnd = staked.stakedRoundOf(id).slashEnd;
        h.unmaskDeadline = slashEnd;
        bytes4 unmask = IHiddenRoundsErrors.UnmaskDeadlineOutOfRange.selector;
        _refusesTerms(h, abi.encodeWithSelector(unmask, slashEnd, slashEnd, _terms.proposalDeadline));
        h.unmaskDeadline = slashEnd + 1;
        vm.prank(OWNER);
        hidden.hide(id, _terms, h);
    }

    function test_the_rule_of_hidden_sums_takes_32_seats_of_weight_1_at_most() public {
        bytes memory reason = abi.encodeWithSelector(IStakeFloors.InvalidStakeTerms.selector, bytes32("hidden mean"));
        RoundTerms memory t = _terms;
        t.maximumParticipants = 33;
        vm.expectRevert(reason);
        floors.check(t, stakes);
        (t.maximumParticipants, t.weightCap) = (32, 2);
        vm.expectRevert(reason);
        floors.check(t, stakes);
        t.weightCap = 1;
        floors.check(t, stakes);
    }

    // --- who survives ---------------------------------------------------------------------------

    function test_survivors_are_written_down_when_slashing_is_over_and_are_those_that_count() public {
        _certified(4, 3); // the fourth has no certificate, the fifth revealed nothing
        uint64 slashEnd = staked.stakedRoundOf(id).slashEnd;
        vm.warp(slashEnd - 1);
        bytes4 early = IHiddenRoundsErrors.TooEarlyToFreeze.selector;
        vm.expectRevert(abi.encodeWithSelector(early, id, Phase.Proposal, slashEnd, slashEnd - 1));
        hidden.freeze(id, 0);
        vm.warp(slashEnd);
        hidden.freeze(id, 0);
        same(_survivors(), 7);
        same(hidden.lostOf(id), 1); // it revealed, and is in no sum
    }

    function test_nobody_is_written_down_while_an_update_is_asked_for() public {
        _certified(4, 4);
        vm.prank(WATCHER);
        uint256 question = questions.askUpdate(id, stakes, _leaves[3], 0);
        _slashingOver();
        vm.expectRevert(abi.encodeWithSelector(IHiddenRoundsErrors.QuestionsOpen.selector, id, 1));
        hidden.freeze(id, 0);
        questions.punishSilence(id, stakes, question); // it was silent, and counts no more
        hidden.freeze(id, 0);
        same(_survivors(), 7);
    }

    function test_a_masked_chunk_answers_in_its_own_width() public {
        _certified(4, 4);
        vm.prank(WATCHER);
        uint256 question = questions.askUpdate(id, stakes, _leaves[2], 1);
        uint256[] memory masked = maskedOf(id, 2, vectorOf(2));
        questions.answerChunk(id, stakes, question, PackedWriter.proof(masked, WIDTH, 1));
        _slashingOver();
        hidden.freeze(id, 0);
        same(_survivors(), 15);
    }

    function test_an_outage_lets_nobody_be_written_down_and_no_survivor_be_asked_after() public {
        Feed feed = new Feed();
        deployStakedWith(Uptime(address(feed), 50));
        stakes.rule = AggregationRule.HiddenMean;
        feed.set(0);
        vm.warp(block.timestamp + 60);
        _terms = hiddenStakedTerms();
        _certified(4, 4);
        feed.set(0); // it comes back now: a grace begins
        _slashingOver();
        uint64 until = staked.graceUntil();
        vm.expectRevert(abi.encodeWithSelector(IHiddenRoundsErrors.InGrace.selector, until));
        hidden.freeze(id, 0);
        vm.prank(WATCHER);
        uint256 late = questions.askUpdate(id, stakes, _leaves[0], 0); // as in any round
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IHiddenRoundsErrors.QuestionsOpen.selector, id, 1));
        hidden.freeze(id, 0);
        questions.punishSilence(id, stakes, late);
        hidden.freeze(id, 0);
        same(_survivors(), 14);
        feed.set(0);
        uint64 endsAt = staked.stakedRoundOf(id).certifyEnd + ANSWER;
        vm.expectRevert(abi.encodeWithSelector(IQuestions.TooLateToAsk.selector, id, endsAt, uint64(block.timestamp)));
        vm.prank(WATCHER);
        questions.askUpdate(id, stakes, _leaves[1], 0);
    }

    // --- what is proposed, and what is lost -----------------------------------------------------

    function test_nothing_is_proposed_before_every_secret_is_open() public {
        _certified(4, 4);
        _slashingOver();
        same(questions.openQuestions(id, 0), 1);
        same(questions.openQuestions(id, 1), 0);
        _refusesProposal(1);
        hidden.freeze(id, 0);
        for (uint256 i = 0; i < 4; ++i) {
            _refusesProposal(1);
            hidden.openSeed(id, participantOf(i), seedOf(i));
        }
        hidden.openKey(id, participantOf(4), bytes32(keyOf(4)));
        same(questions.openQuestions(id, 0), 0);
        propose(id, nodeOver(_leaves, plainSums(4)));
        same(staked.stakedRoundOf(id).proposals, 1);
    }

    function test_a_group_that_is_given_up_has_no_result_and_everybody_its_stake_back() public {
        _certified(4, 4);
        _slashingOver();
        hidden.freeze(id, 0);
        vm.warp(hiddenTerms(_terms).unmaskDeadline);
        hidden.strand(id, 0);
        same(hidden.lostOf(id), 4);
        _refusesProposal(1); // no secret will ever come
        rounds.voidRound(id);
        for (uint256 i = 0; i < SEATS; ++i) {
            staked.releaseStake(id, participantOf(i), stakes);
            same(vault.lockedOf(participantOf(i), address(token)), 0);
        }
    }

    function test_a_proposal_never_stands_on_a_group_that_too_few_survived() public {
        _certified(2, 2);
        _slashingOver();
        hidden.freeze(id, 0);
        hidden.strand(id, 0);
        _refusesProposal(1); // not even the two that counted, and are the minimum
        rounds.voidRound(id);
    }

    function test_whoever_let_an_update_go_may_be_burnt_by_disputes_alone() public {
        _certified(4, 4);
        address[3] memory others = [address(questions), address(evaluations), STRANGER];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotAuthorized.selector, id, others[i]));
            vm.prank(others[i]);
            staked.burn(id, stakes, participantOf(1), "both secrets");
        }
        vm.prank(address(disputes));
        staked.burn(id, stakes, participantOf(1), "both secrets");
        _slashingOver();
        hidden.freeze(id, 0);
        same(_survivors(), 15); // its own update counts
        same(award(BURNT), STAKE);
    }
}
