"""`tally train evaluate`: an evaluator works a round out again and signs what it comes to."""

from __future__ import annotations

from pathlib import Path

import click

from registry.cli.options import Session, session_options
from registry.errors import ConfigError
from trainer.cli.options import StakedParts
from trainer.staked.evaluator import found_of
from trainer.staked.watcher_policy import Limits

__all__ = ["evaluate"]


@click.command()
@click.argument("name")
@click.argument("number", type=int)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write.",
)
@session_options
def evaluate(session: Session, name: str, number: int, out: Path) -> None:
    """Work round NUMBER of a model out again and sign what it comes to, as an evaluator.

    The file goes to whoever hands in K of them: tally dispute attest FILE FILE.
    """
    with session.client() as client:
        parts = StakedParts.of(session, client, proposes=False, limits=Limits())
        round_id = client.round(name, number).round_id
        found = found_of(parts.stakes, parts.outcomes, round_id)
        signed = client.evaluations.sign(client.connection.key, found)
        _write(out, signed.to_json())
    session.output.result(
        {"versionDigest": found.version_digest, "file": str(out)},
        f"round {number} comes to the version 0x{found.version_digest.hex()}: {out}",
    )


def _write(out: Path, text: bytes) -> None:
    if out.exists() and out.read_bytes() != text:
        raise ConfigError(f"{out}: holds something else, maybe another's word; name another file")
    out.write_bytes(text)
