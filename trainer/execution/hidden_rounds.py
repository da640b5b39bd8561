"""What a hidden round comes to, as a pure function of base, terms, masked updates and secrets.

Inside a group only the sum is known. Across groups the mean adds sums; any robust rule takes the
groups' aggregates for updates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from registry.errors import AggregationError, ConfigError
from trainer.aggregation import RobustRule, aggregator
from trainer.aggregation.mean import divided_sum
from trainer.documents.masked_updates import MaskedUpdate
from trainer.documents.terms_document import TermsDocument
from trainer.errors import Reason
from trainer.execution.execute import Outcome, layout_of
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.hidden_sums import GroupSum, group_sum
from trainer.strategies import ServerMemory, strategy
from trainer.types import IntVector, Lattice, RefusedUpdate, RoundTerms
from trainer.vectors.vector_roots import vector_root

__all__ = ["HiddenInputs", "HiddenOutcome", "execute_hidden"]

_AGGREGATE_BITS = 32


@dataclass(frozen=True, eq=False)
class HiddenInputs:
    """Everything that a hidden round's outcome hangs on.

    Args:
        base: the base version's tensors, by name.
        terms: the round's.
        document: the round's.
        hidden: the round's roster, survivors and opened secrets.
        updates: those that passed every check, in any order.
        memory: what the strategy remembers at the base version; None for nothing yet.
    """

    base: Mapping[str, torch.Tensor]
    terms: RoundTerms
    document: TermsDocument
    hidden: HiddenState
    updates: Sequence[MaskedUpdate]
    memory: ServerMemory | None = None


@dataclass(frozen=True, eq=False)
class HiddenOutcome:
    """A hidden round's outcome, and who is in no sum.

    Args:
        outcome: as a plain round has it.
        accepted: the updates of the groups whose sum counts or was left out by the rule.
        refused: those of groups without a sum, and of who isn't hidden among others.
        sums: of the groups that have one, by number.
    """

    outcome: Outcome
    accepted: Sequence[MaskedUpdate]
    refused: Sequence[RefusedUpdate]
    sums: Mapping[int, GroupSum]

    def scores(self) -> dict[str, int]:
        """Returns the scores of accepted updates: one each, and none for who was left out."""
        out = self.outcome.excluded
        return {u.participant: int(u.participant not in out) for u in self.accepted}


@dataclass
class _Sums:
    groups: list[int] = field(default_factory=list)
    sums: list[GroupSum] = field(default_factory=list)
    accepted: list[MaskedUpdate] = field(default_factory=list)
    refused: list[RefusedUpdate] = field(default_factory=list)


def execute_hidden(inputs: HiddenInputs) -> HiddenOutcome:
    """Returns a hidden round's outcome; the order of the updates doesn't matter.

    Raises:
        AggregationError: no group has a sum, or too few for the rule's bound.
        ConfigError: the terms document isn't the one that the terms name.
    """
    terms, document, hidden = inputs.terms, inputs.document, inputs.hidden
    if document.digest != terms.document_digest or document.hidden != hidden.terms:
        raise ConfigError("the terms document isn't the one that the round's terms name")
    layout = layout_of(inputs.base, document)
    found = _sums(inputs, layout.length)
    if not found.sums:
        why = found.refused[0].detail if found.refused else "nothing was revealed"
        raise AggregationError(f"no group of the round has a sum: {why}")
    aggregate, excluded = _across(found, document, hidden, terms.lattice)
    rule = strategy(document.strategy, document.strategy_parameters)
    after = rule.apply(rule.init(inputs.base, layout, terms.lattice, inputs.memory), aggregate)
    root = vector_root(aggregate, _AGGREGATE_BITS)
    made = Outcome(aggregate, root, after.tensors, after.memory, excluded)
    sums = dict(zip(found.groups, found.sums, strict=True))
    return HiddenOutcome(made, found.accepted, found.refused, sums)


def _sums(inputs: HiddenInputs, length: int) -> _Sums:
    hidden, found = inputs.hidden, _Sums()
    by_name = {update.participant: update for update in inputs.updates}
    packed = {who: update.packed for who, update in by_name.items()}
    for group, members in enumerate(hidden.graph.groups):
        present = [by_name.pop(who) for who in members if who in by_name]
        try:
            made = group_sum(hidden, group, packed, length, inputs.terms.lattice)
        except AggregationError as error:
            found.refused += [
                RefusedUpdate(u.participant, Reason.HIDDEN, f"{error}") for u in present
            ]
            continue
        survivors = hidden.frozen[group].survivors
        found.groups.append(group)
        found.sums.append(made)
        found.accepted += [update for update in present if update.participant in survivors]
        found.refused += [
            RefusedUpdate(u.participant, Reason.HIDDEN, "it shared no secrets with its neighbours")
            for u in present
            if u.participant not in survivors
        ]
    found.refused += [
        RefusedUpdate(who, Reason.HIDDEN, "it published no key of the round") for who in by_name
    ]
    return found


def _across(
    found: _Sums, document: TermsDocument, hidden: HiddenState, lattice: Lattice
) -> tuple[IntVector, dict[str, str]]:
    """Returns the aggregate of all groups, and why the members of one were left out."""
    rule = aggregator(document.aggregator, document.aggregator_parameters)
    if not isinstance(rule, RobustRule):
        numerators = found.sums[0].numerators.copy()
        for other in found.sums[1:]:
            numerators += other.numerators
        weight = sum(made.weight for made in found.sums)
        return divided_sum(numerators, weight, lattice), {}
    if not rule.supports(len(found.sums)):
        raise AggregationError(
            f"{rule.name} across {len(found.sums)} groups: it needs at least {rule.min_updates}"
        )
    inner = Lattice(bits=_AGGREGATE_BITS, step_exponent=lattice.aggregate_exponent)
    length = found.sums[0].numerators.size
    state = rule.init(length, inner)
    for made in found.sums:
        state = rule.add(state, divided_sum(made.numerators, made.weight, lattice), 1)
    decision = rule.finish_with_reasons(state)
    excluded = {
        who: f"its group was left out: {why}"
        for place, why in decision.excluded.items()
        for who in hidden.frozen[found.groups[place]].survivors
    }
    return decision.values, excluded
