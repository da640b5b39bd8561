"""Which strategies run under stake, and the root of what each trains on (F-13, F-15)."""

from __future__ import annotations

import struct
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
import torch
from eth_abi.abi import encode

from registry.errors import ConfigError
from registry.fraud_proofs.server_steps import Server, ServerStep
from registry.hashing import keccak256
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import SERVER_FILE, first_version
from trainer.execution.memory_roots import momenta_of
from trainer.execution.version_roots import weights_of
from trainer.plan.training_plan import LocalPlan
from trainer.staked.servers import base_root, require_judged, server_of, step_of
from trainer.staked.version_parts import made_of
from trainer.strategies import STRATEGIES
from trainer.vectors.safetensors_files import save_safetensors

JUDGED = {
    "fedavg": ServerStep.NONE,
    "fedavgm": ServerStep.FEDAVGM,
    "diloco": ServerStep.DILOCO,
}


def document(strategy: str, **parameters: str) -> TermsDocument:
    """A document that names a strategy."""
    return TermsDocument(strategy=strategy, strategy_parameters=parameters)


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A version of 300 weights that remembers a momentum."""
    first_version(tmp_path, {"w": torch.full((300,), 0.25)}, architecture="linear")
    (tmp_path / SERVER_FILE).parent.mkdir()
    memory = {"momentum": torch.full((300,), 0.5, dtype=torch.float64)}
    save_safetensors(memory, tmp_path / SERVER_FILE)
    return tmp_path


@pytest.mark.parametrize(("strategy", "step"), JUDGED.items())
def test_f15_averages_and_momentum_need_no_panel(strategy: str, step: ServerStep) -> None:
    assert step_of(document(strategy)) == step
    for panel in (False, True):
        assert require_judged(STRATEGIES[strategy](), panel) == step


@pytest.mark.parametrize("strategy", ["fedadam", "fedyogi", "fedadagrad"])
def test_f15_adaptive_strategies_are_for_evaluators(strategy: str) -> None:
    rule = STRATEGIES[strategy]()
    assert step_of(document(strategy)) == require_judged(rule, panel=True) == ServerStep.EVALUATED
    with pytest.raises(ConfigError, match="--panel"):
        require_judged(rule, panel=False)


@pytest.mark.parametrize(
    "told",
    [
        TermsDocument(strategy="fednova", plan=LocalPlan(optimizer="sgd")),
        TermsDocument(strategy="qfedavg", plan=LocalPlan(weight="loss"), scoring="equal"),
        TermsDocument(strategy="fedbuff", plan=LocalPlan(weight="staleness"), scoring="equal"),
        TermsDocument(strategy="hierarchical"),
    ],
)
def test_strategies_that_weigh_in_their_own_way_are_not_for_stakes(told: TermsDocument) -> None:
    with pytest.raises(ConfigError, match="isn't for rounds under stake"):
        step_of(told)


def encoded(server: Server) -> bytes:
    """The hash as Solidity's `abi.encode` gives it."""
    types = ["uint8", "uint64", "uint64", "bytes32", "bytes32"]
    return keccak256(encode([f"({','.join(types)})"], [astuple(server)]))


def test_f15_an_average_trains_on_weights_alone(version: Path) -> None:
    told = document("fedavg")
    weights = weights_of(version, told)
    assert server_of(told, weights, version) is None
    assert base_root(told, weights, version) == weights.root()
    assert made_of(version, told).roots() == (weights.root(), bytes(32))


@pytest.mark.parametrize("strategy", ["fedavgm", "diloco"])
def test_f15_momentum_goes_into_the_base_s_root(version: Path, strategy: str) -> None:
    told = document(strategy, momentum="0.9", learning_rate="0.7")
    weights = weights_of(version, told)
    server = server_of(told, weights, version)
    assert server is not None
    assert server.is_judged
    assert (server.weights_root, server.momentum_root) == made_of(version, told).roots()
    assert struct.pack(">QQ", server.factor, server.rate) == struct.pack(">dd", 0.9, 0.7)
    assert base_root(told, weights, version) == server.root == encoded(server)
    others: list[dict[str, Any]] = [{"momentum": "0.8"}, {"learning_rate": "0.8"}]
    roots = {base_root(document(strategy, **one), weights, version) for one in others}
    (version / SERVER_FILE).unlink()
    roots.add(base_root(told, weights, version))
    assert len(roots - {server.root}) == 3


def test_f15_both_strategies_have_roots_of_their_own(version: Path) -> None:
    told = [document(name, momentum="0.9", learning_rate="1") for name in ("fedavgm", "diloco")]
    weights = weights_of(version, told[0])
    assert len({base_root(one, weights, version) for one in told}) == 2


def test_f15_what_evaluators_judge_has_a_root_that_proves_nothing(version: Path) -> None:
    told = document("fedadam")
    weights = weights_of(version, told)
    server = server_of(told, weights, version)
    assert server == Server(ServerStep.EVALUATED, 0, 0, weights.root(), bytes(32))
    assert not server.is_judged
    assert base_root(told, weights, version) == encoded(server) != weights.root()
    assert made_of(version, told).roots() == (weights.root(), bytes(32))
    assert momenta_of(version, 300).root() != bytes(32)
