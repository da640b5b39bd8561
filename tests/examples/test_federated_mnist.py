"""The federated example runs from end to end, on images that are made here."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from trainer.coordinator.federation_options import FederationOptions

EXAMPLE = Path(__file__).parents[2] / "examples" / "federated_mnist.py"


def example() -> ModuleType:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("federated_mnist", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def digits(folder: Path, part: str, count: int) -> None:
    """Writes images whose bright row is their label: easy to learn."""
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = np.zeros((count, 28, 28), np.uint8)
    images[np.arange(count), 2 * labels + 3, :] = 255
    sizes = b"".join(size.to_bytes(4, "big") for size in images.shape)
    (folder / f"{part}-images-idx3-ubyte").write_bytes(
        b"\x00\x00\x08\x03" + sizes + images.tobytes()
    )
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(
        b"\x00\x00\x08\x01" + sizes[:4] + labels.tobytes()
    )


def test_three_data_owners_learn_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digits(tmp_path, "train", 300)
    digits(tmp_path, "t10k", 1_000)
    options = FederationOptions(num_rounds=2, min_fit_clients=3, min_available_clients=3)
    accuracies = example().federate(tmp_path, 300, options, tmp_path / "work")
    assert len(accuracies) == 3
    assert accuracies[-1] > 0.8 > 0.5 > accuracies[0]
    assert capsys.readouterr().out.count("\n") == 3
