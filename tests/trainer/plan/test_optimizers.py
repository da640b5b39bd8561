"""Optimizers by torch's names, by a factory of one's own, and on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from memory_federation import Federation

from registry.errors import ConfigError
from trainer.cli.training import document_of, training_options
from trainer.documents.terms_document import TermsDocument
from trainer.plan.configs import config_of, plan_of
from trainer.plan.optimizers import OPTIMIZERS, make_optimizer
from trainer.plan.training_plan import LocalPlan, in_round
from trainer.training.client import module_training
from trainer.vectors.torch_modules import state_of

MAKERS: dict[str, Any] = {
    "adagrad": (torch.optim.Adagrad, {"lr_decay": 0.1, "weight_decay": 0.01, "eps": 1e-7}),
    "adam": (torch.optim.Adam, {"beta1": 0.8, "beta2": 0.99, "eps": 1e-6, "amsgrad": 1}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.1, "beta2": 0.9}),
    "rmsprop": (torch.optim.RMSprop, {"alpha": 0.9, "momentum": 0.5, "centered": 1}),
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.01, "nesterov": 1}),
}
SWITCHES = ("amsgrad", "centered", "nesterov")


def texts(numbers: dict[str, float]) -> dict[str, str]:
    """Numbers as decimal texts."""
    return {name: f"{number:.12f}" for name, number in numbers.items()}


def by_torch(name: str, rate: float) -> Any:
    """The same optimizer, made by hand."""
    kind, numbers = MAKERS[name]
    given = {key: bool(value) if key in SWITCHES else value for key, value in numbers.items()}
    if any(key in given for key in ("beta1", "beta2")):
        given["betas"] = given.pop("beta1", 0.9), given.pop("beta2", 0.999)

    def make(parameters: Sequence[torch.nn.Parameter], plan: LocalPlan) -> torch.optim.Optimizer:
        made: torch.optim.Optimizer = kind(parameters, lr=rate, **given)
        return made

    return make


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_by_name_steps_as_torch_s_own(federation: Federation, name: str) -> None:
    base, data = state_of(federation.model()), federation.data(1)
    plan = LocalPlan(3, 8, name, "0.01", 4, optimizer_parameters=texts(MAKERS[name][1]))
    named = module_training(federation.model(), data)(dict(base), plan)
    given = module_training(federation.model(), data, optimizer=by_torch(name, 0.01))
    other = given(dict(base), replace(plan, optimizer="sgd", optimizer_parameters={}))
    plain = module_training(federation.model(), data)(
        dict(base), replace(plan, optimizer_parameters={})
    )
    assert all(torch.equal(named.state[tensor], other.state[tensor]) for tensor in base)
    assert not torch.equal(named.state["0.weight"], plain.state["0.weight"])
    document = TermsDocument(plan=plan)
    assert TermsDocument.parse(document.to_json()) == document


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_a_beta_that_is_not_named_keeps_torch_s_default(name: str) -> None:
    tensors = [torch.nn.Parameter(torch.zeros(2))]
    for parameters, betas in (
        ({"beta1": "0.8"}, (0.8, 0.999)),
        ({"beta2": "0.99"}, (0.9, 0.99)),
        ({}, (0.9, 0.999)),
    ):
        made = make_optimizer(name, parameters, 0.1, tensors)
        assert made.param_groups[0]["betas"] == betas


def test_a_factory_sees_the_plan_of_the_round_and_starts_anew(federation: Federation) -> None:
    seen: list[tuple[int, str]] = []

    def make(parameters: Sequence[torch.nn.Parameter], plan: LocalPlan) -> torch.optim.Optimizer:
        seen.append((plan.round, plan.learning_rate))
        return torch.optim.Adadelta(parameters, lr=float(plan.learning_rate))

    plan = LocalPlan(1, 8, "sgd", "0.5", learning_rate_decay="0.5")
    training = module_training(federation.model(), federation.data(1), optimizer=make)
    for number in (1, 2):
        training(state_of(federation.model()), in_round(plan, number))
    assert [(number, float(rate)) for number, rate in seen] == [(1, 0.5), (2, 0.25)]


def test_scaffold_is_no_training_of_an_optimizer_of_one_s_own(federation: Federation) -> None:
    training: Any = module_training(
        federation.model(), federation.data(1), optimizer=by_torch("adam", 0.1)
    )
    with pytest.raises(ConfigError, match="has an optimizer of its own; leave it out"):
        training.corrected(state_of(federation.model()), LocalPlan(), {"0.bias": torch.zeros(3)})


@pytest.mark.parametrize(
    ("name", "parameters", "told"),
    [
        ("lion", {}, "expected optimizer to be one of"),
        ("sgd", {"beta1": "0.9"}, "sgd takes dampening, momentum, nesterov, weight_decay; got"),
        ("sgd", {"momentum": "1"}, "sgd: momentum: expected 0 to 1, got 1"),
        ("sgd", {"momentum": 0.9}, "sgd: momentum: expected decimal text"),
        ("sgd", {"nesterov": "1"}, "nesterov needs a momentum and no dampening"),
        ("sgd", {"nesterov": "1", "momentum": "0.9", "dampening": "0.1"}, "no dampening"),
        ("adam", {"amsgrad": "0.5"}, "expected amsgrad of '0' or '1'"),
        ("adamw", {"eps": "-1"}, "adamw: eps: expected 0 or more, got -1"),
        ("sgd", {"weight_decay": "-0.1"}, "sgd: weight_decay: expected 0 or more, got -0.1"),
        ("sgd", {"weight_decay": ""}, "sgd: weight_decay: expected decimal text"),
        ("adam", {"eps": "0"}, "adam: expected eps above 0, got '0'"),
        ("rmsprop", {"eps": "0.0"}, "rmsprop: expected eps above 0"),
        ("rmsprop", [], "expected the optimizer's parameters by name"),
    ],
)
def test_an_optimizer_that_does_not_fit_is_refused(name: str, parameters: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        LocalPlan(optimizer=name, optimizer_parameters=parameters)


@pytest.mark.parametrize("decay", ["0", "1.1", "fast"])
def test_a_decay_that_is_none_is_refused(decay: str) -> None:
    with pytest.raises(ConfigError, match="learningRateDecay"):
        LocalPlan(learning_rate_decay=decay)


@pytest.mark.parametrize(
    ("strategy", "changes", "told"),
    [
        ("fednova", {"optimizer_parameters": {"momentum": "0.9"}}, "fednova with momentum"),
        ("scaffold", {"optimizer_parameters": {"momentum": "0.9"}}, "scaffold with momentum"),
        ("scaffold", {"learning_rate_decay": "0.9"}, "scaffold with a learningRateDecay"),
    ],
)
def test_rules_of_plain_steps_take_no_others(
    strategy: str, changes: dict[str, Any], told: str
) -> None:
    parameters = {"participants": "3"} if strategy == "scaffold" else {}
    plan = LocalPlan(optimizer="sgd", learning_rate="0.1", steps=5)
    decayed = replace(plan, optimizer_parameters={"weight_decay": "0.1", "momentum": "0"})
    TermsDocument(strategy, plan=decayed, strategy_parameters=parameters)
    with pytest.raises(ConfigError, match=told):
        TermsDocument(strategy, plan=replace(plan, **changes), strategy_parameters=parameters)


@given(
    st.decimals("0.000000000000000001", "1000", allow_nan=False, places=18),
    st.integers(0, 2**63 - 1),
    st.integers(0, 9),
)
def test_a_client_has_the_plan_back_from_its_config(rate: Any, seed: int, number: int) -> None:
    plan = LocalPlan(
        *(2, 16, "sgd", format(rate, "f"), seed, "0.01", 7),
        precision="mixed",
        optimizer_parameters={"momentum": "0.9", "nesterov": "1"},
        round=number,
    )
    found = plan_of(config_of(plan))
    assert float(found.learning_rate) == float(plan.learning_rate) > 0
    assert {k: float(v) for k, v in found.optimizer_parameters.items()} == {
        "momentum": 0.9,
        "nesterov": 1.0,
    }
    same: dict[str, Any] = {"learning_rate": "1", "optimizer_parameters": {}, "proximal": "0"}
    assert replace(found, **same) == replace(plan, **same)
    assert float(found.proximal) == 0.01


@click.command()
@training_options
def asked(**options: Any) -> None:
    """Shows the plan that the options make."""
    click.echo(document_of(options, None)[0].plan)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", LocalPlan()),
        (
            "--seed 7 --learning-rate 0.0000001 --learning-rate-decay 0.99",
            LocalPlan(seed=7, learning_rate="0.0000001", learning_rate_decay="0.99"),
        ),
        (
            "--optimizer sgd:momentum=0.9,weight_decay=0.0005 --proximal 0.1",
            LocalPlan(
                optimizer="sgd",
                proximal="0.1",
                optimizer_parameters={"momentum": "0.9", "weight_decay": "0.0005"},
            ),
        ),
        ("--strategy fednova", LocalPlan(optimizer="sgd")),
    ],
)
def test_the_command_line_s_options_make_the_plan(given: str, expected: LocalPlan) -> None:
    found = CliRunner().invoke(asked, given.split(), catch_exceptions=False)
    assert found.output.strip() == str(expected)


def test_an_optimizer_that_does_not_fit_is_refused_on_the_command_line() -> None:
    with pytest.raises(ConfigError, match="sgd takes dampening"):
        CliRunner().invoke(asked, ["--optimizer", "sgd:lr=1"], catch_exceptions=False)


def test_a_parameter_that_is_given_twice_is_named() -> None:
    words = ["--optimizer", "sgd:momentum=0.9,momentum=0.8"]
    with pytest.raises(ConfigError, match="--optimizer: expected momentum once, got it twice"):
        CliRunner().invoke(asked, words, catch_exceptions=False)


def test_a_tensor_that_is_tied_to_itself_is_refused_on_the_command_line() -> None:
    with pytest.raises(ConfigError, match="--tied: expected two tensors' names, got 'x=x'"):
        CliRunner().invoke(asked, ["--tied", "x=x"], catch_exceptions=False)
