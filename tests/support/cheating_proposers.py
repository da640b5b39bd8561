"""Proposers that cheat, one way each: what they post is consistent, stored, and a lie.

Each makes a change of an honest `Draft` for a `Proposer`. What a contract can check is proved
against them (F-9, F-10, F-13); `stale_base` and `payout_tweak` lie where only holders, evaluators
and the audit look (F-11, F-16, D-2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from registry.errors import ConfigError, RoundError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.trees import Tree
from trainer.documents.version_folders import read_memory, read_version, write_version
from trainer.execution.execute import layout_of
from trainer.execution.memory_roots import momenta_of
from trainer.execution.version_roots import version_root
from trainer.staked.outcome import Draft, Outcomes
from trainer.staked.state import StakedState
from trainer.vectors.vector_roots import vector_root

__all__ = [
    "Change",
    "double_count",
    "dropped_participant",
    "forgotten",
    "inflated_total",
    "inflated_weight",
    "payout_tweak",
    "regrouped",
    "stale_base",
    "swapped_update",
    "withheld",
    "wrong_group",
    "wrong_momentum",
    "wrong_sum",
    "wrong_version",
    "wrong_weight",
]

Change = Callable[[StakedState, Draft, Outcomes], Draft]


def wrong_group(coordinate: int = 0, by: int = 1, level: int = 0, position: int = 0) -> Change:
    """Changes one coordinate of the numerators of one node below the top; the result is right."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        tree = draft.tree
        first, last = tree.span(level, position)
        right = made.calculation(state).numerators(tree.leaves[first : last + 1])
        if right is None or level >= len(tree.levels) - 1:
            raise RoundError(f"expected a node below the top, with its updates, at level {level}")
        wrong = np.array(right, dtype=np.int64)
        wrong[coordinate] += by
        root = vector_root(wrong, 64)

        def root_of(at: int, place: int, begin: int, end: int) -> bytes:
            chosen = (at, place) == (level, position)
            return root if chosen else tree.levels[at][place].numerators_root

        lie = Tree.unchecked(tree.leaves, root_of, tree.fan_in)
        return replace(draft, tree=lie)

    return change


def regrouped(fan_in: int = 16) -> Change:
    """Groups the updates otherwise than their number demands; each group's result is right."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        tree = made.calculation(state).tree(draft.tree.leaves, fan_in)
        return replace(draft, tree=tree)

    return change


def wrong_sum(coordinate: int = 0, by: int = 1) -> Change:
    """Changes one coordinate of the top's numerators."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        wrong = np.array(draft.numerators, dtype=np.int64)
        wrong[coordinate] += by
        root, top = vector_root(wrong, 64), len(draft.tree.levels) - 1

        def root_of(level: int, position: int, first: int, last: int) -> bytes:
            return root if level == top else draft.tree.levels[level][position].numerators_root

        honest = draft.tree
        tree = Tree.unchecked(honest.leaves, root_of, honest.fan_in)
        document = replace(draft.document, result_root=root)
        return replace(draft, tree=tree, numerators=wrong, document=document)

    return change


def dropped_participant(place: int = 0) -> Change:
    """Leaves one participant out, by its place among those that count."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        leaves = [leaf for at, leaf in enumerate(draft.tree.leaves) if at != place]
        return made.draft(state, leaves)

    return change


def double_count(place: int = 0) -> Change:
    """Counts one participant twice."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        leaves = draft.tree.leaves
        return _with_leaves(state, draft, made, [*leaves[: place + 1], *leaves[place:]])

    return change


def inflated_weight(place: int = 0, factor: int = 2) -> Change:
    """Counts one participant with a multiple of the weight that it revealed."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        leaves = list(draft.tree.leaves)
        leaves[place] = replace(leaves[place], weight=factor * leaves[place].weight)
        return _with_leaves(state, draft, made, leaves)

    return change


def inflated_total(by: int = 1) -> Change:
    """Adds to the total weight alone: everybody's part becomes smaller."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        *below, (top,) = draft.tree.levels
        levels = (*below, (replace(top, weight=top.weight + by),))
        return replace(draft, tree=replace(draft.tree, levels=levels))

    return change


