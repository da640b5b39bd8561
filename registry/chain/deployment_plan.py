"""The deployment plan: which contracts, in which order, made with what.

The last ones know each other for good: whoever may take a stake is named by an immutable of the
contract that holds it. Their addresses are foreseen from the deployer's nonces
(`registry.chain.foreseen_addresses`), so they are made one right after another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry.chain.deployment_parameters import Parameters

__all__ = ["CIRCLE", "PLAN", "DeploymentStep"]

At = Callable[[str], str]


@dataclass(frozen=True)
class DeploymentStep:
    """One contract of the plan; `arguments` gives its constructor's, from what is known by then."""

    contract: str
    arguments: Callable[[Parameters, str, At], list[Any]]


def _token(p: Parameters, deployer: str, at: At) -> list[Any]:
    supply = p.token_name, p.token_symbol, deployer, p.token_supply
    return [*supply, at("Timelock"), p.mint_cap, p.mint_epoch]


def _distributor(p: Parameters, deployer: str, at: At) -> list[Any]:
    return [at("ModelRegistry"), p.activation_delay, p.claim_period, at("EmergencyStop")]


def _training_rounds(p: Parameters, deployer: str, at: At) -> list[Any]:
    names = "ModelRegistry", "RewardPool", "Forfeits", "TermsRules", "EmergencyStop"
    return [*map(at, names), at("StakedRounds"), at("HiddenRounds")]


def _vault(p: Parameters, deployer: str, at: At) -> list[Any]:
    controllers = [at(name) for name in ("StakedRounds", "Questions", "Evaluations")]
    return [at("TokenList"), p.unbonding_delay, controllers]


def _floors(p: Parameters, deployer: str, at: At) -> list[Any]:
    return [at("TokenList"), at("Evaluations"), p.least_certify, p.least_answer]


def _staked_rounds(p: Parameters, deployer: str, at: At) -> list[Any]:
    names = "ModelRegistry", "TrainingRounds", "StakeVault", "WeightedPayouts", "EmergencyStop"
    judges = "Disputes", "Questions", "Evaluations", "Availability", "StakeFloors"
    # Structs are lists, as the deployment's file has them.
    return [*map(at, names), list(map(at, judges)), [p.uptime_feed, p.grace]]


PLAN: tuple[DeploymentStep, ...] = (
    DeploymentStep("Timelock", lambda p, deployer, at: [p.timelock_delay, p.governor or deployer]),
    DeploymentStep(
        "EmergencyStop",
        lambda p, deployer, at: [at("Timelock"), p.guardian or deployer, p.stop_period],
    ),
    DeploymentStep("ModelRegistry", lambda p, deployer, at: [at("Timelock")]),
    DeploymentStep("RewardToken", _token),
    DeploymentStep(
        "TokenList",
        lambda p, deployer, at: [at("Timelock"), [at("RewardToken")], [p.least_stake]],
    ),
    DeploymentStep("PayoutDistributor", _distributor),
    DeploymentStep("RewardPool", lambda p, deployer, at: [at("PayoutDistributor")]),
    DeploymentStep("Forfeits", lambda p, deployer, at: []),
    DeploymentStep("AggregationJudge", lambda p, deployer, at: []),
    DeploymentStep("VersionJudge", lambda p, deployer, at: []),
    # From here on they know each other.
    DeploymentStep("TermsRules", lambda p, deployer, at: [at("StakedRounds"), p.least_challenge]),
    DeploymentStep("TrainingRounds", _training_rounds),
    DeploymentStep("StakeVault", _vault),
    DeploymentStep("StakeFloors", _floors),
    DeploymentStep("StakedRounds", _staked_rounds),
    DeploymentStep(
        "Disputes",
        lambda p, deployer, at: [
            *map(at, ("StakedRounds", "AggregationJudge", "VersionJudge", "SumJudge"))
        ],
    ),
    DeploymentStep(
        "Questions",
        lambda p, deployer, at: [at("StakedRounds"), at("StakeVault"), at("HiddenRounds")],
    ),
    DeploymentStep("Evaluations", lambda p, deployer, at: [at("StakedRounds"), at("StakeVault")]),
    DeploymentStep(
        "Availability", lambda p, deployer, at: [at("StakedRounds"), at("TrainingRounds")]
    ),
    DeploymentStep(
        "WeightedPayouts",
        lambda p, deployer, at: [at("StakedRounds"), at("TrainingRounds"), at("TokenList")],
    ),
    DeploymentStep(
        "HiddenRounds",
        lambda p, deployer, at: [at("TrainingRounds"), at("StakedRounds"), at("Questions")],
    ),
    DeploymentStep("SumJudge", lambda p, deployer, at: [at("HiddenRounds")]),
)

CIRCLE: tuple[str, ...] = tuple(step.contract for step in PLAN[10:])
"""The contracts that know each other, in the order in which they are made."""
