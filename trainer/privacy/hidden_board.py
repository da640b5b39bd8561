"""The seam through which one account acts in hidden rounds; filled in memory and on the chain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from trainer.privacy.hidden_state import HiddenState, SharedSecrets
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.privacy.mask_seeds import MaskDomain
from trainer.privacy.neighbour_graph import RoundKey
from trainer.privacy.secret_shares import SecretKind

__all__ = ["HeldShare", "HiddenBoard"]


@dataclass(frozen=True)
class HeldShare:
    """A share that its holder posts: whose, of which secret, 32 bytes at an index, and its proof.

    The proof leads to the root of all shares that the dealer recorded.
    """

    dealer: str
    kind: SecretKind
    place: int
    share: bytes
    proof: tuple[bytes, ...]


class HiddenBoard(ABC):
    """Hidden rounds, seen and acted on by one account.

    Every step is idempotent, as those of `RoundBoard` are. A step that the round doesn't allow
    raises `RoundError` (or the chain's own error).
    """

    @abstractmethod
    def domain(self, round_id: bytes) -> MaskDomain:
        """Returns where a round's seeds are good."""

    @abstractmethod
    def state(self, round_id: bytes) -> HiddenState | None:
        """Returns a hidden round's state; None for a round that nobody hid."""

    @abstractmethod
    def hide(self, round_id: bytes, terms: HiddenTerms, schedule: HiddenSchedule) -> None:
        """Makes a round a hidden one, while seats are taken; its coordinator, or sponsor, only.

        Raises:
            RoundError: not the coordinator, batches are posted, terms that don't fit the round's,
                or the chain's own error.
        """

    @abstractmethod
    def publish_key(self, round_id: bytes, key: RoundKey) -> None:
        """Publishes this account's key of the round; it has a seat.

        Raises:
            RoundError: no seat, another key was published, keys are closed, or the chain's own
                error.
        """

    @abstractmethod
    def share_secrets(self, round_id: bytes, shared: SharedSecrets) -> None:
        """Records this account's shared secrets; the bundle has to be in storage before.

        Raises:
            RoundError: not on the roster, not the time to, others are recorded, or the chain's own
                error.
        """

    @abstractmethod
    def freeze(self, round_id: bytes, group: int) -> None:
        """Writes down who of a group survived, once; anyone may.

        Raises:
            RoundError: reveals aren't over, there is no such group, or the chain's own error.
        """

    @abstractmethod
    def open_secret(
        self, round_id: bytes, participant: str, kind: SecretKind, secret: bytes
    ) -> None:
        """Opens the mask seed of a survivor, or the key of who dropped; anyone who knows it may.

        Raises:
            RoundError: the wrong kind, another secret than was committed to, a group that isn't
                frozen or isn't to be opened, or the chain's own error.
        """

    @abstractmethod
    def post_shares(self, round_id: bytes, shares: Sequence[HeldShare]) -> None:
        """Posts shares that this account holds of its neighbours.

        Raises:
            RoundError: the wrong kind, a share that the dealer didn't commit to, the time is over,
                or the chain's own error.
        """

    @abstractmethod
    def strand(self, round_id: bytes, group: int) -> None:
        """Gives a group up that can't be opened, or wasn't in time; anyone may.

        Raises:
            RoundError: it is open, or it still may be opened, or the chain's own error.
        """
