"""Transforms: what a participant does to its update between training and the lattice.

A round's terms name them in order, and `sent_update` passes an update through all of them onto the
lattice. Each is one file and knows nothing of the others; what one has to remember from round to
round is given and returned, never kept inside.

* `clip`: bounds the update's length.
* `noise`: hides what single examples do to it.
* `top_k`: sends the largest values alone.
* `quantize`: sends few levels, without bias.
* `error_feedback`: makes up in later rounds for what the others left out.

`base` says what a transform is, `chain` passes an update through several, `factory` makes one by
its name, `randomness` is a participant's own.

Example: the largest of four values, on a lattice of steps of 1/16.
    >>> import numpy as np
    >>> from trainer.types import Lattice
    >>> chosen = [TransformTerms("top_k", {"fraction": "0.25"})]
    >>> update = np.array([0.5, -1.0, 0.25, 0.0])
    >>> sent_update(update, transforms(chosen), Lattice(8, -4)).vector.tolist()
    [0, -16, 0, 0]
"""

from __future__ import annotations

from trainer.transforms.base import Next, Transform, TransformContext, TransformedUpdate
from trainer.transforms.chain import sent_update
from trainer.transforms.clip import Clip
from trainer.transforms.error_feedback import RESIDUAL, ErrorFeedback
from trainer.transforms.factory import TRANSFORMS, TransformTerms, transforms
from trainer.transforms.noise import Noise
from trainer.transforms.quantize import Quantize
from trainer.transforms.randomness import Randomness
from trainer.transforms.top_k import TopK

__all__ = [
    "RESIDUAL",
    "TRANSFORMS",
    "Clip",
    "ErrorFeedback",
    "Next",
    "Noise",
    "Quantize",
    "Randomness",
    "TopK",
    "Transform",
    "TransformContext",
    "TransformTerms",
    "TransformedUpdate",
    "sent_update",
    "transforms",
]
