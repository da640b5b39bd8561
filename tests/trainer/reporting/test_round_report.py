"""Reports on rounds on a board in memory: real training, real attackers, public data alone.

given a round whose reveals are over
  it names copies, near-copies, free riders, large and opposed updates
  it tells who was excluded and who was refused, with the coordinator's own reasons
  it tells whether the result on the board is what the updates come to
given one that still runs, only mixes, or is under stake
  it is refused in one sentence with the remedy
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batched_federation import BatchScenario
from memory_federation import Federation, document_of

from registry.addresses import ZERO_ADDRESS
from registry.errors import RoundError
from registry.signing import LocalSigner
from trainer import models
from trainer.cli.report import fields_of, lines_of
from trainer.coordinator.coordinator import RoundResult
from trainer.documents.terms_document import TermsDocument
from trainer.errors import Reason
from trainer.execution.validation_set import write_validation_set
from trainer.ports import RoundContext
from trainer.protocol.round_state import phase_at
from trainer.reporting.anomalies import AnomalyKind, Thresholds
from trainer.reporting.round_report import RoundReport
from trainer.reporting.round_reports import RoundReports
from trainer.research.attacks import copy_cat, free_rider, scaled, sign_flip
from trainer.scoring import CrossEntropy, Evaluate
from trainer.training.client import Training
from trainer.types import Phase, ProposedResult, RefusedUpdate

STRANGER = LocalSigner.from_key(bytes(31) + b"\x63")


def played(
    f: Any,
    people: Sequence[Training | None],
    evaluate: Evaluate | None = None,
    **changes: Any,
) -> RoundResult:
    """A round by the federation's document with some changes; None trains honestly."""
    f.document = replace(f.document, **changes)
    terms = f.terms(
        base_version=len(f.board().versions(f.model_id)),
        strategy=f.document.strategy,
        document_digest=f.document.digest,
        maximum_participants=len(people),
    )
    made = [f.participant(index, training) for index, training in enumerate(people)]
    result: RoundResult = f.round(made, terms, evaluate)
    return result


def reports(f: Any, name: str = "r", **more: Any) -> RoundReports:
    """Somebody's reports, who takes no part."""
    return RoundReports(RoundContext(f.board(STRANGER), f.blobs, f.clock), f.work / name, **more)


def kinds(found: RoundReport) -> dict[str, set[AnomalyKind]]:
    """What stands out, by participant."""
    every: dict[str, set[AnomalyKind]] = {}
    for anomaly in found.anomalies:
        every.setdefault(anomaly.participant, set()).add(anomaly.kind)
    return every


def test_t30_sybils_a_free_rider_and_a_large_flipped_update_are_named(
    federation: Federation,
) -> None:
    f = federation
    flipped = sign_flip(f.honest(2), 8)
    people = [None, None, flipped, None, copy_cat(f.honest(3)), copy_cat(f.honest(3), 0.002)]
    result = played(f, [*people, free_rider(60)], aggregator="median")
    found = reports(f).of(result.round_id)
    who = [person.address for person in f.people]
    assert kinds(found) == {
        who[2]: {AnomalyKind.LARGE, AnomalyKind.OPPOSED},
        who[3]: {AnomalyKind.DUPLICATE, AnomalyKind.NEAR_DUPLICATE},
        who[4]: {AnomalyKind.DUPLICATE, AnomalyKind.NEAR_DUPLICATE},
        who[5]: {AnomalyKind.NEAR_DUPLICATE},
        who[6]: {AnomalyKind.EMPTY},
    }
    others = {
        a.participant: set(a.others) for a in found.anomalies if a.kind is AnomalyKind.DUPLICATE
    }
    assert others == {who[3]: {who[4]}, who[4]: {who[3]}}
    assert [line.participant for line in found.lines] == sorted(who, key=lambda a: int(a, 16))
    assert not any(line.excluded or line.refused for line in found.lines)
    assert found.agrees


