"""Updates at the door (R-3, R-8): every refusal with its reason, by T-14, T-15, T-26 to T-29."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from eth_abi.abi import encode

from registry.documents.batch_entries import Opening
from registry.documents.canonical_json import canonical
from registry.errors import ConfigError
from registry.hashing import keccak256
from registry.signing import CommitmentStatement, LocalSigner
from trainer.documents.update_folders import (
    STATEMENT_FILE,
    UPDATE_FILE,
    UpdateStatement,
    commitment,
    folder_limit,
    read_update,
    rounds_domain,
    sign_update,
    write_update,
)
from trainer.errors import Reason, UpdateRefused
from trainer.types import IntVector, Lattice
from trainer.vectors.safetensors_files import save_safetensors
from trainer.vectors.vector_roots import vector_root

LATTICE = Lattice(16, -10)
ANNA = LocalSigner.from_key(bytes(31) + b"\x0a")
BORIS = LocalSigner.from_key(bytes(31) + b"\x0b")
DOMAIN = rounds_domain(31_337, "0x00000000000000000000000000000000000000a2")
ROUND = b"\x11" * 32
VECTOR = np.arange(-300, 300, dtype=np.int16)


@dataclass
class Door:
    """A good update's folder, and the door that it goes through."""

    folder: Path
    statement: UpdateStatement

    def read(self, **changes: object) -> IntVector:
        """Reads what is in the folder now."""
        statement = replace(self.statement, **changes)  # type: ignore[arg-type]
        return read_update(self.folder, LATTICE, 600, DOMAIN, statement, weight_cap=100)

    def refused(self, **changes: object) -> Reason:
        """Returns why it is refused."""
        with pytest.raises(UpdateRefused) as caught:
            self.read(**changes)
        assert caught.value.detail
        return caught.value.reason

    def rewrite(self, change: Callable[[dict[str, object]], object]) -> None:
        """Changes the statement file."""
        path = self.folder / STATEMENT_FILE
        fields = json.loads(path.read_bytes())
        change(fields)
        path.write_bytes(canonical(fields))

    def replace_tensors(self, tensors: dict[str, torch.Tensor]) -> None:
        """Puts other tensors into the update's file."""
        save_safetensors(tensors, self.folder / UPDATE_FILE)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """Anna's update of 600 values."""
    statement = UpdateStatement(ROUND, ANNA.address, vector_root(VECTOR, 16), 10)
    signature = sign_update(ANNA, DOMAIN, statement)
    write_update(tmp_path / "u", VECTOR, DOMAIN, statement, signature)
    return Door(tmp_path / "u", statement)


def test_a_good_update_comes_in_as_it_was_written(door: Door) -> None:
    vector = door.read()
    assert vector.dtype == np.int16
    assert (vector == VECTOR).all()


def test_the_commitment_is_the_hash_that_the_contract_makes() -> None:
    opening = Opening(ANNA.address, b"\1" * 32, b"\2" * 32, 7, b"\3" * 32)
    contract = DOMAIN.verifying_contract
    expected = keccak256(
        encode(["uint256"], [31_337])
        + bytes(12) + bytes.fromhex(contract[2:])
        + ROUND
        + bytes(12) + bytes.fromhex(ANNA.address[2:])
        + b"\1" * 32 + b"\2" * 32
        + (7).to_bytes(32, "big")
        + b"\3" * 32
    )  # fmt: skip
    assert commitment(31_337, contract, ROUND, ANNA.address, opening) == expected


def test_t14_t16_a_commitment_binds_everything() -> None:
    opening = Opening(ANNA.address, b"\1" * 32, b"\2" * 32, 7, b"\3" * 32)
    contract = DOMAIN.verifying_contract
    made = {
        commitment(31_337, contract, ROUND, ANNA.address, opening),
        commitment(1, contract, ROUND, ANNA.address, opening),
        commitment(31_337, BORIS.address, ROUND, ANNA.address, opening),
        commitment(31_337, contract, b"\x12" * 32, ANNA.address, opening),
        commitment(31_337, contract, ROUND, BORIS.address, opening),
    }
    for change in (
        {"update_root": b"\4" * 32},
        {"content_digest": b"\4" * 32},
        {"weight": 8},
        {"salt": b"\4" * 32},
    ):
        changed = replace(opening, **change)
        made.add(commitment(31_337, contract, ROUND, ANNA.address, changed))
    assert len(made) == 9


def test_only_the_participant_signs_for_itself(door: Door) -> None:
    with pytest.raises(ConfigError, match="expected the key of"):
        sign_update(BORIS, DOMAIN, door.statement)


def test_t14_another_signers_name_round_or_chain_is_refused(door: Door) -> None:
    assert door.refused(participant=BORIS.address) is Reason.STATEMENT
    assert door.refused(round_id=b"\x12" * 32) is Reason.STATEMENT
    elsewhere = rounds_domain(1, DOMAIN.verifying_contract)
    with pytest.raises(UpdateRefused) as caught:
        read_update(door.folder, LATTICE, 600, elsewhere, door.statement, weight_cap=100)
    assert caught.value.reason is Reason.STATEMENT


def test_t14_a_signature_of_something_else_is_refused(door: Door) -> None:
    others = CommitmentStatement(ROUND, ANNA.address, door.statement.update_root)
    for signature in (
        BORIS.sign_typed(DOMAIN, door.statement),
        ANNA.sign_typed(DOMAIN, replace(door.statement, weight=11)),
        ANNA.sign_typed(DOMAIN, others),
    ):
        door.rewrite(lambda f, s=signature: f.update(signature="0x" + s.hex()))  # type: ignore[misc]
        assert door.refused() is Reason.SIGNATURE


