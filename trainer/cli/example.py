"""`tally train example`: writes files to try a federation with."""

from __future__ import annotations

from pathlib import Path

import click

from registry.cli.output import Output
from trainer.example import write_example

__all__ = ["example"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def example(folder: Path, as_json: bool) -> None:
    """Write a small model, training code and three owners' data into FOLDER, to try it all with.

    The images are handwritten digits that ship with the package; the training code, hospital.py,
    is to be changed into yours. What is there already is never written over.
    """
    written = [str(path) for path in write_example(folder)]
    Output(as_json).result({"written": written}, written)