def test_who_commits_and_reveals_nothing_in_time_is_absent(federation: Federation) -> None:
    f = federation
    people = [f.participant(index) for index in range(3)]
    coordinator = f.coordinator()
    round_id = coordinator.open(f.terms(), f.document)
    for _ in range(2):
        for participant in people:
            participant.step(round_id)
    for participant in people[:2]:
        participant.step(round_id)
    assert coordinator.run_round(round_id).version is not None
    found = reports(f).of(round_id)
    absent = {line.participant: line.absent for line in found.lines if line.absent}
    assert absent == {people[2].address: "committed, and revealed nothing in time"}
    text = "\n".join(lines_of("small", found))
    assert "2 updates revealed, 2 counted, 0 excluded, 0 refused, 1 absent" in text
    assert "absent: committed, and revealed nothing in time" in text
    fields = {each["participant"]: each["absent"] for each in fields_of(found)["participants"]}
    assert fields[people[2].address] == absent[people[2].address]
    assert fields[people[0].address] is None


def test_t30_names_that_are_paid_for_one_update_are_named_and_foolsgold_counts_none(
    federation: Federation,
) -> None:
    f = federation
    people = [None, None, None, None, copy_cat(f.honest(3)), copy_cat(f.honest(3))]
    sybils = {f.people[index].address for index in (3, 4, 5)}
    for rule in ("mean", "foolsgold"):
        result = played(f, people, aggregator=rule)
        found = reports(f).of(result.round_id)
        copies = {a.participant for a in found.anomalies if a.kind is AnomalyKind.DUPLICATE}
        assert copies == sybils
        assert result.document is not None
        paid = {result.document.shares[address] > 0 for address in sybils}
        left_out = {line.participant for line in found.lines if line.excluded}
        assert paid == {rule == "mean"}
        assert sybils <= left_out or rule == "mean"


def test_of_a_mean_that_a_large_update_carries_the_others_are_opposed(
    federation: Federation,
) -> None:
    f = federation
    result = played(f, [None, None, sign_flip(f.honest(2), 8), None])
    found = kinds(reports(f).of(result.round_id))
    assert found.pop(f.people[2].address) == {AnomalyKind.LARGE}
    assert set(found) == {f.people[index].address for index in (0, 1, 3)}
    assert all(told == {AnomalyKind.OPPOSED} for told in found.values())


def test_who_a_robust_rule_left_out_is_told_with_the_coordinators_reasons(
    federation: Federation,
) -> None:
    f = federation
    people = [scaled(f.honest(0), 8), None, None, None, None]
    result = played(f, people, aggregator="krum", aggregator_parameters={"byzantine": 1, "keep": 3})
    found = reports(f).of(result.round_id)
    assert result.document is not None
    told = {line.participant: line.excluded for line in found.lines if line.excluded}
    assert told == result.document.excluded
    assert f.people[0].address in told
    text = "\n".join(lines_of("small", found))
    assert "5 updates revealed, 3 counted, 2 excluded, 0 refused, 0 absent" in text
    assert text.count("  excluded: farther from its neighbours\n") == 2
    assert AnomalyKind.LARGE in kinds(found)[f.people[0].address]
    assert found.agrees


def unsigned(folder: Path) -> None:
    """Spoils a statement's signature."""
    path = folder / "statement.json"
    text = path.read_bytes()
    at = text.index(b'"signature":"0x') + 15
    path.write_bytes(text[:at] + b"0" * 130 + text[at + 130 :])


def test_who_was_refused_is_told_with_the_coordinators_reasons(federation: Federation) -> None:
    f = federation
    people = [f.participant(0), f.participant(1)]
    people.append(f.participant(2, blobs=f.faulty(before_put=unsigned)))
    result = f.round(people)
    found = reports(f).of(result.round_id)
    assert (
        tuple(line.refused for line in found.lines if line.refused) == document_of(result).refused
    )
    (line,) = (line for line in found.lines if line.participant == people[2].address)
    assert (line.weight, line.figures, line.excluded) == (None, None, "")
    weights = {line.participant: line.weight for line in found.lines if line.weight}
    assert weights == {e.participant: e.weight for e in document_of(result).accepted}
    assert found.agrees
    assert "\n".join(lines_of("small", found)).count("  refused: signature\n") == 1
    (told,) = (each for each in fields_of(found)["participants"] if each["refused"])
    assert (told["participant"], told["refused"]) == (people[2].address, Reason.SIGNATURE)
    assert line.refused is not None
    assert (told["detail"], told["norm"]) == (line.refused.detail, None)


