"""Splits a data set among participants: evenly at random, or skewed by label.

Hsu, Qi, Brown: "Measuring the Effects of Non-Identical Data Distribution for Federated Visual
Classification" (2019), for the Dirichlet split: a participant's part of each label is drawn from a
Dirichlet distribution; the smaller alpha, the more one-sided.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from registry.errors import ConfigError

__all__ = ["split_by_dirichlet", "split_by_shards", "split_evenly"]

Indices = npt.NDArray[np.int64]
_ATTEMPTS = 100


def split_evenly(examples: int, participants: int, seed: int = 0) -> list[Indices]:
    """Returns each participant's indices, ascending; sizes differ by at most one.

    A pure function of its arguments.

    Raises:
        ConfigError: no participant, or fewer examples than participants.
    """
    _check(examples, participants)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(examples)
    return [np.sort(part).astype(np.int64) for part in np.array_split(order, participants)]


def split_by_dirichlet(
    labels: Sequence[int] | npt.NDArray[np.integer[Any]],
    participants: int,
    alpha: float,
    seed: int = 0,
) -> list[Indices]:
    """Returns each participant's indices, ascending; every index once, nobody without any.

    A pure function of its arguments.

    Args:
        labels: shape (n,).
        participants: at least 1.
        alpha: positive; 100 is nearly even, 0.1 nearly one label each.
        seed: of the draw.

    Raises:
        ConfigError: out of range, or no draw gave everybody an example.
    """
    found = np.asarray(labels)
    _check(found.size, participants)
    if not 0.0 < alpha < float("inf"):
        raise ConfigError(f"expected a positive alpha, got {alpha}")
    generator = np.random.Generator(np.random.PCG64(seed))
    for _ in range(_ATTEMPTS):
        parts = _drawn(found, participants, alpha, generator)
        if all(part.size for part in parts):
            return parts
    raise ConfigError(f"{participants} participants left somebody empty; raise alpha from {alpha}")


def split_by_shards(
    labels: Sequence[int] | npt.NDArray[np.integer[Any]],
    participants: int,
    shards: int = 2,
    seed: int = 0,
) -> list[Indices]:
    """Returns each participant's indices, ascending: a few shards of examples sorted by label.

    Source: McMahan et al. (2017), section 3: 200 shards of 300 digits, two for each of 100
    participants, so that most have two digits. A pure function of its arguments.

    Args:
        labels: shape (n,).
        participants: at least 1.
        shards: of each participant, at least 1.
        seed: of the draw.

    Raises:
        ConfigError: no participant, or fewer examples than shards.
    """
    found = np.asarray(labels)
    _check(found.size, participants * max(shards, 1))
    pieces = np.array_split(np.argsort(found, kind="stable"), participants * shards)
    drawn = np.random.Generator(np.random.PCG64(seed)).permutation(len(pieces))
    return [
        np.sort(np.concatenate([pieces[piece] for piece in drawn[at : at + shards]])).astype(
            np.int64
        )
        for at in range(0, len(pieces), shards)
    ]


def _drawn(
    labels: npt.NDArray[np.integer[Any]],
    participants: int,
    alpha: float,
    generator: np.random.Generator,
) -> list[Indices]:
    parts: list[list[Indices]] = [[] for _ in range(participants)]
    for label in np.unique(labels):
        indices = generator.permutation(np.flatnonzero(labels == label))
        portions = generator.dirichlet(np.full(participants, alpha))
        ends = np.floor(np.cumsum(portions)[:-1] * indices.size).astype(np.int64)
        for part, piece in zip(parts, np.split(indices, ends), strict=True):
            part.append(piece)
    return [np.sort(np.concatenate(part)).astype(np.int64) for part in parts]


def _check(examples: int, participants: int) -> None:
    if not 1 <= participants <= examples:
        raise ConfigError(
            f"expected 1 to {examples} participants for {examples} examples, got {participants}"
        )