def test_t15_signatures_that_are_not_canonical_are_refused(door: Door) -> None:
    good = ANNA.sign_typed(DOMAIN, door.statement)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high = (order - int.from_bytes(good[32:64], "big")).to_bytes(32, "big")
    for bad in (
        good[:32] + high + bytes([55 - good[64]]),
        good[:64] + bytes([good[64] - 27]),
        good[:64],
        bytes(65),
        b"",
    ):
        door.rewrite(lambda f, s=bad: f.update(signature="0x" + s.hex()))  # type: ignore[misc]
        assert door.refused() is Reason.SIGNATURE


def test_values_that_were_not_committed_are_refused(door: Door) -> None:
    door.replace_tensors({"update": torch.zeros(600, dtype=torch.int16)})
    assert door.refused() is Reason.COMMITMENT


@pytest.mark.parametrize("weight", [0, 101, 10**9, 2**64 - 1])
def test_t29_weights_outside_the_terms_are_refused(door: Door, weight: int) -> None:
    assert door.refused(weight=weight) is Reason.WEIGHT


@pytest.mark.parametrize(
    ("tensors", "reason"),
    [
        ({"update": torch.zeros(1, dtype=torch.int16)}, Reason.SHAPE),
        ({"update": torch.zeros(601, dtype=torch.int16)}, Reason.SHAPE),
        ({"update": torch.zeros(600, 1, dtype=torch.int16)}, Reason.SHAPE),
        ({"update": torch.zeros(600, dtype=torch.int32)}, Reason.DTYPE),
        ({"update": torch.zeros(600, dtype=torch.int8)}, Reason.DTYPE),
        ({"update": torch.full((600,), float("nan"))}, Reason.DTYPE),
        ({"delta": torch.zeros(600, dtype=torch.int16)}, Reason.SHAPE),
        (
            {n: torch.zeros(600, dtype=torch.int16) for n in ("update", "extra")},
            Reason.SHAPE,
        ),
        ({"update": torch.full((600,), -32_768, dtype=torch.int16)}, Reason.RANGE),
        ({"update": torch.zeros(60_000, dtype=torch.int16)}, Reason.SIZE),
    ],
)
def test_t27_t28_other_tensors_are_refused(
    door: Door, tensors: dict[str, torch.Tensor], reason: Reason
) -> None:
    door.replace_tensors(tensors)
    assert door.refused() is reason


def test_t28_a_duplicate_tensor_is_refused(door: Door) -> None:
    one = '"update":{"dtype":"I16","shape":[600],"data_offsets":[0,1200]}'
    text = ("{" + one + "," + one + "}").encode()
    data = len(text).to_bytes(8, "little") + text + VECTOR.tobytes()
    (door.folder / UPDATE_FILE).write_bytes(data)
    assert door.refused() is Reason.SHAPE


def test_t26_giant_files_are_refused_before_they_are_read(door: Door) -> None:
    with (door.folder / UPDATE_FILE).open("ab") as file:
        file.truncate(1 << 40)  # sparse
    assert door.refused() is Reason.SIZE
    with (door.folder / UPDATE_FILE).open("ab") as file:
        file.truncate(folder_limit(600) - 1_000)
    assert door.refused() is Reason.SHAPE


def test_a_file_that_is_missing_linked_or_too_many_is_refused(door: Door) -> None:
    (door.folder / "more.txt").write_text("")
    assert door.refused() is Reason.SIZE
    (door.folder / "more.txt").unlink()
    moved = door.folder.parent / "elsewhere"
    (door.folder / UPDATE_FILE).rename(moved)
    assert door.refused() is Reason.MISSING_CONTENT
    (door.folder / UPDATE_FILE).symlink_to(moved)
    assert door.refused() is Reason.MISSING_CONTENT


def test_a_folder_that_is_not_there_is_refused(door: Door, tmp_path: Path) -> None:
    with pytest.raises(UpdateRefused) as caught:
        read_update(tmp_path / "no", LATTICE, 600, DOMAIN, door.statement, weight_cap=100)
    assert caught.value.reason is Reason.MISSING_CONTENT


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.update(format="tallystick/update/2"),
        lambda f: f.update(surprise=1),
        lambda f: f.pop("domain"),
        lambda f: f.update(message=None),
        lambda f: f.update(signature="0xzz"),
        lambda f: f.update(signature=f["signature"].upper()),
    ],
)
def test_statements_that_say_something_else_are_refused(
    door: Door, change: Callable[[dict[str, object]], object]
) -> None:
    door.rewrite(change)
    assert door.refused() is Reason.STATEMENT


def test_a_statement_that_is_no_canonical_json_is_refused(door: Door) -> None:
    path = door.folder / STATEMENT_FILE
    good = path.read_bytes()
    for bad in (b"", b"{}" + b" " * 3_000, good + b"\n", b"\x80\x04N."):
        path.write_bytes(bad)
        assert door.refused() is Reason.STATEMENT


def test_contract_accounts_are_asked(door: Door) -> None:
    class Wallet:
        """A contract account that accepts one signature."""

        def has_code(self, address: str) -> bool:
            return address == ANNA.address

        def is_valid_signature(self, address: str, digest: bytes, signature: bytes) -> bool:
            return signature == b"\x01" * 65

    door.rewrite(lambda f: f.update(signature="0x" + "01" * 65))
    assert door.refused() is Reason.SIGNATURE
    found = read_update(
        door.folder, LATTICE, 600, DOMAIN, door.statement, weight_cap=100, code_checker=Wallet()
    )
    assert (found == VECTOR).all()
