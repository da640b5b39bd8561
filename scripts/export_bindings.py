"""Writes `registry/chain/bindings`, typed Python for the shipped ABIs: `make abi`.

One frozen dataclass per struct and per event, and one class of calls per contract. With `--check`,
changes nothing and exits with 1 if a file is stale. Structs that the protocol reasons about itself
(`abi_types.OWN`) aren't mirrored: the project's class stands for them, held against the ABI's
fields.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from abi_types import (
    OWN,
    Entry,
    all_structs,
    check_own,
    entries,
    python_type,
    signature,
    snake,
    struct_names,
)

from registry.chain.artifacts import CONTRACTS

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "registry" / "chain" / "bindings"
WRITTEN = "\n\nWritten by `make abi` (scripts/export_bindings.py): change the contracts instead.\n"
OWN_PACKAGE = 'lint.isort.known-first-party=["registry"]'
FUTURE = "from __future__ import annotations\n\n"


def dataclass_text(
    name: str, told: str, members: list[Entry], names: dict[str, str], prefix: str
) -> str:
    """Returns the source of a frozen dataclass."""
    lines = [f"    {snake(m['name'])}: {python_type(m, names, False, prefix)}" for m in members]
    body = "\n" + "\n".join(lines) if lines else ""
    return f'@dataclass(frozen=True, slots=True)\nclass {name}:\n    """{told}"""\n{body}\n'


def structs_text(structs: dict[str, Entry], names: dict[str, str]) -> str:
    """Returns the source of `structs.py`."""
    own = {name: structs[internal] for internal, name in names.items() if name in OWN}
    for name, struct in own.items():
        check_own(name, struct)
    imports = "".join(
        f"from {module} import {', '.join(sorted(n for n in own if OWN[n] == module))}\n"
        for module in sorted({OWN[name] for name in own})
    )
    made = [
        dataclass_text(name, f"`{internal}`.", structs[internal]["components"], names, "")
        for internal, name in sorted(names.items(), key=lambda pair: pair[1])
        if name not in OWN
    ]
    table = "".join(f'    "{internal}": {name},\n' for internal, name in sorted(names.items()))
    return (
        f'"""The structs of the contracts.{WRITTEN}"""\n\n{FUTURE}'
        "from collections.abc import Mapping\nfrom dataclasses import dataclass\n"
        f"from typing import Final\n\n{imports}\n"
        f"__all__ = {sorted(['BY_TYPE', *names.values()])!r}\n\n\n" + "\n\n".join(made) + "\n\n"
        f"BY_TYPE: Final[Mapping[str, type]] = {{\n{table}}}\n"
        '"""The dataclasses by their internal types in the ABIs."""\n'
    )


def events_text(contract: str, names: dict[str, str]) -> str:
    """Returns the source of a contract's events."""
    told = entries(contract, "event")
    body = "\n\n".join(
        dataclass_text(event["name"], f"`{signature(event)}`.", event["inputs"], names, "structs.")
        for event in told
    )
    imported = "from registry.chain.bindings import structs\n" if "structs." in body else ""
    return (
        f'"""What {contract} tells.{WRITTEN}"""\n\n{FUTURE}'
        f"from dataclasses import dataclass\n\n{imported}\n"
        f"__all__ = {sorted(e['name'] for e in told)!r}\n\n\n{body}"
    )


def method_text(entry: Entry, names: dict[str, str]) -> str:
    """Returns the source of one call."""
    pairs = [
        (snake(parameter["name"]) or f"argument_{place}", parameter)
        for place, parameter in enumerate(entry["inputs"], 1)
    ]
    taken = "".join(f", {n}: {python_type(p, names, True, 'structs.')}" for n, p in pairs)
    given = f"({', '.join(name for name, _ in pairs)}{',' * (len(pairs) == 1)})"
    kind = "Call"
    if entry["stateMutability"] in ("view", "pure"):
        answers = [python_type(o, names, False, "structs.") for o in entry["outputs"]] or ["None"]
        kind = f"View[{answers[0]}]" if len(answers) == 1 else f"View[tuple[{', '.join(answers)}]]"
    return (
        f"    def {snake(entry['name'])}(self{taken}) -> {kind}:\n"
        f'        """`{signature(entry)}`."""\n'
        f'        return {kind.split("[")[0]}(self.contract, "{entry["name"]}", {given})\n'
    )


