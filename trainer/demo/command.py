"""`tally demo`: prepares the data, plays the story, prints the table, writes the report."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click
import torch

from registry.cli.output import Output
from registry.devnet import start_network
from registry.errors import ConfigError
from registry.redaction import redacted_url
from trainer.cli.rules import chosen_rules
from trainer.data import load_mnist
from trainer.demo.measures import centralised_accuracy, gas_by_event
from trainer.demo.report import Figures, print_table, write_report
from trainer.demo.scene import PLAN, Rules, Scene
from trainer.demo.shards import Images, cut_shards, find_mnist
from trainer.demo.story import play
from trainer.vectors.safetensors_files import load_safetensors

__all__ = ["demo"]


@click.command()
@click.option("--ipfs", help="`kubo` starts a Kubo node; an RPC address uses that node.")
@click.option("--rounds", default=5, show_default=True, help="Rounds of training.")
@click.option("--hospitals", default=5, show_default=True, help="The last one is a free rider.")
@click.option("--examples", default=6000, show_default=True, help="Training images in all.")
@click.option("--strategy", default="fedavg", show_default=True, help="As tally train coordinate.")
@click.option("--aggregator", default="mean", show_default=True, help="As tally train coordinate.")
@click.option("--transform", "transforms", multiple=True, help="As tally train coordinate.")
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
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def demo(
    ipfs: str | None,
    rounds: int,
    hospitals: int,
    examples: int,
    strategy: str,
    aggregator: str,
    transforms: tuple[str, ...],
    engine: str,
    data: Path | None,
    page: Path,
    as_json: bool,
) -> None:
    """Play the whole loop: train, publish, pay, grant, audit, on a local chain.

    Five hospitals with uneven data train a small network, each in a process with its own key; one
    is a free rider. At the end one byte of one stored update is changed, and the audit names it.
    """
    if rounds < 1 or hospitals < 3:
        got = f"got {rounds} and {hospitals}"
        raise ConfigError(f"expected at least 1 round and 3 hospitals, {got}")
    rules = Rules(chosen_rules(strategy, aggregator, transforms), engine)
    rules.document(bytes(32), hospitals)
    torch.set_num_threads(2)
    output = Output(as_json)
    started = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tally-demo-")))
        mnist = find_mnist(data)
        shards = cut_shards(mnist, folder / "shards", hospitals, examples)
        network = stack.enter_context(start_network(folder, ipfs))
        output.line(f"chain {network.rpc}, storage {redacted_url(network.storage)}")
        scene = Scene(network, folder, mnist, shards, rounds, rules, output.line)
        client, outcome = play(scene)
        stack.push(client)
        images = _test_images(mnist)
        figures = Figures(
            outcome=outcome,
            hospitals=[signer.address for signer in scene.hospitals],
            examples=[len(_labels(shard)) for shard in shards],
            centralised=centralised_accuracy(shards[:-1], images, rounds, PLAN),
            gas=gas_by_event(client),
            seconds=time.monotonic() - started,
        )
    print_table(output, figures)
    write_report(page, figures)
    output.line(f"report: {page}")


def _test_images(mnist: Path) -> Images:
    inputs, labels = load_mnist(mnist, "test", 3000).tensors
    return Images(inputs[1000:], labels[1000:])


def _labels(shard: Path) -> torch.Tensor:
    return load_safetensors(shard)["labels"]
