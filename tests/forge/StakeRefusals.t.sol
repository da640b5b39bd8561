// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {Children, Leaf, Node, Path, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// What rounds under stake and their judges refuse besides, with what they say; and what their views tell.
contract StakeRefusalsTest is StakedFixture {
    RoundId private id;
    Leaf[] private _kept;

    function setUp() public {
        deployStaked();
        id = proposable(3);
        Leaf[] memory leaves = leavesTo(3);
        for (uint256 i = 0; i < 3; ++i) {
            _kept.push(leaves[i]);
        }
    }

    function _proposed() private returns (Proposal memory made) {
        made = propose(id, nodeOver(_kept, sums(0, 3)));
    }

    function test_children_that_are_not_the_nodes_prove_nothing() public {
        Proposal memory made = _proposed();
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (_kept[0], _kept[1]);
        Children memory others = childrenOf(two);
        Path memory path = pathTo(made.top);
        bytes memory why = abi.encodeWithSelector(IDisputes.ChildrenNotOfNode.selector, id);
        refuse(abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, others, WATCHER)), why);
        address left = _kept[2].participant;
        refuse(abi.encodeCall(disputes.proveLeftOut, (id, stakes, path, others, left, WATCHER)), why);
    }

    function test_before_a_proposal_there_is_nothing_to_ask_of_it() public {
        Path memory path = pathTo(nodeOver(_kept, sums(0, 3)));
        vm.expectRevert(abi.encodeWithSelector(IQuestions.NoProposal.selector, id));
        questions.askResult(id, stakes, path, 0);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.UnknownQuestion.selector, id, 0));
        questions.punishSilence(id, stakes, 0);
    }

    function test_judges_are_bound_to_rounds_and_to_who_counts() public {
        Proposal memory made = _proposed();
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        vm.prank(address(disputes));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NoProposal.selector, id));
        staked.reject(id, stakes, WATCHER, "x");
        id = revealed(3);
        vm.prank(address(disputes));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotCounted.selector, id, STRANGER));
        staked.slashParticipant(id, stakes, STRANGER, WATCHER, "x");
    }

    function test_locks_are_named_by_round_and_account() public {
        Proposal memory made = _proposed();
        same(made.top.count, 3);
        address coin = address(token);
        address who = participantOf(0);
        same(vault.lockOf(address(staked), who, coin, staked.seatLock(id, who)), STAKE);
        same(vault.lockOf(address(staked), PROPOSER, coin, staked.proposalLock(id, 1)), 3 * STAKE);
        Path memory path = pathTo(made.top);
        vm.prank(WATCHER);
        questions.askResult(id, stakes, path, 0);
        same(vault.lockOf(address(questions), WATCHER, coin, questions.bondLock(id, 0)), BOND);
        same(questions.questionOf(id, 0).asker, WATCHER);
    }
}
