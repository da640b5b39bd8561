"""Participants that misbehave, for tests, benchmarks and demonstrations.

* Each makes a `Training` that a `Participant` takes in place of an honest one: `free_rider` looks
  at no data, `sign_flip` turns an update round, `scaled` blows it up, `gaussian` is noise,
  `copy_cat` and `sybils` send another's.
* Data sets to train on as if they were one's own: `LabelFlip`, `Backdoor`.
* Vectors that colluders agree on, knowing every honest update: `little_is_enough`,
  `inner_product_manipulation`, `min_max`.

Proposers that cheat are in `trainer.attacks.proposers`.
"""

from __future__ import annotations

from trainer.attacks.backdoor import Backdoor, with_trigger
from trainer.attacks.free_rider import free_rider
from trainer.attacks.gaussian import gaussian
from trainer.attacks.inner_product import inner_product_manipulation
from trainer.attacks.label_flip import LabelFlip
from trainer.attacks.little_is_enough import little_is_enough
from trainer.attacks.min_max import min_max
from trainer.attacks.scaling import scaled
from trainer.attacks.sign_flip import sign_flip
from trainer.attacks.sybil import copy_cat, sybils

__all__ = [
    "Backdoor",
    "LabelFlip",
    "copy_cat",
    "free_rider",
    "gaussian",
    "inner_product_manipulation",
    "little_is_enough",
    "min_max",
    "scaled",
    "sign_flip",
    "sybils",
    "with_trigger",
]
