"""What the shipped ABIs mention, by its names and types in Python, for `export_bindings.py`."""

import keyword
import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from typing import Any

from registry.chain.artifacts import CONTRACTS, load_artifact

_NODES, _TERMS = "registry.fraud_proofs.nodes", "registry.fraud_proofs.stake_terms"
_SERVERS = "registry.fraud_proofs.server_steps"
OWN = {
    "Children": _NODES,
    "ChunkProof": _TERMS,
    "Content": "registry.types",
    "Leaf": _NODES,
    "Node": _NODES,
    "Path": _NODES,
    "Proposal": _TERMS,
    "Server": _SERVERS,
    "StakeTerms": _TERMS,
    "StepProof": _SERVERS,
}

"""Structs that the protocol reasons about itself, and the modules of its classes for them."""

Entry = dict[str, Any]
LONGEST = 80


def snake(name: str) -> str:
    """Returns a Solidity name in Python's spelling; a keyword gets an underscore."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name))
    lowered = parted.lower().strip("_")
    return f"{lowered}_" if keyword.iskeyword(lowered) else lowered


def entries(contract: str, kind: str) -> list[Entry]:
    """Returns a contract's functions or events by name."""
    found = [entry for entry in load_artifact(contract).abi if entry["type"] == kind]
    return sorted(found, key=lambda entry: str(entry["name"]))


def structs_of(parameter: Entry) -> Iterator[Entry]:
    """Yields the structs in a parameter, inner ones first."""
    for component in parameter.get("components", ()):
        yield from structs_of(component)
    if parameter["type"].startswith("tuple"):
        yield parameter


def all_structs() -> dict[str, Entry]:
    """Returns every struct of the ABIs by its internal type, inner ones first."""
    found: dict[str, Entry] = {}
    for contract in CONTRACTS:
        for entry in entries(contract, "function") + entries(contract, "event"):
            for parameter in [*entry["inputs"], *entry.get("outputs", ())]:
                for struct in structs_of(parameter):
                    found.setdefault(struct["internalType"].rstrip("[]"), struct)
    return found


def struct_names(structs: dict[str, Entry]) -> dict[str, str]:
    """Returns the structs' Python names: the last part, after its interface's where two share it.

    Raises:
        SystemExit: two structs would get the same name.
    """
    parts = {internal: internal.removeprefix("struct ").split(".") for internal in structs}
    short = [path[-1] for path in parts.values()]
    names = {
        internal: "".join(path).removeprefix("I") if short.count(path[-1]) > 1 else path[-1]
        for internal, path in parts.items()
    }
    if len(set(names.values())) != len(names):
        raise SystemExit(f"two structs of one name among {sorted(names.values())}")
    return names


def python_type(parameter: Entry, names: dict[str, str], taken: bool, prefix: str) -> str:
    """Returns a parameter's type in Python; a list that is taken may be any sequence."""
    kind: str = parameter["type"]
    if kind.endswith("[]"):
        inner = {**parameter, "type": kind[:-2]}
        inside = python_type(inner, names, taken, prefix)
        return f"Sequence[{inside}]" if taken else f"tuple[{inside}, ...]"
    if kind == "tuple":
        return prefix + names[parameter["internalType"].rstrip("[]")]
    if kind in ("bool", "address", "string"):
        return "bool" if kind == "bool" else "str"
    if kind.startswith(("uint", "int")):
        return "int"
    if kind.startswith("bytes"):
        return "bytes"
    raise SystemExit(f"no Python type for {kind}")


def signature(entry: Entry) -> str:
    """Returns a signature with the names of structs, its parameters left out if it is long."""
    kinds = (re.sub("^(struct|enum) ", "", item["internalType"]) for item in entry["inputs"])
    text = f"{entry['name']}({', '.join(kinds)})"
    return text if len(text) <= LONGEST else f"{entry['name']}(…)"


def check_own(name: str, struct: Entry) -> None:
    """Returns if the project's own class has a struct's fields in the struct's order.

    Raises:
        SystemExit: it hasn't: calls would be encoded wrongly.
    """
    ours = [item.name for item in fields(getattr(import_module(OWN[name]), name))]
    theirs = [snake(component["name"]) for component in struct["components"]]
    if ours != theirs:
        raise SystemExit(f"{OWN[name]}.{name} has the fields {ours}, the struct {theirs}")
