// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PayoutDistributor} from "../../contracts/rewards/PayoutDistributor.sol";
import {RewardPool} from "../../contracts/rewards/RewardPool.sol";
import {RewardToken} from "../../contracts/rewards/RewardToken.sol";
import {Forfeits} from "../../contracts/rounds/Forfeits.sol";
import {TrainingRounds} from "../../contracts/rounds/TrainingRounds.sol";
import {ModelId} from "../../contracts/types/ModelTypes.sol";
import {Lattice, Opening, Phase, Result, Round, RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {Fixture} from "./support/Fixture.sol";
import {Vm} from "./support/Vm.sol";

/// Plays rounds and payouts in any order that the fuzzer likes, as named roles, within bounds.
contract Handler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant OWNER = address(0xA11CE);

    TrainingRounds private immutable rounds;
    RewardPool private immutable pool;
    PayoutDistributor private immutable distributor;
    Forfeits private immutable forfeits;
    RewardToken private immutable token;
    ModelId private immutable modelId;

    RoundId[] public opened;
    uint256 public escrowed;
    uint256 public refunded;
    uint256 public bonded;
    uint256 public unbonded;
    uint256 public claimedSum;
    uint256 public finalised;
    uint256 public swept;

    constructor(TrainingRounds r, RewardPool p, PayoutDistributor d, Forfeits f, RewardToken t, ModelId m) {
        (rounds, pool, distributor, forfeits, token, modelId) = (r, p, d, f, t, m);
    }

    function count() external view returns (uint256) {
        return opened.length;
    }

    function open(uint96 budget, uint8 seats) external {
        uint64 now_ = uint64(block.timestamp);
        uint256 amount = 1 + budget % 1000 ether;
        RoundTerms memory t = RoundTerms({
            modelId: modelId,
            baseVersion: 1,
            strategy: "fedavg",
            documentDigest: "d",
            lattice: Lattice(16, -16, 8, 0),
            enrolmentDeadline: now_ + 10,
            commitDeadline: now_ + 20,
            revealDeadline: now_ + 30,
            proposalDeadline: now_ + 40,
            challengeWindow: 5,
            minimumParticipants: 1,
            maximumParticipants: 1 + seats % 4,
            allowListRoot: 0,
            weightCap: 100,
            rewardToken: address(token),
            rewardBudget: amount,
            forfeit: uint128(amount)
        });
        vm.startPrank(OWNER);
        token.approve(address(rounds), amount + amount * t.maximumParticipants);
        opened.push(rounds.openRound(t));
        vm.stopPrank();
        escrowed += amount;
        bonded += amount * t.maximumParticipants;
    }

    function enrol(uint256 which, uint8 who) external {
        if (opened.length == 0) return;
        vm.prank(_actor(who));
        try rounds.enrol(_pick(which), new bytes32[](0)) {} catch {}
    }

    function commit(uint256 which, uint8 who) external {
        if (opened.length == 0) return;
        RoundId id = _pick(which);
        bytes32 commitment = rounds.commitmentFor(id, _actor(who), _opening(who));
        vm.prank(_actor(who));
        try rounds.commit(id, commitment) {} catch {}
    }

    function commitBatch(uint256 which, uint8 number) external {
        if (opened.length == 0) return;
        vm.prank(OWNER);
        try rounds.commitBatch(_pick(which), "root", number % 5, "d") {} catch {}
    }

    function reveal(uint256 which, uint8 who) external {
        if (opened.length == 0) return;
        try rounds.reveal(_pick(which), _actor(who), _opening(who)) {} catch {}
    }

    function revealBatch(uint256 which, uint8 batch, uint8 number) external {
        if (opened.length == 0) return;
        vm.prank(OWNER);
        try rounds.revealBatch(_pick(which), batch % 4, "reveals", number % 5, "d") {} catch {}
    }

    function propose(uint256 which, uint8 accepted) external {
        if (opened.length == 0) return;
        vm.prank(OWNER);
        try rounds.proposeResult(_pick(which), Result("r", "v", "d", accepted, 1)) {} catch {}
    }

    function finalise(uint256 which) external {
        if (opened.length == 0) return;
        try rounds.finalise(_pick(which)) {
            ++finalised;
            _withdrawBond(_pick(which));
        } catch {}
    }

    function void(uint256 which) external {
        if (opened.length == 0) return;
        RoundId id = _pick(which);
        try rounds.voidRound(id) {
            uint256 before = token.balanceOf(OWNER);
            pool.withdrawRefund(address(rounds), id);
            refunded += token.balanceOf(OWNER) - before;
        } catch {
            return;
        }
        _withdrawBond(id);
    }

    function collect(uint256 which, uint8 who) external {
        if (opened.length == 0) return;
        uint256 before = token.balanceOf(_actor(who));
        try forfeits.collect(address(rounds), _pick(which), _actor(who)) {
            unbonded += token.balanceOf(_actor(who)) - before;
        } catch {}
    }

    function _withdrawBond(RoundId id) private {
        uint256 before = token.balanceOf(OWNER);
        try forfeits.withdraw(address(rounds), id) {
            unbonded += token.balanceOf(OWNER) - before;
        } catch {}
    }

    /// A root with one leaf, whose amount need not be covered by its declared total.
    function payOut(uint8 who, uint96 amount, uint96 total) external {
        address account = _actor(who);
        bytes32 root = keccak256(bytes.concat(keccak256(abi.encode(account, uint256(amount)))));
        vm.prank(OWNER);
        try distributor.postRoot(modelId, address(token), root, total, "d") {} catch {}
        vm.warp(block.timestamp + 1 days);
        uint256 before = token.balanceOf(account);
        try distributor.claim(modelId, address(token), root, account, amount, new bytes32[](0)) {
            claimedSum += token.balanceOf(account) - before;
        } catch {}
    }

    /// Sweeps after the whole period, unless it posts behind its own announcement.
    function sweepOut(bool postsBehind) external {
        vm.startPrank(OWNER);
        try distributor.announceSweep(modelId, address(token)) {} catch {}
        if (postsBehind) try distributor.postRoot(modelId, address(token), "late", 0, "d") {} catch {}
        vm.warp(block.timestamp + 90 days);
        uint256 before = token.balanceOf(address(this));
        try distributor.sweep(modelId, address(token), address(this)) {
            swept += token.balanceOf(address(this)) - before;
        } catch {}
        vm.stopPrank();
    }

    function wait(uint8 time) external {
        vm.warp(block.timestamp + time % 16);
    }

    function _pick(uint256 which) private view returns (RoundId) {
        return opened[opened.length - 1 - (which % opened.length) % 3];
    }

    function _actor(uint8 who) private pure returns (address) {
        return address(uint160(0xACC0 + who % 4));
    }

    function _opening(uint8 who) private pure returns (Opening memory) {
        return Opening(bytes32(uint256(who) + 1), "cid", 1 + who % 100, "salt");
    }
}

