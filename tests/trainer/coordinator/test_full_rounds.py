"""Whole rounds with real training, on the board in memory."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from memory_federation import Federation, document_of, published_by

from registry.addresses import ZERO_ADDRESS
from registry.errors import ChainError, ConfigError, RoundError, StoreUnavailable, TrainingError
from registry.storage import MemoryStore
from trainer.adapters import MemoryBoard, StoreBlobs
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_version
from trainer.engines import run_in_process
from trainer.errors import Reason, UpdateRefused
from trainer.execution.execute import execute, layout_of
from trainer.execution.round_inputs import RoundInputs
from trainer.plan.training_plan import LocalPlan
from trainer.ports import RoundContext
from trainer.protocol.actions import RoundStep
from trainer.protocol.round_state import phase_at
from trainer.research.attacks import free_rider, scaled, sign_flip
from trainer.scoring import CrossEntropy
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.types import AcceptedUpdate, Phase
from trainer.vectors.lattice import quantize
from trainer.vectors.layout import flatten
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import state_of


def version_of(federation: Federation, result: Any) -> dict[str, bytes]:
    """The bytes of a published version's files."""
    folder = federation.work / f"fetched-{result.version.number}-{result.version.version_id.hex()}"
    federation.blobs.get_folder(result.version.content_digest, folder, 1 << 20)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_round_trains_publishes_and_pays(federation: Federation) -> None:
    people = [federation.participant(index) for index in range(3)]
    result = federation.round(people)
    document, version = document_of(result), published_by(result)
    assert [entry.participant for entry in document.accepted] == sorted(
        (person.address for person in people), key=lambda address: int(address, 16)
    )
    assert document.refused == ()
    assert version.number == 2
    assert version.round_id == result.round_id
    assert version.content_digest == document.version_digest
    paid = federation.board().cumulative_payouts(federation.model_id, federation.token)
    assert paid == document.shares
    assert sum(paid.values()) == 1_000_000
    weights = {entry.participant: entry.weight for entry in document.accepted}
    assert weights == {person.address: 40 + 10 * at for at, person in enumerate(people)}


def test_a_version_carries_the_bases_files_and_names_its_origin(federation: Federation) -> None:
    result = federation.round([federation.participant(index) for index in range(3)])
    files = version_of(federation, result)
    assert set(files) == {"README.md", "manifest.json", "model.safetensors"}
    assert files["README.md"] == b"# A model card\n"
    base = federation.board().versions(federation.model_id)[0]
    for named in (result.round_id, base.version_id, sha256(files["model.safetensors"]).digest()):
        assert named.hex().encode() in files["manifest.json"]


def test_a_4_t35_the_version_is_the_same_for_every_order_and_number_of_threads(
    federation: Federation,
) -> None:
    updates, base = [], state_of(federation.model())
    layout, terms = layout_of(base, federation.document), federation.terms()
    for index in range(5):
        trained = federation.honest(index)(dict(base), federation.document.plan)
        delta = flatten(trained.state, layout) - flatten(base, layout)
        vector = quantize(delta, terms.lattice)
        updates.append(AcceptedUpdate(f"0x{index:040x}", bytes(32), bytes(32), index + 1, vector))
    found = set()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for order in (updates, updates[::-1], updates[2:] + updates[:2]):
            outcome = execute(RoundInputs.under(terms, federation.document, base, order))
            tensors = b"".join(outcome.tensors[name].numpy().tobytes() for name in sorted(base))
            found.add((outcome.result_root, tensors))
    assert len(found) == 1


def test_t35_a_whole_round_gives_the_same_version_on_any_number_of_threads(
    federation: Federation, tmp_path: Path
) -> None:
    found = set()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        work = tmp_path / str(threads)
        work.mkdir()
        again = type(federation)(work)
        # Updates that don't come from floating training, which may differ with the threads.
        people = [again.participant(i, free_rider(10 + i, 0.01, seed=i)) for i in range(3)]
        found.add(published_by(again.round(people)).content_digest)
    assert len(found) == 1


def test_training_helps(federation: Federation) -> None:
    loss = CrossEntropy(federation.model(), *federation.points(99, 200))
    before = loss(state_of(federation.model()))
    people = [federation.participant(index) for index in range(3)]
    losses = [before]
    for number in (1, 2, 3):
        result = federation.round(people, federation.terms(base_version=number))
        folder = federation.work / f"v{number}"
        federation.blobs.get_folder(published_by(result).content_digest, folder, 1 << 20)
        losses.append(loss(read_version(folder)))
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.9 * before


