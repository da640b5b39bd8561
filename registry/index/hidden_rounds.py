"""Hidden rounds, folded from HiddenRounds' events (H-1 to H-6): who shares masks with whom.

Local places of a group and its neighbours follow from the roster and aren't kept here; bitmaps by
local place stand as the chain told them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol, TypeVar

from registry.chain.bindings.events import hidden_rounds
from registry.chain.bindings.structs import HiddenTerms
from registry.index.following import Steps, require
from registry.types import Event, Log, RoundId

__all__ = [
    "FrozenGroupRecord",
    "HiddenRoundIndex",
    "HiddenRoundRecord",
    "PostedShareRecord",
    "RoundKeyRecord",
    "SharedSecretsRecord",
]

K = TypeVar("K")
V = TypeVar("V")
OF_SEED, OF_KEY = 1, 2


@dataclass(frozen=True)
class RoundKeyRecord:
    """A member's round key: its point's abscissa, and whether its ordinate is odd."""

    x: int
    odd: bool


@dataclass(frozen=True)
class SharedSecretsRecord:
    """What a member recorded of its secrets, 32 bytes each."""

    seed_commitment: bytes
    share_root: bytes
    bundle_digest: bytes


@dataclass(frozen=True)
class FrozenGroupRecord:
    """Who of a group shared its secrets, and who of those survived: bitmaps by local place.

    `block_number` is where that was written down: a re-org may undo it, and write something else.
    """

    active: int
    survivors: int
    block_number: int = 0


@dataclass(frozen=True)
class PostedShareRecord:
    """A share on the chain: of which secret (1 seed, 2 key), at which place, 32 bytes, whose."""

    holder: str
    kind: int
    place: int
    share: bytes


def _empty() -> Mapping[K, V]:
    return MappingProxyType({})


def _with(known: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return MappingProxyType({**known, key: value})


@dataclass(frozen=True)
class HiddenRoundRecord:
    """Everything that a hidden round's events say; mappings are in the order of arrival.

    Args:
        terms: what the round asks for.
        width: bits of a masked value.
        keys: the roster, by address, in its order.
        shared: of who is active, by address.
        frozen: by group.
        opened: groups all of whose secrets are public.
        seeds: opened seeds by address.
        secrets: opened round secret keys by address.
        posted: shares by dealer and place.
        stranded: how many survivors each group that was given up had, by group.
    """

    terms: HiddenTerms
    width: int
    keys: Mapping[str, RoundKeyRecord] = field(default_factory=_empty)
    shared: Mapping[str, SharedSecretsRecord] = field(default_factory=_empty)
    frozen: Mapping[int, FrozenGroupRecord] = field(default_factory=_empty)
    opened: frozenset[int] = frozenset()
    seeds: Mapping[str, bytes] = field(default_factory=_empty)
    secrets: Mapping[str, bytes] = field(default_factory=_empty)
    posted: Mapping[str, Mapping[int, PostedShareRecord]] = field(default_factory=_empty)
    stranded: Mapping[int, int] = field(default_factory=_empty)

    @property
    def lost(self) -> int:
        """How many survived in groups that were given up."""
        return sum(self.stranded.values())


class _OfRound(Protocol):
    """An event of one hidden round."""

    @property
    def round_id(self) -> bytes: ...


@dataclass
class HiddenRoundIndex:
    """Every hidden round by its id."""

    rounds: dict[RoundId, HiddenRoundRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        _STEPS.apply(self, event)

    def _of(self, told: _OfRound) -> HiddenRoundRecord:
        return self.rounds[RoundId(told.round_id)]

    def _put(self, told: _OfRound, record: HiddenRoundRecord) -> None:
        self.rounds[RoundId(told.round_id)] = record

    def _hidden(self, event: Log[hidden_rounds.RoundHidden]) -> None:
        a = event.arguments
        require(RoundId(a.round_id) not in self.rounds, "the round is hidden already")
        require(0 < a.width <= a.terms.ring, f"{a.width} bits in a ring of {a.terms.ring}")
        self._put(a, HiddenRoundRecord(a.terms, a.width))

    def _key(self, event: Log[hidden_rounds.RoundKeyPublished]) -> None:
        a, record = event.arguments, self._of(event.arguments)
        require(a.participant not in record.keys, f"{a.participant} has a key already")
        require(a.index == len(record.keys), f"key {a.index} after {len(record.keys)}")
        require(not record.shared, "secrets are shared already, so keys are closed")
        keys = _with(record.keys, a.participant, RoundKeyRecord(a.x, a.odd))
        self._put(a, replace(record, keys=keys))

    def _shared(self, event: Log[hidden_rounds.SecretsShared]) -> None:
        a, record = event.arguments, self._of(event.arguments)
        require(a.participant in record.keys, f"{a.participant} has no key")
        require(a.participant not in record.shared, f"{a.participant} shared its secrets before")
        require(not record.frozen, "survivors are written down already")
        told = SharedSecretsRecord(a.seed_commitment, a.share_root, a.bundle_digest)
        self._put(a, replace(record, shared=_with(record.shared, a.participant, told)))

    def _frozen(self, event: Log[hidden_rounds.GroupFrozen]) -> None:
        a, record = event.arguments, self._of(event.arguments)
        require(a.group not in record.frozen, f"group {a.group} is frozen already")
        require(a.survivors & ~a.active == 0, "somebody survived without being active")
        frozen = _with(
            record.frozen, a.group, FrozenGroupRecord(a.active, a.survivors, event.block_number)
        )
        self._put(a, replace(record, frozen=frozen))

    def _seed(self, event: Log[hidden_rounds.SeedOpened]) -> None:
        a, record = event.arguments, self._openable(event.arguments, event.arguments.participant)
        self._put(a, replace(record, seeds=_with(record.seeds, a.participant, a.seed)))

    def _secret(self, event: Log[hidden_rounds.KeyOpened]) -> None:
        a, record = event.arguments, self._openable(event.arguments, event.arguments.participant)
        self._put(a, replace(record, secrets=_with(record.secrets, a.participant, a.secret)))

    def _openable(self, told: _OfRound, participant: str) -> HiddenRoundRecord:
        """Returns the round, whose members have one secret opened at most: both lay an update open.

        Raises:
            ValueError: nothing is frozen, no secrets were shared, or one is open.
        """
        record = self._of(told)
        require(bool(record.frozen), "no survivors are written down yet")
        require(participant in record.shared, f"{participant} shared no secrets")
        known = participant in record.seeds or participant in record.secrets
        require(not known, f"a secret of {participant} is open already")
        return record

    def _posted(self, event: Log[hidden_rounds.SharePosted]) -> None:
        a, record = event.arguments, self._openable(event.arguments, event.arguments.dealer)
        require(a.kind in (OF_SEED, OF_KEY), f"a share of kind {a.kind}")
        known = record.posted.get(a.dealer, {})
        require(a.place not in known, f"share {a.place} of {a.dealer} is there already")
        require(all(s.kind == a.kind for s in known.values()), f"both secrets of {a.dealer}")
        share = PostedShareRecord(a.holder, a.kind, a.place, a.share)
        of_dealer = _with(known, a.place, share)
        self._put(a, replace(record, posted=_with(record.posted, a.dealer, of_dealer)))

    def _opened(self, event: Log[hidden_rounds.GroupOpened]) -> None:
        a, record = event.arguments, self._undecided(event.arguments, event.arguments.group)
        self._put(a, replace(record, opened=record.opened | {a.group}))

    def _stranded(self, event: Log[hidden_rounds.GroupStranded]) -> None:
        a, record = event.arguments, self._undecided(event.arguments, event.arguments.group)
        survivors = record.frozen[a.group].survivors.bit_count()
        require(a.survivors == survivors, f"{a.survivors} lost of {survivors} survivors")
        self._put(a, replace(record, stranded=_with(record.stranded, a.group, a.survivors)))

    def _undecided(self, told: _OfRound, group: int) -> HiddenRoundRecord:
        record = self._of(told)
        require(group in record.frozen, f"group {group} isn't frozen")
        decided = group in record.opened or group in record.stranded
        require(not decided, f"group {group} is open, or was given up")
        return record


_STEPS = (
    Steps[HiddenRoundIndex]()
    .on(hidden_rounds.RoundHidden, HiddenRoundIndex._hidden)
    .on(hidden_rounds.RoundKeyPublished, HiddenRoundIndex._key)
    .on(hidden_rounds.SecretsShared, HiddenRoundIndex._shared)
    .on(hidden_rounds.GroupFrozen, HiddenRoundIndex._frozen)
    .on(hidden_rounds.SeedOpened, HiddenRoundIndex._seed)
    .on(hidden_rounds.KeyOpened, HiddenRoundIndex._secret)
    .on(hidden_rounds.SharePosted, HiddenRoundIndex._posted)
    .on(hidden_rounds.GroupOpened, HiddenRoundIndex._opened)
    .on(hidden_rounds.GroupStranded, HiddenRoundIndex._stranded)
)
