"""Hidden rounds on the chain: the bridge between `trainer.privacy` and the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, final

from registry.chain.bindings import structs
from registry.client import RegistryClient
from registry.index.hidden_rounds import FrozenGroupRecord, HiddenRoundRecord, PostedShareRecord
from registry.usecases.hidden_rounds import HiddenRounds
from trainer.privacy.hidden_board import HeldShare, HiddenBoard
from trainer.privacy.hidden_state import FrozenGroup, HiddenState, PostedShare, SharedSecrets
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.privacy.mask_seeds import MaskDomain
from trainer.privacy.neighbour_graph import NeighbourGraph, RoundKey, order_seed
from trainer.privacy.secret_shares import SecretKind

__all__ = ["RegistryHiddenBoard", "hidden_state_of"]


def hidden_state_of(
    record: HiddenRoundRecord,
    domain: MaskDomain,
    maximum: int,
    unmask_from: int = 0,
    settled: int | None = None,
) -> HiddenState:
    """Returns a hidden round's record, folded from events, in the trainer's own terms.

    Args:
        record: the round's.
        domain: chain, contract and round.
        maximum: of the round's participants.
        unmask_from: under stake the end of slashing, else 0.
        settled: the newest block that isn't taken back any more; None: all are.

    Raises:
        ConfigError: terms that the contract doesn't take.
    """
    t = record.terms
    terms = HiddenTerms(t.ring, t.degree, t.threshold, t.group_size, t.weight_cap)
    keys = {who: RoundKey(key.x, key.odd) for who, key in record.keys.items()}
    frozen: dict[int, FrozenGroup] = {}
    if record.frozen:  # places are final by then, and nobody needs them before
        seed = order_seed(domain.round_id, list(keys.items()))
        groups = NeighbourGraph(tuple(keys), seed, terms).groups
        frozen = {group: _frozen(told, groups[group]) for group, told in record.frozen.items()}
    return HiddenState(
        domain,
        terms,
        HiddenSchedule(t.bundle_deadline, t.unmask_deadline),
        maximum,
        record.width,
        unmask_from,
        MappingProxyType(keys),
        _each(record.shared, _shared),
        MappingProxyType(frozen),
        MappingProxyType(dict(record.seeds)),
        MappingProxyType(dict(record.secrets)),
        _each(record.posted, _by_holder),
        frozenset(record.stranded),
        frozenset(
            group
            for group, told in record.frozen.items()
            if settled is not None and told.block_number > settled
        ),
    )


def _frozen(told: FrozenGroupRecord, members: Sequence[str]) -> FrozenGroup:
    def those(bitmap: int) -> frozenset[str]:
        return frozenset(who for place, who in enumerate(members) if bitmap >> place & 1)

    return FrozenGroup(those(told.active), those(told.survivors))


def _shared(told: Any) -> SharedSecrets:
    return SharedSecrets(told.seed_commitment, told.share_root, told.bundle_digest)


def _by_holder(shares: Mapping[int, PostedShareRecord]) -> Mapping[str, PostedShare]:
    return MappingProxyType(
        {s.holder: PostedShare(SecretKind(s.kind), s.place, s.share) for s in shares.values()}
    )


def _each(records: Mapping[str, Any], made: Any) -> Mapping[str, Any]:
    return MappingProxyType({who: made(told) for who, told in records.items()})


@final
class RegistryHiddenBoard(HiddenBoard):
    """A client's hands on hidden rounds.

    Args:
        client: with a key, to act.
    """

    def __init__(self, client: RegistryClient) -> None:
        self._client, self._rounds = client, HiddenRounds(client.connection)

    def domain(self, round_id: bytes) -> MaskDomain:
        """Returns where a round's seeds are good."""
        chain_id = self._client.connection.gateway.chain_id
        return MaskDomain(chain_id, self._rounds.address, round_id)

    def state(self, round_id: bytes) -> HiddenState | None:
        """Returns a hidden round's state, from the events so far; None if nobody hid it."""
        record = self._rounds.find(round_id)
        if record is None:
            return None
        state = self._client.state()
        terms = state.rounds.rounds[round_id].terms
        staked = state.staked_rounds.rounds.get(round_id)
        final = 0 if staked is None else staked.stakes.slash_end(terms.reveal_deadline)
        told = record, self.domain(round_id), terms.maximum_participants, final
        depth = self._client.connection.confirmations
        if not depth:
            return hidden_state_of(*told)
        newest = self._client.connection.gateway.block_number()
        return hidden_state_of(*told, settled=newest - depth)

    def hide(self, round_id: bytes, terms: HiddenTerms, schedule: HiddenSchedule) -> None:
        """Makes a round a hidden one."""
        hidden = structs.HiddenTerms(
            terms.ring,
            terms.degree,
            terms.threshold,
            terms.group_size,
            terms.weight_cap,
            schedule.bundle_deadline,
            schedule.unmask_deadline,
        )
        self._rounds.hide(round_id, self._client.rounds.record(round_id).terms, hidden)

    def publish_key(self, round_id: bytes, key: RoundKey) -> None:
        """Publishes this account's key of the round."""
        self._rounds.publish_key(round_id, key.x, key.odd)

    def share_secrets(self, round_id: bytes, shared: SharedSecrets) -> None:
        """Records this account's shared secrets."""
        told = shared.seed_commitment, shared.share_root, shared.bundle_digest
        self._rounds.share_secrets(round_id, *told)

    def freeze(self, round_id: bytes, group: int) -> None:
        """Has the contract write down who of a group survived."""
        self._rounds.freeze(round_id, group)

    def open_secret(
        self, round_id: bytes, participant: str, kind: SecretKind, secret: bytes
    ) -> None:
        """Opens the mask seed of a survivor, or the key of who dropped."""
        if kind is SecretKind.SEED:
            self._rounds.open_seed(round_id, participant, secret)
        else:
            self._rounds.open_key(round_id, participant, secret)

    def post_shares(self, round_id: bytes, shares: Sequence[HeldShare]) -> None:
        """Posts shares that this account holds of its neighbours."""
        told = [
            structs.PostedShare(held.dealer, int(held.kind), held.place, held.share, held.proof)
            for held in shares
        ]
        self._rounds.post_shares(round_id, told)

    def strand(self, round_id: bytes, group: int) -> None:
        """Gives a group up."""
        self._rounds.strand(round_id, group)