def test_p_3_payouts_add_up_over_rounds(federation: Federation) -> None:
    people = [federation.participant(index) for index in range(3)]
    shares = [document_of(federation.round(people)).shares for _ in range(2)]
    paid = federation.board().cumulative_payouts(federation.model_id, federation.token)
    assert paid == {a: shares[0][a] + shares[1][a] for a in shares[0]}


def test_a_round_without_a_budget_pays_nobody(federation: Federation) -> None:
    terms = federation.terms(reward_token=ZERO_ADDRESS, reward_budget=0)
    result = federation.round([federation.participant(i) for i in range(3)], terms)
    assert set(document_of(result).shares.values()) == {0}
    assert federation.ledger.payouts == {}


def test_who_misses_the_deadline_is_left_out(federation: Federation) -> None:
    people = [federation.participant(index) for index in range(2)]
    result = federation.round(people)
    assert {e.participant for e in document_of(result).accepted} == {p.address for p in people}


def test_r_6_a_round_below_its_minimum_is_voided(federation: Federation) -> None:
    result = federation.round([federation.participant(0)])
    assert result.document is None
    assert result.version is None
    state = federation.board().state(result.round_id)
    assert phase_at(state, federation.clock.now()) == Phase.VOIDED
    assert result.obstacle.startswith("1 of at least 2 seats were taken by ")


def zero_signature(folder: Path) -> None:
    """Writes a signature of zeros into the statement."""
    path = folder / "statement.json"
    text = path.read_bytes()
    at = text.index(b'"signature":"0x') + 15
    path.write_bytes(text[:at] + b"0" * 130 + text[at + 130 :])


def test_a_bad_update_is_refused_with_its_reason_and_the_others_go_on(
    federation: Federation,
) -> None:
    people = [federation.participant(0), federation.participant(1)]
    people.append(federation.participant(2, blobs=federation.faulty(before_put=zero_signature)))
    document = document_of(federation.round(people))
    assert [(r.participant, r.reason) for r in document.refused] == [
        (people[2].address, Reason.SIGNATURE)
    ]
    assert set(document.shares) == {people[0].address, people[1].address}
    assert sum(document.shares.values()) == 1_000_000


def test_content_that_nobody_has_is_refused(federation: Federation) -> None:
    # Its own storage has what it needs to take part, and nobody else reads from there.
    alone = StoreBlobs(MemoryStore())
    alone.put_bytes(federation.document.to_json())
    alone.put_folder(federation.work / "first")
    lost = federation.participant(2, blobs=alone)
    document = document_of(
        federation.round([federation.participant(0), federation.participant(1), lost])
    )
    assert [(r.participant, r.reason) for r in document.refused] == [
        (lost.address, Reason.MISSING_CONTENT)
    ]


def test_when_every_update_is_bad_the_round_is_voided(federation: Federation) -> None:
    blobs = federation.faulty(before_put=zero_signature)
    people = [federation.participant(index, blobs=blobs) for index in range(3)]
    result = federation.round(people)
    assert result.document is None
    assert federation.board().state(result.round_id).voided


def accepted_in(result: RoundResult) -> int:
    """The number of accepted updates."""
    assert result.document is not None
    return len(result.document.accepted)


def test_our_own_storage_failing_is_no_fault_of_a_participant(federation: Federation) -> None:
    people = [federation.participant(index) for index in range(3)]

    def down(destination: Path) -> None:
        if "updates" in destination.parts:
            raise StoreUnavailable("the node does not answer")

    coordinator = federation.coordinator(blobs=federation.faulty(before_get=down))
    round_id = coordinator.open(federation.terms(), federation.document)
    with pytest.raises(StoreUnavailable):
        run_in_process(coordinator, people, federation.clock, round_id)
    result = run_in_process(federation.coordinator(), people, federation.clock, round_id)
    assert accepted_in(result) == 3


