"""A Flower ClientApp as a client of rounds: its functions get the messages that they always got.

An app with functions for `train` and `evaluate` gets named arrays and a config record; one with a
`client_fn` the older form of both. Nothing of the app is changed, and no Flower server is there.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, final

import numpy as np
from flwr.app import (
    Array,
    ArrayRecord,
    ConfigRecord,
    Context,
    Message,
    MessageType,
    Metadata,
    RecordDict,
)
from flwr.clientapp import ClientApp
from flwr.common import EvaluateIns, FitIns, ndarrays_to_parameters, parameters_to_ndarrays
from flwr.compat.common.recorddict_compat import (
    evaluateins_to_recorddict,
    fitins_to_recorddict,
    recorddict_to_evaluateres,
    recorddict_to_fitres,
)

from registry.errors import ConfigError, TrainingError
from trainer.errors import UpdateRefused
from trainer.flower.records import arrays_in, state_of_record, weight_in
from trainer.vectors.arrays import Arrays

__all__ = ["AppClient", "app_client_maker"]

_ARRAYS, _CONFIG, _EXAMPLES = "arrays", "config", "num-examples"
_LARGEST_WEIGHT = 2**32 - 1
_LIVES = 3_600.0  # seconds
_LOSSES = ("eval_loss", "loss", "val_loss", "test_loss")
_Value = bool | float | int | str


def app_client_maker(found: object) -> Callable[[Path], AppClient] | None:
    """Returns what makes a client of a ClientApp, given the path of the data; None for others."""
    return partial(AppClient, found) if isinstance(found, ClientApp) else None


@final
class AppClient:
    """One node's app, with the context that it would have there.

    Args:
        app: as it is.
        data: a TOML file with the node's configuration (`partition-id` and its like), or whatever
            path the app is to find as `context.node_config["data"]`.
        work: where the app's own `pyproject.toml` is looked for, whose `tool.flwr.app.config` is
            the run's configuration.
    """

    def __init__(self, app: ClientApp, data: Path, work: Path | None = None) -> None:
        self._app = app
        self._legacy = getattr(app, "_call", None) is not None  # made with a client_fn
        node = _node_config(data)
        run = _run_config((work or Path.cwd()) / "pyproject.toml")
        self._context = Context(0, 0, dict(node), RecordDict(), dict(run))
        self._names: Sequence[str] = ()
        self._asked_before = 0

    def take_names(self, names: Sequence[str]) -> None:
        """Is told what the arrays are called, in their order."""
        self._names = names

    def fit(
        self, parameters: Arrays, config: Mapping[str, Any]
    ) -> tuple[Arrays, int, dict[str, Any]]:
        """Has the app train; returns arrays, the number of examples, and metrics.

        Raises:
            TrainingError: the app failed, or returned no such things.
        """
        if self._legacy:
            asked = FitIns(ndarrays_to_parameters(parameters), dict(config))
            content = self._asked(MessageType.TRAIN, fitins_to_recorddict(asked, keep_input=True))
            told = recorddict_to_fitres(content, keep_input=False)
            return parameters_to_ndarrays(told.parameters), told.num_examples, dict(told.metrics)
        content = self._asked(MessageType.TRAIN, self._message(parameters, config))
        try:
            state = state_of_record(arrays_in(content))
            examples = weight_in(content, _EXAMPLES, _LARGEST_WEIGHT)
        except (ConfigError, UpdateRefused) as error:
            raise TrainingError(f"the app's reply to train: {error}") from error
        missing = [name for name in self._names if name not in state]
        if missing:
            raise TrainingError(f"the app's reply to train: expected an array {missing[0]!r}")
        return [state[name].numpy() for name in self._names], examples, _metrics_of(content)

    def evaluate(
        self, parameters: Arrays, config: Mapping[str, Any]
    ) -> tuple[float, int, dict[str, Any]]:
        """Has the app evaluate; returns the loss, the number of examples, and metrics.

        Raises:
            TrainingError: the app failed, or told no loss.
        """
        if self._legacy:
            asked = EvaluateIns(ndarrays_to_parameters(parameters), dict(config))
            records = evaluateins_to_recorddict(asked, keep_input=True)
            told = recorddict_to_evaluateres(self._asked(MessageType.EVALUATE, records))
            return told.loss, told.num_examples, dict(told.metrics)
        content = self._asked(MessageType.EVALUATE, self._message(parameters, config))
        metrics = _metrics_of(content)
        try:
            examples = weight_in(content, _EXAMPLES, _LARGEST_WEIGHT)
        except UpdateRefused as error:
            raise TrainingError(f"the app's reply to evaluate: {error}") from error
        losses = [float(metrics[name]) for name in _LOSSES if name in metrics]
        if not losses:
            raise TrainingError(f"the app's reply to evaluate: expected one of {_LOSSES}")
        return losses[0], examples, metrics

    def _message(self, parameters: Arrays, config: Mapping[str, Any]) -> RecordDict:
        pairs = zip(self._names, parameters, strict=True)
        arrays = ArrayRecord({name: Array(np.ascontiguousarray(array)) for name, array in pairs})
        return RecordDict({_ARRAYS: arrays, _CONFIG: ConfigRecord(dict(config))})

    def _asked(self, kind: str, content: RecordDict) -> RecordDict:
        self._asked_before += 1
        # What a server would have set: there is none, and a message has to be somebody's.
        about = Metadata(0, f"{self._asked_before}", 0, 0, "", "", time.time(), _LIVES, kind)
        message = Message(content=content, metadata=about)  # type: ignore[call-overload]
        reply = self._app(message, self._context)
        if reply.has_error():
            raise TrainingError(f"the app failed: {reply.error.reason}")
        return reply.content


def _metrics_of(content: RecordDict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for record in content.metric_records.values():
        found |= {name: value for name, value in record.items() if name != _EXAMPLES}
    return {name: value for name, value in found.items() if isinstance(value, int | float)}


def _node_config(data: Path) -> dict[str, _Value]:
    if data.suffix == ".toml":
        return _flat(_read_toml(data), str(data))
    return {"partition-id": 0, "num-partitions": 1, "data": str(data)}


def _run_config(project: Path) -> dict[str, _Value]:
    if not project.is_file():
        return {}
    found: Any = _read_toml(project)
    for name in ("tool", "flwr", "app", "config"):
        found = found.get(name, {}) if isinstance(found, dict) else {}
    return _flat(found, str(project)) if isinstance(found, dict) else {}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: expected TOML ({error})") from error


def _flat(table: Mapping[str, Any], where: str, above: str = "") -> dict[str, _Value]:
    """Returns a table's values by dotted names, as Flower flattens a run's configuration."""
    found: dict[str, _Value] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, where, f"{above}{name}.")
        elif isinstance(value, bool | float | int | str):
            found[f"{above}{name}"] = value
        else:
            raise ConfigError(f"{where}: expected a number, text or yes and no as {name}")
    return found
