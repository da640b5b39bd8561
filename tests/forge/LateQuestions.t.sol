// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {ChunkProof, Leaf, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Uptime} from "../../contracts/types/ModuleTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {Feed} from "./OutageThefts.t.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// An outage over the time in which updates are asked for, or slashed: it is done in the grace, as nothing is proposed then.
contract LateQuestionsTest is StakedFixture {
    uint32 private constant GRACE = 9;
    Feed private feed;

    function setUp() public {
        feed = new Feed();
        deployStakedWith(Uptime(address(feed), GRACE));
        feed.set(0);
    }

    /// Down from now until then.
    function _down(uint256 until) private {
        feed.set(1);
        vm.warp(until);
        feed.set(0);
    }

    function _tooLate(RoundId id) private view returns (bytes memory) {
        uint64 end = staked.stakedRoundOf(id).certifyEnd + ANSWER;
        return abi.encodeWithSelector(IQuestions.TooLateToAsk.selector, id, end, uint64(block.timestamp));
    }

    /// Two thieves certified in time what nobody else has: it is asked for after the outage, and costs them their stakes.
    function test_an_outage_over_the_time_to_ask_hides_no_update() public {
        RoundId id = revealed(3);
        (Leaf memory hidden, Proposal memory made) = (leafOf(0), proposalOf(nodeOver(leavesTo(3), sums(0, 3))));
        uint64 slashEnd = staked.stakedRoundOf(id).slashEnd;
        _down(slashEnd);
        vm.warp(slashEnd + GRACE - 1);
        vm.prank(WATCHER);
        uint256 question = questions.askUpdate(id, stakes, hidden, 0);
        vm.warp(slashEnd + GRACE);
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.QuestionsOpen.selector, id, 1));
        staked.propose(id, stakes, made);
        vm.warp(questions.questionOf(id, question).deadline);
        questions.punishSilence(id, stakes, question);
        holds(!staked.isCounted(id, participantOf(0)));
        same(award(WATCHER), STAKE / 2);
        same(free(WATCHER), FUNDS);
    }

    function test_an_update_is_asked_for_late_in_the_grace_alone() public {
        RoundId id = revealed(3);
        Leaf memory asked = leafOf(0);
        uint64 end = staked.stakedRoundOf(id).certifyEnd + ANSWER;
        _down(end);
        vm.warp(end + GRACE);
        bytes memory late = _tooLate(id);
        vm.prank(WATCHER);
        vm.expectRevert(late);
        questions.askUpdate(id, stakes, asked, 0);
    }

    function test_once_something_was_proposed_no_update_is_asked_for() public {
        RoundId id = proposable(3);
        Leaf memory asked = leafOf(0);
        propose(id, nodeOver(leavesTo(3), sums(0, 3)));
        _down(block.timestamp + 1);
        holds(staked.graceUntil() != 0);
        bytes memory late = _tooLate(id);
        vm.prank(WATCHER);
        vm.expectRevert(late);
        questions.askUpdate(id, stakes, asked, 0);
    }

    // --- values outside the lattice -----------------------------------------------------------

    /// The second of two has a value that is none of the lattice.
    function _outside() private returns (RoundId id, Leaf memory leaf, ChunkProof memory proof) {
        int64[] memory values = vectorOf(7);
        values[0] = -32_768;
        proof = VectorWriter.proof(values, BITS, 0);
        Opening memory o = Opening(VectorWriter.root(values, BITS), keccak256("cid"), 9, bytes32(uint256(7)));
        RoundTerms memory t = stakedTerms(2);
        id = openStaked(t);
        (address first, address second) = (participantOf(0), participantOf(1));
        lockStake(id, first);
        lockStake(id, second);
        vm.warp(t.enrolmentDeadline);
        bytes32[2] memory said = [rounds.commitmentFor(id, first, openingOf(0)), rounds.commitmentFor(id, second, o)];
        vm.prank(first);
        rounds.commit(id, said[0]);
        vm.prank(second);
        rounds.commit(id, said[1]);
        vm.warp(t.commitDeadline);
        rounds.reveal(id, first, openingOf(0));
        rounds.reveal(id, second, o);
        leaf = Leaf(second, o.updateRoot, o.contentDigest, o.weight);
        certifyUpdates(id, 2);
    }

    function _slashCall(RoundId id, Leaf memory leaf, ChunkProof memory proof) private returns (bytes memory call) {
        call = abi.encodeCall(Disputes.proveOutOfRange, (id, stakes, leaf, 0, proof, WATCHER));
        disputes.announce(keccak256(call));
        vm.roll(block.number + 1);
    }

    function test_an_outage_over_the_time_to_slash_lets_no_value_outside_the_lattice_count() public {
        (RoundId id, Leaf memory leaf, ChunkProof memory proof) = _outside();
        uint64 slashEnd = staked.stakedRoundOf(id).slashEnd;
        _down(slashEnd);
        vm.warp(slashEnd + GRACE - 1);
        (bool done,) = address(disputes).call(_slashCall(id, leaf, proof));
        holds(done);
        holds(staked.seatOf(id, leaf.participant).state == IStakedRounds.SeatState.Slashed);
        same(award(WATCHER), STAKE / 2);
    }

    function test_a_value_outside_the_lattice_is_slashed_until_slashing_ends() public {
        (RoundId id, Leaf memory leaf, ChunkProof memory proof) = _outside();
        uint64 slashEnd = staked.stakedRoundOf(id).slashEnd;
        vm.warp(slashEnd);
        bytes memory call = _slashCall(id, leaf, proof);
        refuse(call, abi.encodeWithSelector(IStakedRounds.TooLateToSlash.selector, id, slashEnd, slashEnd));
        vm.warp(slashEnd - 1);
        (bool done,) = address(disputes).call(call);
        holds(done);
    }

    /// An honest proposal may be under way from then on: it would become a wrong one.
    function test_after_the_grace_nobody_is_slashed_for_a_value() public {
        (RoundId id, Leaf memory leaf, ChunkProof memory proof) = _outside();
        uint64 slashEnd = staked.stakedRoundOf(id).slashEnd;
        _down(slashEnd);
        vm.warp(slashEnd + GRACE);
        bytes memory call = _slashCall(id, leaf, proof);
        refuse(
            call, abi.encodeWithSelector(IStakedRounds.TooLateToSlash.selector, id, slashEnd, uint64(block.timestamp))
        );
    }
}
