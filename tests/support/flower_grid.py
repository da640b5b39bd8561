"""A Flower grid in this process: nodes are functions from a message to a reply."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")

import numpy as np
import numpy.typing as npt
from flwr.app import (
    Array,
    ArrayRecord,
    ConfigRecord,
    Context,
    Message,
    MetricRecord,
    RecordDict,
    UserConfig,
)
from flwr.serverapp import Grid
from flwr.supercore.task_identity import TaskIdentity

__all__ = [
    "Arrays",
    "LocalGrid",
    "Node",
    "context_of",
    "moving",
    "npy",
    "reply_to",
    "replying",
    "train_round",
]

Node = Callable[[Message], Message]
Arrays = Mapping[str, npt.NDArray[Any]]


class LocalGrid(Grid):
    """Hands each message to its node at once; replies come in the order that `order` gives."""

    def __init__(self, nodes: Mapping[int, Node], order: Callable[[list[Any]], list[Any]] = list):
        self.nodes, self.order = dict(nodes), order
        self._replies: dict[str, Message] = {}
        # A message carries who made it; Flower's own processes are told when they start.
        TaskIdentity.run_id = TaskIdentity.task_id = TaskIdentity.node_id = 1

    def set_run(self, *_: object) -> None:
        """Does nothing: there is one run."""

    @property
    def run(self) -> Any:
        """There is no record of the run."""
        return None

    def create_message(self, *arguments: Any, **named: Any) -> Message:
        """Returns a message."""
        return Message(*arguments, **named)

    def get_node_ids(self) -> Iterable[int]:
        """Returns the nodes."""
        return list(self.nodes)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Lets the nodes answer; returns names for the replies."""
        names: list[str] = []
        for message in messages:
            names.append(f"reply-{len(self._replies)}-{len(names)}")
            self._replies[names[-1]] = self.nodes[message.metadata.dst_node_id](message)
        return names

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Returns the replies, once."""
        return [self._replies.pop(name) for name in message_ids]

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """Returns every node's reply."""
        return self.order(list(self.pull_messages(self.push_messages(messages))))


def context_of(node: int, **config: Any) -> Context:
    """Returns a node's context."""
    return Context(
        run_id=1,
        node_id=node,
        node_config=UserConfig(config),
        state=RecordDict(),
        run_config=UserConfig(),
    )


def reply_to(message: Message, arrays: Arrays, examples: float, **metrics: float) -> Message:
    """Returns a reply with arrays and a number of examples."""
    content = RecordDict(
        {
            "arrays": ArrayRecord({name: Array(np.asarray(a)) for name, a in arrays.items()}),
            "metrics": MetricRecord({"num-examples": examples, **metrics}),
        }
    )
    return Message(content, reply_to=message)


def replying(change: Callable[[Arrays], Arrays], examples: float = 10, **metrics: float) -> Node:
    """Returns a node that changes the arrays it gets."""

    def answer(message: Message) -> Message:
        record = next(iter(message.content.array_records.values()))
        given = {name: array.numpy() for name, array in record.items()}
        return reply_to(message, change(given), examples, **metrics)

    return answer


def moving(seed: int, scale: float = 0.01) -> Callable[[Arrays], Arrays]:
    """Returns a change: normal steps, the same for the same seed."""

    def change(given: Arrays) -> Arrays:
        draw = np.random.default_rng(seed)
        return {n: (a + draw.normal(0, scale, a.shape)).astype(a.dtype) for n, a in given.items()}

    return change


def npy(shape: str = "()", kind: str = "<i2", values: bytes = b"", text: str = "") -> bytes:
    """Returns the bytes of an array in numpy's format, with any header."""
    header = text or f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    line = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line + values


def train_round(strategy: Any, grid: Grid, arrays: Arrays, number: int = 1) -> Any:
    """Runs one round's training; returns the strategy's new arrays, by name, and its metrics."""
    record = ArrayRecord({name: Array(np.asarray(a)) for name, a in arrays.items()})
    messages = strategy.configure_train(number, record, ConfigRecord(), grid)
    found, metrics = strategy.aggregate_train(number, grid.send_and_receive(messages))
    return (None if found is None else {n: a.numpy() for n, a in found.items()}), metrics
