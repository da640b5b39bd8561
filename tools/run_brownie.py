"""Runs `brownie test` on an Anvil of its own, at a port that is free.

Plain `brownie test` does the same at port 8545, on whatever answers there. Brownie keeps ports in
its home folder, so it gets one of its own. Arguments after `test` are passed on.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
HOME = ROOT / ".venv" / "brownie-home"


def free_port() -> int:
    """Returns a port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Returns brownie's exit code."""
    HOME.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "HOME": str(HOME),
        "PATH": f"{BIN}:{os.environ['PATH']}",
    }
    brownie = str(BIN / "brownie")
    command = ["networks", "modify", "development", f"port={free_port()}"]
    subprocess.run([brownie, *command], env=environment, cwd=ROOT, check=True, capture_output=True)
    return subprocess.run(
        [brownie, "test", *sys.argv[2:]], env=environment, cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
