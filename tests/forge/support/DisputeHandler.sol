// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    Children,
    ChunkProof,
    Leaf,
    Node,
    Path,
    Proposal,
    QuestionKind
} from "../../../contracts/types/DisputeTypes.sol";
import {IQuestions} from "../../../contracts/interfaces/IQuestions.sol";
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
    uint256 public lapsed;
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
        _propose(HONEST, 0);
    }

    function proposeWrong(uint256 kind) external {
        _propose(PROPOSER, 1 + kind % KINDS);
    }

    function _propose(address who, uint256 kind) private {
        Proposal memory made = proposalOf(_tops[kind]);
        vm.prank(who);
        try staked.propose(id, stakes, made) {
            (_made, standsWrong, challenged) = (made, kind != 0, false);
        } catch {}
    }

    /// A quorum vouches for what stands, be it right or wrong: it has said no more than that it holds it.
    function certify() external {
        uint32 number = staked.stakedRoundOf(id).proposals;
        (address[] memory holders, bytes[] memory vouched) = firstHolders();
        for (uint256 i = 0; i < QUORUM; ++i) {
            vm.prank(holders[i]);
            try availability.vouchForResult(id, stakes, number) {} catch {}
        }
        try availability.certifyResult(id, stakes, number, holders, vouched) {} catch {}
    }

    /// Nobody vouches for a lie: it lapses.
    function lapse() external {
        if (!standsWrong) return;
        try staked.lapse(id, stakes) {
            ++lapsed;
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
        for (uint256 kind = 0; kind < KINDS; ++kind) {
            if (_proveFor(kind, WATCHER)) {
                ++rejected;
                challenged = true;
                return;
            }
        }
    }

    /// A stranger tries every proof against what stands; only a wrong proposal may fall to it.
    function attack(uint256 kind) external {
        if (_proveFor(kind % KINDS, STRANGER)) {
            challenged = true;
            require(standsWrong, "a right proposal was rejected");
        }
    }

    function _proveFor(uint256 kind, address who) private returns (bool done) {
        bytes memory call = _proofOf(kind, who);
        disputes.announce(keccak256(call));
        vm.roll(block.number + 1);
        (done,) = address(disputes).call(call);
    }

    function _proofOf(uint256 kind, address who) private view returns (bytes memory) {
        Path memory path = pathTo(_made.top);
        Leaf[] memory all = _claim();
        Children memory children = childrenOf(all);
        if (kind == 0) {
            ChunkProof memory claim = _made.top.numeratorsRoot == _tops[1].numeratorsRoot ? _wrongChunk : _rightChunk;
            return abi.encodeCall(disputes.proveWrongChunk, (id, stakes, path, children, 1, _inputs, claim, who));
        }
        if (kind == 1) {
            return abi.encodeCall(disputes.proveLeftOut, (id, stakes, path, children, participantOf(2), who));
        }
        if (kind == 2) {
            uint256 last = all.length - 1;
            bytes32[] memory hashes = hashesOf(all);
            return abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, path, hashes, last, all[last], who));
        }
        return abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, children, who));
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
            try questions.askUpdate(id, stakes, _leaves[0], 1) {} catch {}
        } else if (what % 3 == 1) {
            try questions.askResult(id, stakes, path, 1) {} catch {}
        } else {
            try questions.askNode(id, stakes, path) {} catch {}
        }
    }

    /// Honest parties answer; a cheating proposer doesn't.
    function _answerAll() private {
        for (uint256 q = 0; q < 64; ++q) {
            try questions.questionOf(id, q) returns (IQuestions.Question memory question) {
                if (question.open) _answer(q, question);
            } catch {
                return;
            }
        }
    }

    function _answer(uint256 q, IQuestions.Question memory question) private {
        if (question.kind == QuestionKind.Update) {
            vm.prank(participantOf(0));
            try questions.answerChunk(id, stakes, q, _updateChunk) {} catch {}
        } else if (!standsWrong && question.kind == QuestionKind.Result) {
            vm.prank(HONEST);
            try questions.answerChunk(id, stakes, q, _rightChunk) {} catch {}
        } else if (!standsWrong) {
            Children memory children = childrenOf(_leaves);
            vm.prank(HONEST);
            try questions.answerNode(id, stakes, q, pathTo(_made.top), children) {} catch {}
        }
    }

    function punish(uint256 q) external {
        vm.prank(STRANGER);
        try questions.punishSilence(id, stakes, q % 8) {
            ++punished;
        } catch {}
    }

    function close(uint256 q) external {
        try questions.closeQuestion(id, stakes, q % 8) {} catch {}
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
