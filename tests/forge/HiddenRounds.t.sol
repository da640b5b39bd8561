// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IForfeits} from "../../contracts/interfaces/IForfeits.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {HiddenGroup, HiddenTerms, Member, OF_KEY, OF_SEED, PostedShare} from "../../contracts/types/HiddenTypes.sol";
import {Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {HiddenStage} from "./support/HiddenStage.sol";

/// H-1 to H-6 without stake: keys, bundles, survivors, secrets, and what becomes of the round.
contract HiddenRoundsTest is HiddenStage {
    function setUp() public {
        deployAll();
        setTerms(2, 20, 8);
    }

    function _bits(uint256 first, uint256 count, HiddenGroup memory g) private pure returns (uint256 bitmap) {
        for (uint256 place = 0; place < g.members.length; ++place) {
            for (uint256 i = first; i < count; ++i) {
                if (g.members[place] == who(i)) bitmap |= 1 << place;
            }
        }
    }

    // --- terms and roster -----------------------------------------------------------------------

    function test_a_hidden_round_says_what_it_asks_for_and_how_wide_a_value_is() public {
        openHidden();
        same(hidden.widthOf(id), 16 + 3); // eight of 16 bits each
        same(keccak256(abi.encode(hidden.hiddenTermsOf(id))), keccak256(abi.encode(hiddenTerms)));
        same(hidden.widthOf(RoundId.wrap(0)), 0);
        holds(hidden.isWaiting(id) && hidden.lacksSecrets(id));
    }

    function test_the_width_holds_every_sum_of_the_largest_group() public {
        uint64[5] memory caps = [uint64(1), 1, 1, 100, 2 ** 20];
        uint32[5] memory seats = [uint32(2), 20, 1000, 8, 300];
        uint16[5] memory sizes = [uint16(2), 2, 256, 8, 256];
        // 2 of 1; 3, as a group of two may become three; 256; 8 of 100 each; above 32 an even number
        uint8[5] memory widths = [16 + 1, 16 + 2, 16 + 8, 16 + 10, 16 + 28];
        for (uint256 i = 0; i < 5; ++i) {
            setTerms(2, seats[i], sizes[i]);
            (hiddenTerms.weightCap, hiddenTerms.ring) = (caps[i], 64);
            openHidden();
            same(hidden.widthOf(id), widths[i]);
        }
        setTerms(2, 3, 3);
        (hiddenTerms.ring, roundTerms.lattice.bits, roundTerms.lattice.guardBits) = (64, 32, 0);
        openHidden();
        same(hidden.widthOf(id), 34);
        hiddenTerms.weightCap = 2;
        openHidden();
        same(hidden.widthOf(id), 36); // 35 is odd
    }

    function test_whoever_publishes_a_key_is_on_the_roster_in_that_order() public {
        openHidden();
        bytes32 rosterHash;
        for (uint256 i = 0; i < 3; ++i) {
            enrol(i);
            publish(i);
            (uint256 x, bool odd) = pointOf(uint256(secretOf(i)));
            Member memory m = hidden.memberOf(id, who(i));
            holds(m.x == x && m.odd == odd && m.index == i && m.published);
            rosterHash = keccak256(abi.encode(rosterHash, who(i), x, odd));
            same(hidden.orderSeedOf(id), keccak256(abi.encode(id, rosterHash)));
        }
        same(hidden.rosterSize(id), 3);
        holds(!hidden.memberOf(id, STRANGER).published);
    }

    function test_members_stand_where_their_group_says() public {
        setTerms(2, 20, 3);
        shared(7);
        same(hidden.groupCount(id), 3);
        uint256 seen;
        for (uint256 group = 0; group < 3; ++group) {
            HiddenGroup memory g = hidden.groupOf(id, group);
            same(g.members.length, group == 0 ? 3 : 2);
            same(g.active, (1 << g.members.length) - 1);
            for (uint256 place = 0; place < g.members.length; ++place) {
                (uint256 inGroup, uint256 at) = hidden.placeOf(id, g.members[place]);
                holds(inGroup == group && at == place);
                same(g.published[place].x, hidden.memberOf(id, g.members[place]).x);
                seen |= 1 << g.published[place].index;
            }
        }
        same(seen, 127);
    }

    function test_keys_close_when_every_seat_has_one() public {
        setTerms(2, 3, 8);
        openHidden();
        for (uint256 i = 0; i < 3; ++i) {
            enrol(i);
            publish(i);
        }
        share(0); // long before enrolment's deadline
        same(hidden.memberOf(id, who(0)).shareRoot, shareRootOf(0));
        same(hidden.memberOf(id, who(0)).seedCommitment, commitmentOf(id, 0));
    }

    function test_bundles_close_when_everybody_shared() public {
        setTerms(2, 3, 8);
        openHidden();
        for (uint256 i = 0; i < 3; ++i) {
            enrol(i);
            publish(i);
        }
        for (uint256 i = 0; i < 3; ++i) {
            share(i);
        }
        for (uint256 i = 0; i < 3; ++i) {
            commit(i);
        }
        for (uint256 i = 0; i < 3; ++i) {
            reveal(i);
        }
        hidden.freeze(id, 0); // nothing more can come, though no deadline is over
        same(hidden.groupOf(id, 0).survivors, 7);
    }

    // --- survivors and their secrets ------------------------------------------------------------

    function test_survivors_are_the_active_ones_that_revealed() public {
        openHidden();
        for (uint256 i = 0; i < MEMBERS; ++i) {
            enrol(i);
            publish(i);
        }
        vm.warp(roundTerms.enrolmentDeadline);
        for (uint256 i = 1; i < MEMBERS; ++i) {
            share(i);
        }
        vm.warp(hiddenTerms.bundleDeadline);
        commit(0); // without a bundle it is in no sum
        revealFrom(2, MEMBERS);
        vm.warp(roundTerms.revealDeadline);
        hidden.freeze(id, 0);
        HiddenGroup memory g = hidden.groupOf(id, 0);
        same(g.active, _bits(1, MEMBERS, g));
        same(g.survivors, _bits(2, MEMBERS, g));
        holds(g.frozen && !g.open && !g.stranded && hidden.isFrozen(id, 0));
    }

    function test_a_group_is_open_with_each_survivors_seed_and_the_key_of_who_dropped() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        openSeeds(1, MEMBERS);
        holds(!hidden.groupOf(id, 0).open && hidden.isWaiting(id));
        hidden.openKey(id, who(0), secretOf(0));
        holds(hidden.groupOf(id, 0).open && !hidden.isWaiting(id) && !hidden.lacksSecrets(id));
        holds(hidden.memberOf(id, who(0)).keyOpened && !hidden.memberOf(id, who(0)).seedOpened);
        holds(hidden.memberOf(id, who(1)).seedOpened && !hidden.memberOf(id, who(1)).keyOpened);
        same(hidden.lostOf(id), 0);
    }

    function test_whoever_dropped_without_a_survivor_beside_it_has_no_key_to_open() public {
        (hiddenTerms.degree, hiddenTerms.threshold) = (2, 2);
        shared(7);
        HiddenGroup memory g = hidden.groupOf(id, 0);
        // Of seven on a circle those at 1, 2 and 3 drop: no survivor stands beside 2.
        for (uint256 i = 0; i < 7; ++i) {
            (, uint256 place) = hidden.placeOf(id, who(i));
            if (place == 0 || place > 3) commit(i);
        }
        vm.warp(roundTerms.commitDeadline);
        for (uint256 i = 0; i < 7; ++i) {
            (, uint256 place) = hidden.placeOf(id, who(i));
            if (place == 0 || place > 3) reveal(i);
        }
        hidden.freeze(id, 0);
        for (uint256 i = 0; i < 7; ++i) {
            (, uint256 place) = hidden.placeOf(id, who(i));
            if (place == 0 || place > 3) hidden.openSeed(id, who(i), seedOf(i));
            else if (place != 2) hidden.openKey(id, who(i), secretOf(i));
        }
        holds(hidden.groupOf(id, 0).open);
        holds(!hidden.memberOf(id, g.members[2]).keyOpened);
    }

    function test_holders_post_their_shares_or_have_them_posted() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        vm.prank(who(2));
        hidden.postShares(id, one(posted(0, 2, OF_KEY)));
        PostedShare memory s = posted(1, 3, OF_SEED);
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = signed(id, 3, s);
        vm.prank(STRANGER);
        hidden.postSharesFor(id, who(3), one(s), signatures);
        same(hidden.sharesPostedOf(id, who(0)), 1 << 3);
        same(hidden.sharesPostedOf(id, who(1)), 1 << 4);
    }

    function test_shares_that_are_there_are_passed_over() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        PostedShare[] memory many = new PostedShare[](3);
        (many[0], many[1], many[2]) = (posted(0, 2, OF_KEY), posted(1, 2, OF_SEED), posted(3, 2, OF_SEED));
        hidden.openSeed(id, who(3), seedOf(3)); // so nobody needs shares of it
        vm.startPrank(who(2));
        hidden.postShares(id, one(many[0]));
        hidden.postShares(id, many);
        same(hidden.sharesPostedOf(id, who(1)), 1 << 3);
        same(hidden.sharesPostedOf(id, who(3)), 0);
    }

    // --- what becomes of the round --------------------------------------------------------------

    function test_a_result_is_proposed_once_no_group_waits() public {
        survived(MEMBERS, 1);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.SecretsNotOpen.selector, id));
        vm.prank(OWNER);
        rounds.proposeResult(id, result(4));
        hidden.freeze(id, 0);
        openSeeds(1, MEMBERS);
        hidden.openKey(id, who(0), secretOf(0));
        vm.prank(OWNER);
        rounds.proposeResult(id, result(4));
        vm.warp(block.timestamp + roundTerms.challengeWindow);
        rounds.finalise(id);
        same(uint256(rounds.phaseOf(id)), uint256(Phase.Finalised));
    }

    function test_of_too_few_nothing_is_opened_and_the_round_is_void_with_its_bond_back() public {
        survived(MEMBERS, 3); // two of five
        hidden.freeze(id, 0);
        hidden.strand(id, 0); // at once
        same(hidden.lostOf(id), 2);
        holds(!hidden.isWaiting(id) && hidden.lacksSecrets(id));
        rounds.voidRound(id);
        same(uint256(forfeits.bondOf(address(rounds), id).state), uint256(IForfeits.BondState.Released));
    }

    function test_a_group_that_is_not_open_in_time_is_given_up_and_nobody_pays_for_it() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        openSeeds(1, MEMBERS); // the key of who dropped stays away
        vm.warp(hiddenTerms.unmaskDeadline);
        hidden.strand(id, 0);
        same(hidden.lostOf(id), 4);
        rounds.voidRound(id);
        same(uint256(forfeits.bondOf(address(rounds), id).state), uint256(IForfeits.BondState.Released));
    }

    function test_a_round_that_loses_one_group_of_two_goes_on_with_the_other() public {
        setTerms(2, 20, 3);
        survived(6, 0);
        hidden.freeze(id, 0);
        hidden.freeze(id, 1);
        HiddenGroup memory g = hidden.groupOf(id, 1);
        for (uint256 place = 0; place < 3; ++place) {
            hidden.openSeed(id, g.members[place], seedOf(g.published[place].index));
        }
        vm.warp(hiddenTerms.unmaskDeadline);
        hidden.strand(id, 0);
        same(hidden.lostOf(id), 3);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.AcceptedOutOfRange.selector, 4, 3));
        rounds.proposeResult(id, result(4));
        rounds.proposeResult(id, result(3));
    }

    function _bondIfNothingIsProposed(uint256 seeds) private returns (uint256) {
        survived(MEMBERS, 0);
        hidden.freeze(id, 0);
        openSeeds(0, seeds);
        same(hidden.hasBegun(id) ? 1 : 0, seeds == 0 ? 0 : 1);
        vm.warp(roundTerms.proposalDeadline);
        rounds.voidRound(id);
        return uint256(forfeits.bondOf(address(rounds), id).state);
    }

    function test_who_invited_and_proposes_nothing_of_opened_seeds_forfeits() public {
        byInvitation();
        same(_bondIfNothingIsProposed(MEMBERS), uint256(IForfeits.BondState.Forfeited));
    }

    function test_one_seed_is_enough_to_forfeit() public {
        byInvitation();
        same(_bondIfNothingIsProposed(1), uint256(IForfeits.BondState.Forfeited));
    }

    function test_without_a_seed_nobody_knows_a_sum_and_the_bond_is_free() public {
        byInvitation();
        same(_bondIfNothingIsProposed(0), uint256(IForfeits.BondState.Released));
    }

    function test_where_anybody_may_enrol_nobody_answers_for_strangers() public {
        same(_bondIfNothingIsProposed(MEMBERS), uint256(IForfeits.BondState.Released));
    }

    function test_a_round_without_keys_has_lost_whoever_revealed() public {
        openHidden();
        for (uint256 i = 0; i < MEMBERS; ++i) {
            enrol(i);
        }
        same(hidden.lostOf(id), 0);
        vm.warp(roundTerms.enrolmentDeadline);
        revealFrom(0, MEMBERS);
        same(hidden.groupCount(id), 0);
        same(hidden.lostOf(id), MEMBERS);
        holds(!hidden.isWaiting(id) && hidden.lacksSecrets(id));
        rounds.voidRound(id);
        same(uint256(forfeits.bondOf(address(rounds), id).state), uint256(IForfeits.BondState.Released));
    }

    function test_other_rounds_lose_nothing_and_wait_for_nothing() public {
        RoundId plain = openRound(0, 1, 3);
        holds(!hidden.isWaiting(plain) && !hidden.lacksSecrets(plain) && !hidden.isFrozen(plain, 0));
        same(hidden.lostOf(plain), 0);
        same(hidden.groupCount(plain), 0);
    }
}