def test_a_round_of_refused_updates_alone_is_told_of_too(federation: Federation) -> None:
    f = federation
    blobs = f.faulty(before_put=unsigned)
    result = f.round([f.participant(index, blobs=blobs) for index in range(3)])
    found = reports(f).of(result.round_id)
    assert found.state.voided
    assert all(isinstance(line.refused, RefusedUpdate) for line in found.lines)
    assert (len(found.lines), found.anomalies, found.agrees) == (3, (), None)
    assert lines_of("small", found)[-1] == f"no aggregate: {found.uncombined}"
    assert "expected at least one update" in found.uncombined


def test_a_result_that_the_updates_do_not_come_to_is_told(federation: Federation) -> None:
    f = federation
    result = played(f, [None, None])
    state = f.ledger.rounds[result.round_id]
    assert state.result is not None
    forged = replace(state.result, result_root=bytes(32))
    f.ledger.rounds[result.round_id] = replace(state, result=forged)
    found = reports(f).of(result.round_id)
    assert found.agrees is False
    said = "the result on the chain is NOT what these updates come to; run tally audit"
    assert lines_of("small", found)[-1] == said


def test_a_result_of_updates_that_are_all_refused_is_told(federation: Federation) -> None:
    f = federation
    blobs = f.faulty(before_put=unsigned)
    coordinator, people = f.coordinator(), [f.participant(i, blobs=blobs) for i in range(3)]
    round_id = coordinator.open(f.terms(), f.document)
    while phase_at(f.board().state(round_id), f.clock.now()) < Phase.PROPOSAL:
        acted = [person.step(round_id).acted for person in people]
        if not any(acted):
            f.clock.wait_until(f.clock.now() + 10)
    assert reports(f).of(round_id).agrees is None
    nothing = ProposedResult(bytes(31) + b"\x01", bytes(32), bytes(32), 1, 1)
    f.ledger.rounds[round_id] = replace(f.ledger.rounds[round_id], result=nothing)
    found = reports(f).of(round_id)
    assert found.agrees is False
    assert "NOT what these updates come to: expected at least" in "\n".join(
        lines_of("small", found)
    )


def test_anybody_finds_the_same_wherever_it_is_worked_out(federation: Federation) -> None:
    f = federation
    result = played(f, [None, copy_cat(f.honest(0)), None])
    first, again = reports(f).of(result.round_id), reports(f).of(result.round_id)
    assert first == again == reports(f, "elsewhere").of(result.round_id)
    owner = RoundReports(RoundContext(f.board(), f.blobs, f.clock), f.work / "o")
    assert owner.of(result.round_id) == first


def test_updates_that_were_revealed_in_a_batch_are_reported_on(
    federation: Federation, tmp_path: Path
) -> None:
    stage = BatchScenario(federation, tmp_path / "mailbox")
    round_id = stage.open()
    people = [stage.participant(0), stage.participant(1), stage.participant(2, mailbox=None)]
    result = stage.run(round_id, *people)
    found = reports(federation).of(round_id)
    assert result.document is not None
    assert [(line.participant, line.weight) for line in found.lines] == [
        (entry.participant, entry.weight) for entry in result.document.accepted
    ]
    assert found.agrees


def test_the_thresholds_are_the_askers(federation: Federation) -> None:
    result = played(federation, [None, None, None])
    found = reports(federation)
    assert found.of(result.round_id).anomalies == ()
    strict = found.of(result.round_id, Thresholds("0.5", "1"))
    assert {a.kind for a in strict.anomalies} == {AnomalyKind.NEAR_DUPLICATE, AnomalyKind.LARGE}


@pytest.fixture
def screening(federation: Federation) -> dict[str, Any]:
    """Terms that screen by a stored validation set."""
    validation_set = federation.data(99, 200)
    write_validation_set(federation.work / "validation-set", *validation_set.tensors)
    digest = federation.blobs.put_folder(federation.work / "validation-set")
    evaluate = CrossEntropy(federation.model(), *federation.points(99, 200))
    return {"evaluation": digest, "screening": 0, "evaluate": evaluate}


