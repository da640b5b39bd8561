"""A round's numerators and their tree, worked out from the updates in bounded memory (F-1, F-8).

Values are read in blocks from mapped files and numerators written to a file as the root hashes
them: big-endian, 64 bits. Memory holds one block of each update, whatever the model's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import final

import numpy as np
import numpy.typing as npt

from registry.errors import AggregationError, RoundError
from registry.fraud_proofs.stake_terms import AggregationRule, StakeTerms
from registry.fraud_proofs.trees import FAN_IN, RevealedUpdate, Tree, leaf_hash
from trainer.aggregation.numerators import mean_numerators
from trainer.aggregation.robust_trees import groups_of, node_numerators, robust_numerators
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.hidden_sums import group_sum
from trainer.privacy.masked_roots import PackedVector
from trainer.staked.evidence import CountedUpdates, Values
from trainer.staked.state import StakedState
from trainer.types import IntVector
from trainer.vectors.vector_roots import vector_root

__all__ = ["BITS", "Calculation", "read_numerators", "require_enough", "write_numerators"]

BITS = 64
"""The width of numerators (F-2)."""
_BLOCK = 1 << 16
_STORED = np.dtype(">i8")


def write_numerators(
    path: Path,
    rule: AggregationRule,
    trim: int,
    vectors: Sequence[IntVector],
    weights: Sequence[int],
) -> IntVector:
    """Writes the numerators of vectors to a file, block by block, and returns them mapped.

    Args:
        path: replaced if it is there.
        rule: of the aggregation; a robust one is applied over the tree that the count fixes.
        trim: of the trimmed mean.
        vectors: at least one, shape (n,) each, of one type, by ascending participant.
        weights: one per vector; only the mean reads them.

    Raises:
        AggregationError: other vectors, weights or trim than the rule takes.
    """
    if not vectors:
        raise AggregationError("expected at least one update that counts, got none")
    length = vectors[0].size
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        for start in range(0, length, _BLOCK):
            blocks = [vector[start : start + _BLOCK] for vector in vectors]
            file.write(_of_blocks(rule, trim, blocks, weights).astype(_STORED).tobytes())
    partial.replace(path)
    return read_numerators(path, length)


def _write_over_nodes(
    path: Path, stakes: StakeTerms, below: Sequence[IntVector], count: int
) -> IntVector:
    """Writes a robust node's numerators from those of the nodes below it, block by block."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        for start in range(0, stakes.vector_length, _BLOCK):
            # Files hold them big-endian; what is computed with is the machine's own order.
            blocks = [vector[start : start + _BLOCK].astype(np.int64) for vector in below]
            numerators = node_numerators(blocks, stakes.rule, stakes.trim, count)
            file.write(numerators.astype(_STORED).tobytes())
    partial.replace(path)
    return read_numerators(path, stakes.vector_length)


def require_enough(stakes: StakeTerms, count: int) -> None:
    """Returns if that many updates can be combined.

    Raises:
        AggregationError: a trimmed mean would leave none of the only group there is (F-8).
    """
    if stakes.rule == AggregationRule.TRIMMED_MEAN and count <= min(2 * stakes.trim, FAN_IN):
        raise AggregationError(
            f"expected more than {2 * stakes.trim} updates, or more than {FAN_IN}, for a trimmed "
            f"mean by {stakes.trim}, got {count}"
        )


def read_numerators(path: Path, length: int) -> IntVector:
    """Returns a file's numerators, shape (length,), mapped.

    Raises:
        AggregationError: the file has another size.
    """
    size = path.stat().st_size if path.is_file() and not path.is_symlink() else -1
    if size != BITS // 8 * length:
        raise AggregationError(f"{path.name}: expected {BITS // 8 * length} bytes, got {size}")
    return np.memmap(path, dtype=_STORED, mode="r", shape=(length,))


def _of_blocks(
    rule: AggregationRule, trim: int, blocks: Sequence[IntVector], weights: Sequence[int]
) -> npt.NDArray[np.int64]:
    if rule != AggregationRule.MEAN:
        return robust_numerators(blocks, rule, trim)
    total = np.zeros(blocks[0].size, np.int64)
    # Sums of sums are the same integers, however they are grouped.
    for at in range(0, len(blocks), FAN_IN):
        total += mean_numerators(blocks[at : at + FAN_IN], list(weights[at : at + FAN_IN]))
    return total


