"""The audit (D-1, D-2): a node, an address and a storage endpoint, and nothing of ours.

The state is rebuilt from events and held against the contracts' storage; every object is fetched
and checked against its CID; every signature and commitment is checked; every round is computed
again; every share and payout is recomputed to the last unit.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from registry.audit.events import check_events
from registry.audit.evidence import Evidence
from registry.audit.findings import Report
from registry.audit.payouts import Shares, check_payouts
from registry.audit.replay import RoundReplay
from registry.audit.rounds import check_rounds
from registry.audit.stakes import check_stakes
from registry.audit.versions import check_versions
from registry.chain.events import read_events
from registry.chain.gateway import Gateway
from registry.errors import NodesDisagree
from registry.types import ModelId
from registry.usecases.connection import Connection

__all__ = ["audit"]


def audit(
    connection: Connection,
    *,
    replay: RoundReplay | None,
    only: ModelId | None = None,
    second: Gateway | None = None,
) -> Report:
    """Audits a deployment, or one model of it.

    Args:
        connection: opened without a key.
        replay: computes rounds again; None leaves that out and says so.
        only: audit this model alone.
        second: another node, whose events are compared (T-36).

    Raises:
        NodesDisagree: the two nodes tell different events.
        NodeUnavailable: a node is gone.
    """
    state = connection.state()
    block = max((e.block_number for e in connection.index.events), default=0)
    newest = max(block, connection.gateway.block_number())
    registry = connection.deployment.address("ModelRegistry")
    report = Report(connection.gateway.chain_id, registry, newest)
    if second is not None:
        _compare_nodes(connection, second)
        report.count("events seen by two nodes", len(connection.index.events))
    report.count("events", len(connection.index.events))
    with tempfile.TemporaryDirectory(prefix="tally-audit-") as scratch:
        evidence = Evidence(connection, state, report, Path(scratch), only)
        check_events(evidence)
        check_stakes(evidence)
        check_versions(evidence)
        by_round = check_rounds(evidence, replay, connection.rounds_domain())
        check_payouts(evidence, _by_token(evidence, by_round))
    return report


def _by_token(evidence: Evidence, by_round: dict[bytes, dict[str, int]]) -> Shares:
    shares: Shares = {}
    for round_id, amounts in by_round.items():
        record = evidence.state.rounds.rounds[round_id]
        key = record.model_id, record.terms["rewardToken"]
        shares.setdefault(key, []).append((record.finalised_in, amounts))
    return shares


def _compare_nodes(connection: Connection, second: Gateway) -> None:
    """Reads the same events from a second node, and names the first that differs."""
    first = connection.deployment.first_block
    contracts = {c.address.lower(): name for name, c in connection.contracts.items()}
    ours = connection.index.events
    last = max((e.block_number for e in ours), default=first)
    theirs = tuple(read_events(second, contracts, first, last))
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            raise NodesDisagree(
                f"block {mine.block_number}, log {mine.log_index}: {connection.gateway.url} tells "
                f"{mine.name}, {second.url} tells {other.name} in block {other.block_number}"
            )
    if len(ours) != len(theirs):
        raise NodesDisagree(
            f"up to block {last}: {connection.gateway.url} tells {len(ours)} events, "
            f"{second.url} tells {len(theirs)}"
        )
