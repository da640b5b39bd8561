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
    uint8 bits;
    int8 stepExponent;
    uint8 guardBits;
    uint64 clipNorm;
}

/// What a round is about; fixed when it opens. Deadlines are block times in seconds. `forfeit` is what each
/// participant that revealed gets, in the reward token, if nothing comes of the round although enough revealed.
struct RoundTerms {
    ModelId modelId;
    uint64 baseVersion;
    bytes32 strategy;
    bytes32 documentDigest;
    Lattice lattice;
    uint64 enrolmentDeadline;
    uint64 commitDeadline;
    uint64 revealDeadline;
    uint64 proposalDeadline;
    uint64 challengeWindow;
    uint32 minimumParticipants;
    uint32 maximumParticipants;
    bytes32 allowListRoot;
    uint64 weightCap;
    address rewardToken;
    uint256 rewardBudget;
    uint128 forfeit;
}

/// What a commitment hides (R-3).
struct Opening {
    bytes32 updateRoot;
    bytes32 contentDigest;
    uint64 weight;
    bytes32 salt;
}

/// What a round comes to (R-9).
struct Result {
    bytes32 resultRoot;
    bytes32 versionDigest;
    bytes32 documentDigest;
    uint32 accepted;
    uint64 totalWeight;
}

/// An update as a batch's reveals list it.
struct RevealLeaf {
    address participant;
    bytes32 updateRoot;
    bytes32 contentDigest;
    uint64 weight;
}

/// A batch (R-5): `count` seats, of which `own` were revealed one by one and `posted` under `revealRoot`; `twice`
/// are proven to be among both.
struct Batch {
    bytes32 root;
    bytes32 revealRoot;
    uint32 count;
    uint32 own;
    uint32 posted;
    uint32 twice;
    bool struck;
}

/// A round as the contract keeps it: what phases and refunds need, and a hash of everything else.
/// `enrolled`, `committed` and `revealed` count direct seats; the others are sums over the batches that stand:
/// `batched` of their seats, `ownReveals` and `postedReveals` of their reveals of either kind, and
/// `batchRevealed` of at most how many participants those can be.
struct Round {
    address coordinator;
    uint64 enrolmentDeadline;
    uint32 enrolled;
    uint64 commitDeadline;
    uint64 revealDeadline;
    uint64 proposalDeadline;
    uint64 challengeWindow;
    uint64 weightCap;
    uint32 maximumParticipants;
    uint32 batched;
    uint32 committed;
    uint32 revealed;
    uint32 batchRevealed;
    uint32 batches;
    uint32 minimumParticipants;
    uint64 challengeEndsAt;
    uint32 ownReveals;
    uint32 postedReveals;
    bool finalised;
    bool voided;
    bool funded;
    bool bonded;
    bytes32 allowListRoot;
    bytes32 termsHash;
    ModelId modelId;
}
