"""What each contract tells, a module each.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Final

from registry.chain.bindings.events import (
    availability,
    disputes,
    emergency_stop,
    evaluations,
    forfeits,
    hidden_rounds,
    model_registry,
    payout_distributor,
    questions,
    reward_pool,
    reward_token,
    stake_vault,
    staked_rounds,
    timelock,
    token_list,
    training_rounds,
    weighted_payouts,
)

__all__ = ["BY_CONTRACT"]

BY_CONTRACT: Final[Mapping[str, ModuleType]] = {
    "Availability": availability,
    "Disputes": disputes,
    "EmergencyStop": emergency_stop,
    "Evaluations": evaluations,
    "Forfeits": forfeits,
    "HiddenRounds": hidden_rounds,
    "ModelRegistry": model_registry,
    "PayoutDistributor": payout_distributor,
    "Questions": questions,
    "RewardPool": reward_pool,
    "RewardToken": reward_token,
    "StakeVault": stake_vault,
    "StakedRounds": staked_rounds,
    "Timelock": timelock,
    "TokenList": token_list,
    "TrainingRounds": training_rounds,
    "WeightedPayouts": weighted_payouts,
}
"""The modules, whose dataclasses have the events' names, by contract."""
