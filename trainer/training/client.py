"""The four verbs that federated code is usually written in, and what a participant makes of them.

A class written for Flower's `NumPyClient` runs here unchanged: the same verbs, arguments and return
values. `fit` is called, `evaluate` where a strategy weighs updates by the loss, `steer` where
SCAFFOLD corrects gradients, and `get_parameters` where nothing names the arrays, to compare shapes.
The arrays are in the order of the model's state dict, or, for a class that names none, in the order
of the version's file.
"""

from __future__ import annotations

import logging
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch.utils.data import Dataset

from registry.documents.evaluation import EvaluationRecord
from registry.errors import ConfigError, TrainingError
from trainer.plan.configs import Config, Scalar, config_of
from trainer.plan.training_plan import LocalPlan
from trainer.training.local_training import LocalResult, OptimizerFactory, local_train
from trainer.vectors.arrays import Arrays, arrays_of, check_unnamed, state_from
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import load_into, ties_of

__all__ = [
    "Arrays",
    "Client",
    "Config",
    "Correctable",
    "Fitting",
    "LossTelling",
    "Prefetchable",
    "RoundConfig",
    "Scalar",
    "Training",
    "Tying",
    "arrays_of",
    "client_training",
    "module_training",
    "state_from",
]

_log = logging.getLogger(__name__)

RoundConfig = Callable[[int], Mapping[str, Scalar]]
"""What a client's config holds beside the plan in a round, by the round's number."""

Training = Callable[[State, LocalPlan], LocalResult]
"""What a participant runs between two versions: base tensors and plan in, trained tensors out."""


@runtime_checkable
class Correctable(Protocol):
    """A training whose gradients can be corrected, as SCAFFOLD does."""

    def corrected(
        self, base: State, plan: LocalPlan, correction: Mapping[str, torch.Tensor]
    ) -> LocalResult:
        """Trains with something added to every gradient, by the parameters' names."""


@runtime_checkable
class Tying(Protocol):
    """A training that knows which of its model's tensors are one and the same."""

    @property
    def ties(self) -> Mapping[str, str]:
        """Names that share a tensor with an earlier one, each with that one's name."""


@runtime_checkable
class LossTelling(Protocol):
    """A training that may lack what tells the base's loss, which some strategies ask for."""

    @property
    def tells_loss(self) -> bool:
        """Whether it tells the loss where a plan asks for it."""


@runtime_checkable
class Prefetchable(Protocol):
    """A training that can be begun ahead, so that many run at once."""

    def begin(self, base: State, plan: LocalPlan) -> None:
        """Begins what a call with equal arguments will then return."""


class Fitting(Protocol):
    """What a client has to have at least."""

    def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Scalar]]:
        """Trains from `parameters`; returns the arrays, the number of examples, and metrics."""


@runtime_checkable
class NameTaking(Protocol):
    """A client whose code goes by the arrays' names."""

    def take_names(self, names: Sequence[str]) -> None:
        """Is told what the arrays are called, in their order."""


class Client(ABC):
    """A data owner's side of training. Data stay inside; only parameters come out."""

    @abstractmethod
    def get_parameters(self, config: Config) -> Arrays:
        """Returns the model's arrays, in the order of its state dict."""

    @abstractmethod
    def set_parameters(self, parameters: Arrays) -> None:
        """Puts arrays into the model, in the same order."""

    @abstractmethod
    def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Scalar]]:
        """Trains from `parameters`; returns the arrays, the number of examples, and metrics."""

    @abstractmethod
    def evaluate(
        self, parameters: Arrays, config: Config
    ) -> tuple[float, int, Mapping[str, Scalar]]:
        """Returns the loss of `parameters`, the number of examples, and metrics."""


class _ClientTraining:
    """The training of a client that has `fit`, and `evaluate` where the loss is asked for."""

    def __init__(
        self,
        client: Fitting,
        names: Sequence[str] | None,
        extra: RoundConfig | None,
        ties: Mapping[str, str] | None = None,
    ) -> None:
        self._client, self._names, self._extra = client, names, extra
        self.ties: Mapping[str, str] = ties or {}

    def __call__(self, base: State, plan: LocalPlan) -> LocalResult:
        names = self._names
        if names is None:
            names = list(base)
            check_unnamed(self._client, base)
        if isinstance(self._client, NameTaking):
            self._client.take_names(names)
        arrays, config = arrays_of(base, names), config_of(plan)
        if self._extra is not None:
            config |= self._extra(plan.round)
        before = None
        if plan.weight == "loss":
            before = self._loss([a.copy() for a in arrays], config)
        evaluation = self._evaluated(arrays, config) if plan.evaluates else None
        found, examples, metrics = _fitted(self._client.fit(arrays, dict(config)))
        return LocalResult(state_from(found, names, base), examples, metrics, before, evaluation)

    @property
    def tells_loss(self) -> bool:
        """Whether the client has `evaluate`."""
        return callable(getattr(self._client, "evaluate", None))

    def _evaluated(self, arrays: Arrays, config: Config) -> EvaluationRecord | None:
        """Returns what the class's `evaluate` tells of the base; None if it has none or it fails.

        A round goes on without what one of its participants could have measured.
        """
        evaluate = getattr(self._client, "evaluate", None)
        if not callable(evaluate):
            return None
        try:
            loss, examples, metrics = evaluate([a.copy() for a in arrays], dict(config))
            return EvaluationRecord.of(examples, loss, dict(metrics))
        except Exception as error:  # the class is its owner's, and may raise anything
            _log.warning(
                "%s.evaluate: expected a loss, a number of examples and metrics by name, got %s: "
                "%.200s; the round goes on without it",
                *(type(self._client).__name__, type(error).__name__, error),
            )
            return None

    def _loss(self, arrays: Arrays, config: Config) -> float:
        evaluate = getattr(self._client, "evaluate", None)
        if not callable(evaluate):
            raise TrainingError(
                f"{type(self._client).__name__}: the strategy weighs updates by the loss, and the "
                "class has no evaluate; give it one"
            )
        return float(evaluate(arrays, config)[0])


