// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Phase, RoundId} from "../types/RoundTypes.sol";

/// @title What hidden rounds refuse
interface IHiddenRoundsErrors {
    // --- hiding -------------------------------------------------------------------------------

    /// @notice A contract that knows nobody can't be made.
    error ZeroAddress();
    /// @notice Nobody hid this round.
    /// @param roundId the round's id (R-1).
    error NotHidden(RoundId roundId);
    /// @notice A round is hidden once.
    /// @param roundId the round's id (R-1).
    error AlreadyHidden(RoundId roundId);
    /// @notice Neither who opened the round nor, under stake, its sponsor.
    /// @param roundId the round's id (R-1).
    /// @param caller who called.
    /// @param coordinator who may.
    error NotCoordinatorOf(RoundId roundId, address caller, address coordinator);
    /// @notice Other terms than the round was opened with.
    /// @param roundId the round's id (R-1).
    error WrongRoundTerms(RoundId roundId);
    /// @notice A round is hidden in its enrolment.
    /// @param roundId the round's id (R-1).
    /// @param phase the phase it is in.
    error NotInEnrolment(RoundId roundId, Phase phase);
    /// @notice Batches hide nothing. Direct seats don't matter: who has one may still publish a key, or not.
    /// @param roundId the round's id (R-1).
    /// @param batches how many batches there were.
    error BatchesAlready(RoundId roundId, uint32 batches);
    /// @notice A masked update weighs 1: weights are hidden with it.
    /// @param weightCap of the round's terms.
    error WeightNotHidden(uint64 weightCap);
    /// @notice The largest hidden weight is from 1, and alike for everyone under stake.
    /// @param weightCap of the hidden terms.
    error HiddenWeightOutOfRange(uint64 weightCap);
    /// @notice A ring of 32 or 64 bits in which no sum wraps.
    /// @param width that the sum takes, in bits.
    /// @param ring what was given.
    error RingTooSmall(uint256 width, uint8 ring);
    /// @notice Even, from 2 to 254.
    /// @param degree what was given.
    error DegreeOutOfRange(uint16 degree);
    /// @notice Above half of the degree, up to all of it.
    /// @param threshold what was given.
    /// @param degree of the same terms.
    error ThresholdOutOfRange(uint16 threshold, uint16 degree);
    /// @notice From 2 to 256; under stake one group, of 32 participants at most.
    /// @param groupSize what was given.
    /// @param maximumParticipants of the round's terms.
    error GroupSizeOutOfRange(uint16 groupSize, uint32 maximumParticipants);
    /// @notice Bundles are due after enrolment and before commitments.
    /// @param bundleDeadline in seconds since 1970.
    /// @param from the enrolment deadline, in seconds since 1970: too early itself.
    /// @param until the commit deadline, in seconds since 1970: too late itself.
    error BundleDeadlineOutOfRange(uint64 bundleDeadline, uint64 from, uint64 until);
    /// @notice Secrets are opened after reveals, under stake after slashing, and before proposals end.
    /// @param unmaskDeadline in seconds since 1970.
    /// @param from when survivors are final at the latest, in seconds since 1970: too early itself.
    /// @param until the proposal deadline, in seconds since 1970: too late itself.
    error UnmaskDeadlineOutOfRange(uint64 unmaskDeadline, uint64 from, uint64 until);

    // --- keys and bundles ---------------------------------------------------------------------

    /// @notice No seat in the round.
    /// @param roundId the round's id (R-1).
    /// @param participant who has none.
    error NotEnrolled(RoundId roundId, address participant);
    /// @notice One round key each.
    /// @param roundId the round's id (R-1).
    /// @param participant whose key is published.
    error KeyPublishedAlready(RoundId roundId, address participant);
    /// @notice The roster is final.
    /// @param roundId the round's id (R-1).
    /// @param members how many are on it.
    error KeysClosed(RoundId roundId, uint32 members);
    /// @notice The roster isn't final yet.
    /// @param roundId the round's id (R-1).
    /// @param members how many are on it.
    /// @param closesAt when it is at the latest, in seconds since 1970.
    error KeysOpen(RoundId roundId, uint32 members, uint64 closesAt);
    /// @notice No point of secp256k1 whose x coordinate is from 1 to the group's order.
    /// @param x what was given.
    error NotOnCurve(uint256 x);
    /// @notice Not on the roster.
    /// @param roundId the round's id (R-1).
    /// @param participant who isn't.
    error NoKey(RoundId roundId, address participant);
    /// @notice Secrets are shared once.
    /// @param roundId the round's id (R-1).
    /// @param participant who shared.
    error SharedAlready(RoundId roundId, address participant);
    /// @notice Who is active is final.
    /// @param roundId the round's id (R-1).
    /// @param deadline when bundles were due, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error BundlesClosed(RoundId roundId, uint64 deadline, uint64 blockTime);
    /// @notice A commitment, a root and a digest.
    error EmptyBundle();

