"""The server's steps: the papers' formulas to the bit, memory in the version's folder (A-4)."""

from __future__ import annotations

from collections.abc import Callable
from math import ldexp
from pathlib import Path

import numpy as np
import pytest
import torch
from pseudocode import server_optimizers as twins

from registry.errors import AggregationError, ConfigError
from trainer.documents.version_folders import (
    SERVER_FILE,
    first_version,
    read_memory,
    read_version,
    write_version,
)
from trainer.strategies import STRATEGIES, Strategy, strategy
from trainer.types import IntVector, Lattice
from trainer.vectors.layout import Layout

LATTICE = Lattice(16, -10, 4)
BASE = {"w": torch.linspace(-1, 1, 40, dtype=torch.float64), "kept": torch.ones(2)}
LAYOUT = Layout.of(BASE, ["w"])
Numbers = dict[str, float]
RoundStep = Callable[[Numbers, float], float]


TWINS: dict[str, tuple[dict[str, str], RoundStep]] = {
    "fedavg": ({}, twins.fedavg),
    "hierarchical": ({}, twins.fedavg),
    "gossip": ({}, twins.fedavg),
    "fednova": ({}, twins.fedavg),
    "qfedavg": ({}, twins.fedavg),
    "fedbuff": ({}, twins.fedavg),
    "fedavgm": ({"learning_rate": "0.5"}, twins.fedavgm),
    "diloco": ({}, twins.diloco),
    "fedadam": ({}, twins.fedadam),
    "fedyogi": ({}, twins.fedyogi),
    "fedadagrad": ({}, twins.fedadagrad),
}
# Steps whose aggregate is taken as it is; what their updates weigh is another test's.
FORGETFUL = {"fedavg", "gossip", "hierarchical", "fednova", "qfedavg", "fedbuff"}


def aggregates(rounds: int) -> list[IntVector]:
    """What three rounds come to; some values don't move."""
    made = np.random.default_rng(4).integers(-9_000, 9_000, (rounds, 40)).astype(np.int32)
    made[:, :3] = 0
    return list(made)


def test_every_strategy_has_its_twin() -> None:
    assert {*TWINS, "scaffold"} == set(STRATEGIES)


@pytest.mark.parametrize("name", TWINS)
def test_a4_three_rounds_are_the_paper_s_to_the_bit(name: str, tmp_path: Path) -> None:
    parameters, twin = TWINS[name]
    rule = strategy(name, parameters)
    folder = tmp_path / "0"
    first_version(folder, BASE, architecture="none")
    memories: list[Numbers] = [{} for _ in range(40)]
    expected = [float(x) for x in BASE["w"]]
    for number, aggregate in enumerate(aggregates(3)):
        state = rule.init(read_version(folder), LAYOUT, LATTICE, read_memory(folder))
        after = rule.apply(state, aggregate)
        following = tmp_path / str(number + 1)
        write_version(folder, following, after.tensors, [], bytes(32), after.memory)
        folder = following
        deltas = [ldexp(int(x), LATTICE.aggregate_exponent) for x in aggregate]
        expected = [
            x + twin(memory, delta)
            for x, memory, delta in zip(expected, memories, deltas, strict=True)
        ]
        assert read_version(folder)["w"].tolist() == expected
        assert torch.equal(read_version(folder)["kept"], BASE["kept"])
        assert (folder / SERVER_FILE).exists() == (name not in FORGETFUL)


def made_by(rule: Strategy, folder: Path, base: Path) -> None:
    """Writes the version of a round."""
    state = rule.init(read_version(base), LAYOUT, LATTICE, read_memory(base))
    after = rule.apply(state, aggregates(1)[0])
    write_version(base, folder, after.tensors, [], bytes(32), after.memory)


def test_the_memory_of_another_strategy_is_not_taken_for_its_own(tmp_path: Path) -> None:
    first_version(tmp_path / "0", BASE, architecture="none")
    made_by(strategy("fedadam"), tmp_path / "1", tmp_path / "0")
    with pytest.raises(AggregationError, match=r"fedavgm: expected the base version to remember"):
        made_by(strategy("fedavgm"), tmp_path / "2", tmp_path / "1")
    made_by(strategy("fedavg"), tmp_path / "2", tmp_path / "1")
    assert read_memory(tmp_path / "2") == {}
    made_by(strategy("fedavgm"), tmp_path / "3", tmp_path / "2")
    assert set(read_memory(tmp_path / "3")) == {"momentum"}


def test_a_memory_of_other_tensors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        AggregationError, match=r"expected momentum of the shape \(40,\), got \(3,\)"
    ):
        strategy("fedavgm").init(BASE, LAYOUT, LATTICE, {"momentum": np.zeros(3)})
    first_version(tmp_path / "0", BASE, architecture="none")
    write_version(tmp_path / "0", tmp_path / "1", BASE, [], bytes(32), {"momentum": np.zeros(40)})
    from trainer.vectors.safetensors_files import save_safetensors

    save_safetensors({"momentum": torch.zeros(40)}, tmp_path / "1" / SERVER_FILE)
    with pytest.raises(ConfigError, match="64-bit floats"):
        read_memory(tmp_path / "1")


@pytest.mark.parametrize("name", TWINS)
def test_an_aggregate_of_another_kind_is_refused(name: str) -> None:
    rule = strategy(name)
    state = rule.init(BASE, LAYOUT, LATTICE)
    for wrong in (np.zeros(39, np.int32), np.zeros(40, np.int64)):
        with pytest.raises(AggregationError, match="expected an aggregate of int32"):
            rule.apply(state, wrong)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("sgd", {}, "expected a strategy of"),
        ("fedavg", {"tau": "1"}, "fedavg: expected no parameter, got tau"),
        ("fedavgm", {"momentum": "1.5"}, "expected 0 to 1, got 1.5"),
        ("fedavgm", {"momentum": 0.9}, "expected decimal text"),
        ("fedadam", {"tau": "0"}, "fedadam: tau: expected 1e-18 to 1000, got 0"),
        ("fedyogi", {"beta_2": "-1"}, "fedyogi: beta_2: expected 0 or more, got -1"),
        ("fedadagrad", {"learning_rate": "1e3"}, "expected decimal text"),
        ("diloco", {"learning_rate": "2000"}, "expected 0 to 1000"),
        ("scaffold", {}, "scaffold: expected participants and any of learning_rate, got none"),
        ("scaffold", {"participants": "2.5"}, "participants to be a natural number, got 2.5"),
        ("qfedavg", {"lipschitz": "0"}, "qfedavg: lipschitz: expected 1e-18 to 1e.06, got 0"),
        ("qfedavg", {"q": "0.5"}, "expected q to be a natural number, got 0.5"),
        ("fedbuff", {"largest_staleness": "1.5"}, "largest_staleness to be a natural number"),
        ("hierarchical", {"fan_in": "33"}, "fan_in: expected 2 to 32, got 33"),
    ],
)
def test_parameters_out_of_range_are_refused(
    name: str, parameters: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        strategy(name, parameters)
