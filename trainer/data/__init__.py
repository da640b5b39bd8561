"""Data sets by path, and ways to split them among participants.

`load_mnist`, `load_cifar10`, `load_femnist` and `read_speeches` read what the data sets' authors
publish, `load_digits` what ships with the package; `windows` makes next-character examples of
text. `split_evenly`, `split_by_shards` and
`split_by_dirichlet` give everybody's indices as pure functions of a seed. Nothing is downloaded,
and nothing is unpickled.

By module: `digits`, `mnist`, `cifar`, `femnist`, `shakespeare`, `characters`; `partition` splits
them.
"""

from __future__ import annotations

from trainer.data.characters import CHARACTERS, windows
from trainer.data.cifar import load_cifar10
from trainer.data.digits import load_digits
from trainer.data.femnist import load_femnist
from trainer.data.mnist import load_mnist, read_idx
from trainer.data.partition import split_by_dirichlet, split_by_shards, split_evenly
from trainer.data.shakespeare import Speech, by_speaker, read_speeches

__all__ = [
    "CHARACTERS",
    "Speech",
    "by_speaker",
    "load_cifar10",
    "load_digits",
    "load_femnist",
    "load_mnist",
    "read_idx",
    "read_speeches",
    "split_by_dirichlet",
    "split_by_shards",
    "split_evenly",
    "windows",
]
