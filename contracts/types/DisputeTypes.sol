// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// How a round's updates are combined, chunk by chunk (F-1).
enum Rule {
    Mean,
    Median,
    TrimmedMean
}

/// What a staked round asks for; fixed when it opens. Stakes and the bond are in the token's smallest unit, windows in
/// seconds, `vectorLength` in values. `trim` is what the trimmed mean drops at each end. `quorum` holders have to sign
/// that they have what is to count: the round's staked participants, or the members of the panel `committee` if there
/// is one. `panel` attests what no contract can compute: none if zero. `baseRoot` is the vector root of the base
/// version's trained weights, as their own bits of width `precision`: 32 for binary32, 16 for bfloat16 (F-13); of a
/// strategy with a server's state it is the hash of a `Server`.
struct StakeTerms {
    address token;
    uint128 participantStake;
    uint128 proposerStake;
    uint128 bond;
    uint64 vectorLength;
    Rule rule;
    uint32 trim;
    uint32 certifyWindow;
    uint32 answerWindow;
    uint32 disputeWindow;
    uint16 quorum;
    bytes32 committee;
    bytes32 panel;
    uint8 precision;
    bytes32 baseRoot;
}

/// An update that counts: what its participant revealed.
struct Leaf {
    address participant;
    bytes32 updateRoot;
    bytes32 contentDigest;
    uint64 weight;
}

/// A node of the aggregation's tree (F-8): its participants from `first` to `last` in ascending order, how many
/// they are, their weights' sum, the root of its numerators, and a hash of its children.
struct Node {
    address first;
    address last;
    uint32 count;
    uint64 weight;
    bytes32 numeratorsRoot;
    bytes32 childrenHash;
}

/// A node's children: updates or nodes, never both.
struct Children {
    Leaf[] leaves;
    Node[] nodes;
}

/// The way from the top to a node: `nodes[0]` is the top, `nodes[i + 1]` is child `turns[i]` of `nodes[i]`, whose
/// children's hashes are `hashes[i]`.
struct Path {
    Node[] nodes;
    bytes32[][] hashes;
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
    ServerStep step;
    uint64 factor;
    uint64 rate;
    bytes32 weightsRoot;
    bytes32 memoryRoot;
}

/// What is proposed as a round's result: the top of the aggregation's tree, the vector root of the new weights, and the
/// digests of the version and of the result document. Those of payouts are of rounds with a panel, and zero in others:
/// those pay by weight (P-7). `memoryRoot` is the vector root of the momentum after the round, as binary64's bits; zero
/// where no contract computes one.
struct Proposal {
    Node top;
    bytes32 versionRoot;
    bytes32 versionDigest;
    bytes32 documentDigest;
    bytes32 payoutRoot;
    uint256 payoutTotal;
    bytes32 payoutDocument;
    bytes32 memoryRoot;
}

/// Where a staked round stands. Without a proposal, `proposer`, `proposalHash` and `topHash` are zero; `proposals` counts
/// those so far. `endsAt` is when disputes about it end, 0 as long as it isn't certified.
struct Standing {
    address proposer;
    uint32 proposals;
    uint64 endsAt;
    bytes32 proposalHash;
    bytes32 topHash;
    uint64 certifyEnd;
    uint64 strikesEnd;
    uint8 bits;
    uint8 guardBits;
    int8 stepExponent;
    bool over;
}

/// A chunk with what proves it against its vector's root.
struct ChunkProof {
    bytes chunk;
    bytes32[] siblings;
}

/// What a server's step on one chunk is proven by: that chunk of the base's weights, of the momentum at the base, of the
/// top's numerators, and of what is claimed: the new momentum if `ofMemory`, the new weights if not.
struct StepProof {
    bool ofMemory;
    ChunkProof base;
    ChunkProof momenta;
    ChunkProof numerators;
    ChunkProof claim;
}

/// What is asked for.
enum Asked {
    Update,
    Result,
    Node,
    Version,
    Memory
}
