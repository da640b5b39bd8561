// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IWeightedPayouts} from "../../contracts/interfaces/IWeightedPayouts.sol";
import {Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// What those who act together gain and lose in a round under stake, to the unit (docs/explain/economics.md).
contract CollusionsTest is StakedFixture {
    RoundId private id;

    function setUp() public {
        deployStaked();
    }

    function _leaves(uint256 count) private pure returns (Leaf[] memory) {
        return leavesTo(count);
    }

    /// Participants 0 and 1 vouch for the seats of a bitmap.
    function _certified(uint256 bitmap) private {
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        uint256[][] memory held = new uint256[][](QUORUM);
        for (uint256 i = 0; i < QUORUM; ++i) {
            held[i] = new uint256[](1);
            held[i][0] = bitmap;
            vm.prank(holders[i]);
            availability.vouchForUpdates(id, stakes, held[i]);
        }
        availability.certifyUpdates(id, stakes, holders, held, vouched);
    }

    function _settled(uint256 count) private returns (Proposal memory made) {
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        made = propose(id, nodeOver(_leaves(count), sums(0, count)));
        vm.warp(staked.stakedRoundOf(id).endsAt);
        staked.settle(id, stakes, made);
    }

    // --- refusing ------------------------------------------------------------------------------

    /// The price of the first assumption: two of three refuse the third's update, and divide the whole pot.
    function test_who_refuses_an_update_divides_its_part_and_its_stake_is_nobodys() public {
        id = uncertified(3);
        _certified(3);
        Proposal memory made = _settled(2);
        pots.pay(id, address(token), made, IWeightedPayouts.Group(pathTo(made.top), _leaves(2), 3));
        for (uint256 i = 0; i < 3; ++i) {
            staked.releaseStake(id, participantOf(i), stakes);
            uint256 part = i == 2 ? 0 : BUDGET * weightOf(i) / made.top.weight;
            same(token.balanceOf(participantOf(i)), part);
            same(free(participantOf(i)), i == 2 ? FUNDS - STAKE : FUNDS);
        }
        same(award(BURNT), STAKE);
    }

    function test_holders_that_refuse_everything_void_the_round_at_no_cost() public {
        id = uncertified(3);
        uint256 before = token.balanceOf(OWNER);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        pots.refund(id, address(token), OWNER);
        same(token.balanceOf(OWNER) - before, BUDGET);
        for (uint256 i = 0; i < 3; ++i) {
            staked.releaseStake(id, participantOf(i), stakes);
            same(free(participantOf(i)), FUNDS);
        }
        same(award(BURNT), 0);
    }

    /// One certificate too few for a result blames nobody either: the refused one's stake comes back.
    function test_fewer_certified_than_the_minimum_blame_nobody() public {
        id = uncertified(3);
        _certified(1);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        staked.releaseStake(id, participantOf(2), stakes);
        same(free(participantOf(2)), FUNDS);
    }

    // --- silence -------------------------------------------------------------------------------

    /// Participant 2 asks for a chunk of its own update.
    function _askedOfItself() private returns (uint256 question) {
        id = revealed(3);
        Leaf memory own = leafOf(2);
        vm.prank(own.participant);
        return questions.askUpdate(id, stakes, own, 0);
    }

    function test_who_takes_a_seat_and_never_reveals_loses_nothing_but_time() public {
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
        for (uint256 i = 0; i < 2; ++i) {
            rounds.reveal(id, participantOf(i), openingOf(i));
        }
        vm.warp(t.revealDeadline);
        _certified(3);
        _settled(2);
        staked.releaseStake(id, participantOf(2), stakes);
        same(free(participantOf(2)), FUNDS);
    }

    function test_a_silent_participant_that_asks_about_itself_still_loses_half() public {
        uint256 question = _askedOfItself();
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        same(free(participantOf(2)) + award(participantOf(2)), FUNDS - STAKE / 2);
    }

    function test_a_question_to_oneself_moves_a_bond_from_one_hand_to_the_other() public {
        uint256 question = _askedOfItself();
        questions.answerChunk(id, stakes, question, VectorWriter.proof(vectorOf(2), BITS, 0));
        same(free(participantOf(2)) + award(participantOf(2)), FUNDS - STAKE);
        same(vault.lockedOf(participantOf(2), address(token)), STAKE);
    }

    /// Proposer, asker and one voucher act together; what the other voucher loses is nobody's.
    function test_a_proposer_that_asks_about_itself_still_loses_half_and_its_vouchers_all() public {
        id = proposable(3);
        Node memory top = nodeOver(_leaves(3), sums(0, 3));
        propose(id, top);
        vm.prank(PROPOSER);
        uint256 question = questions.askResult(id, stakes, pathTo(top), 0);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        (address[] memory holders,) = firstHolders();
        for (uint256 i = 0; i < QUORUM; ++i) {
            availability.burnForResult(id, stakes, 1, holders, i);
            same(free(holders[i]), FUNDS - STAKE);
        }
        same(free(PROPOSER) + award(PROPOSER), FUNDS - 3 * STAKE / 2);
        same(award(BURNT), 3 * STAKE / 2 + QUORUM * STAKE);
    }

    // --- delay ---------------------------------------------------------------------------------

    function test_each_delay_by_a_proposal_that_nobody_holds_costs_a_whole_stake() public {
        id = proposable(2);
        Proposal memory made = proposalOf(nodeOver(_leaves(2), sums(0, 2)));
        for (uint256 i = 1; i <= 3; ++i) {
            proposeUncertified(id, made);
            vm.warp(block.timestamp + CERTIFY);
            staked.lapse(id, stakes);
            same(free(PROPOSER), FUNDS - i * 3 * STAKE);
        }
        same(award(BURNT), 9 * STAKE);
        _settled(2); // and the round goes on
    }

    /// K that attest nothing, and the sponsor: the updates are public, and everybody has its money back.
    function test_a_panel_that_attests_nothing_gives_the_sponsor_its_pot_back() public {
        address[] memory members = new address[](1);
        members[0] = address(0xE0);
        stakes.panel = evaluations.createPanel(members, 1, address(0), 0);
        id = proposable(2);
        propose(id, nodeOver(_leaves(2), sums(0, 2)));
        uint256 before = token.balanceOf(OWNER);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        pots.refund(id, address(token), OWNER);
        staked.releaseStake(id, PROPOSER, stakes);
        same(token.balanceOf(OWNER) - before, BUDGET);
        same(free(PROPOSER), FUNDS);
    }
}
