"""The digits that ship with the package are scikit-learn's, enlarged to what reads MNIST."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn import datasets

from registry.errors import ConfigError
from trainer.data import load_digits
from trainer.data.digits import DIGITS


def test_they_are_scikit_learn_s_three_times_as_large() -> None:
    inputs, labels = load_digits().tensors
    theirs = datasets.load_digits()
    assert inputs.shape == (DIGITS, 1, 28, 28)
    small = inputs[:, 0, 2:26:3, 2:26:3].numpy() * 16
    assert np.array_equal(small, theirs.images.astype(np.float32))
    assert np.array_equal(labels.numpy(), theirs.target)
    assert torch.equal(inputs[:, :, 2:26:3], inputs[:, :, 4:26:3])
    assert float(inputs[:, :, :2].abs().sum() + inputs[..., 26:].abs().sum()) == 0


def test_a_range_is_a_part_of_them() -> None:
    inputs, labels = load_digits(400, 1_000).tensors
    assert len(labels) == 600
    assert torch.equal(inputs, load_digits().tensors[0][400:1_000])


@pytest.mark.parametrize("bounds", [(-1, 5), (5, 5), (0, DIGITS + 1)])
def test_another_range_is_refused(bounds: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match=f"0 to {DIGITS}"):
        load_digits(*bounds)
