"""The shipped ABIs and bytecode are what the sources compile to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(
    not shutil.which("forge") and not (ROOT / ".venv/bin/forge").exists(), reason="needs forge"
)
def test_the_shipped_files_are_what_forge_compiles() -> None:
    forge = shutil.which("forge") or str(ROOT / ".venv" / "bin" / "forge")
    subprocess.run([forge, "build"], cwd=ROOT, check=True, capture_output=True)
    check = [sys.executable, str(ROOT / "scripts" / "export_abi.py"), "--check"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
