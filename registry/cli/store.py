"""`tally store`: the space that one's own storage takes."""

from __future__ import annotations

import click

from registry.cli.options import Session, session_options
from registry.usecases.pruning import Pruning

__all__ = ["store"]


@click.group()
def store() -> None:
    """Look after your own storage."""


@store.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option(
    "--keep-rounds",
    type=click.IntRange(min=0),
    help="Keep the updates of so many final rounds of each model; of all without it.",
)
@session_options
def prune(session: Session, dry_run: bool, keep_rounds: int | None) -> None:
    """Delete from your storage what neither the registry nor its audit needs.

    That is what was added and never published, and the updates of voided rounds. All versions, all
    documents of rounds and payouts, and what was stored since the oldest open round began stay.
    With --keep-rounds the updates of older final rounds go too: `tally audit` then says of these
    rounds that their updates are not available, unless another source has them.

    Of a folder, what goes is deleted; don't publish into it meanwhile, and don't share it between
    deployments: what only another one names goes. On an IPFS node the pins of updates are taken
    back, and its own collection frees the space.
    """
    with session.reader() as client:
        found = Pruning(client.connection).prune(keep_rounds, dry_run)
    data = {"pins": found.pins, "blocks": found.blocks, "bytes": found.bytes, "dryRun": dry_run}
    verb = "would delete" if dry_run else "deleted"
    line = f"{verb} {found.blocks} blocks of {found.bytes:,} bytes; {found.pins} pins"
    session.output.result(data, line)
