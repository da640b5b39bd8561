"""Hidden updates at the door (H-5): every refusal with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from registry.signing import LocalSigner
from trainer.documents.masked_updates import read_masked_update, write_masked_update
from trainer.documents.update_folders import (
    STATEMENT_FILE,
    UPDATE_FILE,
    UpdateStatement,
    rounds_domain,
    sign_update,
)
from trainer.errors import Reason, UpdateRefused
from trainer.kernels import Packed
from trainer.privacy.masked_roots import PackedVector
from trainer.privacy.packing import pack
from trainer.vectors.safetensors_files import save_safetensors

LENGTH, WIDTH = 600, 19
ANNA = LocalSigner.from_key(bytes(31) + b"\x0a")
BORIS = LocalSigner.from_key(bytes(31) + b"\x0b")
DOMAIN = rounds_domain(31_337, "0x00000000000000000000000000000000000000a2")


@dataclass
class Door:
    """A good hidden update's folder, and the door that it goes through."""

    folder: Path
    statement: UpdateStatement

    def read(self, **changes: object) -> Packed:
        """Reads what is in the folder now."""
        told = replace(self.statement, **changes)  # type: ignore[arg-type]
        return read_masked_update(self.folder, LENGTH, WIDTH, DOMAIN, told)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """A good one."""
    packed = pack(np.arange(-300, 300, dtype=np.int64), WIDTH)
    root = PackedVector(packed, LENGTH, WIDTH).root()
    statement = UpdateStatement(b"\x11" * 32, ANNA.address, root, 1)
    signature = sign_update(ANNA, DOMAIN, statement)
    write_masked_update(tmp_path, packed, DOMAIN, statement, signature)
    return Door(tmp_path, statement)


def test_a_good_one_is_read_to_the_byte(door: Door) -> None:
    expected = pack(np.arange(-300, 300, dtype=np.int64), WIDTH)
    assert door.read().tobytes() == expected.tobytes()


def another_signer(door: Door) -> None:
    """Signs with another's key."""
    own = replace(door.statement, participant=BORIS.address)
    signature = sign_update(BORIS, DOMAIN, own)
    write_masked_update(door.folder, door.read().copy(), DOMAIN, door.statement, signature)


def one_file_more(door: Door) -> None:
    """Puts a file beside."""
    (door.folder / "notes.txt").write_text("hello")


def no_statement(door: Door) -> None:
    """Takes the statement away."""
    (door.folder / STATEMENT_FILE).unlink()


def other_bytes(door: Door) -> None:
    """Flips one bit."""
    packed = door.read().copy()
    packed[5] ^= 1
    save_safetensors({"masked": torch.from_numpy(packed)}, door.folder / UPDATE_FILE)


def other_tensor(door: Door) -> None:
    """Stores it under another name."""
    packed = torch.from_numpy(door.read().copy())
    save_safetensors({"plain": packed}, door.folder / UPDATE_FILE)


def other_kind(door: Door) -> None:
    """Stores wider numbers."""
    packed = torch.from_numpy(door.read().astype(np.int16))
    save_safetensors({"masked": packed}, door.folder / UPDATE_FILE)


def other_size(door: Door) -> None:
    """Stores a byte less."""
    packed = torch.from_numpy(door.read()[:-1].copy())
    save_safetensors({"masked": packed}, door.folder / UPDATE_FILE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (another_signer, Reason.SIGNATURE),
        (one_file_more, Reason.SIZE),
        (no_statement, Reason.MISSING_CONTENT),
        (other_bytes, Reason.COMMITMENT),
        (other_tensor, Reason.SHAPE),
        (other_kind, Reason.DTYPE),
        (other_size, Reason.SHAPE),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    door: Door, change: Callable[[Door], None], reason: Reason
) -> None:
    change(door)
    with pytest.raises(UpdateRefused) as caught:
        door.read()
    assert caught.value.reason is reason
    assert caught.value.detail


def test_another_s_statement_is_refused(door: Door) -> None:
    with pytest.raises(UpdateRefused) as caught:
        door.read(participant=BORIS.address)
    assert caught.value.reason is Reason.STATEMENT
