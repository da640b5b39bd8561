// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ModelId, VersionId, Visibility} from "../../contracts/types/ModelTypes.sol";
import {Opening, RoundId} from "../../contracts/types/RoundTypes.sol";
import {TokenList} from "../../contracts/governance/TokenList.sol";
import {Fixture} from "./support/Fixture.sol";

contract PlainToken is ERC20("Plain", "PLAIN") {
    constructor() {
        _mint(msg.sender, 1_000_000 ether);
    }
}

/// Gas of whole transactions (run with isolation), kept in tests/snapshots/gas.json.
/// A figure that moves fails `make test` until the new one is committed.
contract GasTest is Fixture {
    uint256 private constant LEAVES = 1024;

    function setUp() public {
        deployAll();
    }

    function test_gas_of_models_and_access() public {
        vm.startPrank(HOSPITAL);
        ModelId id = registry.register("tumour-net", Visibility.Private, 0);
        vm.snapshotGasLastCall("gas", "01 register");
        VersionId[] memory none = new VersionId[](0);
        VersionId first = registry.publishVersion(id, 1, content(1), none, RoundId.wrap(0), "MIT");
        vm.snapshotGasLastCall("gas", "02 publishVersion, first");
        VersionId[] memory parents = new VersionId[](1);
        parents[0] = first;
        registry.publishVersion(id, 2, content(2), parents, RoundId.wrap(keccak256("round")), "MIT");
        vm.snapshotGasLastCall("gas", "03 publishVersion, parent and round");
        registry.grantAccess(id, STRANGER);
        vm.snapshotGasLastCall("gas", "04 grantAccess");
        registry.grant(id, PUBLISHER, 1_900_000_000, keccak256("wrapped"));
        vm.snapshotGasLastCall("gas", "05 grant with expiry and key");
        registry.setChannel(id, "production", 1);
        vm.snapshotGasLastCall("gas", "06 setChannel, first");
        registry.setChannel(id, "production", 2);
        registry.rollbackChannel(id, "production");
        vm.snapshotGasLastCall("gas", "07 rollbackChannel");
        registry.registerModel("Simple Net", "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", true);
        vm.snapshotGasLastCall("gas", "08 registerModel with a CID");
    }

    function test_gas_of_a_round() public {
        RoundId id = openRound(100 ether, 1, 101);
        vm.snapshotGasLastCall("gas", "10 openRound with a budget");
        vm.startPrank(HOSPITAL);
        rounds.enrol(id, new bytes32[](0));
        vm.snapshotGasLastCall("gas", "11 enrol");
        vm.startPrank(OWNER);
        rounds.commitBatch(id, keccak256("batch"), 100, keccak256("document"));
        vm.snapshotGasLastCall("gas", "12 commitBatch of any size");
        Opening memory o = opening(1, 10);
        vm.warp(rounds.roundOf(id).enrolmentDeadline);
        vm.startPrank(HOSPITAL);
        rounds.commit(id, rounds.commitmentFor(id, HOSPITAL, o));
        vm.snapshotGasLastCall("gas", "13 commit");
        vm.warp(rounds.roundOf(id).commitDeadline);
        rounds.reveal(id, HOSPITAL, o);
        vm.snapshotGasLastCall("gas", "14 reveal");
        vm.startPrank(OWNER);
        rounds.revealBatch(id, 0, keccak256("reveals"), 100, keccak256("document"));
        vm.snapshotGasLastCall("gas", "15 revealBatch of any size");
        vm.warp(rounds.roundOf(id).revealDeadline);
        rounds.proposeResult(id, result(101));
        vm.snapshotGasLastCall("gas", "16 proposeResult");
        vm.warp(block.timestamp + 50);
        rounds.finalise(id);
        vm.snapshotGasLastCall("gas", "17 finalise with a budget");
    }

    function test_gas_of_payouts_with_RewardToken() public {
        _payouts(address(token), "RewardToken");
    }

    function test_gas_of_payouts_with_a_plain_ERC20() public {
        vm.prank(OWNER);
        _payouts(address(new PlainToken()), "plain ERC-20");
    }

    function _payouts(address paid, string memory label) private {
        vm.startPrank(OWNER);
        ERC20(paid).approve(address(distributor), 10_000 ether);
        distributor.fund(modelId, paid, 10_000 ether);
        (bytes32 root, bytes32[] memory proof) = _tree(1 ether);
        distributor.postRoot(modelId, paid, root, 1024 ether, keccak256("document"));
        vm.snapshotGasLastCall("gas", string.concat("20 postRoot, ", label));
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        distributor.activateRoot(modelId, paid);
        vm.snapshotGasLastCall("gas", string.concat("24 activateRoot, ", label));
        distributor.claim(modelId, paid, root, HOSPITAL, 1 ether, proof);
        vm.snapshotGasLastCall("gas", string.concat("21 claim of 1,024, first, ", label));
        (bytes32 later, bytes32[] memory laterProof) = _tree(2 ether);
        distributor.postRoot(modelId, paid, later, 2048 ether, keccak256("document"));
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        distributor.activateRoot(modelId, paid);
        distributor.claim(modelId, paid, later, HOSPITAL, 2 ether, laterProof);
        vm.snapshotGasLastCall("gas", string.concat("23 claim of 1,024, later, ", label));
        (bytes32 held, bytes32[] memory heldProof) = _tree(PUBLISHER, 1 ether);
        distributor.postRoot(modelId, paid, held, 1024 ether, keccak256("document"));
        SafeERC20.safeTransfer(ERC20(paid), PUBLISHER, 1);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        distributor.activateRoot(modelId, paid);
        distributor.claim(modelId, paid, held, PUBLISHER, 1 ether, heldProof);
        vm.snapshotGasLastCall("gas", string.concat("22 claim of 1,024, first, of a holder, ", label));
    }

    function _tree(uint256 amount) private pure returns (bytes32 root, bytes32[] memory proof) {
        return _tree(HOSPITAL, amount);
    }

    /// A path of ten siblings: what a tree of 1,024 leaves gives each of them.
    function _tree(address account, uint256 amount) private pure returns (bytes32 root, bytes32[] memory proof) {
        root = payoutLeaf(account, amount);
        proof = new bytes32[](10);
        for (uint256 i = 0; i < 10; ++i) {
            proof[i] = keccak256(abi.encode("sibling", i, account, amount));
            root = pairHash(root, proof[i]);
        }
    }

    function test_sizes_stay_below_the_limit() public {
        _size("Timelock", address(timelock));
        _size("EmergencyStop", address(emergencyStop));
        _size("TokenList", address(new TokenList(COUNCIL, new address[](0), new uint256[](0))));
        _size("ModelRegistry", address(registry));
        _size("RewardToken", address(token));
        _size("PayoutDistributor", address(distributor));
        _size("RewardPool", address(pool));
        _size("Forfeits", address(forfeits));
        _size("TermsRules", address(rounds.rules()));
        _size("TrainingRounds", address(rounds));
    }

    function _size(string memory name, address at) private {
        holds(at.code.length < 24_576);
        vm.snapshotValue("bytecode", name, at.code.length);
    }
}
