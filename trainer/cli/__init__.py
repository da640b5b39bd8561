"""The commands that the trainer adds to `tally`: `train` and `watch`.

* commands: `check`, `example`, `coordinate`, `join`, `gossip`, `evaluate`, `pay`, `probe`,
  `report`, `watch`;
* their options: `options`, `clients`, `training`, `rules`, `profiles`, `engines`, `invitations`,
  `staking`, `hiding`, `fitting`, `validation_file`;
* `examples` end their help, `live` tells how rounds go on; `base_version` is what they begin from,
  `requirements` what is looked for before a command runs.
"""

from __future__ import annotations

import click

from registry.cli.examples import add_examples
from registry.cli.lazy_commands import LazyCommand, LazyGroup
from trainer.cli.examples import EXAMPLES
from trainer.cli.requirements import require_torch
from trainer.cli.watch import watch

__all__ = ["train", "watch"]

require_torch()
add_examples(watch, "watch", EXAMPLES)


@click.group(cls=LazyGroup, words="train", examples=EXAMPLES)
def train() -> None:
    """Train a model together: one coordinates and many join, or peers gossip."""


_SUMMARIES = {
    "check": "Look whether you could take part in rounds of the model NAME; take no seat.",
    "coordinate": "Conduct rounds for the model NAME, which has a published version to start from.",
    "evaluate": (
        "Work round NUMBER of a model out again and sign what it comes to, as an evaluator."
    ),
    "example": (
        "Write a small model, training code and three owners' data into FOLDER, to try it all with."
    ),
    "gossip": "Train the model NAME among peers, with nobody in the middle.",
    "join": "Take part in rounds of the model NAME with data that never leave this process.",
    "pay": "Post what the final rounds of the model NAME owe and no payout root pays yet.",
    "probe": "Train the newest version of NAME once on your data, and send nothing.",
    "report": (
        "Report on a round of the model NAME: who counted, who didn't and why, what stands out."
    ),
}
for _name, _summary in _SUMMARIES.items():
    train.add_command(LazyCommand(_name, f"trainer.cli.{_name}:{_name}", _summary))
