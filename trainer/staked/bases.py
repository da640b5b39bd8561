"""Which bases a server can step on from: over others no weights would be right (F-14, F-15)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_memory, read_version
from trainer.execution.execute import layout_of

__all__ = ["LARGEST", "require_room"]

LARGEST = 2.0**64
"""The largest size of a weight or a momentum: no step of a round makes it overflow."""


def require_room(base: Path, document: TermsDocument) -> None:
    """Returns if a base's weights, and what its server remembers, are finite and have room.

    Whoever trains from another one could get no version out of it that can be proved.

    Args:
        base: the version's folder.
        document: the round's.

    Raises:
        ConfigError: a number that isn't finite, or is larger than 2^64.
    """
    tensors = read_version(base)
    for name in layout_of(tensors, document).names:
        if not bool((tensors[name].abs() <= LARGEST).all()):
            raise _refusal(f"weights {name}")
    for name, vector in read_memory(base).items():
        if not bool((np.abs(vector) <= LARGEST).all()):
            raise _refusal(f"memory {name}")


def _refusal(what: str) -> ConfigError:
    return ConfigError(
        f"base version: {what}: expected finite numbers of at most 2^64 in size, got others: no "
        "step from them can be proved; don't take part"
    )
