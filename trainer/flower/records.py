"""Between Flower's records and a model's tensors, and what a reply says beside its arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, Message, MessageType, MetricRecord, RecordDict

from registry.errors import ConfigError
from trainer.documents.update_files import check_sparse, sparse_form
from trainer.errors import Reason, UpdateRefused
from trainer.flower.numpy_arrays import array_of
from trainer.types import IntVector, Lattice
from trainer.vectors.lattice import check_range
from trainer.vectors.safetensors_files import State

__all__ = [
    "arrays_in",
    "common_metrics",
    "is_training",
    "record_of",
    "record_of_vector",
    "state_of_record",
    "vector_in",
    "weight_in",
]

_NUMPY = "numpy.ndarray"
_WHOLE = "tallystick.update"
_PLACES, _VALUES = "tallystick.places", "tallystick.values"


def state_of_record(record: ArrayRecord) -> State:
    """Returns copies of a record's arrays as tensors, by name.

    Raises:
        ConfigError: an array that isn't numpy's, is of another size than its bytes, or of a type
            that torch doesn't have.
    """
    state: State = {}
    for name, array in record.items():
        if array.stype != _NUMPY:
            raise ConfigError(f"array {name!a:.80}: expected a {_NUMPY}, got {array.stype!a:.80}")
        try:
            state[name] = torch.from_numpy(array_of(array.data))
        except (ConfigError, TypeError, ValueError) as error:
            raise ConfigError(f"array {name!a:.80}: {error}") from error
    return state


def record_of(state: Mapping[str, torch.Tensor], names: Sequence[str]) -> ArrayRecord:
    """Returns a record of a state's tensors in the order of `names`."""
    return ArrayRecord({name: Array(state[name].detach().cpu().numpy()) for name in names})


def record_of_vector(vector: IntVector) -> ArrayRecord:
    """Returns a record of lattice values, in the form that takes fewer bytes."""
    sparse = sparse_form(vector)
    if sparse is None:
        return ArrayRecord({_WHOLE: Array(vector)})
    return ArrayRecord({_PLACES: Array(sparse[0]), _VALUES: Array(sparse[1])})


def vector_in(record: ArrayRecord, lattice: Lattice, length: int) -> IntVector | None:
    """Returns the lattice values in a record, shape (length,); None if it holds an app's arrays.

    Raises:
        ConfigError: arrays that aren't numpy's.
        UpdateRefused: no vector of the length on the lattice.
    """
    if set(record) not in ({_WHOLE}, {_PLACES, _VALUES}):
        return None
    arrays = {name: tensor.numpy() for name, tensor in state_of_record(record).items()}
    found = arrays[_WHOLE] if _WHOLE in arrays else _laid_out(arrays, length)
    if found.shape != (length,):
        raise UpdateRefused(Reason.SHAPE, f"expected the shape ({length},), got {found.shape}")
    check_range(found, lattice)
    return found


def _laid_out(arrays: Mapping[str, IntVector], length: int) -> IntVector:
    places, values = arrays[_PLACES], arrays[_VALUES]
    integers = all(np.issubdtype(array.dtype, np.signedinteger) for array in (places, values))
    if places.ndim != 1 or values.shape != places.shape or not integers:
        raise UpdateRefused(Reason.SHAPE, "expected as many places as values, both integers")
    check_sparse(places, values, length)
    vector: IntVector = np.zeros(length, values.dtype)
    vector[places] = values
    return vector


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
        raise UpdateRefused(Reason.WEIGHT, f"expected a whole number {key!r}, got {value!r:.80}")
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
