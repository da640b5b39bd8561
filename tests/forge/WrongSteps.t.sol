// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {IVersionJudge} from "../../contracts/interfaces/IVersionJudge.sol";
import {ChunkProof, Leaf, Node, Proposal, Server, ServerStep, StepProof} from "../../contracts/types/DisputeTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {StepFixture} from "./support/StepFixture.sol";

/// F-15: where the strategy has a server's momentum, a wrong weight and a wrong momentum are each proved wrong by
/// themselves; right ones stand whatever is tried. Whole transactions, kept in tests/snapshots/stake_gas.json.
contract WrongStepsTest is StepFixture {
    uint64 private constant LONG = 1 << 24; // 16 levels: 65,536 chunks
    uint64 private constant INDEX = 0xB0B5;

    RoundId private id;
    Chunks private c;
    Server private server;
    Leaf[] private _leaves;

    function setUp() public {
        deploySteps();
        Leaf[] memory leaves = leavesTo(3);
        for (uint256 i = 0; i < 3; ++i) {
            _leaves.push(leaves[i]);
        }
    }

    function _top() private view returns (Node memory top) {
        top = nodeOver(_leaves, new int64[](1));
        top.numeratorsRoot = rootAt(64, LONG, INDEX, c.numerators);
    }

    /// Opens a round of this strategy, up to where it can be proposed.
    function _open(ServerStep step, uint8 precision) private {
        bytes memory numerators;
        for (uint256 i = 0; i < 256; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode("numerator", i)));
            numerators = bytes.concat(numerators, bytes8(uint64(int64(uint64(drawn & 0xfffff)) - (1 << 19))));
        }
        uint256 weight = uint256(_leaves[0].weight) + _leaves[1].weight + _leaves[2].weight;
        c = chunksOf(precision, step, numerators, weight);
        server = serverOf(step, precision, LONG, INDEX, c);
        (stakes.bond, stakes.disputeWindow) = (0.1 ether, 20 * ANSWER);
        (stakes.vectorLength, stakes.precision) = (LONG, precision);
        stakes.baseRoot = keccak256(abi.encode(server));
        id = proposable(3);
    }

    function _proposed(bytes memory weights, bytes memory remembered) private returns (Proposal memory made) {
        made = proposalOf(_top());
        made.versionRoot = rootAt(stakes.precision, LONG, INDEX, weights);
        made.momentumRoot = rootAt(64, LONG, INDEX, remembered);
        proposeUncertified(id, made);
    }

    function _call(Proposal memory made, Server memory named, bool ofMomentum, bytes memory claim)
        private
        view
        returns (bytes memory)
    {
        StepProof memory proof = stepProof(ofMomentum, LONG, INDEX, c, claim);
        return abi.encodeCall(IDisputes.proveWrongStep, (id, stakes, made, named, INDEX, proof, WATCHER));
    }

    function _slashed() private view {
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        same(award(WATCHER), 3 * STAKE / 2);
        same(staked.stakedRoundOf(id).proposer, address(0));
    }

    function test_F15_a_lie_in_one_weight_is_proved() public {
        _open(ServerStep.FedAvgM, 32);
        bytes memory wrong = spoilt(c.weights);
        Proposal memory made = _proposed(wrong, c.remembered);
        prove(_call(made, server, false, wrong));
        _slashed();
    }

    function test_F15_a_lie_in_one_momentum_is_proved() public {
        _open(ServerStep.DiLoCo, 16);
        bytes memory wrong = spoilt(c.remembered);
        Proposal memory made = _proposed(c.weights, wrong);
        prove(_call(made, server, true, wrong));
        _slashed();
    }

    /// The other vector's root may be one that nobody has values for: it isn't needed.
    function test_F15_one_lie_doesnt_hide_another() public {
        _open(ServerStep.FedAvgM, 32);
        bytes memory wrong = spoilt(c.weights);
        Proposal memory made = proposalOf(_top());
        made.versionRoot = rootAt(32, LONG, INDEX, wrong);
        made.momentumRoot = keccak256("nobody's");
        proposeUncertified(id, made);
        prove(_call(made, server, false, wrong));
        _slashed();
    }

    function test_F15_what_is_right_stands() public {
        _open(ServerStep.DiLoCo, 32);
        Proposal memory made = _proposed(c.weights, c.remembered);
        bytes memory why = abi.encodeWithSelector(IDisputes.VersionIsCorrect.selector, id, INDEX);
        refuse(_call(made, server, false, c.weights), why);
        refuse(_call(made, server, true, c.remembered), why);
        same(award(WATCHER), 0);
    }

    /// Nothing could be proven against no root, and nothing be asked for.
    function test_F15_a_proposal_without_a_memory_is_wrong() public {
        _open(ServerStep.FedAvgM, 32);
        Proposal memory made = proposalOf(_top());
        made.versionRoot = rootAt(32, LONG, INDEX, c.weights);
        proposeUncertified(id, made);
        StepProof memory nothing;
        prove(abi.encodeCall(IDisputes.proveWrongStep, (id, stakes, made, server, 0, nothing, WATCHER)));
        _slashed();
    }

    function test_F15_another_server_than_the_terms_is_refused() public {
        _open(ServerStep.FedAvgM, 32);
        Proposal memory made = _proposed(c.weights, c.remembered);
        bytes memory why = abi.encodeWithSelector(IDisputes.WrongServer.selector, id);
        for (uint256 i = 0; i < 5; ++i) {
            Server memory other = server;
            if (i == 0) other.step = ServerStep.DiLoCo;
            if (i == 1) other.factor ^= 1;
            if (i == 2) other.rate ^= 1;
            if (i == 3) other.weightsRoot = made.versionRoot;
            if (i == 4) other.momentumRoot = made.momentumRoot;
            refuse(_call(made, other, false, c.weights), why);
        }
    }

    /// What evaluators judge no contract does: neither by the step nor as a plain average.
    function test_F15_an_evaluated_step_is_not_judged() public {
        _open(ServerStep.FedAvgM, 32);
        server = Server(ServerStep.Evaluated, 0, 0, server.weightsRoot, 0);
        stakes.baseRoot = keccak256(abi.encode(server));
        id = proposable(3);
        Proposal memory made = _proposed(spoilt(c.weights), c.remembered);
        bytes memory why = abi.encodeWithSelector(IDisputes.WrongServer.selector, id);
        refuse(_call(made, server, false, spoilt(c.weights)), why);
        refuse(_plain(made), abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 0));
        stakes.baseRoot = keccak256(abi.encode(Server(ServerStep.None, 0, 0, server.weightsRoot, 0)));
        id = proposable(3);
        made = _proposed(spoilt(c.weights), c.remembered);
        why = abi.encodeWithSelector(IDisputes.WrongServer.selector, id);
        refuse(_call(made, Server(ServerStep.None, 0, 0, server.weightsRoot, 0), false, c.weights), why);
    }

    function test_F15_a_round_of_momentum_is_not_judged_as_an_average() public {
        _open(ServerStep.FedAvgM, 32);
        Proposal memory made = _proposed(c.weights, c.remembered);
        refuse(_plain(made), abi.encodeWithSelector(IVersionJudge.InputNotProven.selector, 0));
    }

    function _plain(Proposal memory made) private view returns (bytes memory) {
        StepProof memory p = stepProof(
            false,
            LONG,
            INDEX,
            c,
            made.versionRoot == rootAt(32, LONG, INDEX, c.weights) ? c.weights : spoilt(c.weights)
        );
        return
            abi.encodeCall(
                IDisputes.proveWrongVersion, (id, stakes, made, INDEX, p.base, p.numerators, p.claim, WATCHER)
            );
    }

    function test_F15_an_average_is_not_judged_as_a_step() public {
        _open(ServerStep.FedAvgM, 32);
        stakes.baseRoot = server.weightsRoot;
        id = proposable(3);
        Proposal memory made = _proposed(c.weights, c.remembered);
        refuse(_call(made, server, false, c.weights), abi.encodeWithSelector(IDisputes.WrongServer.selector, id));
    }

    function test_F15_only_the_standing_proposal_is_judged_and_only_once_announced() public {
        _open(ServerStep.FedAvgM, 32);
        bytes memory wrong = spoilt(c.weights);
        Proposal memory made = _proposed(wrong, c.remembered);
        Proposal memory other = made;
        bytes memory call = _call(made, server, false, wrong);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.NotAnnounced.selector, keccak256(call)));
        (bool sent,) = address(disputes).call(call);
        sent;
        other.momentumRoot = keccak256("another");
        refuse(_call(other, server, false, wrong), abi.encodeWithSelector(IDisputes.WrongProposal.selector, id));
        prove(call);
        refuse(call, abi.encodeWithSelector(IDisputes.NoProposal.selector, id));
    }

    // --- gas ----------------------------------------------------------------------------------

    function test_gas_of_proving_a_wrong_step() public {
        for (uint8 precision = 16; precision <= 32; precision += 16) {
            for (uint256 i = 0; i < 4; ++i) {
                ServerStep step = i < 2 ? ServerStep.FedAvgM : ServerStep.DiLoCo;
                uint256 found = _spent(step, precision, i % 2 == 1);
                holds(found <= 4_000_000);
                string memory name = string.concat(
                    i < 2 ? "fedavgm, " : "diloco, ",
                    precision == 32 ? "binary32, " : "bfloat16, ",
                    i % 2 == 1 ? "a momentum" : "a weight"
                );
                vm.snapshotValue("stake_gas", string.concat("11 proveWrongStep, ", name), found);
            }
        }
    }

    function _spent(ServerStep step, uint8 precision, bool ofMomentum) private returns (uint256) {
        _open(step, precision);
        (bytes memory weights, bytes memory remembered) = (c.weights, c.remembered);
        if (ofMomentum) remembered = spoilt(remembered);
        else weights = spoilt(weights);
        Proposal memory made = _proposed(weights, remembered);
        return spent(_call(made, server, ofMomentum, ofMomentum ? remembered : weights));
    }
}
