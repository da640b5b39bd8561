"""Given a simulation whose terms hide updates

when nobody drops out: each version is the plain simulation's to the bit, whatever the groups;
  and that of a real hidden round with the same participants
when some drop out: each version is that of a plain simulation in which they drop out
when too few of a group stay: they are lost, the others' sum counts; when none does, nothing changes
it sends packed bytes, and learns from its seed alone who drops out
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from memory_federation import Federation, published_by

from trainer.coordinator.federation_options import FederationOptions
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_version
from trainer.plan.training_plan import LocalPlan
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.packing import packed_bytes
from trainer.research.hidden_simulation import DropOuts
from trainer.research.simulation import RoundFigures, Simulation
from trainer.types import Lattice
from trainer.vectors.torch_modules import state_of

PLAN = LocalPlan(2, 8, "sgd", "0.1", 3)
LATTICE = Lattice(16, -12, 8)
VALUES = 39
PEOPLE = 7
PLAIN = TermsDocument(plan=PLAN, scoring="equal")


def hiding(group_size: int = 32, weight_cap: int = 1_000, **changes: Any) -> TermsDocument:
    """Terms that hide weights, too."""
    terms = HiddenTerms(group_size=group_size, weight_cap=weight_cap)
    return replace(PLAIN, hidden=terms, **changes)


def simulation(
    federation: Federation, document: TermsDocument, people: int = PEOPLE, **rest: Any
) -> Simulation:
    """Participants with as many points as those of a real federation; all take part."""
    options = FederationOptions(fraction_fit=1.0, min_fit_clients=2, min_available_clients=people)
    data = [federation.data(place, 40 + 10 * place) for place in range(people)]
    test = federation.points(99, 300)
    return Simulation(federation.model(), data, test, document, LATTICE, options, **rest)


def told(run: Simulation, rounds: int = 2) -> tuple[list[RoundFigures], dict[str, torch.Tensor]]:
    """What a run comes to: its figures, and the last version."""
    return list(run.run(rounds)), state_of(run.module)


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert set(one) == set(other)
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("group_size", [2, 3, 32])
def test_without_drop_outs_the_versions_are_the_plain_ones(
    federation: Federation, group_size: int
) -> None:
    figures, found = told(simulation(federation, hiding(group_size)))
    plain, expected = told(simulation(federation, PLAIN))
    assert_same(found, expected)
    assert [(f.accuracy, f.loss) for f in figures] == [(f.accuracy, f.loss) for f in plain]
    assert [f.lost for f in figures] == [0, 0]
    # 16 bits, and 12 or 13 more for the weights of 3 or 7 members; the weight is one more value.
    width = 16 + (1_000 * min(PEOPLE, max(group_size, 3)) - 1).bit_length()
    assert {f.sent for f in figures} == {packed_bytes(VALUES + 1, width)}


def test_the_version_is_that_of_a_real_hidden_round(federation: Federation) -> None:
    federation.document = hiding()
    terms = federation.terms(
        document_digest=federation.document.digest, weight_cap=1, lattice=LATTICE
    )
    result = federation.round([federation.participant(i) for i in range(3)], terms)
    place = federation.work / "real"
    federation.blobs.get_folder(published_by(result).content_digest, place, 1 << 20)
    _, found = told(simulation(federation, federation.document, 3), 1)
    assert_same(found, dict(read_version(place)))


def test_who_drops_out_is_in_no_sum(federation: Federation) -> None:
    gone = DropOuts(by_round={1: [0, 3], 2: [6]})
    figures, found = told(simulation(federation, hiding(), dropouts=gone))
    _, expected = told(simulation(federation, PLAIN, dropouts=gone))
    assert_same(found, expected)
    assert [f.lost for f in figures] == [0, 0]
    _, everybody = told(simulation(federation, PLAIN))
    assert not torch.equal(found["0.weight"], everybody["0.weight"])


def test_without_hidden_weights_everybody_counts_alike(federation: Federation) -> None:
    figures, found = told(simulation(federation, hiding(weight_cap=1)))
    assert {f.sent for f in figures} == {packed_bytes(VALUES, 16 + 3)}
    _, weighted = told(simulation(federation, PLAIN))
    assert not torch.equal(found["0.weight"], weighted["0.weight"])


def test_a_group_with_too_few_survivors_is_lost(federation: Federation) -> None:
    gone = DropOuts(by_round={1: [0, 1, 2]})
    figures, _ = told(simulation(federation, hiding(2), dropouts=gone), 1)
    assert figures[0].lost > 0
    assert figures[0].lost < PEOPLE - 3


def test_a_round_without_a_sum_changes_nothing(federation: Federation) -> None:
    gone = DropOuts(by_round={1: range(PEOPLE - 1), 2: range(PEOPLE)})
    run = simulation(federation, hiding(), dropouts=gone)
    before = {name: tensor.clone() for name, tensor in state_of(run.module).items()}
    figures, found = told(run)
    assert_same(found, before)
    assert [f.lost for f in figures] == [1, 0]


def test_a_rate_draws_who_drops_out_from_the_seed(federation: Federation) -> None:
    places = {f"0x{place:040x}": place for place in range(1_000)}
    gone = DropOuts(rate=0.3)
    first = gone.of(1, places, 5)
    assert 250 < len(first) < 350
    assert first == gone.of(1, places, 5)
    assert first != gone.of(2, places, 5)
    assert first != gone.of(1, places, 6)
    few = dict(list(places.items())[:10])
    assert gone.of(1, few, 5) == first & set(few)
    assert not DropOuts().of(1, places, 5)


def test_a_robust_rule_stands_above_the_groups(federation: Federation) -> None:
    def attack(honest: Any, own: Any) -> Any:
        return -40 * own

    def tried(document: TermsDocument) -> RoundFigures:
        return told(simulation(federation, document, attackers={0: attack}), 4)[0][-1]

    robust = tried(hiding(2, aggregator="median"))
    assert robust.loss < tried(hiding(2)).loss
    chosen = tried(hiding(2, aggregator="krum", aggregator_parameters={"byzantine": 0}))
    assert chosen.excluded in (PEOPLE - 2, PEOPLE - 3)  # all members of the other groups
