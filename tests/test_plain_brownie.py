"""Brownie's own commands, typed in the project's folder by somebody with a new home."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from guide_session import ROOT, check_out

BROWNIE = str(Path(sys.executable).with_name("brownie"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout, and beside it a home in which brownie's chain has a port that is free."""
    folder = tmp_path_factory.mktemp("brownie")
    (folder / "home").mkdir()
    check_out(folder / "project")
    if (ROOT / "build" / "contracts").is_dir():  # what brownie compiled already, of these sources
        shutil.copytree(ROOT / "build" / "contracts", folder / "project" / "build" / "contracts")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    brownie(folder / "project", "networks", "modify", "development", f"port={port}")
    return folder / "project"


def brownie(project: Path, *words: str, typed: str = "") -> str:
    """Runs a command with nothing of ours around it; returns what it printed."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    done = subprocess.run(
        [BROWNIE, *words],
        cwd=project,
        env={**kept, "HOME": str(project.parent / "home")},
        input=typed,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
    return done.stdout


def test_test_console_and_run_work_as_they_are(project: Path) -> None:
    told = brownie(project, "test", "-k", "test_token_minting")
    assert "3 passed" in told
    typed = 'print("chain", chain.id, len(accounts))\nexit()\n'
    assert "chain 31337 20" in brownie(project, "console", typed=typed)
    brownie(project, "run", "deploy")
    written = json.loads((project / "deployments" / "31337.json").read_text())
    assert "ModelRegistry" in written["contracts"]
