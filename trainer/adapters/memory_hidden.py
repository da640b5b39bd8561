"""Hidden rounds in memory: the same refusals as the contract's, for trials and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, final

from registry.errors import ConfigError, RoundError
from trainer.adapters.memory_ledger import MemoryLedger
from trainer.privacy.hidden_board import HeldShare, HiddenBoard
from trainer.privacy.hidden_state import FrozenGroup, HiddenState, PostedShare, SharedSecrets
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.privacy.mask_seeds import ORDER, MaskDomain, public_key
from trainer.privacy.neighbour_graph import RoundKey
from trainer.privacy.secret_shares import SecretKind, is_in_root
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import ZERO_WORD, Phase

__all__ = ["MemoryHiddenBoard"]

_CONTRACT = "0x00000000000000000000000000000000000000a3"
_AFTER_REVEALS = (Phase.PROPOSAL, Phase.PROPOSED, Phase.FINALISED)


@final
class MemoryHiddenBoard(HiddenBoard):
    """One account's hands on the hidden rounds of a shared ledger.

    Args:
        ledger: shared by every account's board.
        account: the checksummed address that acts.
    """

    def __init__(self, ledger: MemoryLedger, account: str) -> None:
        self._ledger, self._account = ledger, account

    def domain(self, round_id: bytes) -> MaskDomain:
        """Returns where a round's seeds are good."""
        return MaskDomain(self._ledger.chain_id, _CONTRACT, round_id)

    def state(self, round_id: bytes) -> HiddenState | None:
        """Returns a hidden round's state; None for a round that nobody hid."""
        return self._ledger.hidden.get(round_id)

    def hide(self, round_id: bytes, terms: HiddenTerms, schedule: HiddenSchedule) -> None:
        """Makes a round a hidden one; for its coordinator, while seats are taken."""
        state, known = self._round(round_id), self.state(round_id)
        if known is not None and (known.terms, known.schedule) == (terms, schedule):
            return
        _require(known is None, "the round is hidden already, by other terms")
        _require(self._account == state.coordinator, f"{self._account} isn't its coordinator")
        enrols = phase_at(state, self._ledger.clock.now()) is Phase.ENROLMENT
        _require(enrols, "seats aren't taken any more")
        _require(not state.batches, "batches are posted, and batches hide nothing")
        _require(state.terms.weight_cap == 1, "expected a weight cap of 1: weights are hidden")
        times = state.terms.enrolment_deadline, schedule.bundle_deadline
        _require(times[0] < times[1] < state.terms.commit_deadline, "bundles: wrong deadline")
        times = state.terms.reveal_deadline, schedule.unmask_deadline
        _require(times[0] < times[1] < state.terms.proposal_deadline, "unmasking: wrong deadline")
        most = state.terms.maximum_participants
        lattice = state.terms.lattice
        width = terms.width(lattice.bits, most, lattice.guard_bits)
        domain = self.domain(round_id)
        self._ledger.hidden[round_id] = HiddenState(domain, terms, schedule, most, width)

    def publish_key(self, round_id: bytes, key: RoundKey) -> None:
        """Publishes this account's key of the round."""
        hidden, state = self._hidden(round_id), self._round(round_id)
        if hidden.keys.get(self._account) == key:
            return
        _require(self._account in state.enrolled, f"{self._account} is not enrolled")
        _require(self._account not in hidden.keys, f"{self._account} has published another key")
        closed = hidden.keys_closed(state.terms.enrolment_deadline, self._ledger.clock.now())
        _require(not closed, "keys are closed")
        _require(_is_point(key), f"{key.x:#x} is no abscissa of secp256k1 below its order")
        self._record(hidden, keys=_with(hidden.keys, self._account, key))

    def share_secrets(self, round_id: bytes, shared: SharedSecrets) -> None:
        """Records this account's shared secrets."""
        hidden, state, now = self._hidden(round_id), self._round(round_id), self._ledger.clock.now()
        if hidden.shared.get(self._account) == shared:
            return
        _require(self._account in hidden.keys, f"{self._account} published no key")
        _require(self._account not in hidden.shared, f"{self._account} has shared others")
        _require(hidden.keys_closed(state.terms.enrolment_deadline, now), "keys aren't closed yet")
        _require(not hidden.bundles_closed(now), "bundles are closed")
        told = shared.seed_commitment, shared.share_root, shared.bundle_digest
        _require(ZERO_WORD not in told, "expected secrets without an empty word")
        self._record(hidden, shared=_with(hidden.shared, self._account, shared))

    def freeze(self, round_id: bytes, group: int) -> None:
        """Writes down who of a group survived, once."""
        hidden, state = self._hidden(round_id), self._round(round_id)
        if group in hidden.frozen:
            return
        now = self._ledger.clock.now()
        over = phase_at(state, now) in _AFTER_REVEALS and hidden.bundles_closed(now)
        _require(over, "reveals aren't over, or the round is void")
        _require(0 <= group < len(hidden.graph.groups), f"there is no group {group}")
        active = frozenset(hidden.graph.groups[group]).intersection(hidden.shared)
        frozen = FrozenGroup(active, active.intersection(state.reveals))
        self._record(hidden, frozen=_with(hidden.frozen, group, frozen))

    def open_secret(
        self, round_id: bytes, participant: str, kind: SecretKind, secret: bytes
    ) -> None:
        """Opens the mask seed of a survivor, or the key of who dropped."""
        hidden = self._hidden(round_id)
        opened = hidden.seeds if kind is SecretKind.SEED else hidden.secrets
        if opened.get(participant) == secret:
            return
        self._require_unmasking(hidden)
        self._require_needed(hidden, participant, kind)
        _require(hidden.is_right(participant, secret), f"that is no secret of {participant}")
        if kind is SecretKind.SEED:
            self._record(hidden, seeds=_with(hidden.seeds, participant, secret))
        else:
            self._record(hidden, secrets=_with(hidden.secrets, participant, secret))

    def post_shares(self, round_id: bytes, shares: Sequence[HeldShare]) -> None:
        """Posts shares that this account holds of its neighbours: all of them, or none."""
        hidden = self._hidden(round_id)
        new = [s for s in shares if s.place not in _places(hidden, s.dealer)]
        if not new:
            return
        self._require_unmasking(hidden)
        for held in new:
            self._require_needed(hidden, held.dealer, held.kind)
            if held.dealer in hidden.seeds or held.dealer in hidden.secrets:
                continue  # it tells nothing any more
            root = hidden.shared[held.dealer].share_root
            leaf = self._account, held.kind, held.place, held.share, held.proof
            _require(is_in_root(root, held.dealer, *leaf), f"{held.dealer} shared no such share")
            told = PostedShare(held.kind, held.place, held.share)
            of_dealer = _with(hidden.posted.get(held.dealer, {}), self._account, told)
            hidden = replace(hidden, posted=_with(hidden.posted, held.dealer, of_dealer))
        self._record(hidden)

    def strand(self, round_id: bytes, group: int) -> None:
        """Gives a group up that can't be opened, or wasn't in time."""
        hidden = self._hidden(round_id)
        if group in hidden.stranded:
            return
        _require(group in hidden.frozen, f"group {group} isn't frozen")
        _require(not hidden.is_open(group), f"group {group} is open")
        late = self._ledger.clock.now() >= hidden.schedule.unmask_deadline
        _require(late or not hidden.is_opening(group), "unmasking isn't over")
        self._record(hidden, stranded=hidden.stranded | {group})

    def _require_unmasking(self, hidden: HiddenState) -> None:
        late = self._ledger.clock.now() >= hidden.schedule.unmask_deadline
        _require(not late, "unmasking is over")
        _require(not self._round(hidden.domain.round_id).voided, "the round is void")

    def _require_needed(self, hidden: HiddenState, member: str, kind: SecretKind) -> None:
        _require(member in hidden.keys, f"{member} is not on the roster")
        group, _ = hidden.graph.place_of(member)
        _require(group in hidden.frozen, f"group {group} isn't frozen")
        _require(hidden.is_opening(group), f"group {group} isn't to be opened")
        allowed = hidden.kind_of(member)
        _require(allowed is not None, f"{member} shared no secrets")
        survived = "survived" if allowed is SecretKind.SEED else "dropped"
        _require(allowed is kind, f"{member} {survived}: its other secret may be opened, not this")
        needed = member in hidden.needed(group)[kind is SecretKind.KEY]
        _require(needed, f"{member} dropped, and no neighbour of it survived: nobody needs its key")

    def _hidden(self, round_id: bytes) -> HiddenState:
        found = self.state(round_id)
        if found is None:
            raise RoundError(f"round 0x{round_id.hex()} is not hidden")
        return found

    def _round(self, round_id: bytes) -> RoundState:
        if round_id not in self._ledger.rounds:
            raise RoundError(f"no round 0x{round_id.hex()}")
        return self._ledger.rounds[round_id]

    def _record(self, hidden: HiddenState, **changed: Any) -> None:
        self._ledger.hidden[hidden.domain.round_id] = replace(hidden, **changed)


def _places(hidden: HiddenState, dealer: str) -> set[int]:
    return {share.place for share in hidden.posted.get(dealer, {}).values()}


def _is_point(key: RoundKey) -> bool:
    try:
        public_key(key)
    except ConfigError:
        return False
    # The contract asks `ecrecover`, which takes no abscissa from the order on.
    return 0 < key.x < ORDER


def _with(mapping: Any, key: Any, value: Any) -> Any:
    return MappingProxyType({**mapping, key: value})


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RoundError(otherwise)
