"""One bad update beside two good ones: refused with its reason recorded, and nothing else is lost.

given a participant whose update is spoilt, of another base, late, or handed in twice
  the result document names it with the reason
  the version is the one that the others' updates come to without it
"""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from memory_federation import Federation, document_of

from registry.documents.canonical_json import canonical
from registry.errors import RoundError
from trainer.coordinator.coordinator import RoundResult
from trainer.documents.update_folders import STATEMENT_FILE, UPDATE_FILE
from trainer.errors import Reason
from trainer.protocol.round_state import phase_at
from trainer.types import Phase
from trainer.vectors.safetensors_files import load_safetensors, save_safetensors

Spoil = Callable[[Path], None]


def tensors(make: Callable[[torch.Tensor], torch.Tensor]) -> Spoil:
    """Puts another tensor in the update's place."""

    def spoil(folder: Path) -> None:
        update = load_safetensors(folder / UPDATE_FILE)["update"]
        save_safetensors({"update": make(update)}, folder / UPDATE_FILE)

    return spoil


def cut_short(folder: Path) -> None:
    """Leaves the file's last byte out."""
    data = (folder / UPDATE_FILE).read_bytes()
    (folder / UPDATE_FILE).write_bytes(data[:-1])


def pickled(folder: Path) -> None:
    """A pickle under the update's name, which nothing loads."""
    (folder / UPDATE_FILE).write_bytes(pickle.dumps(np.zeros(3)))


def oversized(folder: Path) -> None:
    """Ten megabytes behind the tensor."""
    with (folder / UPDATE_FILE).open("ab") as file:
        file.write(bytes(10 << 20))


def headed(text: str) -> Spoil:
    """A header of one's own before no value."""

    def spoil(folder: Path) -> None:
        data = len(text.encode()).to_bytes(8, "little") + text.encode()
        (folder / UPDATE_FILE).write_bytes(data)

    return spoil


def one_tensor(name: str) -> Spoil:
    """A header of one tensor, by a name as JSON has it, with offsets beside the file."""
    return headed(f'{{"{name}":{{"dtype":"I16","shape":[1],"data_offsets":[7,9]}}}}')


def signed_by_nobody(folder: Path) -> None:
    """A signature of zeros."""
    fields = json.loads((folder / STATEMENT_FILE).read_bytes())
    fields["signature"] = "0x" + "00" * 65
    (folder / STATEMENT_FILE).write_bytes(canonical(fields))


def good(federation: Federation) -> bytes:
    """The content of the version that participants 0 and 1 come to without anybody else."""
    people = [federation.participant(i) for i in range(2)]
    result: RoundResult = federation.round(people, federation.terms(maximum_participants=2))
    assert result.version is not None
    return result.version.content_digest


