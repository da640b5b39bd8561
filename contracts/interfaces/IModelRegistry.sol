// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Content, Model, ModelId, VersionId, VersionStatus, Visibility} from "../types/ModelTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title Models, their versions and channels
interface IModelRegistry {
    // --- errors -------------------------------------------------------------------------------

    /// @notice The text breaks the rule of M-1 at the byte given (its length, if it is empty or too long).
    /// @param slug the name (M-1).
    /// @param position the byte's, from 0.
    error InvalidSlug(string slug, uint256 position);
    /// @notice The channel's name breaks the rule of M-7.
    /// @param channel its name in ASCII, padded with zeros (M-7).
    error InvalidChannel(bytes32 channel);
    /// @notice The text is no CID of a SHA-256 digest with codec dag-pb or raw.
    /// @param text what was given.
    error InvalidCid(string text);
    /// @notice This account registered a model of that slug before.
    /// @param modelId the model's id (M-2).
    error ModelExists(ModelId modelId);
    /// @notice No such model.
    /// @param modelId the model's id (M-2).
    error UnknownModel(ModelId modelId);
    /// @notice No such version of the model.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    error UnknownVersion(ModelId modelId, uint64 number);
    /// @notice A parent that no model has.
    /// @param parent the id of a version.
    error UnknownParent(VersionId parent);
    /// @notice The caller isn't the model's owner.
    /// @param modelId the model's id (M-2).
    /// @param caller who called.
    /// @param owner the model's owner.
    error NotModelOwner(ModelId modelId, address caller, address owner);
    /// @notice The caller is neither the owner nor a publisher.
    /// @param modelId the model's id (M-2).
    /// @param caller who called.
    error NotPublisher(ModelId modelId, address caller);
    /// @notice The model wasn't offered to the caller.
    /// @param modelId the model's id (M-2).
    /// @param caller who called.
    /// @param pendingOwner whom the model was offered to; 0: nobody.
    error NotPendingOwner(ModelId modelId, address caller, address pendingOwner);
    /// @notice Somebody published first: `next` is the number that is free.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @param next the number that is free.
    error VersionNumberTaken(ModelId modelId, uint64 number, uint64 next);
    /// @notice More parents than a version may have.
    /// @param number how many were given.
    /// @param limit the most that is taken.
    error TooManyParents(uint256 number, uint256 limit);
    /// @notice Neither dag-pb (0x70) nor raw (0x55).
    /// @param codec multicodec of the root block: 0x70 or 0x55.
    error UnknownCodec(uint64 codec);
    /// @notice Content has to be something.
    error ZeroDigest();
    /// @notice Yanked versions can't be a channel's target.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    error VersionIsYanked(ModelId modelId, uint64 number);
    /// @notice The version has that status already.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @param status the version's.
    error StatusUnchanged(ModelId modelId, uint64 number, VersionStatus status);
    /// @notice The channel has pointed to one version only, or to none.
    /// @param modelId the model's id (M-2).
    /// @param channel its name in ASCII, padded with zeros (M-7).
    error NothingToRollBack(ModelId modelId, bytes32 channel);
    /// @notice Everything that the channel pointed to before is yanked.
    /// @param modelId the model's id (M-2).
    /// @param channel its name in ASCII, padded with zeros (M-7).
    error EveryEarlierIsYanked(ModelId modelId, bytes32 channel);
    /// @notice The caller isn't the registry's governor.
    /// @param caller who called.
    /// @param governor the timelock.
    error NotGovernor(address caller, address governor);
    /// @notice A registry is succeeded by another one: neither by itself nor by nobody.
    /// @param successor the registry that follows.
    error InvalidSuccessor(address successor);
    /// @notice A reason longer than events should carry.
    /// @param length in bytes.
    /// @param limit the most that is taken.
    error ReasonTooLong(uint256 length, uint256 limit);
    /// @notice The licence isn't printable ASCII padded with zeros, or has a blank at either end (M-10).
    /// @param licence an SPDX expression in ASCII, padded with zeros (M-10); 0: none told.
    error InvalidLicence(bytes32 licence);
    /// @notice The reason has a control character at the byte given (M-10).
    /// @param position the byte's, from 0.
    error InvalidReason(uint256 position);
    /// @notice The account has, or hasn't, the role already.
    /// @param modelId the model's id (M-2).
    /// @param account whose role it is.
    error RoleUnchanged(ModelId modelId, address account);
    /// @notice The model has that visibility already.
    /// @param modelId the model's id (M-2).
    /// @param visibility who may read it.
    error VisibilityUnchanged(ModelId modelId, Visibility visibility);

    // --- events -------------------------------------------------------------------------------

