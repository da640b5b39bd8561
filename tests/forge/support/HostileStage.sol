// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {BlockingToken, HookToken} from "../../../contracts/testing/HostileTokens.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Children, ChunkProof, Leaf, Node, Proposal, StakeTerms} from "../../../contracts/types/DisputeTypes.sol";
import {Content, ModelId, VersionId, Visibility} from "../../../contracts/types/ModelTypes.sol";
import {Opening, RoundId} from "../../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./StakedFixture.sol";
import {VectorWriter} from "./VectorWriter.sol";

/// Who plays, with what tokens, and what is true and false of their vectors. Participants 0 to 2, HONEST, WATCHER, FAN,
/// HELPER and CARL keep to the rules; everybody else takes what the contracts let it take.
abstract contract HostileStage is StakedFixture {
    address public constant HONEST = address(0x40E57);
    address public constant FAN = address(0xFA4);
    /// Publishes right payout roots of the hostile owner's model, and is paid by them.
    address internal constant HELPER = address(0x4E1);
    address internal constant CARL = address(0xCA21);
    address internal constant MASTER = address(0x3A57E2);
    address internal constant HEIR = address(0x4E12);
    uint256 internal constant HONEST_SEATS = 3;
    uint256 internal constant LIAR = 3; // vouches for what it doesn't have
    uint256 internal constant HIDER = 4; // reveals, and gives nobody its update
    uint256 internal constant MUTE = 5; // never reveals
    uint256 internal constant SEATS = 6;
    uint256 internal constant LIES = 5;
    uint256 internal constant PANEL_KEY = 7;
    uint32 internal constant APPEAL = 10;

    /// A round under stake, and what its proposal is. `count` participants count. Of one that is `fair` the honest watch
    /// and propose; one of the hostiles' `own` has a committee of theirs, so the honest stay away; else it has their panel.
    struct Play {
        RoundId id;
        bool fair;
        bool own;
        uint256 count;
        uint256 lie;
        bool paid;
        bool over;
        Proposal made;
    }

    Play[] internal plays;
    IERC20[3] public coins;
    HookToken internal hook;
    BlockingToken internal blocking;
    ModelId internal theirs;
    address internal master = MASTER;
    StakeTerms internal panelled;
    StakeTerms internal owned;
    mapping(address account => uint256) public deposited;
    /// What the honest gave for answers that they asked for: those are theirs then.
    uint256 public spent;
    /// What an honest account was promised and has, or may have for the asking.
    mapping(IERC20 coin => mapping(address account => uint256)) public due;
    /// How often something came about that must not.
    mapping(string what => uint256) public done;
    uint256 public broken;

    Opening[SEATS] internal _openings;
    Leaf[] internal _leaves;
    ChunkProof[] internal _inputs;
    mapping(uint256 count => mapping(uint256 lie => Node)) internal _tops;
    mapping(uint256 count => ChunkProof) internal _rightChunk;
    mapping(uint256 count => ChunkProof) internal _wrongChunk;

    constructor() {
        deployStaked();
        (hook, blocking) = (new HookToken(), new BlockingToken());
        coins = [IERC20(address(token)), IERC20(address(hook)), IERC20(address(blocking))];
        tokens.allow(address(hook), 1);
        tokens.allow(address(blocking), 1);
        (deposited[PROPOSER], deposited[WATCHER]) = (FUNDS, FUNDS);
        _stake(HONEST);
        _stake(STRANGER);
        _spread();
        _model();
        _keepTerms();
        _keepVectors();
    }

    function _stake(address who) internal {
        fundStake(who);
        deposited[who] += FUNDS;
    }

    function _spread() private {
        address[5] memory rich = [OWNER, MASTER, HEIR, STRANGER, FAN];
        for (uint256 i = 0; i < 5; ++i) {
            vm.prank(OWNER);
            token.transfer(rich[i], 10_000 ether);
            hook.transfer(rich[i], 10_000 ether);
            blocking.transfer(rich[i], 10_000 ether);
        }
    }

    function _model() private {
        vm.prank(MASTER);
        theirs = registry.register("theirs", Visibility.Public, 0);
        Content memory first = content(2);
        vm.prank(MASTER);
        registry.publishVersion(theirs, 1, first, new VersionId[](0), RoundId.wrap(0), "MIT");
        vm.prank(OWNER);
        registry.addPublisher(modelId, MASTER);
    }

    function _keepTerms() private {
        address[] memory members = new address[](1);
        members[0] = vm.addr(PANEL_KEY);
        panelled = stakes;
        panelled.panel = evaluations.createPanel(members, 1, STRANGER, APPEAL);
        owned = stakes;
        members = new address[](2);
        (members[0], members[1]) = (address(0xC0), address(0xC1));
        owned.committee = evaluations.createPanel(members, 2, address(0), 0);
        _stake(members[0]);
        _stake(members[1]);
    }

    /// What hashing by the precompile gives is kept: it would count as the call that `prank` waits for.
    function _keepVectors() private {
        for (uint256 i = 0; i < SEATS; ++i) {
            _openings[i] = openingOf(i);
            _stake(participantOf(i));
        }
        Leaf[] memory leaves = leavesTo(HIDER + 1);
        ChunkProof[] memory inputs = inputsOf(HIDER + 1, 1);
        for (uint256 i = 0; i <= HIDER; ++i) {
            _leaves.push(leaves[i]);
            _inputs.push(inputs[i]);
        }
        for (uint256 count = HIDER; count <= HIDER + 1; ++count) {
            _keepTops(count, sums(0, count));
        }
        for (uint256 count = HIDER; count <= HIDER + 1; ++count) {
            _tops[count][LIES] = _tops[2 * HIDER + 1 - count][0];
        }
    }

    function _keepTops(uint256 count, int64[] memory right) private {
        int64[] memory wrong = sums(0, count);
        wrong[LENGTH - 1] += 1;
        _rightChunk[count] = VectorWriter.proof(right, 64, 1);
        _wrongChunk[count] = VectorWriter.proof(wrong, 64, 1);
        for (uint256 lie = 0; lie < LIES; ++lie) {
            _tops[count][lie] = nodeOver(leavesOf(count, lie), lie == 1 ? wrong : right);
        }
        _tops[count][4].weight += 1;
    }

    /// The leaves that a true tree (lie 0), or one of the lies, is over: 1 says wrong numerators, 2 leaves one out, 3 weighs
    /// one too much, 4 isn't sound, and 5 takes the hider in or leaves it out, whichever is wrong.
    function leavesOf(uint256 count, uint256 lie) internal view returns (Leaf[] memory leaves) {
        if (lie == 2) count -= 1;
        if (lie == LIES) count = 2 * HIDER + 1 - count;
        leaves = new Leaf[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = _leaves[i];
        }
        if (lie == 3) leaves[2].weight += 1;
    }

    function childrenFor(Play storage p) internal view returns (Children memory) {
        return childrenOf(leavesOf(p.count, p.lie));
    }

    function termsOf(Play storage p) internal view returns (StakeTerms memory) {
        if (p.own) return owned;
        return p.fair ? stakes : panelled;
    }

    /// All that the vault holds for an account.
    function holding(address who) public view returns (uint256) {
        (uint256 leaving,) = vault.exitOf(who, address(token));
        return free(who) + vault.lockedOf(who, address(token)) + award(who) + leaving;
    }
}
