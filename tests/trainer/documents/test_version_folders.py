"""Version folders (A-4, C-2): the same bytes from the same arguments, whoever writes them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

from registry.documents.manifest import Manifest
from registry.errors import ConfigError
from registry.storage import directory_cid
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version, read_version, write_version
from trainer.execution.execute import execute
from trainer.execution.round_inputs import RoundInputs
from trainer.types import AcceptedUpdate, Lattice, RoundTerms

# What release 0.1.0 made of the arguments below; it has to stay so.
GOLDEN_FIRST = "bdc16edbe4a6941438dae86ef03a7b02b4d0da9190616de280d31d534178bd47"
GOLDEN_NEXT = "df5ed4ea4e61d04ccd7dd89d4856ef2ba4343aad995547009b243e74637a74e9"


def base_state() -> dict[str, torch.Tensor]:
    """Tensors without a random number in them."""
    return {
        "layer.weight": torch.arange(600, dtype=torch.float32).reshape(20, 30) / 64,
        "layer.bias": torch.arange(20, dtype=torch.float16) / 8,
        "steps": torch.tensor(3, dtype=torch.int64),
    }


def made(folder: Path) -> tuple[Path, Path]:
    """Writes a base and the version that three integer updates make of it."""
    first, following = folder / "first", folder / "next"
    first_version(first, base_state(), architecture="linear", licence="MIT")
    document = TermsDocument()
    terms = RoundTerms(
        b"\x01" * 32, 1, "fedavg", document.digest, Lattice(16, -10, 8), 1, 2, 3, 4, 0, 1, 3
    )
    updates = [
        AcceptedUpdate(f"0x{at:040x}", bytes(32), bytes(32), at, _vector(at)) for at in (1, 2, 3)
    ]
    outcome = execute(RoundInputs.under(terms, document, read_version(first), updates))
    write_version(first, following, outcome.tensors, [b"\x02" * 32], b"\x03" * 32)
    return first, following


def _vector(at: int) -> np.ndarray:
    return ((np.arange(620) * 7_919 * at) % 2_001 - 1_000).astype(np.int16)


def test_a_4_versions_have_the_bytes_of_the_released_format(tmp_path: Path) -> None:
    first, following = made(tmp_path)
    assert directory_cid(first).digest.hex() == GOLDEN_FIRST
    assert directory_cid(following).digest.hex() == GOLDEN_NEXT


def test_writing_over_what_is_there_leaves_nothing_behind(tmp_path: Path) -> None:
    first, following = made(tmp_path)
    before = directory_cid(following)
    (following / "left-over").write_text("")
    write_version(first, following, read_version(following), [b"\x02" * 32], b"\x03" * 32)
    assert directory_cid(following) == before


def test_c_2_the_manifest_lists_every_file_but_itself(tmp_path: Path) -> None:
    first = tmp_path / "v"
    (first / "docs").mkdir(parents=True)
    (first / "docs" / "card.md").write_text("card")
    first_version(first, base_state(), architecture="linear")
    manifest = json.loads((first / "manifest.json").read_bytes())
    assert set(manifest["files"]) == {"docs/card.md", "model.safetensors"}
    for name, entry in manifest["files"].items():
        data = (first / name).read_bytes()
        assert entry == {"bytes": len(data), "sha256": sha256(data).hexdigest()}


def test_c_2_the_registry_verifies_what_the_trainer_writes(tmp_path: Path) -> None:
    for folder in made(tmp_path):
        (folder / ".hidden").write_text("left out of storage")
        text = (folder / "manifest.json").read_bytes()
        manifest = Manifest.parse(text)
        manifest.verify_folder(folder)
        assert manifest.to_json() == text
    assert manifest.parents == (b"\x02" * 32,)
    assert manifest.round_id == b"\x03" * 32


def names_in(folder: Path) -> set[str]:
    """What a folder holds below it, folders too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("memory", [{}, {"momentum": np.ones(3)}], ids=["none", "a memory"])
def test_c_2_what_isnt_written_anew_is_carried_over(
    tmp_path: Path, memory: dict[str, np.ndarray]
) -> None:
    first, following = tmp_path / "first", tmp_path / "next"
    carried = {
        "docs/manifest.json": "{}",
        "docs/model.safetensors": "no tensors",
        "docs/server/memory.safetensors": "no memory",
        "server/run.md": "how to serve it",
        "server/manifest.json": "[]",
    }
    for name, text in carried.items():
        (first / name).parent.mkdir(parents=True, exist_ok=True)
        (first / name).write_text(text)
    first_version(first, base_state(), architecture="linear")
    write_version(first, following, base_state(), [b"\x02" * 32], b"\x03" * 32, memory)
    for name, text in carried.items():
        assert (following / name).read_text() == text
    kept = {"server/memory.safetensors"} if memory else set()
    assert names_in(following) == names_in(first) | kept
    manifest = Manifest.parse((following / "manifest.json").read_bytes())
    manifest.verify_folder(following)
    # The next one forgets the memory, and keeps the rest.
    write_version(following, tmp_path / "third", base_state(), [b"\x04" * 32], b"\x05" * 32)
    assert names_in(tmp_path / "third") == names_in(first)


def test_c_2_a_memory_that_was_alone_in_its_folder_leaves_none_behind(tmp_path: Path) -> None:
    first, following = made(tmp_path)
    write_version(first, following, base_state(), [], bytes(32), {"momentum": np.ones(3)})
    write_version(following, tmp_path / "third", base_state(), [], bytes(32))
    assert names_in(tmp_path / "third") == names_in(first)


def test_a_memory_whose_folder_is_a_file_of_the_base_is_refused(tmp_path: Path) -> None:
    first = tmp_path / "v"
    first.mkdir()
    (first / "server").write_text("not a folder")
    first_version(first, base_state(), architecture="linear")
    with pytest.raises(ConfigError, match="publish it under another"):
        write_version(first, tmp_path / "n", base_state(), [], bytes(32), {"mean": np.ones(3)})


def test_a_folder_without_one_model_file_or_a_manifest_is_refused(tmp_path: Path) -> None:
    first, _ = made(tmp_path)
    with pytest.raises(ConfigError, match="one safetensors file, got 0"):
        read_version(tmp_path)
    (first / "b.safetensors").write_bytes((first / "model.safetensors").read_bytes())
    with pytest.raises(ConfigError, match="one safetensors file, got 2"):
        read_version(first)
    (first / "b.safetensors").unlink()
    manifest = (first / "manifest.json").read_bytes()
    for bad in (b"{}", manifest + b"\n", manifest.replace(b"manifest/1", b"manifest/2")):
        (first / "manifest.json").write_bytes(bad)
        with pytest.raises(ConfigError):
            write_version(first, tmp_path / "n", base_state(), [], bytes(32))
    (first / "manifest.json").unlink()
    with pytest.raises(ConfigError, match="needs a manifest"):
        write_version(first, tmp_path / "n", base_state(), [], bytes(32))
