"""A deployment's contracts, each with its calls.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.chain.bindings.aggregation_judge import AggregationJudge
from registry.chain.bindings.availability import Availability
from registry.chain.bindings.disputes import Disputes
from registry.chain.bindings.emergency_stop import EmergencyStop
from registry.chain.bindings.evaluations import Evaluations
from registry.chain.bindings.forfeits import Forfeits
from registry.chain.bindings.hidden_rounds import HiddenRounds
from registry.chain.bindings.model_registry import ModelRegistry
from registry.chain.bindings.payout_distributor import PayoutDistributor
from registry.chain.bindings.questions import Questions
from registry.chain.bindings.reward_pool import RewardPool
from registry.chain.bindings.reward_token import RewardToken
from registry.chain.bindings.stake_floors import StakeFloors
from registry.chain.bindings.stake_vault import StakeVault
from registry.chain.bindings.staked_rounds import StakedRounds
from registry.chain.bindings.sum_judge import SumJudge
from registry.chain.bindings.terms_rules import TermsRules
from registry.chain.bindings.timelock import Timelock
from registry.chain.bindings.token_list import TokenList
from registry.chain.bindings.training_rounds import TrainingRounds
from registry.chain.bindings.version_judge import VersionJudge
from registry.chain.bindings.weighted_payouts import WeightedPayouts
from registry.chain.contracts import Contract

__all__ = ["DeployedContracts"]


class DeployedContracts:
    """The contracts of one deployment, bound to a chain and perhaps to a sender."""

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        self._contracts = contracts

    @property
    def aggregation_judge(self) -> AggregationJudge:
        """AggregationJudge."""
        return AggregationJudge(self._contracts["AggregationJudge"])

    @property
    def availability(self) -> Availability:
        """Availability."""
        return Availability(self._contracts["Availability"])

    @property
    def disputes(self) -> Disputes:
        """Disputes."""
        return Disputes(self._contracts["Disputes"])

    @property
    def emergency_stop(self) -> EmergencyStop:
        """EmergencyStop."""
        return EmergencyStop(self._contracts["EmergencyStop"])

    @property
    def evaluations(self) -> Evaluations:
        """Evaluations."""
        return Evaluations(self._contracts["Evaluations"])

    @property
    def forfeits(self) -> Forfeits:
        """Forfeits."""
        return Forfeits(self._contracts["Forfeits"])

    @property
    def hidden_rounds(self) -> HiddenRounds:
        """HiddenRounds."""
        return HiddenRounds(self._contracts["HiddenRounds"])

    @property
    def model_registry(self) -> ModelRegistry:
        """ModelRegistry."""
        return ModelRegistry(self._contracts["ModelRegistry"])

    @property
    def payout_distributor(self) -> PayoutDistributor:
        """PayoutDistributor."""
        return PayoutDistributor(self._contracts["PayoutDistributor"])

    @property
    def questions(self) -> Questions:
        """Questions."""
        return Questions(self._contracts["Questions"])

    @property
    def reward_pool(self) -> RewardPool:
        """RewardPool."""
        return RewardPool(self._contracts["RewardPool"])

    @property
    def reward_token(self) -> RewardToken:
        """RewardToken."""
        return RewardToken(self._contracts["RewardToken"])

    @property
    def stake_floors(self) -> StakeFloors:
        """StakeFloors."""
        return StakeFloors(self._contracts["StakeFloors"])

    @property
    def stake_vault(self) -> StakeVault:
        """StakeVault."""
        return StakeVault(self._contracts["StakeVault"])

    @property
    def staked_rounds(self) -> StakedRounds:
        """StakedRounds."""
        return StakedRounds(self._contracts["StakedRounds"])

    @property
    def sum_judge(self) -> SumJudge:
        """SumJudge."""
        return SumJudge(self._contracts["SumJudge"])

    @property
    def terms_rules(self) -> TermsRules:
        """TermsRules."""
        return TermsRules(self._contracts["TermsRules"])

    @property
    def timelock(self) -> Timelock:
        """Timelock."""
        return Timelock(self._contracts["Timelock"])

    @property
    def token_list(self) -> TokenList:
        """TokenList."""
        return TokenList(self._contracts["TokenList"])

    @property
    def training_rounds(self) -> TrainingRounds:
        """TrainingRounds."""
        return TrainingRounds(self._contracts["TrainingRounds"])

    @property
    def version_judge(self) -> VersionJudge:
        """VersionJudge."""
        return VersionJudge(self._contracts["VersionJudge"])

    @property
    def weighted_payouts(self) -> WeightedPayouts:
        """WeightedPayouts."""
        return WeightedPayouts(self._contracts["WeightedPayouts"])
