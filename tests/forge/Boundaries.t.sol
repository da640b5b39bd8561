// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IPayoutDistributor} from "../../contracts/interfaces/IPayoutDistributor.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {IStakeFloors} from "../../contracts/interfaces/IStakeFloors.sol";
import {IStakeVault, LockId} from "../../contracts/interfaces/IStakeVault.sol";
import {IWeightedPayouts} from "../../contracts/interfaces/IWeightedPayouts.sol";
import {AggregationRule, Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// The last second before something may be done, what was let go already, and what only looks as if it belonged.
contract BoundariesTest is StakedFixture {
    RoundId private id;

    function setUp() public {
        deployStaked();
    }

    function _honest() private pure returns (Node memory) {
        return nodeOver(leavesTo(3), sums(0, 3));
    }

    // --- who counts ---------------------------------------------------------------------------

    /// A seat's bit in a certificate is no update: who revealed nothing doesn't count, and keeps its stake.
    function test_F7_a_certified_seat_without_a_reveal_does_not_count() public {
        RoundTerms memory t = stakedTerms(2);
        id = openStaked(t);
        for (uint256 i = 0; i < 3; ++i) {
            lockStake(id, participantOf(i));
        }
        vm.warp(t.enrolmentDeadline);
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, participantOf(i), openingOf(i));
            vm.prank(participantOf(i));
            rounds.commit(id, commitment);
        }
        vm.warp(t.commitDeadline);
        rounds.reveal(id, participantOf(0), openingOf(0));
        rounds.reveal(id, participantOf(1), openingOf(1));
        vm.warp(t.revealDeadline);
        certifyUpdates(id, 3);
        holds(staked.isCounted(id, participantOf(0)) && staked.isCounted(id, participantOf(1)));
        holds(!staked.isCounted(id, participantOf(2)) && !staked.matchesReveal(id, leafOf(2)));
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        Node memory top = _honest();
        propose(id, top);
        bytes32[] memory hashes = hashesOf(leavesTo(3));
        prove(abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashes, 2, leafOf(2), WATCHER)));
        vm.warp(t.proposalDeadline);
        rounds.voidRound(id);
        staked.releaseStake(id, participantOf(2), stakes);
        same(free(participantOf(2)), FUNDS);
    }

    /// A list that holds a wrong leaf's hash proves nothing of a node that commits to another list.
    function test_F9_forged_siblings_prove_no_wrong_leaf() public {
        id = proposable(3);
        Node memory top = _honest();
        propose(id, top);
        Leaf memory wrong = leafOf(1);
        wrong.weight += 1;
        bytes32[] memory hashes = hashesOf(leavesTo(3));
        hashes[1] = keccak256(abi.encode(uint256(0), wrong));
        refuse(
            abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, pathTo(top), hashes, 1, wrong, WATCHER)),
            abi.encodeWithSelector(IDisputes.ChildrenNotOfNode.selector, id)
        );
    }

    /// A round that is one group of leaves has to be larger than what is trimmed of it; one of more groups needn't.
    function test_F8_a_minimum_of_just_what_is_trimmed_is_refused() public {
        stakes.rule = AggregationRule.TrimmedMean;
        bytes memory refused = abi.encodeWithSelector(IStakeFloors.InvalidStakeTerms.selector, bytes32("trim"));
        uint32[4] memory trims = [uint32(1), 2, 15, 16];
        for (uint256 i = 0; i < 4; ++i) {
            stakes.trim = trims[i];
            RoundTerms memory t = stakedTerms(2);
            openStaked(t);
            t.minimumParticipants = 2 * trims[i];
            vm.prank(OWNER);
            vm.expectRevert(refused);
            staked.openStaked(t, stakes, address(0), 0);
        }
        stakes.trim = 40;
        RoundTerms memory wide = stakedTerms(2);
        wide.minimumParticipants = 33; // two groups, of which each keeps one or two
        openStaked(wide);
    }

    // --- one second early ---------------------------------------------------------------------

    function test_F16_nothing_lapses_a_second_before_its_certificate_is_due() public {
        id = proposable(3);
        proposeUncertified(id, proposalOf(_honest()));
        uint64 due = staked.stakedRoundOf(id).certifyBy;
        vm.warp(due - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotCertified.selector, id, 1, due));
        staked.lapse(id, stakes);
        certifyResult(id); // it is in time
        same(staked.stakedRoundOf(id).endsAt, due - 1 + DISPUTE);
    }

    function test_F10_silence_is_punished_no_second_before_the_answer_is_due() public {
        id = proposable(3);
        Node memory top = _honest();
        propose(id, top);
        vm.prank(WATCHER);
        uint256 question = questions.askNode(id, stakes, pathTo(top));
        uint64 due = uint64(block.timestamp) + ANSWER;
        vm.warp(due - 1);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.AnswerTimeOpen.selector, id, question, due, due - 1));
        questions.punishSilence(id, stakes, question);
        questions.answerNode(id, stakes, question, pathTo(top), childrenOf(leavesTo(3)));
    }

    function test_F7_nothing_settles_a_second_before_disputes_end() public {
        id = proposable(3);
        Proposal memory made = propose(id, _honest());
        uint64 endsAt = staked.stakedRoundOf(id).endsAt;
        vm.warp(endsAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.DisputeWindowOpen.selector, id, endsAt, endsAt - 1));
        staked.settle(id, stakes, made);
        vm.warp(endsAt);
        staked.settle(id, stakes, made);
    }

    function test_P5_nothing_is_claimed_a_second_before_a_root_s_time() public {
        vm.startPrank(OWNER);
        token.approve(address(distributor), 10);
        distributor.fund(modelId, address(token), 10);
        bytes32 root = payoutLeaf(HOSPITAL, 10);
        distributor.postRoot(modelId, address(token), root, 10, "list");
        vm.stopPrank();
        uint64 at = uint64(block.timestamp) + ACTIVATION_DELAY;
        vm.warp(at - 1);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.RootNotActive.selector, root, at, at - 1));
        distributor.claim(modelId, address(token), root, HOSPITAL, 10, new bytes32[](0));
        vm.warp(at);
        distributor.claim(modelId, address(token), root, HOSPITAL, 10, new bytes32[](0));
        same(token.balanceOf(HOSPITAL), 10);
    }

    // --- over is over -------------------------------------------------------------------------

    /// Not even a judge rejects, slashes or burns from the moment on in which a round's time is over.
    function test_t39_no_judge_takes_a_stake_from_the_proposal_deadline_on() public {
        id = proposable(3);
        propose(id, _honest());
        bytes memory over = abi.encodeWithSelector(IStakedRounds.RoundOver.selector, id);
        uint64 end = staked.stakedRoundOf(id).proposalDeadline;
        vm.warp(end);
        vm.prank(address(disputes));
        vm.expectRevert(over);
        staked.reject(id, stakes, WATCHER, "fault");
        vm.prank(address(availability));
        vm.expectRevert(over);
        staked.burn(id, stakes, participantOf(0), "fault");
        vm.expectRevert(over);
        staked.lapse(id, stakes);
        vm.warp(end - 1);
        vm.prank(address(disputes));
        staked.reject(id, stakes, WATCHER, "fault");
        same(award(WATCHER), 3 * STAKE / 2);
    }

    function test_F9_nobody_is_slashed_once_something_was_proposed() public {
        id = proposable(3);
        uint64 end = staked.stakedRoundOf(id).slashEnd;
        vm.prank(address(disputes));
        staked.slashParticipant(id, stakes, participantOf(2), WATCHER, "fault");
        same(award(WATCHER), STAKE / 2);
        proposeUncertified(id, proposalOf(nodeOver(leavesTo(2), sums(0, 2))));
        vm.prank(address(disputes));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.TooLateToSlash.selector, id, end, end));
        staked.slashParticipant(id, stakes, participantOf(1), WATCHER, "fault");
    }

    function test_P7_a_settled_round_takes_no_more_money() public {
        id = proposable(3);
        Proposal memory made = propose(id, _honest());
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        vm.startPrank(OWNER);
        token.approve(address(pots), 1);
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.RoundOver.selector, id, Phase.Finalised));
        pots.fund(id, address(token), 1);
        same(pots.potOf(id, address(token)).amount, BUDGET);
    }

    // --- what a lock still has ----------------------------------------------------------------

    function test_F5_what_was_unlocked_or_slashed_is_not_in_the_lock_any_more() public {
        LockId lock = LockId.wrap("lock");
        address coin = address(token);
        vm.startPrank(address(questions));
        vault.lock(WATCHER, coin, lock, 60);
        vault.unlock(WATCHER, coin, lock, 20);
        same(vault.lockOf(address(questions), WATCHER, coin, lock), 40);
        vault.slash(WATCHER, coin, lock, 30, STRANGER);
        same(vault.lockOf(address(questions), WATCHER, coin, lock), 10);
        bytes4 less = IStakeVault.InsufficientLock.selector;
        vm.expectRevert(abi.encodeWithSelector(less, address(questions), WATCHER, lock, 11, 10));
        vault.unlock(WATCHER, coin, lock, 11);
        vm.expectRevert(abi.encodeWithSelector(less, address(questions), WATCHER, lock, 11, 10));
        vault.slash(WATCHER, coin, lock, 11, STRANGER);
        same(vault.lockedOf(WATCHER, coin), 10);
        same(award(STRANGER), 30);
    }
}