def test_t11_a_coordinator_that_was_stopped_anywhere_goes_on(federation: Federation) -> None:
    people = [federation.participant(index) for index in range(3)]
    first = federation.coordinator("c0")
    round_id = first.open(federation.terms(), federation.document)
    for turn in range(1, 40):
        acted = [person.step(round_id).acted for person in people]
        # A new one each turn, with an empty work folder: all it knows is on the board.
        coordinator = federation.coordinator(f"c{turn}")
        progress = coordinator.step(round_id)
        if progress.next.step is RoundStep.LEAVE:
            break
        if not progress.acted and not any(acted):
            federation.clock.wait_until(progress.next.until)
    for turn in range(2):
        federation.coordinator(f"again{turn}").run_round(round_id)
    assert len(federation.board().versions(federation.model_id)) == 2
    paid = federation.board().cumulative_payouts(federation.model_id, federation.token)
    assert sum(paid.values()) == 1_000_000


def test_t11_a_participant_that_was_restarted_reveals_what_it_committed(
    federation: Federation,
) -> None:
    coordinator = federation.coordinator()
    round_id = coordinator.open(federation.terms(), federation.document)
    for _ in range(2):
        for index in range(3):
            federation.participant(index).step(round_id)
    committed = dict(federation.board().state(round_id).commitments)
    assert len(committed) == 3
    again = [federation.participant(index) for index in range(3)]
    result = run_in_process(coordinator, again, federation.clock, round_id)
    assert accepted_in(result) == 3


