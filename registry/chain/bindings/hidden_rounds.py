"""Calls of HiddenRounds.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["HiddenRounds"]


class HiddenRounds(BoundContract):
    """The functions of HiddenRounds: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def freeze(self, round_id: bytes, group: int) -> Call:
        """`freeze(RoundId, uint256)`."""
        return Call(self.contract, "freeze", (round_id, group))

    def group_count(self, round_id: bytes) -> View[int]:
        """`groupCount(RoundId)`."""
        return View(self.contract, "groupCount", (round_id,))

    def group_of(self, round_id: bytes, group: int) -> View[structs.HiddenGroup]:
        """`groupOf(RoundId, uint256)`."""
        return View(self.contract, "groupOf", (round_id, group))

    def has_begun(self, round_id: bytes) -> View[bool]:
        """`hasBegun(RoundId)`."""
        return View(self.contract, "hasBegun", (round_id,))

    def hidden_terms_of(self, round_id: bytes) -> View[structs.HiddenTerms]:
        """`hiddenTermsOf(RoundId)`."""
        return View(self.contract, "hiddenTermsOf", (round_id,))

    def hide(
        self, round_id: bytes, round_terms: structs.RoundTerms, hidden_terms: structs.HiddenTerms
    ) -> Call:
        """`hide(RoundId, RoundTerms, HiddenTerms)`."""
        return Call(self.contract, "hide", (round_id, round_terms, hidden_terms))

    def is_frozen(self, round_id: bytes, group: int) -> View[bool]:
        """`isFrozen(RoundId, uint256)`."""
        return View(self.contract, "isFrozen", (round_id, group))

    def is_waiting(self, round_id: bytes) -> View[bool]:
        """`isWaiting(RoundId)`."""
        return View(self.contract, "isWaiting", (round_id,))

    def lacks_secrets(self, round_id: bytes) -> View[bool]:
        """`lacksSecrets(RoundId)`."""
        return View(self.contract, "lacksSecrets", (round_id,))

    def lost_of(self, round_id: bytes) -> View[int]:
        """`lostOf(RoundId)`."""
        return View(self.contract, "lostOf", (round_id,))

    def member_of(self, round_id: bytes, participant: str) -> View[structs.Member]:
        """`memberOf(RoundId, address)`."""
        return View(self.contract, "memberOf", (round_id, participant))

    def open_key(self, round_id: bytes, participant: str, secret: bytes) -> Call:
        """`openKey(RoundId, address, bytes32)`."""
        return Call(self.contract, "openKey", (round_id, participant, secret))

    def open_seed(self, round_id: bytes, participant: str, seed: bytes) -> Call:
        """`openSeed(RoundId, address, bytes32)`."""
        return Call(self.contract, "openSeed", (round_id, participant, seed))

    def order_seed_of(self, round_id: bytes) -> View[bytes]:
        """`orderSeedOf(RoundId)`."""
        return View(self.contract, "orderSeedOf", (round_id,))

    def place_of(self, round_id: bytes, participant: str) -> View[tuple[int, int]]:
        """`placeOf(RoundId, address)`."""
        return View(self.contract, "placeOf", (round_id, participant))

    def post_shares(self, round_id: bytes, shares: Sequence[structs.PostedShare]) -> Call:
        """`postShares(RoundId, PostedShare[])`."""
        return Call(self.contract, "postShares", (round_id, shares))

    def post_shares_for(
        self,
        round_id: bytes,
        holder: str,
        shares: Sequence[structs.PostedShare],
        signatures: Sequence[bytes],
    ) -> Call:
        """`postSharesFor(RoundId, address, PostedShare[], bytes[])`."""
        return Call(self.contract, "postSharesFor", (round_id, holder, shares, signatures))

    def publish_key(self, round_id: bytes, x: int, odd: bool) -> Call:
        """`publishKey(RoundId, uint256, bool)`."""
        return Call(self.contract, "publishKey", (round_id, x, odd))

    def questions(self) -> View[str]:
        """`questions()`."""
        return View(self.contract, "questions", ())

    def roster_size(self, round_id: bytes) -> View[int]:
        """`rosterSize(RoundId)`."""
        return View(self.contract, "rosterSize", (round_id,))

    def rounds(self) -> View[str]:
        """`rounds()`."""
        return View(self.contract, "rounds", ())

    def share_digest(
        self, round_id: bytes, dealer: str, kind: int, place: int, share: bytes
    ) -> View[bytes]:
        """`shareDigest(RoundId, address, uint8, uint8, bytes32)`."""
        return View(self.contract, "shareDigest", (round_id, dealer, kind, place, share))

    def share_secrets(
        self, round_id: bytes, seed_commitment: bytes, share_root: bytes, bundle_digest: bytes
    ) -> Call:
        """`shareSecrets(RoundId, bytes32, bytes32, bytes32)`."""
        return Call(
            self.contract, "shareSecrets", (round_id, seed_commitment, share_root, bundle_digest)
        )

    def shares_posted_of(self, argument_1: bytes, dealer: str) -> View[int]:
        """`sharesPostedOf(RoundId, address)`."""
        return View(self.contract, "sharesPostedOf", (argument_1, dealer))

    def signed_both(
        self,
        round_id: bytes,
        holder: str,
        dealer: str,
        of_seed: structs.SignedShare,
        of_key: structs.SignedShare,
    ) -> View[bool]:
        """`signedBoth(RoundId, address, address, SignedShare, SignedShare)`."""
        return View(self.contract, "signedBoth", (round_id, holder, dealer, of_seed, of_key))

    def staked(self) -> View[str]:
        """`staked()`."""
        return View(self.contract, "staked", ())

    def strand(self, round_id: bytes, group: int) -> Call:
        """`strand(RoundId, uint256)`."""
        return Call(self.contract, "strand", (round_id, group))

    def width_of(self, round_id: bytes) -> View[int]:
        """`widthOf(RoundId)`."""
        return View(self.contract, "widthOf", (round_id,))
