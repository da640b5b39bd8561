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
    /// SHA-256 of the root block.
    bytes32 digest;
    /// 0x70 (dag-pb) or 0x55 (raw).
    uint64 codec;
}

/// A model as the registry keeps it. `epoch` counts transfers; roles are of one epoch.
struct Model {
    /// Who may do everything.
    address owner;
    /// Whom it is offered to; 0: nobody.
    address pendingOwner;
    /// Who may read it.
    Visibility visibility;
    /// How many versions there are: the number of the newest, from 1.
    uint64 versionCount;
    /// How often it changed hands.
    uint32 epoch;
}
