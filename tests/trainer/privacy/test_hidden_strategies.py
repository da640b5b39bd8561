"""Given hidden rounds under other terms

when weights are capped, or all are alike; in either ring: the version is the plain round's
when there are several groups: their sums add up; one that is lost costs its own members
when a robust rule goes across groups: it takes their means for updates, and leaves whole ones out
whatever strategy or transform sums up: two rounds come to what plain ones come to, to the bit
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hidden_people import (
    Absent,
    hiding,
    plain_twin,
    seen,
    terms_of,
)
from memory_federation import Federation, document_of

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
