"""Data sets by path, and ways to split them among participants.

`load_mnist` reads IDX files; `split_evenly`, `split_by_shards` and `split_by_dirichlet` give
everybody's indices as pure functions of a seed. Nothing is downloaded.
"""

from __future__ import annotations

from trainer.data.mnist import load_mnist, read_idx
from trainer.data.partition import split_by_dirichlet, split_by_shards, split_evenly

__all__ = ["load_mnist", "read_idx", "split_by_dirichlet", "split_by_shards", "split_evenly"]