    // --- freezing -----------------------------------------------------------------------------

    /// @notice No such group.
    /// @param roundId the round's id (R-1).
    /// @param group what was given.
    /// @param groups how many there are.
    error UnknownGroup(RoundId roundId, uint256 group, uint256 groups);
    /// @notice Survivors are written down once.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    error FrozenAlready(RoundId roundId, uint256 group);
    /// @notice Bundles are open, reveals, or under stake slashing.
    /// @param roundId the round's id (R-1).
    /// @param phase the phase the round is in.
    /// @param from when survivors are final at the latest, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error TooEarlyToFreeze(RoundId roundId, Phase phase, uint64 from, uint64 blockTime);
    /// @notice Nothing of a void round is opened.
    /// @param roundId the round's id (R-1).
    error RoundIsVoid(RoundId roundId);
    /// @notice Who survives isn't final while an update is asked for.
    /// @param roundId the round's id (R-1).
    /// @param number how many questions wait.
    error QuestionsOpen(RoundId roundId, uint32 number);
    /// @notice An outage, and the grace after it, make no survivor final.
    /// @param until when it ends, in seconds since 1970.
    error InGrace(uint64 until);

    // --- opening ------------------------------------------------------------------------------

    /// @notice Nothing is opened before survivors are written down.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    error NotFrozen(RoundId roundId, uint256 group);
    /// @notice Of so few nothing is ever opened.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    /// @param survivors how many there are.
    /// @param least how many it takes: two, and more than half of the group.
    error TooFewSurvivors(RoundId roundId, uint256 group, uint32 survivors, uint32 least);
    /// @notice The group was given up.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    error StrandedAlready(RoundId roundId, uint256 group);
    /// @notice Secrets are opened until the deadline.
    /// @param roundId the round's id (R-1).
    /// @param deadline in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error UnmaskingOver(RoundId roundId, uint64 deadline, uint64 blockTime);
    /// @notice It never shared its secrets, so no mask of its is in any sum.
    /// @param roundId the round's id (R-1).
    /// @param participant whose secret it would be.
    error NotActive(RoundId roundId, address participant);
    /// @notice Of a survivor the seed is opened, of one who dropped the key: never the other, which would lay its update
    ///         open.
    /// @param roundId the round's id (R-1).
    /// @param participant whose secret it would be.
    /// @param kind which was given: 1 the seed, 2 the key.
    /// @param survived whether it is among the survivors.
    error WrongSecret(RoundId roundId, address participant, uint8 kind, bool survived);
    /// @notice No survivor stands beside it: no sum takes this key.
    /// @param roundId the round's id (R-1).
    /// @param participant who dropped.
    error SecretNotNeeded(RoundId roundId, address participant);
    /// @notice Neither 1, of the seed, nor 2, of the key.
    /// @param kind what was given.
    error UnknownKind(uint8 kind);
    /// @notice Not what the participant committed to.
    /// @param roundId the round's id (R-1).
    /// @param participant whose seed it would be.
    error WrongSeed(RoundId roundId, address participant);
    /// @notice Not the secret of its round key.
    /// @param roundId the round's id (R-1).
    /// @param participant whose key it would be.
    error WrongKey(RoundId roundId, address participant);
    /// @notice The secret is on the chain.
    /// @param roundId the round's id (R-1).
    /// @param participant whose it is.
    error OpenedAlready(RoundId roundId, address participant);
    /// @notice The dealer's root has no such leaf.
    /// @param roundId the round's id (R-1).
    /// @param dealer whose secret it would be a share of.
    /// @param holder whose share it would be.
    error ShareNotOfBundle(RoundId roundId, address dealer, address holder);
    /// @notice Every share given is on the chain, or the secret that it is of.
    /// @param roundId the round's id (R-1).
    /// @param holder whose shares they are.
    error PostedAlready(RoundId roundId, address holder);
    /// @notice A signature per share.
    /// @param shares how many were given.
    /// @param signatures how many were given.
    error SignatureCount(uint256 shares, uint256 signatures);
    /// @notice Not the holder's signature of the share.
    /// @param roundId the round's id (R-1).
    /// @param participant whose share it is.
    error InvalidSignature(RoundId roundId, address participant);

    // --- giving up ----------------------------------------------------------------------------

    /// @notice Its secrets may still be opened.
    /// @param roundId the round's id (R-1).
    /// @param deadline in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error UnmaskingNotOver(RoundId roundId, uint64 deadline, uint64 blockTime);
    /// @notice Every secret of it is on the chain.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    error GroupIsOpen(RoundId roundId, uint256 group);
}
