"""Training on a real Ray cluster of this machine: the bytes of a round in one process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import torch

from registry.errors import ConfigError, TrainingError
from trainer.engines.ray import RayEngine
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import Training, module_training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

if TYPE_CHECKING:  # a worker of Ray imports this module without the tests' folders
    from memory_federation import Federation

pytestmark = pytest.mark.process  # its fixtures start a cluster


@pytest.fixture(scope="module")
def engine() -> Iterator[RayEngine]:
    """Two cores, and half of one for each training."""
    with RayEngine(cpus=0.5, cores=2) as made:
        yield made


def failing() -> Training:
    """A participant without its data."""
    raise FileNotFoundError("data of participant 1")


def test_a_round_on_ray_has_the_bytes_of_a_round_in_one_process(
    federation: Federation, engine: RayEngine, tmp_path: Path
) -> None:
    here = federation.round([federation.participant(i) for i in range(3)])
    (tmp_path / "there").mkdir()
    there = type(federation)(tmp_path / "there")
    make = [partial(module_training, there.model(), there.data(i, 40 + 10 * i)) for i in range(3)]
    people = [there.participant(i, engine.training(make[i])) for i in range(3)]
    coordinator = there.coordinator()
    round_id = coordinator.open(there.terms(), there.document)
    result = engine.run(coordinator, people, there.clock, round_id)
    from memory_federation import published_by

    assert published_by(result).content_digest == published_by(here).content_digest
    loss = people[0].metrics["loss"]
    assert isinstance(loss, float)
    assert loss > 0


def test_trainings_are_begun_once_and_side_by_side(
    federation: Federation, engine: RayEngine
) -> None:
    make = partial(module_training, federation.model(), federation.data(1))
    first, second = engine.training(make), engine.training(make)
    base = dict(federation.model().state_dict())
    plan = LocalPlan(1, 8, "sgd", "0.1", 3)
    for training in (first, second, first):
        training.begin(base, plan)
    assert len(first._begun) == 1
    states = [training(base, plan).state for training in (first, second)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in base)


def test_an_equal_plan_with_parameters_of_an_optimizer_begins_nothing_twice(
    federation: Federation, engine: RayEngine
) -> None:
    training = engine.training(partial(module_training, federation.model(), federation.data(1)))
    base = dict(federation.model().state_dict())
    plan, equal, other = (
        LocalPlan(1, 8, "sgd", "0.1", 3, optimizer_parameters={"momentum": momentum})
        for momentum in ("0.9", "0.9", "0.5")
    )
    training.begin(base, plan)
    (begun,) = training._begun.values()
    training.begin({name: tensor.clone() for name, tensor in base.items()}, equal)
    assert list(training._begun.values()) == [begun]
    state = training(base, equal).state
    assert training._begun == {}
    training.begin(base, other)
    assert list(training._begun.values()) != [begun]
    assert not torch.equal(training(base, other).state["0.weight"], state["0.weight"])


def halving() -> Training:
    """A training of tensors of types that numpy doesn't have, or has in another form."""

    def train(base: State, plan: LocalPlan) -> LocalResult:
        halved = {name: t / 2 if t.is_floating_point() else t for name, t in base.items()}
        return LocalResult(halved, 1, {})

    return train


def test_tensors_of_every_type_come_through(engine: RayEngine) -> None:
    base = {
        "wide": torch.randn(3, 4, dtype=torch.float64),
        "half": torch.randn(5).to(torch.float16),
        "brain": torch.randn(2, 3).to(torch.bfloat16),
        "steps": torch.tensor(7),
        "mask": torch.tensor([True, False]),
        "empty": torch.empty(0, 2),
    }
    found = engine.training(halving)(dict(base), LocalPlan()).state
    expected = halving()(base, LocalPlan()).state
    assert list(found) == list(base)
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor), name


def test_a_base_lies_in_the_object_store_once_for_all_participants(engine: RayEngine) -> None:
    base = {"x": torch.zeros(2_000)}
    trainings = [engine.training(halving) for _ in range(3)]
    for training in trainings:
        training.begin(base, LocalPlan())
    shared = engine._base[1]
    for training in trainings:
        assert torch.equal(training(base, LocalPlan()).state["x"], base["x"])
    assert engine._base[1] is shared
    engine.training(halving).begin({"x": torch.ones(3)}, LocalPlan())
    assert engine._base[1] is not shared


def test_a_worker_that_fails_says_why_in_one_line(
    federation: Federation, engine: RayEngine
) -> None:
    training = engine.training(failing)
    with pytest.raises(TrainingError, match=r"failed: .*data of participant 1") as caught:
        training(dict(federation.model().state_dict()), LocalPlan())
    assert "\n" not in str(caught.value)


def ending() -> Training:
    """A participant whose worker dies."""
    os._exit(1)


@pytest.mark.slow
def test_a_lost_worker_and_a_failing_class_end_nobody_s_round(
    federation: Federation, engine: RayEngine
) -> None:
    data = [federation.data(i, 40 + 10 * i) for i in range(2)]
    make = [partial(module_training, federation.model(), data[i]) for i in range(2)]
    trainings: list[Callable[[], Training]] = [*make, failing, ending]
    people = [federation.participant(i, engine.training(t)) for i, t in enumerate(trainings)]
    told: dict[Any, Any] = {}
    coordinator = federation.coordinator()
    terms = federation.terms(minimum_participants=2, maximum_participants=4)
    round_id = coordinator.open(terms, federation.document)
    result = engine.run(coordinator, people, federation.clock, round_id, told.__setitem__)
    from memory_federation import document_of

    taken = {update.participant for update in document_of(result).accepted}
    assert taken == {person.address for person in people[:2]}
    assert set(told) == {person.address for person in people[2:]}
    assert "data of participant 1" in told[people[2].address]
    assert told[people[3].address].startswith("TrainingError: training on Ray failed: ")


def reached_from(address: str) -> IPv4Address | IPv6Address:
    """Where an address is, be it IPv4 inside IPv6 (some systems write loopback so)."""
    found = ip_address(address)
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def test_the_cluster_listens_on_loopback_alone(engine: RayEngine) -> None:
    ours = psutil.Process().children(recursive=True)
    listening = [
        reached_from(connection.laddr.ip)
        for process in ours
        for connection in process.connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {address for address in listening if not address.is_loopback} == set()


def test_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected a part of a CPU or a GPU"):
        RayEngine(cpus=0)
