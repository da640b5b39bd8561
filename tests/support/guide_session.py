"""A reader's terminal: one bash in a new home and a new folder, which a page is typed into.

A command behind which `&` stands goes on in the background. The next one is typed at once, but
for `tally up`, whose first line a reader waits for. At the end what serves is stopped by its
number, and everything else has to have ended well.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from guide_page import Command, Illustration, SavedFile, Script, Step

__all__ = ["ROOT", "GuideSession", "check_out"]

ROOT = Path(__file__).parents[2]
_LONGEST = 600.0
"""Seconds that one command may take."""
_BACKGROUND = re.compile(r"^(.*\S)\s*&\s*(?:#.*)?$", re.S)
_SERVES = re.compile(r"^(?:\w+=\S+ )*(?:tally up|anvil)\b")


@dataclass
class _Job:
    """What runs in the background."""

    command: str
    process: int
    output: Path

    @property
    def serves(self) -> bool:
        """Whether it runs until it is stopped."""
        return _SERVES.match(self.command) is not None


@dataclass
class GuideSession:
    """One terminal.

    Args:
        folder: a new one; the home and the working folder are made in it.
        checkout: the reader begins in the repository's folder: a copy of what is committed.
    """

    folder: Path
    checkout: bool = False
    said: list[str] = field(default_factory=list)
    """What each command printed, in order."""
    _jobs: list[_Job] = field(default_factory=list)

    @property
    def work(self) -> Path:
        """The folder in which the reader begins."""
        return self.folder / "work"

    def __enter__(self) -> GuideSession:
        for place in (self.work, self.folder / "home", self.folder / "out"):
            place.mkdir(exist_ok=True)
        if self.checkout:
            check_out(self.work)
        script, self._script = os.pipe()
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc", f"/dev/fd/{script}"],
            pass_fds=[script],
            cwd=self.work,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.close(script)
        self._send("set -m")  # a group for each job, which is ended as one
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shell = self._shell.pid
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
        os.close(self._script)
        for process in reversed(children):
            _end(int(process))
        self._shell.terminate()
        self._shell.wait()
        assert self._shell.stdout is not None
        self._shell.stdout.close()

    def _environment(self) -> dict[str, str]:
        """What a new terminal has: nothing of ours but this Python, its commands and anvil's."""
        tools = f"{Path(sys.executable).parent}:{ROOT / 'node_modules' / '.bin'}"
        kept = {n: v for n, v in os.environ.items() if n in ("LANG", "LC_ALL", "SOLCX_BINARY_PATH")}
        places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            **kept,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "PYTHONPATH": os.pathsep.join(places),
            "OMP_NUM_THREADS": "1",
        }

    def follow(self, steps: list[Step]) -> str:
        """Does what a page says to the end; returns all that was printed."""
        for step in steps:
            self._do(step)
        self._finish()
        return "\n".join(self.said)

    def _do(self, step: Step) -> None:
        match step:
            case SavedFile():
                self._save(step)
            case Script():
                script = self.folder / "out" / f"{len(self.said)}.py"
                script.write_text(step.text)
                self._type(Command(f"python < {shlex.quote(str(script))}"))
            case Command():
                self._type(step)
            case Illustration():
                pass

    def _save(self, file: SavedFile) -> None:
        """Writes a file where the reader is now."""
        place = self.folder / "out" / "saved"
        place.write_text(file.text)
        target, sign = shlex.quote(file.name), ">>" if file.added else ">"
        self._type(Command(f"cat {shlex.quote(str(place))} {sign} {target}"))

    def _type(self, command: Command) -> None:
        """Types a command; waits for its end, or for the first line of what serves.

        Raises:
            AssertionError: another exit code than the page tells, or something else is printed.
        """
        output = self.folder / "out" / f"{len(self.said)}.txt"
        behind = _BACKGROUND.match(command.text)
        if behind and "<<" not in command.text and not behind[1].endswith("&"):
            self._start(behind[1], output)
            return
        self._send(f"{{ {command.text}\n}} >{shlex.quote(str(output))} 2>&1; echo $?")
        code, text = int(self._answer(command.text)), output.read_text()
        self.said.append(text)
        assert code == command.code, f"$ {command.text}\n{text}\nexit code {code}{self._behind()}"
        _compare(command, text)

    def _start(self, text: str, output: Path) -> None:
        output.touch()
        self._send(f"{text} >{shlex.quote(str(output))} 2>&1 &\necho $!")
        job = _Job(text, int(self._answer(text)), output)
        self._jobs.append(job)
        self.said.append("")
        end = time.monotonic() + _LONGEST
        while job.serves and "\n" not in output.read_text():
            assert _is_running(job.process), f"$ {text} &\nended: {output.read_text()}"
            assert time.monotonic() < end, f"$ {text} &\nsaid nothing"
            time.sleep(0.02)

    def _finish(self) -> None:
        """Waits for what ends by itself.

        Raises:
            AssertionError: it ended with another exit code than 0.
        """
        for job in [job for job in self._jobs if not job.serves]:
            self._send(f"wait {job.process}; echo $?")
            code, text = int(self._answer(job.command)), job.output.read_text()
            self.said.append(text)
            self._jobs.remove(job)
            assert code == 0, f"$ {job.command} &\n{text}\nexit code {code}"

    def _send(self, text: str) -> None:
        os.write(self._script, f"{text}\n".encode())

    def _answer(self, text: str) -> str:
        """Returns the line that the shell says next."""
        assert self._shell.stdout is not None
        ready, _, _ = select.select([self._shell.stdout], [], [], _LONGEST)
        assert ready, f"$ {text}\ntook more than {_LONGEST:.0f} s{self._behind()}"
        line = self._shell.stdout.readline()
        assert line, f"$ {text}\nended the terminal{self._behind()}"
        return line

    def _behind(self) -> str:
        """Returns what runs in the background has said, for a failure's text."""
        told = [f"\n$ {job.command} &\n{job.output.read_text()}" for job in self._jobs]
        return "".join(told)


def check_out(place: Path) -> None:
    """Copies the repository's files, with what `make setup` made beside them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    for name in (".venv", "node_modules"):
        (place / name).symlink_to(ROOT / name)


def _end(group: int) -> None:
    """Ends a job's processes, in order if they are quick about it."""
    for number, seconds in ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0)):
        end = time.monotonic() + seconds
        while _is_running(group) and time.monotonic() < end:
            with suppress(ProcessLookupError):
                os.killpg(group, number)
            time.sleep(0.05)


def _is_running(process: int) -> bool:
    """Tells whether a process is there and hasn't ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _compare(command: Command, text: str) -> None:
    """Holds what the page shows against what was printed: its lines, in order, `…` for anything.

    Raises:
        AssertionError: a line isn't there.
    """
    at = 0
    for line in filter(str.strip, command.shown):
        pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
        found = re.compile(pattern).search(text, at)
        assert found, f"$ {command.text}\nexpected: {line}\n{text}"
        at = found.end()
