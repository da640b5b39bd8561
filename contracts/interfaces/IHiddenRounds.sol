// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {HiddenGroup, HiddenTerms, Member, PostedShare, SignedShare} from "../types/HiddenTypes.sol";
import {RoundId, RoundTerms} from "../types/RoundTypes.sol";
import {IHiddenRoundsErrors} from "./IHiddenRoundsErrors.sol";

/// @title Hidden rounds: whose masks are opened, and which of their secrets
/// @dev What participants reveal is masked; the chain says who survived, and so which secrets make the survivors' sum,
///      and nothing but the sum, public (H-6). It holds no money. A deployment's rounds know it by address.
interface IHiddenRounds is IHiddenRoundsErrors {
    // --- events -------------------------------------------------------------------------------

    /// @notice The round's updates are masked.
    /// @param roundId the round's id (R-1).
    /// @param terms what it asks for.
    /// @param width of a masked value, in bits.
    event RoundHidden(RoundId indexed roundId, HiddenTerms terms, uint8 width);
    /// @notice A member is on the roster.
    /// @param roundId the round's id (R-1).
    /// @param participant whose key it is.
    /// @param index in the roster, from 0.
    /// @param x of the key's point.
    /// @param odd whether the point's y is odd.
    event RoundKeyPublished(RoundId indexed roundId, address indexed participant, uint32 index, uint256 x, bool odd);
    /// @notice A member is active.
    /// @param roundId the round's id (R-1).
    /// @param participant who shared its secrets.
    /// @param seedCommitment what its seed is held against (H-4).
    /// @param shareRoot over its shares (H-4).
    /// @param bundleDigest SHA-256 of the bundle's raw block.
    event SecretsShared(
        RoundId indexed roundId,
        address indexed participant,
        bytes32 seedCommitment,
        bytes32 shareRoot,
        bytes32 bundleDigest
    );
    /// @notice Who survived is written down, for good.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    /// @param active a bitmap by local place of who shared its secrets.
    /// @param survivors a bitmap by local place of who of those revealed, and under stake counts.
    event GroupFrozen(RoundId indexed roundId, uint256 indexed group, uint256 active, uint256 survivors);
    /// @notice The seed of a survivor's own mask is public.
    /// @param roundId the round's id (R-1).
    /// @param participant whose it is.
    /// @param seed 32 bytes.
    event SeedOpened(RoundId indexed roundId, address indexed participant, bytes32 seed);
    /// @notice The round secret key of one who dropped is public.
    /// @param roundId the round's id (R-1).
    /// @param participant whose it is.
    /// @param secret big-endian.
    event KeyOpened(RoundId indexed roundId, address indexed participant, bytes32 secret);
    /// @notice A share is public.
    /// @param roundId the round's id (R-1).
    /// @param dealer whose secret it is a share of.
    /// @param holder whose share it is.
    /// @param kind 1 of the seed, 2 of the key.
    /// @param place among the dealer's shares, from 1.
    /// @param share big-endian.
    event SharePosted(
        RoundId indexed roundId, address indexed dealer, address indexed holder, uint8 kind, uint8 place, bytes32 share
    );
    /// @notice Every secret that a group's sum takes is public.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    event GroupOpened(RoundId indexed roundId, uint256 indexed group);
    /// @notice A group is given up: its updates stay hidden, and count for nothing.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    /// @param survivors how many are lost with it.
    event GroupStranded(RoundId indexed roundId, uint256 indexed group, uint32 survivors);

    // --- functions ----------------------------------------------------------------------------

    /// @notice Makes a round hidden (H-1), once, before anybody has a seat. Caller: who opened the round; its sponsor
    ///         under stake.
    /// @param roundId the round's id (R-1).
    /// @param roundTerms the round's terms, whose hash it keeps.
    /// @param hiddenTerms what is asked for; fixed from here on.
    function hide(RoundId roundId, RoundTerms calldata roundTerms, HiddenTerms calldata hiddenTerms) external;

    /// @notice Publishes a fresh key, and takes the next place on the roster (H-3), until enrolment's deadline or until
    ///         every seat has one. Caller: an enrolled participant, for itself, once.
    /// @param roundId the round's id (R-1).
    /// @param x of the key's point, from 1 to the group's order.
    /// @param odd whether the point's y is odd.
    function publishKey(RoundId roundId, uint256 x, bool odd) external;

    /// @notice Says what the caller's seed is held against, and which shares it dealt (H-4), until bundles are due or
    ///         everybody on the roster shared. Caller: a member, for itself, once.
    /// @param roundId the round's id (R-1).
    /// @param seedCommitment what its seed is held against (H-4).
    /// @param shareRoot over its shares (H-4).
    /// @param bundleDigest SHA-256 of the bundle's raw block.
    function shareSecrets(RoundId roundId, bytes32 seedCommitment, bytes32 shareRoot, bytes32 bundleDigest) external;

    /// @notice Writes down who of a group survived (H-6), once: after reveals, under stake once slashing is over and no
    ///         update is asked for. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    function freeze(RoundId roundId, uint256 group) external;

    /// @notice Opens the seed of a survivor's own mask (H-6). Caller: anyone who knows it.
    /// @param roundId the round's id (R-1).
    /// @param participant a survivor of a frozen group.
    /// @param seed what it committed to.
    function openSeed(RoundId roundId, address participant, bytes32 seed) external;