def test_t11_a_crash_before_the_commitment_does_not_train_twice(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    honest: Training = federation.honest(0)

    def counted(base: State, plan: LocalPlan) -> LocalResult:
        calls.append(1)
        return honest(base, plan)

    terms = federation.terms(minimum_participants=1, maximum_participants=1)
    round_id = federation.coordinator().open(terms, federation.document)

    def cut(*_: object) -> None:
        raise ChainError("the connection was cut")

    person = federation.participant(0, counted)
    person.step(round_id)
    with monkeypatch.context() as patched:
        patched.setattr(MemoryBoard, "commit", cut)
        with pytest.raises(ChainError):
            person.step(round_id)
    assert not federation.board().state(round_id).commitments
    federation.participant(0, counted).step(round_id)
    assert list(federation.board().state(round_id).commitments) == [person.address]
    assert len(calls) == 1


def test_a_lost_journal_is_named(federation: Federation) -> None:
    coordinator = federation.coordinator()
    round_id = coordinator.open(federation.terms(), federation.document)
    people = [federation.participant(index) for index in range(3)]
    for person in people * 2:
        person.step(round_id)
    for path in (federation.work / "p").rglob("opening.json"):
        path.unlink()
    with pytest.raises(RoundError, match="opening is lost"):
        people[0].step(round_id)


def test_r_3_nobody_can_guess_what_a_commitment_hides(federation: Federation) -> None:
    def same(base: State, plan: LocalPlan) -> LocalResult:
        return LocalResult({n: t + t.is_floating_point() for n, t in base.items()}, 5, {})

    openings = []
    for _ in range(2):  # everybody's update is the same, in both rounds
        round_id = federation.coordinator().open(federation.terms(), federation.document)
        people = [federation.participant(index, same) for index in range(3)]
        for person in [*people, *people]:
            person.step(round_id)
        openings += [person.opening(round_id) for person in people]
    assert len({opening.update_root for opening in openings}) == 1
    salts = [opening.salt for opening in openings]
    assert len(set(salts)) == len(salts)
    # 192 bytes by chance have some 135 values; a counter, or a part that stays, has few.
    assert len(set(b"".join(salts))) > 96
    assert all(len(set(salt)) > 16 for salt in salts)


def test_the_journal_is_for_its_owner_only(federation: Federation) -> None:
    coordinator = federation.coordinator()
    round_id = coordinator.open(federation.terms(), federation.document)
    for person in [federation.participant(index) for index in range(3)] * 2:
        person.step(round_id)
    journals = list((federation.work / "p").rglob("opening.json"))
    assert len(journals) == 3
    assert {path.stat().st_mode & 0o777 for path in journals} == {0o600}
    assert len({path.read_bytes() for path in journals}) == 3


def test_data_never_reach_storage(federation: Federation) -> None:
    people = [federation.participant(index) for index in range(3)]
    context = RoundContext(federation.board(), federation.blobs, federation.clock)
    coordinator = Coordinator(context, federation.work / "c", keep_work=True)
    round_id = coordinator.open(federation.terms(), federation.document)
    run_in_process(coordinator, people, federation.clock, round_id)
    names = {p.name for p in (federation.work / "c").rglob("*") if p.is_file()}
    assert names == {
        "README.md", "manifest.json", "model.safetensors", "statement.json", "update.safetensors"
    }  # fmt: skip


def test_t27_a_diverged_training_is_stopped_before_anything_is_sent(federation: Federation) -> None:
    def diverged(base: State, plan: LocalPlan) -> LocalResult:
        return LocalResult({n: t * float("nan") for n, t in base.items()}, 5, {})

    person = federation.participant(0, diverged)
    round_id = federation.coordinator().open(
        federation.terms(minimum_participants=1, maximum_participants=1), federation.document
    )
    person.step(round_id)
    with pytest.raises((UpdateRefused, TrainingError)):
        person.step(round_id)
    assert not federation.board().state(round_id).commitments


def test_t29_a_liar_about_examples_gets_the_cap_and_no_more(federation: Federation) -> None:
    people = [federation.participant(0), federation.participant(1)]
    people.append(federation.participant(2, free_rider(10**12)))
    document = document_of(federation.round(people))
    weights = {entry.participant: entry.weight for entry in document.accepted}
    assert weights[people[2].address] == 1_000


def test_leave_one_out_gives_attackers_nothing(federation: Federation) -> None:
    loss = CrossEntropy(federation.model(), *federation.points(99, 300))
    evaluation = sha256(federation.points(99, 300)[0].numpy().tobytes()).digest()
    federation.document = TermsDocument(
        plan=LocalPlan(4, 8, "sgd", "0.1", 3), scoring="leave_one_out", evaluation=evaluation
    )
    people = [federation.participant(index) for index in range(3)]
    people.append(federation.participant(3, sign_flip(federation.honest(3), 3.0)))
    terms = federation.terms(maximum_participants=4)
    document = document_of(federation.round(people, terms, loss))
    scores = {entry.participant: entry.score for entry in document.accepted}
    assert scores[people[3].address] == 0
    assert document.shares[people[3].address] == 0
    assert sum(document.shares.values()) == 1_000_000


def test_leave_one_out_needs_a_validation_set(federation: Federation) -> None:
    federation.document = TermsDocument(scoring="leave_one_out", evaluation=b"\x01" * 32)
    with pytest.raises(ConfigError, match="validation set"):
        federation.round([federation.participant(index) for index in range(3)])


def test_t31_a_clip_norm_bounds_what_one_participant_can_do(federation: Federation) -> None:
    """Stated: the mean has no Byzantine bound; its movement is at most the clip norm."""
    lattice = replace(federation.terms().lattice, clip_norm=500)
    people = [federation.participant(0), federation.participant(1)]
    people.append(federation.participant(2, scaled(federation.honest(2), 1e6)))
    result = federation.round(people, federation.terms(lattice=lattice))
    folder = federation.work / "clipped"
    federation.blobs.get_folder(published_by(result).content_digest, folder, 1 << 20)
    base = state_of(federation.model())
    layout = layout_of(base, federation.document)
    moved = flatten(read_version(folder), layout) - flatten(base, layout)
    assert float(np.linalg.norm(moved)) <= 500 * 2.0**-12 * 1.001


def test_terms_that_name_another_document_are_refused(federation: Federation) -> None:
    other = TermsDocument(plan=LocalPlan(seed=9))
    with pytest.raises(RoundError, match="don't name this document"):
        federation.coordinator().open(federation.terms(), other)


def test_r_9_more_seats_than_a_result_lists_are_refused_before_anybody_trains(
    federation: Federation,
) -> None:
    most = federation.terms(maximum_participants=40_000)
    assert federation.coordinator().open(most, federation.document)
    more = federation.terms(maximum_participants=40_001)
    with pytest.raises(RoundError, match="at most 40000 seats"):
        federation.coordinator().open(more, federation.document)


def test_a_participant_acts_for_its_own_account_only(federation: Federation) -> None:
    person = federation.participant(0)
    with pytest.raises(ConfigError, match="expected the key of"):
        type(person)(
            RoundContext(
                federation.board(federation.people[1]), federation.blobs, federation.clock
            ),
            federation.people[0],
            federation.honest(0),
            federation.work,
        )
