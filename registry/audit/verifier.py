"""The audit (D-1, D-2): a node, an address and a storage endpoint, and nothing of ours.

Everything is read as of one block. The events are proved against headers that hash to it, the
state is rebuilt from them and held against the contracts' storage; every object is fetched
and checked against its CID; every signature and commitment is checked; every round is computed
again; every share and payout is recomputed to the last unit.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from registry.audit.anchor import choose_anchor
from registry.audit.deployment import blocks_of_interest, check_deployment
from registry.audit.events import check_events
from registry.audit.evidence import AuditEvidence
from registry.audit.findings import Report
from registry.audit.governance import check_governance
from registry.audit.history import History, read_history
from registry.audit.models import check_models
from registry.audit.payouts import Owed, OwedByToken, check_payouts
from registry.audit.replay import RoundReplay
from registry.audit.rounds import check_rounds
from registry.audit.stakes import check_stakes
from registry.audit.versions import check_versions
from registry.chain.gateway import Gateway
from registry.chain.headers import Header, header_at
from registry.errors import ConfigError, NodesDisagree
from registry.index import RegistryState
from registry.signing import Domain, rounds_domain
from registry.types import ModelId
from registry.usecases.connection import Connection

__all__ = ["audit"]


def audit(
    connection: Connection,
    *,
    replay: RoundReplay | None,
    only: ModelId | None = None,
    second: Gateway | None = None,
    trusted_block: str | None = None,
) -> Report:
    """Audits a deployment, or one model of it, as of one block.

    Args:
        connection: opened without a key.
        replay: computes rounds again; None leaves that out and says so.
        only: audit this model alone.
        second: another node, which has to agree on the block (T-36).
        trusted_block: a block's hash that the user has from elsewhere, in hex.

    Raises:
        NodesDisagree: two nodes tell different blocks, or the chain changed meanwhile.
        NodeUnsound: the node contradicts a hash that commits to what it tells.
        NodeUnavailable, StoreUnavailable: no answer, so no verdict.
    """
    anchor = choose_anchor(connection.gateway, second, trusted_block)
    history = _history(connection, anchor.header)
    report = Report(
        connection.gateway.chain_id,
        connection.deployment.address("ModelRegistry"),
        anchor.header.number,
        "0x" + anchor.header.block_hash.hex(),
        anchor.vouched,
    )
    report.count("blocks", history.blocks)
    report.count("events", len(history.events))
    with tempfile.TemporaryDirectory(prefix="tally-audit-") as scratch:
        folder = Path(scratch)
        evidence = AuditEvidence(connection, RegistryState(), report, anchor.header, folder, only)
        if check_deployment(evidence, history.headers, history.events):
            evidence.state, evidence.headers = RegistryState.of(history.events), history.headers
            _check(evidence, replay)
        else:
            report.skipped.append("everything else: the deployment's file leaves events out")
    _still(connection.gateway, anchor.header)
    return report


def _check(evidence: AuditEvidence, replay: RoundReplay | None) -> None:
    check_governance(evidence)
    check_events(evidence)
    check_stakes(evidence)
    check_models(evidence)
    check_versions(evidence)
    by_round = check_rounds(evidence, replay, _domain(evidence.connection))
    check_payouts(evidence, _by_token(evidence, by_round))


def _history(connection: Connection, newest: Header) -> History:
    entries = connection.deployment.contracts.values()
    first = connection.deployment.first_block
    last = max((entry.block for entry in entries), default=0)
    if last > newest.number:
        raise ConfigError(
            f"the deployment's file says that it begins in block {first} and is whole in block "
            f"{last}, the block to audit is {newest.number}: give a later one, wait until one is "
            "finalised, or check the file"
        )
    contracts = {c.address.lower(): name for name, c in connection.contracts.items()}
    wanted = blocks_of_interest(entries)
    return read_history(connection.gateway, contracts, newest, max(0, first - 1), wanted)


def _domain(connection: Connection) -> Domain:
    """Worked out here: a node that told it could make every signature look wrong."""
    contract = connection.chain.training_rounds.address
    return rounds_domain(connection.gateway.chain_id, contract)


def _still(gateway: Gateway, header: Header) -> None:
    """Views were called by number: the block has to be the same one to the end."""
    if header_at(gateway, header.number).block_hash != header.block_hash:
        raise NodesDisagree(
            f"block {header.number} changed while it was audited; run it again when the chain "
            "has settled"
        )


def _by_token(evidence: AuditEvidence, by_round: dict[bytes, Owed]) -> OwedByToken:
    found: OwedByToken = {}
    for round_id, owed in by_round.items():
        record = evidence.state.rounds.rounds[round_id]
        key = record.model_id, record.terms.reward_token
        found.setdefault(key, []).append(owed)
    return found
