// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEvaluations} from "../../contracts/interfaces/IEvaluations.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {IStakeFloors} from "../../contracts/interfaces/IStakeFloors.sol";
import {Leaf, Proposal, StakeTerms} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";

/// F-11: a proposal settles when K of N evaluators found the same, and is rejected when they found something else,
/// unless the panel's governor rules otherwise.
contract EvaluationsTest is StakedFixture {
    bytes32 private constant TYPE = keccak256(
        "Attestation(bytes32 roundId,bytes32 versionDigest,bytes32 documentDigest,bytes32 payoutRoot,uint256 payoutTotal,bytes32 payoutDocument,bytes32 scoresDigest)"
    );
    bytes32 private constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    address private constant GOVERNOR = address(0x60F);
    address private constant HANDER = address(0x4A);
    uint32 private constant APPEAL = 50;

    RoundId private id;
    uint256[] private _keys;
    address[] private _members;
    Leaf[] private _kept;

    function setUp() public {
        deployStaked();
        for (uint256 key = 1; _keys.length < 3; ++key) {
            address who = vm.addr(key);
            if (_members.length == 0 || who > _members[_members.length - 1]) {
                _keys.push(key);
                _members.push(who);
            }
        }
        _panel(GOVERNOR, APPEAL);
    }

    function _panel(address governor, uint32 window) private {
        stakes.panel = evaluations.createPanel(_members, 2, governor, window);
        id = proposable(3);
        delete _kept;
        Leaf[] memory leaves = leavesTo(3);
        for (uint256 i = 0; i < 3; ++i) {
            _kept.push(leaves[i]);
        }
    }

    function _proposed() private returns (Proposal memory made) {
        made = proposalOf(nodeOver(_kept, sums(0, 3)));
        (made.payoutRoot, made.payoutTotal, made.payoutDocument) = (keccak256("root"), 10, keccak256("list"));
        proposeUncertified(id, made);
        certifyResult(id);
    }

    function _found(Proposal memory made) private view returns (IEvaluations.Attestation memory) {
        return IEvaluations.Attestation(
            id,
            made.versionDigest,
            made.documentDigest,
            made.payoutRoot,
            made.payoutTotal,
            made.payoutDocument,
            keccak256("scores")
        );
    }

    function _signature(uint256 key, IEvaluations.Attestation memory a) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN, keccak256("Tallystick Evaluations"), keccak256("1"), block.chainid, address(evaluations))
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(TYPE, a))));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _signed(IEvaluations.Attestation memory a, uint256 from, uint256 to)
        private
        view
        returns (address[] memory signers, bytes[] memory signatures)
    {
        signers = new address[](to - from);
        signatures = new bytes[](to - from);
        for (uint256 i = from; i < to; ++i) {
            signers[i - from] = _members[i];
            signatures[i - from] = _signature(_keys[i], a);
        }
    }

    function _attest(Proposal memory made, IEvaluations.Attestation memory a) private {
        (address[] memory signers, bytes[] memory signatures) = _signed(a, 1, 3);
        vm.prank(HANDER);
        evaluations.attest(id, stakes, made, a, signers, signatures);
    }

    function _refused(
        Proposal memory made,
        IEvaluations.Attestation memory a,
        uint256 from,
        uint256 to,
        bytes memory why
    ) private {
        (address[] memory signers, bytes[] memory signatures) = _signed(a, from, to);
        vm.expectRevert(why);
        evaluations.attest(id, stakes, made, a, signers, signatures);
    }

    function _wrong(Proposal memory made) private view returns (IEvaluations.Attestation memory a) {
        a = _found(made);
        a.versionDigest = keccak256("another version");
    }

    // --- confirmed ----------------------------------------------------------------------------

    function test_F11_two_of_three_that_found_the_same_let_it_settle() public {
        Proposal memory made = _proposed();
        vm.warp(block.timestamp + DISPUTE);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotAttested.selector, id, 1));
        staked.settle(id, stakes, made);
        _attest(made, _found(made));
        holds(!evaluations.isFinal(id, 1)); // an appeal is possible
        vm.warp(block.timestamp + APPEAL);
        holds(evaluations.isFinal(id, 1));
        staked.settle(id, stakes, made);
        holds(rounds.phaseOf(id) == Phase.Finalised);
    }

    function test_without_a_governor_a_decision_stands_at_once() public {
        _panel(address(0), 0);
        Proposal memory made = _proposed();
        _attest(made, _found(made));
        holds(evaluations.isFinal(id, 1));
        vm.startPrank(WATCHER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEvaluations.AppealOver.selector, id, uint64(block.timestamp), uint64(block.timestamp)
            )
        );
        evaluations.appeal(id, stakes);
        vm.stopPrank();
    }

    function test_what_nobody_attests_is_void_in_the_end() public {
        Proposal memory made = _proposed();
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotAttested.selector, id, 1));
        staked.settle(id, stakes, made);
        rounds.voidRound(id);
        staked.releaseStake(id, PROPOSER, stakes);
        same(free(PROPOSER), FUNDS);
    }

    // --- refuted ------------------------------------------------------------------------------

    function test_F11_any_other_word_is_refuted_and_slashed() public {
        for (uint256 i = 0; i < 5; ++i) {
            Proposal memory made = _proposed();
            IEvaluations.Attestation memory a = _found(made);
            if (i == 0) a.versionDigest = keccak256("x");
            if (i == 1) a.payoutRoot = keccak256("x");
            if (i == 2) a.payoutTotal += 1;
            if (i == 3) a.documentDigest = keccak256("x");
            if (i == 4) a.payoutDocument = keccak256("x");
            _attest(made, a);
            uint64 endsAt = uint64(block.timestamp) + APPEAL;
            vm.expectRevert(
                abi.encodeWithSelector(IEvaluations.AppealOpen.selector, id, endsAt, uint64(block.timestamp))
            );
            evaluations.enforceDecision(id, stakes);
            vm.warp(endsAt);
            evaluations.enforceDecision(id, stakes);
            same(award(HANDER), 0); // nobody gains by a refutation
            same(award(BURNT), (i + 1) * 3 * STAKE);
            same(free(PROPOSER), FUNDS - (i + 1) * 3 * STAKE);
        }
        same(vault.owed(address(token)), token.balanceOf(address(vault)));
    }

    function test_a_refutation_may_be_carried_out_after_the_dispute_window() public {
        Proposal memory made = _proposed();
        vm.warp(block.timestamp + DISPUTE + 1);
        _attest(made, _wrong(made));
        vm.warp(block.timestamp + APPEAL);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotAttested.selector, id, 1));
        staked.settle(id, stakes, made);
        evaluations.enforceDecision(id, stakes);
        same(staked.stakedRoundOf(id).proposer, address(0));
    }

    function test_what_was_found_right_is_not_enforced_and_what_is_settled_not_rejected() public {
        Proposal memory made = _proposed();
        vm.expectRevert(
            abi.encodeWithSelector(
                IEvaluations.WrongState.selector,
                id,
                1,
                IEvaluations.DecisionState.Attested,
                IEvaluations.DecisionState.None
            )
        );
        evaluations.enforceDecision(id, stakes);
        _attest(made, _found(made));
        vm.warp(block.timestamp + DISPUTE);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.FoundCorrect.selector, id, 1));
        evaluations.enforceDecision(id, stakes);
        staked.settle(id, stakes, made);
        vm.prank(address(evaluations));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NoProposal.selector, id));
        staked.reject(id, stakes, HANDER, "refuted");
    }

    function test_a_stranger_neither_rejects_nor_slashes_in_the_evaluators_name() public {
        _proposed();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotAuthorized.selector, id, STRANGER));
        staked.reject(id, stakes, STRANGER, "refuted");
        address participant = participantOf(0);
        vm.prank(address(evaluations));
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.NotAuthorized.selector, id, address(evaluations)));
        staked.slashParticipant(id, stakes, participant, STRANGER, "x");
    }

    // --- appeals ------------------------------------------------------------------------------

    function _appealed(bool correct) private returns (Proposal memory made) {
        made = _proposed();
        _attest(made, correct ? _found(made) : _wrong(made));
        vm.prank(WATCHER);
        evaluations.appeal(id, stakes);
        same(vault.lockedOf(WATCHER, address(token)), BOND);
        vm.warp(block.timestamp + DISPUTE);
        holds(!evaluations.isFinal(id, 1));
    }

    function test_F12_the_governor_reverses_a_refutation() public {
        Proposal memory made = _appealed(false);
        vm.prank(GOVERNOR);
        evaluations.rule(id, stakes, true);
        same(free(WATCHER), FUNDS);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.FoundCorrect.selector, id, 1));
        evaluations.enforceDecision(id, stakes);
        staked.settle(id, stakes, made);
    }

    function test_F12_the_governor_reverses_a_confirmation() public {
        _appealed(true);
        vm.prank(GOVERNOR);
        evaluations.rule(id, stakes, false);
        same(free(WATCHER), FUNDS);
        evaluations.enforceDecision(id, stakes);
        same(staked.stakedRoundOf(id).proposer, address(0));
    }

    function test_F12_an_appeal_that_was_wrong_costs_its_bond() public {
        Proposal memory made = _appealed(true);
        vm.prank(GOVERNOR);
        evaluations.rule(id, stakes, true);
        same(free(WATCHER), FUNDS - BOND);
        same(award(HANDER), 0);
        same(award(BURNT), BOND);
        vm.prank(GOVERNOR);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEvaluations.WrongState.selector,
                id,
                1,
                IEvaluations.DecisionState.Appealed,
                IEvaluations.DecisionState.Ruled
            )
        );
        evaluations.rule(id, stakes, false);
        staked.settle(id, stakes, made);
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.RoundOver.selector, id));
        evaluations.rule(id, stakes, false);
    }

    function test_only_the_governor_rules_and_only_one_appeals() public {
        _appealed(true);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.NotGovernor.selector, STRANGER, GOVERNOR));
        evaluations.rule(id, stakes, false);
        vm.prank(PROPOSER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEvaluations.WrongState.selector,
                id,
                1,
                IEvaluations.DecisionState.Attested,
                IEvaluations.DecisionState.Appealed
            )
        );
        evaluations.appeal(id, stakes);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.ProposalStands.selector, id, 1));
        evaluations.lapseAppeal(id, stakes, 1);
    }

    function test_a_bond_comes_back_when_the_governor_never_rules() public {
        _appealed(true);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        evaluations.lapseAppeal(id, stakes, 1);
        same(free(WATCHER), FUNDS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEvaluations.WrongState.selector,
                id,
                1,
                IEvaluations.DecisionState.Appealed,
                IEvaluations.DecisionState.Lapsed
            )
        );
        evaluations.lapseAppeal(id, stakes, 1);
    }

    // --- signatures ---------------------------------------------------------------------------

    function test_one_signature_is_not_enough_and_strangers_do_not_count() public {
        Proposal memory made = _proposed();
        IEvaluations.Attestation memory a = _found(made);
        _refused(made, a, 0, 1, abi.encodeWithSelector(IEvaluations.TooFewSignatures.selector, 1, 2));
        uint256 key = 50;
        while (vm.addr(key) <= _members[1]) ++key;
        (_members[2], _keys[2]) = (vm.addr(key), key);
        bytes memory why = abi.encodeWithSelector(IEvaluations.NotAMember.selector, stakes.panel, _members[2]);
        _refused(made, a, 1, 3, why);
    }

    function test_a_signature_twice_or_of_something_else_is_refused() public {
        Proposal memory made = _proposed();
        IEvaluations.Attestation memory a = _found(made);
        (address[] memory signers, bytes[] memory signatures) = _signed(a, 0, 2);
        (signers[1], signatures[1]) = (signers[0], signatures[0]);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.SignersNotAscending.selector, signers[0], signers[0]));
        evaluations.attest(id, stakes, made, a, signers, signatures);
        (signers, signatures) = _signed(_wrong(made), 0, 2);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.BadSignature.selector, signers[0]));
        evaluations.attest(id, stakes, made, a, signers, signatures);
    }

    function test_another_round_or_proposal_is_refused_and_one_decision_is_made() public {
        Proposal memory made = _proposed();
        IEvaluations.Attestation memory a = _found(made);
        RoundId other = RoundId.wrap(keccak256("other"));
        a.roundId = other;
        _refused(made, a, 0, 2, abi.encodeWithSelector(IEvaluations.WrongRound.selector, id, other));
        a.roundId = id;
        made.payoutTotal += 1;
        _refused(made, a, 0, 2, abi.encodeWithSelector(IEvaluations.WrongProposal.selector, id));
        made.payoutTotal -= 1;
        _attest(made, a);
        _refused(
            made,
            a,
            0,
            2,
            abi.encodeWithSelector(
                IEvaluations.WrongState.selector,
                id,
                1,
                IEvaluations.DecisionState.None,
                IEvaluations.DecisionState.Attested
            )
        );
    }

    function test_before_a_proposal_there_is_nothing_to_attest() public {
        Proposal memory made = proposalOf(nodeOver(_kept, sums(0, 3)));
        IEvaluations.Attestation memory a = _found(made);
        _refused(made, a, 0, 2, abi.encodeWithSelector(IEvaluations.NoProposal.selector, id));
        stakes.panel = 0;
        _refused(made, a, 0, 2, abi.encodeWithSelector(IEvaluations.NoPanel.selector, id));
    }

    // --- panels -------------------------------------------------------------------------------

    function test_a_panel_is_made_once_and_never_changes() public {
        holds(evaluations.hasPanel(stakes.panel) && evaluations.isMember(stakes.panel, _members[0]));
        same(evaluations.panelOf(stakes.panel).governor, GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.PanelExists.selector, stakes.panel));
        evaluations.createPanel(_members, 2, GOVERNOR, APPEAL);
        bytes memory invalid = abi.encodeWithSelector(IEvaluations.InvalidPanel.selector);
        vm.expectRevert(invalid);
        evaluations.createPanel(_members, 0, GOVERNOR, APPEAL);
        vm.expectRevert(invalid);
        evaluations.createPanel(_members, 4, GOVERNOR, APPEAL);
        vm.expectRevert(invalid);
        evaluations.createPanel(new address[](65), 1, GOVERNOR, APPEAL);
        vm.expectRevert(invalid);
        evaluations.createPanel(_members, 2, GOVERNOR, 0);
        vm.expectRevert(invalid);
        evaluations.createPanel(_members, 2, address(0), APPEAL);
        (_members[0], _members[1]) = (_members[1], _members[0]);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.SignersNotAscending.selector, _members[0], _members[1]));
        evaluations.createPanel(_members, 2, GOVERNOR, APPEAL);
    }

    function test_a_round_names_a_panel_that_there_is() public {
        RoundTerms memory t = stakedTerms(2);
        StakeTerms memory asked = stakes;
        asked.panel = keccak256("none");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IStakeFloors.InvalidStakeTerms.selector, bytes32("panel")));
        staked.openStaked(t, asked, address(0), 0);
    }

    /// T-39: the governor never ruled, so nothing follows from what was found, whoever calls what in which order.
    function test_t39_no_ruling_no_slashing() public {
        _appealed(false);
        bytes memory open = abi.encodeWithSelector(
            IEvaluations.WrongState.selector,
            id,
            1,
            IEvaluations.DecisionState.Ruled,
            IEvaluations.DecisionState.Appealed
        );
        vm.expectRevert(open);
        evaluations.enforceDecision(id, stakes);
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        evaluations.lapseAppeal(id, stakes, 1);
        bytes memory over = abi.encodeWithSelector(IEvaluations.RoundOver.selector, id);
        vm.expectRevert(over);
        evaluations.enforceDecision(id, stakes);
        vm.prank(GOVERNOR);
        vm.expectRevert(over);
        evaluations.rule(id, stakes, false);
        rounds.voidRound(id);
        vm.warp(block.timestamp + 30 days);
        vm.expectRevert(over);
        evaluations.enforceDecision(id, stakes);
        staked.releaseStake(id, PROPOSER, stakes);
        same(free(PROPOSER), FUNDS);
        same(free(WATCHER), FUNDS);
    }

    function test_t39_a_panel_decides_nothing_in_a_round_that_is_over() public {
        Proposal memory made = _proposed();
        vm.warp(staked.stakedRoundOf(id).proposalDeadline);
        rounds.voidRound(id);
        IEvaluations.Attestation memory a = _wrong(made);
        _refused(made, a, 0, 2, abi.encodeWithSelector(IEvaluations.RoundOver.selector, id));
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.RoundOver.selector, id));
        evaluations.appeal(id, stakes);
    }

    function test_the_time_for_a_proposal_holds_an_appeal() public {
        RoundTerms memory t = stakedTerms(2);
        uint64 needed = CERTIFY + 3 * ANSWER + CERTIFY + PROPOSAL + APPEAL;
        t.proposalDeadline = t.revealDeadline + needed - 1;
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IStakeFloors.ProposalTimeTooShort.selector, needed, needed - 1));
        staked.openStaked(t, stakes, address(0), 0);
    }

    function test_an_appeal_window_of_years_is_no_panel() public {
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.InvalidPanel.selector));
        evaluations.createPanel(_members, 2, GOVERNOR, 30 days + 1);
    }

    function test_an_appellant_s_bond_is_a_lock_of_its_own() public {
        _appealed(true);
        uint256 held = vault.lockOf(address(evaluations), WATCHER, address(token), evaluations.appealLock(id, 1));
        same(held, BOND);
    }
}