    /// @notice There is a model; its id follows from owner and slug.
    /// @param modelId the model's id (M-2).
    /// @param owner the model's owner.
    /// @param name the slug.
    event ModelRegistered(ModelId indexed modelId, address indexed owner, string name);
    /// @notice How the model was registered.
    /// @param modelId the model's id (M-2).
    /// @param visibility who may read it.
    /// @param descriptionDigest SHA-256 of a raw block that describes the model; 0: none.
    event ModelDescribed(ModelId indexed modelId, Visibility visibility, bytes32 descriptionDigest);
    /// @notice Who may read it changed.
    /// @param modelId the model's id (M-2).
    /// @param visibility who may read it.
    event VisibilityChanged(ModelId indexed modelId, Visibility visibility);
    /// @notice There is a version.
    /// @param modelId the model's id (M-2).
    /// @param versionId the version's id (M-4).
    /// @param publisher who published it.
    /// @param number the version's, from 1.
    /// @param digest SHA-256 of the root block.
    /// @param codec multicodec of the root block: 0x70 or 0x55.
    /// @param parents ids of versions that it was made from, at most 8.
    /// @param roundId the round that made it; 0: none.
    /// @param licence an SPDX expression in ASCII, padded with zeros (M-10); 0: none told.
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
    /// @notice A version is advised against.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @param actor who did it.
    /// @param reason at most 256 bytes of text.
    event VersionDeprecated(ModelId indexed modelId, uint64 indexed number, address indexed actor, string reason);
    /// @notice A version is withdrawn.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @param actor who did it.
    /// @param reason at most 256 bytes of text.
    event VersionYanked(ModelId indexed modelId, uint64 indexed number, address indexed actor, string reason);
    /// @notice A version is active again.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @param actor who did it.
    event VersionRestored(ModelId indexed modelId, uint64 indexed number, address indexed actor);
    /// @notice A channel points elsewhere.
    /// @param modelId the model's id (M-2).
    /// @param channel its name in ASCII, padded with zeros (M-7).
    /// @param actor who did it.
    /// @param number the version's, from 1.
    /// @param previous what the channel pointed to before; 0: nothing.
    event ChannelMoved(
        ModelId indexed modelId, bytes32 indexed channel, address indexed actor, uint64 number, uint64 previous
    );
    /// @notice A channel points back.
    /// @param modelId the model's id (M-2).
    /// @param channel its name in ASCII, padded with zeros (M-7).
    /// @param actor who did it.
    /// @param number the version's, from 1.
    /// @param previous what the channel pointed to before; 0: nothing.
    event ChannelRolledBack(
        ModelId indexed modelId, bytes32 indexed channel, address indexed actor, uint64 number, uint64 previous
    );
    /// @notice An account may publish.
    /// @param modelId the model's id (M-2).
    /// @param account who publishes, or did.
    event PublisherAdded(ModelId indexed modelId, address indexed account);
    /// @notice An account may publish no more.
    /// @param modelId the model's id (M-2).
    /// @param account who publishes, or did.
    event PublisherRemoved(ModelId indexed modelId, address indexed account);
    /// @notice The model is offered.
    /// @param modelId the model's id (M-2).
    /// @param from the owner.
    /// @param to whom it is offered to; 0 withdraws the offer.
    event ModelTransferStarted(ModelId indexed modelId, address indexed from, address indexed to);
    /// @notice The model has another owner; the roles that the former one gave are over.
    /// @param modelId the model's id (M-2).
    /// @param from the former owner.
    /// @param to the new owner.
    event ModelTransferred(ModelId indexed modelId, address indexed from, address indexed to);

    /// @notice Another registry follows.
    /// @param successor the registry that follows.
    event SuccessorNamed(address indexed successor);

    // --- the registry itself ------------------------------------------------------------------

    /// @notice Names the registry that succeeds this one; everything here goes on as it was. Caller: governor.
    /// @param successor the registry that follows.
    function nameSuccessor(address successor) external;

    /// @notice The registry that succeeds this one; 0 if none does.
    /// @return 0 if none does.
    function successor() external view returns (address);

    // --- models -------------------------------------------------------------------------------

    /// @notice Registers a model under the caller's name (M-1, M-2). Caller: anyone, for itself.
    /// @param slug 3 rules of M-1: a–z, 0–9, single separators; 1 to 64 bytes.
    /// @param visibility who may read it.
    /// @param descriptionDigest SHA-256 digest of a raw block that describes the model; 0 for none.
    /// @return modelId the model's id.
    function register(string calldata slug, Visibility visibility, bytes32 descriptionDigest)
        external
        returns (ModelId modelId);

    /// @notice Registers a model by a free name and, if a CID is given, publishes it as version 1.
    ///         Capitals become small letters and blanks dashes; the result has to satisfy M-1.
    ///         Caller: anyone, for itself.
    /// @param name becomes the slug.
    /// @param ipfsHash a CID in base32 (version 1) or base58 (version 0); empty for none.
    /// @param isPublic whether anyone may read it.
    /// @return modelId the model's id.
    function registerModel(string calldata name, string calldata ipfsHash, bool isPublic)
        external
        returns (bytes32 modelId);

    /// @notice Changes who may read the model. Caller: owner.
    /// @param modelId the model's id (M-2).
    /// @param visibility who may read it.
    function setVisibility(ModelId modelId, Visibility visibility) external;

