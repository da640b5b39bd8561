"""Hidden rounds, folded from HiddenRounds' events: roster, shared secrets, what was opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.chain.bindings import structs
from registry.chain.bindings.events import hidden_rounds as told
from registry.index.following import Steps, require
from registry.types import Event, Log, RoundId

__all__ = [
    "FrozenRecord",
    "HiddenIndex",
    "HiddenRecord",
    "KeyRecord",
    "PostedRecord",
    "SharedRecord",
]


@dataclass(frozen=True)
class KeyRecord:
    """A published key of the round: a point's abscissa, and whether its ordinate is odd."""

    x: int
    odd: bool


@dataclass(frozen=True)
class SharedRecord:
    """What a member recorded of its shared secrets; 32 bytes each."""

    seed_commitment: bytes
    share_root: bytes
    bundle_digest: bytes


@dataclass(frozen=True)
class FrozenRecord:
    """Who of a group was active, and who survived: bitmaps by place in the group."""

    active: int
    survivors: int


@dataclass(frozen=True)
class PostedRecord:
    """A share that a holder posted: 1 of the seed or 2 of the key, its index, 32 bytes."""

    kind: int
    place: int
    share: bytes


@dataclass
class HiddenRecord:
    """One hidden round. Mappings by address are in the order of the events.

    `keys` is the roster in its order; `posted` is by dealer and holder; `opened` and `stranded`
    hold groups.
    """

    terms: structs.HiddenTerms
    width: int
    keys: dict[str, KeyRecord] = field(default_factory=dict)
    shared: dict[str, SharedRecord] = field(default_factory=dict)
    frozen: dict[int, FrozenRecord] = field(default_factory=dict)
    seeds: dict[str, bytes] = field(default_factory=dict)
    secrets: dict[str, bytes] = field(default_factory=dict)
    posted: dict[str, dict[str, PostedRecord]] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)
    stranded: set[int] = field(default_factory=set)


@dataclass
class HiddenIndex:
    """Every hidden round by its id."""

    rounds: dict[RoundId, HiddenRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        _STEPS.apply(self, event)

    def _hidden(self, event: Log[told.RoundHidden]) -> None:
        a = event.arguments
        require(a.round_id not in self.rounds, "the round is hidden already")
        self.rounds[a.round_id] = HiddenRecord(a.terms, a.width)

    def _published(self, event: Log[told.RoundKeyPublished]) -> None:
        a, record = event.arguments, self.rounds[event.arguments.round_id]
        require(a.participant not in record.keys, "a key is published already")
        require(a.index == len(record.keys), "another place on the roster is next")
        require(not record.shared and not record.frozen, "keys are closed")
        record.keys[a.participant] = KeyRecord(a.x, a.odd)

    def _shared(self, event: Log[told.SecretsShared]) -> None:
        a, record = event.arguments, self.rounds[event.arguments.round_id]
        require(a.participant in record.keys, "no key is published")
        require(a.participant not in record.shared, "secrets are shared already")
        shared = SharedRecord(a.seed_commitment, a.share_root, a.bundle_digest)
        record.shared[a.participant] = shared

    def _frozen(self, event: Log[told.GroupFrozen]) -> None:
        a, record = event.arguments, self.rounds[event.arguments.round_id]
        require(a.group not in record.frozen, "the group is frozen already")
        require(a.survivors & ~a.active == 0, "who survived was active")
        record.frozen[a.group] = FrozenRecord(a.active, a.survivors)

    def _seed(self, event: Log[told.SeedOpened]) -> None:
        a, record = event.arguments, self.rounds[event.arguments.round_id]
        both = a.participant in record.seeds or a.participant in record.secrets
        require(a.participant in record.shared and not both, "one secret is opened already")
        record.seeds[a.participant] = a.seed

    def _key(self, event: Log[told.KeyOpened]) -> None:
        a, record = event.arguments, self.rounds[event.arguments.round_id]
        both = a.participant in record.seeds or a.participant in record.secrets
        require(a.participant in record.shared and not both, "one secret is opened already")
        record.secrets[a.participant] = a.secret

    def _posted(self, event: Log[told.SharePosted]) -> None:
        a, record = event.arguments, self.rounds[event.arguments.round_id]
        require(a.dealer in record.shared, "the dealer shared no secrets")
        holders = record.posted.setdefault(a.dealer, {})
        holders[a.holder] = PostedRecord(a.kind, a.place, a.share)

    def _opened(self, event: Log[told.GroupOpened]) -> None:
        a, record = event.arguments, self.rounds[event.arguments.round_id]
        require(a.group in record.frozen and a.group not in record.stranded, "it can't be open")
        record.opened.add(a.group)

    def _stranded(self, event: Log[told.GroupStranded]) -> None:
        a, record = event.arguments, self.rounds[event.arguments.round_id]
        require(a.group in record.frozen and a.group not in record.opened, "it can't be given up")
        record.stranded.add(a.group)


_STEPS = (
    Steps[HiddenIndex]()
    .on(told.RoundHidden, HiddenIndex._hidden)
    .on(told.RoundKeyPublished, HiddenIndex._published)
    .on(told.SecretsShared, HiddenIndex._shared)
    .on(told.GroupFrozen, HiddenIndex._frozen)
    .on(told.SeedOpened, HiddenIndex._seed)
    .on(told.KeyOpened, HiddenIndex._key)
    .on(told.SharePosted, HiddenIndex._posted)
    .on(told.GroupOpened, HiddenIndex._opened)
    .on(told.GroupStranded, HiddenIndex._stranded)
)