    /// @notice Opens the round secret key of one who dropped (H-6). Caller: anyone who knows it.
    /// @param roundId the round's id (R-1).
    /// @param participant an active member of a frozen group that isn't among its survivors.
    /// @param secret of its round key, big-endian.
    function openKey(RoundId roundId, address participant, bytes32 secret) external;

    /// @notice Posts shares that the caller holds (H-6); those that are there already are passed over. Caller: their
    ///         holder, for itself.
    /// @param roundId the round's id (R-1).
    /// @param shares of seeds of survivors, and of keys of those who dropped.
    function postShares(RoundId roundId, PostedShare[] calldata shares) external;

    /// @notice Posts shares that their holder signed (H-6). Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param holder whose shares they are.
    /// @param shares of seeds of survivors, and of keys of those who dropped.
    /// @param signatures of the holder, one per share, under EIP-712.
    function postSharesFor(RoundId roundId, address holder, PostedShare[] calldata shares, bytes[] calldata signatures)
        external;

    /// @notice Gives a frozen group up (H-6): at once if too few survived, else after the unmask deadline if it isn't
    ///         open. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    function strand(RoundId roundId, uint256 group) external;

    // --- views --------------------------------------------------------------------------------

    /// @notice What a hidden round asks for.
    /// @param roundId the round's id (R-1).
    /// @return zeros if the round isn't hidden.
    function hiddenTermsOf(RoundId roundId) external view returns (HiddenTerms memory);

    /// @notice The width of a masked value.
    /// @param roundId the round's id (R-1).
    /// @return in bits; 0 if the round isn't hidden.
    function widthOf(RoundId roundId) external view returns (uint8);

    /// @notice What a member published.
    /// @param roundId the round's id (R-1).
    /// @param participant whose it is.
    /// @return zeros if it has no key.
    function memberOf(RoundId roundId, address participant) external view returns (Member memory);

    /// @notice How many published a key.
    /// @param roundId the round's id (R-1).
    /// @return final once keys are closed.
    function rosterSize(RoundId roundId) external view returns (uint32);

    /// @notice What the order of the roster is drawn from (H-3).
    /// @param roundId the round's id (R-1).
    /// @return keccak of the round's id and the hash of its roster so far.
    function orderSeedOf(RoundId roundId) external view returns (bytes32);

    /// @notice How many groups the roster makes.
    /// @param roundId the round's id (R-1).
    /// @return 0 if nobody has a key, or the round isn't hidden.
    function groupCount(RoundId roundId) external view returns (uint256);

    /// @notice A group, its members, and where it stands.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    /// @return as it is now; before it is frozen nobody is said to have survived.
    function groupOf(RoundId roundId, uint256 group) external view returns (HiddenGroup memory);

    /// @notice Where a member stands in the roster so far.
    /// @param roundId the round's id (R-1).
    /// @param participant who it is.
    /// @return group its group's number, from 0.
    /// @return place its local place in the group, from 0.
    function placeOf(RoundId roundId, address participant) external view returns (uint256 group, uint256 place);

    /// @notice Which shares of a dealer are on the chain.
    /// @param roundId the round's id (R-1).
    /// @param dealer whose secret they are of.
    /// @return a bitmap by the shares' places.
    function sharesPostedOf(RoundId roundId, address dealer) external view returns (uint256);

    /// @notice How many that revealed count for nothing (H-6): survivors of stranded groups, and, once every group is
    ///         frozen, whoever is no survivor.
    /// @param roundId the round's id (R-1).
    /// @return at most how many revealed.
    function lostOf(RoundId roundId) external view returns (uint32);

    /// @notice Whether a hidden round has a group that is neither open nor stranded.
    /// @param roundId the round's id (R-1).
    /// @return false of a round that isn't hidden.
    function isWaiting(RoundId roundId) external view returns (bool);

    /// @notice Whether a hidden round has a group that isn't open: it waits, or never will be.
    /// @param roundId the round's id (R-1).
    /// @return false of a round that isn't hidden.
    function lacksSecrets(RoundId roundId) external view returns (bool);

    /// @notice Whether a mask seed of the round is open: from then on its coordinator may know a sum.
    /// @param roundId the round's id (R-1).
    /// @return false for a round that hides nothing.
    function hasBegun(RoundId roundId) external view returns (bool);

    /// @notice Whether survivors of a group are written down.
    /// @param roundId the round's id (R-1).
    /// @param group the group's number, from 0.
    /// @return false of a round that isn't hidden.
    function isFrozen(RoundId roundId, uint256 group) external view returns (bool);

    /// @notice What a holder signs to have a share posted (EIP-712).
    /// @param roundId the round's id (R-1).
    /// @param dealer whose secret it is a share of.
    /// @param kind 1 of the seed, 2 of the key.
    /// @param place among the dealer's shares, from 1.
    /// @param share big-endian.
    /// @return the EIP-712 digest of `SecretShare`.
    function shareDigest(RoundId roundId, address dealer, uint8 kind, uint8 place, bytes32 share)
        external
        view
        returns (bytes32);

    /// @notice Whether a holder signed shares of both secrets of one dealer, which lays its update open (H-8).
    /// @param roundId the round's id (R-1).
    /// @param holder who signed.
    /// @param dealer whose secrets they are of.
    /// @param ofSeed a share of the seed.
    /// @param ofKey a share of the round secret key.
    /// @return whether both signatures are the holder's.
    function signedBoth(
        RoundId roundId,
        address holder,
        address dealer,
        SignedShare calldata ofSeed,
        SignedShare calldata ofKey
    ) external view returns (bool);
}
