// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Asked, Children, ChunkProof, Leaf, Node, Path, Proposal} from "../../../contracts/types/DisputeTypes.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IStakedRounds} from "../../../contracts/interfaces/IStakedRounds.sol";
import {Phase, RoundId} from "../../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./StakedFixture.sol";
import {VectorWriter} from "./VectorWriter.sol";

/// Plays staked rounds in any order that the fuzzer likes. PROPOSER cheats; HONEST, the participants and WATCHER do not;
/// STRANGER attacks whatever stands. The honest answer what they are asked before time passes.
contract DisputeHandler is StakedFixture {
    address public constant HONEST = address(0x40E57);
    uint256 private constant PEOPLE = 3;
    uint256 private constant KINDS = 4;

    RoundId public id;
    bool public standsWrong;
    bool public challenged;
    uint256 public wronglyFinal;
    uint256 public rejected;
    uint256 public settled;
    uint256 public punished;
    Proposal private _made;
    Leaf[] private _leaves;
    Leaf[] private _claimed;
    Node[KINDS + 1] private _tops;
    ChunkProof[] private _inputs;
    ChunkProof private _rightChunk;
    ChunkProof private _wrongChunk;
    ChunkProof private _updateChunk;

    constructor() {
        deployStaked();
        fundStake(HONEST);
        fundStake(STRANGER);
        _keep();
        start();
    }

    /// What hashing by the precompile gives is kept: it would count as the call that `prank` waits for.
    function _keep() private {
        Leaf[] memory leaves = leavesTo(PEOPLE);
        ChunkProof[] memory inputs = inputsOf(PEOPLE, 1);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _leaves.push(leaves[i]);
            _inputs.push(inputs[i]);
        }
        int64[] memory right = sums(0, PEOPLE);
        int64[] memory wrong = sums(0, PEOPLE);
        wrong[LENGTH - 1] += 1;
        _rightChunk = VectorWriter.proof(right, 64, 1);
        _wrongChunk = VectorWriter.proof(wrong, 64, 1);
        _updateChunk = inputs[0];
        _tops[0] = nodeOver(leaves, right);
        _tops[1] = nodeOver(leaves, wrong);
        _tops[2] = nodeOver(_some(leaves, 2), sums(0, 2));
        leaves[2].weight += 1;
        _tops[3] = nodeOver(leaves, right);
        _tops[4] = nodeOver(leavesTo(PEOPLE), right);
        _tops[4].weight += 1;
    }

    function _some(Leaf[] memory all, uint256 count) private pure returns (Leaf[] memory some) {
        some = new Leaf[](count);
        for (uint256 i = 0; i < count; ++i) {
            some[i] = all[i];
        }
    }

    // --- the round ----------------------------------------------------------------------------

    function start() public {
        if (RoundId.unwrap(id) != 0) {
            Phase phase = rounds.phaseOf(id);
            if (phase != Phase.Finalised && phase != Phase.Voided) return;
            _releaseAll();
        }
        id = proposable(PEOPLE);
        (standsWrong, challenged) = (false, false);
    }

    function _releaseAll() private {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            try staked.releaseStake(id, participantOf(i), stakes) {} catch {}
        }
        try staked.releaseStake(id, HONEST, stakes) {} catch {}
        try staked.releaseStake(id, PROPOSER, stakes) {} catch {}
    }

    function proposeRight() external {
        Proposal memory made = proposalOf(_tops[0]);
        vm.prank(HONEST);
        try staked.propose(id, stakes, made) {
            (_made, standsWrong, challenged) = (made, false, false);
        } catch {}
    }

    function proposeWrong(uint256 kind) external {
        kind = 1 + kind % KINDS;
        Proposal memory made = proposalOf(_tops[kind]);
        vm.prank(PROPOSER);
        try staked.propose(id, stakes, made) {
            (_made, standsWrong, challenged) = (made, true, false);
        } catch {}
    }

    function settle() external {
        try staked.settle(id, stakes, _made) {
            ++settled;
            if (standsWrong && challenged) ++wronglyFinal;
        } catch {}
    }

    function void() external {
        try rounds.voidRound(id) {} catch {}
    }

    function wait(uint16 time) external {
        _answerAll();
        vm.warp(block.timestamp + time % 40);
    }

    // --- challenges ---------------------------------------------------------------------------

    /// The watcher proves whatever is wrong with what stands.
    function challenge() external {
        if (!standsWrong) return;
        vm.startPrank(WATCHER);
        for (uint256 kind = 0; kind < KINDS; ++kind) {
            if (_prove(kind)) {
                ++rejected;
                challenged = true;
                vm.stopPrank();
                return;
            }
        }
        vm.stopPrank();
    }

    /// A stranger tries every proof against what stands; only a wrong proposal may fall to it.
    function attack(uint256 kind) external {
        vm.prank(STRANGER);
        if (_prove(kind % KINDS)) {
            challenged = true;
            require(standsWrong, "a right proposal was rejected");
        }
    }

    function _prove(uint256 kind) private returns (bool) {
        Path memory path = pathTo(_made.top);
        Leaf[] memory all = _claim();
        Children memory children = childrenOf(all);
        if (kind == 0) {
            ChunkProof memory claim = _made.top.numeratorsRoot == _tops[1].numeratorsRoot ? _wrongChunk : _rightChunk;
            try disputes.proveWrongChunk(id, stakes, path, children, 1, _inputs, claim) {
                return true;
            } catch {}
        } else if (kind == 1) {
            try disputes.proveLeftOut(id, stakes, path, children, participantOf(2)) {
                return true;
            } catch {}
        } else if (kind == 2) {
            uint256 last = all.length - 1;
            try disputes.proveWrongLeaf(id, stakes, path, hashesOf(all), last, all[last]) {
                return true;
            } catch {}
        } else {
            try disputes.proveWrongNode(id, stakes, path, children) {
                return true;
            } catch {}
        }
        return false;
    }

    /// The leaves that what stands is over.
    function _claim() private view returns (Leaf[] memory all) {
        all = _leaves;
        if (_made.top.count == 2) return _some(all, 2);
        if (_made.top.weight != _tops[0].weight && _made.top.childrenHash != _tops[0].childrenHash) all[2].weight += 1;
    }

    // --- questions ----------------------------------------------------------------------------

    function ask(uint256 what) external {
        Path memory path = pathTo(_made.top);
        vm.prank(STRANGER);
        if (what % 3 == 0) {
            try disputes.askUpdate(id, stakes, _leaves[0], 1) {} catch {}
        } else if (what % 3 == 1) {
            try disputes.askResult(id, stakes, path, 1) {} catch {}
        } else {
            try disputes.askNode(id, stakes, path) {} catch {}
        }
    }

    /// Honest parties answer; a cheating proposer doesn't.
    function _answerAll() private {
        for (uint256 q = 0; q < 64; ++q) {
            try disputes.questionOf(id, q) returns (IDisputes.Question memory question) {
                if (question.open) _answer(q, question);
            } catch {
                return;
            }
        }
    }

    function _answer(uint256 q, IDisputes.Question memory question) private {
        if (question.asked == Asked.Update) {
            vm.prank(participantOf(0));
            try disputes.answerChunk(id, stakes, q, _updateChunk) {} catch {}
        } else if (!standsWrong && question.asked == Asked.Result) {
            vm.prank(HONEST);
            try disputes.answerChunk(id, stakes, q, _rightChunk) {} catch {}
        } else if (!standsWrong) {
            Children memory children = childrenOf(_leaves);
            vm.prank(HONEST);
            try disputes.answerNode(id, stakes, q, pathTo(_made.top), children) {} catch {}
        }
    }

    function punish(uint256 q) external {
        vm.prank(STRANGER);
        try disputes.punishSilence(id, stakes, q % 8) {
            ++punished;
        } catch {}
    }

    function close(uint256 q) external {
        try disputes.closeQuestion(id, stakes, q % 8) {} catch {}
    }

    // --- taking out ---------------------------------------------------------------------------

    function leave(uint256 who, uint96 amount) external {
        address[4] memory all = [PROPOSER, HONEST, STRANGER, participantOf(1)];
        vm.startPrank(all[who % 4]);
        try vault.requestExit(address(token), uint256(amount) % FUNDS) {} catch {}
        try vault.cancelExit(address(token)) {} catch {}
        vm.stopPrank();
    }

    // --- what the invariants look at ----------------------------------------------------------

    /// All that the vault holds for an account.
    function holding(address who) public view returns (uint256) {
        (uint256 leaving,) = vault.exitOf(who, address(token));
        return free(who) + vault.lockedOf(who, address(token)) + award(who) + leaving;
    }

    function isSolvent() external view returns (bool) {
        return vault.owed(address(token)) == token.balanceOf(address(vault));
    }

    function honestKeptTheirs() external view returns (bool) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            if (holding(participantOf(i)) < FUNDS) return false;
        }
        return holding(HONEST) >= FUNDS && holding(WATCHER) >= FUNDS;
    }
}
