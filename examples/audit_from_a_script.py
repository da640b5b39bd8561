"""Checks a deployment from a script, as a nightly job does: what is there, and whether it is right.

    python examples/audit_from_a_script.py [NAME]

Node, storage and deployment are found as `tally` finds them: by TALLY_RPC, TALLY_STORAGE and
TALLY_DEPLOYMENTS, or in the folder where `tally up` runs. No key is needed. Exits with 0 if all
agrees, and with 8, as `tally audit`, if something is wrong.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from registry import RegistryClient, load_settings
from registry.audit import AuditVerdict, audit, installed_replay

WRONG = 8


def show(client: RegistryClient, name: str) -> None:
    """Prints what happened to a model, and what each of its versions consists of."""
    for entry in client.history(name):
        when = datetime.fromtimestamp(entry.time, UTC)
        print(f"{when:%Y-%m-%d %H:%M} UTC  {entry.who}  {entry.told.what}")
    for version in client.versions(name):
        print(f"version {version.number}: {version.content.cid}, {version.status.name.lower()}")


def main() -> int:
    """Prints the models and the findings; returns the exit code."""
    with RegistryClient.open(load_settings()) as client:
        for name in sys.argv[1:] or [model.name for model in client.models()]:
            print(name)
            show(client, name)
        report = audit(client.connection, replay=installed_replay())
    for finding in report.findings:
        print(finding.verdict, "|", finding)
    wrong = report.of(AuditVerdict.WRONG)
    print(
        "something is wrong" if wrong else f"everything agrees, up to block {report.block_number}"
    )
    return WRONG if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
