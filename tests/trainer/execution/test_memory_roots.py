"""The root of what a server remembers, read from a version's folder (A-7, F-15)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from registry.errors import ConfigError
from trainer.documents.version_folders import SERVER_FILE
from trainer.execution.memory_roots import momenta_of
from trainer.vectors.safetensors_files import save_safetensors
from trainer.vectors.stored_vectors import first_difference
from trainer.vectors.vector_roots import chunk_bytes, chunk_proof, vector_root, verify_chunk

LENGTH = 700


def folder_of(work: Path, **memory: torch.Tensor) -> Path:
    """Writes what a server remembers."""
    (work / SERVER_FILE).parent.mkdir(parents=True)
    save_safetensors(memory, work / SERVER_FILE)
    return work


def values() -> torch.Tensor:
    """Momenta of either sign, with both zeros and a subnormal."""
    found = torch.randn(LENGTH, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found[:3] = torch.tensor([0.0, -0.0, 5e-324], dtype=torch.float64)
    return found


def test_f15_a_memory_s_root_is_of_the_bits_of_its_values(tmp_path: Path) -> None:
    momentum = values()
    found = momenta_of(folder_of(tmp_path, momentum=momentum), LENGTH)
    bits = momentum.numpy().view(np.int64)
    root = vector_root(bits, 64)
    assert found.root() == root
    for index in range(3):
        assert found.chunk(index) == chunk_bytes(bits, 64, index)
        assert found.proof(index) == chunk_proof(bits, 64, index)
        assert verify_chunk(root, 64, LENGTH, index, found.chunk(index), found.proof(index))


def test_f15_a_version_without_a_memory_remembers_zeros(tmp_path: Path) -> None:
    nothing = momenta_of(tmp_path, LENGTH)
    assert nothing.root() == vector_root(np.zeros(LENGTH, np.int64), 64)
    assert nothing.chunk(2) == bytes(8 * (LENGTH - 512))
    zeros = torch.zeros(LENGTH, dtype=torch.float64)
    written = momenta_of(folder_of(tmp_path / "written", momentum=zeros), LENGTH)
    assert written.root() == nothing.root()
    assert first_difference(written, nothing) is None
    zeros[699] = 1e-300
    changed = momenta_of(folder_of(tmp_path / "changed", momentum=zeros), LENGTH)
    assert first_difference(changed, nothing) == 2


@pytest.mark.parametrize(
    "memory",
    [
        {"mean": values(), "second": values()},
        {"momentum": values(), "second": values()},
        {"momentum": values()[:-1]},
        {"momentum": values().reshape(7, 100)},
        {"momentum": values().float()},
    ],
)
def test_f15_another_strategy_s_memory_is_none(
    tmp_path: Path, memory: dict[str, torch.Tensor]
) -> None:
    with pytest.raises(ConfigError, match="expected"):
        momenta_of(folder_of(tmp_path, **memory), LENGTH)


def test_f15_a_memory_cut_short_is_refused(tmp_path: Path) -> None:
    found = momenta_of(folder_of(tmp_path, momentum=values()), LENGTH)
    with (tmp_path / SERVER_FILE).open("r+b") as file:
        file.truncate(2_000)
    with pytest.raises(ConfigError, match="cut short"):
        found.root()
