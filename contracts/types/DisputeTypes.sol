// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// How a round's updates are combined, chunk by chunk (F-1). `HiddenMean` is the mean of masked updates (H-8).
enum AggregationRule {
    Mean,
    Median,
    TrimmedMean,
    HiddenMean
}

/// What a staked round asks for; fixed when it opens. Stakes and the bond are in the token's smallest unit, windows in
/// seconds, `vectorLength` in values. `trim` is what the trimmed mean drops at each end. `quorum` holders have to sign
/// that they have what is to count: the round's staked participants, or the members of the panel `committee` if there
/// is one. `panel` attests what no contract can compute: none if zero. `baseRoot` is the vector root of the base
/// version's trained weights, as their own bits of width `precision`: 32 for binary32, 16 for bfloat16 (F-13); of a
/// strategy with a server's state it is the hash of a `Server`.
struct StakeTerms {
    /// What stakes and bonds are in: an ERC-20 of the token list.
    address token;
    /// Locked by each participant, and by each member of the committee; in the token's smallest unit.
    uint128 participantStake;
    /// Locked by who proposes; in the token's smallest unit.
    uint128 proposerStake;
    /// Locked by who asks or appeals; in the token's smallest unit.
    uint128 bond;
    /// How many values a vector has, from 1.
    uint64 vectorLength;
    /// How updates are combined.
    AggregationRule rule;
    /// What the trimmed mean drops at each end; 0 with another rule.
    uint32 trim;
    /// Seconds in which certificates come: of updates after the reveal deadline, of a proposal after it was made.
    uint32 certifyWindow;
    /// Seconds in which a question is answered.
    uint32 answerWindow;
    /// Seconds from a proposal's certificate to its settlement.
    uint32 disputeWindow;
    /// How many holders have to vouch, from 2.
    uint16 quorum;
    /// The panel whose members vouch; 0: the participants do.
    bytes32 committee;
    /// The panel that attests what no contract computes; 0: none.
    bytes32 panel;
    /// Bits of a weight: 32 for binary32, 16 for bfloat16.
    uint8 precision;
    /// Vector root of the base's weights; with a server's state keccak of the encoded `Server`.
    bytes32 baseRoot;
}

/// An update that counts: what its participant revealed.
struct Leaf {
    /// Whose update it is.
    address participant;
    /// The update's vector root (L-4).
    bytes32 updateRoot;
    /// SHA-256 of the update's root block.
    bytes32 contentDigest;
    /// From 1 to the round's cap.
    uint64 weight;
}

/// A node of the aggregation's tree (F-8): its participants from `first` to `last` in ascending order, how many
/// they are, their weights' sum, the root of its numerators, and a hash of its children.
struct Node {
    /// The lowest participant below it.
    address first;
    /// The highest participant below it.
    address last;
    /// How many updates are below it.
    uint32 count;
    /// The sum of their weights.
    uint64 weight;
    /// Vector root of its numerators, 64 bits each.
    bytes32 numeratorsRoot;
    /// keccak of the encoded list of its children's hashes.
    bytes32 childrenHash;
}

/// A node's children: updates or nodes, never both.
struct Children {
    /// Updates by ascending participant; empty if there are nodes.
    Leaf[] leaves;
    /// Nodes by ascending range; empty if there are leaves.
    Node[] nodes;
}

/// The way from the top to a node: `nodes[0]` is the top, `nodes[i + 1]` is child `turns[i]` of `nodes[i]`, whose
/// children's hashes are `hashes[i]`.
struct Path {
    /// The top first, the node itself last.
    Node[] nodes;
    /// Of all children of `nodes[i]`, in order.
    bytes32[][] hashes;
    /// Which child comes next, from 0.
    uint256[] turns;
}

/// How a server with a state of its own makes its step of the aggregate (F-15). What an evaluated one makes of it no
/// contract computes.
enum ServerStep {
    None,
    FedAvgM,
    DiLoCo,
    Evaluated
}

