"""What every participant does with its own data between two versions.

What is declared as `examples` is the size of the participant's data set, whatever the number of
steps: the n_k of McMahan et al. (2017) and of FedNova, by which the objective weighs a participant.
Twenty steps of ten see 200 of 2,000 examples in a round, and others in the next one, for each round
has a seed of its own (`in_round`); over rounds, the examples declared are those trained on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from hashlib import sha256
from typing import Any, Literal

from registry.documents.canonical_json import require_fields
from registry.errors import ConfigError
from trainer.plan.decimals import decimal
from trainer.plan.optimizers import check_optimizer

__all__ = ["DECLARED", "Declared", "LocalPlan", "in_round"]

Declared = Literal["examples", "loss", "staleness"]
DECLARED: tuple[Declared, ...] = ("examples", "loss", "staleness")
"""What the integer beside an update can say: how many examples it was trained on; the mean loss of
the base version on them, in thousandths of a nat; or 1024/√(1 + τ), rounded down, for an update
that was trained from τ versions before the base."""

_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,18})?")
_PRECISIONS = ("float32", "mixed")
_FIELDS = (
    "epochs",
    "batchSize",
    "optimizer",
    "learningRate",
    "seed",
    "proximal",
    "steps",
    "weight",
    "precision",
    "optimizerParameters",
    "learningRateDecay",
)
_SMALLEST_RATE = Decimal("1e-18")


@dataclass(frozen=True)
class LocalPlan:
    """The plan of local training, as a terms document carries it.

    Args:
        epochs: passes over the data, 1 to 1,000.
        batch_size: examples per step, 1 to 1,000,000.
        optimizer: "sgd", "adam", "adamw", "rmsprop" or "adagrad".
        learning_rate: positive, as decimal text: "0.001". Text has one value in every language.
        seed: of the order of examples, another one in each round (R-13); 0 to 2**63 - 1.
        proximal: how strongly training is held to the base version (`trainer.training.proximal`),
            as decimal text; "0" isn't at all.
        steps: exactly so many optimizer steps, over the data again and again, whatever the epochs;
            0 to go by epochs.
        weight: what the integer that is signed beside an update says; strategies ask for theirs.
        precision: "float32", or "mixed": bfloat16 where the accelerator has it, else float32.
        optimizer_parameters: decimal texts by torch's names (`trainer.plan.optimizers`).
        learning_rate_decay: what the learning rate is multiplied by from round to round, above 0
            and at most 1.
        round: the round that `in_round` made the plan for; 0 in terms, which say it for any round.
        evaluates: whether the base version is to be evaluated before training; of a round alone.

    Raises:
        ConfigError: out of range.
    """

    epochs: int = 1
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: str = "0.001"
    seed: int = 0
    proximal: str = "0"
    steps: int = 0
    weight: Declared = "examples"
    precision: str = "float32"
    optimizer_parameters: Mapping[str, str] = field(default_factory=dict)
    learning_rate_decay: str = "1"
    round: int = 0
    evaluates: bool = False

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _between("epochs", self.epochs, 1, 1_000)
        _between("batchSize", self.batch_size, 1, 1_000_000)
        _between("seed", self.seed, 0, 2**63 - 1)
        _between("steps", self.steps, 0, 1_000_000)
        _one_of("weight", self.weight, DECLARED)
        _one_of("precision", self.precision, _PRECISIONS)
        _between("round", self.round, 0, 2**63 - 1)
        check_optimizer(self.optimizer, self.optimizer_parameters)
        rate = self.learning_rate
        if not isinstance(rate, str) or not _DECIMAL.fullmatch(rate) or float(rate) <= 0:
            raise ConfigError(f"plan: expected a learning rate such as '0.001', got {rate!r}")
        if not isinstance(self.proximal, str) or not _DECIMAL.fullmatch(self.proximal):
            raise ConfigError(f"plan: expected a proximal term as '0.01', got {self.proximal!r}")
        if not decimal("plan: learningRateDecay", self.learning_rate_decay, 0, 1):
            raise ConfigError("plan: expected a learningRateDecay above 0, got 0")

    def to_fields(self) -> dict[str, Any]:
        """Returns the plan as it stands in a terms document.

        Raises:
            ConfigError: it was made for one round.
        """
        if self.round:
            raise ConfigError(f"plan: expected one for any round, got that of round {self.round}")
        return {
            "epochs": self.epochs,
            "batchSize": self.batch_size,
            "optimizer": self.optimizer,
            "learningRate": self.learning_rate,
            "seed": self.seed,
            "proximal": self.proximal,
            "steps": self.steps,
            "weight": self.weight,
            "precision": self.precision,
            "optimizerParameters": dict(self.optimizer_parameters),
            "learningRateDecay": self.learning_rate_decay,
        }

    def steps_over(self, examples: int) -> int:
        """Returns how many optimizer steps the plan takes over so many examples."""
        return self.steps or self.epochs * -(-examples // self.batch_size)

    @classmethod
    def from_fields(cls, value: Any) -> LocalPlan:
        """Reads a plan from a terms document.

        Raises:
            ConfigError: fields that are missing, unknown or out of range.
        """
        found = require_fields(value, _FIELDS, "plan")
        return cls(
            found["epochs"],
            found["batchSize"],
            found["optimizer"],
            found["learningRate"],
            found["seed"],
            found["proximal"],
            found["steps"],
            found["weight"],
            found["precision"],
            found["optimizerParameters"],
            found["learningRateDecay"],
        )


def in_round(plan: LocalPlan, number: int, *, evaluates: bool = False) -> LocalPlan:
    """Returns what a plan of the terms comes to in one round (R-13): its seed and learning rate.

    Args:
        plan: as the terms say it.
        number: the round's, from 1.
        evaluates: whether this participant evaluates the base version in it (R-14).

    Raises:
        ConfigError: the plan is that of a round already.
    """
    if plan.round:
        raise ConfigError(f"plan: expected one for any round, got that of round {plan.round}")
    seed = int.from_bytes(sha256(f"plan {plan.seed} {number}".encode()).digest()[:8], "big") >> 1
    rate = plan.learning_rate
    if Decimal(plan.learning_rate_decay) != 1:
        with localcontext(prec=60):
            exact = Decimal(rate) * Decimal(plan.learning_rate_decay) ** (number - 1)
            cut = max(exact - exact % _SMALLEST_RATE, _SMALLEST_RATE)
            rate = format(cut.quantize(_SMALLEST_RATE), "f")
    return replace(plan, seed=seed, learning_rate=rate, round=number, evaluates=evaluates)


def _between(name: str, value: int, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise ConfigError(f"plan: expected {name} from {low} to {high}, got {value!r}")


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"plan: expected {name} to be one of {allowed}, got {value!r}")