    /// @notice Offers the model to an account; 0 withdraws the offer. Caller: owner.
    /// @param modelId the model's id (M-2).
    /// @param to whom it is offered to; 0 withdraws the offer.
    function transferModel(ModelId modelId, address to) external;

    /// @notice Takes an offered model over; ends every role the former owner gave (M-8). Caller: who it was
    ///         offered to.
    /// @param modelId the model's id (M-2).
    function acceptModel(ModelId modelId) external;

    /// @notice Lets an account publish for the model. Caller: owner.
    /// @param modelId the model's id (M-2).
    /// @param account who publishes, or did.
    function addPublisher(ModelId modelId, address account) external;

    /// @notice Ends an account's publisher role. Caller: owner.
    /// @param modelId the model's id (M-2).
    /// @param account who publishes, or did.
    function removePublisher(ModelId modelId, address account) external;

    // --- versions and channels ----------------------------------------------------------------

    /// @notice Publishes the model's next version (M-3 to M-5). Caller: owner or publisher.
    /// @param modelId the model's id (M-2).
    /// @param number the number the caller expects, which has to be the next one.
    /// @param content digest and codec of the root block.
    /// @param parents ids of versions that it was made from, at most 8.
    /// @param roundId the round that made it; 0 for none.
    /// @param licence an SPDX name, as a text under M-10; 0 for none.
    /// @return versionId the version's id.
    function publishVersion(
        ModelId modelId,
        uint64 number,
        Content calldata content,
        VersionId[] calldata parents,
        RoundId roundId,
        bytes32 licence
    ) external returns (VersionId versionId);

    /// @notice Advises against a version. Caller: owner or publisher.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @param reason at most 256 bytes of text.
    function deprecateVersion(ModelId modelId, uint64 number, string calldata reason) external;

    /// @notice Withdraws a version (M-6). Caller: owner or publisher.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @param reason at most 256 bytes of text.
    function yankVersion(ModelId modelId, uint64 number, string calldata reason) external;

    /// @notice Makes a version active again. Caller: owner or publisher.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    function restoreVersion(ModelId modelId, uint64 number) external;

    /// @notice Points a channel at a version (M-7). Caller: owner or publisher.
    /// @param modelId the model's id (M-2).
    /// @param channel its name in ASCII, padded with zeros (M-7).
    /// @param number the version's, from 1; not a yanked one.
    function setChannel(ModelId modelId, bytes32 channel, uint64 number) external;

    /// @notice Points a channel back at the newest version that it pointed to before and that isn't yanked; the
    ///         yanked ones between leave its history (M-7). Caller: owner or publisher.
    /// @param modelId the model's id (M-2).
    /// @param channel its name in ASCII, padded with zeros (M-7).
    function rollbackChannel(ModelId modelId, bytes32 channel) external;

    // --- views --------------------------------------------------------------------------------

    /// @notice The id of a model by who registered it, and its name.
    /// @param owner who registered it.
    /// @param slug the name (M-1).
    /// @return the id, registered or not.
    function modelIdOf(address owner, string calldata slug) external view returns (ModelId);

    /// @notice The id of a version.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @return the id, published or not.
    function versionIdOf(ModelId modelId, uint64 number) external pure returns (VersionId);

    /// @notice A model as the registry keeps it.
    /// @param modelId the model's id (M-2).
    /// @return the model; reverts if there is none.
    function modelOf(ModelId modelId) external view returns (Model memory);

    /// @notice Who owns a model.
    /// @param modelId the model's id (M-2).
    /// @return the owner; reverts if there is no such model.
    function ownerOf(ModelId modelId) external view returns (address);

    /// @notice Whether an account may publish: the owner, or a publisher of the current epoch.
    /// @param modelId the model's id (M-2).
    /// @param account who might be one.
    /// @return true if so.
    function isPublisher(ModelId modelId, address account) external view returns (bool);

    /// @notice What a version consists of, and its status; reverts if there is none.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @return content digest and codec of its root block.
    /// @return status what its publishers say of it.
    function versionOf(ModelId modelId, uint64 number)
        external
        view
        returns (Content memory content, VersionStatus status);

    /// @notice Whether a version was published.
    /// @param versionId the version's id (M-4).
    /// @return true if so.
    function versionExists(VersionId versionId) external view returns (bool);

    /// @notice Whether rounds may train on a version.
    /// @param modelId the model's id (M-2).
    /// @param number the version's, from 1.
    /// @return true if it exists and is neither deprecated nor yanked.
    function isActiveVersion(ModelId modelId, uint64 number) external view returns (bool);

    /// @notice The version a channel points to; 0 if it was never set.
    /// @param modelId the model's id (M-2).
    /// @param channel its name in ASCII, padded with zeros (M-7).
    /// @return number the version's number, from 1.
    function channelOf(ModelId modelId, bytes32 channel) external view returns (uint64 number);
}
