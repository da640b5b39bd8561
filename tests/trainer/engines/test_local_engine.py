"""Participants as processes: started, watched, and ended by their ids."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from registry.errors import ConfigError, TrainingError
from trainer.engines import Command, LocalEngine

# Each waits for a byte that never comes, so it runs until it is ended.
ENDLESS = "import time\nwhile True: time.sleep(60)"
STUBBORN = (
    "import signal, time, pathlib, os\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "pathlib.Path(os.environ['READY']).touch()\n"
    "while True: time.sleep(60)"
)


def python(code: str, **environment: str) -> Command:
    """A command that runs Python code."""
    return Command([sys.executable, "-c", code], environment)


def gone(process_id: int) -> bool:
    """Tells whether no process of that id is left."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    return False


def test_each_process_has_its_own_command_key_and_log(tmp_path: Path) -> None:
    def factory(index: int) -> Command:
        return python("import os; print(os.environ['TALLY_KEY'])", TALLY_KEY=f"key {index}")

    with LocalEngine(factory, 3, tmp_path) as engine:
        engine.wait(30)
    logs = [(tmp_path / f"participant-{index}.log").read_text() for index in range(3)]
    assert logs == ["key 0\n", "key 1\n", "key 2\n"]


def test_a_key_of_ours_does_not_reach_the_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLY_KEY", "ours")
    with LocalEngine(
        lambda _: python("import os; print('TALLY_KEY' in os.environ)"), 1, tmp_path
    ) as e:
        e.wait(30)
    assert (tmp_path / "participant-0.log").read_text() == "False\n"


def test_a_key_does_not_show_in_a_commands_repr() -> None:
    assert "secret" not in repr(python("pass", TALLY_KEY="secret"))


def test_a_dead_process_is_noticed_with_the_end_of_its_log(tmp_path: Path) -> None:
    def factory(index: int) -> Command:
        return python("raise SystemExit('no disk left')" if index == 1 else ENDLESS)

    with LocalEngine(factory, 2, tmp_path) as engine:
        ids = engine.process_ids
        with pytest.raises(TrainingError, match=r"participant 1 .* code 1: no disk left"):
            engine.wait(30)
    assert all(gone(process_id) for process_id in ids)


def test_every_process_is_ended_when_the_block_is_left_by_an_error(tmp_path: Path) -> None:
    engine = LocalEngine(lambda _: python(ENDLESS), 2, tmp_path)

    def interrupted() -> None:
        with engine:
            assert engine.check() == 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert all(gone(process_id) for process_id in engine.process_ids)


def test_a_process_that_won_t_stop_is_made_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.engines.local._GRACE_SECONDS", 0.2)
    ready = tmp_path / "ready"
    with LocalEngine(lambda _: python(STUBBORN, READY=str(ready)), 1, tmp_path) as engine:
        while not ready.exists():
            assert engine.check() == 1
    assert all(gone(process_id) for process_id in engine.process_ids)


def test_waiting_has_an_end(tmp_path: Path) -> None:
    with (
        LocalEngine(lambda _: python(ENDLESS), 1, tmp_path) as engine,
        pytest.raises(TrainingError, match="1 participants still run"),
    ):
        engine.wait(0.1)


def test_what_cannot_be_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="can't be run"):
        LocalEngine(lambda _: Command([str(tmp_path / "no")]), 1, tmp_path).start()
    for count in (0, 1_001):
        with pytest.raises(ConfigError, match="1 to 1,000"):
            LocalEngine(lambda _: python("pass"), count, tmp_path)
    engine = LocalEngine(lambda _: python("pass"), 1, tmp_path)
    with engine:
        engine.wait(30)
        with pytest.raises(TrainingError, match="started before"):
            engine.start()
