// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {
    AggregationRule,
    Children,
    ChunkProof,
    Leaf,
    Node,
    Path,
    Proposal
} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// F-9: a wrong proposal is proved wrong in one transaction, its stake is taken, and another one may follow; a right
/// one stands whatever is tried.
contract DisputesTest is StakedFixture {
    RoundId private id;
    Leaf[] private _kept;

    function setUp() public {
        deployStaked();
        id = proposable(3);
        // Kept, for hashing with the precompile would count as the call that `prank` and `expectRevert` wait for.
        Leaf[] memory leaves = leavesTo(3);
        for (uint256 i = 0; i < 3; ++i) {
            _kept.push(leaves[i]);
        }
    }

    function _three() private view returns (Leaf[] memory) {
        return _kept;
    }

    function _two() private view returns (Leaf[] memory leaves) {
        leaves = new Leaf[](2);
        (leaves[0], leaves[1]) = (_kept[0], _kept[1]);
    }

    function _honest() private view returns (Node memory) {
        return nodeOver(_three(), sums(0, 3));
    }

    /// The proposer lost its stake, half of it to the watcher, and the next proposal settles.
    function _slashedAndFollowed() private {
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        same(vault.lockedOf(PROPOSER, address(token)), 0);
        same(award(WATCHER), 3 * STAKE / 2);
        same(award(BURNT), 3 * STAKE - 3 * STAKE / 2);
        same(award(OWNER), 0);
        same(staked.stakedRoundOf(id).proposer, address(0));
        Proposal memory made = propose(id, _honest());
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        holds(rounds.phaseOf(id) == Phase.Finalised);
        same(rounds.resultOf(id).resultRoot, made.top.numeratorsRoot);
        same(vault.owed(address(token)), token.balanceOf(address(vault)));
    }

    function test_an_honest_proposal_settles_and_stakes_come_back() public {
        Proposal memory made = propose(id, _honest());
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        same(rounds.resultOf(id).totalWeight, made.top.weight);
        same(pots.potOf(id, address(token)).amount, BUDGET);
        staked.releaseStake(id, PROPOSER, stakes);
        for (uint256 i = 0; i < 3; ++i) {
            staked.releaseStake(id, participantOf(i), stakes);
            same(free(participantOf(i)), FUNDS);
        }
        same(free(PROPOSER), FUNDS);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NothingLocked.selector, id, PROPOSER));
        staked.releaseStake(id, PROPOSER, stakes);
    }

    // --- wrong chunk --------------------------------------------------------------------------

    function _wrongSum(uint256 coordinate) private pure returns (int64[] memory wrong) {
        wrong = sums(0, 3);
        wrong[coordinate] += 1;
    }

    function _proveChunk(Node memory top, int64[] memory claimed, uint256 chunk) private {
        ChunkProof memory numerators = VectorWriter.proof(claimed, 64, chunk);
        ChunkProof[] memory inputs = inputsOf(3, chunk);
        Children memory children = childrenOf(_three());
        prove(
            abi.encodeCall(
                disputes.proveWrongChunk,
                (id, stakes, pathTo(top), children, uint64(chunk), inputs, numerators, WATCHER)
            )
        );
    }

    function test_one_wrong_coordinate_of_the_last_chunk_is_proved() public {
        int64[] memory wrong = _wrongSum(LENGTH - 1);
        Node memory top = nodeOver(_three(), wrong);
        propose(id, top);
        _proveChunk(top, wrong, 1);
        _slashedAndFollowed();
    }

    function testFuzz_any_wrong_coordinate_is_proved(uint256 coordinate, int64 by) public {
        coordinate %= LENGTH;
        vm.assume(by != 0 && by < 1 << 50 && by > -(1 << 50));
        int64[] memory wrong = sums(0, 3);
        wrong[coordinate] += by;
        Node memory top = nodeOver(_three(), wrong);
        propose(id, top);
        _proveChunk(top, wrong, coordinate / 256);
        same(award(WATCHER), 3 * STAKE / 2);
    }

    function test_a_right_chunk_of_a_wrong_proposal_proves_nothing() public {
        int64[] memory wrong = _wrongSum(LENGTH - 1);
        Node memory top = nodeOver(_three(), wrong);
        propose(id, top);
        ChunkProof memory numerators = VectorWriter.proof(wrong, 64, 0);
        ChunkProof[] memory inputs = inputsOf(3, 0);
        refuse(
            abi.encodeCall(
                disputes.proveWrongChunk,
                (id, stakes, pathTo(top), childrenOf(_three()), 0, inputs, numerators, WATCHER)
            ),
            abi.encodeWithSelector(IDisputes.ChunkIsCorrect.selector, id, 0)
        );
    }

    function test_inputs_are_all_needed() public {
        Node memory top = _honest();
        propose(id, top);
        ChunkProof memory numerators = VectorWriter.proof(sums(0, 3), 64, 0);
        ChunkProof[] memory inputs = inputsOf(2, 0);
        refuse(
            abi.encodeCall(
                disputes.proveWrongChunk,
                (id, stakes, pathTo(top), childrenOf(_three()), 0, inputs, numerators, WATCHER)
            ),
            abi.encodeWithSelector(IDisputes.WrongNumberOfInputs.selector, 2, 3)
        );
    }

    function test_other_children_than_the_nodes_are_refused() public {
        Node memory top = _honest();
        propose(id, top);
        ChunkProof memory numerators = VectorWriter.proof(sums(0, 3), 64, 0);
        ChunkProof[] memory inputs = inputsOf(2, 0);
        refuse(
            abi.encodeCall(
                disputes.proveWrongChunk, (id, stakes, pathTo(top), childrenOf(_two()), 0, inputs, numerators, WATCHER)
            ),
            abi.encodeWithSelector(IDisputes.ChildrenNotOfNode.selector, id)
        );
    }

    // --- wrong inclusion and weight -----------------------------------------------------------

    function test_a_participant_that_is_left_out_is_proved() public {
        Leaf[] memory two = _two();
        Node memory top = nodeOver(two, sums(0, 2));
        propose(id, top);
        prove(
            abi.encodeCall(disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(two), participantOf(2), WATCHER))
        );
        _slashedAndFollowed();
    }

    function test_whoever_is_in_was_not_left_out() public {
        Node memory top = _honest();
        propose(id, top);
        refuse(
            abi.encodeCall(
                disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(_three()), participantOf(1), WATCHER)
            ),
            abi.encodeWithSelector(IDisputes.NotLeftOut.selector, id, participantOf(1))
        );
    }

    function test_a_stranger_was_not_left_out() public {
        Node memory top = _honest();
        propose(id, top);
        refuse(
            abi.encodeCall(disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(_three()), STRANGER, WATCHER)),
            abi.encodeWithSelector(IStakedRounds.NotCounted.selector, id, STRANGER)
        );
    }

    function test_an_update_that_counts_twice_is_proved() public {
        Leaf[] memory twice = new Leaf[](4);
        (twice[0], twice[1], twice[2], twice[3]) = (_kept[0], _kept[1], _kept[1], _kept[2]);
        Node memory top = nodeOver(twice, sums(0, 3));
        propose(id, top);
        prove(abi.encodeCall(disputes.proveWrongNode, (id, stakes, pathTo(top), childrenOf(twice), WATCHER)));
        _slashedAndFollowed();
    }

    function test_a_total_that_is_not_the_sum_is_proved() public {
        Node memory top = _honest();
        top.weight += 1;
        propose(id, top);
        prove(abi.encodeCall(disputes.proveWrongNode, (id, stakes, pathTo(top), childrenOf(_three()), WATCHER)));
        _slashedAndFollowed();
    }

    function test_a_sound_node_is_not_wrong() public {
        Node memory top = _honest();
        propose(id, top);
        refuse(
            abi.encodeCall(disputes.proveWrongNode, (id, stakes, pathTo(top), childrenOf(_three()), WATCHER)),
            abi.encodeWithSelector(IDisputes.NodeIsSound.selector, id)
        );
    }

    function _changedLeaf(function(Leaf memory) internal pure change) private {
        Leaf[] memory leaves = _three();
        change(leaves[1]);
        Node memory top = nodeOver(leaves, sums(0, 3));
        propose(id, top);
        bytes32[] memory hashes = hashesOf(leaves);
        prove(abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashes, 1, leaves[1], WATCHER)));
        _slashedAndFollowed();
    }

    function test_an_inflated_weight_is_proved() public {
        _changedLeaf(_inflate);
    }

    function test_a_swapped_update_is_proved() public {
        _changedLeaf(_swap);
    }

    function test_an_update_that_nobody_revealed_is_proved() public {
        _changedLeaf(_invent);
    }

    function _inflate(Leaf memory leaf) private pure {
        leaf.weight += 1;
    }

    function _swap(Leaf memory leaf) private pure {
        leaf.updateRoot = keccak256("another");
    }

    function _invent(Leaf memory leaf) private pure {
        leaf.contentDigest = keccak256("invented");
    }

    function test_a_right_leaf_is_not_wrong() public {
        Leaf[] memory leaves = _three();
        Node memory top = _honest();
        propose(id, top);
        bytes32[] memory hashes = hashesOf(leaves);
        refuse(
            abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashes, 0, leaves[0], WATCHER)),
            abi.encodeWithSelector(IDisputes.LeafMatchesReveal.selector, id, participantOf(0))
        );
        refuse(
            abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashes, 3, leaves[0], WATCHER)),
            abi.encodeWithSelector(IDisputes.PositionOutOfRange.selector, 3, 3)
        );
        refuse(
            abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashes, 1, leaves[0], WATCHER)),
            abi.encodeWithSelector(IDisputes.ChildrenNotOfNode.selector, id)
        );
    }

    function test_the_reward_of_proving_ones_own_fault_is_a_loss() public {
        Leaf[] memory two = _two();
        Node memory top = nodeOver(two, sums(0, 2));
        propose(id, top);
        prove(
            abi.encodeCall(
                disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(two), participantOf(2), PROPOSER)
            )
        );
        same(free(PROPOSER) + award(PROPOSER), FUNDS - 3 * STAKE / 2);
    }

    function test_disputes_end_with_their_window() public {
        Leaf[] memory two = _two();
        Node memory top = nodeOver(two, sums(0, 2));
        propose(id, top);
        uint64 endsAt = staked.stakedRoundOf(id).endsAt;
        vm.warp(endsAt);
        refuse(
            abi.encodeCall(
                disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(two), participantOf(2), WATCHER)
            ),
            abi.encodeWithSelector(IDisputes.DisputeWindowOver.selector, id, endsAt, endsAt)
        );
    }

    function test_a_path_to_another_top_is_refused() public {
        propose(id, _honest());
        Leaf[] memory two = _two();
        Path memory path = pathTo(nodeOver(two, sums(0, 2)));
        refuse(
            abi.encodeCall(disputes.proveLeftOut, (id, stakes, path, childrenOf(two), participantOf(2), WATCHER)),
            abi.encodeWithSelector(IDisputes.PathNotInProposal.selector, id)
        );
    }

    function test_only_the_deployments_modules_reject_and_slash() public {
        propose(id, _honest());
        vm.startPrank(STRANGER);
        bytes memory refused = abi.encodeWithSelector(IStakedRounds.NotAuthorized.selector, id, STRANGER);
        vm.expectRevert(refused);
        staked.reject(id, stakes, STRANGER, "mine");
        vm.expectRevert(refused);
        staked.slashParticipant(id, stakes, participantOf(0), STRANGER, "mine");
        vm.expectRevert(refused);
        staked.burn(id, stakes, participantOf(0), "mine");
        vm.expectRevert(refused);
        staked.noteWithheld(id, 1);
        vm.expectRevert(refused);
        staked.certifyProposal(id, stakes);
    }

    // --- who was first ------------------------------------------------------------------------

    function _leftOut(address beneficiary) private returns (bytes memory) {
        Leaf[] memory two = _two();
        Node memory top = nodeOver(two, sums(0, 2));
        if (staked.stakedRoundOf(id).proposer == address(0)) propose(id, top);
        return abi.encodeCall(
            disputes.proveLeftOut, (id, stakes, pathTo(top), childrenOf(two), participantOf(2), beneficiary)
        );
    }

    function _given(bytes memory call) private returns (bool done, bytes memory reason) {
        return address(disputes).call(call);
    }

    /// T-45: whoever copies a proof from the mempool names itself, so it would have had to announce another call.
    function test_t45_a_copied_proof_earns_the_copier_nothing() public {
        bytes memory call = _leftOut(WATCHER);
        disputes.announce(keccak256(call));
        vm.roll(block.number + 1);
        bytes memory copy = _leftOut(STRANGER);
        vm.startPrank(STRANGER);
        (bool done, bytes memory reason) = _given(copy);
        holds(!done);
        same(keccak256(reason), keccak256(abi.encodeWithSelector(IDisputes.NotAnnounced.selector, keccak256(copy))));
        disputes.announce(keccak256(copy));
        (done,) = _given(copy); // in the same block
        holds(!done);
        // Not even by sending the watcher's call does it earn anything.
        (done,) = _given(call);
        holds(done);
        vm.stopPrank();
        same(award(WATCHER), 3 * STAKE / 2);
        same(award(STRANGER), 0);
    }

    function test_a_proof_for_nobody_is_refused() public {
        refuse(_leftOut(address(0)), abi.encodeWithSelector(IDisputes.ZeroBeneficiary.selector));
    }

    function test_an_announcement_stands_from_its_first_block_on() public {
        bytes memory call = _leftOut(WATCHER);
        disputes.announce(keccak256(call));
        uint256 first = block.number;
        vm.roll(first + 1);
        vm.prank(STRANGER); // in vain, to make it wait
        disputes.announce(keccak256(call));
        same(disputes.announcedIn(keccak256(call)), first);
        (bool done,) = _given(call);
        holds(done);
    }

    /// T-39: nothing is slashed in a round that is over, whatever was wrong in it.
    function test_t39_nothing_is_rejected_after_the_proposal_deadline() public {
        bytes memory call = _leftOut(WATCHER);
        disputes.announce(keccak256(call));
        vm.roll(block.number + 1);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        (bool done, bytes memory reason) = _given(call);
        holds(!done);
        same(keccak256(reason), keccak256(abi.encodeWithSelector(IDisputes.NoProposal.selector, id)));
    }
}
