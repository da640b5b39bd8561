"""Hidden rounds without chain or storage: masks, groups and drop-outs are those of real ones.

Keys and mask seeds follow from the simulation's seed. Secrets are shared and sealed, of who drops
out the key is put together from its neighbours' shares, and the sum is what `execute_hidden` makes
of it, as in a round that is conducted.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from registry.documents.bundles import SecretBundle
from registry.documents.parts import document_digest
from trainer.documents.masked_updates import MaskedUpdate
from trainer.execution.hidden_rounds import HiddenInputs, HiddenOutcome, execute_hidden
from trainer.execution.round_inputs import RoundInputs
from trainer.privacy.hidden_state import FrozenGroup, HiddenState, PostedShare, SharedSecrets
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.privacy.hidden_updates import hidden_update
from trainer.privacy.mask_seeds import MaskDomain
from trainer.privacy.round_secrets import RoundSecrets, dealt_of, share_in
from trainer.privacy.secret_shares import SecretKind
from trainer.types import AcceptedUpdate, RoundTerms

__all__ = ["DropOuts", "HiddenFigures", "hidden_outcome"]

_NOWHERE = "0x0000000000000000000000000000000000000051"
"""No contract; chain 0 is nobody's: what is drawn here is good on no chain."""


@dataclass(frozen=True)
class DropOuts:
    """Who takes a seat, and in a hidden round shares its secrets, and then is gone.

    Args:
        rate: the chance of each participant in each round, drawn from the simulation's seed.
        by_round: places of participants, by the round's number from 1; beside the drawn ones.
    """

    rate: float = 0.0
    by_round: Mapping[int, Collection[int]] = field(default_factory=dict)

    def of(self, number: int, places: Mapping[str, int], seed: int) -> frozenset[str]:
        """Returns who of the participants, given with their places, drops out of a round."""
        told = self.by_round.get(number, ())

        def unlucky(place: int) -> bool:
            # Its own draw for each: nobody's hangs on who else takes part.
            return random.Random(f"{seed} {number} {place}").random() < self.rate  # noqa: S311

        return frozenset(w for w, place in places.items() if place in told or unlucky(place))


@dataclass(frozen=True, eq=False)
class HiddenFigures:
    """What a hidden round came to.

    Args:
        made: its outcome; None: no group could be opened, and there is no new version.
        lost: how many updates are in no sum.
        sent: the size of an update's packed values, in bytes.
    """

    made: HiddenOutcome | None
    lost: int
    sent: int


def hidden_outcome(
    inputs: RoundInputs, hidden: HiddenTerms, terms: RoundTerms, gone: Collection[str], seed: str
) -> HiddenFigures:
    """Returns what a hidden round comes to.

    Args:
        inputs: base, document, memory, and the plain updates of who doesn't drop out; at least one.
        hidden: the document's.
        terms: the round's; its participants are at most their maximum.
        gone: who dropped out after it shared its secrets.
        seed: all secrets of the round follow from it.

    Raises:
        RoundError: one participant alone, that nobody can hide.
        ConfigError: sums that the terms' ring has no room for.
        AggregationError: too few groups for the rule's bound.
    """
    plain = {update.participant: update for update in inputs.updates}
    secrets = _secrets([*plain, *gone], seed)
    state, bundles = _shared(secrets, hidden, terms, seed)
    masked = [_masked(state, secrets[who], update, hidden) for who, update in plain.items()]
    opened = _opened(_frozen(state, plain), secrets, bundles)
    sent = masked[0].packed.size
    if not any(opened.is_open(group) for group in opened.frozen):
        return HiddenFigures(None, len(masked), sent)
    document, memory = inputs.document, inputs.memory
    made = execute_hidden(HiddenInputs(inputs.base, terms, document, opened, masked, memory))
    return HiddenFigures(made, len(made.refused), sent)


def _domain(seed: str) -> MaskDomain:
    return MaskDomain(0, _NOWHERE, sha256(f"round {seed}".encode()).digest())


def _secrets(people: Sequence[str], seed: str) -> dict[str, RoundSecrets]:
    def drawn(who: str) -> RoundSecrets:
        return RoundSecrets.drawn(sha256(f"{seed} {who}".encode()).digest(), _domain(seed))

    return {who: drawn(who) for who in sorted(people)}


def _shared(
    secrets: Mapping[str, RoundSecrets], hidden: HiddenTerms, terms: RoundTerms, seed: str
) -> tuple[HiddenState, dict[str, SecretBundle]]:
    """Returns the round when everybody has shared its secrets, and the bundles."""
    domain, most = _domain(seed), terms.maximum_participants
    width = hidden.width(terms.lattice.bits, most)
    keys = {who: own.public for who, own in secrets.items()}
    schedule = HiddenSchedule.between(terms.deadlines)
    state = HiddenState(domain, hidden, schedule, most, width, keys=keys)
    bundles = {who: dealt_of(own, who, state.graph, keys, domain) for who, own in secrets.items()}
    shared = {
        who: SharedSecrets(b.seed_commitment, b.share_root, document_digest(b.to_json()))
        for who, b in bundles.items()
    }
    return replace(state, shared=shared), bundles


def _masked(
    state: HiddenState, secrets: RoundSecrets, update: AcceptedUpdate, hidden: HiddenTerms
) -> MaskedUpdate:
    weight = min(update.weight, hidden.weight_cap)
    packed = hidden_update(state, update.participant, secrets, update.vector, weight)
    return MaskedUpdate(update.participant, update.update_root, update.content_digest, 1, packed)


def _frozen(state: HiddenState, survivors: Collection[str]) -> HiddenState:
    groups = [frozenset(members) for members in state.graph.groups]
    frozen = {n: FrozenGroup(g, g.intersection(survivors)) for n, g in enumerate(groups)}
    return replace(state, frozen=frozen)


def _opened(
    state: HiddenState, secrets: Mapping[str, RoundSecrets], bundles: Mapping[str, SecretBundle]
) -> HiddenState:
    """Returns the round when survivors opened their seeds, and shares the keys of the others."""
    groups = [group for group in state.frozen if state.is_opening(group)]
    needed = [state.needed(group) for group in groups]
    seeds = {who: secrets[who].seed for survivors, _ in needed for who in survivors}
    posted: dict[str, dict[str, PostedShare]] = {}
    for survivors, dropped in needed:
        for dealer in dropped:
            holders = state.graph.neighbours(dealer)
            held = [
                share_in(bundles[dealer], who, secrets[who].key, holders)
                for who in holders
                if who in survivors
            ]
            posted[dealer] = {s.holder: PostedShare(SecretKind.KEY, s.place, s.key) for s in held}
    told = replace(state, seeds=seeds, posted=posted)
    found = {dealer: key for dealer in posted if (key := told.recovered(dealer)) is not None}
    opened = replace(told, secrets=found)
    left = {group for group in state.frozen if not opened.is_open(group)}
    return replace(opened, stranded=frozenset(left))