def calls_text(contract: str, names: dict[str, str]) -> str:
    """Returns the source of a contract's calls."""
    body = "\n".join(method_text(entry, names) for entry in entries(contract, "function"))
    used = [word for word in ("BoundContract", "Call", "View") if re.search(rf"\b{word}\b", body)]
    sequence = "from collections.abc import Sequence\n\n" if "Sequence[" in body else ""
    imported = "from registry.chain.bindings import structs\n" if "structs." in body else ""
    return (
        f'"""Calls of {contract}.{WRITTEN}"""\n\n{FUTURE}{sequence}{imported}'
        f"from registry.chain.calls import {', '.join(['BoundContract', *used])}\n\n"
        f'__all__ = ["{contract}"]\n\n\nclass {contract}(BoundContract):\n'
        f'    """The functions of {contract}: views to read, calls to send."""\n\n{body}'
    )


def deployed_text() -> str:
    """Returns the source of `deployed.py`: a deployment's contracts by name."""
    imports = "".join(
        f"from registry.chain.bindings.{snake(name)} import {name}\n" for name in sorted(CONTRACTS)
    )
    members = "\n".join(
        f'    @property\n    def {snake(name)}(self) -> {name}:\n        """{name}."""\n'
        f'        return {name}(self._contracts["{name}"])\n'
        for name in sorted(CONTRACTS)
    )
    return (
        f'"""A deployment\'s contracts, each with its calls.{WRITTEN}"""\n\n{FUTURE}'
        f"from collections.abc import Mapping\n\n{imports}"
        "from registry.chain.contracts import Contract\n\n"
        '__all__ = ["DeployedContracts"]\n\n\nclass DeployedContracts:\n'
        '    """The contracts of one deployment, bound to a chain and perhaps to a sender."""\n\n'
        "    def __init__(self, contracts: Mapping[str, Contract]) -> None:\n"
        f"        self._contracts = contracts\n\n{members}"
    )


def events_table(telling: list[str]) -> str:
    """Returns the source of `events/__init__.py`: the modules by contract."""
    modules = ", ".join(sorted(snake(name) for name in telling))
    table = "".join(f'    "{name}": {snake(name)},\n' for name in sorted(telling))
    return (
        f'"""What each contract tells, a module each.{WRITTEN}"""\n\n{FUTURE}'
        "from collections.abc import Mapping\nfrom types import ModuleType\n"
        f"from typing import Final\n\nfrom registry.chain.bindings.events import {modules}\n\n"
        f'__all__ = ["BY_CONTRACT"]\n\n'
        f"BY_CONTRACT: Final[Mapping[str, ModuleType]] = {{\n{table}}}\n"
        '"""The modules, whose dataclasses have the events\' names, by contract."""\n'
    )


def bindings() -> dict[str, str]:
    """Returns every file's source, not formatted yet, by its path below the package."""
    structs = all_structs()
    names = struct_names(structs)
    telling = [contract for contract in CONTRACTS if entries(contract, "event")]
    return {
        "__init__.py": f'"""The contracts\' ABIs as typed Python.{WRITTEN}"""\n',
        "structs.py": structs_text(structs, names),
        "deployed.py": deployed_text(),
        "events/__init__.py": events_table(telling),
        **{f"{snake(name)}.py": calls_text(name, names) for name in CONTRACTS},
        **{f"events/{snake(name)}.py": events_text(name, names) for name in telling},
    }


def formatted(texts: dict[str, str]) -> dict[str, str]:
    """Returns sources by name, with their names in order and as `ruff format` has them."""
    with tempfile.TemporaryDirectory() as place:
        paths = {name: Path(place) / name for name in texts}
        for name, path in paths.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[name])
        for command in (["check", "--fix-only", "--select", "I,RUF022"], ["format"]):
            rules = ["--config", "pyproject.toml", "--config", OWN_PACKAGE, "--no-cache", "--quiet"]
            ruff = [sys.executable, "-m", "ruff", *command, *rules, place]
            subprocess.run(ruff, check=True, cwd=ROOT)
        return {name: path.read_text() for name, path in paths.items()}


def main() -> int:
    """Writes or checks every file; returns the exit code."""
    wanted = {PLACE / name: text for name, text in formatted(bindings()).items()}
    there = {path: path.read_text() for path in PLACE.rglob("*.py")}
    stale = sorted(path for path in {*wanted, *there} if wanted.get(path) != there.get(path))
    told = ", ".join(path.relative_to(PLACE).as_posix() for path in stale)
    if stale and "--check" in sys.argv:
        print(f"stale: {told}; run `make abi`")
        return 1
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path]) if path in wanted else path.unlink()
    print(f"written: {told}" if stale else "the bindings are fresh")
    return 0


if __name__ == "__main__":
    sys.exit(main())
