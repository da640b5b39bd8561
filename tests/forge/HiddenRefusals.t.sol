// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiddenRoundsErrors} from "../../contracts/interfaces/IHiddenRoundsErrors.sol";
import {OF_KEY, OF_SEED, ORDER, PostedShare} from "../../contracts/types/HiddenTypes.sol";
import {Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {HiddenStage} from "./support/HiddenStage.sol";

/// What HiddenRounds refuses from the end of reveals on, by name and with its values.
contract HiddenRefusalsTest is HiddenStage {
    RoundId private constant NONE = RoundId.wrap(0);

    function setUp() public {
        deployAll();
        setTerms(2, 20, 8);
    }

    function _refuses(bytes memory reason) private {
        vm.expectRevert(reason);
    }

    function _of(bytes4 error) private view returns (bytes memory) {
        return abi.encodeWithSelector(error, id);
    }

    function _of(bytes4 error, address participant) private view returns (bytes memory) {
        return abi.encodeWithSelector(error, id, participant);
    }

    function _ofGroup(bytes4 error, uint256 group) private view returns (bytes memory) {
        return abi.encodeWithSelector(error, id, group);
    }

    function _now() private view returns (uint64) {
        return uint64(block.timestamp);
    }

    // --- freezing -------------------------------------------------------------------------------

    function test_nobody_is_written_down_before_reveals_and_bundles_are_over() public {
        shared(3);
        bytes4 early = IHiddenRoundsErrors.TooEarlyToFreeze.selector;
        uint64 from = roundTerms.revealDeadline;
        _refuses(abi.encodeWithSelector(early, id, Phase.Commit, from, _now()));
        hidden.freeze(id, 0);
        revealFrom(0, 2);
        vm.warp(from - 1);
        // What is committed is revealed, so the phase is that of proposals, and bundles have long been there.
        hidden.freeze(id, 0);

        setTerms(2, 3, 8);
        openHidden();
        for (uint256 i = 0; i < 3; ++i) {
            enrol(i);
            publish(i);
        }
        share(0);
        for (uint256 i = 0; i < 3; ++i) {
            commit(i);
        }
        for (uint256 i = 0; i < 3; ++i) {
            reveal(i);
        }
        from = roundTerms.revealDeadline;
        _refuses(abi.encodeWithSelector(early, id, Phase.Proposal, from, _now()));
        hidden.freeze(id, 0); // two bundles may still come
        vm.warp(hiddenTerms.bundleDeadline);
        hidden.freeze(id, 0);
    }

    function test_a_group_is_frozen_once_and_has_to_be_there() public {
        survived(3, 0);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.UnknownGroup.selector, id, 1, 1));
        hidden.freeze(id, 1);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.UnknownGroup.selector, id, 1, 1));
        hidden.strand(id, 1);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.UnknownGroup.selector, id, 1, 1));
        hidden.groupOf(id, 1);
        hidden.freeze(id, 0);
        _refuses(_ofGroup(IHiddenRoundsErrors.FrozenAlready.selector, 0));
        hidden.freeze(id, 0);
    }

    function test_nothing_of_a_void_round_is_written_down_or_opened() public {
        survived(MEMBERS, MEMBERS - 1); // one of five, and two are the minimum
        rounds.voidRound(id);
        _refuses(_of(IHiddenRoundsErrors.RoundIsVoid.selector));
        hidden.freeze(id, 0);
        setTerms(4, 20, 3);
        survived(6, 0);
        hidden.freeze(id, 0);
        hidden.freeze(id, 1);
        uint64 unmask = hiddenTerms.unmaskDeadline;
        vm.warp(unmask);
        hidden.strand(id, 0);
        rounds.voidRound(id);
        vm.warp(unmask - 1); // even if there were time
        _refuses(_of(IHiddenRoundsErrors.RoundIsVoid.selector));
        hidden.openSeed(id, who(0), seedOf(0));
        _refuses(_of(IHiddenRoundsErrors.RoundIsVoid.selector));
        hidden.postShares(id, one(posted(1, 0, OF_SEED)));
    }

    // --- opening --------------------------------------------------------------------------------

    function test_nothing_is_opened_before_survivors_are_written_down() public {
        survived(MEMBERS, 1);
        bytes memory reason = _ofGroup(IHiddenRoundsErrors.NotFrozen.selector, 0);
        _refuses(reason);
        hidden.openSeed(id, who(1), seedOf(1));
        _refuses(reason);
        hidden.openKey(id, who(0), secretOf(0));
        _refuses(reason);
        vm.prank(who(1));
        hidden.postShares(id, one(posted(0, 1, OF_KEY)));
        _refuses(reason);
        hidden.strand(id, 0);
    }

    function test_a_secret_is_what_was_committed_to() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        _refuses(_of(IHiddenRoundsErrors.WrongSeed.selector, who(1)));
        hidden.openSeed(id, who(1), seedOf(2));
        bytes32[4] memory keys = [secretOf(1), bytes32(0), bytes32(ORDER), bytes32(uint256(secretOf(0)) + 1)];
        for (uint256 i = 0; i < 4; ++i) {
            _refuses(_of(IHiddenRoundsErrors.WrongKey.selector, who(0)));
            hidden.openKey(id, who(0), keys[i]);
        }
        _refuses(_of(IHiddenRoundsErrors.NoKey.selector, STRANGER));
        hidden.openSeed(id, STRANGER, seedOf(1));
        hidden.openSeed(id, who(1), seedOf(1));
        _refuses(_of(IHiddenRoundsErrors.OpenedAlready.selector, who(1)));
        hidden.openSeed(id, who(1), seedOf(1));
        hidden.openKey(id, who(0), secretOf(0));
        _refuses(_of(IHiddenRoundsErrors.OpenedAlready.selector, who(0)));
        hidden.openKey(id, who(0), secretOf(0));
    }

    function _wrongSecret(uint256 index, uint8 kind, bool alive) private view returns (bytes memory) {
        return abi.encodeWithSelector(IHiddenRoundsErrors.WrongSecret.selector, id, who(index), kind, alive);
    }

    function test_the_other_secret_is_refused_right_or_wrong_and_as_a_share() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        _refuses(_wrongSecret(0, OF_SEED, false));
        hidden.openSeed(id, who(0), seedOf(0));
        _refuses(_wrongSecret(1, OF_KEY, true));
        hidden.openKey(id, who(1), secretOf(1));
        vm.startPrank(who(2));
        _refuses(_wrongSecret(0, OF_SEED, false));
        hidden.postShares(id, one(posted(0, 2, OF_SEED)));
        _refuses(_wrongSecret(1, OF_KEY, true));
        hidden.postShares(id, one(posted(1, 2, OF_KEY)));
    }

    function test_nothing_is_opened_of_whoever_never_shared() public {
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
        revealFrom(0, MEMBERS);
        hidden.freeze(id, 0);
        _refuses(_of(IHiddenRoundsErrors.NotActive.selector, who(0)));
        hidden.openSeed(id, who(0), seedOf(0));
        _refuses(_of(IHiddenRoundsErrors.NotActive.selector, who(0)));
        hidden.openKey(id, who(0), secretOf(0));
    }

    function test_of_too_few_survivors_nothing_is_opened() public {
        survived(6, 3); // three of six are no more than half
        hidden.freeze(id, 0);
        bytes memory few = abi.encodeWithSelector(IHiddenRoundsErrors.TooFewSurvivors.selector, id, 0, 3, 4);
        _refuses(few);
        hidden.openSeed(id, who(3), seedOf(3));
        _refuses(few);
        hidden.openKey(id, who(0), secretOf(0));
        _refuses(few);
        vm.prank(who(3));
        hidden.postShares(id, one(posted(4, 3, OF_SEED)));
    }

    function test_a_single_survivor_is_never_opened() public {
        shared(1);
        revealFrom(0, 1);
        hidden.freeze(id, 0);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.TooFewSurvivors.selector, id, 0, 1, 2));
        hidden.openSeed(id, who(0), seedOf(0));
        hidden.strand(id, 0);
    }

    function test_a_key_that_no_sum_takes_stays_closed() public {
        (hiddenTerms.degree, hiddenTerms.threshold) = (2, 2);
        shared(7);
        address alone = hidden.groupOf(id, 0).members[2];
        uint256 index = hidden.memberOf(id, alone).index;
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
        _refuses(_of(IHiddenRoundsErrors.SecretNotNeeded.selector, alone));
        hidden.openKey(id, alone, secretOf(index));
    }

    // --- shares ---------------------------------------------------------------------------------

    function test_a_share_is_of_the_dealers_tree_and_its_holders_alone() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        bytes memory reason = abi.encodeWithSelector(IHiddenRoundsErrors.ShareNotOfBundle.selector, id, who(0), who(2));
        PostedShare memory s = posted(0, 2, OF_KEY);
        s.share = bytes32(uint256(s.share) + 1);
        vm.startPrank(who(2));
        _refuses(reason);
        hidden.postShares(id, one(s));
        s = posted(0, 2, OF_KEY);
        ++s.place;
        _refuses(reason);
        hidden.postShares(id, one(s));
        _refuses(reason);
        hidden.postShares(id, one(posted(0, 3, OF_KEY))); // another holder's
        s = posted(0, 2, OF_KEY);
        s.dealer = STRANGER;
        _refuses(_of(IHiddenRoundsErrors.NoKey.selector, STRANGER));
        hidden.postShares(id, one(s));
        s = posted(0, 2, OF_KEY);
        s.kind = 3;
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.UnknownKind.selector, 3));
        hidden.postShares(id, one(s));
        hidden.postShares(id, one(posted(0, 2, OF_KEY)));
        _refuses(_of(IHiddenRoundsErrors.PostedAlready.selector, who(2)));
        hidden.postShares(id, one(posted(0, 2, OF_KEY)));
        _refuses(_of(IHiddenRoundsErrors.PostedAlready.selector, who(2)));
        hidden.postShares(id, new PostedShare[](0));
    }

    function test_a_share_is_posted_for_its_holder_by_its_signature_alone() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        PostedShare memory s = posted(0, 2, OF_KEY);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.SignatureCount.selector, 1, 0));
        hidden.postSharesFor(id, who(2), one(s), new bytes[](0));
        bytes[] memory signatures = new bytes[](1);
        bytes memory reason = _of(IHiddenRoundsErrors.InvalidSignature.selector, who(2));
        signatures[0] = signed(id, 3, s);
        _refuses(reason);
        hidden.postSharesFor(id, who(2), one(s), signatures);
        signatures[0] = signed(NONE, 2, s); // of another round
        _refuses(reason);
        hidden.postSharesFor(id, who(2), one(s), signatures);
        signatures[0] = signed(id, 2, s);
        hidden.postSharesFor(id, who(2), one(s), signatures);
        _refuses(_of(IHiddenRoundsErrors.PostedAlready.selector, who(2)));
        hidden.postSharesFor(id, who(2), one(s), signatures);
    }

    // --- deadlines and giving up ----------------------------------------------------------------

    function test_secrets_are_opened_until_the_deadline_and_groups_given_up_after() public {
        survived(MEMBERS, 1);
        hidden.freeze(id, 0);
        uint64 deadline = hiddenTerms.unmaskDeadline;
        vm.warp(deadline - 1);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.UnmaskingNotOver.selector, id, deadline, _now()));
        hidden.strand(id, 0);
        hidden.openSeed(id, who(1), seedOf(1));
        vm.warp(deadline);
        bytes memory over = abi.encodeWithSelector(IHiddenRoundsErrors.UnmaskingOver.selector, id, deadline, deadline);
        _refuses(over);
        hidden.openSeed(id, who(2), seedOf(2));
        _refuses(over);
        hidden.openKey(id, who(0), secretOf(0));
        _refuses(over);
        vm.prank(who(2));
        hidden.postShares(id, one(posted(0, 2, OF_KEY)));
        hidden.strand(id, 0);
        _refuses(_ofGroup(IHiddenRoundsErrors.StrandedAlready.selector, 0));
        hidden.strand(id, 0);
    }

    function test_an_open_group_is_not_given_up_and_one_that_is_stays_closed() public {
        survived(MEMBERS, 0);
        hidden.freeze(id, 0);
        openSeeds(0, MEMBERS);
        vm.warp(hiddenTerms.unmaskDeadline);
        _refuses(_ofGroup(IHiddenRoundsErrors.GroupIsOpen.selector, 0));
        hidden.strand(id, 0);
        setTerms(2, 20, 8);
        survived(MEMBERS, 3);
        hidden.freeze(id, 0);
        hidden.strand(id, 0);
        _refuses(_ofGroup(IHiddenRoundsErrors.StrandedAlready.selector, 0));
        hidden.openSeed(id, who(3), seedOf(3));
    }
}
