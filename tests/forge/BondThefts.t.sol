// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {Children, ChunkProof, Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// Bonds of questions, as thieves have tried to live on them: an answer earns one only if its result stood to the end.
contract BondTheftsTest is StakedFixture {
    uint256 private constant MOST = 24; // what a search may ask: six steps of four questions

    function setUp() public {
        deployStaked();
    }

    /// Of four that the minimum needs, the last one never reveals.
    function _short() private returns (RoundId id) {
        RoundTerms memory t = stakedTerms(4);
        id = uncertifiedOf(t, 4, 3);
        vm.warp(t.revealDeadline);
        certifyUpdates(id, 3);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
    }

    /// The watcher asks all that a search may ask, and is answered.
    function _askedAndAnswered(RoundId id, Node memory top, int64[] memory claimed, Leaf[] memory leaves) private {
        ChunkProof[2] memory chunks = [VectorWriter.proof(claimed, 64, 0), VectorWriter.proof(claimed, 64, 1)];
        vm.prank(WATCHER);
        uint256 q = questions.askNode(id, stakes, pathTo(top));
        questions.answerNode(id, stakes, q, pathTo(top), childrenOf(leaves));
        for (uint256 i = 1; i < MOST; ++i) {
            vm.prank(WATCHER);
            q = questions.askResult(id, stakes, pathTo(top), uint64(i % 2));
            questions.answerChunk(id, stakes, q, chunks[i % 2]);
        }
        same(q, MOST - 1);
        same(free(WATCHER), FUNDS - MOST * BOND);
    }

    function _closeAll(RoundId id) private {
        for (uint256 q = 0; q < MOST; ++q) {
            questions.closeQuestion(id, stakes, q);
        }
    }

    /// Three of the four that are needed reveal, and a liar proposes anyway, with two seats' vouches. It answers all that is
    /// asked, and voids the round when the proof comes: nobody found out who was right, so the bonds go back.
    function test_a_short_round_is_no_honeypot_for_bonds() public {
        RoundId id = _short();
        Leaf[] memory four = leavesTo(4);
        int64[] memory claimed = sums(0, 4);
        Node memory top = nodeOver(four, claimed);
        propose(id, top);
        _askedAndAnswered(id, top, claimed, four);
        bytes memory call =
            abi.encodeCall(Disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashesOf(four), 3, four[3], WATCHER));
        disputes.announce(keccak256(call));
        vm.roll(block.number + 1);
        // The liar goes first, with a call that anyone may make.
        vm.prank(PROPOSER);
        rounds.voidRound(id);
        (bool done, bytes memory why) = address(disputes).call(call);
        holds(!done);
        same(keccak256(why), keccak256(abi.encodeWithSelector(IDisputes.NoProposal.selector, id)));
        _closeAll(id);
        same(free(WATCHER), FUNDS);
        same(award(PROPOSER), 0);
        staked.releaseStake(id, PROPOSER, stakes);
        same(free(PROPOSER), FUNDS);
        same(vault.owed(address(token)), token.balanceOf(address(vault)));
    }

    /// Right or wrong: whoever proposed lets the round's time run out, and has nothing for its answers.
    function test_an_answered_bond_goes_back_in_a_void_round() public {
        RoundId id = proposable(3);
        Leaf[] memory three = leavesTo(3);
        int64[] memory claimed = sums(0, 3);
        Node memory top = nodeOver(three, claimed);
        propose(id, top);
        _askedAndAnswered(id, top, claimed, three);
        uint64 end = staked.stakedRoundOf(id).proposalDeadline;
        vm.warp(end - 1);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.QuestionStands.selector, id, 0));
        questions.closeQuestion(id, stakes, 0);
        vm.warp(end);
        questions.closeQuestion(id, stakes, 0); // its time is over, whether or not anybody voids it
        same(free(WATCHER), FUNDS - (MOST - 1) * BOND);
        rounds.voidRound(id);
        for (uint256 q = 1; q < MOST; ++q) {
            questions.closeQuestion(id, stakes, q);
        }
        same(free(WATCHER), FUNDS);
        same(award(PROPOSER), 0);
    }

    /// The round is settled, but with another one's result: what the liar answered earns it nothing.
    function test_an_answered_bond_of_a_liar_goes_back_though_another_result_is_settled() public {
        RoundId id = proposable(3);
        Leaf[] memory three = leavesTo(3);
        int64[] memory lie = sums(0, 3);
        lie[LENGTH - 1] += 1;
        Node memory top = nodeOver(three, lie);
        propose(id, top);
        _askedAndAnswered(id, top, lie, three);
        _disprove(id, top, lie);
        Proposal memory right = propose(id, nodeOver(three, sums(0, 3)));
        vm.warp(staked.stakedRoundOf(id).endsAt);
        staked.settle(id, stakes, right);
        holds(rounds.phaseOf(id) == Phase.Finalised);
        _closeAll(id);
        same(free(WATCHER), FUNDS);
        same(award(WATCHER), stakes.proposerStake / 2);
        same(award(PROPOSER), 0);
    }

    function _disprove(RoundId id, Node memory top, int64[] memory lie) private {
        ChunkProof memory claim = VectorWriter.proof(lie, 64, 1);
        Children memory children = childrenOf(leavesTo(3));
        prove(
            abi.encodeCall(
                Disputes.proveWrongChunk, (id, stakes, pathTo(top), children, 1, inputsOf(3, 1), claim, WATCHER)
            )
        );
    }

    /// What was right and stood is paid for: a watcher can't ask in vain at the proposer's cost.
    function test_an_answered_bond_is_the_proposer_s_once_its_result_is_settled() public {
        RoundId id = proposable(3);
        Leaf[] memory three = leavesTo(3);
        int64[] memory right = sums(0, 3);
        Node memory top = nodeOver(three, right);
        Proposal memory made = propose(id, top);
        _askedAndAnswered(id, top, right, three);
        vm.warp(staked.stakedRoundOf(id).endsAt);
        staked.settle(id, stakes, made);
        _closeAll(id);
        same(free(WATCHER), FUNDS - MOST * BOND);
        same(award(PROPOSER), MOST * BOND);
    }
}
