"""Rounds whose terms name transforms: what is sent, kept, drawn again, and replayed.

given terms with transforms
  every participant sends what they leave, and the round is replayed from what is stored
  what error feedback keeps goes on from counted rounds alone, however they were revealed
given a participant that is stopped before it commits
  it draws the same numbers again
"""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from batched_federation import BatchScenario
from memory_federation import Federation
from pseudocode.transforms import error_feedback, top_k

from registry.documents.canonical_json import canonical
from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import STATEMENT_FILE, UPDATE_FILE
from trainer.documents.version_folders import first_version, read_version
from trainer.participant.client_state import rng_key
from trainer.participant.participant import Participant
from trainer.plan.training_plan import LocalPlan
from trainer.ports import RoundContext
from trainer.training.local_training import LocalResult
from trainer.transforms import RESIDUAL, TransformTerms
from trainer.types import Lattice
from trainer.vectors.lattice import dequantize
from trainer.vectors.safetensors_files import State, load_safetensors, tensor_places

LATTICE = Lattice(32, -26, 0)
STEADY = np.array([8.0, 4.0, 1.0, -2.0, 0.5, 0.25, -0.125, 0.0] * 8) / 16
SPARSE = (TransformTerms("error_feedback"), TransformTerms("top_k", {"fraction": "0.125"}))
HIDDEN = (TransformTerms("clip", {"norm": "1"}), TransformTerms("noise", {"deviation": "0.01"}))


class Mover:
    """Trains by adding the same numbers each round."""

    def __init__(self, factor: float) -> None:
        self.by = torch.from_numpy(factor * STEADY)

    def __call__(self, base: State, plan: LocalPlan) -> LocalResult:
        return LocalResult({"x": base["x"] + self.by}, 1, {"loss": 0.5})


@pytest.fixture
def moved(federation: Federation) -> Any:
    """A federation whose model is 64 numbers at zero."""
    folder = federation.work / "numbers"
    first_version(folder, {"x": torch.zeros(64, dtype=torch.float64)}, architecture="numbers")
    digest = federation.blobs.put_folder(folder)
    federation.model_id = federation.ledger.register(federation.owner.address, "numbers", digest)
    return federation


def terms(federation: Federation, document: TermsDocument, **changes: Any) -> Any:
    """Terms of the next round, with two seats."""
    federation.document = document
    versions = federation.board().versions(federation.model_id)
    named = {"strategy": document.strategy, "document_digest": document.digest}
    seats = {"maximum_participants": 2, **changes}
    return federation.terms(base_version=len(versions), lattice=LATTICE, **named, **seats)


def newest(federation: Federation) -> np.ndarray:
    """The newest version's values."""
    digest = federation.board().versions(federation.model_id)[-1].content_digest
    folder = federation.work / digest.hex()
    federation.blobs.get_folder(digest, folder, 1 << 20)
    return read_version(folder)["x"].numpy()


def stored(federation: Federation, index: int, round_id: bytes) -> Path:
    """Where a participant's update lies."""
    own = federation.work / "p" / federation.people[index].address.lower()
    return own / round_id.hex() / "update" / UPDATE_FILE


def test_error_feedback_with_top_k_is_its_paper_s_over_rounds(moved: Any) -> None:
    document = TermsDocument(scoring="equal", transforms=SPARSE)
    people = [moved.participant(i, Mover(1.0 - 2 * i / 4)) for i in range(2)]
    results = [moved.round(people, terms(moved, document)) for _ in range(5)]
    expected = np.zeros(64)
    for factor in (1.0, 0.5):
        sent = error_feedback([list(factor * STEADY)] * 5, lambda whole: top_k(whole, 8))
        expected += np.sum(sent, axis=0) / 2
    assert np.abs(newest(moved) - expected).max() < 1e-6
    assert people[0].metrics["kept"] == 8
    assert people[0].metrics[RESIDUAL] > 0
    assert people[0].metrics["loss"] == 0.5
    file = stored(moved, 0, results[-1].round_id)
    assert set(tensor_places(file)) == {"places", "values"}
    assert [len(result.document.accepted) for result in results] == [2] * 5


def test_a_round_that_came_to_nothing_leaves_the_rest_as_it_was(moved: Any) -> None:
    document = TermsDocument(scoring="equal", transforms=SPARSE)
    people = [moved.participant(i, Mover(1.0)) for i in range(2)]
    moved.round(people, terms(moved, document))
    assert moved.round(people[:1], terms(moved, document)).version is None
    moved.round(people, terms(moved, document))
    sent = error_feedback([list(STEADY)] * 2, lambda whole: top_k(whole, 8))
    assert np.abs(newest(moved) - np.sum(sent, axis=0)).max() < 1e-6


def test_the_rest_goes_on_from_rounds_whose_reveals_came_in_a_batch(
    moved: Any, tmp_path: Path
) -> None:
    document = TermsDocument(scoring="equal", transforms=SPARSE)
    stage = BatchScenario(moved, tmp_path / "mailbox")
    people = [
        Participant(
            RoundContext(moved.board(signer), moved.blobs, moved.clock),
            *(signer, Mover(1.0), moved.work / "p", stage.mailbox),
        )
        for signer in moved.people[:2]
    ]
    for _ in range(2):
        given = terms(moved, document)
        result = stage.run(stage.coordinator().open(given, document), *people)
        state = moved.board().state(result.round_id)
        assert state.batches
        assert not state.reveals
    sent = error_feedback([list(STEADY)] * 2, lambda whole: top_k(whole, 8))
    assert np.abs(newest(moved) - np.sum(sent, axis=0)).max() < 1e-6


