"""IDX files: read with limits, refused when malformed."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch

from registry.errors import ConfigError
from trainer.data import load_mnist, read_idx


def idx(*sizes: int, data: bytes = b"") -> bytes:
    """An IDX file's bytes."""
    head = b"\x00\x00\x08" + bytes([len(sizes)])
    return head + b"".join(size.to_bytes(4, "big") for size in sizes) + data


def folder_with(path: Path, count: int = 3, zipped: bool = False) -> Path:
    """A folder in MNIST's layout."""
    images = (np.arange(count * 784) % 256).astype(np.uint8).tobytes()
    for part in ("train", "t10k"):
        for name, content in (
            (f"{part}-images-idx3-ubyte", idx(count, 28, 28, data=images)),
            (f"{part}-labels-idx1-ubyte", idx(count, data=bytes(range(count)))),
        ):
            file = path / (name + ".gz" if zipped else name)
            file.write_bytes(gzip.compress(content) if zipped else content)
    return path


@pytest.mark.parametrize("zipped", [False, True])
def test_images_are_normalised_and_labels_follow(tmp_path: Path, zipped: bool) -> None:
    images, labels = load_mnist(folder_with(tmp_path, zipped=zipped)).tensors
    assert images.shape == (3, 1, 28, 28)
    assert images.dtype == torch.float32
    assert labels.tolist() == [0, 1, 2]
    assert images[0, 0, 0, 0].item() == pytest.approx(-0.1307 / 0.3081)
    assert images[0, 0, 9, 3].item() == pytest.approx((1.0 - 0.1307) / 0.3081)


def test_fewer_examples_are_the_first_ones(tmp_path: Path) -> None:
    assert load_mnist(folder_with(tmp_path), "test", 2).tensors[1].tolist() == [0, 1]
    for count in (0, 4):
        with pytest.raises(ConfigError, match="1 to 3 examples"):
            load_mnist(tmp_path, "test", count)
    with pytest.raises(ConfigError, match="'train' or 'test'"):
        load_mnist(tmp_path, "validation")


def test_t26_a_file_that_claims_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(idx(2**31, 2**31, 2**31))
    with pytest.raises(ConfigError, match="at most"):
        read_idx(path)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx(4, data=bytes(1_000_000))))
    with pytest.raises(ConfigError, match="expected 4 values"):
        read_idx(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00\x0d\x01" + bytes(8),
        idx(),
        idx(5, data=b"1234"),
        idx(2, data=b"123"),
        idx(1)[:6],
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        read_idx(path)


def test_a_missing_folder_and_mismatched_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_mnist(tmp_path)
    folder_with(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(2, data=b"12"))
    with pytest.raises(ConfigError, match="don't match"):
        load_mnist(tmp_path)
