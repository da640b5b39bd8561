"""The example on the real MiniLM: speakers are told apart, and updates are small."""

from __future__ import annotations

from pathlib import Path

import pytest
from minilm_lora import LARGEST_PART, SPEAKERS, fine_tune, speeches_of

DATA = Path(__file__).resolve().parents[3] / ".data"
MODEL, PLAYS = DATA / "minilm", DATA / "shakespeare"

pytestmark = pytest.mark.skipif(
    not (MODEL.is_dir() and PLAYS.is_dir()), reason="needs the data that `make data` fetches"
)


def test_nobody_s_speech_is_both_trained_on_and_validation_set() -> None:
    train, validation_set = speeches_of(MODEL, PLAYS, 240)
    assert len(train) == 4 * len(validation_set) == 240
    assert validation_set.tensors[1].bincount().tolist() == [10] * len(SPEAKERS)
    told = {tuple(row.tolist()) for row in train.tensors[0]}
    assert not told & {tuple(row.tolist()) for row in validation_set.tensors[0]}


@pytest.mark.slow
def test_four_owners_learn_who_speaks_and_send_a_fiftieth_of_the_model(tmp_path: Path) -> None:
    outcome = fine_tune(MODEL, PLAYS, 240, 2, tmp_path)
    assert outcome.part <= LARGEST_PART
    assert outcome.parents == [outcome.base]
    untrained, *_, trained = outcome.accuracies
    assert trained > max(untrained, outcome.majority) + 0.05
