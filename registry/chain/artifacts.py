"""The contracts' ABIs and creation bytecode, as shipped inside the package.

Each file `abi/<Contract>.json` holds `{"contractName", "abi", "bytecode", "runtime",
"immutables"}`, written by `make abi`; a test fails when they no longer match the sources.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from registry.errors import ConfigError
from registry.hashing import keccak256

__all__ = ["CONTRACTS", "Artifact", "load_artifact"]

CONTRACTS = (
    "Timelock",
    "EmergencyStop",
    "ModelRegistry",
    "RewardToken",
    "TokenList",
    "PayoutDistributor",
    "RewardPool",
    "Forfeits",
    "AggregationJudge",
    "VersionJudge",
    "TermsRules",
    "TrainingRounds",
    "StakeVault",
    "StakeFloors",
    "StakedRounds",
    "Disputes",
    "Questions",
    "Evaluations",
    "Availability",
    "WeightedPayouts",
    "HiddenRounds",
    "SumJudge",
)


@dataclass(frozen=True)
class Artifact:
    """One contract's interface, its creation code, and the code that this leaves.

    `runtime` has zeros where immutables go; `immutables` maps their names to the places, in bytes,
    of the 32-byte words that hold them.
    """

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    runtime: bytes
    immutables: dict[str, tuple[int, ...]]

    @property
    def abi_hash(self) -> str:
        """The keccak-256 of the ABI as canonical JSON, in hex."""
        text = json.dumps(list(self.abi), sort_keys=True, separators=(",", ":"))
        return "0x" + keccak256(text.encode()).hex()

    @property
    def bytecode_hash(self) -> str:
        """The keccak-256 of the creation code without constructor arguments, in hex."""
        return "0x" + keccak256(self.bytecode).hex()


@cache
def load_artifact(name: str) -> Artifact:
    """Returns a shipped contract by name.

    Raises:
        ConfigError: no contract of that name is shipped.
    """
    place = resources.files("registry.chain") / "abi" / f"{name}.json"
    if not place.is_file():
        raise ConfigError(f"expected one of {', '.join(CONTRACTS)}, got contract {name!r}")
    data = json.loads(place.read_text())
    return Artifact(
        data["contractName"],
        tuple(data["abi"]),
        bytes.fromhex(data["bytecode"].removeprefix("0x")),
        bytes.fromhex(data["runtime"].removeprefix("0x")),
        {name: tuple(places) for name, places in data["immutables"].items()},
    )
