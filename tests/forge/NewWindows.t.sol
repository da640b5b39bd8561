// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {Children, ChunkProof, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Uptime} from "../../contracts/types/ModuleTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {Feed} from "./OutageThefts.t.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// F-17: an outage that ends after a proposal was certified starts its dispute window anew, at the end of the grace.
contract NewWindowsTest is StakedFixture {
    uint32 private constant GRACE = 50;
    Feed private feed;
    RoundId private id;
    Node private _top;
    Proposal private _made;
    bytes private _proof;

    /// A lie in the last value, certified.
    function setUp() public {
        feed = new Feed();
        deployStakedWith(Uptime(address(feed), GRACE));
        feed.set(0);
        id = proposable(3);
        int64[] memory lie = sums(0, 3);
        lie[LENGTH - 1] += 1;
        _top = nodeOver(leavesTo(3), lie);
        _made = propose(id, _top);
        ChunkProof memory claim = VectorWriter.proof(lie, 64, 1);
        Children memory leaves = childrenOf(leavesTo(3));
        _proof = abi.encodeCall(
            Disputes.proveWrongChunk, (id, stakes, pathTo(_top), leaves, 1, inputsOf(3, 1), claim, WATCHER)
        );
        disputes.announce(keccak256(_proof));
        vm.roll(block.number + 1);
    }

    function _endsAt() private view returns (uint64) {
        return staked.statusOf(id, stakes).endsAt;
    }

    function _opens(uint64 endsAt) private {
        uint64 time = uint64(block.timestamp);
        Proposal memory made = _made;
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.DisputeWindowOpen.selector, id, endsAt, time));
        staked.settle(id, stakes, made);
    }

    /// Down for the second that ends now.
    function _outage() private {
        vm.warp(block.timestamp - 1);
        feed.set(1);
        vm.warp(block.timestamp + 1);
        feed.set(0);
    }

    function test_an_outage_that_ended_with_the_certificate_s_block_starts_nothing_anew() public {
        uint64 endsAt = uint64(block.timestamp) + DISPUTE;
        _outage();
        same(_endsAt(), endsAt);
        vm.warp(endsAt - 1);
        _opens(endsAt);
        vm.warp(endsAt);
        staked.settle(id, stakes, _made);
    }

    function test_an_outage_a_second_after_the_certificate_starts_the_window_anew() public {
        vm.warp(block.timestamp + 1);
        _outage();
        uint64 endsAt = uint64(block.timestamp) + GRACE + DISPUTE;
        same(_endsAt(), endsAt);
        vm.warp(endsAt - 1);
        _opens(endsAt);
        vm.warp(endsAt);
        staked.settle(id, stakes, _made);
    }

    function test_while_it_is_down_disputes_have_no_end() public {
        feed.set(1);
        same(_endsAt(), type(uint64).max);
        vm.warp(block.timestamp + 2 * DISPUTE);
        _opens(type(uint64).max);
        (bool done,) = address(disputes).call(_proof);
        holds(done);
        same(award(WATCHER), 3 * STAKE / 2);
    }

    function test_a_proof_comes_until_the_new_window_ends() public {
        vm.warp(block.timestamp + DISPUTE - 1);
        _outage();
        uint64 endsAt = uint64(block.timestamp) + GRACE + DISPUTE;
        vm.warp(endsAt);
        (bool done, bytes memory why) = address(disputes).call(_proof);
        holds(!done);
        bytes memory over = abi.encodeWithSelector(IDisputes.DisputeWindowOver.selector, id, endsAt, endsAt);
        same(keccak256(why), keccak256(over));
        vm.warp(endsAt - 1);
        (done,) = address(disputes).call(_proof);
        holds(done);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_questions_come_until_two_answer_windows_before_the_new_end() public {
        vm.warp(block.timestamp + DISPUTE - 1);
        _outage();
        uint64 last = uint64(block.timestamp) + GRACE + DISPUTE - 2 * ANSWER;
        vm.warp(last);
        vm.prank(WATCHER);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.TooLateToAsk.selector, id, last, last));
        questions.askResult(id, stakes, pathTo(_top), 1);
        vm.warp(last - 1);
        vm.prank(WATCHER);
        questions.askResult(id, stakes, pathTo(_top), 1);
    }

    /// A second outage starts it anew once more, also one in the grace of the first.
    function test_each_outage_starts_the_window_anew() public {
        vm.warp(block.timestamp + 5);
        _outage();
        vm.warp(block.timestamp + GRACE - 1);
        _outage();
        same(_endsAt(), block.timestamp + GRACE + DISPUTE);
        vm.warp(_endsAt() - 1);
        _outage();
        uint64 endsAt = uint64(block.timestamp) + GRACE + DISPUTE;
        _opens(endsAt);
        vm.warp(endsAt);
        staked.settle(id, stakes, _made);
    }

    /// Whatever happens after a proposal was rejected is no matter of its window.
    function test_an_outage_sets_no_end_to_what_is_not_certified() public {
        (bool done,) = address(disputes).call(_proof);
        holds(done);
        same(_endsAt(), 0);
        proposeUncertified(id, _made);
        _outage();
        same(_endsAt(), 0);
        vm.warp(block.timestamp + 2); // certified within the grace of an outage before it
        certifyResult(id);
        same(_endsAt(), block.timestamp + DISPUTE);
    }
}
