"""A hidden round as the chain has it: keys, shared secrets, survivors, what was opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.privacy.mask_seeds import MaskDomain, is_secret_of
from trainer.privacy.neighbour_graph import NeighbourGraph, RoundKey, order_seed
from trainer.privacy.secret_shares import SecretKind, recovered
from trainer.protocol.round_state import Hiding

__all__ = ["FrozenGroup", "HiddenState", "PostedShare", "SharedSecrets"]


@dataclass(frozen=True)
class SharedSecrets:
    """What a participant recorded of its shared secrets; digests and roots of 32 bytes."""

    seed_commitment: bytes
    share_root: bytes
    bundle_digest: bytes


@dataclass(frozen=True)
class FrozenGroup:
    """Who of a group shared its secrets, and who of them survived; written down once."""

    active: frozenset[str]
    survivors: frozenset[str]


@dataclass(frozen=True)
class PostedShare:
    """A share that a holder posted: of which secret, at which index, 32 bytes."""

    kind: SecretKind
    place: int
    share: bytes


def _nothing() -> Mapping[str, bytes]:
    return MappingProxyType({})


@dataclass(frozen=True)
class HiddenState:
    """Everything that the events of a hidden round say; mappings are in the order of arrival.

    Args:
        domain: chain, contract and round.
        terms: how updates are hidden.
        schedule: when keys, bundles and unmasking end.
        maximum: of the round's participants.
        width: bits of a hidden value.
        unmask_from: nothing is frozen before that time; 0: the end of reveals says it.
        keys: by participant: the roster, in its order.
        shared: by participant.
        frozen: by group.
        seeds: opened mask seeds of survivors.
        secrets: opened secret keys of those who dropped.
        posted: shares by dealer and holder.
        stranded: groups that are given up.
        unsettled: groups that are frozen in a block that may still be taken back, as deep as this
            account waits: on another branch the other secret of somebody would be asked for.
    """

    domain: MaskDomain
    terms: HiddenTerms
    schedule: HiddenSchedule
    maximum: int
    width: int
    unmask_from: int = 0
    keys: Mapping[str, RoundKey] = field(default_factory=dict)
    shared: Mapping[str, SharedSecrets] = field(default_factory=dict)
    frozen: Mapping[int, FrozenGroup] = field(default_factory=dict)
    seeds: Mapping[str, bytes] = field(default_factory=_nothing)
    secrets: Mapping[str, bytes] = field(default_factory=_nothing)
    posted: Mapping[str, Mapping[str, PostedShare]] = field(default_factory=dict)
    stranded: frozenset[int] = frozenset()
    unsettled: frozenset[int] = frozenset()

    @cached_property
    def graph(self) -> NeighbourGraph:
        """Groups and neighbours; final once the keys are closed."""
        seed = order_seed(self.domain.round_id, list(self.keys.items()))
        return NeighbourGraph(tuple(self.keys), seed, self.terms)

    def keys_closed(self, enrolment_deadline: int, now: int) -> bool:
        """Tells whether the roster is final: at the deadline, or when no seat is left."""
        return now >= enrolment_deadline or len(self.keys) >= self.maximum

    def bundles_closed(self, now: int) -> bool:
        """Tells whether everybody shared its secrets, or the time to is over."""
        everybody = bool(self.shared) and len(self.shared) == len(self.keys)
        return now >= self.schedule.bundle_deadline or everybody

    def active_neighbours(self, address: str) -> tuple[str, ...]:
        """Returns with whom one on the roster has a mask: its neighbours that shared secrets."""
        return tuple(n for n in self.graph.neighbours(address) if n in self.shared)

    def is_opening(self, group: int) -> bool:
        """Tells whether a group is frozen with enough survivors for its sum to be opened (H-6)."""
        frozen = self.frozen.get(group)
        if frozen is None or group in self.stranded:
            return False
        survivors = len(frozen.survivors)
        return survivors >= 2 and 2 * survivors > len(self.graph.groups[group])

    def needed(self, group: int) -> tuple[frozenset[str], frozenset[str]]:
        """Returns whose seed and whose key the sum of a frozen group needs.

        A key is needed of who dropped after sharing its secrets, where a neighbour of it survived.
        """
        frozen = self.frozen[group]
        dropped = frozenset(
            member
            for member in frozen.active - frozen.survivors
            if frozen.survivors.intersection(self.graph.neighbours(member))
        )
        return frozen.survivors, dropped

    def missing(self, group: int) -> tuple[frozenset[str], frozenset[str]]:
        """Returns whose seed and whose key isn't opened yet, of those that are needed."""
        seeds, keys = self.needed(group)
        return seeds - set(self.seeds), keys - set(self.secrets)

    def is_open(self, group: int) -> bool:
        """Tells whether everything that the sum of a group needs is opened."""
        return self.is_opening(group) and not any(self.missing(group))

    def is_decided(self) -> bool:
        """Tells whether every group is open or given up."""
        every = range(len(self.graph.groups))
        return all(group in self.stranded or self.is_open(group) for group in every)

    def is_waiting(self, enrolment_deadline: int, now: int) -> bool:
        """Tells whether nothing may be proposed: keys are open, or a group is undecided."""
        return not self.keys_closed(enrolment_deadline, now) or not self.is_decided()

    def lost(self, revealed: Collection[str]) -> int:
        """Returns how many who revealed can be in no sum (H-6).

        Survivors of groups that are given up; and, once every group is frozen, who revealed without
        having shared secrets.

        Args:
            revealed: whose updates were revealed.
        """
        lost = sum(len(self.frozen[group].survivors) for group in self.stranded)
        if self.keys and len(self.frozen) < len(self.graph.groups):
            return lost
        survivors = sum(len(frozen.survivors) for frozen in self.frozen.values())
        return lost + len(revealed) - survivors

    def hiding(self, revealed: Collection[str]) -> Hiding:
        """Returns how far the round has come, as the round's own state tells it.

        Args:
            revealed: whose updates were revealed.
        """
        needed = [frozenset().union(*self.needed(group)) for group in self.frozen]
        opened = sum(len(who.intersection({*self.seeds, *self.secrets})) for who in needed)
        told = len(self.keys), len(self.shared), sum(map(len, needed)), opened
        return Hiding(*told, self.lost(revealed))

    def kind_of(self, member: str) -> SecretKind | None:
        """Returns which secret of a member may be opened; None before its group is frozen."""
        group, _ = self.graph.place_of(member)
        frozen = self.frozen.get(group)
        if frozen is None or member not in frozen.active:
            return None
        return SecretKind.SEED if member in frozen.survivors else SecretKind.KEY

    def recovered(self, member: str) -> bytes | None:
        """Returns the secret that posted shares of a member give; None if there are too few.

        It is what the member committed to unless the member shared another one.
        """
        kind = self.kind_of(member)
        group, _ = self.graph.place_of(member)
        shares = {
            share.place: share.share
            for share in self.posted.get(member, {}).values()
            if share.kind is kind
        }
        return recovered(shares, self.graph.threshold(group))

    def is_right(self, member: str, secret: bytes) -> bool:
        """Tells whether a secret of a member is the one that may be opened, and committed to."""
        if self.kind_of(member) is SecretKind.SEED:
            made = self.domain.seed_commitment(member, secret)
            return made == self.shared[member].seed_commitment
        return is_secret_of(secret, self.keys[member])
