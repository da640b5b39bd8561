"""Journey: the tutorial's commands and code, word by word, in four terminals of one folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorials" / "first-federation.md").read_text()
BLOCKS = re.findall(r"```(?:console|python)\n(.*?)```", TUTORIAL, flags=re.S)


def environment(folder: Path) -> dict[str, str]:
    """What a new terminal has: no setting of ours, and this Python's commands."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TALLY_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    places = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH", "")]))
    state = {"XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder), "PYTHONPATH": places}
    return {**kept, **state, "PATH": path, "OMP_NUM_THREADS": "1"}


def typed(folder: Path, *blocks: str) -> subprocess.Popen[str]:
    """Types the commands of some blocks into a terminal, up to the first that fails."""
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return subprocess.Popen(
        ["bash", "-ec", "\n".join(lines)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(terminal: subprocess.Popen[str]) -> str:
    """What a terminal shows in the end, where nothing failed."""
    text, _ = terminal.communicate(timeout=240)
    assert terminal.returncode == 0, text
    return text


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder in which the tutorial's first command runs."""
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    up = typed(tmp_path, "exec " + BLOCKS[0].removeprefix("$ "))
    assert up.stdout is not None
    assert up.stdout.readline().startswith("chain "), up.communicate()[0]
    try:
        yield tmp_path
    finally:
        up.send_signal(signal.SIGINT)
        up.communicate(timeout=30)


def test_the_tutorial_ends_in_two_versions_paid_and_audited(folder: Path) -> None:
    _, deploy, code, publish, coordinate, north, south, claim, look = BLOCKS
    key = deploy.splitlines()[0]
    said(typed(folder, deploy))
    (folder / "first.py").write_text(code)
    said(typed(folder, key, publish))
    terminals = [typed(folder, key, coordinate), typed(folder, north), typed(folder, south)]
    told, *joined = [said(terminal) for terminal in terminals]
    assert "round 2: version 3, 2 accepted, 0 refused" in told
    assert all("took part in 2 rounds" in text for text in joined)
    # Paid by examples: 400 and 600 of a thousand, in each of two rounds.
    for hospital, paid in ((north, "800"), (south, "1200")):
        assert paid in said(typed(folder, hospital.splitlines()[0], claim))
    assert "everything agrees" in said(typed(folder, look))