def test_an_update_that_was_refused_or_left_out_leaves_the_rest_as_it_was(moved: Any) -> None:
    def unsigned(folder: Path) -> None:
        fields = json.loads((folder / STATEMENT_FILE).read_bytes())
        fields["signature"] = "0x" + "00" * 65
        (folder / STATEMENT_FILE).write_bytes(canonical(fields))

    document = TermsDocument(scoring="equal", transforms=SPARSE)
    good = [moved.participant(i, Mover(1.0)) for i in range(2)]
    spoilt = moved.participant(2, Mover(1.0), blobs=moved.faulty(before_put=unsigned))
    honest = moved.participant(2, Mover(1.0))
    three = {"maximum_participants": 3}
    first = moved.round([*good, spoilt], terms(moved, document, **three))
    assert [r.participant for r in first.document.refused] == [spoilt.address]
    moved.round([*good, honest], terms(moved, document, **three))
    own = moved.work / "p" / honest.address.lower()
    sent = error_feedback([list(STEADY)], lambda whole: top_k(whole, 8))[0]
    newest_round = moved.board().rounds_of(moved.model_id)[-1]
    rest = load_safetensors(own / newest_round.hex() / "transforms.safetensors")[RESIDUAL]
    # The second try begins anew: what the refused one left out isn't added to it.
    assert np.abs(rest.numpy() - (STEADY - sent)).max() < 1e-6


def test_a_participant_that_was_stopped_draws_the_same_noise_again(moved: Any) -> None:
    document = TermsDocument(scoring="equal", transforms=HIDDEN)
    coordinator = moved.coordinator()
    opened = coordinator.open(terms(moved, document), document)
    state = moved.board().state(opened)
    first = moved.participant(0, Mover(1.0))._updates.make(state, document).vector
    again = moved.participant(0, Mover(1.0))._updates.make(state, document).vector
    assert (first == again).all()
    other = moved.participant(1, Mover(1.0))._updates.make(state, document).vector
    clipped = STEADY / max(1.0, float(np.linalg.norm(STEADY)))
    for vector in (first, other):
        noise = dequantize(vector, LATTICE) - clipped
        assert 0.005 < noise.std() < 0.02
    assert (first != other).all()


def test_the_secret_to_draw_by_is_its_owner_s_alone_and_another_each_round(tmp_path: Path) -> None:
    work = tmp_path / "own"
    key = rng_key(work, b"\1" * 32)
    assert rng_key(work, b"\1" * 32) == key
    assert rng_key(work, b"\2" * 32) != key
    assert rng_key(tmp_path / "other", b"\1" * 32) != key
    (file,) = work.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() != key


def test_another_layout_than_that_of_the_rest_is_refused(moved: Any) -> None:
    document = TermsDocument(scoring="equal", transforms=SPARSE)
    moved.round([moved.participant(i, Mover(1.0)) for i in range(2)], terms(moved, document))
    longer = {"x": torch.zeros(64, dtype=torch.float64), "y": torch.zeros(2)}
    first_version(moved.work / "longer", longer, architecture="numbers")
    digest = moved.blobs.put_folder(moved.work / "longer")
    board = moved.board()
    parent = board.versions(moved.model_id)[-1].version_id
    board.publish_version(moved.model_id, digest, bytes(32), [parent])

    def training(base: State, plan: LocalPlan) -> LocalResult:
        return LocalResult(base, 1, {})

    with pytest.raises(ConfigError, match="expected 66 values left out before, got 64"):
        moved.round([moved.participant(0, training)], terms(moved, document))


def test_terms_come_back_with_their_transforms_in_order() -> None:
    chain = (SPARSE[1], TransformTerms("quantize", {"levels": "7"}))
    document = TermsDocument(transforms=chain)
    assert TermsDocument.parse(document.to_json()) == document
    turned = replace(document, transforms=chain[::-1])
    assert turned.digest != document.digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'"transforms":{}', "expected a list of transforms"),
        (b'"transforms":[7]', "transform: expected a JSON object, got int"),
        (b'"transforms":[{"name":"clip"}]', "transform: missing parameters"),
        (b'"transforms":[{"name":7,"parameters":{}}]', "expected a name, and parameters by name"),
        (b'"transforms":[{"name":"clip","parameters":{"norm":1}}]', "expected decimal text"),
    ],
)
def test_transforms_that_are_malformed_are_refused(text: bytes, said: str) -> None:
    given = TermsDocument().to_json().replace(b'"transforms":[]', text)
    with pytest.raises(ConfigError, match=said):
        TermsDocument.parse(given)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {
                "strategy": "scaffold",
                "strategy_parameters": {"participants": "3"},
                "plan": LocalPlan(1, 8, "sgd", "0.1", steps=3),
                "transforms": HIDDEN[:1],
            },
            "scaffold with clip: its control variates follow from whole updates",
        ),
        (
            {
                "strategy": "fedbuff",
                "plan": LocalPlan(weight="staleness"),
                "scoring": "equal",
                "transforms": SPARSE,
            },
            "fedbuff with error_feedback: an update may wait for another round",
        ),
        (
            {
                "aggregator": "clustered_mean",
                "aggregator_parameters": {"clusters": 2},
                "transforms": HIDDEN,
            },
            "clustered_mean with noise: it moves other models than the participant's own",
        ),
        (
            {"aggregator": "median", "transforms": SPARSE},
            "median with top_k: where most updates have a zero, the middle value is zero",
        ),
    ],
)
def test_rules_that_transforms_would_break_are_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        TermsDocument(**fields)


def test_a_rule_of_ranks_takes_mixed_updates_of_few_values() -> None:
    given = {"nnm.byzantine": 1, "trim": 1}
    TermsDocument(aggregator="nnm+trimmed_mean", aggregator_parameters=given, transforms=SPARSE)
    TermsDocument(aggregator="geometric_median", transforms=SPARSE)
