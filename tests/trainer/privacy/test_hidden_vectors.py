"""Masks, packing and packed roots as the vectors have them that Solidity reads too.

They come from `tools/write_hidden_vectors.py`, which uses Python integers and hashlib alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.privacy.masked_roots import PackedVector
from trainer.privacy.masking import masked, unmasked_sum
from trainer.privacy.packing import centred, pack, unpack
from trainer.vectors.vector_roots import CHUNK, verify_packed

ROOT = Path(__file__).parents[3]
KEYSTREAMS = json.loads((ROOT / "tests/vectors/hidden_keystreams.json").read_text())["cases"]
PACKING = json.loads((ROOT / "tests/vectors/hidden_packing.json").read_text())
Case = dict[str, Any]


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def array(text: str) -> np.ndarray:
    return np.frombuffer(raw(text), np.uint8)


def test_the_files_are_what_their_script_writes() -> None:
    command = [sys.executable, "tools/write_hidden_vectors.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("case", KEYSTREAMS, ids=lambda c: f"{c['width']}-{c['chunk']}")
def test_a_chunk_of_a_mask_is_the_vector_s(case: Case) -> None:
    zeros, start = np.zeros(case["values"], np.int8), case["chunk"] * CHUNK
    seed, width = raw(case["seed"]), case["width"]
    assert masked(zeros, width, [seed], [], start=start).tobytes() == raw(case["mask"])
    taken = unmasked_sum([array(case["mask"])], zeros.size, width, [], [seed], start=start)
    assert not taken.any()


@pytest.mark.parametrize("case", PACKING["chunks"], ids=lambda c: f"{c['width']}")
def test_values_are_packed_as_the_vector_has_them(case: Case) -> None:
    values, width = np.array([int(v) for v in case["values"]], np.uint64), case["width"]
    bits = array(case["packed"])
    assert pack(values, width).tobytes() == bits.tobytes()
    assert np.array_equal(unpack(bits, values.size, width), values)
    assert np.array_equal(pack(centred(values, width), width), bits)


@pytest.mark.parametrize("case", PACKING["vectors"], ids=lambda c: f"{c['width']}-{c['what']}")
def test_a_chunk_of_a_packed_vector_proves_itself_where_the_vector_says(case: Case) -> None:
    proof, width, length = [raw(one) for one in case["proof"]], case["width"], case["length"]
    proven = verify_packed(
        raw(case["root"]), width, length, case["index"], raw(case["chunk"]), proof
    )
    assert proven == case["valid"]
    if case["valid"] and length <= CHUNK:
        assert PackedVector(array(case["chunk"]), length, width).root() == raw(case["root"])