class _SteerableClientTraining(_ClientTraining):
    """The training of a client that has a fifth verb, `steer`."""

    def corrected(
        self, base: State, plan: LocalPlan, correction: Mapping[str, torch.Tensor]
    ) -> LocalResult:
        self._client.steer(correction)  # type: ignore[attr-defined]
        return self(base, plan)


class _ModuleTraining:
    """The training of a torch module on a data set."""

    def __init__(
        self,
        module: torch.nn.Module,
        dataset: Dataset[tuple[torch.Tensor, ...]],
        optimizer: OptimizerFactory | None,
    ) -> None:
        self._module, self._dataset, self._optimizer = module, dataset, optimizer

    @property
    def ties(self) -> dict[str, str]:
        """Names that share a tensor with an earlier one, each with that one's name."""
        return ties_of(self._module)

    def __call__(self, base: State, plan: LocalPlan) -> LocalResult:
        return self.corrected(base, plan, {})

    def corrected(
        self, base: State, plan: LocalPlan, correction: Mapping[str, torch.Tensor]
    ) -> LocalResult:
        if correction and self._optimizer is not None:
            raise ConfigError(
                "scaffold corrects plain SGD's gradients, and this training has an optimizer of "
                "its own; leave it out"
            )
        load_into(self._module, base)
        return local_train(self._module, self._dataset, plan, correction, optimizer=self._optimizer)


def _fitted(returned: object) -> tuple[Arrays, int, dict[str, float | str]]:
    """Returns what a `fit` returned, its numbers as Python's and its other metrics as text.

    Raises:
        TrainingError: it is no triple of arrays, a positive number and a dictionary.
    """
    if not isinstance(returned, (tuple, list)) or len(returned) != 3:
        raise TrainingError(
            "fit: expected (arrays, number of examples, metrics), got "
            f"{type(returned).__name__}; return these three"
        )
    arrays, examples, metrics = returned
    try:
        count = 0 if isinstance(examples, bool) else operator.index(examples)
    except TypeError:
        count = 0
    if count < 1:
        raise TrainingError(f"fit: expected a positive number of examples, got {examples!r}")
    if not isinstance(arrays, (list, tuple)) or not isinstance(metrics, Mapping):
        raise TrainingError(
            "fit: expected a list of arrays and a dictionary of metrics, got "
            f"{type(arrays).__name__} and {type(metrics).__name__}"
        )
    return list(arrays), count, {str(name): _metric(value) for name, value in metrics.items()}


def _metric(value: Any) -> float | str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        return value
    try:
        return float(value)  # of numpy and torch as well, as far as it is one number
    except (TypeError, ValueError, RuntimeError):
        return str(value)


def client_training(
    client: Fitting,
    names: Sequence[str] | None = None,
    config: RoundConfig | None = None,
    ties: Mapping[str, str] | None = None,
) -> Training:
    """Makes a participant's training of a client, which has `fit` at least.

    A client that also has a method `steer(correction)` can take part in SCAFFOLD: it is called
    before `fit` with what is to be added to every gradient, tensors by the parameters' names.

    Args:
        client: its `fit` is called with the base's arrays.
        names: the names of its arrays: `list(model.state_dict())`; those of the version's file, in
            its order, without.
        config: gives what the client's config holds beside the plan, by the round's number, as
            Flower's `on_fit_config_fn` does; what it names, it decides.
        ties: names that share a tensor with an earlier one:
            `trainer.vectors.torch_modules.ties_of(model)`.
    """
    if callable(getattr(client, "steer", None)):
        return _SteerableClientTraining(client, names, config, ties)
    return _ClientTraining(client, names, config, ties)


def module_training(
    module: torch.nn.Module,
    dataset: Dataset[tuple[torch.Tensor, ...]],
    device: torch.device | None = None,
    optimizer: OptimizerFactory | None = None,
) -> Training:
    """Makes a participant's training of a torch module and a data set.

    Args:
        module: moved to the device, and kept there.
        dataset: pairs of (input, integer label), with a length; it stays where it is.
        device: CUDA if it is there, else the CPU, without one.
        optimizer: makes an optimizer of the trained parameters, anew for every round; the plan's
            without.
    """
    chosen = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return _ModuleTraining(module.to(chosen), dataset, optimizer)
