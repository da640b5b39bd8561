"""`deployments/<chainId>.json`: where the contracts are, checked against the chain on load.

Per contract: address, block, transaction, constructor arguments, the hash of the ABI, of the
creation bytecode and of the code that stands on the chain. A transaction that was sent and not yet
seen mined is kept as `pending`, so that a deployment that was cut can be finished.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

from eth_abi.exceptions import EncodingError

from registry.chain.artifacts import CONTRACTS, Artifact, load_artifact
from registry.chain.contracts import constructor_arguments, creation_code
from registry.chain.gateway import Gateway
from registry.documents.canonical_json import (
    bytes32_from_hex,
    checksummed,
    require_fields,
    strict_object,
)
from registry.errors import ConfigError, WrongChain
from registry.hashing import keccak256, sha256

__all__ = ["Deployed", "Deployment", "deployment_path", "load_deployment", "parse_deployment"]

_FORMAT = "tallystick/deployment/1"
_LARGEST_FILE = 1 << 20
_LARGEST = 1 << 63


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

    def without(self, names: Iterable[str]) -> Deployment:
        """Returns a copy in which some contracts aren't deployed."""
        dropped = set(names)
        kept = {name: made for name, made in self.contracts.items() if name not in dropped}
        return replace(self, contracts=kept)

    def with_pending(self, name: str, transaction: str) -> Deployment:
        """Returns a copy in which a contract's creation is on its way."""
        return replace(self, pending={**self.pending, name: transaction})

    def to_json(self) -> bytes:
        """Returns the file's text."""
        data = {"format": _FORMAT, **asdict(self)}
        return (json.dumps(data, indent=2, sort_keys=True) + "\n").encode()

    def save(self, path: Path) -> None:
        """Writes the file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(self.to_json())
        part.replace(path)


def deployment_path(folder: Path, chain_id: int) -> Path:
    """Returns where a chain's deployment is written."""
    return folder / f"{chain_id}.json"


def _entry(name: str, value: Any) -> Deployed:
    fields = [each.name for each in dataclass_fields(Deployed)]
    found = require_fields(value, fields, name)
    for hashed in ("transaction", "abi_hash", "bytecode_hash", "code_hash"):
        bytes32_from_hex(found[hashed], f"{name}: {hashed}")
    checksummed(found["address"], f"{name}: address")
    block = _natural(found["block"], f"{name}: block")
    arguments = found["constructor_arguments"]
    if not isinstance(arguments, list):
        raise ConfigError(f"{name}: expected a list of arguments, got {arguments!r:.60}")
    return Deployed(**{**found, "block": block, "constructor_arguments": tuple(arguments)})


def _natural(value: Any, what: str) -> int:
    if type(value) is not int or not 0 <= value < _LARGEST:
        raise ConfigError(f"{what}: expected a number from 0 to 2^63 - 1, got {value!r:.60}")
    return value


def _shipped(value: Any, what: str) -> dict[str, Any]:
    """Returns an object whose names are those of shipped contracts."""
    if not isinstance(value, dict):
        raise ConfigError(f"expected {what} by contract, got {value!r:.60}")
    for name in value:
        if name not in CONTRACTS:
            raise ConfigError(f"{what}: no contract of ours is called {name!r:.60}")
    return value


def parse_deployment(data: bytes) -> Deployment:
    """Returns the deployment that a file's text stands for.

    The round-trip law: `parse_deployment(d.to_json()) == d`.

    Raises:
        ConfigError: not such a file: other fields, or a value that isn't of its field's type.
    """
    names = ("format", "chain_id", "genesis", "contracts", "pending")
    found = require_fields(strict_object(data, _LARGEST_FILE, "file"), names, "file")
    if found["format"] != _FORMAT:
        raise ConfigError(f"expected format {_FORMAT}, got {found['format']!r:.60}")
    chain_id = _natural(found["chain_id"], "chain_id")
    bytes32_from_hex(found["genesis"], "genesis")
    contracts = {n: _entry(n, e) for n, e in _shipped(found["contracts"], "contracts").items()}
    pending = _shipped(found["pending"], "pending")
    for name, transaction in pending.items():
        bytes32_from_hex(transaction, f"pending: {name}")
        if name in contracts:
            raise ConfigError(f"{name} is both deployed and pending")
    return Deployment(chain_id, found["genesis"], contracts, pending)


def _read(path: Path, digest: bytes | None) -> Deployment:
    text = path.read_bytes()
    found = sha256(text)
    if digest is not None and found != digest:
        raise ConfigError(
            f"{path}: expected the SHA-256 digest {digest.hex()}, got {found.hex()}; get the file "
            "from whoever vouches for the digest, or give another --deployments folder"
        )
    try:
        return parse_deployment(text)
    except ConfigError as error:
        raise ConfigError(
            f"{path}: not a deployment file ({error}); move it away and run `tally deploy`"
        ) from error


def load_deployment(
    path: Path, gateway: Gateway, *, complete: bool = True, digest: bytes | None = None
) -> Deployment:
    """Reads a deployment and checks it against the chain (T-4).

    Args:
        path: the file.
        gateway: the chain.
        complete: also refuse a deployment that was cut.
        digest: the SHA-256 digest that the file has to have, 32 bytes; None: any.

    Raises:
        ConfigError: no such file, another digest, malformed, cut, or of other contracts than this
            package's.
        WrongChain: of another chain, or the code is gone.
    """
    if not path.exists():
        raise ConfigError(f"no deployment at {path}; run `tally deploy` or give --deployments")
    deployment = _read(path, digest)
    genesis = gateway.block(0)["hash"]
    if (deployment.chain_id, deployment.genesis) != (gateway.chain_id, genesis):
        raise WrongChain(
            f"{path} is of chain {deployment.chain_id} (genesis {deployment.genesis[:10]}), the "
            f"node serves chain {gateway.chain_id} (genesis {genesis[:10]}); a restarted local "
            "chain is a new one: run `tally deploy` again"
        )
    for name, entry in deployment.contracts.items():
        _check_contract(path, name, entry)
    _check_codes(path, deployment, gateway)
    if complete and deployment.pending:
        raise ConfigError(f"{path}: the deployment was cut; run `tally deploy` to finish it")
    return deployment


def _check_contract(path: Path, name: str, entry: Deployed) -> None:
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
    if not _fits(artifact, entry.constructor_arguments):
        raise ConfigError(
            f"{path}: expected the arguments of {name}'s constructor, got "
            f"{list(entry.constructor_arguments)!r:.80}"
        )


def _check_codes(path: Path, deployment: Deployment, gateway: Gateway) -> None:
    """Asks for all contracts' code at once: a node far away is asked once, not for each."""
    entries = deployment.contracts
    codes = gateway.codes([entry.address for entry in entries.values()])
    for (name, entry), code in zip(entries.items(), codes, strict=True):
        if "0x" + keccak256(code).hex() != entry.code_hash:
            raise WrongChain(
                f"{path}: expected the code of {name} at {entry.address}, found other code or "
                "none; the chain was re-organised or is another one: check --rpc, or move the "
                "file away and run `tally deploy`"
            )


def _fits(artifact: Artifact, arguments: tuple[Any, ...]) -> bool:
    """Tells whether a constructor takes the arguments, each in the one form that it has."""
    try:
        code = creation_code(artifact, list(arguments))
        read = constructor_arguments(artifact, code)
    except (ConfigError, EncodingError, TypeError, ValueError, OverflowError):
        return False
    return json.dumps(read) == json.dumps(list(arguments))  # true isn't 1 there