def swapped_update(place: int = 0, instead: int = 1) -> Change:
    """Counts one participant's update in another's name."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        leaves = list(draft.tree.leaves)
        other = leaves[instead]
        leaves[place] = replace(
            leaves[place], update_root=other.update_root, content_digest=other.content_digest
        )
        return _with_leaves(state, draft, made, leaves)

    return change


def withheld(change: Change) -> Change:
    """Lays nothing open of another lie: neither the tree nor the numerators."""

    def hidden(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        return replace(change(state, draft, made), laid_open=False)

    return hidden


def stale_base(version_digest: bytes) -> Change:
    """Proposes another version than the updates give, the base itself say; sums are right."""
    if len(version_digest) != 32:
        raise ConfigError(f"expected a digest of 32 bytes, got {len(version_digest)}")

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        return replace(draft, document=replace(draft.document, version_digest=version_digest))

    return change


def wrong_version(root: bytes) -> Change:
    """Proposes weights of another root than the updates give; sums and version are right."""
    if len(root) != 32:
        raise ConfigError(f"expected a root of 32 bytes, got {len(root)}")

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        return replace(draft, version_root=root)

    return change


def wrong_weight(coordinate: int = 0, by: float = 1.0) -> Change:
    """Changes one weight of the new version, and proposes that version's root; sums are right."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        honest, lie = (made.folder(state.round_id) / name for name in ("version", "lie"))
        document = made.terms_document(state)
        tensors = {name: tensor.clone() for name, tensor in read_version(honest).items()}
        place = coordinate
        for name in layout_of(tensors, document).names:
            if place < tensors[name].numel():
                tensors[name].view(-1)[place] += by
                break
            place -= tensors[name].numel()
        write_version(honest, lie, tensors, [], state.round_id, read_memory(honest))
        told = replace(draft.document, version_digest=made.keep(lie))
        return replace(draft, version_root=version_root(lie, document), document=told)

    return change


def wrong_momentum(coordinate: int = 0, by: float = 1.0) -> Change:
    """Changes one value of what the server remembers, and proposes that; all else is right."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        honest, lie = (made.folder(state.round_id) / name for name in ("version", "lie"))
        memory = {name: vector.copy() for name, vector in read_memory(honest).items()}
        memory["momentum"][coordinate] += by
        write_version(honest, lie, read_version(honest), [], state.round_id, memory)
        told = replace(draft.document, version_digest=made.keep(lie))
        root = momenta_of(lie, state.stakes.vector_length).root()
        return replace(draft, momentum_root=root, document=told)

    return change


def forgotten() -> Change:
    """Proposes no memory where the server has one; the version is right."""

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        return replace(draft, momentum_root=bytes(32))

    return change


def payout_tweak(amount: int = 1) -> Change:
    """Moves a part from the best paid to the least paid participant; the total is right.

    The document says the honest shares; the payout root doesn't follow from them.
    """

    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        order = sorted(draft.payouts, key=lambda address: draft.payouts[address])
        if len(order) < 2:
            raise RoundError("expected at least two who are paid, to move an amount between")
        moved = dict(draft.payouts)
        moved[order[-1]] -= amount
        moved[order[0]] += amount
        return replace(draft, payouts=moved)

    return change


def _with_leaves(
    state: StakedState, draft: Draft, made: Outcomes, leaves: list[RevealedUpdate]
) -> Draft:
    """Returns the draft with a tree over other leaves, and the sums that these would have.

    A swapped update's sums are worked out from the update that stands in the other's name.
    """
    calculation = made.calculation(state)
    tree = calculation.tree(leaves)
    numerators = calculation.numerators(leaves)
    if numerators is None:
        raise RoundError("an update that the lie needs can't be had")
    document = replace(draft.document, result_root=tree.top.numerators_root)
    return replace(draft, tree=tree, numerators=numerators, document=document)
