"""Participants that misbehave, for tests, benchmarks and demonstrations.

* Each makes a `Training` that a `Participant` takes in place of an honest one: `free_rider` looks
  at no data, `sign_flip` turns an update round, `scaled` blows it up, `gaussian` is noise,
  `copy_cat` and `sybils` send another's.
* Data sets to train on as if they were one's own: `LabelFlip`, `Backdoor`.
* Vectors that colluders agree on, knowing every honest update: `little_is_enough`,
  `inner_product_manipulation`, `min_max`.

By module: `free_rider`, `sign_flip`, `scaling`, `gaussian`, `sybil` (copies too), `label_flip`,
`backdoor`, `little_is_enough`, `inner_product`, `min_max`.
"""

from __future__ import annotations

from trainer.research.attacks.backdoor import Backdoor, with_trigger
from trainer.research.attacks.free_rider import free_rider
from trainer.research.attacks.gaussian import gaussian
from trainer.research.attacks.inner_product import inner_product_manipulation
from trainer.research.attacks.label_flip import LabelFlip
from trainer.research.attacks.little_is_enough import little_is_enough
from trainer.research.attacks.min_max import min_max
from trainer.research.attacks.scaling import scaled
from trainer.research.attacks.sign_flip import sign_flip
from trainer.research.attacks.sybil import copy_cat, sybils

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
