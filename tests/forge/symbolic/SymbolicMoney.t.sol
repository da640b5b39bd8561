// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IStakedRounds} from "../../../contracts/interfaces/IStakedRounds.sol";
import {LockId} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITokenList} from "../../../contracts/interfaces/ITokenList.sol";
import {ITrainingRounds} from "../../../contracts/interfaces/ITrainingRounds.sol";
import {IWeightedPayouts} from "../../../contracts/interfaces/IWeightedPayouts.sol";
import {StakeVault} from "../../../contracts/stake/StakeVault.sol";
import {WeightedPayouts} from "../../../contracts/stake/WeightedPayouts.sol";
import {Leaf, Node, Path, Proposal} from "../../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId} from "../../../contracts/types/RoundTypes.sol";

contract AnyToken is ERC20("Any", "ANY") {
    constructor(address to) {
        _mint(to, type(uint256).max);
    }
}

/// A list that allows everything, and rounds that stand as they are told to.
contract Stage {
    Phase public phase = Phase.Enrolment;
    IStakedRounds.StakedRound private _round;

    function isAllowed(address) external pure returns (bool) {
        return true;
    }

    function phaseOf(RoundId) external view returns (Phase) {
        return phase;
    }

    function stakedRoundOf(RoundId) external view returns (IStakedRounds.StakedRound memory) {
        return _round;
    }

    function open(address sponsor) external {
        _round.sponsor = sponsor;
    }

    function settle(bytes32 proposalHash) external {
        (phase, _round.settled, _round.proposalHash) = (Phase.Finalised, true, proposalHash);
    }
}

/// For all inputs, by halmos: `make symbolic`.
contract SymbolicMoneyCheck {
    Stage private immutable stage = new Stage();
    AnyToken private immutable token = new AnyToken(address(this));
    RoundId private constant ID = RoundId.wrap("round");
    LockId private constant LOCK = LockId.wrap("lock");

    /// Whatever the leaves and the top say, sound or not: what is paid is in the pot.
    function check_a_pot_never_pays_more_than_it_holds(uint96 amount, uint64 first, uint64 second, uint64 whole)
        public
    {
        WeightedPayouts pots = new WeightedPayouts(
            IStakedRounds(address(stage)), ITrainingRounds(address(stage)), ITokenList(address(stage))
        );
        stage.open(address(this));
        token.approve(address(pots), amount);
        pots.fund(ID, address(token), amount);
        token.transfer(address(pots), 1 ether); // another round's
        (Proposal memory made, IWeightedPayouts.Group memory group) = _unsound(first, second, whole);
        stage.settle(keccak256(abi.encode(made)));
        for (uint256 i = 0; i < 2; ++i) {
            group.which = 1 << i;
            try pots.pay(ID, address(token), made, group) {} catch {}
        }
        IWeightedPayouts.Pot memory pot = pots.potOf(ID, address(token));
        assert(pot.paid <= pot.amount);
        assert(token.balanceOf(address(pots)) >= 1 ether);
        assert(pots.owed(address(token)) == uint256(pot.amount) - pot.paid);
    }

    function _unsound(uint64 first, uint64 second, uint64 whole)
        private
        pure
        returns (Proposal memory made, IWeightedPayouts.Group memory group)
    {
        group.leaves = new Leaf[](2);
        (group.leaves[0].participant, group.leaves[0].weight) = (address(0x1001), first);
        (group.leaves[1].participant, group.leaves[1].weight) = (address(0x1002), second);
        bytes32[] memory hashes = new bytes32[](2);
        for (uint256 i = 0; i < 2; ++i) {
            hashes[i] = keccak256(abi.encode(uint256(0), group.leaves[i]));
        }
        made.top = Node(address(0x1001), address(0x1002), 2, whole, "numerators", keccak256(abi.encode(hashes)));
        group.path.nodes = new Node[](1);
        group.path.nodes[0] = made.top;
    }

    function _vault(uint128 stake) private returns (StakeVault vault) {
        address[] memory controllers = new address[](1);
        controllers[0] = address(this);
        vault = new StakeVault(ITokenList(address(stage)), 1, controllers);
        token.approve(address(vault), stake);
        vault.deposit(address(token), stake);
        vault.setController(address(this), true);
    }

    /// What goes in is free, locked or awarded, however it was locked, unlocked and slashed.
    function check_stake_stays_whole(uint96 stake, uint96 lock, uint96 unlock, uint96 slash) public {
        StakeVault vault = _vault(stake);
        vault.lock(address(this), address(token), LOCK, lock);
        vault.unlock(address(this), address(token), LOCK, unlock);
        vault.slash(address(this), address(token), LOCK, slash, address(0xA));
        uint256 locked = vault.lockedOf(address(this), address(token));
        assert(locked == vault.lockOf(address(this), address(this), address(token), LOCK));
        uint256 sum = vault.freeOf(address(this), address(token)) + locked;
        assert(sum + vault.awardOf(address(0xA), address(token)) == stake);
        assert(vault.owed(address(token)) == stake && token.balanceOf(address(vault)) == stake);
    }

    /// A lock gives at most what it has, in however many parts.
    function check_a_lock_gives_at_most_what_it_has(uint128 lock, uint256 first, uint256 second) public {
        StakeVault vault = _vault(type(uint128).max);
        vault.lock(address(this), address(token), LOCK, lock);
        try vault.slash(address(this), address(token), LOCK, first, address(0xA)) {} catch {}
        try vault.slash(address(this), address(token), LOCK, second, address(0xA)) {} catch {}
        assert(vault.awardOf(address(0xA), address(token)) <= lock);
        assert(vault.freeOf(address(this), address(token)) == type(uint128).max - lock);
    }
}
