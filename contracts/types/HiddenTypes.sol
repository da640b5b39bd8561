// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

// The order of secp256k1: shared secrets are numbers below it.
uint256 constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
// A share, or a secret, that is the seed of somebody's own mask.
uint8 constant OF_SEED = 1;
// A share, or a secret, that is somebody's round secret key.
uint8 constant OF_KEY = 2;

/// What a hidden round asks for (H-1); fixed before anybody enrols. Deadlines are block times in seconds.
struct HiddenTerms {
    /// What masked values are added in: 32 or 64 bits.
    uint8 ring;
    /// How many neighbours share a member's secrets, even, from 2 to 254; everybody in a smaller group.
    uint16 degree;
    /// How many of `degree` shares open a secret: above half of them.
    uint16 threshold;
    /// How many members a group has at most, from 2 to 256; groups of two may become three.
    uint16 groupSize;
    /// The largest weight that an update hides; 1: everyone weighs alike.
    uint64 weightCap;
    /// Until when members share their secrets, in seconds since 1970.
    uint64 bundleDeadline;
    /// Until when secrets are opened, in seconds since 1970.
    uint64 unmaskDeadline;
}

/// Who published a round key.
struct Member {
    /// Of the round key: its point's x coordinate.
    uint256 x;
    /// What the seed of its own mask is held against; 0 before it shared.
    bytes32 seedCommitment;
    /// Over the shares of its two secrets; 0 before it shared.
    bytes32 shareRoot;
    /// In the roster, from 0.
    uint32 index;
    /// Whether the round key's y coordinate is odd.
    bool odd;
    /// Whether it has a key; false of whoever isn't a member.
    bool published;
    /// Whether the seed of its own mask is on the chain.
    bool seedOpened;
    /// Whether its round secret key is on the chain.
    bool keyOpened;
}

/// A group as it stands. Bitmaps have a bit per local place; before it is frozen nobody is said to have survived.
struct HiddenGroup {
    /// In the order of their local places.
    address[] members;
    /// What each of them published.
    Member[] published;
    /// Who shared its secrets.
    uint256 active;
    /// Who of those revealed, and under stake counts.
    uint256 survivors;
    /// Whether survivors are written down.
    bool frozen;
    /// Whether every secret that its sum takes is on the chain.
    bool open;
    /// Whether it never will be.
    bool stranded;
}

/// A share as its holder posts it.
struct PostedShare {
    /// Whose secret it is a share of.
    address dealer;
    /// 1 of the seed, 2 of the round secret key.
    uint8 kind;
    /// The share's place among the dealer's, from 1.
    uint8 place;
    /// Below the order of secp256k1, big-endian.
    bytes32 share;
    /// Siblings from the share's leaf up to the dealer's root, as OpenZeppelin's tree has them.
    bytes32[] proof;
}

/// A share that its holder signed (H-8).
struct SignedShare {
    /// The share's place among the dealer's, from 1.
    uint8 place;
    /// Below the order of secp256k1, big-endian.
    bytes32 share;
    /// 65 bytes of the holder's key, or what its contract accepts (ERC-1271).
    bytes signature;
}
