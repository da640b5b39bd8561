// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IWeightedPayouts} from "../../contracts/interfaces/IWeightedPayouts.sol";
import {Scale} from "../../contracts/libraries/WeightRules.sol";
import {ChunkProof, Leaf, Node, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {PlainToken} from "./Gas.t.sol";
import {WeightRulesCaller} from "./WeightRules.t.sol";
import {CidWriter} from "./support/CidWriter.sol";
import {DrawnChunks} from "./support/DrawnChunks.sol";
import {LargeTree} from "./support/LargeTree.sol";

/// Gas of what is done under stake beside disputes, and of proving a wrong version, as whole transactions (run with
/// isolation), kept in tests/snapshots/stake_gas.json.
contract StakeGasTest is LargeTree {
    uint256 private constant HOLDERS = 16;
    uint64 private constant LONG = 1 << 24; // 16 levels: 65,536 chunks
    uint64 private constant INDEX = 0xB0B5;

    uint256[HOLDERS] private _keys;
    address[] private _holders;
    RoundId private id;
    WeightRulesCaller private _rules;

    function setUp() public {
        deployStaked();
        _rules = new WeightRulesCaller();
    }

    function _snap(string memory name) private returns (uint256) {
        return vm.snapshotGasLastCall("stake_gas", name);
    }

    function test_gas_of_registering_a_cid_of_version_0() public {
        string memory text = CidWriter.base58(abi.encodePacked(uint16(0x1220), keccak256("a model")));
        vm.prank(HOSPITAL);
        registry.registerModel("Simple Net", text, true);
        holds(_snap("01 registerModel with a CID of version 0") < 400_000);
    }

    // --- pots ---------------------------------------------------------------------------------

    /// @dev What each of 32 costs when all of a group are paid in one transaction.
    function test_gas_of_a_pot_that_pays_32_at_once() public {
        RoundTerms memory t = stakedTerms(2);
        t.maximumParticipants = 32;
        id = openStaked(t);
        this.take(id, 0, 0, 31);
        vm.prank(OWNER);
        token.transfer(participantOf(31), STAKE);
        vm.startPrank(participantOf(31));
        token.approve(address(vault), STAKE);
        vault.deposit(address(token), STAKE);
        vault.setController(address(staked), true);
        staked.lockStake(id, stakes, new bytes32[](0));
        _snap("02 lockStake");
        vm.stopPrank();
        this.take(id, 1, 0, 32);
        this.take(id, 2, 0, 32);
        this.certify(id, 32);
        PlainToken plain = new PlainToken();
        tokens.allow(address(plain), 1);
        plain.approve(address(pots), BUDGET);
        pots.fund(id, address(plain), BUDGET);
        _snap("03 fund a pot");
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        Node memory top = this.nodeAt(0, 32);
        Proposal memory made = propose(id, top);
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, made);
        IWeightedPayouts.Group memory group =
            IWeightedPayouts.Group(pathTo(top), this.childrenAt(0, 32).leaves, type(uint32).max);
        pots.pay(id, address(plain), made, group);
        holds(_snap("04 pay, 32 participants at once, plain ERC-20") <= 32 * 60_000);
        same(pots.potOf(id, address(plain)).shares, top.weight);
        pots.pay(id, address(token), made, group);
        holds(_snap("04 pay, 32 participants at once, RewardToken") <= 32 * 64_000);
    }

    // --- certificates -------------------------------------------------------------------------

    function test_gas_of_certificates_of_3() public {
        _certified(3);
    }

    function test_gas_of_certificates_of_100() public {
        _certified(100);
    }

    function test_gas_of_certificates_of_10000() public {
        _certified(10_000);
    }

    /// Sixteen members of a committee sign that they have every update, and then the result.
    function _certified(uint256 count) private {
        _committee();
        RoundTerms memory t = stakedTerms(2);
        t.maximumParticipants = uint32(count);
        id = openStaked(t);
        for (uint256 i = 0; i < HOLDERS; ++i) {
            vm.prank(_holders[i]);
            staked.lockHolderStake(id, stakes);
        }
        for (uint256 step = 0; step < 3; ++step) {
            for (uint256 from = 0; from < count; from += 100) {
                this.take(id, step, from, from + 100 < count ? from + 100 : count);
            }
        }
        string memory size = string.concat(", ", vm.toString(count), " participants");
        uint256[] memory held = _allOf(count);
        vm.prank(_holders[0]);
        availability.vouchForUpdates(id, stakes, held);
        holds(_snap(string.concat("05 vouchForUpdates", size)) < 700_000);
        uint256[][] memory all = new uint256[][](HOLDERS);
        for (uint256 i = 0; i < HOLDERS; ++i) {
            all[i] = held;
        }
        bytes[] memory signatures = _signed(availability.holdingsDigest(id, held));
        availability.certifyUpdates(id, stakes, _holders, all, signatures);
        holds(_snap(string.concat("06 certifyUpdates, 16 holders", size)) < CAP);
        uint32 last = uint32(HOLDERS + count - 1);
        holds(availability.isCertified(id, last) && !availability.isCertified(id, last + 1));
        if (count == 100) _resultCertified();
    }

    function _committee() private {
        for (uint256 i = 0; i < HOLDERS; ++i) {
            uint256 at = i;
            for (; at > 0 && vm.addr(_keys[at - 1]) > vm.addr(0xE00 + i); --at) {
                _keys[at] = _keys[at - 1];
            }
            _keys[at] = 0xE00 + i;
        }
        for (uint256 i = 0; i < HOLDERS; ++i) {
            _holders.push(vm.addr(_keys[i]));
            fundStake(_holders[i]);
        }
        stakes.committee = evaluations.createPanel(_holders, uint8(HOLDERS), address(0), 0);
        stakes.quorum = uint16(HOLDERS);
    }

    /// The bits of all participants, whose seats come after the holders'.
    function _allOf(uint256 count) private pure returns (uint256[] memory held) {
        held = new uint256[]((count + HOLDERS + 255) / 256);
        for (uint256 i = HOLDERS; i < count + HOLDERS; ++i) {
            held[i / 256] |= 1 << (i % 256);
        }
    }

    function _signed(bytes32 digest) private view returns (bytes[] memory signatures) {
        signatures = new bytes[](HOLDERS);
        for (uint256 i = 0; i < HOLDERS; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[i], digest);
            signatures[i] = abi.encodePacked(r, s, v);
        }
    }

    function _resultCertified() private {
        vm.warp(staked.stakedRoundOf(id).slashEnd);
        proposeUncertified(id, proposalOf(this.nodeAt(0, 100)));
        bytes32 proposed = staked.stakedRoundOf(id).proposalHash;
        vm.prank(_holders[0]);
        availability.vouchForResult(id, stakes, 1);
        _snap("07 vouchForResult");
        bytes[] memory signatures = _signed(availability.resultDigest(id, 1, proposed));
        availability.certifyResult(id, stakes, 1, _holders, signatures);
        holds(_snap("08 certifyResult, 16 holders") < 400_000);
    }

    // --- a wrong version ----------------------------------------------------------------------

    function test_gas_of_announcing_and_proving_a_wrong_version() public {
        disputes.announce(keccak256("a call"));
        holds(_snap("09 announce") < 60_000);
        for (uint8 precision = 16; precision <= 32; precision += 16) {
            uint256 found = _wrongVersion(precision);
            holds(found <= 4_000_000);
            string memory name = precision == 32 ? "binary32" : "bfloat16";
            vm.snapshotValue("stake_gas", string.concat("10 proveWrongVersion, ", name), found);
        }
    }

    function _wrongVersion(uint8 precision) private returns (uint256) {
        bytes32[] memory siblings = DrawnChunks.path(LONG, INDEX);
        (bytes memory base, bytes memory numerators) = _chunks(precision);
        (stakes.bond, stakes.disputeWindow) = (0.1 ether, 20 * ANSWER);
        (stakes.vectorLength, stakes.precision) = (LONG, precision);
        stakes.baseRoot = DrawnChunks.root(precision, LONG, INDEX, base, siblings);
        Leaf[] memory leaves = leavesTo(3);
        uint256 weight = uint256(leaves[0].weight) + leaves[1].weight + leaves[2].weight;
        bytes memory wrong = _wrongWeights(Scale(precision, 149 - 16 - 8, 8, weight), base, numerators);
        id = proposable(3);
        Proposal memory made = proposalOf(nodeOver(leaves, new int64[](1)));
        made.top.numeratorsRoot = DrawnChunks.root(64, LONG, INDEX, numerators, siblings);
        made.versionRoot = DrawnChunks.root(precision, LONG, INDEX, wrong, siblings);
        proposeUncertified(id, made);
        return spent(
            abi.encodeCall(
                IDisputes.proveWrongVersion,
                (
                    id,
                    stakes,
                    made,
                    INDEX,
                    ChunkProof(base, siblings),
                    ChunkProof(numerators, siblings),
                    ChunkProof(wrong, siblings),
                    WATCHER
                )
            )
        );
    }

    /// Weights as models have them, and steps of all sizes.
    function _chunks(uint256 bits) private pure returns (bytes memory base, bytes memory numerators) {
        for (uint256 i = 0; i < 256; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(i)));
            uint256 weight = (drawn & 0x807fffff | (96 + (drawn >> 32) % 32) << 23) >> (32 - bits);
            base = bits == 32 ? bytes.concat(base, bytes4(uint32(weight))) : bytes.concat(base, bytes2(uint16(weight)));
            int64 numerator = int64(uint64(drawn >> 64 & 0xfffff)) - (1 << 19);
            numerators = bytes.concat(numerators, bytes8(uint64(numerator)));
        }
    }

    /// The right ones but for the last bit of the last one, so that all are compared.
    function _wrongWeights(Scale memory scale, bytes memory base, bytes memory numerators)
        private
        view
        returns (bytes memory weights)
    {
        (uint256[] memory found,) = _rules.weights(scale, base, numerators);
        found[255] ^= 1;
        for (uint256 i = 0; i < found.length; ++i) {
            weights = scale.bits == 32
                ? bytes.concat(weights, bytes4(uint32(found[i])))
                : bytes.concat(weights, bytes2(uint16(found[i])));
        }
    }
}
