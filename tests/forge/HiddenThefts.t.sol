// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IForfeits} from "../../contracts/interfaces/IForfeits.sol";
import {IHiddenRoundsErrors} from "../../contracts/interfaces/IHiddenRoundsErrors.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {HiddenRounds} from "../../contracts/privacy/HiddenRounds.sol";
import {ContractWallet} from "../../contracts/testing/ContractWallet.sol";
import {HiddenGroup, OF_KEY, OF_SEED, PostedShare, SignedShare} from "../../contracts/types/HiddenTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {HiddenStage} from "./support/HiddenStage.sol";

/// What a thief tries in a hidden round: to lay an update open, to stop the others, or to have the coordinator pay.
contract HiddenTheftsTest is HiddenStage {
    uint256 private constant THIEF = 0;

    function setUp() public {
        deployAll();
        setTerms(2, 20, 8);
    }

    function _refuses(bytes4 error, address participant) private {
        vm.expectRevert(abi.encodeWithSelector(error, id, participant));
    }

    function _bond() private view returns (uint256) {
        return uint256(forfeits.bondOf(address(rounds), id).state);
    }

    // --- to lay an update open ------------------------------------------------------------------

    function test_a_thief_that_reveals_late_does_not_change_who_survived() public {
        shared(MEMBERS);
        revealFrom(1, MEMBERS);
        hidden.freeze(id, 0);
        HiddenGroup memory before = hidden.groupOf(id, 0);
        vm.expectRevert();
        this.reveals(THIEF);
        vm.expectRevert();
        this.freezes(0);
        HiddenGroup memory g = hidden.groupOf(id, 0);
        holds(g.active == before.active && g.survivors == before.survivors);
    }

    function reveals(uint256 index) external {
        reveal(index);
    }

    function freezes(uint256 group) external {
        hidden.freeze(id, group);
    }

    function test_both_secrets_of_one_are_never_on_the_chain() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        for (uint256 i = 0; i < MEMBERS; ++i) {
            uint8 other = i == 0 ? OF_SEED : OF_KEY;
            bytes memory wrong =
                abi.encodeWithSelector(IHiddenRoundsErrors.WrongSecret.selector, id, who(i), other, i != 0);
            vm.expectRevert(wrong);
            if (other == OF_SEED) hidden.openSeed(id, who(i), seedOf(i));
            else hidden.openKey(id, who(i), secretOf(i));
            uint256 holder = (i + 1) % MEMBERS;
            PostedShare memory s = posted(i, holder, other);
            vm.expectRevert(wrong);
            vm.prank(who(holder));
            hidden.postShares(id, one(s));
        }
    }

    function _commitment(uint256 chain, address contract_, RoundId round, address participant)
        private
        pure
        returns (bytes32)
    {
        bytes32 tag = keccak256("tallystick/hidden/seed/1");
        return keccak256(abi.encode(tag, chain, contract_, round, participant, seedOf(1)));
    }

    function test_a_commitment_of_another_chain_contract_round_or_participant_is_not_opened_here() public {
        openHidden();
        RoundId other = id;
        for (uint256 i = 0; i < 5; ++i) {
            openHidden();
            bytes32[5] memory made = [
                _commitment(block.chainid, address(hidden), id, who(1)),
                _commitment(block.chainid + 1, address(hidden), id, who(1)),
                _commitment(block.chainid, address(rounds), id, who(1)),
                _commitment(block.chainid, address(hidden), other, who(1)),
                _commitment(block.chainid, address(hidden), id, who(2))
            ];
            for (uint256 k = 1; k < 3; ++k) {
                enrol(k);
                publish(k);
            }
            vm.warp(roundTerms.enrolmentDeadline);
            vm.prank(who(1));
            hidden.shareSecrets(id, made[i], shareRootOf(1), keccak256("bundle"));
            share(2);
            revealFrom(1, 3);
            hidden.freeze(id, 0);
            if (i != 0) _refuses(IHiddenRoundsErrors.WrongSeed.selector, who(1));
            hidden.openSeed(id, who(1), seedOf(1));
            setTerms(2, 20, 8);
        }
    }

    function test_a_copied_commitment_can_not_be_opened_by_its_copier() public {
        openHidden();
        for (uint256 i = 0; i < MEMBERS; ++i) {
            enrol(i);
            publish(i);
        }
        vm.warp(roundTerms.enrolmentDeadline);
        for (uint256 i = 1; i < MEMBERS; ++i) {
            share(i);
        }
        bytes32 foreign = commitmentOf(id, 1);
        vm.prank(who(THIEF));
        hidden.shareSecrets(id, foreign, shareRootOf(1), keccak256("bundle"));
        revealFrom(0, MEMBERS);
        hidden.freeze(id, 0);
        _refuses(IHiddenRoundsErrors.WrongSeed.selector, who(THIEF));
        hidden.openSeed(id, who(THIEF), seedOf(1));
        hidden.openSeed(id, who(1), seedOf(1)); // the copy takes nothing from whom it was copied
    }

    function test_a_foreign_key_gives_its_publisher_no_secret_of_the_other() public {
        openHidden();
        for (uint256 i = 0; i < MEMBERS; ++i) {
            enrol(i);
        }
        (uint256 x, bool odd) = pointOf(uint256(secretOf(1)));
        vm.prank(who(THIEF));
        hidden.publishKey(id, x, odd); // seen before its owner's call was mined
        for (uint256 i = 1; i < MEMBERS; ++i) {
            publish(i); // its owner isn't stopped
        }
        vm.warp(roundTerms.enrolmentDeadline);
        for (uint256 i = 0; i < MEMBERS; ++i) {
            share(i);
        }
        revealFrom(1, MEMBERS); // the thief drops, to have the key opened as its own
        hidden.freeze(id, 0);
        vm.expectRevert(abi.encodeWithSelector(IHiddenRoundsErrors.WrongSecret.selector, id, who(1), OF_KEY, true));
        hidden.openKey(id, who(1), secretOf(1));
        // Whoever holds shares of the foreign key has them from the thief, who didn't know it: the group is given up.
        openSeeds(1, MEMBERS);
        vm.warp(hiddenTerms.unmaskDeadline);
        hidden.strand(id, 0);
        rounds.voidRound(id);
        same(_bond(), uint256(IForfeits.BondState.Released));
    }

    // --- to stop the others ---------------------------------------------------------------------

    function test_posting_a_share_first_does_not_stop_the_others() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        PostedShare[] memory many = new PostedShare[](2);
        bytes[] memory signatures = new bytes[](2);
        (many[0], many[1]) = (posted(0, 2, OF_KEY), posted(1, 2, OF_SEED));
        (signatures[0], signatures[1]) = (signed(id, 2, many[0]), signed(id, 2, many[1]));
        bytes[] memory taken = new bytes[](1);
        taken[0] = signatures[0];
        vm.prank(who(THIEF)); // who saw them under way
        hidden.postSharesFor(id, who(2), one(many[0]), taken);
        hidden.postSharesFor(id, who(2), many, signatures);
        same(hidden.sharesPostedOf(id, who(1)), 1 << 3);
    }

    function test_nobody_takes_a_holders_place_with_a_share_of_its_own() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        PostedShare memory s = posted(1, 2, OF_SEED);
        vm.prank(who(THIEF));
        _refusesShare(1, THIEF);
        hidden.postShares(id, one(s)); // the same share, as if it were the thief's
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = signed(id, THIEF, s);
        _refusesShare(1, THIEF);
        hidden.postSharesFor(id, who(THIEF), one(s), signatures);
        same(hidden.sharesPostedOf(id, who(1)), 0);
    }

    function _refusesShare(uint256 dealer, uint256 holder) private {
        vm.expectRevert(
            abi.encodeWithSelector(IHiddenRoundsErrors.ShareNotOfBundle.selector, id, who(dealer), who(holder))
        );
    }

    function test_a_signature_is_good_for_one_round_one_dealer_one_secret_and_one_contract() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        PostedShare memory s = posted(1, 2, OF_SEED);
        bytes32 here = hidden.shareDigest(id, s.dealer, s.kind, s.place, s.share);
        holds(here != hidden.shareDigest(RoundId.wrap(0), s.dealer, s.kind, s.place, s.share));
        holds(here != hidden.shareDigest(id, who(2), s.kind, s.place, s.share));
        holds(here != hidden.shareDigest(id, s.dealer, OF_KEY, s.place, s.share));
        holds(here != hidden.shareDigest(id, s.dealer, s.kind, s.place + 1, s.share));
        holds(here != hidden.shareDigest(id, s.dealer, s.kind, s.place, bytes32(uint256(s.share) + 1)));
        HiddenRounds other = new HiddenRounds(rounds, IStakedRounds(STAKED), IQuestions(STAKED));
        holds(here != other.shareDigest(id, s.dealer, s.kind, s.place, s.share));
        vm.chainId(block.chainid + 1);
        holds(here != hidden.shareDigest(id, s.dealer, s.kind, s.place, s.share));
    }

    function test_whoever_filled_the_roster_and_stays_away_costs_the_coordinator_nothing() public {
        openHidden();
        for (uint256 i = 0; i < 8; ++i) {
            enrol(i);
            publish(i);
        }
        vm.warp(roundTerms.enrolmentDeadline);
        for (uint256 i = 4; i < 8; ++i) {
            share(i);
        }
        vm.warp(hiddenTerms.bundleDeadline);
        revealFrom(4, 8); // four of eight aren't more than half
        hidden.freeze(id, 0);
        hidden.strand(id, 0);
        rounds.voidRound(id);
        same(_bond(), uint256(IForfeits.BondState.Released));
    }

    // --- to have the coordinator pay ------------------------------------------------------------

    function test_whoever_reveals_without_a_key_earns_no_forfeit() public {
        openHidden();
        enrol(0);
        publish(0);
        for (uint256 i = 1; i < MEMBERS; ++i) {
            enrol(i); // and publishes nothing
        }
        vm.warp(roundTerms.enrolmentDeadline);
        share(0);
        revealFrom(0, MEMBERS); // five, and two are the minimum
        hidden.freeze(id, 0);
        hidden.strand(id, 0);
        same(hidden.lostOf(id), MEMBERS);
        vm.warp(roundTerms.proposalDeadline);
        rounds.voidRound(id);
        same(_bond(), uint256(IForfeits.BondState.Released));
    }

    function test_a_coordinator_that_lets_a_group_wait_still_owes_its_forfeit() public {
        byInvitation();
        survived(MEMBERS, 0);
        hidden.freeze(id, 0);
        openSeeds(0, 1);
        // It proposes nothing, and says that the round waited.
        vm.warp(roundTerms.proposalDeadline);
        holds(hidden.isWaiting(id));
        rounds.voidRound(id);
        same(_bond(), uint256(IForfeits.BondState.Forfeited));
        forfeits.collect(address(rounds), id, who(1));
        same(token.balanceOf(who(1)), FORFEIT);
    }

    function test_a_coordinator_can_not_give_an_open_group_up_to_save_its_bond() public {
        byInvitation();
        survived(MEMBERS, 0);
        hidden.freeze(id, 0);
        openSeeds(0, MEMBERS);
        vm.warp(roundTerms.proposalDeadline);
        vm.expectRevert(abi.encodeWithSelector(IHiddenRoundsErrors.GroupIsOpen.selector, id, 0));
        hidden.strand(id, 0);
        rounds.voidRound(id);
        same(_bond(), uint256(IForfeits.BondState.Forfeited));
    }

    // --- both secrets, signed -------------------------------------------------------------------

    function _signedShare(uint256 holder, uint256 dealer, uint8 kind) private view returns (SignedShare memory) {
        PostedShare memory s = posted(dealer, holder, kind);
        return SignedShare(s.place, s.share, signed(id, holder, s));
    }

    function test_signatures_of_both_secrets_speak_against_their_signer_alone() public {
        openHidden();
        SignedShare memory seed = _signedShare(2, 1, OF_SEED);
        SignedShare memory key = _signedShare(2, 1, OF_KEY);
        holds(hidden.signedBoth(id, who(2), who(1), seed, key));
        holds(!hidden.signedBoth(id, who(3), who(1), seed, key));
        holds(!hidden.signedBoth(id, who(2), who(3), seed, key));
        holds(!hidden.signedBoth(RoundId.wrap(0), who(2), who(1), seed, key));
        holds(!hidden.signedBoth(id, who(2), who(1), seed, seed));
        holds(!hidden.signedBoth(id, who(2), who(1), key, key));
        holds(!hidden.signedBoth(id, who(2), who(1), key, seed));
        holds(!hidden.signedBoth(id, who(2), who(1), seed, _signedShare(2, 3, OF_KEY)));
    }

    function test_a_key_that_takes_code_on_does_not_take_its_signatures_back() public {
        openHidden();
        SignedShare memory seed = _signedShare(2, 1, OF_SEED);
        SignedShare memory key = _signedShare(2, 1, OF_KEY);
        ContractWallet refusing = new ContractWallet(STRANGER);
        vm.etch(who(2), address(refusing).code); // as EIP-7702 lets it
        holds(hidden.signedBoth(id, who(2), who(1), seed, key));
    }
}
