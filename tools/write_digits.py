"""Writes `trainer/data/digits.npz`, the handwritten digits that ship with the package.

They are those of scikit-learn (`load_digits`), whose source is UCI's. With `--check`, changes
nothing and exits with 1 if the shipped ones differ.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

PLACE = Path(__file__).resolve().parent.parent / "trainer" / "data" / "digits.npz"


def main() -> int:
    """Writes or checks the file; returns the exit code."""
    found = load_digits()
    images, labels = found.images.astype(np.uint8), found.target.astype(np.uint8)
    if "--check" in sys.argv:
        with np.load(PLACE, allow_pickle=False) as shipped:
            same = np.array_equal(shipped["images"], images)
            return int(not (same and np.array_equal(shipped["labels"], labels)))
    np.savez_compressed(PLACE, images=images, labels=labels)
    return 0


if __name__ == "__main__":
    sys.exit(main())
