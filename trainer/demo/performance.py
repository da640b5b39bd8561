"""One performance: prepares the data, plays the story, prints the table, writes the report."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import torch

from registry.cli.output import Output
from registry.devnet import start_network
from registry.redaction import redacted_url
from trainer.data import load_mnist
from trainer.demo.figures import DemoFigures
from trainer.demo.gas_steps import gas_by_step
from trainer.demo.measures import centralised_accuracy
from trainer.demo.page import write_report
from trainer.demo.report import print_table
from trainer.demo.scene import MODEL, PLAN, DemoPlan, DemoRules, StoryOutcome
from trainer.demo.shards import Images, cut_shards, find_mnist
from trainer.demo.story import play
from trainer.vectors.safetensors_files import load_safetensors

__all__ = ["perform"]


def perform(
    rules: DemoRules,
    rounds: int,
    hospitals: int,
    examples: int,
    data: Path | None,
    ipfs: str | None,
    page: Path,
    output: Output,
) -> None:
    """Plays the whole loop on a network of its own.

    Args:
        rules: how rounds are trained, combined and run.
        rounds: how many are played.
        hospitals: how many take part; the last one is a free rider.
        examples: training images in all.
        data: the folder of MNIST's IDX files, None: the usual places.
        ipfs: the network's storage, as `tally up` takes it.
        page: where the report goes.
        output: where lines and the table go.
    """
    torch.set_num_threads(2)
    started = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tally-demo-")))
        mnist = find_mnist(data)
        shards = cut_shards(mnist, folder / "shards", hospitals, examples)
        network = stack.enter_context(start_network(folder, ipfs))
        output.line(f"chain {network.rpc}, storage {redacted_url(network.storage)}")
        scene = DemoPlan(network, folder, mnist, shards, rounds, rules, output.line)
        client, outcome = play(scene)
        stack.push(client)
        images, compared = _test_images(mnist), time.monotonic()
        centralised = centralised_accuracy(shards[:-1], images, rounds, PLAN)
        outcome.seconds["train in one place, to compare"] = time.monotonic() - compared
        figures = DemoFigures(
            outcome=outcome,
            hospitals=[signer.address for signer in scene.hospitals],
            examples=[len(_labels(shard)) for shard in shards],
            centralised=centralised,
            gas=gas_by_step(client),
            lineage=client.lineage(f"{MODEL}-release"),
            spent=_spent(outcome, time.monotonic() - started),
            tested=len(images.labels),
        )
    print_table(output, figures)
    write_report(page, figures)
    output.line(f"report: {page}")


def _spent(outcome: StoryOutcome, everything: float) -> dict[str, float]:
    """Returns the seconds of each part, and of the remainder: they add up to everything."""
    remainder = everything - sum(outcome.seconds.values())
    return {**outcome.seconds, "data, network, and the remainder": remainder}


def _test_images(mnist: Path) -> Images:
    inputs, labels = load_mnist(mnist, "test", 3000).tensors
    return Images(inputs[1000:], labels[1000:])


def _labels(shard: Path) -> torch.Tensor:
    return load_safetensors(shard)["labels"]
