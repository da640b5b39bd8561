"""Writes the shipped ABIs and creation bytecode from forge's build: `make abi`.

With `--check`, changes nothing and exits with 1 if a shipped file is stale. A folder, such as
`build/verification`, is that of another profile's build.
"""

import json
import sys
from pathlib import Path
from typing import Any

from registry.chain.artifacts import CONTRACTS

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "registry" / "chain" / "abi"


def immutable_names(build: Path) -> dict[str, str]:
    """Returns the immutables of all sources: their names by the compiler's numbers for them."""
    names: dict[str, str] = {}
    for path in sorted(build.glob("*.sol/*.json")):
        todo: list[Any] = [json.loads(path.read_text()).get("ast")]
        while todo:
            node = todo.pop()
            if isinstance(node, list):
                todo.extend(node)
            elif isinstance(node, dict):
                if node.get("mutability") == "immutable":
                    names[str(node["id"])] = node["name"]
                todo.extend(value for value in node.values() if isinstance(value, dict | list))
    return names


def shipped(build: Path, name: str, names: dict[str, str]) -> str:
    """Returns what the shipped file of a contract has to hold.

    `runtime` is the code that a deployment leaves, with zeros where `immutables` says that the
    words of each immutable go.
    """
    built = json.loads((build / f"{name}.sol" / f"{name}.json").read_text())
    runtime = built["deployedBytecode"]
    places = runtime.get("immutableReferences", {})
    if not names.keys() >= places.keys():
        # The compiler numbers sources anew in each run, and an incremental build mixes runs.
        raise SystemExit(f"{build} mixes several builds: run `forge build --force` first")
    artifact = {
        "contractName": name,
        "abi": built["abi"],
        "bytecode": built["bytecode"]["object"],
        "runtime": runtime["object"],
        "immutables": {
            names[number]: sorted(place["start"] for place in found)
            for number, found in places.items()
        },
    }
    return json.dumps(artifact, sort_keys=True, separators=(",", ":")) + "\n"


def main() -> int:
    """Writes or checks every file; returns the exit code."""
    PLACE.mkdir(parents=True, exist_ok=True)
    folders = [word for word in sys.argv[1:] if not word.startswith("--")]
    build = ROOT / (folders[0] if folders else "build/forge")
    stale, names = [], immutable_names(build)
    for name in CONTRACTS:
        path, text = PLACE / f"{name}.json", shipped(build, name, names)
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
