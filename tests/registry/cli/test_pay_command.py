"""`tally train pay` posts what is owed, or says that nothing is."""

from __future__ import annotations

from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import OWNER


def test_without_a_final_round_there_is_nothing_to_pay(
    tally: Tally, world: DeployedScenario
) -> None:
    world.contract("ModelRegistry", OWNER).write("register", "unpaid", 0, bytes(32))
    said = tally.refused("train", "pay", "unpaid", code=9)
    token = world.deployment.address("RewardToken")
    assert f"no final round with a budget in token {token}: there is nothing to pay" in said
