"""Members of a hidden round without training: their secrets, keys, bundles and masked vectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType

from registry.addresses import address_order
from registry.documents.bundles import SecretBundle
from registry.documents.parts import document_digest
from registry.signing import LocalSigner
from trainer.kernels import Packed
from trainer.privacy.hidden_state import FrozenGroup, HiddenState, SharedSecrets
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.privacy.hidden_updates import hidden_update
from trainer.privacy.mask_seeds import MaskDomain
from trainer.privacy.round_secrets import RoundSecrets, dealt_of
from trainer.types import IntVector

CONTRACT = "0x00000000000000000000000000000000000000A3"
DOMAIN = MaskDomain(31_337, CONTRACT, b"\x05" * 32)
SCHEDULE = HiddenSchedule(150, 350)
BITS = 16


def addresses(count: int) -> list[str]:
    """Checksummed addresses of fixed keys."""
    keys = (sha256(b"member %d" % index).digest() for index in range(count))
    return [LocalSigner.from_key(key).address for key in keys]


def secrets_of(index: int, domain: MaskDomain = DOMAIN) -> RoundSecrets:
    """What one member draws in a round."""
    return RoundSecrets.drawn(sha256(b"drawing %d" % index).digest(), domain)


@dataclass
class HiddenMembers:
    """So many members that published their keys; who shared secrets is said by `shared_by`.

    Args:
        count: on the roster.
        terms: how updates are hidden.
        domain: chain, contract and round.
    """

    count: int
    terms: HiddenTerms = field(default_factory=HiddenTerms)
    domain: MaskDomain = DOMAIN

    def __post_init__(self) -> None:
        self.people = addresses(self.count)
        made = [secrets_of(index, self.domain) for index in range(self.count)]
        self.secrets = dict(zip(self.people, made, strict=True))
        keys = {who: own.public for who, own in self.secrets.items()}
        width = self.terms.width(BITS, self.count)
        told = self.domain, self.terms, SCHEDULE, self.count, width
        self.roster = HiddenState(*told, keys=MappingProxyType(keys))
        self.bundles: dict[str, SecretBundle] = {}

    def shared(self, *missing: str) -> HiddenState:
        """The state once everybody but some shared its secrets."""
        graph, keys = self.roster.graph, self.roster.keys
        for who in self.people:
            if who not in self.bundles:
                self.bundles[who] = dealt_of(self.secrets[who], who, graph, keys, self.domain)
        records = {who: recorded(self.bundles[who]) for who in self.people if who not in missing}
        return replace(self.roster, shared=MappingProxyType(records))

    def frozen(self, dropped: Collection[str] = (), missing: Collection[str] = ()) -> HiddenState:
        """The state once it is written down who survived."""
        state, groups = self.shared(*missing), {}
        for group, members in enumerate(state.graph.groups):
            active = frozenset(members) - set(missing)
            groups[group] = FrozenGroup(active, active - set(dropped))
        return replace(state, frozen=MappingProxyType(groups))

    def opened(self, dropped: Collection[str] = (), missing: Collection[str] = ()) -> HiddenState:
        """The state once every secret is open that a sum needs, and no other."""
        state = self.frozen(dropped, missing)
        seeds: dict[str, bytes] = {}
        keys: dict[str, bytes] = {}
        for group in state.frozen:
            if state.is_opening(group):
                of_seeds, of_keys = state.needed(group)
                seeds |= {who: self.secrets[who].seed for who in of_seeds}
                keys |= {who: self.secrets[who].key for who in of_keys}
        return replace(state, seeds=MappingProxyType(seeds), secrets=MappingProxyType(keys))

    def masks_of(self, state: HiddenState, who: str) -> tuple[list[bytes], list[bytes]]:
        """Seeds of the masks that a member adds, and of those that it takes off (H-5)."""
        own = self.secrets[who]
        added, subtracted = [self.domain.self_mask_seed(who, own.seed)], list[bytes]()
        for other in state.active_neighbours(who):
            seed = self.domain.pair_mask_seed(who, own.key, other, state.keys[other])
            lower = address_order(who) < address_order(other)
            (added if lower else subtracted).append(seed)
        return added, subtracted

    def masked(
        self, state: HiddenState, updates: Mapping[str, IntVector], weights: Mapping[str, int]
    ) -> dict[str, Packed]:
        """What each member stores."""
        return {
            who: hidden_update(state, who, self.secrets[who], vector, weights.get(who, 1))
            for who, vector in updates.items()
        }


def recorded(bundle: SecretBundle) -> SharedSecrets:
    """What the chain has of a bundle."""
    return SharedSecrets(
        bundle.seed_commitment, bundle.share_root, document_digest(bundle.to_json())
    )
