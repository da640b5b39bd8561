"""Participants evaluate the base version on data of their own, in each round (R-14).

given terms that ask for evaluations
  then the result tells their exact mean, over those who were asked and whose update is accepted
  when a record is malformed, missing, or of who wasn't asked: it counts as none, the update counts
  when fewer than the minimum told: the result says nothing of it
  when one claims more examples than the terms let an update weigh: it counts as so many
  when one tells names that no other does: those that most told are there all the same
  when what stands for a record is no file: the update is refused, on every file system
given terms that ask for none
  then nobody evaluates
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from memory_federation import Federation, document_of

from registry.documents.evaluation import EVALUATION_FILE, EvaluationRecord
from registry.documents.result import Reason
from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.plan.evaluation_terms import EvaluationTerms, evaluation_terms
from trainer.training.client import client_training

ALL = EvaluationTerms(1_000_000, 2)


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    """A federation whose rounds ask everybody."""
    made = Federation(tmp_path)
    return replace(made, document=replace(made.document, client_evaluation=ALL))


class Measuring:
    """A class that keeps what it is given, and measures what it is told to."""

    def __init__(self, examples: int, accuracy: float, told: Any = None) -> None:
        self.examples, self.accuracy, self.told = examples, accuracy, told
        self.evaluated = 0

    def fit(self, parameters: list[Any], config: Any) -> tuple[list[Any], int, Mapping[str, Any]]:
        return [a + a.dtype.type(1) for a in parameters], self.examples, {}

    def evaluate(self, parameters: list[Any], config: Any) -> Any:
        self.evaluated += 1
        for array in parameters:
            array.fill(0)  # what it does with them is its own affair
        if isinstance(self.told, Exception):
            raise self.told
        return self.told or (0.5, 2 * self.examples, {"accuracy": self.accuracy})


def measured(federation: Federation, clients: list[Measuring]) -> Any:
    people = [
        federation.participant(at, client_training(client)) for at, client in enumerate(clients)
    ]
    return document_of(federation.round(people))


def test_r14_the_result_tells_the_exact_mean_over_examples(federation: Federation) -> None:
    clients = [Measuring(10, 0.25), Measuring(30, 0.75), Measuring(7, 1.0)]
    document = measured(federation, clients)
    summary = document.evaluation
    assert summary.participants == 3
    assert summary.metrics["accuracy"].examples == 2 * 47
    assert summary.metrics["accuracy"].mean == Fraction(10 + 90 + 28, 4 * 47)
    assert summary.metrics["loss"].mean == Fraction(1, 2)
    assert [client.evaluated for client in clients] == [1, 1, 1]
    assert type(document).parse(document.to_json()) == document


def test_r14_training_of_a_module_tells_loss_and_accuracy(federation: Federation) -> None:
    document = document_of(federation.round([federation.participant(at) for at in range(3)]))
    assert document.evaluation is not None
    assert sorted(document.evaluation.metrics) == ["accuracy", "loss"]
    assert document.evaluation.metrics["accuracy"].examples == 40 + 50 + 60
    assert 0 < document.evaluation.metrics["accuracy"].mean < 1


def test_r14_terms_that_ask_for_none_have_none(tmp_path: Path) -> None:
    clients = [Measuring(10, 0.25), Measuring(30, 0.75)]
    assert measured(Federation(tmp_path), clients).evaluation is None
    assert [client.evaluated for client in clients] == [0, 0]


@pytest.mark.parametrize(
    "told", [RuntimeError("no test data"), (0.5, 4), (float("nan"), 4, {}), (0.5, 0, {}), "text"]
)
def test_r14_a_class_that_cannot_tell_takes_part_all_the_same(
    federation: Federation, told: Any, caplog: pytest.LogCaptureFixture
) -> None:
    document = measured(federation, [Measuring(1, 0.5), Measuring(1, 0.5), Measuring(9, 0.5, told)])
    assert (len(document.accepted), document.evaluation.participants) == (3, 2)
    assert "Measuring.evaluate: expected a loss" in caplog.text
    assert "the round goes on without it" in caplog.text


def test_r14_too_few_evaluations_say_nothing(federation: Federation) -> None:
    document = measured(federation, [Measuring(1, 0.5), Measuring(9, 0.5, RuntimeError())])
    assert (len(document.accepted), document.evaluation) == (2, None)


Spoil = Callable[[Path], object]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda place: place.write_bytes(b"{}"),
        lambda place: place.write_bytes(b"\xff" * 4096),
        lambda place: place.unlink(),
    ],
)
def test_r14_a_malformed_record_costs_its_writer_the_record_alone(
    federation: Federation, spoil: Spoil
) -> None:
    def before_put(folder: Path) -> None:
        spoil(folder / EVALUATION_FILE)

    people = [federation.participant(at) for at in (0, 1)]
    people.append(federation.participant(2, blobs=federation.faulty(before_put=before_put)))
    document = document_of(federation.round(people))
    assert (len(document.accepted), document.refused) == (3, ())
    assert document.evaluation is not None
    assert document.evaluation.participants == 2


def test_r14_an_endless_record_is_refused_at_the_door(federation: Federation) -> None:
    def before_put(folder: Path) -> None:
        (folder / EVALUATION_FILE).write_bytes(b" " * 100_000)

    people = [federation.participant(at) for at in (0, 1)]
    people.append(federation.participant(2, blobs=federation.faulty(before_put=before_put)))
    document = document_of(federation.round(people))
    assert [r.participant for r in document.refused] == [people[2].address]


def test_r14_a_record_that_is_a_folder_is_refused_on_every_file_system(
    federation: Federation,
) -> None:
    def before_put(folder: Path) -> None:
        (folder / EVALUATION_FILE).unlink()
        (folder / EVALUATION_FILE).mkdir()
        (folder / EVALUATION_FILE / "stowaway").write_bytes(b"!" * 9_000)

    people = [federation.participant(at) for at in (0, 1)]
    people.append(federation.participant(2, blobs=federation.faulty(before_put=before_put)))
    document = document_of(federation.round(people))
    assert [(r.participant, r.reason) for r in document.refused] == [
        (people[2].address, Reason.SIZE)
    ]


def told(record: EvaluationRecord) -> Callable[[Path], None]:
    """A participant that hands in another record than it measured."""

    def before_put(folder: Path) -> None:
        if (folder / EVALUATION_FILE).exists():
            (folder / EVALUATION_FILE).write_bytes(record.to_json())

    return before_put


def with_told(federation: Federation, record: EvaluationRecord) -> Any:
    people = [federation.participant(at, client_training(Measuring(30, 0.25))) for at in (0, 1)]
    liar = client_training(Measuring(30, 0.25))
    spoiled = federation.faulty(before_put=told(record))
    people.append(federation.participant(2, liar, blobs=spoiled))
    return document_of(federation.round(people)).evaluation


def test_r14_no_record_weighs_more_than_an_update_may(federation: Federation) -> None:
    lie = EvaluationRecord(2**32 - 1, {"accuracy": 1_000_000, "loss": 0})
    summary, cap = with_told(federation, lie), federation.terms().weight_cap
    accuracy = summary.metrics["accuracy"]
    assert accuracy.examples == 2 * 60 + cap
    assert accuracy.mean == Fraction(2 * 60 + 4 * cap, 4 * (2 * 60 + cap))


def test_r14_names_that_one_alone_tells_crowd_out_none_of_the_others(
    federation: Federation,
) -> None:
    crowd = EvaluationRecord(10, {f"!{at:02}": 0 for at in range(32)})
    summary = with_told(federation, crowd)
    assert {"accuracy", "loss"} < set(summary.metrics)
    assert len(summary.metrics) == 32


def test_r14_who_was_not_asked_is_not_counted(tmp_path: Path) -> None:
    terms = EvaluationTerms(500_000, 1)
    made = Federation(tmp_path)
    federation = replace(made, document=replace(made.document, client_evaluation=terms))

    def eager(folder: Path) -> None:
        if (folder / "statement.json").exists():
            record = EvaluationRecord(10, {"loss": 1_000_000})
            (folder / EVALUATION_FILE).write_bytes(record.to_json())

    people = [federation.participant(at, blobs=federation.faulty(eager)) for at in range(3)]
    document = document_of(federation.round(people))
    asked = [p for p in people if terms.asks(document.round_id, p.address)]
    counted = 0 if document.evaluation is None else document.evaluation.participants
    assert (len(document.accepted), counted) == (3, len(asked))


@pytest.mark.parametrize("fraction", [0.25, 0.5, 1.0])
def test_r14_so_many_are_asked_as_the_fraction_says(fraction: float) -> None:
    terms = evaluation_terms(fraction, 1)
    assert terms is not None
    people = [f"0x{n:040x}" for n in range(2_000)]
    asked = sum(terms.asks(bytes(32), who) for who in people)
    assert abs(asked - 2_000 * fraction) < 100
    assert asked == 2_000 or any(
        terms.asks(bytes(32), who) != terms.asks(b"\x01" * 32, who) for who in people
    )


def test_r14_who_is_asked_is_what_the_specification_says() -> None:
    for number in range(200):
        who, round_id = f"0x{number:040x}", bytes([number]) * 32
        lot = hashlib.sha256(b"evaluate" + round_id + bytes.fromhex(who[2:])).hexdigest()[:16]
        asked = int(lot, 16) * 10**6 < 300_000 * 2**64
        assert EvaluationTerms(300_000, 1).asks(round_id, who) is asked


def test_r14_options_out_of_range_are_refused() -> None:
    assert evaluation_terms(0.0, 2) is None
    for fraction, minimum in ((-0.1, 2), (1.1, 2), (float("nan"), 2), (0.5, 0)):
        with pytest.raises(ConfigError, match="expected"):
            evaluation_terms(fraction, minimum)
    for terms in (
        *({"fraction": 0}, {"fraction": 1_000_001}, {"fraction": True}),
        *({"minimum": 0}, {"minimum": 1_000_001}, {"minimum": True}),
    ):
        with pytest.raises(ConfigError, match="evaluation: expected"):
            EvaluationTerms(**terms)


def test_r14_a_fraction_is_rounded_to_millionths() -> None:
    assert evaluation_terms(0.000_000_7, 3) == EvaluationTerms(1, 3)
    assert evaluation_terms(0.000_000_4, 3) is None
    assert evaluation_terms(1.0, 1) == EvaluationTerms(1_000_000, 1)


def test_r14_terms_are_read_as_they_were_written() -> None:
    document = TermsDocument(client_evaluation=EvaluationTerms(250_000, 3))
    assert TermsDocument.parse(document.to_json()) == document
