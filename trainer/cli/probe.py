"""`tally train probe`: how far this machine's data move a model, and the lattice that holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import torch

from registry.cli.options import Session, session_options
from registry.errors import ConfigError
from trainer.cli.base_version import newest_base
from trainer.cli.clients import CLIENT_HELP
from trainer.cli.fitting import Fitted, fitted_to, given_steps, moves_of
from trainer.cli.training import document_of, plan_options
from trainer.documents.terms_document import TermsDocument
from trainer.training.client_loading import load_training
from trainer.types import Lattice
from trainer.vectors.layout import shift_of

__all__ = ["cut_by", "probe", "recommended"]


@click.command()
@click.argument("name")
@click.option("--client", "reference", required=True, help=CLIENT_HELP)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Given to the class.")
@click.option(
    "--threads",
    type=click.IntRange(min=0),
    default=0,
    help="Threads for torch; all cores without it.",
)
@plan_options
@session_options
def probe(session: Session, name: str, reference: str, data: Path, **options: Any) -> None:
    """Train the newest version of NAME once on your data, and send nothing.

    Tells how far each tensor moves, which of them the lattice of --step and --scale would cut, and
    the --step and --scale that hold them all with room to spare: what to give the coordinator when
    a round refuses an update as saturated.
    """
    if not data.exists():
        raise ConfigError(f"--data: expected a file or folder, got {data}")
    if options["threads"]:
        torch.set_num_threads(options["threads"])
    # Of the rules, a trial needs none but those of local training.
    options |= {"strategy": "fedavg", "aggregator": "mean", "scoring": "equal", "screening": None}
    document, _ = document_of(options, None)
    with session.client() as client:
        place = session.settings.state / "probing" / client.model(name).model_id.hex()[:16]
        base = newest_base(client, name, place)
        moves = moves_of(base, options, document, load_training(reference, data))
        fitted, lines, words = recommended(base, options, document, moves)
    cut = cut_by(options, moves)
    scales = [f"{pattern}={shift}" for pattern, shift in fitted.scales]
    data_out = {"step": fitted.step_exponent, "scales": scales, "moves": moves, "cut": cut}
    told = [f"  {tensor}: moves by up to {move:.6g}" for tensor, move in moves.items()]
    told += [
        f"  {tensor}: cut at {reach:g} by --step {options['step']}" for tensor, reach in cut.items()
    ]
    session.output.result(data_out, [*lines, *told, f"for the coordinator: {words}"])


def recommended(
    base: Path, options: dict[str, Any], document: TermsDocument, moves: dict[str, float]
) -> tuple[Fitted, list[str], str]:
    """Returns the lattice that holds what moved, lines that tell of it, and its options in words.

    What the options say of step and scales doesn't count: it may be what cuts.

    Args:
        base: the version's folder.
        options: by their names.
        document: of the rounds.
        moves: how far each tensor moved.

    Raises:
        ConfigError: as `fitted_to`.
    """
    fitted, lines = fitted_to(base, options | {"step": "auto", "scales": ()}, document, moves)
    scales = (f"--scale '{pattern}={shift}'" for pattern, shift in fitted.scales)
    return fitted, lines, " ".join(["--step", str(fitted.step_exponent), *scales])


def cut_by(options: dict[str, Any], moves: dict[str, float]) -> dict[str, float]:
    """Returns the tensors that move beyond the lattice that was asked for, and its bound there.

    Args:
        options: by their names.
        moves: how far each tensor moved.

    Raises:
        ConfigError: as `given_steps`.
    """
    if options["step"] == "auto":
        return {}
    given = given_steps(options)
    largest = Lattice(options["bits"], given.step_exponent).largest
    bounds = {
        tensor: largest * 2.0 ** (given.step_exponent + shift_of(tensor, given.scales))
        for tensor in moves
    }
    return {tensor: bounds[tensor] for tensor, move in moves.items() if move > bounds[tensor]}
