// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ModelId} from "./ModelTypes.sol";

/// Identifies a round (R-1).
type RoundId is bytes32;

/// A round's phase (R-2).
enum Phase {
    None,
    Enrolment,
    Commit,
    Reveal,
    Proposal,
    Proposed,
    Finalised,
    Voided
}

/// How updates become integers (L-1). The step is 2^stepExponent; `clipNorm` is in steps, 0 for none.
struct Lattice {
    /// Width of a value: 8, 16 or 32.
    uint8 bits;
    /// e, from -60 to 20: a step is 2^e.
    int8 stepExponent;
    /// g, up to 16: numerators are divided to 2^-g of a step.
    uint8 guardBits;
    /// The longest update, in steps; 0: any.
    uint64 clipNorm;
}

/// What a round is about; fixed when it opens. Deadlines are block times in seconds. `forfeit` is what each
/// participant that revealed gets, in the reward token, if nothing comes of the round although enough revealed.
struct RoundTerms {
    /// What is trained.
    ModelId modelId;
    /// The version that it begins with, from 1.
    uint64 baseVersion;
    /// Its name in ASCII, padded with zeros (M-10).
    bytes32 strategy;
    /// SHA-256 of the terms document's raw block.
    bytes32 documentDigest;
    /// How updates become integers.
    Lattice lattice;
    /// In seconds since 1970.
    uint64 enrolmentDeadline;
    /// In seconds since 1970.
    uint64 commitDeadline;
    /// In seconds since 1970, at most 365 days ahead.
    uint64 revealDeadline;
    /// In seconds since 1970, at most 180 days after the reveal deadline.
    uint64 proposalDeadline;
    /// Seconds from the result's proposal to its being final; 0 under stake.
    uint64 challengeWindow;
    /// Fewer reveals make the round void; from 1.
    uint32 minimumParticipants;
    /// How many seats there are.
    uint32 maximumParticipants;
    /// Root over who may enrol; 0: anyone.
    bytes32 allowListRoot;
    /// The largest weight of one update.
    uint64 weightCap;
    /// What budget and forfeit are in; 0 without either.
    address rewardToken;
    /// In the token's smallest unit, below 2^112; 0 under stake.
    uint256 rewardBudget;
    /// Per participant, in the token's smallest unit; 0 under stake.
    uint128 forfeit;
}

/// What a commitment hides (R-3).
struct Opening {
    /// The update's vector root (L-4).
    bytes32 updateRoot;
    /// SHA-256 of the update's root block.
    bytes32 contentDigest;
    /// From 1 to the round's cap.
    uint64 weight;
    /// 32 random bytes, so that nobody can guess what is committed.
    bytes32 salt;
}

/// What a round comes to (R-9).
struct Result {
    /// Vector root of the aggregate's numerators.
    bytes32 resultRoot;
    /// SHA-256 of the new version's root block.
    bytes32 versionDigest;
    /// SHA-256 of the result document's raw block.
    bytes32 documentDigest;
    /// How many updates are in it.
    uint32 accepted;
    /// The sum of their weights.
    uint64 totalWeight;
}

/// An update as a batch's reveals list it.
struct RevealLeaf {
    /// Whose update it is.
    address participant;
    /// The update's vector root (L-4).
    bytes32 updateRoot;
    /// SHA-256 of the update's root block.
    bytes32 contentDigest;
    /// From 1 to the round's cap.
    uint64 weight;
}

/// A batch (R-5): `count` seats, of which `own` were revealed one by one and `posted` under `revealRoot`; `twice`
/// are proven to be among both.
struct Batch {
    /// Over the signed commitments (R-5).
    bytes32 root;
    /// Over the posted reveals; 0 before.
    bytes32 revealRoot;
    /// Seats.
    uint32 count;
    /// Reveals by participants themselves.
    uint32 own;
    /// Reveals under the root.
    uint32 posted;
    /// Participants proven to be among both.
    uint32 twice;
    /// Whether it held a forged signature, and counts for nothing.
    bool struck;
}

/// A round as the contract keeps it: what phases and refunds need, and a hash of everything else.
/// `enrolled`, `committed` and `revealed` count direct seats; the others are sums over the batches that stand:
/// `batched` of their seats, `ownReveals` and `postedReveals` of their reveals of either kind, and
/// `batchRevealed` of at most how many participants those can be.
struct Round {
    /// Who opened it, and proposes its result.
    address coordinator;
    /// In seconds since 1970.
    uint64 enrolmentDeadline;
    /// Direct seats taken.
    uint32 enrolled;
    /// In seconds since 1970.
    uint64 commitDeadline;
    /// In seconds since 1970.
    uint64 revealDeadline;
    /// In seconds since 1970.
    uint64 proposalDeadline;
    /// In seconds.
    uint64 challengeWindow;
    /// The largest weight of one update.
    uint64 weightCap;
    /// How many seats there are.
    uint32 maximumParticipants;
    /// Seats of batches that stand.
    uint32 batched;
    /// Direct commitments.
    uint32 committed;
    /// Direct reveals.
    uint32 revealed;
    /// At most how many revealed from batches.
    uint32 batchRevealed;
    /// How many batches there were.
    uint32 batches;
    /// Fewer reveals make it void.
    uint32 minimumParticipants;
    /// In seconds since 1970; 0 without a proposed result.
    uint64 challengeEndsAt;
    /// From batches, by participants themselves.
    uint32 ownReveals;
    /// From batches, under posted roots.
    uint32 postedReveals;
    /// Whether its result is final.
    bool finalised;
    /// Whether it came to nothing.
    bool voided;
    /// Whether the pool holds a budget.
    bool funded;
    /// Whether Forfeits holds a bond.
    bool bonded;
    /// 0: anyone may enrol.
    bytes32 allowListRoot;
    /// keccak of the encoded terms.
    bytes32 termsHash;
    /// What is trained.
    ModelId modelId;
}
