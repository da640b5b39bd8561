"""`deployments/<chainId>.json`: where the contracts are, checked against the chain on load.

Per contract: address, block, transaction, constructor arguments, the hash of the ABI, of the
creation bytecode and of the code that stands on the chain. A transaction that was sent and not yet
seen mined is kept as `pending`, so that a deployment that was cut can be finished.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from eth_utils.address import is_address

from registry.chain.artifacts import load_artifact
from registry.chain.gateway import Gateway
from registry.errors import ConfigError, WrongChain
from registry.hashing import keccak256

__all__ = ["Deployed", "Deployment", "deployment_path", "load_deployment"]

_FORMAT = "tallystick/deployment/1"


@dataclass(frozen=True)
class Deployed:
    """One contract on one chain."""

    address: str
    block: int
    transaction: str
    constructor_arguments: tuple[Any, ...]
    abi_hash: str
    bytecode_hash: str
    code_hash: str


@dataclass(frozen=True)
class Deployment:
    """The contracts of one chain. `genesis` is the hash of block 0: a new local chain has another.

    `pending` maps a contract's name to the transaction that creates it.
    """

    chain_id: int
    genesis: str
    contracts: dict[str, Deployed] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """Returns a contract's address.

        Raises:
            ConfigError: it isn't deployed.
        """
        if name not in self.contracts:
            raise ConfigError(
                f"{name} is not deployed on chain {self.chain_id}; run `tally deploy`"
            )
        return self.contracts[name].address

    @property
    def first_block(self) -> int:
        """The block of the oldest contract: events are read from here."""
        return min((c.block for c in self.contracts.values()), default=0)

    def with_contract(self, name: str, deployed: Deployed) -> Deployment:
        """Returns a copy in which a contract is deployed."""
        pending = {k: v for k, v in self.pending.items() if k != name}
        return replace(self, contracts={**self.contracts, name: deployed}, pending=pending)

    def with_pending(self, name: str, transaction: str) -> Deployment:
        """Returns a copy in which a contract's creation is on its way."""
        return replace(self, pending={**self.pending, name: transaction})

    def save(self, path: Path) -> None:
        """Writes the file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        data = {"format": _FORMAT, **asdict(self)}
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n")
        part.replace(path)


def deployment_path(folder: Path, chain_id: int) -> Path:
    """Returns where a chain's deployment is written."""
    return folder / f"{chain_id}.json"


def _entry(entry: dict[str, Any]) -> Deployed:
    made = Deployed(**{**entry, "constructor_arguments": tuple(entry["constructor_arguments"])})
    for name in ("address", "transaction", "abi_hash", "bytecode_hash", "code_hash"):
        if not isinstance(getattr(made, name), str):
            raise TypeError(f"expected text as {name}, got {getattr(made, name)!r}")
    if not isinstance(made.block, int):
        raise TypeError(f"expected a block number, got {made.block!r}")
    return made


def _parsed(path: Path) -> Deployment:
    try:
        data = json.loads(path.read_text())
        if data["format"] != _FORMAT:
            raise ConfigError(f"{path}: expected format {_FORMAT}, got {data['format']!r}")
        contracts = {name: _entry(entry) for name, entry in data["contracts"].items()}
        return Deployment(int(data["chain_id"]), data["genesis"], contracts, dict(data["pending"]))
    except (json.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path}: not a deployment file ({error}); run `tally deploy`") from error


def load_deployment(path: Path, gateway: Gateway, *, complete: bool = True) -> Deployment:
    """Reads a deployment and checks it against the chain (T-4).

    Args:
        path: the file.
        gateway: the chain.
        complete: also refuse a deployment that was cut.

    Raises:
        ConfigError: no such file, malformed, cut, or of other contracts than this package's.
        WrongChain: of another chain, or the code is gone.
    """
    if not path.exists():
        raise ConfigError(f"no deployment at {path}; run `tally deploy` or give --deployments")
    deployment = _parsed(path)
    genesis = gateway.block(0)["hash"]
    if (deployment.chain_id, deployment.genesis) != (gateway.chain_id, genesis):
        raise WrongChain(
            f"{path} is of chain {deployment.chain_id} (genesis {deployment.genesis[:10]}), the "
            f"node serves chain {gateway.chain_id} (genesis {genesis[:10]}); a restarted local "
            "chain is a new one: run `tally deploy` again"
        )
    for name, entry in deployment.contracts.items():
        _check_contract(path, name, entry, gateway)
    if complete and deployment.pending:
        raise ConfigError(f"{path}: the deployment was cut; run `tally deploy` to finish it")
    return deployment


def _check_contract(path: Path, name: str, entry: Deployed, gateway: Gateway) -> None:
    artifact = load_artifact(name)
    ours = {"interface": artifact.abi_hash, "bytecode": artifact.bytecode_hash}
    theirs = {"interface": entry.abi_hash, "bytecode": entry.bytecode_hash}
    for what, expected in ours.items():
        if theirs[what] != expected:
            raise ConfigError(
                f"{path}: {name} was deployed with another {what} than this version of tallystick "
                f"has (expected {expected[:10]}, got {theirs[what][:10]}); install the version it "
                "was deployed with, or move the file away and run `tally deploy`"
            )
    if not is_address(entry.address):
        raise ConfigError(f"{path}: expected the address of {name}, got {entry.address!r}")
    found = "0x" + keccak256(gateway.code(entry.address)).hex()
    if found != entry.code_hash:
        raise WrongChain(
            f"{path}: expected the code of {name} at {entry.address}, found other code or none; "
            "the chain was re-organised or is another one: check --rpc, or move the file away and "
            "run `tally deploy`"
        )
