"""Updates that count are vectors of their roots, whatever else is wrong with their folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from proposal_scenario import ROUND, ProposalScenario

from registry.errors import StoreUnavailable
from registry.storage import Cid, MemoryStore
from trainer.adapters import StoreBlobs
from trainer.documents.update_files import save_vector
from trainer.documents.update_folders import STATEMENT_FILE, UPDATE_FILE
from trainer.errors import Reason, UpdateRefused
from trainer.staked.evidence import CountedUpdates, read_vector
from trainer.vectors.safetensors_files import save_safetensors, tensor_places
from trainer.vectors.vector_roots import vector_root


def silent(store: MemoryStore, cid: Cid, limit: int) -> bytes:
    """Fails as a node does that is gone."""
    raise StoreUnavailable("no answer")


def test_f7_a_statement_is_not_asked_for(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 2)
    leaf = ground.state.counted[0]
    vector = ground.evidence().vector(ground.state, leaf)
    np.testing.assert_array_equal(vector, ground.vectors[leaf.participant])
    folder = tmp_path / "made" / "0"
    (folder / STATEMENT_FILE).unlink()
    assert read_vector(folder, 16, 600, leaf.update_root).size == 600


def other_name(path: Path) -> None:
    save_safetensors({"other": torch.zeros(600, dtype=torch.int16)}, path)


def other_type(path: Path) -> None:
    save_safetensors({"update": torch.zeros(600, dtype=torch.int32)}, path)


def other_values(path: Path) -> None:
    save_safetensors({"update": torch.zeros(600, dtype=torch.int16)}, path)


def test_an_update_of_few_values_is_the_vector_of_its_root(tmp_path: Path) -> None:
    vector = np.zeros(600, np.int16)
    vector[[3, 256, 599]] = [7, -7, 1]
    folder = tmp_path / "round" / "update"
    folder.mkdir(parents=True)
    save_vector(vector, folder / UPDATE_FILE)
    assert set(tensor_places(folder / UPDATE_FILE)) == {"places", "values"}
    found = read_vector(folder, 16, 600, vector_root(vector, 16))
    assert (found == vector).all()
    with pytest.raises(UpdateRefused, match="expected values of the root"):
        read_vector(folder, 16, 600, bytes(32))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (Path.unlink, Reason.SHAPE),
        (lambda path: path.write_bytes(b"\x80\x04pickle"), Reason.SHAPE),
        (lambda path: path.write_bytes(bytes(100_000)), Reason.SHAPE),
        (other_name, Reason.SHAPE),
        (other_type, Reason.DTYPE),
        (other_values, Reason.COMMITMENT),
    ],
)
def test_what_is_no_vector_of_the_root_is_none(
    tmp_path: Path, spoil: Callable[[Path], None], reason: Reason
) -> None:
    ground = ProposalScenario(tmp_path, 1)
    folder, root = tmp_path / "made" / "0", ground.state.counted[0].update_root
    spoil(folder / UPDATE_FILE)
    with pytest.raises(UpdateRefused) as refused:
        read_vector(folder, 16, 600, root)
    assert refused.value.reason is reason


def test_missing_content_is_none_until_it_is_there(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 1)
    state = ground.with_update(0, ground.vector(9), keep=False)
    evidence, leaf = ground.evidence(), state.counted[0]
    assert evidence.vector(state, leaf) is None
    assert evidence.outside(state, leaf) is None
    ground.with_update(0, ground.vector(9))
    assert evidence.vector(state, leaf) is not None


def test_an_account_has_its_own_update_from_its_journal(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 1)
    state = ground.with_update(0, ground.vector(9), keep=False)
    leaf = state.counted[0]
    own = tmp_path / "own"
    place = own / leaf.participant.lower() / ROUND.hex()
    place.mkdir(parents=True)
    (tmp_path / "made" / "0").rename(place / "update")
    assert CountedUpdates(ground.blobs, tmp_path / "e", own).vector(state, leaf) is not None


def test_storage_that_gives_no_answer_is_nobody_s_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = ProposalScenario(tmp_path, 1)
    monkeypatch.setattr(MemoryStore, "read_block", silent)
    evidence = CountedUpdates(StoreBlobs(MemoryStore()), tmp_path / "e")
    with pytest.raises(StoreUnavailable):
        evidence.vector(ground.state, ground.state.counted[0])


@pytest.mark.parametrize(("bits", "place"), [(8, 0), (16, 599), (32, 256)])
def test_l2_the_least_value_of_a_width_leaves_the_lattice(
    tmp_path: Path, bits: int, place: int
) -> None:
    ground = ProposalScenario(tmp_path, 1, bits=bits)
    evidence = ground.evidence()
    assert evidence.outside(ground.state, ground.state.counted[0]) is None
    wrong = ground.vector(0)
    wrong[place] = np.iinfo(wrong.dtype).min
    state = ground.with_update(0, wrong)
    assert evidence.outside(state, state.counted[0]) == place // 256
