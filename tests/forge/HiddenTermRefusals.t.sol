// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiddenRoundsErrors} from "../../contracts/interfaces/IHiddenRoundsErrors.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {ORDER, PostedShare} from "../../contracts/types/HiddenTypes.sol";
import {Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {HiddenStage} from "./support/HiddenStage.sol";

/// What HiddenRounds refuses until secrets are shared, by name and with its values.
contract HiddenTermRefusalsTest is HiddenStage {
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

    // --- hiding ---------------------------------------------------------------------------------

    /// A plain round that would be hidden with these terms.
    function _opened() private {
        vm.startPrank(OWNER);
        token.approve(address(rounds), uint256(FORFEIT) * roundTerms.maximumParticipants);
        id = rounds.openRound(roundTerms);
        vm.stopPrank();
    }

    function _hides(address caller) private {
        vm.prank(caller);
        hidden.hide(id, roundTerms, hiddenTerms);
    }

    function test_only_who_opened_a_round_hides_it_and_once() public {
        _opened();
        address[3] memory others = [STRANGER, PUBLISHER, address(staked())];
        for (uint256 i = 0; i < 3; ++i) {
            _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.NotCoordinatorOf.selector, id, others[i], OWNER));
            _hides(others[i]);
        }
        _hides(OWNER);
        _refuses(_of(IHiddenRoundsErrors.AlreadyHidden.selector));
        _hides(OWNER);
        id = NONE;
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.NotCoordinatorOf.selector, NONE, OWNER, address(0)));
        _hides(OWNER);
    }

    function staked() private view returns (address) {
        return address(hidden.staked());
    }

    function test_a_round_is_hidden_under_its_own_terms_alone() public {
        _opened();
        ++roundTerms.maximumParticipants;
        _refuses(_of(IHiddenRoundsErrors.WrongRoundTerms.selector));
        _hides(OWNER);
        --roundTerms.maximumParticipants;
        ++roundTerms.forfeit; // the last word of them
        _refuses(_of(IHiddenRoundsErrors.WrongRoundTerms.selector));
        _hides(OWNER);
        --roundTerms.forfeit;
        _hides(OWNER);
    }

    function test_a_stranger_s_seat_keeps_no_round_from_being_hidden() public {
        _opened();
        enrol(0);
        _hides(OWNER);
        require(hidden.widthOf(id) != 0, "not hidden");
    }

    function test_a_round_with_batches_or_past_enrolment_is_not_hidden_any_more() public {
        _opened();
        vm.prank(OWNER);
        rounds.commitBatch(id, keccak256("batch"), 3, keccak256("document"));
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.BatchesAlready.selector, id, 1));
        _hides(OWNER);
        _opened();
        vm.warp(roundTerms.enrolmentDeadline);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.NotInEnrolment.selector, id, Phase.Commit));
        _hides(OWNER);
    }

    function test_weights_are_hidden_with_the_update() public {
        roundTerms.weightCap = 2;
        _opened();
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.WeightNotHidden.selector, 2));
        _hides(OWNER);
        roundTerms.weightCap = 1;
        _opened();
        hiddenTerms.weightCap = 0;
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.HiddenWeightOutOfRange.selector, 0));
        _hides(OWNER);
    }

    function test_hidden_weights_keep_every_sum_below_two_to_the_62() public {
        _opened();
        uint256 shift = uint256(roundTerms.lattice.bits) + roundTerms.lattice.guardBits - 1;
        uint256 per = uint256(roundTerms.maximumParticipants) << shift;
        uint64 least = uint64(((1 << 62) + per - 1) / per);
        (hiddenTerms.ring, hiddenTerms.weightCap) = (64, least);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.HiddenWeightOutOfRange.selector, least));
        _hides(OWNER);
        hiddenTerms.weightCap = least - 1;
        _hides(OWNER);
    }

    function test_degrees_thresholds_and_groups_have_bounds() public {
        _opened();
        uint16[3] memory degrees = [uint16(0), 3, 256];
        for (uint256 i = 0; i < 3; ++i) {
            hiddenTerms.degree = degrees[i];
            _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.DegreeOutOfRange.selector, degrees[i]));
            _hides(OWNER);
        }
        hiddenTerms.degree = 254;
        uint16[3] memory thresholds = [uint16(0), 127, 255];
        for (uint256 i = 0; i < 3; ++i) {
            hiddenTerms.threshold = thresholds[i];
            _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.ThresholdOutOfRange.selector, thresholds[i], 254));
            _hides(OWNER);
        }
        hiddenTerms.threshold = 128;
        uint16[3] memory sizes = [uint16(0), 1, 257];
        for (uint256 i = 0; i < 3; ++i) {
            hiddenTerms.groupSize = sizes[i];
            _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.GroupSizeOutOfRange.selector, sizes[i], 20));
            _hides(OWNER);
        }
        hiddenTerms.groupSize = 256;
        _hides(OWNER);
    }

    function test_a_ring_holds_every_sum() public {
        _opened();
        hiddenTerms.ring = 33;
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.RingTooSmall.selector, 19, 33));
        _hides(OWNER);
        (hiddenTerms.ring, hiddenTerms.weightCap) = (32, 2 ** 14); // 2^17 summands at most
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.RingTooSmall.selector, 34, 32));
        _hides(OWNER);
        hiddenTerms.weightCap = type(uint64).max;
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.HiddenWeightOutOfRange.selector, type(uint64).max));
        _hides(OWNER);
        (hiddenTerms.ring, hiddenTerms.weightCap) = (32, 2 ** 13);
        _hides(OWNER);
        same(hidden.widthOf(id), 32);
    }

    function test_deadlines_lie_between_those_of_the_round() public {
        _opened();
        (uint64 enrolment, uint64 commits) = (roundTerms.enrolmentDeadline, roundTerms.commitDeadline);
        uint64[2] memory bundles = [enrolment, commits];
        bytes4 error = IHiddenRoundsErrors.BundleDeadlineOutOfRange.selector;
        for (uint256 i = 0; i < 2; ++i) {
            hiddenTerms.bundleDeadline = bundles[i];
            _refuses(abi.encodeWithSelector(error, bundles[i], enrolment, commits));
            _hides(OWNER);
        }
        hiddenTerms.bundleDeadline = commits - 1;
        (uint64 reveals, uint64 proposals) = (roundTerms.revealDeadline, roundTerms.proposalDeadline);
        uint64[2] memory unmasks = [reveals, proposals];
        error = IHiddenRoundsErrors.UnmaskDeadlineOutOfRange.selector;
        for (uint256 i = 0; i < 2; ++i) {
            hiddenTerms.unmaskDeadline = unmasks[i];
            _refuses(abi.encodeWithSelector(error, unmasks[i], reveals, proposals));
            _hides(OWNER);
        }
        hiddenTerms.unmaskDeadline = proposals - 1;
        _hides(OWNER);
    }

    // --- keys and bundles -----------------------------------------------------------------------

    function test_a_key_is_of_somebody_enrolled_and_on_the_curve_and_the_first_one() public {
        openHidden();
        _refuses(_of(IHiddenRoundsErrors.NotEnrolled.selector, who(0)));
        this.publishes(0);
        enrol(0);
        uint256[4] memory points = [uint256(0), 5, type(uint256).max, ORDER];
        for (uint256 i = 0; i < 4; ++i) {
            _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.NotOnCurve.selector, points[i]));
            vm.prank(who(0));
            hidden.publishKey(id, points[i], false);
        }
        publish(0);
        _refuses(_of(IHiddenRoundsErrors.KeyPublishedAlready.selector, who(0)));
        this.publishes(0);
        enrol(1);
        vm.warp(roundTerms.enrolmentDeadline);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.KeysClosed.selector, id, 1));
        this.publishes(1);
        same(hidden.rosterSize(id), 1);
    }

    function publishes(uint256 index) external {
        publish(index);
    }

    function test_nothing_is_published_in_a_round_that_nobody_hid() public {
        _opened();
        enrol(0);
        bytes memory reason = _of(IHiddenRoundsErrors.NotHidden.selector);
        _refuses(reason);
        this.publishes(0);
        _refuses(reason);
        hidden.shareSecrets(id, "c", "r", "d");
        _refuses(reason);
        hidden.freeze(id, 0);
        _refuses(reason);
        hidden.openSeed(id, who(0), 0);
        _refuses(reason);
        hidden.openKey(id, who(0), 0);
        _refuses(reason);
        hidden.postShares(id, new PostedShare[](1));
        _refuses(reason);
        hidden.strand(id, 0);
        _refuses(reason);
        hidden.orderSeedOf(id);
        _refuses(reason);
        hidden.placeOf(id, who(0));
        _refuses(reason);
        hidden.groupOf(id, 0);
    }

    function test_secrets_are_shared_between_keys_and_the_bundles_deadline() public {
        openHidden();
        enrol(0);
        publish(0);
        enrol(1);
        publish(1);
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.KeysOpen.selector, id, 2, roundTerms.enrolmentDeadline));
        this.shares(0);
        vm.warp(roundTerms.enrolmentDeadline);
        _refuses(_of(IHiddenRoundsErrors.NoKey.selector, STRANGER));
        vm.prank(STRANGER);
        hidden.shareSecrets(id, "c", "r", "d");
        bytes32[3] memory words = [bytes32("c"), "r", "d"];
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 kept = words[i];
            words[i] = 0;
            _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.EmptyBundle.selector));
            vm.prank(who(0));
            hidden.shareSecrets(id, words[0], words[1], words[2]);
            words[i] = kept;
        }
        share(0);
        _refuses(_of(IHiddenRoundsErrors.SharedAlready.selector, who(0)));
        this.shares(0);
        vm.warp(hiddenTerms.bundleDeadline);
        uint64 due = hiddenTerms.bundleDeadline;
        _refuses(abi.encodeWithSelector(IHiddenRoundsErrors.BundlesClosed.selector, id, due, due));
        this.shares(1);
    }

    function shares(uint256 index) external {
        share(index);
    }

    function test_a_batch_takes_no_seat_in_a_hidden_round() public {
        openHidden();
        _refuses(_of(ITrainingRoundsErrors.BatchInHiddenRound.selector));
        vm.prank(OWNER);
        rounds.commitBatch(id, keccak256("batch"), 3, keccak256("document"));
    }
}
