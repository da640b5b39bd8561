// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Content, Model, ModelId, VersionId, VersionStatus, Visibility} from "../types/ModelTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Models, their versions and channels
interface IModelRegistry {
    // --- errors -------------------------------------------------------------------------------

    /// The text breaks the rule of M-1 at the byte given (its length, if it is empty or too long).
    error InvalidSlug(string slug, uint256 position);
    /// The channel's name breaks the rule of M-7.
    error InvalidChannel(bytes32 channel);
    /// The text is no CID of a SHA-256 digest with codec dag-pb or raw.
    error InvalidCid(string text);
    /// This account registered a model of that slug before.
    error ModelExists(ModelId modelId);
    /// No such model.
    error UnknownModel(ModelId modelId);
    /// No such version of the model.
    error UnknownVersion(ModelId modelId, uint64 number);
    /// A parent that no model has.
    error UnknownParent(VersionId parent);
    /// The caller isn't the model's owner.
    error NotModelOwner(ModelId modelId, address caller, address owner);
    /// The caller is neither the owner nor a publisher.
    error NotPublisher(ModelId modelId, address caller);
    /// The model wasn't offered to the caller.
    error NotPendingOwner(ModelId modelId, address caller, address pendingOwner);
    /// Somebody published first: `next` is the number that is free.
    error VersionNumberTaken(ModelId modelId, uint64 number, uint64 next);
    /// More parents than a version may have.
    error TooManyParents(uint256 number, uint256 limit);
    /// Neither dag-pb (0x70) nor raw (0x55).
    error UnknownCodec(uint64 codec);
    /// Content has to be something.
    error ZeroDigest();
    /// Yanked versions can't be a channel's target.
    error VersionIsYanked(ModelId modelId, uint64 number);
    /// The version has that status already.
    error StatusUnchanged(ModelId modelId, uint64 number, VersionStatus status);
    /// The channel has pointed to one version only, or to none.
    error NothingToRollBack(ModelId modelId, bytes32 channel);
    /// Everything that the channel pointed to before is yanked.
    error EveryEarlierIsYanked(ModelId modelId, bytes32 channel);
    /// The caller isn't the registry's governor.
    error NotGovernor(address caller, address governor);
    /// A registry is succeeded by another one: neither by itself nor by nobody.
    error InvalidSuccessor(address successor);
    /// A reason longer than events should carry.
    error ReasonTooLong(uint256 length, uint256 limit);
    /// The licence isn't printable ASCII padded with zeros, or has a blank at either end (M-10).
    error InvalidLicence(bytes32 licence);
    /// The reason has a control character at the byte given (M-10).
    error InvalidReason(uint256 position);
    /// The account has, or hasn't, the role already.
    error RoleUnchanged(ModelId modelId, address account);
    /// The model has that visibility already.
    error VisibilityUnchanged(ModelId modelId, Visibility visibility);

    // --- events -------------------------------------------------------------------------------

    event ModelRegistered(ModelId indexed modelId, address indexed owner, string name);
    event ModelDescribed(ModelId indexed modelId, Visibility visibility, bytes32 descriptionDigest);
    event VisibilityChanged(ModelId indexed modelId, Visibility visibility);
    event VersionPublished(
        ModelId indexed modelId,
        VersionId indexed versionId,
        address indexed publisher,
        uint64 number,
        bytes32 digest,
        uint64 codec,
        VersionId[] parents,
        RoundId roundId,
        bytes32 licence
    );
    event VersionDeprecated(ModelId indexed modelId, uint64 indexed number, address indexed actor, string reason);
    event VersionYanked(ModelId indexed modelId, uint64 indexed number, address indexed actor, string reason);
    event VersionRestored(ModelId indexed modelId, uint64 indexed number, address indexed actor);
    event ChannelMoved(
        ModelId indexed modelId, bytes32 indexed channel, address indexed actor, uint64 number, uint64 previous
    );
    event ChannelRolledBack(
        ModelId indexed modelId, bytes32 indexed channel, address indexed actor, uint64 number, uint64 previous
    );
    event PublisherAdded(ModelId indexed modelId, address indexed account);
    event PublisherRemoved(ModelId indexed modelId, address indexed account);
    event ModelTransferStarted(ModelId indexed modelId, address indexed from, address indexed to);
    event ModelTransferred(ModelId indexed modelId, address indexed from, address indexed to);