def test_screening_is_done_again_on_the_validation_set_that_the_terms_name(
    federation: Federation, screening: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    f = federation
    result = played(f, [None, None, None, sign_flip(f.honest(3), 3)], **screening)
    assert result.document is not None
    monkeypatch.setitem(models._KNOWN, "small", f.model)
    given = reports(f, evaluate=screening["evaluate"]).of(result.round_id)
    fetched = reports(f, "elsewhere").of(result.round_id)
    assert given == fetched
    told = {line.participant: line.excluded for line in fetched.lines if line.excluded}
    assert told == result.document.excluded
    assert f.people[3].address in told
    assert fetched.agrees


@pytest.mark.parametrize("lacks", ["the model", "the set"])
def test_where_screening_cant_be_done_again_copies_are_named_all_the_same(
    federation: Federation, screening: dict[str, Any], lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    f = federation
    if lacks == "the set":
        monkeypatch.setitem(models._KNOWN, "small", f.model)
        screening["evaluation"] = bytes(31) + b"\x01"
    result = played(f, [None, None, copy_cat(f.honest(1))], **screening)
    found = reports(f).of(result.round_id)
    assert found.uncombined == "the validation set that screens its updates can't be had here"
    assert found.agrees is None
    assert "3 accepted, 0 excluded" in "\n".join(lines_of("small", found))
    assert {a.kind for a in found.anomalies} == {AnomalyKind.DUPLICATE}
    assert all(line.figures and line.figures.cosine is None for line in found.lines)


def opened(f: Any, document: TermsDocument | None = None, **changes: Any) -> bytes:
    """A round that nobody has entered yet."""
    chosen = document or f.document
    named = {"strategy": chosen.strategy, "document_digest": chosen.digest}
    round_id: bytes = f.coordinator().open(f.terms(**named, **changes), chosen)
    return round_id


def test_a_round_that_still_takes_reveals_is_refused_with_the_time(federation: Federation) -> None:
    round_id = opened(federation)
    until = federation.board().state(round_id).terms.reveal_deadline
    said = f"round 1 takes reveals until {until} .seconds since 1970. at the latest"
    people = [federation.participant(index) for index in range(3)]
    seen = set()
    for reached in (Phase.ENROLMENT, Phase.COMMIT, Phase.REVEAL):
        while phase_at(federation.board().state(round_id), federation.clock.now()) != reached:
            for person in people:
                person.step(round_id)
        seen.add(reached)
        with pytest.raises(RoundError, match=said):
            reports(federation).of(round_id)
    people[0].step(round_id)
    assert federation.board().state(round_id).reveals  # some are in, and some are waited for
    with pytest.raises(RoundError, match=said):
        reports(federation).of(round_id)


def test_a_mixing_step_is_refused_and_its_round_is_named(federation: Federation) -> None:
    f = federation
    played(f, [None, None])
    mixed = f.board().rounds_of(f.model_id)[0].hex()
    for of, told in ((mixed, "round 1;"), ("ab" * 32, f"round 0x{'ab' * 32};")):
        parameters = {"of": of, "step": "1"}
        document = TermsDocument("gossip", strategy_parameters=parameters, scoring="equal")
        step = opened(f, document, reward_token=ZERO_ADDRESS, reward_budget=0)
        f.clock.wait_until(f.board().state(step).terms.reveal_deadline)
        with pytest.raises(RoundError, match=f"mixes the updates of {told} ask for that one"):
            reports(f).of(step)


class Stakes:
    """A board on which some rounds are under stake."""

    def __init__(self, rounds: list[bytes]) -> None:
        self._rounds = rounds

    def rounds_of(self, model_id: bytes) -> list[bytes]:
        """Returns these rounds."""
        return self._rounds


def test_a_round_under_stake_is_refused_and_passed_over(federation: Federation) -> None:
    f = federation
    first, second = (played(f, [None, None]).round_id for _ in range(2))
    found = reports(f, stakes=Stakes([second]))
    with pytest.raises(RoundError, match=r"round 2 is under stake.*; run tally audit on it"):
        found.of(second)
    assert found.of(first).agrees
    assert found.newest(f.model_id) == first


def test_the_newest_round_with_reveals_that_are_over_is_found(federation: Federation) -> None:
    f = federation
    with pytest.raises(RoundError, match="expected a round whose reveals are over"):
        reports(f).newest(f.model_id)
    first = played(f, [None, None]).round_id
    opened(f, base_version=2)  # nobody comes
    f.clock.wait_until(f.clock.now() + 1_000)
    opened(f, base_version=2)  # still runs
    assert reports(f).newest(f.model_id) == first
    last = played(f, [None, None]).round_id
    assert reports(f).newest(f.model_id) == last
