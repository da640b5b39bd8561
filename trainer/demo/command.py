"""`tally demo`: what it takes. What it does is imported when it runs, for torch takes seconds."""

from __future__ import annotations

from pathlib import Path

import click

from registry.cli.examples import add_examples
from registry.cli.shared_options import output_options, requested_output
from registry.errors import ConfigError
from trainer.cli.examples import EXAMPLES
from trainer.cli.requirements import require_torch

__all__ = ["demo"]

require_torch()


@click.command()
@click.option("--ipfs", help="`kubo` starts a Kubo node; an RPC address uses that node.")
@click.option("--rounds", default=5, show_default=True, help="Rounds of training.")
@click.option("--hospitals", default=5, show_default=True, help="The last one is a free rider.")
@click.option("--examples", default=6000, show_default=True, help="Training images in all.")
@click.option("--strategy", default="fedavg", show_default=True, help="As tally train coordinate.")
@click.option("--aggregator", default="mean", show_default=True, help="As tally train coordinate.")
@click.option("--transform", "transforms", multiple=True, help="As tally train coordinate.")
@click.option("--hidden", is_flag=True, help="Hide every update: only their sum is known.")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="The hospitals as processes, or their training on Ray.",
)
@click.option("--data", type=click.Path(path_type=Path), help="The folder of MNIST's IDX files.")
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path),
    default=Path("reports") / "demo.html",
    show_default=True,
    help="Where the HTML report goes.",
)
@output_options
def demo(
    ipfs: str | None,
    rounds: int,
    hospitals: int,
    examples: int,
    strategy: str,
    aggregator: str,
    transforms: tuple[str, ...],
    hidden: bool,
    engine: str,
    data: Path | None,
    page: Path,
) -> None:
    """Play the whole loop: train, publish, pay, grant, audit, on a local chain.

    Five hospitals with uneven data train a small network, each in a process with its own key; one
    is a free rider. At the end one byte of one stored update is changed, and the audit names it.
    """
    from trainer.cli.rules import chosen_rules
    from trainer.demo.performance import perform
    from trainer.demo.scene import DemoRules

    output = requested_output()
    if rounds < 1 or hospitals < 3:
        got = f"got {rounds} and {hospitals}"
        raise ConfigError(f"expected at least 1 round and 3 hospitals, {got}")
    rules = DemoRules(chosen_rules(strategy, aggregator, transforms), engine, hidden)
    rules.document(bytes(32), hospitals)
    perform(rules, rounds, hospitals, examples, data, ipfs, page, output)


add_examples(demo, "demo", EXAMPLES)
