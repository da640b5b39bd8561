// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEvaluations} from "../../../contracts/interfaces/IEvaluations.sol";
import {Proposal, StakeTerms} from "../../../contracts/types/DisputeTypes.sol";
import {HostileJudging} from "./HostileJudging.sol";

/// A panel and a governor who sign what suits their friends, and a stranger who passes itself off as a judge.
abstract contract HostilePanel is HostileJudging {
    function attest(uint256 which, bool correct) external {
        Play storage p = _pick(which);
        Proposal memory m = p.made;
        bytes32 version = correct ? m.versionDigest : bytes32("another");
        IEvaluations.Attestation memory a = IEvaluations.Attestation(
            p.id, version, m.documentDigest, m.payoutRoot, m.payoutTotal, m.payoutDocument, keccak256("scores")
        );
        address[] memory signers = new address[](1);
        bytes[] memory signatures = new bytes[](1);
        signers[0] = vm.addr(PANEL_KEY);
        signatures[0] = _signed(a);
        try evaluations.attest(p.id, termsOf(p), m, a, signers, signatures) {
            ++done["attested"];
        } catch {}
    }

    function _signed(IEvaluations.Attestation memory a) private view returns (bytes memory) {
        bytes32 kind = keccak256(
            "Attestation(bytes32 roundId,bytes32 versionDigest,bytes32 documentDigest,bytes32 payoutRoot,uint256 payoutTotal,bytes32 payoutDocument,bytes32 scoresDigest)"
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Tallystick Evaluations"),
                keccak256("1"),
                block.chainid,
                address(evaluations)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(kind, a))));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PANEL_KEY, digest);
        return abi.encodePacked(r, s, v);
    }

    /// A friend appeals, the governor rules as it likes, and whoever wants closes what is left open.
    function decide(uint256 which, uint256 what) external {
        Play storage p = _pick(which);
        StakeTerms memory s = termsOf(p);
        uint32 number = staked.stakedRoundOf(p.id).proposals;
        vm.startPrank(STRANGER);
        if (what % 4 == 0) {
            try evaluations.appeal(p.id, s) {
                ++done["appealed"];
            } catch {}
        }
        if (what % 4 == 1) {
            try evaluations.rule(p.id, s, what & 4 == 0) {
                ++done["ruled"];
            } catch {}
        }
        if (what % 4 == 2) {
            try evaluations.lapseAppeal(p.id, s, number) {
                ++done["appeal lapsed"];
            } catch {}
        }
        if (what % 4 == 3) {
            try evaluations.enforceDecision(p.id, s) {
                ++done["carried out"];
                if (p.over) ++broken;
            } catch {}
        }
        vm.stopPrank();
    }

    function slashAsIfModule(uint256 which, uint256 who) external {
        Play storage p = _pick(which);
        vm.startPrank(STRANGER);
        try staked.slashParticipant(p.id, termsOf(p), participantOf(who % SEATS), STRANGER, "fault") {
            ++broken;
        } catch {}
        try staked.reject(p.id, termsOf(p), STRANGER, "fault") {
            ++broken;
        } catch {}
        try staked.burn(p.id, termsOf(p), participantOf(who % SEATS), "fault") {
            ++broken;
        } catch {}
        vm.stopPrank();
    }
}
