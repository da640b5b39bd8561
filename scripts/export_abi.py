"""Writes the shipped ABIs and creation bytecode from forge's build: `make abi`.

With `--check`, changes nothing and exits with 1 if a shipped file is stale.
"""

import json
import sys
from pathlib import Path

from registry.chain.artifacts import CONTRACTS

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "registry" / "chain" / "abi"


def shipped(name: str) -> str:
    """Returns what the shipped file of a contract has to hold."""
    built = json.loads((ROOT / "build" / "forge" / f"{name}.sol" / f"{name}.json").read_text())
    artifact = {
        "contractName": name,
        "abi": built["abi"],
        "bytecode": built["bytecode"]["object"],
    }
    return json.dumps(artifact, sort_keys=True, separators=(",", ":")) + "\n"


def main() -> int:
    """Writes or checks every file; returns the exit code."""
    PLACE.mkdir(parents=True, exist_ok=True)
    stale = []
    for name in CONTRACTS:
        path, text = PLACE / f"{name}.json", shipped(name)
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"stale: {', '.join(stale)}; run `make abi`")
        return 1
    print(f"written: {', '.join(stale)}" if stale else "the shipped ABIs are fresh")
    return 0


if __name__ == "__main__":
    sys.exit(main())
