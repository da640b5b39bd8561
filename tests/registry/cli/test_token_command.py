"""`tally token`: what an account holds, sends and lets others take."""

from __future__ import annotations

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import OWNER, STRANGER


@pytest.fixture
def token(world: DeployedScenario) -> str:
    """The reward token, of which the owner holds some."""
    return world.deployment.address("RewardToken")


def held(tally: Tally, account: str) -> int:
    """Returns what an account holds, as the command says."""
    return int(tally.json("token", "balance", "--account", account)["balance"])


def test_what_is_sent_arrives(tally: Tally, token: str) -> None:
    before, own = held(tally, STRANGER.address), held(tally, OWNER.address)
    sent = tally.json("token", "send", STRANGER.address, "25")
    assert sent == {
        "to": STRANGER.address,
        "token": token,
        "amount": "25",
        "left": str(own - 25),
    }
    assert held(tally, STRANGER.address) == before + 25


def test_a_balance_is_told_in_names_and_values(tally: Tally, token: str) -> None:
    said = tally.told("token", "balance").splitlines()
    assert said[0] == f"account  {OWNER.address}"
    assert said[1] == f"token    {token}"
    assert [line.split()[0] for line in said[2:]] == ["balance", "wei"]


def test_a_contract_is_approved_by_name_for_exactly_that(
    tally: Tally, world: DeployedScenario
) -> None:
    vault = world.deployment.address("StakeVault")
    assert tally.json("token", "approve", "StakeVault", "7")["spender"] == vault
    contract = world.contract("RewardToken")
    assert contract.read("allowance", OWNER.address, vault) == 7
    tally.told("token", "approve", vault, "0")
    assert contract.read("allowance", OWNER.address, vault) == 0


def test_more_than_there_is_cannot_be_sent(tally: Tally) -> None:
    said = tally.refused("token", "send", STRANGER.address, str(2**200), code=4)
    assert said.startswith(f"tally: ERC20InsufficientBalance: {OWNER.address} has ")
    assert "send it the token: `tally token send`" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["send", "0x12", "1"], "expected an address of 0x and 40"),
        (["send", STRANGER.address, "0"], "AMOUNT: expected 1 or more, got 0"),
        (["send", STRANGER.address, "1.5"], "AMOUNT: expected a whole number, got '1.5'"),
        (["approve", "Nobody", "1"], "expected an address of 0x and 40"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_sent_or_approved_is_refused(
    tally: Tally, words: list[str], says: str
) -> None:
    assert says in tally.refused("token", *words, code=2)


def test_nobody_sends_without_a_key(tally: Tally) -> None:
    tally.signer = None
    for words in (["send", STRANGER.address, "1"], ["approve", "StakeVault", "1"]):
        assert "a key is needed" in tally.refused("token", *words, code=2)
