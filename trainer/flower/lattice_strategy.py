"""A Flower strategy that combines replies exactly, by any of our rules; no chain is needed.

Replies become integers on the lattice, so their order changes no bit, a NaN can't get in, and a
claimed number of examples counts up to a cap.
"""

from __future__ import annotations

from collections.abc import Iterable
from logging import INFO, WARNING
from typing import Any

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg
from flwr.supercore import log

from registry.errors import AggregationError, ConfigError
from trainer.documents.details import plain_detail
from trainer.documents.terms_document import TermsDocument
from trainer.errors import Reason, UpdateRefused
from trainer.execution.execute import Outcome, execute, layout_of
from trainer.execution.round_inputs import RoundInputs
from trainer.flower.lattice_mod import LATTICE_RECORD, asking, lattice_update
from trainer.flower.records import (
    arrays_in,
    common_metrics,
    record_of,
    state_of_record,
    vector_in,
    weight_in,
)
from trainer.strategies import ServerMemory
from trainer.types import ZERO_WORD, AcceptedUpdate, IntVector, Lattice
from trainer.vectors.layout import Layout
from trainer.vectors.quantizing import at_the_bounds, check_saturation
from trainer.vectors.safetensors_files import State

__all__ = ["LatticeStrategy"]


class LatticeStrategy(FedAvg):
    """Sampling and evaluation are Flower's FedAvg; combining and the server's step are ours.

    After each round `refused` says by node id why a reply was left out, `outcome` what the others
    came to, and `memory` what the server's step remembers.

    Args:
        document: names the strategy, the aggregator, the transforms and the trained tensors; the
            rest of it is for rounds on the chain.
        lattice: how updates become integers.
        weight_cap: the most examples that a reply counts for.
        memory: to go on from; nothing at first.
        sampling: what `FedAvg` takes, such as `fraction_train` and `min_train_nodes`.

    Raises:
        ConfigError: a weight cap below 1, or terms that screen or hide updates.
    """

    def __init__(
        self,
        document: TermsDocument,
        lattice: Lattice,
        *,
        weight_cap: int = 100_000,
        memory: ServerMemory | None = None,
        **sampling: Any,
    ) -> None:
        if weight_cap < 1:
            raise ConfigError(f"weight_cap: expected at least 1, got {weight_cap}")
        if document.screening is not None:
            raise ConfigError(
                "screening: no validation set in a round without a chain; leave it out"
            )
        if document.hidden is not None:
            raise ConfigError(
                "hidden: without a chain nobody but the server says whose updates a sum is of, and "
                "two sets shown to two nodes would open a single update; use `audited`"
            )
        super().__init__(**sampling)
        self.document, self.lattice, self.weight_cap = document, lattice, weight_cap
        self.memory: ServerMemory = dict(memory or {})
        self.refused: dict[int, str] = {}
        self.outcome: Outcome | None = None
        self._base: State = {}
        self._names: tuple[str, ...] = ()

    def summary(self) -> None:
        """Logs the rules and what FedAvg logs."""
        log(INFO, "\t├──> Rules: %s, %s", self.document.strategy, self.document.aggregator)
        log(INFO, "\t├──> Lattice: %s, weights up to %d", self.lattice, self.weight_cap)
        super().summary()

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Samples nodes as FedAvg does, and asks them for integers.

        Raises:
            ConfigError: the arrays aren't tensors, or the weights could overflow (A-2).
        """
        self._base, self._names = state_of_record(arrays), tuple(arrays)
        messages = list(super().configure_train(server_round, arrays, config, grid))
        self._check_sum(len(messages))
        for message in messages:
            message.content[LATTICE_RECORD] = asking(self.lattice, self.document)
        return messages

    def _check_sum(self, nodes: int) -> None:
        bits = self.lattice.bits - 1 + self.lattice.guard_bits
        if (self.weight_cap * nodes) << bits >= 1 << 62:
            raise ConfigError(
                f"{nodes} nodes of weight {self.weight_cap} could overflow the aggregate (A-2); "
                "lower weight_cap or the guard bits"
            )

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Returns the new arrays and the metrics of the replies that were taken.

        Both are None if no reply was taken; the arrays are None if the rule needs more replies.
        """
        self.refused, self.outcome = {}, None
        updates: list[AcceptedUpdate] = []
        contents: list[RecordDict] = []
        layout = layout_of(self._base, self.document)
        for reply in sorted(replies, key=lambda reply: reply.metadata.src_node_id):
            node = reply.metadata.src_node_id
            try:
                if updates and updates[-1].participant == _address(node):
                    raise UpdateRefused(Reason.STATEMENT, "a second reply of this node")
                updates.append(self._update(reply, layout))
                contents.append(reply.content)
            except (AggregationError, ConfigError, UpdateRefused) as error:
                self._refuse(node, str(error))
        if not updates:
            return None, None
        counted = common_metrics(contents, self.weighted_by_key, self.weight_cap)
        metrics = self.train_metrics_aggr_fn(counted, self.weighted_by_key)
        try:
            outcome = execute(
                RoundInputs(self._base, self.lattice, self.document, updates, self.memory)
            )
        except AggregationError as error:
            log(WARNING, "round %d: %s", server_round, error)
            return None, metrics
        self.outcome, self.memory = outcome, outcome.memory
        return record_of(outcome.tensors, self._names), metrics

    def _refuse(self, node: int, why: str) -> None:
        self.refused[node] = plain_detail(why)
        log(WARNING, "node %d is left out: %s", node, self.refused[node])

    def _update(self, reply: Message, layout: Layout) -> AcceptedUpdate:
        if reply.has_error():
            raise UpdateRefused(Reason.MISSING_CONTENT, f"the app failed: {reply.error.reason}")
        weight = weight_in(reply.content, self.weighted_by_key, self.weight_cap)
        vector = self._vector(arrays_in(reply.content), layout)
        who = _address(reply.metadata.src_node_id)
        return AcceptedUpdate(who, ZERO_WORD, ZERO_WORD, weight, vector)

    def _vector(self, arrays: ArrayRecord, layout: Layout) -> IntVector:
        found = vector_in(arrays, self.lattice, layout.length)
        if found is None and self.document.transforms:
            raise UpdateRefused(
                Reason.DTYPE, "expected what the transforms leave; is lattice_mod in the app?"
            )
        if found is None:
            trained = state_of_record(arrays)
            found = lattice_update(self._base, trained, layout, self.lattice).vector
        counts = at_the_bounds(found, layout, self.lattice)
        check_saturation(counts, layout, self.document.saturation)
        return found


def _address(node: int) -> str:
    # A node has no account here; what counts is that everybody sorts the same names.
    return f"0x{node:040x}"
