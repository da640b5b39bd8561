"""What a participant brings: its data, its class, and the arrays that the class shows and returns.

None of it asks a chain for anything, and none of it takes a seat.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import torch

from registry.errors import ConfigError, TrainingError
from trainer.plan.training_plan import LocalPlan
from trainer.readiness.points import Checklist, Unseen
from trainer.training.array_contract import ShownArrays, check_dtypes, check_shapes, shown_arrays
from trainer.training.client import Fitting, Training
from trainer.training.client_choice import ClientChoice
from trainer.training.foreign_errors import foreign_error
from trainer.vectors.layout import check_state
from trainer.vectors.safetensors_files import State

__all__ = ["ClientPoints", "one_step"]

_WITHOUT_A_BASE = "needs the model's newest version to compare with"


@final
@dataclass
class ClientPoints:
    """Looks at a class and its data; keeps what was made of them, so that it is made once.

    Args:
        choice: what the command line names.
        folder: where a personal part lies or will lie.
        base: the version's tensors, as they lie in its file; None where they can't be had.
    """

    choice: ClientChoice
    folder: Path
    base: State | None
    training: Training | None = field(default=None, init=False)

    def look(self, points: Checklist) -> None:
        """Looks at data, class, constructor, shapes and dtypes, in this order."""
        points.look("data", self._data)
        made: list[Callable[..., Any]] = []
        clients: list[Fitting] = []

        def find() -> str:
            made.append(self.choice.find())
            return self.choice.named

        def make() -> str:
            if not made:
                raise Unseen("needs its class")
            clients.append(self.choice.make(made[0]))
            self.training = self.choice.training_of(clients[0], self.folder)
            return f"made of {self.choice.data}"

        points.look("class", find)
        points.look("constructor", make)
        shown: list[ShownArrays] = []

        def shapes() -> str:
            base = self._comparable(bool(clients))
            shown.append(shown_arrays(clients[0]))
            return check_shapes(shown[0], base)

        def dtypes() -> str:
            base = self._comparable(bool(clients))
            if not shown or shown[0].dtypes is None:
                raise Unseen("the class shows no arrays before it has trained: try --fit")
            return check_dtypes(shown[0], base)

        points.look("shapes", shapes)
        points.look("dtypes", dtypes)

    def look_at_fit(self, points: Checklist, plan: LocalPlan) -> None:
        """Has the class train one step and compares what it returns; sends nothing."""

        def fit() -> str:
            if self.training is None:
                raise Unseen("needs a client")
            return one_step(self.training, self._comparable(True, personal=True), plan)

        points.look("fit", fit)

    def _comparable(self, made: bool, *, personal: bool = False) -> State:
        if not made:
            raise Unseen("needs a client")
        if self.choice.personal and not personal:
            raise Unseen("a personal training fits itself to the version: try --fit")
        if self.base is None:
            raise Unseen(_WITHOUT_A_BASE)
        return self.base

    def _data(self) -> str:
        data = self.choice.data
        if not data.exists():
            raise ConfigError(f"--data: expected a file or folder, got {data}")
        if data.is_dir():
            count = sum(1 for _ in data.iterdir())
            if not count:
                raise ConfigError(f"--data {data}: expected something in the folder, it is empty")
            return f"{data}, a folder with {count} entries"
        with data.open("rb") as file:
            if not file.read(1):
                raise ConfigError(f"--data {data}: expected something in the file, it is empty")
        return f"{data}, {data.stat().st_size:,} bytes"


def one_step(training: Training, base: Mapping[str, torch.Tensor], plan: LocalPlan) -> str:
    """Trains once from a copy of a version and compares what comes back; returns it in words.

    Args:
        training: of the client.
        base: the version's tensors.
        plan: asks for one step.

    Raises:
        TrainingError: it raised, or what it returned isn't of the base's shapes or isn't finite.
    """
    own = {name: tensor.clone() for name, tensor in base.items()}
    began = time.monotonic()
    try:
        result = training(own, plan)
    except (TrainingError, ConfigError):
        raise
    except Exception as error:  # a class of the user's may raise anything
        raise TrainingError(f"fit failed: {foreign_error(error)}") from error
    took = time.monotonic() - began
    check_state(result.state, base)
    spoilt = [n for n, t in result.state.items() if _is_spoilt(t, base[n])]
    if spoilt:
        raise TrainingError(
            f"fit returned infinities or NaN in {spoilt[0]!r}; look for NaN in the data, or lower "
            "the learning rate"
        )
    moved = sum(not torch.equal(t, base[n]) for n, t in result.state.items())
    if not moved:
        return f"returned the version unchanged after {took:.1f} s: does it train?"
    return f"{moved} of {len(base)} arrays moved in {took:.1f} s; {result.examples} examples"


def _is_spoilt(found: torch.Tensor, before: torch.Tensor) -> bool:
    if not found.is_floating_point():
        return False
    return bool(before.isfinite().all()) and not bool(found.isfinite().all())
