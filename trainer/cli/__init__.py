"""The commands that the trainer adds to `tally`: `train` and `watch`."""

from __future__ import annotations

import click

from trainer.cli.coordinate import coordinate
from trainer.cli.evaluate import evaluate
from trainer.cli.gossip import gossip
from trainer.cli.join import join
from trainer.cli.pay import pay
from trainer.cli.probe import probe
from trainer.cli.report import report
from trainer.cli.watch import watch

__all__ = ["train", "watch"]


@click.group()
def train() -> None:
    """Train a model together: one coordinates and many join, or peers gossip."""


train.add_command(coordinate)
train.add_command(join)
train.add_command(gossip)
train.add_command(probe)
train.add_command(evaluate)
train.add_command(report)
train.add_command(pay)
