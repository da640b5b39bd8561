"""Training that leaves each participant with a model of its own, one algorithm per file.

Each is a `Training`: what a `Participant` runs between two versions. What is personal is kept in a
private file, or is one of a version's clusters; the round is the same as any other.

`ditto`, `ifca`, `private_head`: the algorithms; `factory` makes one of the command line's text,
`private_file` keeps what is personal, `gains` measures what it gained.
"""

from __future__ import annotations

from trainer.training.personal.ditto import ditto_training
from trainer.training.personal.factory import personal_training
from trainer.training.personal.gains import Change, Gains, Measure
from trainer.training.personal.ifca import ifca_training
from trainer.training.personal.private_head import private_head_training

__all__ = [
    "Change",
    "Gains",
    "Measure",
    "ditto_training",
    "ifca_training",
    "personal_training",
    "private_head_training",
]
