"""Hidden rounds on the chain: one method per step, idempotent where the contract allows it."""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import hidden_rounds as contracts
from registry.chain.bindings.structs import HiddenTerms, PostedShare, RoundTerms
from registry.chain.calls import Call
from registry.errors import ConfigError, Reverted
from registry.index.hidden_rounds import HiddenRoundRecord
from registry.types import RoundId
from registry.usecases.connection import Connection

__all__ = ["HiddenRounds"]

_DONE_BY_OTHERS = {"FrozenAlready", "OpenedAlready", "PostedAlready", "StrandedAlready"}


class HiddenRounds:
    """The steps of hidden rounds, sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _contract(self) -> contracts.HiddenRounds:
        return self._connection.chain.hidden_rounds

    @property
    def address(self) -> str:
        """The contract's address, which seeds are bound to."""
        return self._contract.address

    def find(self, round_id: RoundId) -> HiddenRoundRecord | None:
        """Returns what the events say of a hidden round; None if nobody hid it."""
        return self._connection.state().hidden_rounds.rounds.get(round_id)

    def record(self, round_id: RoundId) -> HiddenRoundRecord:
        """Returns what the events say of a hidden round.

        Raises:
            ConfigError: nobody hid it.
        """
        record = self.find(round_id)
        if record is None:
            raise ConfigError(f"round 0x{round_id.hex()} hides nothing; see `tally round list`")
        return record

    def hide(self, round_id: RoundId, terms: RoundTerms, hidden: HiddenTerms) -> None:
        """Hides a round, unless it is hidden by the same terms."""
        record = self.find(round_id)
        if record is None or record.terms != hidden:
            self._contract.hide(round_id, terms, hidden).send()

    def publish_key(self, round_id: RoundId, x: int, odd: bool) -> None:
        """Publishes this account's key of the round, unless the same one is published."""
        known = self.record(round_id).keys.get(self._connection.account)
        if known is None or (known.x, known.odd) != (x, odd):
            self._contract.publish_key(round_id, x, odd).send()

    def share_secrets(
        self, round_id: RoundId, seed_commitment: bytes, share_root: bytes, bundle_digest: bytes
    ) -> None:
        """Records this account's shared secrets, unless the same are recorded."""
        told = seed_commitment, share_root, bundle_digest
        known = self.record(round_id).shared.get(self._connection.account)
        same = known and (known.seed_commitment, known.share_root, known.bundle_digest) == told
        if not same:
            self._contract.share_secrets(round_id, *told).send()

    def freeze(self, round_id: RoundId, group: int) -> None:
        """Has the contract write down who of a group survived, unless it has."""
        if group not in self.record(round_id).frozen:
            self._sent(self._contract.freeze(round_id, group))

    def open_seed(self, round_id: RoundId, participant: str, seed: bytes) -> None:
        """Opens a survivor's mask seed, unless it is open."""
        if self.record(round_id).seeds.get(participant) != seed:
            self._sent(self._contract.open_seed(round_id, participant, seed))

    def open_key(self, round_id: RoundId, participant: str, secret: bytes) -> None:
        """Opens the secret key of a member that dropped, unless it is open."""
        if self.record(round_id).secrets.get(participant) != secret:
            self._sent(self._contract.open_key(round_id, participant, secret))

    def post_shares(self, round_id: RoundId, shares: Sequence[PostedShare]) -> None:
        """Posts shares that this account holds, as far as they aren't posted."""
        record = self.record(round_id)
        new = [s for s in shares if s.place not in record.posted.get(s.dealer, {})]
        if new:
            self._sent(self._contract.post_shares(round_id, new))

    def strand(self, round_id: RoundId, group: int) -> None:
        """Gives a group up, unless it is given up."""
        if group not in self.record(round_id).stranded:
            self._sent(self._contract.strand(round_id, group))

    def _sent(self, call: Call) -> None:
        """Sends what anyone may do: that somebody was faster is as good."""
        try:
            call.send()
        except Reverted as error:
            if type(error).__name__ not in _DONE_BY_OTHERS:
                raise
