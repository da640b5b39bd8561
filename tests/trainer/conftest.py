"""Fixtures of the trainer's tests: a federation in memory, one thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from memory_federation import Federation


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    """A fresh ledger, store and model."""
    return Federation(tmp_path)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small tensors are faster on one thread, and leave the machine to others."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