@pytest.fixture
def beside(federation: Federation, tmp_path: Path) -> Callable[..., RoundResult]:
    """Runs a round of two good participants and a third with spoilt storage."""

    def run(spoil: Spoil | None, third: Any = None) -> RoundResult:
        spoilt = federation.faulty(before_put=spoil) if spoil else None
        bad = third or federation.participant(2, blobs=spoilt)
        people = [federation.participant(0), federation.participant(1), bad]
        result: RoundResult = federation.round(people)
        return result

    return run


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (tensors(lambda q: torch.full(q.shape, float("nan"))), Reason.DTYPE),
        (tensors(lambda q: torch.full(q.shape, float("inf"))), Reason.DTYPE),
        (tensors(lambda q: q[:1]), Reason.SHAPE),
        (tensors(lambda q: q[None]), Reason.SHAPE),
        (tensors(lambda q: q.to(torch.int32)), Reason.DTYPE),
        (tensors(lambda q: torch.full_like(q, -32_768)), Reason.RANGE),
        (tensors(lambda q: q + 1), Reason.COMMITMENT),
        (cut_short, Reason.SHAPE),
        (pickled, Reason.SHAPE),
        (oversized, Reason.SIZE),
        (one_tensor(r"\ud800"), Reason.SHAPE),
        (one_tensor(r"\u0000\u001b[2J"), Reason.SHAPE),
        (one_tensor("x" * 2_000), Reason.SHAPE),
        (headed(r'{"\ud800":1,"\ud800":1}'), Reason.SHAPE),
        (signed_by_nobody, Reason.SIGNATURE),
    ],
    ids=[
        *("nan", "inf", "one value", "matrix", "int32", "least value", "other values"),
        *("cut short", "pickle", "oversized"),
        *("half a character", "control characters", "long name", "half a character twice"),
        "unsigned",
    ],
)
def test_t27_t28_a_spoilt_update_is_refused_and_the_others_come_to_what_they_would(
    federation: Federation,
    tmp_path: Path,
    beside: Callable[..., RoundResult],
    spoil: Spoil,
    reason: Reason,
) -> None:
    result = beside(spoil)
    assert result.document is not None
    bad = federation.people[2].address
    assert [(r.participant, r.reason) for r in result.document.refused] == [(bad, reason)]
    detail = result.document.refused[0].detail
    assert detail.isprintable()
    assert 0 < len(detail) <= 300
    # Another coordinator, whose folder lies elsewhere, writes the same.
    assert str(tmp_path) not in detail
    assert set(result.document.shares) == {p.address for p in federation.people[:2]}
    (tmp_path / "alone").mkdir()
    alone = type(federation)(tmp_path / "alone")
    good(alone)
    # Versions name their rounds, which differ; the parameters are the same to the bit.
    both = []
    for made in (federation, alone):
        digest = made.board().versions(made.model_id)[-1].content_digest
        made.blobs.get_folder(digest, made.work / "newest", 1 << 20)
        both.append((made.work / "newest" / "model.safetensors").read_bytes())
    assert both[0] == both[1]


def test_t14_an_update_of_another_base_is_refused(
    federation: Federation, beside: Callable[..., RoundResult]
) -> None:
    first = beside(None)
    assert first.document is not None
    own = federation.work / "p" / federation.people[2].address.lower()
    kept = federation.work / "kept"
    shutil.copytree(own / first.round_id.hex() / "update", kept)

    def of_the_first_base(folder: Path) -> None:
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)

    # Signed for the first round, hence for the first version; the second goes on from the second.
    bad = federation.participant(2, blobs=federation.faulty(before_put=of_the_first_base))
    people = [federation.participant(0), federation.participant(1), bad]
    second = federation.round(people, federation.terms(base_version=2))
    assert [(r.participant, r.reason) for r in document_of(second).refused] == [
        (bad.address, Reason.COMMITMENT)
    ]
    assert second.version is not None


def test_t16_a_late_reveal_is_refused_and_who_is_late_is_left_out(federation: Federation) -> None:
    people = [federation.participant(i) for i in range(3)]
    coordinator = federation.coordinator()
    round_id = coordinator.open(federation.terms(), federation.document)
    for _ in range(2):  # a seat, then a commitment
        for participant in people:
            participant.step(round_id)
    for participant in people[:2]:
        participant.step(round_id)
    opening = people[2].opening(round_id)
    federation.clock.wait_until(federation.board().state(round_id).terms.reveal_deadline)
    board = federation.board(federation.people[2])
    assert phase_at(board.state(round_id), federation.clock.now()) == Phase.PROPOSAL
    with pytest.raises(RoundError, match="too late to reveal an update"):
        board.reveal(round_id, people[2].address, opening)
    result = coordinator.run_round(round_id)
    assert {a.participant for a in document_of(result).accepted} == {p.address for p in people[:2]}


def test_t16_a_second_update_of_one_participant_does_not_replace_the_first(
    federation: Federation,
) -> None:
    people = [federation.participant(i) for i in range(3)]
    coordinator = federation.coordinator()
    round_id = coordinator.open(federation.terms(), federation.document)
    for participant in [*people, people[2]]:
        participant.step(round_id)
    board = federation.board(federation.people[2])
    before = board.state(round_id).commitments[people[2].address]
    with pytest.raises(RoundError, match="committed"):
        board.commit(round_id, b"\7" * 32)
    assert board.state(round_id).commitments[people[2].address] == before
    for participant in [*people[:2], *people]:
        participant.step(round_id)
    result = coordinator.run_round(round_id)
    assert len(document_of(result).accepted) == 3
