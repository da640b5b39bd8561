"""A command that is told to terminate unwinds, wherever the signal finds it."""

from __future__ import annotations

import subprocess
import sys

BEGIN = """
import contextlib, os, signal, sys
from registry.cli.termination import leave_on_termination

class TerminatesInItsFinaliser:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass

class FailsInItsFinaliser:
    def __del__(self):
        raise ValueError("a finaliser's own fault")

leave_on_termination()
with contextlib.ExitStack() as stack:
    stack.callback(print, "files removed")
"""
TERMINATE = "    os.kill(os.getpid(), signal.SIGTERM)\n"
PAUSE = "    signal.pause()\n"
UNWOUND = (143, "files removed\n", "")


def ended(body: str) -> tuple[int, str, str]:
    """The exit code and the two streams of a process that runs `body` within a `with` block."""
    command = [sys.executable, "-c", BEGIN + body]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return made.returncode, made.stdout, made.stderr


def test_a_terminated_command_leaves_its_with_blocks() -> None:
    assert ended(TERMINATE + PAUSE) == UNWOUND


def test_a_terminal_that_hangs_up_ends_a_command_in_order() -> None:
    assert ended("    os.kill(os.getpid(), signal.SIGHUP)\n" + PAUSE) == (129, *UNWOUND[1:])


def test_a_termination_within_a_finaliser_is_not_lost() -> None:
    assert ended("    TerminatesInItsFinaliser()\n" + PAUSE) == UNWOUND


def test_a_second_termination_does_not_cut_the_cleaning_short() -> None:
    again = "    stack.callback(os.kill, os.getpid(), signal.SIGTERM)\n"
    assert ended(again + TERMINATE + PAUSE) == UNWOUND


def test_what_else_a_finaliser_raises_is_still_told() -> None:
    code, printed, complaint = ended("    FailsInItsFinaliser()\n")
    assert (code, printed) == (0, "files removed\n")
    assert "ValueError: a finaliser's own fault" in complaint
