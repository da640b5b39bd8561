"""A participant's side of FedBuff: an update that waits for a seat.

It is trained before a seat is taken, so that a slow participant holds nobody up: if the round went
on without it, the update takes a seat of a later one, as stale as it then is.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from registry.documents.canonical_json import canonical
from trainer.documents.terms_document import TermsDocument
from trainer.strategies import FedBuff, strategy
from trainer.types import IntVector, RoundTerms
from trainer.vectors.safetensors_files import load_safetensors, save_safetensors

__all__ = ["BufferedUpdate", "drop_buffered", "take_buffered"]

_VECTOR = "update.safetensors"
_ORIGIN = "origin.json"
_ASKED = ("parameters", "buffers", "scales", "saturation", "tied", "transforms", "plan")


@dataclass(frozen=True, eq=False)
class BufferedUpdate:
    """An update and the number of the version that it was trained from."""

    vector: IntVector
    version: int

    def keep(self, work: Path, terms: RoundTerms, document: TermsDocument) -> None:
        """Keeps the update; the origin is written last, so that half of one is never taken."""
        folder = _folder(work, terms)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        drop_buffered(work, terms)
        save_safetensors({"update": torch.from_numpy(self.vector)}, folder / _VECTOR)
        partial = folder / f"{_ORIGIN}.partial"
        partial.write_bytes(canonical(_origin(self.version, terms, document)))
        partial.replace(folder / _ORIGIN)


def take_buffered(work: Path, terms: RoundTerms, document: TermsDocument) -> BufferedUpdate | None:
    """Returns the update that waits for a round of a model; None without one that fits.

    Args:
        work: the participant's folder.
        terms: of the round; another lattice than the update's needs another update, and so do
            other tensors, scales, transforms or another plan.
        document: of the round; its strategy says how stale an update may be.
    """
    folder = _folder(work, terms)
    if not (folder / _ORIGIN).exists():
        return None
    found = json.loads((folder / _ORIGIN).read_bytes())
    version = int(found["version"])
    rule = strategy(document.strategy, document.strategy_parameters)
    largest = int(float(rule.largest_staleness)) if isinstance(rule, FedBuff) else 0
    fits = (
        found == _origin(version, terms, document) and 0 <= terms.base_version - version <= largest
    )
    if not fits:
        return None
    return BufferedUpdate(load_safetensors(folder / _VECTOR)["update"].numpy(), version)


def drop_buffered(work: Path, terms: RoundTerms) -> None:
    """Forgets the update that waits: it has its seat."""
    (_folder(work, terms) / _ORIGIN).unlink(missing_ok=True)


def _folder(work: Path, terms: RoundTerms) -> Path:
    return work / "buffered" / terms.model_id.hex()


def _origin(version: int, terms: RoundTerms, document: TermsDocument) -> dict[str, Any]:
    # Whatever says which values an update has, how they were made, and what may be cut of them.
    fields = json.loads(document.to_json())
    asked = {name: fields[name] for name in _ASKED}
    return {"version": version, "lattice": asdict(terms.lattice), "document": asked}
