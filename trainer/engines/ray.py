"""Training on Ray: many participants at once, on the cores and accelerators of many machines.

Participants themselves, with their keys and journals, stay in this process; only training goes to
Ray's workers. The base version lies once in the object store of each machine, whatever the number
of participants, and of what is trained only the tensors come back. Ray moves objects between its
own processes by pickling: a cluster is one party's, and never shared with strangers.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

import numpy as np
import numpy.typing as npt
import torch

from registry.errors import ConfigError, TrainingError
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.engines.crew import Crew, Told, log_failure
from trainer.participant.participant import Participant
from trainer.plan.training_plan import LocalPlan
from trainer.ports import Clock
from trainer.protocol.actions import RoundStep
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

# Nothing is sent to Ray's makers, and a cluster of this machine listens on loopback alone.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
_TOKENS = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
if any(name in os.environ for name in _TOKENS) or (Path.home() / ".ray/auth_token").exists():
    # Where this user has a token, clusters ask for it, and Ray doesn't show it by itself.
    os.environ.setdefault("RAY_AUTH_MODE", "token")

import ray  # noqa: E402 - it reads these settings once, when it is imported

__all__ = ["RayEngine", "RayTraining"]

Factory = Callable[[], Training]
_ANSWER_SECONDS = 10.0


Packed = dict[str, tuple[str, tuple[int, ...], npt.NDArray[np.uint8]]]
"""Type, shape and bytes of tensors: numpy, by which Ray shares memory, lacks some of the types."""


def _packed(state: State) -> Packed:
    found: Packed = {}
    for name, tensor in state.items():
        flat = tensor.contiguous().view(-1).view(torch.uint8).numpy()
        found[name] = str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape), flat
    return found


def _unpacked(packed: Packed) -> State:
    """Returns copies: what lies in the object store can't be written."""
    found: State = {}
    for name, (dtype, shape, flat) in packed.items():
        found[name] = torch.empty(shape, dtype=getattr(torch, dtype))
        if flat.size:
            found[name].view(-1).view(torch.uint8).numpy()[:] = flat
    return found


def _train(make: Factory, base: Packed, plan: LocalPlan) -> Any:
    """What a worker does: arrays in the object store are read in place, and copied once."""
    torch.set_num_threads(1)
    made = make()(_unpacked(base), plan)
    return _packed(made.state), made.examples, dict(made.metrics), made.base_loss, made.evaluation


@final
class RayEngine:
    """A Ray cluster, joined or started, and what it lends to one participant's training.

    Args:
        address: of a running cluster, "auto" or "ray://…"; one of this machine without it.
        cpus: of one training; 0.5 lets two share a core.
        gpus: of one training.
        cores: of a cluster that is started; as many as there are without it.

    Raises:
        ConfigError: nothing to train on, or the cluster can't be reached.
    """

    def __init__(
        self,
        address: str | None = None,
        cpus: float = 1.0,
        gpus: float = 0.0,
        cores: int | None = None,
    ) -> None:
        if cpus < 0 or gpus < 0 or cpus + gpus == 0:
            raise ConfigError(f"expected a part of a CPU or a GPU, got {cpus} and {gpus}")
        _check_reachable(address)
        started: dict[str, Any] = {"include_dashboard": False, "num_cpus": cores}
        try:
            ray.init(
                address=address,
                logging_level=logging.ERROR,
                log_to_driver=False,
                **({} if address else started),
            )
        except (ConnectionError, ray.exceptions.AuthenticationError) as error:
            raise ConfigError(
                f"no Ray cluster at {address} that takes us: {error}; does it ask for another "
                "token than that in ~/.ray/auth_token or RAY_AUTH_TOKEN?"
            ) from error
        self._remote = ray.remote(_train).options(num_cpus=cpus, num_gpus=gpus)
        self._base: tuple[bytes, Any] = (b"", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Leaves the cluster; one that was started here ends."""
        ray.shutdown()

    def training(self, make: Factory) -> RayTraining:
        """Returns a participant's training that runs on the cluster.

        Args:
            make: makes the training where the data are: called by a worker, so it has to find them
                there, and everything that it refers to has to be importable.
        """
        return RayTraining(self, make)

    def submit(self, make: Factory, base: State, digest: bytes, plan: LocalPlan) -> Any:
        """Begins a training from a base of a digest, and returns its reference."""
        if self._base[0] != digest:
            # One version at a time: the former one's memory is given back.
            self._base = digest, ray.put(_packed(base))
        return self._remote.remote(make, self._base[1], plan)

    def run(
        self,
        coordinator: Coordinator,
        participants: Sequence[Participant],
        clock: Clock,
        round_id: bytes,
        told: Told = log_failure,
    ) -> RoundResult:
        """Runs a round to its end: all trainings are begun before the first is waited for.

        A participant whose training fails or loses its worker is told and left out of the round.

        Raises:
            TallystickError: as `run_in_process`.
        """
        crew = Crew(participants, round_id, told)
        while True:
            crew.begin()
            acted = crew.step()
            progress = coordinator.step(round_id)
            if progress.next.step is RoundStep.LEAVE:
                return coordinator.result(round_id)
            if not progress.acted and not acted:
                clock.wait_until(progress.next.until)


def _check_reachable(address: str | None) -> None:
    """Raises at once where nobody answers: Ray itself goes on trying for minutes.

    Raises:
        ConfigError: nobody listens at a "host:port" or "ray://host:port"; others are Ray's to find.
    """
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    if not colon or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS).close()
    except OSError as error:
        raise ConfigError(
            f"no Ray cluster at {address}: {error}; start one by ray start --head"
        ) from error


@final
class RayTraining:
    """One participant's training, begun ahead and fetched when it is asked for."""

    def __init__(self, engine: RayEngine, make: Factory) -> None:
        self._engine, self._make = engine, make
        self._begun: dict[tuple[bytes, str], Any] = {}

    def begin(self, base: State, plan: LocalPlan) -> None:
        """Begins a training; once, however often it is asked for."""
        self._begin(base, plan)

    def _begin(self, base: State, plan: LocalPlan) -> tuple[bytes, str]:
        key = _digest(base), repr(plan)
        if key not in self._begun:
            self._begun = {key: self._engine.submit(self._make, base, key[0], plan)}
        return key

    def __call__(self, base: State, plan: LocalPlan) -> LocalResult:
        """Returns what training comes to.

        Raises:
            TrainingError: the worker failed or was lost.
        """
        key = self._begin(base, plan)
        reference = self._begun.pop(key)
        try:
            packed, *told = ray.get(reference)
        except ray.exceptions.RayError as error:
            cause = str(error).strip().splitlines()
            raise TrainingError(f"training on Ray failed: {cause[-1]}") from error
        return LocalResult(_unpacked(packed), *told)


def _digest(base: State) -> bytes:
    digest = sha256()
    for name, (dtype, shape, flat) in sorted(_packed(base).items()):
        digest.update(f"{name} {dtype} {shape}".encode())
        digest.update(flat.data)
    return digest.digest()
