// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "../interfaces/IEmergencyStop.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title The brake of a deployment, in a guardian's hand until a date that nobody can move
/// @dev Assumptions:
///      1. The guardian may be lost or hostile: it can hinder what is new until `endsAt`, and never what somebody has
///         or is owed.
///      2. The governor is a timelock; it replaces the guardian, and can't stop anything itself.
///      3. Block times are right to the minute.
contract EmergencyStop is IEmergencyStop {
    string public constant VERSION = "0.1.0";
    uint64 public constant MAX_PERIOD = 3650 days;
    address public immutable governor;

    /// @inheritdoc IEmergencyStop
    address public guardian;
    /// @inheritdoc IEmergencyStop
    uint64 public endsAt; // written once; no immutable, so that the code follows from the arguments alone
    mapping(Part => bool) private _stopped;
    mapping(address token => bool) private _tokens;
    mapping(RoundId => bool) private _rounds;

    /// @param governor_ the timelock, which alone replaces the guardian.
    /// @param period how long the guardian has its power, in seconds.
    constructor(address governor_, address guardian_, uint64 period) {
        Bounds.requireAddress(governor_);
        Bounds.requireAddress(guardian_);
        Bounds.requirePeriod(period, 1, MAX_PERIOD);
        governor = governor_;
        guardian = guardian_;
        endsAt = uint64(block.timestamp) + period;
        emit GuardianNamed(guardian_);
    }

    // --- stopping -----------------------------------------------------------------------------

    /// @inheritdoc IEmergencyStop
    function stop(Part part) external {
        // Check
        _requireGuardian();
        _requireChange(_stopped[part], true);
        // Effect
        _stopped[part] = true;
        emit PartStopSet(part, true);
    }

    /// @inheritdoc IEmergencyStop
    function freezeToken(address token) external {
        // Check
        _requireGuardian();
        _requireChange(_tokens[token], true);
        // Effect
        _tokens[token] = true;
        emit TokenFreezeSet(token, true);
    }

    /// @inheritdoc IEmergencyStop
    function freezeRound(RoundId roundId) external {
        // Check
        _requireGuardian();
        _requireChange(_rounds[roundId], true);
        // Effect
        _rounds[roundId] = true;
        emit RoundFreezeSet(roundId, true);
    }

    // --- going on -----------------------------------------------------------------------------

    /// @inheritdoc IEmergencyStop
    function resume(Part part) external {
        // Check
        _requireGuardianOrGovernor();
        _requireChange(_stopped[part], false);
        // Effect
        _stopped[part] = false;
        emit PartStopSet(part, false);
    }

    /// @inheritdoc IEmergencyStop
    function resumeToken(address token) external {
        // Check
        _requireGuardianOrGovernor();
        _requireChange(_tokens[token], false);
        // Effect
        _tokens[token] = false;
        emit TokenFreezeSet(token, false);
    }

    /// @inheritdoc IEmergencyStop
    function resumeRound(RoundId roundId) external {
        // Check
        _requireGuardianOrGovernor();
        _requireChange(_rounds[roundId], false);
        // Effect
        _rounds[roundId] = false;
        emit RoundFreezeSet(roundId, false);
    }

    /// @inheritdoc IEmergencyStop
    function nameGuardian(address guardian_) external {
        // Check
        if (msg.sender != governor) revert NotGovernor(msg.sender, governor);
        Bounds.requireAddress(guardian_);
        // Effect
        guardian = guardian_;
        emit GuardianNamed(guardian_);
    }

    // --- views --------------------------------------------------------------------------------

    /// @inheritdoc IEmergencyStop
    function requireRounds(address token) external view {
        if (isStopped(Part.Rounds)) revert PartStopped(Part.Rounds);
        if (isTokenFrozen(token)) revert TokenFrozen(token);
    }

    /// @inheritdoc IEmergencyStop
    function requireProposals(RoundId roundId) external view {
        if (isStopped(Part.Proposals)) revert PartStopped(Part.Proposals);
        if (isRoundFrozen(roundId)) revert RoundFrozen(roundId);
    }

    /// @inheritdoc IEmergencyStop
    function requirePostings(address token) external view {
        if (isStopped(Part.Postings)) revert PartStopped(Part.Postings);
        if (isTokenFrozen(token)) revert TokenFrozen(token);
    }

    /// @inheritdoc IEmergencyStop
    function isStopped(Part part) public view returns (bool) {
        return _hasPower() && _stopped[part];
    }

    /// @inheritdoc IEmergencyStop
    function isTokenFrozen(address token) public view returns (bool) {
        return _hasPower() && _tokens[token];
    }

    /// @inheritdoc IEmergencyStop
    function isRoundFrozen(RoundId roundId) public view returns (bool) {
        return _hasPower() && _rounds[roundId];
    }

    // --- checks -------------------------------------------------------------------------------

    function _hasPower() private view returns (bool) {
        return block.timestamp < endsAt;
    }

    function _requireGuardian() private view {
        if (msg.sender != guardian) revert NotGuardian(msg.sender, guardian);
        if (!_hasPower()) revert PowerHasEnded(endsAt, uint64(block.timestamp));
    }

    function _requireGuardianOrGovernor() private view {
        if (msg.sender != guardian && msg.sender != governor) revert NotGuardian(msg.sender, guardian);
    }

    function _requireChange(bool now_, bool wanted) private pure {
        if (now_ == wanted) revert StopUnchanged();
    }
}
