// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {AggregationRule, Leaf} from "../../contracts/types/DisputeTypes.sol";
import {OF_KEY, OF_SEED, SignedShare} from "../../contracts/types/HiddenTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {HiddenFixture} from "./support/HiddenFixture.sol";

/// Faults around a hidden sum: a round whose rule nothing could be proved of, and a holder that signs both of a dealer's
/// secrets away.
contract HiddenFaultsTest is HiddenFixture {
    uint256 private constant HOLDER_KEY = 77;
    address private constant DEALER = address(0x1001);

    RoundId private id;
    address private holder;

    function setUp() public {
        deployHidden();
        holder = vm.addr(HOLDER_KEY);
    }

    // --- rounds whose rule nothing could be proved of -------------------------------------------

    function _revealedBy(uint256 count, RoundTerms memory t) private {
        Leaf[] memory leaves = new Leaf[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = Leaf(participantOf(i), keccak256(abi.encode("update", i)), keccak256(abi.encode("cid", i)), 1);
        }
        revealUpdates(id, t, leaves, count);
        if (hidden.widthOf(id) != 0) unmask(id);
        propose(id, nodeOver(leaves, new int64[](1)));
    }

    function _notHidden() private view returns (bytes memory) {
        return abi.encodeCall(disputes.proveNotHidden, (id, stakes, WATCHER));
    }

    function test_a_hidden_rule_in_a_plain_round_is_rejected() public {
        RoundTerms memory t = hiddenStakedTerms();
        id = openStaked(t);
        for (uint256 i = 0; i < 3; ++i) {
            lockStake(id, participantOf(i));
        }
        vm.warp(t.enrolmentDeadline);
        _revealedBy(3, t);
        prove(_notHidden());
        same(award(WATCHER), 3 * STAKE / 2);
    }

    function test_a_plain_rule_in_a_hidden_round_is_rejected() public {
        stakes.rule = AggregationRule.Mean;
        RoundTerms memory t = hiddenStakedTerms();
        id = shared(t, 3, 3);
        _revealedBy(3, t);
        prove(_notHidden());
        same(award(WATCHER), 3 * STAKE / 2);
    }

    function test_a_rule_that_fits_is_no_fault() public {
        RoundTerms memory t = hiddenStakedTerms();
        id = shared(t, 3, 3);
        _revealedBy(3, t);
        refuse(_notHidden(), abi.encodeWithSelector(IDisputes.RuleFits.selector, id, AggregationRule.HiddenMean));
        stakes.rule = AggregationRule.Mean;
        t = hiddenStakedTerms();
        id = openStaked(t);
        lockStake(id, participantOf(0));
        lockStake(id, participantOf(1));
        vm.warp(t.enrolmentDeadline);
        _revealedBy(2, t);
        refuse(_notHidden(), abi.encodeWithSelector(IDisputes.RuleFits.selector, id, AggregationRule.Mean));
    }

    function test_a_rule_is_a_proposals_fault_alone() public {
        id = openStaked(hiddenStakedTerms());
        refuse(_notHidden(), abi.encodeWithSelector(IDisputes.NoProposal.selector, id));
    }

    // --- both secrets ---------------------------------------------------------------------------

    function _signed(uint256 key, RoundId round, address dealer, uint8 kind)
        private
        view
        returns (SignedShare memory s)
    {
        (s.place, s.share) = (1, keccak256(abi.encode("share", kind)));
        (uint8 v, bytes32 r, bytes32 low) = vm.sign(key, hidden.shareDigest(round, dealer, kind, 1, s.share));
        s.signature = abi.encodePacked(r, low, v);
    }

    function _seated() private {
        RoundTerms memory t = hiddenStakedTerms();
        id = openStaked(t);
        vm.prank(OWNER);
        hidden.hide(id, t, hiddenTerms(t));
        lockStake(id, holder);
    }

    function test_whoever_signs_shares_of_both_secrets_loses_its_stake() public {
        _seated();
        SignedShare memory seed = _signed(HOLDER_KEY, id, DEALER, OF_SEED);
        SignedShare memory key = _signed(HOLDER_KEY, id, DEALER, OF_KEY);
        vm.prank(STRANGER);
        disputes.proveBothSecrets(id, stakes, holder, DEALER, seed, key);
        same(award(BURNT), STAKE);
        same(award(STRANGER), 0);
        same(free(holder), FUNDS - STAKE);
        holds(staked.seatOf(id, holder).burnt);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NothingLocked.selector, id, holder));
        disputes.proveBothSecrets(id, stakes, holder, DEALER, seed, key);
    }

    function _refused(SignedShare memory seed, SignedShare memory key) private {
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotSignedBoth.selector, id, holder, DEALER));
        disputes.proveBothSecrets(id, stakes, holder, DEALER, seed, key);
    }

    function test_one_secret_or_another_dealers_or_rounds_or_signers_is_no_fault() public {
        _seated();
        SignedShare memory seed = _signed(HOLDER_KEY, id, DEALER, OF_SEED);
        SignedShare memory key = _signed(HOLDER_KEY, id, DEALER, OF_KEY);
        _refused(seed, seed);
        _refused(key, key);
        _refused(key, seed);
        _refused(seed, _signed(HOLDER_KEY, id, participantOf(2), OF_KEY));
        _refused(_signed(HOLDER_KEY, RoundId.wrap(keccak256("another")), DEALER, OF_SEED), key);
        _refused(seed, _signed(HOLDER_KEY + 1, id, DEALER, OF_KEY));
        key.share = keccak256("another");
        _refused(seed, key);
        same(award(BURNT), 0);
    }

    function test_who_has_no_stake_in_the_round_has_none_to_lose() public {
        RoundTerms memory t = hiddenStakedTerms();
        id = openStaked(t);
        SignedShare memory seed = _signed(HOLDER_KEY, id, DEALER, OF_SEED);
        SignedShare memory key = _signed(HOLDER_KEY, id, DEALER, OF_KEY);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NothingLocked.selector, id, holder));
        disputes.proveBothSecrets(id, stakes, holder, DEALER, seed, key);
    }
}
