"""Given a round whose terms say hidden

when everybody reveals: the version is the plain round's to the bit, and nobody's update lies open
when one drops out after it shared its secrets: the sum is that of the others
when one never shared its secrets: it takes no part, and the sum is that of the others
when a survivor is offline at the unmasking: its neighbours open its seed by their shares
when too many are offline: the round is void, what they hid stays hidden, and nobody is fined
when a participant declares more examples than the cap: it weighs as much as the cap
when participants are other processes at every step: nothing changes
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hidden_people import (
    UNMASKING,
    Absent,
    Dying,
    Reborn,
    Withheld,
    hiding,
    plain_twin,
    seen,
    terms_of,
)
from memory_federation import Federation, document_of

from registry.errors import RoundError
from trainer.aggregation import aggregator
from trainer.aggregation.mean import divided_sum
from trainer.coordinator.coordinator import RoundResult
from trainer.engines import run_in_process
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.protocol.actions import RoundStep
from trainer.transforms import TransformTerms
from trainer.types import Lattice
from trainer.vectors.safetensors_files import load_safetensors
from trainer.vectors.vector_roots import vector_root


@pytest.fixture
def hidden(tmp_path: Path) -> Federation:
    """A federation whose rounds hide updates and weights."""
    return hiding(tmp_path)


def played(federation: Federation, people: list[Any], **changes: object) -> RoundResult:
    """A hidden round of these people."""
    return federation.round(people, terms_of(federation, max(3, len(people)), **changes))


def test_a_hidden_sum_is_the_plain_one_to_the_bit(hidden: Federation, tmp_path: Path) -> None:
    result = played(hidden, [hidden.participant(i) for i in range(3)])
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root
    assert {entry.weight for entry in document_of(result).accepted} == {1}
    assert sorted(document_of(result).shares.values()) == [333_333, 333_333, 333_334]


def test_who_drops_out_is_in_no_sum(hidden: Federation, tmp_path: Path) -> None:
    people = [hidden.participant(i) for i in range(4)]
    result = played(hidden, [*people[:3], Absent(people[3], RoundStep.REVEAL)])
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root
    _, state = seen(hidden, result.round_id)
    assert set(state.secrets) == {people[3].address}
    assert set(state.seeds) == {person.address for person in people[:3]}


@pytest.mark.parametrize("step", [RoundStep.PUBLISH_KEY, RoundStep.SHARE_SECRETS])
def test_who_shows_no_key_or_no_bundle_takes_no_part(
    hidden: Federation, tmp_path: Path, step: RoundStep
) -> None:
    people = [hidden.participant(i) for i in range(4)]
    result = played(hidden, [*people[:3], Absent(people[3], step)])
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root
    state, found = seen(hidden, result.round_id)
    assert people[3].address not in state.commitments
    assert not found.secrets


def test_a_silent_survivor_is_opened_by_its_neighbours(hidden: Federation, tmp_path: Path) -> None:
    people = [hidden.participant(i) for i in range(4)]
    result = played(hidden, [*people[:3], Absent(people[3], *UNMASKING)])
    plain = plain_twin(tmp_path / "plain", range(4))
    assert document_of(result).result_root == document_of(plain).result_root
    _, state = seen(hidden, result.round_id)
    silent = people[3].address
    assert set(state.seeds) == {person.address for person in people}
    assert set(state.posted) == {silent}  # of those who opened their own nobody told
    assert set(state.posted[silent]) == {person.address for person in people[:3]}


def test_below_the_threshold_nothing_is_opened_and_nobody_is_fined(hidden: Federation) -> None:
    people = [hidden.participant(i) for i in range(4)]
    # Of three neighbours two open a secret: with one that answers nobody's seed but its own.
    offline = [Absent(person, *UNMASKING) for person in people[1:]]
    result = played(hidden, [people[0], *offline])
    state, found = seen(hidden, result.round_id)
    assert state.voided
    assert result.document is None
    assert "4 of 4 revealed updates stayed hidden" in result.obstacle
    assert set(found.seeds) == {people[0].address}
    assert set(found.posted) == {person.address for person in people[1:]}
    assert not found.secrets
    assert found.stranded == frozenset({0})
    assert state.lost == 4


def test_a_dropper_whom_too_few_can_open_strands_its_group(hidden: Federation) -> None:
    people = [hidden.participant(i) for i in range(4)]
    offline = [Absent(person, RoundStep.POST_SHARES) for person in people[1:3]]
    gone = Absent(people[3], RoundStep.REVEAL)
    result = played(hidden, [people[0], *offline, gone])
    state, found = seen(hidden, result.round_id)
    assert state.voided
    assert not found.secrets
    assert not found.is_open(0)


def test_a_round_of_one_waits_for_nobody_and_is_void(hidden: Federation) -> None:
    result = played(hidden, [hidden.participant(0)])
    state, found = seen(hidden, result.round_id)
    assert state.voided
    assert not state.commitments
    assert not found.shared


def test_a_hidden_weight_is_no_more_than_the_cap(tmp_path: Path) -> None:
    capped = hiding(tmp_path / "capped", HiddenTerms(weight_cap=50))
    result = played(capped, [capped.participant(i) for i in range(3)])  # 40, 50 and 60 examples
    plain = Federation(tmp_path / "plain")
    plain.document = replace(plain.document, scoring="equal")
    terms = plain.terms(document_digest=plain.document.digest, weight_cap=50)
    expected = plain.round([plain.participant(i) for i in range(3)], terms)
    other = plain_twin(tmp_path / "uncapped", range(3))
    root = document_of(result).result_root
    assert root == document_of(expected).result_root
    assert root != document_of(other).result_root


def test_without_a_cap_all_weigh_alike(tmp_path: Path) -> None:
    alike = hiding(tmp_path / "alike", HiddenTerms())
    result = played(alike, [alike.participant(i) for i in range(3)])
    plain = Federation(tmp_path / "plain")
    plain.document = replace(plain.document, scoring="equal")
    terms = plain.terms(document_digest=plain.document.digest, weight_cap=1)
    expected = plain.round([plain.participant(i) for i in range(3)], terms)
    assert document_of(result).result_root == document_of(expected).result_root


@pytest.mark.parametrize("ring", [32, 64])
def test_ring_and_lattice_are_no_matter_to_the_result(tmp_path: Path, ring: int) -> None:
    hidden = hiding(tmp_path / "hidden", HiddenTerms(ring=ring, weight_cap=1_000))
    result = played(hidden, [hidden.participant(i) for i in range(3)])
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root


def test_every_step_may_be_another_process_s(hidden: Federation, tmp_path: Path) -> None:
    people = [Reborn(lambda i=i: hidden.participant(i)) for i in range(3)]  # type: ignore[misc]
    gone = Absent(hidden.participant(3), RoundStep.REVEAL)
    result = played(hidden, [*people, gone])
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root
    taken = {step for person in people for step in person.steps}
    assert {
        RoundStep.ENROL,
        RoundStep.PUBLISH_KEY,
        RoundStep.SHARE_SECRETS,
        RoundStep.COMMIT,
        RoundStep.REVEAL,
        RoundStep.POST_SHARES,
    } <= taken


def test_several_groups_add_up_to_the_plain_mean(tmp_path: Path) -> None:
    hidden = hiding(tmp_path / "hidden", HiddenTerms(weight_cap=1_000, group_size=3))
    result = played(hidden, [hidden.participant(i) for i in range(7)])
    plain = plain_twin(tmp_path / "plain", range(7))
    assert document_of(result).result_root == document_of(plain).result_root
    _, found = seen(hidden, result.round_id)
    assert [len(members) for members in found.graph.groups] == [3, 2, 2]


def test_what_a_group_loses_the_others_go_on_without(tmp_path: Path) -> None:
    hidden = hiding(tmp_path / "hidden", HiddenTerms(weight_cap=1_000, group_size=3))
    people = [hidden.participant(i) for i in range(7)]
    coordinator = hidden.coordinator()
    terms = terms_of(hidden, 7)
    round_id = coordinator.open(terms, hidden.document)
    while hidden.board().hidden.state(round_id) is None:
        coordinator.step(round_id)
    for person in people:  # places follow from the keys, so who is lost is known only then
        person.step(round_id)
        person.step(round_id)
    _, state = seen(hidden, round_id)
    lost = set(state.graph.groups[1])
    steps: list[Any] = [
        Absent(person, RoundStep.OPEN_SEED) if person.address in lost else person
        for person in people
    ]
    result = run_in_process(coordinator, steps, hidden.clock, round_id)
    _, state = seen(hidden, round_id)
    assert state.stranded == frozenset({1})
    document = document_of(result)
    assert {entry.participant for entry in document.accepted} == {
        person.address for person in people if person.address not in lost
    }
    assert {entry.participant for entry in document.refused} == lost
    assert {entry.reason for entry in document.refused} == {"hidden"}
    others = [i for i, person in enumerate(people) if person.address not in lost]
    plain = plain_twin(tmp_path / "plain", others)
    assert document.result_root == document_of(plain).result_root


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [("median", {}), ("trimmed_mean", {"trim": 1}), ("krum", {"byzantine": 0})],
)
def test_robust_rules_take_the_means_of_groups_for_updates(
    tmp_path: Path, rule: str, parameters: dict[str, int]
) -> None:
    terms = HiddenTerms(weight_cap=1_000, group_size=2)
    hidden = hiding(tmp_path / "hidden", terms, aggregator=rule, aggregator_parameters=parameters)
    result = played(hidden, [hidden.participant(i) for i in range(7)])
    document, (_, state) = document_of(result), seen(hidden, result.round_id)
    groups = state.graph.groups
    assert [len(members) for members in groups] == [3, 2, 2]
    lattice, updates = hidden.terms().lattice, plain_updates(tmp_path / "plain", 7)
    means = []
    for members in groups:
        vectors, weights = zip(*(updates[who] for who in members), strict=True)
        numerators = sum(w * v.astype(np.int64) for v, w in zip(vectors, weights, strict=True))
        means.append(divided_sum(numerators, sum(weights), lattice))
    chosen = aggregator(rule, parameters)
    inner = Lattice(bits=32, step_exponent=lattice.aggregate_exponent)
    expected = chosen.combine([(mean, 1) for mean in means], inner)
    assert document.result_root == vector_root(expected, 32)
    left_out = set(document.excluded)
    assert all(not set(group) & left_out or set(group) <= left_out for group in groups)
    assert bool(left_out) == (rule == "krum")
    assert all("its group was left out" in why for why in document.excluded.values())


def plain_updates(work: Path, count: int) -> dict[str, tuple[Any, int]]:
    """What so many participants of a plain round revealed: vectors and weights."""
    federation = Federation(work)
    federation.document = replace(federation.document, scoring="equal")
    terms = federation.terms(document_digest=federation.document.digest, maximum_participants=count)
    result = federation.round([federation.participant(i) for i in range(count)], terms)
    found = {}
    for who, opening in federation.board().state(result.round_id).reveals.items():
        folder = work / "fetched" / who
        federation.blobs.get_folder(opening.content_digest, folder, 1 << 20)
        [vector] = load_safetensors(folder / "update.safetensors").values()
        found[who] = vector.numpy(), opening.weight
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"strategy": "fedavgm", "strategy_parameters": {"momentum": "0.5"}},
        {"strategy": "fedadagrad"},
        {"strategy": "fedadam"},
        {"strategy": "fedyogi"},
        {"strategy": "diloco"},
        {
            "transforms": (
                TransformTerms("error_feedback", {}),
                TransformTerms("top_k", {"fraction": "0.2"}),
            )
        },
        {"transforms": (TransformTerms("clip", {"norm": "0.5"}),)},
        {"buffers": "keep"},
        {"scales": (("*", 2),)},
    ],
    ids=str,
)
def test_every_strategy_and_transform_that_sums_up_does_as_in_plain_rounds(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    hidden = hiding(tmp_path / "hidden", **changes)
    plain = Federation(tmp_path / "plain")
    plain.document = replace(plain.document, scoring="equal", **changes)
    roots = []
    for federation, cap in ((hidden, 1), (plain, 1_000)):
        made = []
        for _ in range(2):  # what is remembered between rounds is the same too
            document = federation.document
            terms = federation.terms(
                document_digest=document.digest, strategy=document.strategy, weight_cap=cap
            )
            base = len(federation.board().versions(federation.model_id))
            people = [federation.participant(i) for i in range(3)]
            result = federation.round(people, replace(terms, base_version=base))
            made.append((document_of(result).result_root, bytes(tensors_of(federation, result))))
        roots.append(made)
    assert roots[0] == roots[1]
    assert roots[0][0] != roots[0][1]


def tensors_of(federation: Federation, result: RoundResult) -> bytes:
    """The bytes of the version that a round made."""
    assert result.version is not None
    folder = federation.work / f"version {result.version.number}"
    federation.blobs.get_folder(result.version.content_digest, folder, 1 << 20)
    return (folder / "model.safetensors").read_bytes()


# --- who does otherwise ---------------------------------------------------------------------------


def test_a_member_that_hides_something_else_costs_its_group(hidden: Federation) -> None:
    # Values as they lie in the ring, not on the lattice: the sum is anywhere in 2^27 and more.
    people = [hidden.participant(i) for i in range(3)]
    people[2] = hidden.participant(2, blobs=hidden.faulty(before_put=None))
    people[2]._hidden.hide = garbage(people[2]._hidden.hide)  # type: ignore[method-assign]
    result = played(hidden, people)
    state, found = seen(hidden, result.round_id)
    assert found.is_open(0)
    assert state.result is None
    assert "somebody hid something else" in result.obstacle


def garbage(hide: Any) -> Any:
    """What a member stores in place of its masked update: random bytes of the same size."""

    def instead(*arguments: Any) -> Any:
        packed, made = hide(*arguments)
        noise = np.random.default_rng(7).integers(0, 256, packed.size, np.uint8)
        noise[-1] &= 0  # whatever bits are left stay zero
        return noise, made

    return instead


def test_garbage_in_one_group_leaves_the_others_their_sums(tmp_path: Path) -> None:
    hidden = hiding(tmp_path / "hidden", HiddenTerms(weight_cap=1_000, group_size=2))
    people = [hidden.participant(i) for i in range(4)]
    people[2]._hidden.hide = garbage(people[2]._hidden.hide)  # type: ignore[method-assign]
    result = played(hidden, people)
    _, found = seen(hidden, result.round_id)
    group, _ = found.graph.place_of(people[2].address)
    document = document_of(result)
    assert set(document.refusals) == set(found.graph.groups[group])
    assert set(document.refusals.values()) == {"hidden"}
    good = [i for i in range(4) if people[i].address not in document.refusals]
    assert document.result_root == document_of(plain_twin(tmp_path / "plain", good)).result_root


def test_content_that_is_withheld_costs_its_group(tmp_path: Path) -> None:
    hidden = hiding(tmp_path / "hidden", HiddenTerms(weight_cap=1_000, group_size=2))
    nowhere = Federation(tmp_path / "elsewhere").blobs
    people = [hidden.participant(i) for i in range(3)]
    people.append(hidden.participant(3, blobs=Withheld(hidden.blobs, nowhere)))
    result = played(hidden, people)
    _, found = seen(hidden, result.round_id)
    document = document_of(result)
    group, _ = found.graph.place_of(people[3].address)
    refused = document.refusals
    assert refused[people[3].address] == "missing_content"
    assert set(refused) == set(found.graph.groups[group])
    good = [i for i in range(4) if people[i].address not in refused]
    assert document.result_root == document_of(plain_twin(tmp_path / "plain", good)).result_root


def test_two_updates_are_never_hidden_by_one_seed(hidden: Federation) -> None:
    people = [hidden.participant(i) for i in range(4)]
    coordinator, me = hidden.coordinator(), people[0]
    round_id = coordinator.open(terms_of(hidden, 4), hidden.document)
    coordinator.step(round_id)
    for step in range(3):  # enrol, publish, share
        for person in people:
            assert person.step(round_id).acted, step
    ledger = hidden.ledger
    before, kept = ledger.hidden[round_id], hidden.people[1].address
    state = hidden.board().state(round_id)
    first, made = me._hidden.hide(state, before, lambda: me._updates.make(state, hidden.document))
    # The chain takes a bundle back, after the update was masked and before it was committed.
    shared = {who: told for who, told in before.shared.items() if who != kept}
    ledger.hidden[round_id] = replace(before, shared=shared)
    hidden.clock.wait_until(before.schedule.bundle_deadline)
    with pytest.raises(RoundError, match="would hide it twice, and show it: this round is lost"):
        me.step(round_id)
    ledger.hidden[round_id] = before
    again, _ = me._hidden.hide(state, before, lambda: pytest.fail("it was trained again"))
    assert again.tobytes() == first.tobytes()
    me.step(round_id)
    assert me.address in hidden.board().state(round_id).commitments
    assert not [*hidden.work.rglob("plain.safetensors")]
    assert made.weight == 40


@pytest.mark.parametrize("step", ["enrol", "publish", "share", "commit", "reveal", "unmask"])
def test_who_is_killed_in_the_middle_of_a_step_goes_on(
    hidden: Federation, tmp_path: Path, step: str
) -> None:
    """Storage fails in the step, once; the next process knows the folder alone."""
    left = [step]

    def fails(*_: object) -> None:
        if left:
            left.pop()
            raise KeyboardInterrupt

    people: list[Any] = [hidden.participant(i) for i in range(2)]
    dying = hidden.participant(2)
    board = dying.context.board
    name = {
        "enrol": (board, "enrol"),
        "publish": (board.hidden, "publish_key"),
        "share": (board.hidden, "share_secrets"),
        "commit": (board, "commit"),
        "reveal": (board, "reveal"),
        "unmask": (board.hidden, "open_secret"),
    }[step]
    people.append(Dying(dying, lambda: hidden.participant(2), *name, fails))
    result = played(hidden, people)
    assert not left
    plain = plain_twin(tmp_path / "plain", range(3))
    assert document_of(result).result_root == document_of(plain).result_root
    assert len(document_of(result).accepted) == 3
