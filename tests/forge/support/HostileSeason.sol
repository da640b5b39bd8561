// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "../../../contracts/interfaces/IEmergencyStop.sol";
import {IStakedRounds} from "../../../contracts/interfaces/IStakedRounds.sol";
import {StakeTerms} from "../../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../../contracts/types/RoundTypes.sol";
import {HostileStage} from "./HostileStage.sol";

/// Rounds are opened in seasons of five and played together up to their proposals: two fair ones in two tokens, of which a
/// hostile publisher opens one; one under a panel of the hostiles; one that the hostiles have for themselves; and one
/// without stake, whose coordinator makes up batches.
abstract contract HostileSeason is HostileStage {
    uint256 internal constant MAX_PLAYS = 16;
    uint128 internal constant EACH = 3 ether;

    /// A round without stake; participants 0 and 1 take part in it.
    struct Bare {
        RoundId id;
        uint256 coin;
        bool over;
    }

    Bare[] internal bare;

    function _pass(uint256 time) internal virtual;
    function _freed() internal virtual;

    /// @param habits bit 0: the hiders vouch for each other; bit 1: the hider answers when it is asked, at the last second;
    ///        bit 2: the liar asks itself; bits 3 and 4: the token of the bare round.
    function season(uint8 habits) external {
        if (plays.length >= MAX_PLAYS) return;
        _freed();
        uint256 first = plays.length;
        uint256 start = block.timestamp;
        _openAll(habits);
        _pass(start + 100 - block.timestamp);
        for (uint256 i = first; i < first + 4; ++i) {
            _commitAll(plays[i]);
        }
        _commitBare(bare[bare.length - 1].id);
        _pass(start + 200 - block.timestamp);
        for (uint256 i = first; i < first + 4; ++i) {
            _revealAll(plays[i]);
        }
        _revealBare(bare[bare.length - 1].id);
        _pass(start + 300 - block.timestamp);
        for (uint256 i = first; i < first + 4; ++i) {
            _certifyAll(plays[i], habits);
        }
        _judgeUpdates(first, habits);
        _pass(start + 300 + CERTIFY + 3 * ANSWER - block.timestamp);
        ++done["season"];
    }

    // --- open ---------------------------------------------------------------------------------

    function _openAll(uint8 habits) private {
        _open(OWNER, stakes, 0, true);
        _open(MASTER, stakes, 1, true);
        _open(MASTER, panelled, 2, false);
        _open(MASTER, owned, 1, false);
        uint256 coin = (habits >> 3) % 3;
        RoundTerms memory t = terms(0, 2, 6);
        (t.modelId, t.forfeit) = (theirs, EACH);
        (t.rewardToken, t.rewardBudget) = (address(coins[coin]), 30 ether);
        t.proposalDeadline = t.revealDeadline + 200;
        vm.startPrank(master);
        coins[coin].approve(address(rounds), 30 ether + 6 * uint256(EACH));
        bare.push(Bare(rounds.openRound(t), coin, false));
        for (uint256 i = 0; i < 2; ++i) {
            vm.startPrank(participantOf(i));
            rounds.enrol(bare[bare.length - 1].id, new bytes32[](0));
        }
        vm.stopPrank();
    }

    function _open(address sponsor, StakeTerms memory s, uint256 coin, bool fair) private {
        RoundTerms memory t = stakedTerms(2);
        t.proposalDeadline = t.revealDeadline + CERTIFY + 3 * ANSWER + 4 * (PROPOSAL + APPEAL);
        vm.startPrank(sponsor);
        coins[coin].approve(address(staked), BUDGET);
        RoundId id = staked.openStaked(t, s, address(coins[coin]), BUDGET);
        vm.stopPrank();
        uint256 at = plays.length;
        plays.push();
        (plays[at].id, plays[at].fair, plays[at].own, plays[at].count) = (id, fair, s.committee != 0, LIAR + 1);
        for (uint256 i = _firstSeat(plays[at]); i < _endOfSeats(plays[at]); ++i) {
            address who = participantOf(i);
            if (i >= LIAR && free(who) < STAKE) _stake(who);
            vm.prank(who);
            staked.lockStake(id, s, new bytes32[](0));
        }
        if (s.committee == 0) return;
        for (uint160 member = 0xC0; member <= 0xC1; ++member) {
            vm.prank(address(member));
            staked.lockHolderStake(id, s);
        }
    }

    function _firstSeat(Play storage p) internal view returns (uint256) {
        return p.own ? LIAR : 0;
    }

    function _endOfSeats(Play storage p) internal view returns (uint256) {
        return p.own ? MUTE : SEATS;
    }

    // --- commit and reveal --------------------------------------------------------------------

    function _commitAll(Play storage p) private {
        for (uint256 i = _firstSeat(p); i < _endOfSeats(p); ++i) {
            _commitOne(p.id, i);
        }
    }

    function _commitOne(RoundId id, uint256 i) private {
        bytes32 commitment = rounds.commitmentFor(id, participantOf(i), _openings[i]);
        vm.prank(participantOf(i));
        rounds.commit(id, commitment);
    }

    function _revealAll(Play storage p) private {
        for (uint256 i = _firstSeat(p); i < MUTE; ++i) {
            rounds.reveal(p.id, participantOf(i), _openings[i]);
        }
    }

    /// The coordinator fills what is left with a batch that it made up.
    function _commitBare(RoundId id) private {
        vm.prank(rounds.roundOf(id).coordinator);
        rounds.commitBatch(id, "made up", 4, "document");
        _commitOne(id, 0);
        _commitOne(id, 1);
    }

    /// And says that a participant revealed in it who did by itself.
    function _revealBare(RoundId id) private {
        address coordinator = rounds.roundOf(id).coordinator;
        bytes32 leaf = keccak256(
            abi.encode(participantOf(0), _openings[0].updateRoot, _openings[0].contentDigest, _openings[0].weight)
        );
        vm.prank(coordinator);
        rounds.revealBatch(id, 0, keccak256(bytes.concat(leaf)), 4, "document");
        rounds.reveal(id, participantOf(0), _openings[0]);
        rounds.reveal(id, participantOf(1), _openings[1]);
    }

    // --- certify and ask ----------------------------------------------------------------------

    function _certifyAll(Play storage p, uint8 habits) private {
        if (p.own) return _vouch(p, address(0xC0), address(0xC1), 3);
        _vouch(p, participantOf(0), participantOf(1), 15);
        if (habits & 1 == 0) return;
        _vouch(p, participantOf(LIAR), participantOf(HIDER), 1 << HIDER);
        p.count = HIDER + 1;
    }

    function _vouch(Play storage p, address first, address second, uint256 seats) private {
        StakeTerms memory s = termsOf(p);
        (address[] memory holders, uint256[][] memory held) = _certificate(first, second, seats);
        for (uint256 i = 0; i < QUORUM; ++i) {
            vm.prank(holders[i]);
            availability.vouchForUpdates(p.id, s, held[i]);
        }
        availability.certifyUpdates(p.id, s, holders, held, new bytes[](QUORUM));
    }

    function _certificate(address first, address second, uint256 seats)
        internal
        pure
        returns (address[] memory holders, uint256[][] memory held)
    {
        (holders, held) = (new address[](QUORUM), new uint256[][](QUORUM));
        (holders[0], holders[1]) = (first, second);
        for (uint256 i = 0; i < QUORUM; ++i) {
            held[i] = new uint256[](1);
            held[i][0] = seats;
        }
    }

    /// The watcher asks for what only hiders have; the liar asks itself, to be in the way.
    function _judgeUpdates(uint256 first, uint8 habits) private {
        _pass(staked.stakedRoundOf(plays[first].id).certifyEnd - block.timestamp);
        for (uint256 i = first; i < first + 3; ++i) {
            if (habits & 4 != 0) _askItself(plays[i]);
            if (habits & 1 == 0) continue;
            vm.prank(WATCHER);
            questions.askUpdate(plays[i].id, termsOf(plays[i]), _leaves[HIDER], 1);
        }
        uint256 number = habits & 4 != 0 ? 1 : 0;
        _pass(ANSWER - 1);
        for (uint256 i = first; habits & 3 == 3 && i < first + 3; ++i) {
            questions.answerChunk(plays[i].id, termsOf(plays[i]), number, _inputs[HIDER]);
            spent += BOND;
            ++done["late answer"];
        }
        _pass(1);
        for (uint256 i = first; habits & 3 == 1 && i < first + 3; ++i) {
            _punish(plays[i], number);
        }
    }

    function _askItself(Play storage p) private {
        vm.prank(participantOf(LIAR));
        uint256 number = questions.askUpdate(p.id, termsOf(p), _leaves[LIAR], 1);
        vm.prank(participantOf(LIAR));
        questions.answerChunk(p.id, termsOf(p), number, _inputs[LIAR]);
    }

    /// Whoever withholds is slashed, and who vouched for it burnt; who doesn't count is left out of the right tree.
    function _punish(Play storage p, uint256 number) private {
        StakeTerms memory s = termsOf(p);
        questions.punishSilence(p.id, s, number);
        (address[] memory holders, uint256[][] memory held) =
            _certificate(participantOf(LIAR), participantOf(HIDER), 1 << HIDER);
        availability.burnForUpdate(p.id, s, participantOf(HIDER), 1, holders, held, 0);
        IStakedRounds.Seat memory liar = staked.seatOf(p.id, participantOf(LIAR));
        require(liar.burnt && staked.isCounted(p.id, participantOf(LIAR)), "the liar's own update counts");
        p.count = HIDER;
        ++done["withheld"];
    }

    /// Whatever the guardian stopped goes on again, for a new season.
    function _resumeAll() internal {
        vm.startPrank(GUARDIAN);
        for (uint8 part = 0; part < 3; ++part) {
            if (emergencyStop.isStopped(IEmergencyStop.Part(part))) emergencyStop.resume(IEmergencyStop.Part(part));
        }
        for (uint256 i = 0; i < 3; ++i) {
            address coin = address(coins[i]);
            if (emergencyStop.isTokenFrozen(coin)) emergencyStop.resumeToken(coin);
        }
        vm.stopPrank();
    }
}
