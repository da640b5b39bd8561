"""Holds the deployment's file against the chain and against the code that this package ships.

The file says where the contracts are, since when and made with what. A contract replaced by another
with its hash changed in the file, a false argument, or a block that leaves the history out is found
here: the code is what the sources compile to with those arguments, and none stood there before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from registry.audit.evidence import AuditEvidence
from registry.audit.findings import FindingKind
from registry.chain.accounts import EMPTY_CODE, proven_code_hashes
from registry.chain.artifacts import load_artifact
from registry.chain.deployment_parameters import Parameters
from registry.chain.deployment_plan import PLAN
from registry.chain.deployments import Deployed
from registry.chain.headers import Header
from registry.chain.runtime_code import runtime_code
from registry.errors import ConfigError
from registry.hashing import keccak256
from registry.types import Event

__all__ = ["blocks_of_interest", "check_deployment"]

_FILE = "deployment file"
_FIRST_EVENT = "TokenListed"


def blocks_of_interest(entries: Collection[Deployed]) -> set[int]:
    """Returns the blocks before those that the file says the contracts were made in."""
    return {entry.block - 1 for entry in entries if entry.block > 0}


def check_deployment(
    evidence: AuditEvidence, headers: Mapping[int, Header], events: Sequence[Event]
) -> bool:
    """Checks each contract's code, arguments and start; returns whether the history is whole.

    Args:
        evidence: the audit's sources.
        headers: of `blocks_of_interest`.
        events: what was read.
    """
    connection, whole = evidence.connection, True
    contracts = connection.deployment.contracts
    befores = {name: headers.get(entry.block - 1) for name, entry in contracts.items()}
    places = [(evidence.header, entry.address) for entry in contracts.values()]
    places += [(at, contracts[name].address) for name, at in befores.items() if at is not None]
    told = iter(proven_code_hashes(connection.gateway, places))
    now = {name: next(told) for name in contracts}
    then = {name: next(told) for name, at in befores.items() if at is not None}
    for name, entry in contracts.items():
        _code(evidence, name, entry, now[name])
        _arguments(evidence, name, entry)
        whole = _start(evidence, name, entry, befores[name], then.get(name)) and whole
    if not any(event.name == _FIRST_EVENT for event in events):
        # The list's constructor tells the tokens that it takes: a history without that isn't whole.
        evidence.report.differ(
            FindingKind.DEPLOYMENT,
            "events",
            "the events of the contracts' creation",
            "none",
            whose=_FILE,
        )
        return False
    return whole


def _compare(evidence: AuditEvidence, subject: str, expected: object, found: object) -> None:
    evidence.report.compare(FindingKind.DEPLOYMENT, subject, expected, found, whose=_FILE)


def _code(evidence: AuditEvidence, name: str, entry: Deployed, found: bytes | None) -> None:
    chain_id = evidence.connection.gateway.chain_id
    try:
        expected = runtime_code(
            load_artifact(name), entry.address, chain_id, entry.constructor_arguments
        )
    except ConfigError as error:
        evidence.report.differ(FindingKind.DEPLOYMENT, name, "its constructor's arguments", error)
        return
    if found is None:
        evidence.report.believed.append(f"the code of {name}: the node gives no proof of accounts")
        where = [entry.address, hex(evidence.report.block_number)]
        found = keccak256(evidence.connection.gateway.call_data("eth_getCode", where))
    _compare(evidence, f"code of {name} at {entry.address}", keccak256(expected), found)


def _arguments(evidence: AuditEvidence, name: str, entry: Deployed) -> None:
    """Each contract knows the others by the addresses of the same file."""
    deployment = evidence.connection.deployment
    step = next((step for step in PLAN if step.contract == name), None)
    if step is None:
        return
    others = {contract.address for contract in deployment.contracts.values()}
    planned = _lists(step.arguments(Parameters(), "", deployment.address))
    # Their number is `_code`'s to check.
    pairs = zip(planned, _lists(entry.constructor_arguments), strict=False)
    for place, (expected, found) in enumerate(pairs, 1):
        if _names(expected, others):
            _compare(evidence, f"{name}: constructor argument {place}", expected, found)


def _lists(values: Sequence[Any]) -> list[Any]:
    """Returns values as the file has them: structs are lists."""
    return [_lists(v) if isinstance(v, list | tuple) else v for v in values]


def _names(value: Any, addresses: Collection[str]) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(item, str) and item in addresses for item in values)


def _start(
    evidence: AuditEvidence, name: str, entry: Deployed, before: Header | None, found: bytes | None
) -> bool:
    """Returns whether no code stood there before the block that the file says."""
    if entry.block == 0:
        return True
    if before is None:
        evidence.report.differ(
            FindingKind.DEPLOYMENT,
            f"{name}: block {entry.block}",
            f"a block up to {evidence.report.block_number}, which is audited",
            "a later one",
            whose=_FILE,
        )
        return False
    if found is None:
        evidence.report.believed.append(
            f"that {name} is not older than block {entry.block}: the node keeps no such state"
        )
        return True
    evidence.report.count(str(FindingKind.DEPLOYMENT))
    if found != EMPTY_CODE:
        evidence.report.differ(
            FindingKind.DEPLOYMENT,
            f"{name}: block {entry.block}",
            "no code before it",
            f"code in block {before.number}: events are left out",
            whose=_FILE,
        )
    return found == EMPTY_CODE
