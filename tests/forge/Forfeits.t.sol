// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IForfeits} from "../../contracts/interfaces/IForfeits.sol";
import {ITrainingRoundsErrors} from "../../contracts/interfaces/ITrainingRoundsErrors.sol";
import {FalseToken, FeeToken} from "../../contracts/testing/HostileTokens.sol";
import {Phase, RevealLeaf, Round, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {BatchFixture} from "./support/BatchFixture.sol";

/// A token that pays everybody but one account.
contract BlockingToken {
    address public immutable blocked;
    mapping(address => uint256) public balanceOf;

    constructor(address blocked_) {
        blocked = blocked_;
        balanceOf[msg.sender] = 1000 ether;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        require(to != blocked, "blocked");
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

/// R-11: a coordinator that comes to nothing, though enough revealed, pays each participant for it.
contract ForfeitsTest is BatchFixture {
    uint128 private constant EACH = 3 ether;
    uint64 private constant COLLECTING = 180 days;

    function setUp() public {
        deployAll();
    }

    function _open(uint32 least, uint32 most, address coin) private returns (RoundId id) {
        RoundTerms memory t = terms(0, least, most);
        (t.rewardToken, t.forfeit) = (coin, EACH);
        vm.startPrank(OWNER);
        if (coin == address(token)) token.approve(address(rounds), uint256(EACH) * most);
        id = rounds.openRound(t);
        vm.stopPrank();
    }

    function _enrolled(RoundId id, uint256 i) private {
        vm.prank(memberOf(i));
        rounds.enrol(id, new bytes32[](0));
    }

    function _commits(RoundId id, uint256 i) private {
        bytes32 commitment = commitmentOf(id, i);
        address who = memberOf(i);
        vm.prank(who);
        rounds.commit(id, commitment);
    }

    /// Two direct participants; both reveal.
    function _revealed(address coin) private returns (RoundId id) {
        id = _open(2, 2, coin);
        _enrolled(id, 0);
        _enrolled(id, 1);
        _commits(id, 0);
        _commits(id, 1);
        rounds.reveal(id, memberOf(0), openingOf(0));
        rounds.reveal(id, memberOf(1), openingOf(1));
    }

    function _forfeited(address coin) private returns (RoundId id) {
        id = _revealed(coin);
        vm.warp(rounds.roundOf(id).proposalDeadline);
        vm.prank(STRANGER);
        rounds.voidRound(id);
    }

    function _state(RoundId id) private view returns (IForfeits.BondState) {
        return forfeits.bondOf(address(rounds), id).state;
    }

    function test_a_coordinator_that_never_proposes_pays_everybody_that_revealed() public {
        RoundId id = _forfeited(address(token));
        same(token.balanceOf(address(forfeits)), 2 * EACH);
        for (uint256 i = 0; i < 2; ++i) {
            address who = memberOf(i);
            vm.prank(STRANGER);
            forfeits.collect(address(rounds), id, who);
            same(token.balanceOf(who), EACH);
            holds(forfeits.hasCollected(address(rounds), id, who));
            vm.expectRevert(abi.encodeWithSelector(IForfeits.AlreadyCollected.selector, address(rounds), id, who));
            forfeits.collect(address(rounds), id, who);
        }
        vm.expectRevert(abi.encodeWithSelector(IForfeits.NothingToCollect.selector, address(rounds), id, STRANGER));
        forfeits.collect(address(rounds), id, STRANGER);
        same(forfeits.accounted(address(token)), 0);
    }

    function test_what_nobody_collects_goes_back_after_its_time() public {
        RoundId id = _forfeited(address(token));
        uint64 closesAt = uint64(block.timestamp) + COLLECTING;
        (address first, address second) = (memberOf(0), memberOf(1));
        forfeits.collect(address(rounds), id, first);
        vm.warp(closesAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IForfeits.CollectingOpen.selector, id, closesAt, closesAt - 1));
        forfeits.withdraw(address(rounds), id);
        vm.warp(closesAt);
        vm.expectRevert(abi.encodeWithSelector(IForfeits.CollectingOver.selector, id, closesAt, closesAt));
        forfeits.collect(address(rounds), id, second);
        uint256 before = token.balanceOf(OWNER);
        forfeits.withdraw(address(rounds), id);
        same(token.balanceOf(OWNER) - before, EACH);
        holds(_state(id) == IForfeits.BondState.Withdrawn);
    }

    function test_a_bond_comes_back_when_the_result_is_final() public {
        RoundId id = _revealed(address(token));
        vm.prank(OWNER);
        rounds.proposeResult(id, result(2));
        vm.warp(block.timestamp + 50);
        rounds.finalise(id);
        holds(_state(id) == IForfeits.BondState.Released);
        uint256 before = token.balanceOf(OWNER);
        forfeits.withdraw(address(rounds), id);
        same(token.balanceOf(OWNER) - before, 2 * EACH);
    }

    function test_a_bond_comes_back_when_too_few_revealed_or_the_round_is_withdrawn() public {
        RoundId id = _open(2, 2, address(token));
        vm.prank(OWNER);
        rounds.voidRound(id);
        holds(_state(id) == IForfeits.BondState.Released);
        id = _open(2, 2, address(token));
        _enrolled(id, 0);
        vm.warp(rounds.roundOf(id).enrolmentDeadline);
        _commits(id, 0);
        vm.warp(rounds.roundOf(id).commitDeadline);
        rounds.reveal(id, memberOf(0), openingOf(0));
        vm.warp(rounds.roundOf(id).proposalDeadline);
        rounds.voidRound(id);
        holds(_state(id) == IForfeits.BondState.Released);
    }

    function test_a_participant_that_a_token_blocks_hinders_nobody() public {
        address blocked = memberOf(0);
        vm.prank(OWNER);
        BlockingToken coin = new BlockingToken(blocked);
        RoundId id = _forfeited(address(coin));
        vm.expectRevert();
        forfeits.collect(address(rounds), id, blocked);
        address other = memberOf(1);
        forfeits.collect(address(rounds), id, other);
        same(coin.balanceOf(other), EACH);
        vm.warp(block.timestamp + COLLECTING);
        uint256 before = coin.balanceOf(OWNER);
        forfeits.withdraw(address(rounds), id);
        same(coin.balanceOf(OWNER) - before, EACH);
    }

    function test_participants_of_a_batch_collect_by_their_own_reveal_or_by_the_posted_one() public {
        RoundId id = _open(1, 5, address(token));
        postBatch(id, 4);
        vm.warp(rounds.roundOf(id).commitDeadline);
        revealOwn(id, 0, 0);
        (bytes32 root, bytes32[] memory proof) = revealTree(1, 2);
        vm.prank(OWNER);
        rounds.revealBatch(id, 0, root, 1, "document"); // it says 1 of two leaves
        vm.warp(rounds.roundOf(id).proposalDeadline);
        rounds.voidRound(id);
        (address own, address posted, address beyond) = (memberOf(0), memberOf(1), memberOf(2));
        forfeits.collect(address(rounds), id, own);
        forfeits.collectFromBatch(address(rounds), id, 0, revealLeafOf(1), proof);
        same(token.balanceOf(own) + token.balanceOf(posted), 2 * EACH);
        RevealLeaf memory leaf = revealLeafOf(1);
        vm.expectRevert(abi.encodeWithSelector(IForfeits.AlreadyCollected.selector, address(rounds), id, posted));
        forfeits.collectFromBatch(address(rounds), id, 0, leaf, proof);
        leaf = revealLeafOf(2);
        (, proof) = revealTree(2, 1);
        vm.expectRevert(abi.encodeWithSelector(IForfeits.NothingToCollect.selector, address(rounds), id, beyond));
        forfeits.collectFromBatch(address(rounds), id, 0, leaf, proof);
    }

    function test_leaves_that_a_coordinator_makes_up_take_no_participant_s_forfeit() public {
        RoundId id = _open(1, 5, address(token));
        _enrolled(id, 0);
        postBatch(id, 4);
        vm.warp(rounds.roundOf(id).enrolmentDeadline);
        _commits(id, 0);
        vm.warp(rounds.roundOf(id).commitDeadline);
        (bytes32 root, bytes32[] memory proof) = revealTree(0, 3); // of a direct seat, and of one more
        vm.prank(OWNER);
        rounds.revealBatch(id, 0, root, 4, "document");
        for (uint256 i = 1; i < 4; ++i) {
            revealOwn(id, 0, i);
        }
        vm.warp(rounds.roundOf(id).proposalDeadline);
        rounds.voidRound(id);
        RevealLeaf memory leaf = revealLeafOf(0);
        address direct = memberOf(0);
        vm.expectRevert(abi.encodeWithSelector(IForfeits.NothingToCollect.selector, address(rounds), id, direct));
        forfeits.collectFromBatch(address(rounds), id, 0, leaf, proof); // it never revealed what it committed to
        for (uint256 i = 1; i < 4; ++i) {
            forfeits.collect(address(rounds), id, memberOf(i));
        }
        same(token.balanceOf(address(forfeits)), 2 * EACH);
    }

    function test_a_budget_asks_for_a_tenth_of_it_over_all_seats() public {
        RoundTerms memory t = terms(100, 1, 3);
        t.forfeit = 3;
        vm.startPrank(OWNER);
        token.approve(address(rounds), 1000);
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.ForfeitTooSmall.selector, 3, 4));
        rounds.openRound(t);
        t.forfeit = 4;
        RoundId id = rounds.openRound(t);
        same(forfeits.bondOf(address(rounds), id).left, 12);
        t = terms(0, 1, 3);
        t.forfeit = 1;
        vm.expectRevert(abi.encodeWithSelector(ITrainingRoundsErrors.InvalidBudget.selector, address(0), 0));
        rounds.openRound(t);
        vm.stopPrank();
    }

    function test_a_bond_needs_tokens_of_its_own_and_is_held_once() public {
        _open(2, 2, address(token));
        RoundId mine = RoundId.wrap("mine");
        vm.startPrank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IForfeits.BondNotReceived.selector, address(token), 2 * EACH + 1, 2 * EACH)
        );
        forfeits.hold(mine, address(token), STRANGER, 1, 1);
        forfeits.hold(mine, address(token), STRANGER, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IForfeits.BondExists.selector, STRANGER, mine));
        forfeits.hold(mine, address(token), STRANGER, 0, 0);
        vm.stopPrank();
        vm.startPrank(OWNER);
        FeeToken fee = new FeeToken();
        fee.approve(address(rounds), 2 * EACH);
        RoundTerms memory t = terms(0, 1, 2);
        (t.rewardToken, t.forfeit) = (address(fee), EACH);
        vm.expectRevert(
            abi.encodeWithSelector(
                IForfeits.BondNotReceived.selector, address(fee), 2 * EACH, 2 * EACH - 2 * EACH / 100
            )
        );
        rounds.openRound(t);
        t.rewardToken = address(new FalseToken());
        vm.expectRevert();
        rounds.openRound(t);
    }

    function testFuzz_a_controller_touches_only_its_own_bonds(address controller) public {
        vm.assume(controller != address(rounds));
        RoundId id = _open(2, 2, address(token));
        bytes memory refused = abi.encodeWithSelector(
            IForfeits.WrongBondState.selector, controller, id, IForfeits.BondState.Held, IForfeits.BondState.None
        );
        vm.startPrank(controller);
        vm.expectRevert(refused);
        forfeits.release(id);
        vm.expectRevert(refused);
        forfeits.forfeit(id);
        vm.expectRevert(
            abi.encodeWithSelector(
                IForfeits.WrongBondState.selector,
                address(rounds),
                id,
                IForfeits.BondState.Released,
                IForfeits.BondState.Held
            )
        );
        forfeits.withdraw(address(rounds), id);
        vm.expectRevert(
            abi.encodeWithSelector(
                IForfeits.WrongBondState.selector,
                address(rounds),
                id,
                IForfeits.BondState.Forfeited,
                IForfeits.BondState.Held
            )
        );
        forfeits.collect(address(rounds), id, controller);
    }
}
