// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAvailability} from "../interfaces/IAvailability.sol";
import {IEvaluations} from "../interfaces/IEvaluations.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IStakeFloors} from "../interfaces/IStakeFloors.sol";
import {IStakedRounds} from "../interfaces/IStakedRounds.sol";
import {IStakeVault, LockId} from "../interfaces/IStakeVault.sol";
import {ITrainingRounds} from "../interfaces/ITrainingRounds.sol";
import {IUptimeFeed} from "../interfaces/IUptimeFeed.sol";
import {StakeTerms} from "../types/DisputeTypes.sol";
import {Modules, Uptime} from "../types/ModuleTypes.sol";
import {Phase, RoundId} from "../types/RoundTypes.sol";

/// @dev Seats under stake: who takes one, who loses it, and what becomes of the stake (F-7, F-9, F-16).
///
///      Assumptions:
///      1. The vault holds what was locked until this contract gives it back, or takes it.
///      2. The modules that may take stakes are fixed by the constructor; each is trusted with its own way alone
///         (F-19).
///      3. Availability says truly which updates a quorum holds, TrainingRounds which were revealed.
///      4. The uptime feed says when the sequencer came back. A feed that says down for ever lets nothing lapse, and
///         rounds void at their deadline.
abstract contract StakedSeats is IStakedRounds {
    /// Nobody has its key: what is slashed to it is burnt.
    address internal constant BURNT = 0x000000000000000000000000000000000000dEaD;

    IModelRegistry public immutable registry;
    ITrainingRounds public immutable rounds;
    IStakeVault public immutable vault;
    address public immutable disputes;
    address public immutable questions;
    address public immutable evaluations;
    address public immutable availability;
    IStakeFloors public immutable floors;
    IUptimeFeed public immutable uptimeFeed;
    uint32 public immutable grace;

    mapping(RoundId => StakedRound) internal _staked;
    mapping(RoundId => mapping(address account => Seat)) internal _seats;

    constructor(
        IModelRegistry registry_,
        ITrainingRounds rounds_,
        IStakeVault vault_,
        Modules memory modules,
        Uptime memory uptime
    ) {
        bool named = address(registry_) != address(0) && address(rounds_) != address(0) && address(vault_) != address(0)
            && modules.disputes != address(0) && modules.questions != address(0) && modules.evaluations != address(0)
            && modules.availability != address(0) && modules.floors != address(0);
        if (!named) revert ZeroAddress();
        (registry, rounds, vault) = (registry_, rounds_, vault_);
        (disputes, questions) = (modules.disputes, modules.questions);
        (evaluations, availability) = (modules.evaluations, modules.availability);
        floors = IStakeFloors(modules.floors);
        (uptimeFeed, grace) = (IUptimeFeed(uptime.uptimeFeed), uptime.grace);
    }

    // --- take a seat --------------------------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function lockStake(RoundId roundId, StakeTerms calldata stakes, bytes32[] calldata allowListProof) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        if (_seats[roundId][msg.sender].state != SeatState.None) revert StakeAlreadyLocked(roundId, msg.sender);
        // Effect
        uint32 index = _take(roundId, r, SeatState.Participant);
        emit ParticipantStakeLocked(roundId, msg.sender, index, stakes.participantStake);
        // Interaction: the round's phase, its seats and its allow-list are judged there
        vault.lock(msg.sender, stakes.token, seatLock(roundId, msg.sender), stakes.participantStake);
        rounds.enrolFor(roundId, msg.sender, allowListProof);
    }

    /// @inheritdoc IStakedRounds
    function lockHolderStake(RoundId roundId, StakeTerms calldata stakes) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        bool member = stakes.committee != 0 && IEvaluations(evaluations).isMember(stakes.committee, msg.sender);
        if (!member) revert NotOfCommittee(roundId, msg.sender);
        if (_seats[roundId][msg.sender].state != SeatState.None) revert StakeAlreadyLocked(roundId, msg.sender);
        Phase phase = rounds.phaseOf(roundId);
        if (phase > Phase.Reveal) revert TooLateToLock(roundId, phase);
        // Effect
        uint32 index = _take(roundId, r, SeatState.Holder);
        emit HolderStakeLocked(roundId, msg.sender, index, stakes.participantStake);
        // Interaction
        vault.lock(msg.sender, stakes.token, seatLock(roundId, msg.sender), stakes.participantStake);
    }

    function _take(RoundId roundId, StakedRound storage r, SeatState state) private returns (uint32 index) {
        index = r.seats++;
        Seat storage seat = _seats[roundId][msg.sender];
        (seat.state, seat.index) = (state, index);
    }

    // --- lose it ------------------------------------------------------------------------------

    /// @inheritdoc IStakedRounds
    function slashParticipant(
        RoundId roundId,
        StakeTerms calldata stakes,
        address participant,
        address beneficiary,
        bytes32 fault
    ) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        if (msg.sender != disputes && msg.sender != questions) revert NotAuthorized(roundId, msg.sender);
        // Nothing is proposed before slashing ends, nor while silence waits or in a grace. Then an honest proposal would
        // become a wrong one.
        if (r.proposals != 0) revert TooLateToSlash(roundId, r.slashEnd, uint64(block.timestamp));
        if (_isOver(roundId, r)) revert RoundOver(roundId);
        Seat storage seat = _seats[roundId][participant];
        if (seat.state == SeatState.Slashed && msg.sender == questions) {
            // Another fault of its own doesn't save those who vouched for what it hides.
            _noteWithheld(roundId, seat, participant);
            return;
        }
        if (!isCounted(roundId, participant)) revert NotCounted(roundId, participant);
        // Effect
        bool burnt = seat.burnt;
        (seat.state, seat.burnt) = (SeatState.Slashed, true);
        emit ParticipantSlashed(roundId, participant, beneficiary, fault);
        if (msg.sender == questions) _noteWithheld(roundId, seat, participant);
        // Interaction
        if (burnt) return;
        _slash(participant, stakes.token, seatLock(roundId, participant), stakes.participantStake, beneficiary);
    }

    function _noteWithheld(RoundId roundId, Seat storage seat, address participant) private {
        if (seat.withheld) return; // of several questions only the first one says it
        seat.withheld = true;
        emit UpdateWithheld(roundId, participant);
    }

    /// @inheritdoc IStakedRounds
    function burn(RoundId roundId, StakeTerms calldata stakes, address holder, bytes32 fault) external {
        // Check
        StakedRound storage r = _requireTerms(roundId, stakes);
        if (msg.sender != availability && msg.sender != disputes) revert NotAuthorized(roundId, msg.sender);
        if (_isOver(roundId, r)) revert RoundOver(roundId);
        Seat storage seat = _seats[roundId][holder];
        if (!_isSeated(seat) || seat.burnt) revert NothingLocked(roundId, holder);
        // Effect, Interaction
        _burn(roundId, seat, holder, stakes, fault);
    }

    function _burn(RoundId roundId, Seat storage seat, address account, StakeTerms calldata stakes, bytes32 fault)
        private
    {
        seat.burnt = true;
        emit StakeBurnt(roundId, account, fault);
        _slash(account, stakes.token, seatLock(roundId, account), stakes.participantStake, address(0));
    }

    /// @dev Frees a seat's stake; burns it if its update was revealed and nobody vouches that it is there, in a round that
    ///      has a result, of at least its minimum of certified ones: not in a void one, which is no participant's fault.
    function _releaseSeat(RoundId roundId, StakedRound storage r, address account, StakeTerms calldata stakes)
        internal
    {
        Seat storage seat = _seats[roundId][account];
        bool hidden = seat.state == SeatState.Participant && r.settled && rounds.revealOf(roundId, account) != 0
            && !_isCertified(roundId, seat.index);
        seat.state = SeatState.Released;
        if (seat.burnt) return;
        if (hidden) _burn(roundId, seat, account, stakes, "not certified");
        else vault.unlock(account, stakes.token, seatLock(roundId, account), stakes.participantStake);
    }

    /// @dev Half to who proved the fault, and the rest burnt: whoever proves its own lie still loses half, and no sponsor
    ///      gains from a slash.
    function _slash(address account, address token, LockId lock, uint256 amount, address beneficiary) internal {
        uint256 share = beneficiary == address(0) ? 0 : amount / 2;
        if (share != 0) vault.slash(account, token, lock, share, beneficiary);
        vault.slash(account, token, lock, amount - share, BURNT);
    }

    // --- what is so ---------------------------------------------------------------------------

    function _requireTerms(RoundId roundId, StakeTerms calldata stakes) internal view returns (StakedRound storage r) {
        r = _staked[roundId];
        if (r.sponsor == address(0)) revert UnknownStakedRound(roundId);
        if (keccak256(abi.encode(stakes)) != r.termsHash) revert WrongTerms(roundId);
    }

    /// @dev Settled, void, or to be voided by anyone.
    function _isOver(RoundId roundId, StakedRound storage r) internal view returns (bool) {
        return r.settled || block.timestamp >= r.proposalDeadline || rounds.phaseOf(roundId) == Phase.Voided;
    }

    function _isSeated(Seat storage seat) internal view returns (bool) {
        return seat.state == SeatState.Participant || seat.state == SeatState.Holder;
    }

    function _isCertified(RoundId roundId, uint32 index) private view returns (bool) {
        return IAvailability(availability).isCertified(roundId, index);
    }

    function _requireNoGrace() internal view {
        uint64 until = graceUntil();
        if (until != 0) revert InGrace(until);
    }

    /// @inheritdoc IStakedRounds
    function graceUntil() public view returns (uint64) {
        uint64 end = _graceEnd();
        return block.timestamp < end ? end : 0;
    }

    /// @return when the grace after the newest outage ends, or ended; 0 without a feed.
    function _graceEnd() internal view returns (uint64) {
        if (address(uptimeFeed) == address(0)) return 0;
        (, int256 down, uint256 startedAt,,) = uptimeFeed.latestRoundData();
        return down == 0 ? uint64(startedAt) + grace : type(uint64).max;
    }

    /// @inheritdoc IStakedRounds
    function seatOf(RoundId roundId, address account) external view returns (Seat memory) {
        return _seats[roundId][account];
    }

    /// @inheritdoc IStakedRounds
    function isCounted(RoundId roundId, address participant) public view returns (bool) {
        Seat storage seat = _seats[roundId][participant];
        return seat.state == SeatState.Participant && rounds.revealOf(roundId, participant) != 0
            && _isCertified(roundId, seat.index);
    }

    /// @notice The name of a seat's lock in the vault.
    /// @param roundId the round's id (R-1).
    /// @param account whose seat it is.
    /// @return keccak of its kind, the round and who or which it is.
    function seatLock(RoundId roundId, address account) public pure returns (LockId) {
        return LockId.wrap(keccak256(abi.encode("seat", roundId, account)));
    }
}
