"""`tally audit` and `tally lineage`."""

from __future__ import annotations

import click

from registry.audit import Report, installed_replay
from registry.audit import audit as run_audit
from registry.audit import lineage as ancestors_of
from registry.chain.gateway import connect
from registry.cli.options import Session, session_options
from registry.errors import AuditFailed
from registry.types import ZERO_ID

__all__ = ["audit", "lineage"]


@click.command()
@click.argument("name", required=False)
@click.option("--second-rpc", help="Another node; its events are compared with the first's.")
@session_options
def audit(session: Session, name: str | None, second_rpc: str | None) -> None:
    """Check everything from events and content alone; exit with 8 on a divergence.

    With NAME, only that model. Needs no key and trusts neither node nor storage.
    """
    with session.reader() as client:
        connection = client.connection
        second = connect(second_rpc, connection.gateway.chain_id) if second_rpc else None
        only = client.model(name).model_id if name else None
        report = run_audit(connection, replay=installed_replay(), only=only, second=second)
    _show(session, report)
    if not report.clean:
        raise AuditFailed(f"first divergence: {report.findings[0]}", report.findings)


def _show(session: Session, report: Report) -> None:
    findings = [
        {"kind": str(f.kind), "subject": f.subject, "expected": f.expected, "found": f.found}
        for f in report.findings
    ]
    checked = ", ".join(f"{number} {what}" for what, number in sorted(report.checked.items()))
    lines = [f"chain {report.chain_id}, registry {report.registry}, block {report.block_number}"]
    lines.append(f"checked: {checked}")
    lines += [f"not checked: {line}" for line in report.skipped]
    lines += [f"DIVERGENCE {finding}" for finding in report.findings]
    lines.append("everything agrees" if report.clean else f"{len(findings)} divergences")
    data = {
        "chainId": report.chain_id,
        "block": report.block_number,
        "checked": report.checked,
        "skipped": report.skipped,
        "findings": findings,
    }
    session.output.result(data, "\n".join(lines))


@click.command()
@click.argument("name")
@session_options
def lineage(session: Session, name: str) -> None:
    """Show what NAME[@channel|:version] comes from, and who took part."""
    with session.reader() as client:
        state = client.state()
        rows = [
            [
                a.depth,
                a.version.number,
                a.version.round_id if a.version.round_id != ZERO_ID else None,
                a.version.publisher,
                len(a.participants),
            ]
            for a in ancestors_of(state, client.version(name))
        ]
    headings = ["depth", "version", "round", "publisher", "participants"]
    session.output.rows(headings, rows, "no version")
