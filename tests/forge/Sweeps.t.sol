// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IPayoutDistributor} from "../../contracts/interfaces/IPayoutDistributor.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {ModelId, Visibility} from "../../contracts/types/ModelTypes.sol";
import {PayoutFixture} from "./support/PayoutFixture.sol";

/// P-6: a sweep is announced, takes what nobody claimed, and costs nobody what comes after it.
contract SweepsTest is PayoutFixture {
    function setUp() public {
        deployAll();
        fundPayouts(1000);
        addPublisher(PUBLISHER);
    }

    function _announce() private returns (uint256 claimsEnd) {
        vm.prank(OWNER);
        distributor.announceSweep(modelId, address(token));
        claimsEnd = block.timestamp + CLAIM_PERIOD;
        same(distributor.distributionOf(modelId, address(token)).claimsEnd, claimsEnd);
    }

    function _sweep() private {
        vm.prank(OWNER);
        distributor.sweep(modelId, address(token), OWNER);
    }

    function _notAnnounced() private view returns (bytes memory) {
        return abi.encodeWithSelector(IPayoutDistributor.SweepNotAnnounced.selector, modelId, address(token));
    }

    function test_P6_a_sweep_waits_for_the_end_that_was_announced() public {
        postActive(OWNER, HOSPITAL, 10);
        vm.warp(block.timestamp + 10 * CLAIM_PERIOD);
        vm.expectRevert(_notAnnounced());
        _sweep();
        uint256 claimsEnd = _announce();
        vm.warp(claimsEnd - 1);
        claim(HOSPITAL, 10); // until then
        vm.expectRevert(
            abi.encodeWithSelector(
                IPayoutDistributor.ClaimPeriodOpen.selector, uint64(claimsEnd), uint64(block.timestamp)
            )
        );
        _sweep();
        vm.warp(claimsEnd);
        uint256 before = token.balanceOf(OWNER);
        _sweep();
        same(token.balanceOf(OWNER) - before, 990);
        same(current(), 0);
        same(distributor.distributionOf(modelId, address(token)).funded, 10);
    }

    function test_after_a_sweep_new_contributors_get_all_of_theirs() public {
        postActive(OWNER, HOSPITAL, 400);
        claim(HOSPITAL, 400);
        vm.warp(_announce());
        _sweep();
        fundPayouts(500);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.RootExceedsFunding.selector, 901, 900));
        distributor.postRoot(modelId, address(token), "root", 901, 0);
        bytes32 root = pairHash(payoutLeaf(HOSPITAL, 400 + 200), payoutLeaf(PUBLISHER, 300));
        post(OWNER, root, 900);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = payoutLeaf(PUBLISHER, 300);
        distributor.claim(modelId, address(token), root, HOSPITAL, 600, proof);
        proof[0] = payoutLeaf(HOSPITAL, 600);
        distributor.claim(modelId, address(token), root, PUBLISHER, 300, proof);
        same(token.balanceOf(HOSPITAL), 600);
        same(token.balanceOf(PUBLISHER), 300);
        same(token.balanceOf(address(distributor)), 0);
    }

    function test_claims_from_before_a_sweep_draw_nothing_of_what_comes_later() public {
        bytes32 old = postActive(OWNER, HOSPITAL, 400);
        vm.warp(_announce());
        _sweep();
        fundPayouts(500);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.RootNotCurrent.selector, old, bytes32(0)));
        claim(HOSPITAL, 400);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IPayoutDistributor.NoCurrentRoot.selector, modelId, address(token)));
        distributor.announceSweep(modelId, address(token));
    }

    function test_a_root_or_money_after_the_announcement_ends_it() public {
        postActive(OWNER, HOSPITAL, 10);
        uint256 claimsEnd = _announce();
        post(PUBLISHER, "root", 10);
        vm.warp(claimsEnd);
        vm.expectRevert(_notAnnounced());
        _sweep();
        claimsEnd = _announce(); // makes the root that is due current first
        same(current(), "root");
        fundPayouts(1);
        vm.warp(claimsEnd);
        vm.expectRevert(_notAnnounced());
        _sweep();
    }

    function test_no_sweep_is_announced_past_a_root_that_waits() public {
        postActive(OWNER, HOSPITAL, 10);
        post(PUBLISHER, "root", 10);
        uint256 at = block.timestamp + ACTIVATION_DELAY;
        vm.prank(OWNER);
        vm.expectRevert(early(IPayoutDistributor.RootNotActive.selector, "root", at));
        distributor.announceSweep(modelId, address(token));
        vm.prank(OWNER);
        registry.removePublisher(modelId, PUBLISHER);
        vm.warp(at);
        vm.startPrank(OWNER);
        vm.expectRevert(
            abi.encodeWithSelector(IPayoutDistributor.PosterNotPublisher.selector, modelId, bytes32("root"), PUBLISHER)
        );
        distributor.announceSweep(modelId, address(token));
        distributor.cancelRoot(modelId, address(token));
        distributor.announceSweep(modelId, address(token));
    }

    function test_the_owner_alone_announces_and_sweeps_to_somebody() public {
        postActive(OWNER, HOSPITAL, 10);
        bytes memory refused = abi.encodeWithSelector(IPayoutDistributor.NotOwnerOf.selector, modelId, PUBLISHER, OWNER);
        vm.startPrank(PUBLISHER);
        vm.expectRevert(refused);
        distributor.announceSweep(modelId, address(token));
        vm.expectRevert(refused);
        distributor.sweep(modelId, address(token), PUBLISHER);
        vm.stopPrank();
        vm.warp(_announce());
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(Bounds.ZeroAddress.selector));
        distributor.sweep(modelId, address(token), address(0));
    }

    /// Plays any order of funding, posting, claiming, cancelling and sweeping on two ledgers of one token.
    function testFuzz_P4_paid_left_and_swept_are_what_was_funded(uint256 seed) public {
        vm.prank(OWNER);
        ModelId other = registry.register("other", Visibility.Public, 0);
        ModelId[2] memory models = [modelId, other];
        uint256[2] memory funded = [uint256(1000), 0];
        uint256[2] memory paid;
        uint256[2] memory swept;
        vm.startPrank(OWNER);
        token.approve(address(distributor), type(uint256).max);
        for (uint256 i = 0; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 at = seed & 1;
            uint256 amount = (seed >> 8) % 500;
            uint256 held = token.balanceOf(HOSPITAL) + token.balanceOf(STRANGER);
            uint256 act = (seed >> 1) % 6;
            if (act == 0) {
                try distributor.fund(models[at], address(token), amount) {
                    funded[at] += amount;
                } catch {}
            } else if (act == 1) {
                _tryPost(models[at], amount, (seed >> 32) % 400);
            } else if (act == 2) {
                try distributor.cancelRoot(models[at], address(token)) {} catch {}
            } else if (act == 3) {
                _tryClaim(models[at]);
                paid[at] += token.balanceOf(HOSPITAL) + token.balanceOf(STRANGER) - held;
            } else if (act == 4) {
                try distributor.announceSweep(models[at], address(token)) {} catch {}
                vm.warp(block.timestamp + (amount % 2) * CLAIM_PERIOD);
            } else {
                try distributor.sweep(models[at], address(token), STRANGER) {
                    swept[at] += token.balanceOf(HOSPITAL) + token.balanceOf(STRANGER) - held;
                } catch {}
            }
        }
        uint256 left;
        for (uint256 at = 0; at < 2; ++at) {
            IPayoutDistributor.Distribution memory d = distributor.distributionOf(models[at], address(token));
            same(d.paid, paid[at]);
            same(d.funded, funded[at] - swept[at]);
            left += d.funded - d.paid;
        }
        same(token.balanceOf(address(distributor)), left);
    }

    uint256 private _posted;

    /// A root with one leaf, of which the total need not tell the truth.
    function _tryPost(ModelId model, uint256 amount, uint256 total) private {
        _posted = amount;
        try distributor.postRoot(model, address(token), payoutLeaf(HOSPITAL, amount), total, 0) {
            vm.warp(block.timestamp + ACTIVATION_DELAY);
        } catch {}
    }

    function _tryClaim(ModelId model) private {
        bytes32 root = payoutLeaf(HOSPITAL, _posted);
        try distributor.claim(model, address(token), root, HOSPITAL, _posted, noProof) {} catch {}
    }
}
