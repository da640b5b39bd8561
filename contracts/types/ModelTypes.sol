// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// Identifies a model (M-2).
type ModelId is bytes32;

/// Identifies a version (M-4).
type VersionId is bytes32;

/// Who may read a model.
enum Visibility {
    Public,
    Private
}

/// What a version's publishers say of it.
enum VersionStatus {
    None,
    Active,
    Deprecated,
    Yanked
}

/// What a version consists of: the SHA-256 digest of its root block, and the multicodec (0x70 or 0x55).
struct Content {
    bytes32 digest;
    uint64 codec;
}

/// A model as the registry keeps it. `epoch` counts transfers; roles are of one epoch.
struct Model {
    address owner;
    address pendingOwner;
    Visibility visibility;
    uint64 versionCount;
    uint32 epoch;
}
