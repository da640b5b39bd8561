"""`tally audit` and `tally lineage`."""

from __future__ import annotations

import click

from registry.audit import AuditVerdict, Report, installed_replay
from registry.audit import audit as run_audit
from registry.chain.gateway import Gateway, connect
from registry.cli.digests import DIGEST
from registry.cli.options import Session, session_options
from registry.cli.output import Column, address_column, digest_column, number_column
from registry.client import RegistryClient
from registry.errors import AuditFailed, AuditIncomplete, ConfigError, OddRecords
from registry.redaction import redacted_url
from registry.types import ZERO_ID

__all__ = ["audit", "lineage"]


@click.command()
@click.argument("name", required=False)
@click.option("--trusted-block", help="A block's hash that you have from elsewhere.")
@click.option("--second-rpc", help="Another node, which has to agree on the block.")
@click.option(
    "--deployment-digest",
    type=DIGEST,
    help="The SHA-256 of <chainId>.json that you have from elsewhere.",
)
@click.option("--strict", is_flag=True, help="Odd records fail the audit of a whole registry too.")
@session_options
def audit(
    session: Session,
    name: str | None,
    trusted_block: str | None,
    second_rpc: str | None,
    deployment_digest: bytes | None,
    strict: bool,
) -> None:
    """Check everything from events and content alone; exit with 8 if something is wrong.

    With NAME, only that model. Needs no key. Give a block's hash or a second node: then nothing
    rests on what one node says; and the deployment file's digest, which `tally deploy` and `tally
    doctor` print: then nothing rests on where the file is from.
    """
    with RegistryClient.open(session.settings, deployment_digest=deployment_digest) as client:
        connection = client.connection
        second = _second(connection.gateway, second_rpc)
        only = client.model(name).model_id if name else None
        report = run_audit(
            connection,
            replay=installed_replay(),
            only=only,
            second=second,
            trusted_block=trusted_block,
        )
    _show(session, report)
    _conclude(report, strict or name is not None)


def _second(first: Gateway, address: str | None) -> Gateway | None:
    """Returns the other node; one address twice would be one witness twice."""
    if address is None:
        return None
    plain = [url.rstrip("/").replace("//localhost", "//127.0.0.1") for url in (address, first.url)]
    if plain[0] == plain[1]:
        raise ConfigError(
            f"--second-rpc: expected another node than --rpc, got {redacted_url(address)} twice"
        )
    return connect(address, first.chain_id)


def _conclude(report: Report, odd_counts: bool) -> None:
    """Raises the worst that was found.

    An odd record fails the audit of its own model, and that of a registry only if asked to: what a
    publisher did to itself must not turn everybody's audit red for good.
    """
    wrong, unknown, odd = (
        report.of(v) for v in (AuditVerdict.WRONG, AuditVerdict.UNKNOWN, AuditVerdict.ODD)
    )
    if wrong:
        raise AuditFailed(f"first divergence: {wrong[0]}", report.findings)
    if unknown:
        raise AuditIncomplete(f"no verdict, evidence is missing: {unknown[0]}", report.findings)
    if odd and odd_counts:
        raise OddRecords(f"first odd record: {odd[0]}", report.findings)


_LABELS = {
    AuditVerdict.WRONG: "DIVERGENCE",
    AuditVerdict.UNKNOWN: "MISSING",
    AuditVerdict.ODD: "ODD",
}


def _show(session: Session, report: Report) -> None:
    findings = [
        {
            "verdict": str(f.verdict),
            "kind": str(f.kind),
            "subject": f.subject,
            "expected": f.expected,
            "found": f.found,
            "whose": f.whose,
        }
        for f in report.findings
    ]
    checked = ", ".join(f"{number} {what}" for what, number in sorted(report.checked.items()))
    lines = [f"anchor: {report.anchor}"]
    lines.append(
        f"chain {report.chain_id}, registry {report.registry}, block {report.block_number}"
    )
    if report.successor:
        lines.append(f"registry {report.successor} succeeds this one")
    lines.append(f"checked: {checked}")
    lines += [f"not checked: {line}" for line in report.skipped]
    lines += [f"believed: {line}" for line in report.believed]
    lines += [f"{_LABELS[finding.verdict]} {finding}" for finding in report.findings]
    lines.append(_conclusion(report))
    data = {
        "anchor": report.anchor,
        "chainId": report.chain_id,
        "successor": report.successor or None,
        "block": report.block_number,
        "blockHash": report.block_hash,
        "checked": report.checked,
        "skipped": report.skipped,
        "believed": report.believed,
        "findings": findings,
    }
    session.output.result(data, lines)


def _conclusion(report: Report) -> str:
    if not report.findings:
        return "everything agrees"
    counts = [
        (report.of(AuditVerdict.WRONG), "wrong"),
        (report.of(AuditVerdict.UNKNOWN), "without a verdict"),
        (report.of(AuditVerdict.ODD), "odd"),
    ]
    told = ", ".join(f"{len(found)} {what}" for found, what in counts if found)
    return f"everything else agrees; {told}" if report.clean else told


@click.command()
@click.argument("name")
@session_options
def lineage(session: Session, name: str) -> None:
    """Show what NAME[@channel|:version] comes from, and who took part."""
    with session.reader() as client:
        records = [
            {
                "depth": a.depth,
                "name": f"{a.model.slug}:{a.version.number}",
                "owner": a.model.owner,
                "version": a.version.number,
                "status": a.version.status.name.lower(),
                "round": a.version.round_id if a.version.round_id != ZERO_ID else None,
                "publisher": a.version.publisher,
                "participants": len(a.participants),
            }
            for a in client.lineage(name)
        ]
    columns: list[str | Column] = [
        number_column("depth"),
        "name",
        address_column("owner"),
        digest_column("round"),
        address_column("publisher"),
        number_column("participants"),
    ]
    session.output.records(columns, records, "no version")
