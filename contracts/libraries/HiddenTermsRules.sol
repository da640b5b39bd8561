// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiddenRoundsErrors} from "../interfaces/IHiddenRoundsErrors.sol";
import {HiddenTerms} from "../types/HiddenTypes.sol";
import {RoundTerms} from "../types/RoundTypes.sol";

/// @title What a hidden round may ask for, and how wide its masked values are (H-1, H-2)
library HiddenTermsRules {
    uint256 private constant LARGEST_DEGREE = 254;
    uint256 private constant LARGEST_GROUP = 256;
    /// Of one group under stake: what one transaction judges.
    uint256 private constant LARGEST_STAKED = 32;
    /// A group of two with one more, who would be alone otherwise.
    uint256 private constant LEAST_LARGEST = 3;
    /// Above, four values fill whole bytes if the width is even.
    uint256 private constant WIDE = 32;

    /// @param staked whether the round is under stake.
    /// @param finalFrom from when survivors are final at the latest, in seconds since 1970.
    /// @return of a masked value, in bits.
    function check(RoundTerms calldata round, HiddenTerms calldata hidden, bool staked, uint64 finalFrom)
        internal
        pure
        returns (uint8)
    {
        if (round.weightCap != 1) revert IHiddenRoundsErrors.WeightNotHidden(round.weightCap);
        // A-2 with the weights that are hidden; at most 2^64 · 2^32 · 2^47, so nothing overflows here.
        bool fits;
        unchecked {
            uint256 most = uint256(hidden.weightCap) * round.maximumParticipants;
            fits = most << (uint256(round.lattice.bits) + round.lattice.guardBits - 1) < 1 << 62;
        }
        if (hidden.weightCap == 0 || !fits || (staked && hidden.weightCap != 1)) {
            revert IHiddenRoundsErrors.HiddenWeightOutOfRange(hidden.weightCap);
        }
        _checkSharing(round.maximumParticipants, hidden, staked);
        _checkDeadlines(round, hidden, finalFrom);
        uint256 width = widthFor(round, hidden);
        bool known = hidden.ring == 32 || hidden.ring == 64;
        if (!known || width > hidden.ring) revert IHiddenRoundsErrors.RingTooSmall(width, hidden.ring);
        return uint8(width);
    }

    /// @return width in bits, in which the largest group's sum doesn't wrap.
    function widthFor(RoundTerms calldata round, HiddenTerms calldata hidden) internal pure returns (uint256 width) {
        unchecked {
            uint256 largest = hidden.groupSize < LEAST_LARGEST ? LEAST_LARGEST : hidden.groupSize;
            if (round.maximumParticipants < largest) largest = round.maximumParticipants;
            uint256 weight = largest * hidden.weightCap;
            width = round.lattice.bits;
            for (uint256 power = 1; power < weight; power <<= 1) {
                ++width;
            }
            if (width > WIDE && width % 2 == 1) ++width;
        }
    }

    function _checkSharing(uint32 most, HiddenTerms calldata hidden, bool staked) private pure {
        (uint16 degree, uint16 threshold, uint16 size) = (hidden.degree, hidden.threshold, hidden.groupSize);
        if (degree == 0 || degree > LARGEST_DEGREE || degree % 2 == 1) {
            revert IHiddenRoundsErrors.DegreeOutOfRange(degree);
        }
        if (threshold <= degree / 2 || threshold > degree) {
            revert IHiddenRoundsErrors.ThresholdOutOfRange(threshold, degree);
        }
        bool one = size <= LARGEST_STAKED && most <= size;
        if (size < 2 || size > LARGEST_GROUP || (staked && !one)) {
            revert IHiddenRoundsErrors.GroupSizeOutOfRange(size, most);
        }
    }

    function _checkDeadlines(RoundTerms calldata round, HiddenTerms calldata hidden, uint64 finalFrom) private pure {
        if (hidden.bundleDeadline <= round.enrolmentDeadline || hidden.bundleDeadline >= round.commitDeadline) {
            revert IHiddenRoundsErrors.BundleDeadlineOutOfRange(
                hidden.bundleDeadline, round.enrolmentDeadline, round.commitDeadline
            );
        }
        if (hidden.unmaskDeadline <= finalFrom || hidden.unmaskDeadline >= round.proposalDeadline) {
            revert IHiddenRoundsErrors.UnmaskDeadlineOutOfRange(
                hidden.unmaskDeadline, finalFrom, round.proposalDeadline
            );
        }
    }
}
