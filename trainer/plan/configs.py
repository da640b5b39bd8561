"""Between a plan and the dictionary that a client's `fit` gets, by the names that Flower uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainer.plan.decimals import decimal_text
from trainer.plan.optimizers import parameters_of
from trainer.plan.training_plan import LocalPlan

__all__ = ["Config", "Scalar", "config_of", "plan_of"]

Scalar = bool | bytes | float | int | str
Config = dict[str, Scalar]


def config_of(plan: LocalPlan) -> Config:
    """Returns a plan as a client's config: its fields, and those of its optimizer by their names.

    `server_round` and `round` are the round's number, 0 outside rounds.
    """
    given = {name: float(text) for name, text in plan.optimizer_parameters.items()}
    return {
        "server_round": plan.round,
        "round": plan.round,
        "epochs": plan.epochs,
        "local_epochs": plan.epochs,
        "local_steps": plan.steps,
        "batch_size": plan.batch_size,
        "optimizer": plan.optimizer,
        "learning_rate": float(plan.learning_rate),
        "seed": plan.seed,
        "proximal_mu": float(plan.proximal),
        "precision": plan.precision,
        **given,
    }


def plan_of(config: Mapping[str, Any]) -> LocalPlan:
    """Returns the plan that a config was made of, for a client that trains by `local_train`.

    Raises:
        KeyError: a config that isn't of `config_of`.
        ConfigError: a value out of range.
    """
    optimizer = str(config["optimizer"])
    given = {n: decimal_text(config[n]) for n in parameters_of(optimizer) if n in config}
    return LocalPlan(
        epochs=int(config["epochs"]),
        batch_size=int(config["batch_size"]),
        optimizer=optimizer,
        learning_rate=decimal_text(config["learning_rate"]),
        seed=int(config["seed"]),
        proximal=decimal_text(config["proximal_mu"]),
        steps=int(config["local_steps"]),
        precision=str(config["precision"]),
        optimizer_parameters=given,
        round=int(config["server_round"]),
    )
