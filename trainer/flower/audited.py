"""The server's one line: a Flower strategy whose rounds are rounds on the chain.

    strategy = audited(strategy)

Flower goes on with the arrays of the published versions; anyone can work them out again from what
is stored, and everybody is paid their share. Sampling, messages and evaluation stay the strategy's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from logging import INFO, WARNING
from typing import Any, cast

from flwr.app import ArrayRecord, ConfigRecord, Message, MessageType, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg, Result, Strategy
from flwr.supercore import log

from registry.documents.batch_entries import Opening
from registry.errors import ConfigError, TrainingError
from trainer.coordinator.coordinator import RoundResult
from trainer.documents.details import plain_detail
from trainer.errors import UpdateRefused
from trainer.flower.chain_rounds import Conductor
from trainer.flower.environment import open_ground, server_signer
from trainer.flower.records import common_metrics, record_of, state_of_record
from trainer.flower.round_options import RoundOptions
from trainer.flower.rules import rules_of
from trainer.flower.wire import REQUEST, Request, WireRequest, answered_address, answered_opening

__all__ = ["AuditedStrategy", "audited"]

# Enough nodes for every part of them to be one at least.
_MANY = 1 << 20


def audited(strategy: Strategy, options: RoundOptions | None = None) -> AuditedStrategy:
    """Returns a strategy that does what the given one does, in rounds on the chain.

    Args:
        strategy: of one of Flower's own classes, or of one derived from it that combines updates
            as it does; see `trainer.flower.rules`.
        options: budget, lattice and times; the defaults pay nothing.

    Raises:
        ConfigError: of another class, or one with an aggregation of its own: nobody else could work
            its result out again.
    """
    return AuditedStrategy(strategy, options or RoundOptions())


class AuditedStrategy(Strategy):
    """A wrapped strategy; made by `audited`.

    `results` holds how each round ended, `refused` why nodes were left out of the latest.
    """

    def __init__(self, strategy: Strategy, options: RoundOptions) -> None:
        # Refused here rather than after the first round's training.
        rules_of(strategy, _MANY)
        self._inner = cast(FedAvg, strategy)
        self._options = options
        self._open = ExitStack()
        self._conductor: Conductor | None = None
        self._round_id: bytes | None = None
        self._names: tuple[str, ...] = ()
        self._seats: dict[int, str] = {}
        self._grid: Grid | None = None
        self.results: list[RoundResult] = []
        self.refused: dict[str, str] = {}

    def summary(self) -> None:
        """Logs what the wrapped strategy logs."""
        log(INFO, "\t├──> Audited: each round is one on the chain")
        self._inner.summary()

    def start(self, *arguments: Any, **named: Any) -> Result:
        """Runs the app's rounds; what was opened is closed afterwards."""
        with self._open:
            return super().start(*arguments, **named)

    def _conducting(self) -> Conductor:
        if self._conductor is None:
            ground = open_ground(server_signer(os.environ), os.environ)
            self._conductor = Conductor(self._open.enter_context(ground), self._options)
        return self._conductor

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Opens a round for the nodes that are sampled, lets them enrol, and returns its messages.

        The arrays are the newest version's; the given ones become it if there is none.

        Raises:
            ConfigError: settings are missing, or the model's versions aren't the app's.
        """
        conductor = self._conducting()
        self.refused = conductor.refused = {}
        self._names, self._round_id, self._grid = tuple(arrays), None, grid
        base = record_of(conductor.base(state_of_record(arrays)), self._names)
        messages = list(self._inner.configure_train(server_round, base, config, grid))
        self._seats = self._addresses([m.metadata.dst_node_id for m in messages], grid)
        if len(self._seats) < self._options.minimum:
            log(WARNING, "%d nodes gave an address: no round is opened", len(self._seats))
            return []
        rules = rules_of(self._inner, len(self._seats))
        self._round_id = conductor.open(rules, list(self._seats.values()))
        self._ask(grid, list(self._seats), Request(WireRequest.ENROL, self._round_id))
        conductor.await_enrolment(self._round_id)
        share = Request(WireRequest.SHARE, self._round_id)
        conductor.await_bundles(self._round_id, lambda: self._ask(grid, list(self._seats), share))
        request = Request(WireRequest.TRAIN, self._round_id, self._inner.weighted_by_key)
        seated = [m for m in messages if m.metadata.dst_node_id in self._seats]
        for message in seated:
            message.content[REQUEST] = request.record()
        return seated

    def _addresses(self, nodes: list[int], grid: Grid) -> dict[int, str]:
        found: dict[int, str] = {}
        for reply in self._ask(grid, nodes, Request(WireRequest.ADDRESS)):
            node = reply.metadata.src_node_id
            try:
                address = answered_address(reply.content)
            except ConfigError as error:
                self._refuse(node, str(error))
                continue
            if address in found.values():
                self._refuse(node, f"another node has the address {address}")
            else:
                found[node] = address
        return found

    def _ask(self, grid: Grid, nodes: list[int], request: Request) -> list[Message]:
        """Asks nodes, and returns the replies of those that didn't fail, by node id."""
        replies = self._replies(grid, nodes, request)
        for reply in replies:
            if reply.has_error():
                self._refuse(reply.metadata.src_node_id, reply.error.reason)
        answers = [reply for reply in replies if not reply.has_error()]
        return sorted(answers, key=lambda reply: reply.metadata.src_node_id)

    def _replies(self, grid: Grid, nodes: list[int], request: Request) -> list[Message]:
        content = RecordDict({REQUEST: request.record()})
        asked = [Message(content, dst_node_id=n, message_type=MessageType.TRAIN) for n in nodes]
        return list(grid.send_and_receive(asked, timeout=self._options.phase_seconds))

    def _unmask(self) -> None:
        """Asks nodes to open what sums need; who doesn't is still in them, by others' shares."""
        if self._grid is None or self._round_id is None:
            return
        request = Request(WireRequest.OPEN, self._round_id)
        for reply in self._replies(self._grid, list(self._seats), request):
            if reply.has_error():
                who = self._seats.get(reply.metadata.src_node_id)
                log(WARNING, "%s opens nothing: %s", who, plain_detail(str(reply.error.reason)))

    def _refuse(self, node: int, why: str | None) -> None:
        who = self._seats.get(node, f"node {node}")
        self.refused[who] = plain_detail(why or "it failed without a reason")
        log(WARNING, "%s is left out: %s", who, self.refused[who])

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Ends the round; returns the published version's arrays and the replies' metrics.

        Both are None if the round came to nothing: Flower goes on with the arrays it has. A hidden
        round has no metrics.
        """
        if self._round_id is None:
            return None, None
        openings, contents = self._openings(replies)
        conductor = self._conducting()
        conductor.reveal(self._round_id, openings, self._unmask)
        tensors = conductor.settle(self._round_id)
        result = conductor.result(self._round_id)
        self.results.append(result)
        self.refused |= conductor.refused
        if tensors is None or result.document is None:
            return None, None
        taken = [a.participant for a in result.document.accepted if a.participant in contents]
        return record_of(tensors, self._names), self._metrics([contents[who] for who in taken])

    def _metrics(self, contents: list[RecordDict]) -> MetricRecord | None:
        if self._options.hidden is not None:
            return None  # a node's numbers would tell what is hidden: it sends none
        key = self._inner.weighted_by_key
        try:
            counted = common_metrics(contents, key, self._options.weight_cap)
        except UpdateRefused as error:
            # The update was taken; only what its node says of itself can't be weighed.
            log(WARNING, "the metrics are left out: %s", error)
            return None
        return self._inner.train_metrics_aggr_fn(counted, key) if counted else None

    def _openings(
        self, replies: Iterable[Message]
    ) -> tuple[dict[str, Opening], dict[str, RecordDict]]:
        openings: dict[str, Opening] = {}
        contents: dict[str, RecordDict] = {}
        for reply in sorted(replies, key=lambda reply: reply.metadata.src_node_id):
            node = reply.metadata.src_node_id
            if reply.has_error():
                self._refuse(node, reply.error.reason)
                continue
            try:
                who = answered_address(reply.content)
                if who != self._seats.get(node):
                    raise TrainingError(f"expected the answer of {self._seats.get(node)}")
                openings[who] = answered_opening(reply.content)
                contents[who] = reply.content
            except (ConfigError, TrainingError) as error:
                self._refuse(node, str(error))
        return openings, contents

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Leaves evaluation to the wrapped strategy."""
        return self._inner.configure_evaluate(server_round, arrays, config, grid)

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        """Leaves evaluation to the wrapped strategy."""
        return self._inner.aggregate_evaluate(server_round, replies)
