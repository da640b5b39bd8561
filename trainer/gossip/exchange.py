"""What peers learn from each other: signed values that the board names and storage holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError
from trainer.coordinator.revealed_updates import RevealedUpdates
from trainer.documents.fetching import fetch_base, fetch_document
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import ContractSignatureChecker
from trainer.documents.version_folders import read_version
from trainer.errors import UpdateRefused
from trainer.execution.execute import layout_of
from trainer.gossip.graph import LARGEST_GRAPH, Graph, named_graph
from trainer.gossip.mixing import Values, mixed
from trainer.ports import BlobStore, RoundBoard
from trainer.protocol.round_state import RoundState
from trainer.strategies import Gossip, strategy
from trainer.types import Lattice
from trainer.vectors.vector_roots import vector_root

__all__ = ["FINE_BITS", "Exchange", "fine_lattice", "gossip_of"]

FINE_BITS = 32


def gossip_of(document: TermsDocument) -> Gossip:
    """Returns the gossip that a round's document names.

    Raises:
        ConfigError: the round has another strategy.
    """
    found = strategy(document.strategy, document.strategy_parameters)
    if not isinstance(found, Gossip):
        raise ConfigError(f"expected a round of gossip, got one of {document.strategy}")
    return found


def fine_lattice(lattice: Lattice) -> Lattice:
    """Returns the lattice of mixing steps: the aggregate's unit, so that agreement is as fine."""
    return Lattice(FINE_BITS, lattice.aggregate_exponent)


class Exchange:
    """The updates of one round of gossip and the mixing steps after it, as one peer fetches them.

    Args:
        board: where rounds stand.
        blobs: where content comes from.
        root: the round whose updates are mixed.
        work: a folder for what is fetched; may be lost between runs.
        code_checker: the chain's answer for contract accounts that take part.
    """

    def __init__(
        self,
        board: RoundBoard,
        blobs: BlobStore,
        root: bytes,
        work: Path,
        code_checker: ContractSignatureChecker | None = None,
    ) -> None:
        self._board, self._blobs, self._work = board, blobs, work
        self._revealed = RevealedUpdates(board, blobs, code_checker)
        self._unreadable: set[tuple[bytes, str]] = set()
        self.root = board.state(root)
        self.document = fetch_document(blobs, self.root.terms)
        self.gossip = gossip_of(self.document)
        self._length = 0

    def graph(self) -> Graph:
        """Returns who mixes with whom: a given graph, or a named one over who revealed."""
        name = self.gossip.graph
        if len(name) == 64:
            text = self._blobs.get_bytes(bytes.fromhex(name), LARGEST_GRAPH)
            return Graph.parse(text)
        return named_graph(name, self._board.state(self.root.round_id).reveals)

    def steps(self) -> list[bytes]:
        """Returns the rounds of the mixing steps so far, from step 1; of two of one step the first.

        A step with another plan, base or graph than the round's isn't one of it.
        """
        found: dict[int, bytes] = {}
        model, number = self.root.terms.model_id, self.root.number
        with self._board.look():
            for round_id in self._board.rounds_of(model)[number:]:
                step = self._step(self._board.state(round_id))
                if step is not None:
                    found.setdefault(step, round_id)
        return [found[step] for step in range(1, len(found) + 1) if step in found]

    def number_of(self, state: RoundState) -> int:
        """Returns a mixing step's number; 0 for the round whose updates are mixed."""
        if state.round_id == self.root.round_id:
            return 0
        return gossip_of(fetch_document(self._blobs, state.terms)).number

    def _step(self, state: RoundState) -> int | None:
        terms = state.terms
        if terms.strategy != "gossip" or terms.base_version != self.root.terms.base_version:
            return None
        try:
            gossip = gossip_of(fetch_document(self._blobs, terms))
        except (BlobNotFound, BlobCorrupted, ConfigError):
            return None
        same = (gossip.graph, gossip.steps) == (self.gossip.graph, self.gossip.steps)
        if gossip.of != self.root.round_id.hex() or not same:
            return None
        return gossip.number if terms.lattice == fine_lattice(self.root.terms.lattice) else None

    def values(self, round_id: bytes, peers: list[str]) -> dict[str, Values]:
        """Returns what peers revealed in a round, in units of the aggregate, by peer.

        Who revealed nothing, or nothing that can be read, is left out.
        """
        found: dict[str, Values] = {}
        state = self._board.state(round_id)
        for peer in peers:
            if peer in state.reveals and (round_id, peer) not in self._unreadable:
                try:
                    found[peer] = self._read(state, peer)
                except UpdateRefused:
                    self._unreadable.add((round_id, peer))
        return found

    def departures(self, before: bytes, after: bytes, peers: list[str]) -> list[str]:
        """Returns which peers revealed something else in a step than their neighbours' mix.

        Args:
            before: the round of the step before, or the one whose updates are mixed.
            after: the step's round.
            peers: who is looked at.
        """
        graph, state, found = self.graph(), self._board.state(after), []
        for peer in peers:
            values = self.values(before, [peer, *graph.neighbours(peer)])
            if peer in state.reveals and peer in values:
                expected = vector_root(mixed(graph, peer, values), FINE_BITS)
                if state.reveals[peer].update_root != expected:
                    found.append(peer)
        return found

    def _read(self, state: RoundState, peer: str) -> Values:
        folder = self._work / state.round_id.hex() / peer.lower()
        vector = self._revealed.read(state, peer, state.reveals[peer], self.length, folder)
        wide: Values = vector.astype(np.int32) << state.terms.lattice.guard_bits
        return wide

    @property
    def length(self) -> int:
        """How many values an update has."""
        if not self._length:
            terms = self.root.terms
            folder = self._work / "base"
            fetch_base(self._board, self._blobs, terms, folder)
            self._length = layout_of(read_version(folder), self.document).length
        return self._length
