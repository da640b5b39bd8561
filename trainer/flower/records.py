"""Between Flower's records and a model's tensors, and what a reply says beside its arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, Message, MessageType, MetricRecord, RecordDict

from registry.errors import ConfigError
from trainer.errors import Reason, UpdateRefused
from trainer.tensor_files import State

__all__ = [
    "arrays_in",
    "common_metrics",
    "is_training",
    "record_of",
    "state_of_record",
    "weight_in",
]

_NUMPY = "numpy.ndarray"


def state_of_record(record: ArrayRecord) -> State:
    """Returns copies of a record's arrays as tensors, by name.

    Raises:
        ConfigError: an array that isn't numpy's, or of a type that torch doesn't have.
    """
    state: State = {}
    for name, array in record.items():
        if array.stype != _NUMPY:
            raise ConfigError(f"array {name!r}: expected a {_NUMPY}, got {array.stype!r}")
        try:
            state[name] = torch.from_numpy(np.array(array.numpy()))
        except (TypeError, ValueError, EOFError) as error:
            raise ConfigError(f"array {name!r}: expected numbers in numpy's format") from error
    return state


def record_of(state: Mapping[str, torch.Tensor], names: Sequence[str]) -> ArrayRecord:
    """Returns a record of a state's tensors in the order of `names`."""
    return ArrayRecord({name: Array(state[name].detach().cpu().numpy()) for name in names})


def is_training(message: Message) -> bool:
    """Tells whether a message asks for training, whatever its action is called."""
    return message.metadata.message_type.split(".")[0] == MessageType.TRAIN


def arrays_in(content: RecordDict) -> ArrayRecord:
    """Returns the one record of arrays of a message.

    Raises:
        UpdateRefused: none, or several.
    """
    found = list(content.array_records.values())
    if len(found) != 1:
        raise UpdateRefused(Reason.SHAPE, f"expected one record of arrays, got {len(found)}")
    return found[0]


def weight_in(content: RecordDict, key: str, cap: int) -> int:
    """Returns a reply's number of examples, at most `cap`.

    Raises:
        UpdateRefused: no metrics, no such number, or one that isn't a whole one of at least 1.
    """
    records = list(content.metric_records.values())
    value = records[0].get(key) if len(records) == 1 else None
    if not isinstance(value, (int, float)) or not np.isfinite(value) or value != int(value):
        raise UpdateRefused(Reason.WEIGHT, f"expected a whole number {key!r}, got {value!r}")
    if value < 1:
        raise UpdateRefused(Reason.WEIGHT, f"expected {key!r} of at least 1, got {value!r}")
    return min(int(value), cap)


def common_metrics(contents: Sequence[RecordDict], key: str, cap: int) -> list[RecordDict]:
    """Returns contents with the metrics alone that all of them have, weighed by at most `cap`.

    One reply that names its metrics otherwise would make Flower leave out everybody's.
    """
    records = [next(iter(content.metric_records.values())) for content in contents]
    names = set(records[0]).intersection(*records[1:]) if records else set()
    found = []
    for content, record in zip(contents, records, strict=True):
        kept = {name: value for name, value in record.items() if name in names}
        kept[key] = weight_in(content, key, cap)
        found.append(RecordDict({"metrics": MetricRecord(kept)}))
    return found