/// What a round trains on where the strategy has a server's state: its step, with factor (β or μ) and learning rate as
/// binary64's bits; the roots of the base's weights and of the momentum that is remembered there, 64 bits each. Of an
/// evaluated step all but the weights' root is zero.
struct Server {
    /// Which optimizer makes the step.
    ServerStep step;
    /// beta or mu, a binary64's bits.
    uint64 factor;
    /// The learning rate, a binary64's bits.
    uint64 rate;
    /// Vector root of the base's weights.
    bytes32 weightsRoot;
    /// Vector root of the momentum at the base, 64 bits each.
    bytes32 momentumRoot;
}

/// What is proposed as a round's result: the top of the aggregation's tree, the vector root of the new weights, and the
/// digests of the version and of the result document. Those of payouts are of rounds with a panel, and zero in others:
/// those pay by weight (P-7). `momentumRoot` is the vector root of the momentum after the round, as binary64's bits; zero
/// where no contract computes one.
struct Proposal {
    /// The tree's top: what the whole round comes to.
    Node top;
    /// Vector root of the new weights, as their own bits (F-13).
    bytes32 versionRoot;
    /// SHA-256 of the new version's root block.
    bytes32 versionDigest;
    /// SHA-256 of the result document's raw block.
    bytes32 documentDigest;
    /// Root of who is paid what; 0 without a panel.
    bytes32 payoutRoot;
    /// The sum of its leaves.
    uint256 payoutTotal;
    /// SHA-256 of the raw block that lists them.
    bytes32 payoutDocument;
    /// Vector root of the momentum after the round, 64 bits each; 0 where no contract computes one.
    bytes32 momentumRoot;
}

/// Where a staked round stands. Without a proposal, `proposer`, `proposalHash` and `topHash` are zero; `proposals` counts
/// those so far. `endsAt` is when disputes about it end, 0 as long as it isn't certified.
struct RoundStatus {
    /// Whose proposal stands; 0: none does.
    address proposer;
    /// How many there were: the number of the newest, from 1.
    uint32 proposals;
    /// When disputes end, in seconds since 1970; 0 until it is certified, the largest value in an outage.
    uint64 endsAt;
    /// keccak of the encoded proposal.
    bytes32 proposalHash;
    /// Hash of its tree's top (F-8).
    bytes32 topHash;
    /// When certificates of updates are due, in seconds since 1970.
    uint64 certifyEnd;
    /// From when on proposals are taken, in seconds since 1970.
    uint64 slashEnd;
    /// Width of updates' values.
    uint8 bits;
    /// Bits below a step of the lattice (L-1).
    uint8 guardBits;
    /// e: a step of the lattice is 2^e.
    int8 stepExponent;
    /// Settled, void, or past its proposal deadline.
    bool over;
}

/// A chunk with what proves it against its vector's root.
struct ChunkProof {
    /// The values, big-endian: 256 of them, or what the last chunk has.
    bytes chunk;
    /// SHA-256 hashes from the leaf up (L-4).
    bytes32[] siblings;
}

/// What a server's step on one chunk is proven by: that chunk of the base's weights, of the momentum at the base, of the
/// top's numerators, and of what is claimed: the new momentum if `ofMomentum`, the new weights if not.
struct StepProof {
    /// Whether the claim is of the momentum, and not of the weights.
    bool ofMomentum;
    /// Of the base's weights.
    ChunkProof base;
    /// Of the momentum at the base.
    ChunkProof momenta;
    /// Of the top's numerators.
    ChunkProof numerators;
    /// Of what was proposed.
    ChunkProof claim;
}

/// What the masks of a hidden round's sum are made of (H-7). `seeds` are those of the survivors' own masks, in the order in
/// which their updates are given; `keys` the round secret keys of the active members that dropped and have a neighbour that
/// survived, in the order of their places in the group.
struct OpenedSecrets {
    /// 32 bytes each.
    bytes32[] seeds;
    /// Below the order of secp256k1, big-endian.
    bytes32[] keys;
}

/// What is asked for.
enum QuestionKind {
    Update,
    Result,
    Node,
    Version,
    Momentum
}