contract InvariantsTest is Fixture {
    Handler private handler;

    function setUp() public {
        deployAll();
        handler = new Handler(rounds, pool, distributor, forfeits, token, modelId);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_what_is_paid_never_exceeds_what_was_escrowed() public view {
        holds(handler.claimedSum() + handler.refunded() <= handler.escrowed());
    }

    function invariant_a_distribution_never_pays_more_than_funded_it() public view {
        (uint256 funded, uint256 paid) = _totals();
        holds(paid <= funded);
        same(handler.claimedSum(), paid);
    }

    function invariant_every_token_is_accounted_for() public view {
        (uint256 funded, uint256 paid) = _totals();
        same(token.balanceOf(address(distributor)), funded - paid);
        same(token.balanceOf(address(pool)), pool.accounted(address(token)));
        same(pool.accounted(address(token)) + funded + handler.swept() + handler.refunded(), handler.escrowed());
    }

    function invariant_every_bond_is_accounted_for() public view {
        same(token.balanceOf(address(forfeits)), forfeits.accounted(address(token)));
        same(handler.bonded() - handler.unbonded(), forfeits.accounted(address(token)));
    }

    function invariant_direct_seats_alone_fill_a_round() public view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            Round memory r = rounds.roundOf(handler.opened(i));
            holds(r.enrolled <= r.maximumParticipants && r.batched <= r.maximumParticipants);
            holds(r.revealed <= r.committed && r.committed <= r.enrolled);
            holds(!(r.finalised && r.voided));
        }
    }

    function invariant_batches_reveal_at_most_what_direct_seats_leave() public view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            Round memory r = rounds.roundOf(handler.opened(i));
            uint32 left = r.maximumParticipants - r.enrolled;
            holds(r.ownReveals <= left && r.postedReveals <= left && r.batchRevealed <= r.batched);
        }
    }

    /// The handler swallows refusals, so this shows that it reaches the end of a round and of a payout.
    function test_the_handler_can_play_a_round_through() public {
        handler.open(999 ether, 1);
        handler.enrol(0, 1);
        handler.commitBatch(0, 1);
        handler.wait(15);
        handler.commit(0, 1);
        handler.wait(10);
        handler.reveal(0, 1);
        handler.revealBatch(0, 0, 1);
        handler.wait(10);
        handler.propose(0, 2);
        handler.wait(5);
        handler.finalise(0);
        same(handler.finalised(), 1);
        handler.payOut(1, 1, 1);
        same(handler.claimedSum(), 1);
        handler.sweepOut(false);
        same(handler.swept(), 999 ether);
        handler.open(5, 0);
        handler.wait(15);
        handler.wait(15);
        handler.wait(15);
        handler.void(0);
        same(handler.refunded(), 6);
        same(forfeits.accounted(address(token)), 0);
    }

    function _totals() private view returns (uint256 funded, uint256 paid) {
        (funded, paid) =
        (
            distributor.distributionOf(modelId, address(token)).funded,
            distributor.distributionOf(modelId, address(token)).paid
        );
    }
}
