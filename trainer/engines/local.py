"""Participants as processes of this machine, each with its own key and its own data.

The engine knows nothing of rounds: a command factory says what each process runs, so a command
line, a test or another launcher can use it alike. Keys travel in the environment of one process,
where other users of the machine can't read them, never on a command line.
"""

from __future__ import annotations

import logging
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

_log = logging.getLogger(__name__)
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
        enough: how many are enough to go on when others end with an error; all without it.
        told: called once for each process that ended with an error while there are enough.

    Raises:
        ConfigError: no participant, or too many, or more that are enough than there are.
    """

    def __init__(
        self,
        factory: Callable[[int], Command],
        count: int,
        logs: Path,
        enough: int | None = None,
        told: Callable[[str], None] = _log.warning,
    ) -> None:
        if not 1 <= count <= 1_000:
            raise ConfigError(f"expected 1 to 1,000 participants, got {count}")
        self._factory, self._count, self._logs = factory, count, logs
        self._enough, self._told = count if enough is None else enough, told
        if not 1 <= self._enough <= count:
            raise ConfigError(f"expected 1 to {count} participants to be enough, got {enough}")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._failed: dict[int, str] = {}

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

    @property
    def failed(self) -> dict[int, str]:
        """What became of the processes that ended with an error, by the participants' places."""
        return dict(self._failed)

    def check(self) -> int:
        """Returns how many processes still run; tells of those that ended with an error.

        Raises:
            TrainingError: not enough are left; the message has the end of the last one's log.
        """
        for index, process in enumerate(self._processes):
            code = process.poll()
            if code in (None, 0) or index in self._failed:
                continue
            self._failed[index] = (
                f"participant {index} (process {process.pid}) ended with code {code}: "
                f"{self._tail(index)}"
            )
            if self._count - len(self._failed) < self._enough:
                raise TrainingError(self._failed[index])
            self._told(self._failed[index])
        return sum(process.poll() is None for process in self._processes)

    def wait(self, seconds: float) -> None:
        """Returns when every process has ended, and enough of them well.

        Args:
            seconds: the longest to wait.

        Raises:
            TrainingError: too many ended with an error, or the time is over.
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
