// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {AccessGrants} from "./AccessGrants.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {CidText} from "../libraries/CidText.sol";
import {Labels} from "../libraries/Labels.sol";
import {Slugs} from "../libraries/Slugs.sol";
import {Content, Model, ModelId, VersionId, VersionStatus, Visibility} from "../types/ModelTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title The registry: holds no money and knows no other contract
/// @dev Assumptions:
///      1. It calls nobody and holds nothing: no other contract can break it.
///      2. The governor is a timelock; it names a successor, and reaches no model.
///      3. A version's digest is all that is known of it here: that its content exists, and is what its publishers say,
///         isn't checked.
///      4. Owners and publishers are trusted with their own model alone.
contract ModelRegistry is IModelRegistry, AccessGrants, EIP712 {
    // --- constants ----------------------------------------------------------------------------

    string public constant VERSION = "0.1.0";
    uint256 public constant MAX_PARENTS = 8;
    uint256 public constant MAX_REASON_LENGTH = 256;
    /// Who alone names a successor: the timelock.
    address public immutable governor;

    // --- storage ------------------------------------------------------------------------------

    /// One slot per model.
    struct ModelSlot {
        address owner;
        Visibility visibility;
        uint48 versionCount;
        uint32 epoch;
    }

    /// Written only for a raw codec or a status other than active, so that most versions take one slot.
    struct VersionFlags {
        bool raw;
        VersionStatus status;
    }

    mapping(ModelId => ModelSlot) private _models;
    mapping(ModelId => address) private _pendingOwners;
    mapping(ModelId => mapping(uint32 => mapping(address => bool))) private _publishers;
    mapping(VersionId => bytes32) private _digests;
    mapping(VersionId => VersionFlags) private _flags;
    mapping(ModelId => mapping(bytes32 => uint64[])) private _channels;

    /// @inheritdoc IModelRegistry
    address public successor;

    constructor(address governor_) EIP712("Tallystick ModelRegistry", "1") {
        Bounds.requireAddress(governor_);
        governor = governor_;
    }

    // --- the registry itself ------------------------------------------------------------------

    /// @inheritdoc IModelRegistry
    function nameSuccessor(address successor_) external {
        // Check
        if (msg.sender != governor) revert NotGovernor(msg.sender, governor);
        if (successor_ == address(0) || successor_ == address(this)) revert InvalidSuccessor(successor_);
        // Effect
        successor = successor_;
        emit SuccessorNamed(successor_);
    }

    // --- models -------------------------------------------------------------------------------

    /// @inheritdoc IModelRegistry
    function register(string calldata slug, Visibility visibility, bytes32 descriptionDigest)
        external
        returns (ModelId modelId)
    {
        return _register(slug, visibility, descriptionDigest);
    }

    /// @inheritdoc IModelRegistry
    function registerModel(string calldata name, string calldata ipfsHash, bool isPublic) external returns (bytes32) {
        Visibility visibility = isPublic ? Visibility.Public : Visibility.Private;
        ModelId modelId = _register(Slugs.normalised(name), visibility, 0);
        if (bytes(ipfsHash).length != 0) {
            (bool ok, uint64 codec, bytes32 digest) = CidText.parse(ipfsHash);
            if (!ok) revert InvalidCid(ipfsHash);
            _publish(modelId, Content(digest, codec), new VersionId[](0), RoundId.wrap(0), 0);
        }
        return ModelId.unwrap(modelId);
    }

    function _register(string memory slug, Visibility visibility, bytes32 descriptionDigest)
        private
        returns (ModelId modelId)
    {
        // Check
        uint256 offence = Slugs.firstOffence(bytes(slug));
        if (offence != type(uint256).max) revert InvalidSlug(slug, offence);
        modelId = _modelId(msg.sender, slug);
        if (_models[modelId].owner != address(0)) revert ModelExists(modelId);
        // Effect
        _models[modelId] = ModelSlot(msg.sender, visibility, 0, 0);
        emit ModelRegistered(modelId, msg.sender, slug);
        emit ModelDescribed(modelId, visibility, descriptionDigest);
    }

    /// @inheritdoc IModelRegistry
    function setVisibility(ModelId modelId, Visibility visibility) external {
        // Check
        _requireOwner(modelId);
        if (_models[modelId].visibility == visibility) revert VisibilityUnchanged(modelId, visibility);
        // Effect
        _models[modelId].visibility = visibility;
        emit VisibilityChanged(modelId, visibility);
    }

    /// @inheritdoc IModelRegistry
    function transferModel(ModelId modelId, address to) external {
        // Check
        _requireOwner(modelId);
        // Effect
        _pendingOwners[modelId] = to;
        emit ModelTransferStarted(modelId, msg.sender, to);
    }

    /// @inheritdoc IModelRegistry
    function acceptModel(ModelId modelId) external {
        // Check
        address pending = _pendingOwners[modelId];
        if (pending == address(0) || pending != msg.sender) revert NotPendingOwner(modelId, msg.sender, pending);
        // Effect
        address from = _models[modelId].owner;
        delete _pendingOwners[modelId];
        _models[modelId].owner = msg.sender;
        ++_models[modelId].epoch; // ends every role of the former owner's
        emit ModelTransferred(modelId, from, msg.sender);
    }

    /// @inheritdoc IModelRegistry
    function addPublisher(ModelId modelId, address account) external {
        _setPublisher(modelId, account, true);
        emit PublisherAdded(modelId, account);
    }

    /// @inheritdoc IModelRegistry
    function removePublisher(ModelId modelId, address account) external {
        _setPublisher(modelId, account, false);
        emit PublisherRemoved(modelId, account);
    }

    function _setPublisher(ModelId modelId, address account, bool allowed) private {
        // Check
        _requireOwner(modelId);
        mapping(address => bool) storage roles = _publishers[modelId][_models[modelId].epoch];
        if (roles[account] == allowed) revert RoleUnchanged(modelId, account);
        // Effect
        roles[account] = allowed;
    }

    // --- versions -----------------------------------------------------------------------------

    /// @inheritdoc IModelRegistry
    function publishVersion(
        ModelId modelId,
        uint64 number,
        Content calldata content,
        VersionId[] calldata parents,
        RoundId roundId,
        bytes32 licence
    ) external returns (VersionId versionId) {
        // Check
        uint64 next = _requirePublisher(modelId).versionCount + 1;
        if (number != next) revert VersionNumberTaken(modelId, number, next);
        if (parents.length > MAX_PARENTS) revert TooManyParents(parents.length, MAX_PARENTS);
        if (!Labels.isPaddedLabel(licence)) revert InvalidLicence(licence);
        for (uint256 i = 0; i < parents.length; ++i) {
            if (_digests[parents[i]] == 0) revert UnknownParent(parents[i]);
        }
        return _publish(modelId, content, parents, roundId, licence);
    }

    function _publish(
        ModelId modelId,
        Content memory content,
        VersionId[] memory parents,
        RoundId roundId,
        bytes32 licence
    ) private returns (VersionId versionId) {
        // Check
        if (content.digest == 0) revert ZeroDigest();
        if (content.codec != CidText.DAG_PB && content.codec != CidText.RAW) revert UnknownCodec(content.codec);
        // Effect
        uint64 number = ++_models[modelId].versionCount;
        versionId = versionIdOf(modelId, number);
        _digests[versionId] = content.digest;
        if (content.codec == CidText.RAW) _flags[versionId].raw = true;
        emit VersionPublished(
            modelId, versionId, msg.sender, number, content.digest, content.codec, parents, roundId, licence
        );
    }

    /// @inheritdoc IModelRegistry
    function deprecateVersion(ModelId modelId, uint64 number, string calldata reason) external {
        _setStatus(modelId, number, VersionStatus.Deprecated, reason);
        emit VersionDeprecated(modelId, number, msg.sender, reason);
    }

    /// @inheritdoc IModelRegistry
    function yankVersion(ModelId modelId, uint64 number, string calldata reason) external {
        _setStatus(modelId, number, VersionStatus.Yanked, reason);
        emit VersionYanked(modelId, number, msg.sender, reason);
    }

    /// @inheritdoc IModelRegistry
    function restoreVersion(ModelId modelId, uint64 number) external {
        _setStatus(modelId, number, VersionStatus.Active, "");
        emit VersionRestored(modelId, number, msg.sender);
    }

    function _setStatus(ModelId modelId, uint64 number, VersionStatus status, string memory reason) private {
        // Check
        _requirePublisher(modelId);
        VersionStatus current = _statusOf(modelId, number);
        if (current == VersionStatus.None) revert UnknownVersion(modelId, number);
        if (current == status) revert StatusUnchanged(modelId, number, status);
        if (bytes(reason).length > MAX_REASON_LENGTH) revert ReasonTooLong(bytes(reason).length, MAX_REASON_LENGTH);
        uint256 control = Labels.firstControl(bytes(reason));
        if (control != type(uint256).max) revert InvalidReason(control);
        // Effect
        _flags[versionIdOf(modelId, number)].status = status;
    }

    // --- channels -----------------------------------------------------------------------------

    /// @inheritdoc IModelRegistry
    function setChannel(ModelId modelId, bytes32 channel, uint64 number) external {
        // Check
        _requirePublisher(modelId);
        if (!Slugs.isPaddedSlug(channel)) revert InvalidChannel(channel);
        _requireTarget(modelId, number);
        // Effect
        uint64[] storage history = _channels[modelId][channel];
        uint64 previous = history.length == 0 ? 0 : history[history.length - 1];
        history.push(number);
        emit ChannelMoved(modelId, channel, msg.sender, number, previous);
    }

    /// @inheritdoc IModelRegistry
    function rollbackChannel(ModelId modelId, bytes32 channel) external {
        // Check
        _requirePublisher(modelId);
        uint64[] storage history = _channels[modelId][channel];
        uint256 last = history.length;
        if (last < 2) revert NothingToRollBack(modelId, channel);
        uint256 place = last - 1; // of what it goes back to, one more than its index
        while (place != 0 && _statusOf(modelId, history[place - 1]) == VersionStatus.Yanked) --place;
        if (place == 0) revert EveryEarlierIsYanked(modelId, channel);
        uint64 number = history[place - 1];
        // Effect
        uint64 previous = history[last - 1];
        for (; last > place; --last) {
            history.pop();
        }
        emit ChannelRolledBack(modelId, channel, msg.sender, number, previous);
    }

    function _requireTarget(ModelId modelId, uint64 number) private view {
        VersionStatus status = _statusOf(modelId, number);
        if (status == VersionStatus.None) revert UnknownVersion(modelId, number);
        if (status == VersionStatus.Yanked) revert VersionIsYanked(modelId, number);
    }

    // --- views --------------------------------------------------------------------------------

    /// @inheritdoc IModelRegistry
    function modelIdOf(address owner, string calldata slug) external view returns (ModelId) {
        return _modelId(owner, slug);
    }

    function _modelId(address owner, string memory slug) private view returns (ModelId) {
        return ModelId.wrap(keccak256(abi.encode(block.chainid, address(this), owner, keccak256(bytes(slug)))));
    }

    /// @inheritdoc IModelRegistry
    function versionIdOf(ModelId modelId, uint64 number) public pure returns (VersionId) {
        return VersionId.wrap(keccak256(abi.encode(modelId, number)));
    }

    /// @inheritdoc IModelRegistry
    function modelOf(ModelId modelId) external view returns (Model memory) {
        ModelSlot memory m = _requireModel(modelId);
        return Model(m.owner, _pendingOwners[modelId], m.visibility, m.versionCount, m.epoch);
    }

    /// @inheritdoc IModelRegistry
    function ownerOf(ModelId modelId) external view returns (address) {
        return _requireModel(modelId).owner;
    }

    /// @inheritdoc IModelRegistry
    function isPublisher(ModelId modelId, address account) public view returns (bool) {
        ModelSlot memory m = _requireModel(modelId);
        return account == m.owner || _publishers[modelId][m.epoch][account];
    }

    /// @inheritdoc IModelRegistry
    function versionOf(ModelId modelId, uint64 number)
        external
        view
        returns (Content memory content, VersionStatus status)
    {
        status = _statusOf(modelId, number);
        if (status == VersionStatus.None) revert UnknownVersion(modelId, number);
        VersionId id = versionIdOf(modelId, number);
        content = Content(_digests[id], _flags[id].raw ? CidText.RAW : CidText.DAG_PB);
    }

    /// @inheritdoc IModelRegistry
    function versionExists(VersionId versionId) external view returns (bool) {
        return _digests[versionId] != 0;
    }

    /// @inheritdoc IModelRegistry
    function isActiveVersion(ModelId modelId, uint64 number) external view returns (bool) {
        return _statusOf(modelId, number) == VersionStatus.Active;
    }

    /// @inheritdoc IModelRegistry
    function channelOf(ModelId modelId, bytes32 channel) external view returns (uint64 number) {
        uint64[] storage history = _channels[modelId][channel];
        return history.length == 0 ? 0 : history[history.length - 1];
    }

    // --- checks -------------------------------------------------------------------------------

    function _requireModel(ModelId modelId) private view returns (ModelSlot memory m) {
        m = _models[modelId];
        if (m.owner == address(0)) revert UnknownModel(modelId);
    }

    function _requirePublisher(ModelId modelId) private view returns (ModelSlot memory m) {
        m = _requireModel(modelId);
        if (msg.sender != m.owner && !_publishers[modelId][m.epoch][msg.sender]) {
            revert NotPublisher(modelId, msg.sender);
        }
    }

    function _requireOwner(ModelId modelId) internal view override returns (address owner) {
        owner = _requireModel(modelId).owner;
        if (msg.sender != owner) revert NotModelOwner(modelId, msg.sender, owner);
    }

    function _accessOf(ModelId modelId) internal view override returns (address, uint32, bool) {
        ModelSlot memory m = _requireModel(modelId);
        return (m.owner, m.epoch, m.visibility == Visibility.Public);
    }

    function _statusOf(ModelId modelId, uint64 number) private view returns (VersionStatus) {
        VersionId id = versionIdOf(modelId, number);
        if (_digests[id] == 0) return VersionStatus.None;
        VersionStatus status = _flags[id].status;
        return status == VersionStatus.None ? VersionStatus.Active : status;
    }
}