@final
class Calculation:
    """What the updates of one round come to.

    Args:
        state: the round's.
        evidence: its updates.
        work: a folder for numerators; what is in it may be lost.
    """

    def __init__(self, state: StakedState, evidence: CountedUpdates, work: Path) -> None:
        self._state, self._evidence, self._work = state, evidence, work
        self._roots: dict[bytes, bytes] = {}

    def vector(self, leaf: RevealedUpdate) -> Values | None:
        """Returns an update's values, shape (vector_length,); None if they can't be had."""
        return self._evidence.vector(self._state, leaf)

    def outside(self, leaf: RevealedUpdate) -> int | None:
        """Returns the first chunk of an update that leaves the lattice; None if none does."""
        return self._evidence.outside(self._state, leaf)

    def numerators(self, leaves: Sequence[RevealedUpdate]) -> IntVector | None:
        """Returns the numerators of updates, shape (vector_length,); None if one is missing."""
        path = self._path(leaves)
        if path.is_file():
            return read_numerators(path, self._state.stakes.vector_length)
        if self._state.hidden is not None:
            return self._hidden(path, self._state.hidden, leaves)
        if self._state.stakes.rule != AggregationRule.MEAN and len(leaves) > FAN_IN:
            return self._over_nodes(path, leaves)
        vectors = [self.vector(leaf) for leaf in leaves]
        present = [vector for vector in vectors if isinstance(vector, np.ndarray)]
        if len(present) < len(vectors):
            return None
        stakes, weights = self._state.stakes, [leaf.weight for leaf in leaves]
        return write_numerators(path, stakes.rule, stakes.trim, present, weights)

    def _hidden(
        self, path: Path, hidden: HiddenState, leaves: Sequence[RevealedUpdate]
    ) -> IntVector | None:
        """Returns the sum of hidden updates; there is one over exactly those that survived."""
        vectors = {leaf.participant: self.vector(leaf) for leaf in leaves}
        packed = {who: v.packed for who, v in vectors.items() if isinstance(v, PackedVector)}
        group, length = 0, self._state.stakes.vector_length
        if not hidden.is_open(group) or set(packed) != hidden.frozen[group].survivors:
            return None
        partial = path.with_suffix(".partial")
        sums = np.memmap(partial, np.int64, "w+", shape=(length,))
        group_sum(hidden, group, packed, length, self._state.round.terms.lattice, sums)
        sums.byteswap(inplace=True)  # as the root hashes them
        sums.flush()
        partial.replace(path)
        return read_numerators(path, length)

    def _over_nodes(self, path: Path, leaves: Sequence[RevealedUpdate]) -> IntVector | None:
        """Returns the numerators over many updates, from those of the groups below, kept before."""
        below = [self.numerators(leaves[group]) for group in groups_of(len(leaves))]
        present = [vector for vector in below if vector is not None]
        if len(present) < len(below):
            return None
        return _write_over_nodes(path, self._state.stakes, present, len(leaves))

    def root(self, leaves: Sequence[RevealedUpdate]) -> bytes | None:
        """Returns the root of the numerators of updates; None if one is missing."""
        key = self._path(leaves).stem.encode()
        if key not in self._roots:
            numerators = self.numerators(leaves)
            if numerators is None:
                return None
            self._roots[key] = vector_root(numerators, BITS)
        return self._roots[key]

    def tree(self, leaves: Sequence[RevealedUpdate], fan_in: int | None = None) -> Tree:
        """Returns the tree over updates, whatever their order.

        Args:
            leaves: at least one.
            fan_in: of a liar that groups them otherwise than their number demands.

        Raises:
            RoundError: an update can't be had.
            AggregationError: too few to trim.
        """
        require_enough(self._state.stakes, len(leaves))

        def root_of(level: int, position: int, first: int, last: int) -> bytes:
            root = self.root(leaves[first : last + 1])
            if root is None:
                raise RoundError(
                    "an update that counts can't be had; ask for it before slashing ends (F-10)"
                )
            return root

        return Tree.unchecked(leaves, root_of, fan_in)

    def _path(self, leaves: Sequence[RevealedUpdate]) -> Path:
        stakes = self._state.stakes
        rule = f"{stakes.rule} {stakes.trim} {stakes.vector_length} {self._state.bits} ".encode()
        name = sha256(rule + b"".join(map(leaf_hash, leaves))).hexdigest()
        folder = self._work / "numerators"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.i64"
