// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAvailability} from "../../contracts/interfaces/IAvailability.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// F-16: what no quorum holds doesn't count, and whoever signs for what it can't give loses its stake.
contract AvailabilityTest is StakedFixture {
    RoundId private id;
    Leaf[] private _kept;

    function setUp() public {
        deployStaked();
        id = uncertified(3);
        Leaf[] memory leaves = leavesTo(3);
        for (uint256 i = 0; i < 3; ++i) {
            _kept.push(leaves[i]);
        }
    }

    function _held(uint256 bitmap) private pure returns (uint256[] memory held) {
        held = new uint256[](1);
        held[0] = bitmap;
    }

    function _vouch(uint256 who, uint256 bitmap) private {
        vm.prank(participantOf(who));
        availability.vouchForUpdates(id, stakes, _held(bitmap));
    }

    /// Participants 0 and 1 hold what these bitmaps say.
    function _certified(uint256 first, uint256 second) private {
        _vouch(0, first);
        _vouch(1, second);
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        availability.certifyUpdates(id, stakes, holders, _both(first, second), vouched);
    }

    function _both(uint256 first, uint256 second) private pure returns (uint256[][] memory held) {
        held = new uint256[][](2);
        (held[0], held[1]) = (_held(first), _held(second));
    }

    function _counts(uint256 who) private view returns (bool) {
        return staked.isCounted(id, participantOf(who));
    }

    // --- certificates of updates --------------------------------------------------------------

    function test_F16_what_a_quorum_holds_counts_and_nothing_else() public {
        holds(!_counts(0) && !_counts(1) && !_counts(2));
        _certified(7, 3);
        holds(_counts(0) && _counts(1) && !_counts(2));
        _vouch(2, 4);
        address[] memory holders = new address[](2);
        (holders[0], holders[1]) = (participantOf(0), participantOf(2));
        availability.certifyUpdates(id, stakes, holders, _both(7, 4), new bytes[](2));
        holds(_counts(2));
    }

    function test_a_certificate_that_adds_nothing_is_refused() public {
        _certified(3, 3);
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        vm.expectRevert(abi.encodeWithSelector(IAvailability.NothingAdded.selector, id));
        availability.certifyUpdates(id, stakes, holders, _both(3, 3), vouched);
    }

    function test_signatures_stand_for_vouches() public {
        fundStake(vm.addr(1));
        (uint256 one, uint256 two) = vm.addr(1) < vm.addr(2) ? (uint256(1), uint256(2)) : (uint256(2), uint256(1));
        RoundId round = openStaked(stakedTerms(2));
        lockStake(round, vm.addr(one));
        lockStake(round, vm.addr(two));
        id = round;
        _revealBoth(one, two);
        address[] memory holders = new address[](2);
        (holders[0], holders[1]) = (vm.addr(one), vm.addr(two));
        bytes[] memory signatures = new bytes[](2);
        bytes32 digest = availability.holdingsDigest(round, _held(3));
        signatures[0] = _signature(one, digest);
        signatures[1] = _signature(one, digest);
        vm.expectRevert(abi.encodeWithSelector(IAvailability.BadSignature.selector, holders[1]));
        availability.certifyUpdates(round, stakes, holders, _both(3, 3), signatures);
        signatures[1] = _signature(two, digest);
        availability.certifyUpdates(round, stakes, holders, _both(3, 3), signatures);
        holds(staked.isCounted(round, holders[0]) && staked.isCounted(round, holders[1]));
    }

    function _signature(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _revealBoth(uint256 one, uint256 two) private {
        uint64 from = uint64(block.timestamp);
        uint256[2] memory keys = [one, two];
        vm.warp(from + 100);
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 commitment = rounds.commitmentFor(id, vm.addr(keys[i]), openingOf(i));
            vm.prank(vm.addr(keys[i]));
            rounds.commit(id, commitment);
        }
        vm.warp(from + 200);
        for (uint256 i = 0; i < 2; ++i) {
            rounds.reveal(id, vm.addr(keys[i]), openingOf(i));
        }
    }

    function test_who_may_not_vouch_is_refused() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAvailability.NotAHolder.selector, id, STRANGER));
        availability.vouchForUpdates(id, stakes, _held(7));
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        vm.expectRevert(abi.encodeWithSelector(IAvailability.BadSignature.selector, holders[0]));
        availability.certifyUpdates(id, stakes, holders, _both(7, 7), vouched);
        (holders[0], holders[1]) = (holders[1], holders[0]);
        vm.expectRevert(abi.encodeWithSelector(IAvailability.HoldersNotAscending.selector, holders[0], holders[1]));
        availability.certifyUpdates(id, stakes, holders, _both(7, 7), vouched);
        vm.expectRevert(abi.encodeWithSelector(IAvailability.TooFewHolders.selector, 1, 2));
        availability.certifyUpdates(id, stakes, new address[](1), _both(7, 7), new bytes[](1));
        vm.prank(participantOf(0));
        vm.expectRevert(abi.encodeWithSelector(IAvailability.WrongNumberOfWords.selector, 2, 1));
        availability.vouchForUpdates(id, stakes, new uint256[](2));
    }

    function test_certificates_have_their_time() public {
        uint64 end = staked.stakedRoundOf(id).certifyEnd;
        vm.warp(end);
        vm.prank(participantOf(0));
        vm.expectRevert(abi.encodeWithSelector(IAvailability.CertifyingClosed.selector, id, end - CERTIFY, end, end));
        availability.vouchForUpdates(id, stakes, _held(7));
    }

    function testFuzz_a_bit_is_certified_by_exactly_the_quorum(uint256[5] memory drawn) public {
        stakes.quorum = 2;
        id = uncertified(5);
        address[] memory holders = new address[](5);
        uint256[][] memory held = new uint256[][](5);
        for (uint256 i = 0; i < 5; ++i) {
            holders[i] = participantOf(i);
            held[i] = _held(drawn[i] | 1);
            _vouch(i, drawn[i] | 1);
        }
        availability.certifyUpdates(id, stakes, holders, held, new bytes[](5));
        for (uint32 bit = 0; bit < 256; ++bit) {
            uint256 count;
            for (uint256 i = 0; i < 5; ++i) {
                count += (drawn[i] | 1) >> bit & 1;
            }
            holds(availability.isCertified(id, bit) == (count >= 2));
        }
    }

    // --- what has none ------------------------------------------------------------------------

    function test_F16_an_update_without_a_certificate_costs_its_sender_the_stake() public {
        _certified(3, 3); // nobody else has participant 2's update
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        Leaf[] memory two = new Leaf[](2);
        (two[0], two[1]) = (_kept[0], _kept[1]);
        Proposal memory made = propose(id, nodeOver(two, sums(0, 2)));
        vm.warp(staked.stakedRoundOf(id).endsAt);
        staked.settle(id, stakes, made);
        for (uint256 i = 0; i < 3; ++i) {
            staked.releaseStake(id, participantOf(i), stakes);
        }
        same(free(participantOf(0)), FUNDS);
        same(free(participantOf(2)), FUNDS - STAKE);
        same(award(BURNT), STAKE); // and nobody gained by refusing it
        same(vault.owed(address(token)), token.balanceOf(address(vault)));
    }

    /// Where certificates failed altogether nobody is to blame: everybody's stake comes back.
    function test_without_any_certificate_nobody_loses() public {
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        for (uint256 i = 0; i < 3; ++i) {
            staked.releaseStake(id, participantOf(i), stakes);
            same(free(participantOf(i)), FUNDS);
        }
    }

    // --- certificates of results --------------------------------------------------------------

    function _proposedBy(Leaf[] memory leaves) private returns (Proposal memory made) {
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        made = proposalOf(nodeOver(leaves, sums(0, leaves.length)));
        proposeUncertified(id, made);
    }

    function test_F16_a_result_that_nobody_holds_lapses_and_costs_the_stake() public {
        certifyUpdates(id, 3);
        Proposal memory made = _proposedBy(_kept);
        uint64 due = uint64(block.timestamp) + CERTIFY;
        bytes memory not = abi.encodeWithSelector(IStakedRounds.NotCertified.selector, id, 1, due);
        vm.expectRevert(not);
        staked.lapse(id, stakes);
        vm.expectRevert(not);
        staked.settle(id, stakes, made);
        vm.warp(due);
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(holders[i]);
            availability.vouchForResult(id, stakes, 1);
        }
        vm.expectRevert(not); // too late
        availability.certifyResult(id, stakes, 1, holders, vouched);
        vm.prank(STRANGER);
        staked.lapse(id, stakes);
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        same(award(BURNT), 3 * STAKE);
        same(award(STRANGER), 0);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NoProposal.selector, id));
        staked.lapse(id, stakes);
    }

    function test_a_certified_result_does_not_lapse_and_is_certified_once() public {
        certifyUpdates(id, 3);
        _proposedBy(_kept);
        certifyResult(id);
        same(staked.stakedRoundOf(id).endsAt, block.timestamp + DISPUTE);
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        bytes memory done = abi.encodeWithSelector(IStakedRounds.AlreadyCertified.selector, id, 1);
        vm.expectRevert(done);
        availability.certifyResult(id, stakes, 1, holders, vouched);
        vm.warp(block.timestamp + CERTIFY);
        vm.expectRevert(done);
        staked.lapse(id, stakes);
        vm.expectRevert(abi.encodeWithSelector(IAvailability.WrongProposal.selector, id, 2, 1));
        availability.certifyResult(id, stakes, 2, holders, vouched);
    }

    function test_before_a_proposal_there_is_nothing_to_vouch_for() public {
        vm.prank(participantOf(0));
        vm.expectRevert(abi.encodeWithSelector(IAvailability.NoProposal.selector, id));
        availability.vouchForResult(id, stakes, 0);
    }

    // --- who answers for a certificate --------------------------------------------------------

    /// T-40: a participant reveals, withholds, and has accomplices vouch: all of them lose.
    function test_t40_whoever_vouched_for_a_withheld_update_loses_its_stake() public {
        _certified(7, 7);
        vm.warp(staked.stakedRoundOf(id).certifyEnd);
        vm.prank(WATCHER);
        uint256 question = questions.askUpdate(id, stakes, _kept[2], 1);
        (address[] memory holders,) = firstHolders();
        bytes memory not = abi.encodeWithSelector(IAvailability.NotWithheld.selector, id);
        vm.expectRevert(not);
        availability.burnForUpdate(id, stakes, participantOf(2), 0, holders, _both(7, 7), 0);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        same(award(WATCHER), STAKE / 2);
        bytes memory unknown = abi.encodeWithSelector(IAvailability.UnknownCertificate.selector, id, 0);
        vm.expectRevert(unknown);
        availability.burnForUpdate(id, stakes, participantOf(2), 0, holders, _both(7, 3), 0);
        for (uint256 i = 0; i < 2; ++i) {
            availability.burnForUpdate(id, stakes, participantOf(2), 0, holders, _both(7, 7), i);
            same(free(participantOf(i)), FUNDS - STAKE);
            holds(_counts(i)); // its own update is there
        }
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NothingLocked.selector, id, participantOf(0)));
        availability.burnForUpdate(id, stakes, participantOf(2), 0, holders, _both(7, 7), 0);
        vm.expectRevert(unknown);
        availability.burnForUpdate(id, stakes, participantOf(2), 0, holders, _both(7, 7), 2);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        proposeUncertified(id, proposalOf(nodeOver(_kept, sums(0, 3))));
        vm.prank(participantOf(0));
        vm.expectRevert(abi.encodeWithSelector(IAvailability.NotAHolder.selector, id, participantOf(0)));
        availability.vouchForResult(id, stakes, 1);
    }

    function test_who_did_not_vouch_for_it_keeps_its_stake() public {
        _vouch(2, 7);
        _certifiedByThree();
        vm.warp(staked.stakedRoundOf(id).certifyEnd);
        vm.prank(WATCHER);
        uint256 question = questions.askUpdate(id, stakes, _kept[2], 1);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        (address[] memory holders, uint256[][] memory held) = _three();
        vm.expectRevert(abi.encodeWithSelector(IAvailability.NotSigned.selector, id, holders[0]));
        availability.burnForUpdate(id, stakes, participantOf(2), 0, holders, held, 0);
    }

    function _three() private pure returns (address[] memory holders, uint256[][] memory held) {
        (holders, held) = (new address[](3), new uint256[][](3));
        for (uint256 i = 0; i < 3; ++i) {
            (holders[i], held[i]) = (participantOf(i), _held(i == 0 ? 3 : 7));
        }
    }

    function _certifiedByThree() private {
        (address[] memory holders, uint256[][] memory held) = _three();
        _vouch(0, 3);
        _vouch(1, 7);
        availability.certifyUpdates(id, stakes, holders, held, new bytes[](3));
    }

    function test_t40_whoever_vouched_for_a_withheld_result_loses_its_stake() public {
        certifyUpdates(id, 3);
        Proposal memory made = _proposedBy(_kept);
        certifyResult(id);
        Node memory top = made.top;
        vm.prank(WATCHER);
        uint256 question = questions.askResult(id, stakes, pathTo(top), 1);
        (address[] memory holders,) = firstHolders();
        vm.expectRevert(abi.encodeWithSelector(IAvailability.NotWithheld.selector, id));
        availability.burnForResult(id, stakes, 1, holders, 0);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, question);
        availability.burnForResult(id, stakes, 1, holders, 0);
        availability.burnForResult(id, stakes, 1, holders, 1);
        same(free(participantOf(0)), FUNDS - STAKE);
        same(free(participantOf(1)), FUNDS - STAKE);
        same(award(BURNT), 3 * STAKE - 3 * STAKE / 2 + 2 * STAKE);
        holders = new address[](1);
        holders[0] = participantOf(2);
        vm.expectRevert(abi.encodeWithSelector(IAvailability.UnknownCertificate.selector, id, 1));
        availability.burnForResult(id, stakes, 1, holders, 0);
    }

    // --- committees ---------------------------------------------------------------------------

    function test_a_committee_vouches_in_the_participants_place() public {
        address[] memory members = new address[](2);
        (members[0], members[1]) = (address(0xC0), address(0xC1));
        stakes.committee = evaluations.createPanel(members, 2, address(0), 0);
        id = uncertified(3);
        vm.prank(participantOf(0));
        vm.expectRevert(abi.encodeWithSelector(IAvailability.NotAHolder.selector, id, participantOf(0)));
        availability.vouchForUpdates(id, stakes, _held(7));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotOfCommittee.selector, id, STRANGER));
        staked.lockHolderStake(id, stakes);
        fundStake(members[0]);
        vm.prank(members[0]);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.TooLateToLock.selector, id, Phase.Proposal));
        staked.lockHolderStake(id, stakes);
    }

    function test_members_of_a_committee_take_seats_with_a_stake() public {
        address[] memory members = new address[](2);
        (members[0], members[1]) = (address(0xC0), address(0xC1));
        stakes.committee = evaluations.createPanel(members, 2, address(0), 0);
        id = openStaked(stakedTerms(2));
        for (uint256 i = 0; i < 2; ++i) {
            fundStake(members[i]);
            vm.prank(members[i]);
            staked.lockHolderStake(id, stakes);
            same(vault.lockedOf(members[i], address(token)), STAKE);
            holds(!rounds.isEnrolled(id, members[i]));
        }
        vm.prank(members[0]);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.StakeAlreadyLocked.selector, id, members[0]));
        staked.lockHolderStake(id, stakes);
        vm.warp(block.timestamp + 400 days);
        rounds.voidRound(id);
        staked.releaseStake(id, members[0], stakes);
        same(free(members[0]), FUNDS);
    }
}
