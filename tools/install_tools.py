"""Puts solc, anvil, forge, cast and ganache on the virtual environment's path.

solc is npm's build of the compiler behind `tools/solc.cjs`; brownie, forge and the tests all find
it at `.venv/bin/solc`. The chain tools are the binaries inside their npm packages.
"""

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
MODULES = ROOT / "node_modules"


def link(name: str, target: Path) -> None:
    """Makes `.venv/bin/<name>` point at `target`."""
    place = BIN / name
    place.unlink(missing_ok=True)
    place.symlink_to(target)
    target.chmod(0o755)


def main() -> None:
    """Installs all five commands."""
    solc = (ROOT / "tools" / "solc.cjs").read_text().replace("__NODE_MODULES__", str(MODULES))
    place = BIN / "solc"
    place.unlink(missing_ok=True)
    place.write_text(solc)
    place.chmod(0o755)
    version = json.loads((MODULES / "solc" / "package.json").read_text())["version"]
    solcx = ROOT / ".venv" / "solcx"
    solcx.mkdir(exist_ok=True)
    shutil.copy(place, solcx / f"solc-v{version}")
    for tool in ("anvil", "forge", "cast"):
        link(tool, MODULES / "@foundry-rs" / f"{tool}-linux-amd64" / "bin" / tool)
    link("ganache", MODULES / "ganache" / "dist" / "node" / "cli.js")


main()
