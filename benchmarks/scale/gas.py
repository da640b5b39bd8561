"""Gas of a round in batches of at most 800, on a fresh Anvil."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench_batch_gas import Field, documents

from registry.devnet.chains import start_anvil
from registry.documents.batches import MOST_IN_BATCH
from registry.signing import LocalSigner

__all__ = ["gas_of"]


def gas_of(counts: list[int]) -> dict[int, int]:
    """Returns the gas of all batches' commitments and reveals, by how many take part."""
    with tempfile.TemporaryDirectory() as work, start_anvil() as chain:
        field = Field.deployed(chain.url, Path(work))
        return {count: _batched(field, turn, count) for turn, count in enumerate(counts, start=1)}


def _batched(field: Field, number: int, count: int) -> int:
    people = [LocalSigner.from_key((1_000 + i).to_bytes(32, "big")) for i in range(count)]
    groups = [people[at : at + MOST_IN_BATCH] for at in range(0, count, MOST_IN_BATCH)]
    round_id, gas = field.open(number, count), 0
    made = [documents(field, round_id, group) for group in groups]
    for batch, _ in made:
        size = len(batch.commitments)
        gas += field.rounds.write("commitBatch", round_id, batch.root, size, batch.digest).gas_used
    field.to_reveal()
    for place, (_, reveals) in enumerate(made):
        size = len(reveals.reveals)
        words = round_id, place, reveals.root, size, reveals.digest
        gas += field.rounds.write("revealBatch", *words).gas_used
    return gas