    event SuccessorNamed(address indexed successor);

    // --- the registry itself ------------------------------------------------------------------

    /// @notice Names the registry that succeeds this one; everything here goes on as it was. Caller: governor.
    function nameSuccessor(address successor) external;

    /// @notice The registry that succeeds this one; 0 if none does.
    function successor() external view returns (address);

    // --- models -------------------------------------------------------------------------------

    /// @notice Registers a model under the caller's name (M-1, M-2). Caller: anyone, for itself.
    /// @param descriptionDigest SHA-256 digest of a raw block that describes the model; 0 for none.
    function register(string calldata slug, Visibility visibility, bytes32 descriptionDigest)
        external
        returns (ModelId modelId);

    /// @notice Registers a model by a free name and, if a CID is given, publishes it as version 1.
    ///         Capitals become small letters and blanks dashes; the result has to satisfy M-1.
    ///         Caller: anyone, for itself.
    /// @param ipfsHash a CID in base32 (version 1) or base58 (version 0); empty for none.
    function registerModel(string calldata name, string calldata ipfsHash, bool isPublic)
        external
        returns (bytes32 modelId);

    /// @notice Changes who may read the model. Caller: owner.
    function setVisibility(ModelId modelId, Visibility visibility) external;

    /// @notice Offers the model to an account; 0 withdraws the offer. Caller: owner.
    function transferModel(ModelId modelId, address to) external;

    /// @notice Takes an offered model over; ends every role the former owner gave (M-8). Caller: who it was
    ///         offered to.
    function acceptModel(ModelId modelId) external;

    /// @notice Lets an account publish for the model. Caller: owner.
    function addPublisher(ModelId modelId, address account) external;

    /// @notice Ends an account's publisher role. Caller: owner.
    function removePublisher(ModelId modelId, address account) external;

    // --- versions and channels ----------------------------------------------------------------

    /// @notice Publishes the model's next version (M-3 to M-5). Caller: owner or publisher.
    /// @param number the number the caller expects, which has to be the next one.
    /// @param roundId the round that made it; 0 for none.
    /// @param licence an SPDX name, as a text under M-10; 0 for none.
    function publishVersion(
        ModelId modelId,
        uint64 number,
        Content calldata content,
        VersionId[] calldata parents,
        RoundId roundId,
        bytes32 licence
    ) external returns (VersionId versionId);

    /// @notice Advises against a version. Caller: owner or publisher.
    function deprecateVersion(ModelId modelId, uint64 number, string calldata reason) external;

    /// @notice Withdraws a version (M-6). Caller: owner or publisher.
    function yankVersion(ModelId modelId, uint64 number, string calldata reason) external;

    /// @notice Makes a version active again. Caller: owner or publisher.
    function restoreVersion(ModelId modelId, uint64 number) external;

    /// @notice Points a channel at a version (M-7). Caller: owner or publisher.
    function setChannel(ModelId modelId, bytes32 channel, uint64 number) external;

    /// @notice Points a channel back at the newest version that it pointed to before and that isn't yanked; the
    ///         yanked ones between leave its history (M-7). Caller: owner or publisher.
    function rollbackChannel(ModelId modelId, bytes32 channel) external;

    // --- views --------------------------------------------------------------------------------

    function modelIdOf(address owner, string calldata slug) external view returns (ModelId);
    function versionIdOf(ModelId modelId, uint64 number) external pure returns (VersionId);
    function modelOf(ModelId modelId) external view returns (Model memory);
    function ownerOf(ModelId modelId) external view returns (address);

    /// @notice Whether an account may publish: the owner, or a publisher of the current epoch.
    function isPublisher(ModelId modelId, address account) external view returns (bool);

    function versionOf(ModelId modelId, uint64 number)
        external
        view
        returns (Content memory content, VersionStatus status);
    function versionExists(VersionId versionId) external view returns (bool);
    function isActiveVersion(ModelId modelId, uint64 number) external view returns (bool);

    /// @notice The version a channel points to; 0 if it was never set.
    function channelOf(ModelId modelId, bytes32 channel) external view returns (uint64 number);
}
