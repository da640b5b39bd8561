"""Participants as processes of this machine, each with its own key and its own data.

The engine knows nothing of rounds: a command factory says what each process runs, so a command
line, a test or another launcher can use it alike. Keys travel in the environment of one process,
where other users of the machine can't read them, never on a command line.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self, final

from registry.errors import ConfigError, TrainingError

__all__ = ["Command", "LocalEngine"]

_GRACE_SECONDS = 5.0
_TAIL_BYTES = 2_000
# What a process needs of its parent's environment to find its interpreter and libraries.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Command:
    """What one process runs. The environment is left out of the repr: it may hold a key."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@final
class LocalEngine:
    """Starts one process per participant, watches them, and ends them by their ids.

    Args:
        factory: gives the command of participant 0, 1, …
        count: how many participants, 1 to 1,000.
        logs: a folder; process i writes to `participant-<i>.log` in it.

    Raises:
        ConfigError: no participant, or too many.
    """

    def __init__(self, factory: Callable[[int], Command], count: int, logs: Path) -> None:
        if not 1 <= count <= 1_000:
            raise ConfigError(f"expected 1 to 1,000 participants, got {count}")
        self._factory, self._count, self._logs = factory, count, logs
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def process_ids(self) -> list[int]:
        """The ids of the processes, in the participants' order."""
        return [process.pid for process in self._processes]

    def start(self) -> None:
        """Starts every process; if one can't be, those that were started are ended.

        Raises:
            TrainingError: started before, or a command that can't be run.
        """
        if self._processes:
            raise TrainingError("the engine was started before; make another one")
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            for index in range(self._count):
                self._processes.append(self._launch(index))
        except OSError as error:
            self.stop()
            raise TrainingError(f"a participant's command can't be run: {error}") from error

    def _launch(self, index: int) -> subprocess.Popen[bytes]:
        command = self._factory(index)
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        with self._log(index).open("wb") as log:
            return subprocess.Popen(
                list(command.arguments),
                env={**inherited, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def check(self) -> int:
        """Returns how many processes still run.

        Raises:
            TrainingError: one ended with an error; the message has the end of its log.
        """
        for index, process in enumerate(self._processes):
            code = process.poll()
            if code not in (None, 0):
                raise TrainingError(
                    f"participant {index} (process {process.pid}) ended with code {code}: "
                    f"{self._tail(index)}"
                )
        return sum(process.poll() is None for process in self._processes)

    def wait(self, seconds: float) -> None:
        """Returns when every process has ended well.

        Args:
            seconds: the longest to wait.

        Raises:
            TrainingError: one ended with an error, or the time is over.
        """
        end = monotonic() + seconds
        while running := self.check():
            left = end - monotonic()
            if left <= 0:
                raise TrainingError(f"{running} participants still run after {seconds} seconds")
            self._wait_for_any(min(left, 0.2))

    def stop(self) -> None:
        """Ends every process that still runs: asked first, then made to."""
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        end = monotonic() + _GRACE_SECONDS
        for process in self._processes:
            try:
                process.wait(max(0.0, end - monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _wait_for_any(self, seconds: float) -> None:
        running = next(p for p in self._processes if p.poll() is None)
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def _log(self, index: int) -> Path:
        return self._logs / f"participant-{index}.log"

    def _tail(self, index: int) -> str:
        text = self._log(index).read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace")
        return " | ".join(line for line in text.splitlines()[-3:] if line.strip()) or "no output"
