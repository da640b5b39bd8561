"""CIFAR-10's records and FEMNIST's JSON: read by path, refused when malformed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from registry.errors import ConfigError
from trainer.data import load_cifar10, load_femnist
from trainer.data.cifar import MEANS, STANDARD_DEVIATIONS

RECORD = 3_073


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    """Two records a file; a record's pixels are its file's number."""
    for number in range(1, 6):
        one = bytes([number]) + bytes([number]) * (RECORD - 1)
        (tmp_path / f"data_batch_{number}.bin").write_bytes(one + bytes([9]) + one[1:])
    (tmp_path / "test_batch.bin").write_bytes(bytes(RECORD))
    return tmp_path


def test_cifar_images_are_normalised_by_channel_and_labels_follow(cifar: Path) -> None:
    images, labels = load_cifar10(cifar).tensors
    assert images.shape == (10, 3, 32, 32)
    assert images.dtype == torch.float32
    assert labels.tolist() == [1, 9, 2, 9, 3, 9, 4, 9, 5, 9]
    for channel in range(3):
        expected = (2 / 255 - MEANS[channel]) / STANDARD_DEVIATIONS[channel]
        assert float(images[2, channel, 31, 31]) == pytest.approx(expected, abs=1e-6)
    assert load_cifar10(cifar, "test").tensors[1].tolist() == [0]
    assert load_cifar10(cifar, examples=3).tensors[1].tolist() == [1, 9, 2]


def test_what_is_no_cifar_is_refused(cifar: Path) -> None:
    with pytest.raises(ConfigError, match="'train' or 'test'"):
        load_cifar10(cifar, "all")
    with pytest.raises(ConfigError, match="1 to 10 examples, got 11"):
        load_cifar10(cifar, examples=11)
    (cifar / "test_batch.bin").write_bytes(bytes(RECORD - 1))
    with pytest.raises(ConfigError, match="records of 3073 bytes, got 3072"):
        load_cifar10(cifar, "test")
    (cifar / "test_batch.bin").write_bytes(bytes([10]) + bytes(RECORD - 1))
    with pytest.raises(ConfigError, match="labels from 0 to 9, got 10"):
        load_cifar10(cifar, "test")
    (cifar / "test_batch.bin").unlink()
    with pytest.raises(ConfigError, match="CIFAR-10's binary version"):
        load_cifar10(cifar, "test")


def leaf(path: Path, data: Any) -> Path:
    """A JSON file as LEAF writes it."""
    path.write_text(json.dumps({"users": sorted(data), "num_samples": [], "user_data": data}))
    return path


def test_femnist_is_read_by_writer(tmp_path: Path) -> None:
    row = np.linspace(0, 1, 784).tolist()
    path = leaf(tmp_path / "f", {"b": {"x": [row], "y": [61]}, "a": {"x": [row] * 2, "y": [0, 3]}})
    found = load_femnist(path)
    assert list(found) == ["a", "b"]
    images, labels = found["a"].tensors
    assert images.shape == (2, 1, 28, 28)
    assert float(images[1, 0, 27, 27]) == 1
    assert labels.tolist() == [0, 3]
    assert list(load_femnist(path, 1)) == ["a"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "user_data by writer"),
        ({"a": {"x": [[0.0] * 783], "y": [0]}}, "784 values for each label"),
        ({"a": {"x": [[0.0] * 784], "y": [0, 1]}}, "784 values for each label"),
        ({"a": {"x": [[0.0] * 784], "y": [62]}}, "labels from 0 to 61"),
        ({"a": {"x": [[1.5] * 784], "y": [1]}}, "values from 0 to 1"),
        ({"a": {"x": [[0.0] * 784], "y": [0.5]}}, "labels from 0 to 61"),
        ({"a": {"x": [["?"] * 784], "y": [1]}}, "numbers in x and y"),
        ({"a": []}, "numbers in x and y"),
    ],
    ids=["none", "short", "labels", "label", "value", "fraction", "text", "list"],
)
def test_what_is_no_femnist_is_refused(tmp_path: Path, data: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_femnist(leaf(tmp_path / "f", data))


def test_more_writers_than_there_are_or_no_json_are_refused(tmp_path: Path) -> None:
    path = leaf(tmp_path / "f", {"a": {"x": [[0.0] * 784], "y": [0]}})
    with pytest.raises(ConfigError, match="1 to 1 writers, got 2"):
        load_femnist(path, 2)
    path.write_text("{")
    with pytest.raises(ConfigError, match="expected JSON"):
        load_femnist(path)
    with pytest.raises(ConfigError, match="LEAF's JSON files"):
        load_femnist(tmp_path / "nowhere")
