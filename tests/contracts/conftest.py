"""Fixtures of the contract tests: a deployment, named roles, and reverts by name and arguments."""

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from brownie import (
    EmergencyStop,
    Forfeits,
    HiddenRounds,
    ModelRegistry,
    PayoutDistributor,
    RewardPool,
    RewardToken,
    TermsRules,
    Timelock,
    TokenList,
    TrainingRounds,
    chain,
)
from brownie.exceptions import VirtualMachineError

ZERO = "0x" + "00" * 32
DAG_PB = 0x70
RAW = 0x55
ACTIVATION_DELAY = 3600
CLAIM_PERIOD = 90 * 86400
TIMELOCK_DELAY = 2 * 86400
STOP_PERIOD = 730 * 86400
MINT_CAP = 1000
EPOCH = 365 * 86400
STAKED_ROUNDS = "0x" + "57" * 20  # where rounds under stake would be coordinated from


def word(number: int) -> str:
    """Returns a 32-byte value that differs for each number."""
    return "0x" + number.to_bytes(32, "big").hex()


@contextmanager
def refused(name: str, *arguments: Any):
    """Expects a revert with this error and exactly these arguments."""
    with pytest.raises(VirtualMachineError) as caught:
        yield
    message = caught.value.revert_msg or ""
    found, _, rest = message.partition(": ")
    assert found == name, f"expected {name}, got {message}"
    assert rest == ", ".join(_shown(a) for a in arguments), message


@contextmanager
def refused_early(name: str, *arguments: Any):
    """Expects a revert with this error and these arguments, then the block's own time."""
    with pytest.raises(VirtualMachineError) as caught:
        yield
    *shown, block_time = (caught.value.revert_msg or "").rsplit(", ", 1)
    assert shown == [f"{name}: " + ", ".join(_shown(a) for a in arguments)]
    assert int(block_time) == chain[-1].timestamp


def _shown(value: Any) -> str:
    """Returns an argument as brownie prints it: 32 bytes raw, an address in small letters."""
    text = str(value)
    if text.startswith("0x"):
        return str(bytes.fromhex(text[2:])) if len(text) == 66 else text.lower()
    return text


@dataclass
class Roles:
    """Accounts by what they do."""

    owner: Any
    publisher: Any
    hospital: Any
    clinic: Any
    stranger: Any


@pytest.fixture(scope="session", autouse=True)
def short_collections():
    """Puts what is loaded out of the collector's reach: brownie runs it at every undo."""
    gc.freeze()


@pytest.fixture(scope="session")
def roles(accounts):
    """Named accounts."""
    return Roles(accounts[0], accounts[1], accounts[2], accounts[3], accounts[9])


@pytest.fixture(scope="module")
def timelock(roles):
    """Who decides: the owner proposes and executes."""
    return Timelock.deploy(TIMELOCK_DELAY, roles.owner, {"from": roles.owner})


@pytest.fixture(scope="module")
def stop(timelock, roles):
    """The emergency stop, which the clinic guards."""
    return EmergencyStop.deploy(timelock, roles.clinic, STOP_PERIOD, {"from": roles.owner})


@pytest.fixture(scope="module")
def registry(timelock, roles):
    """The registry."""
    return ModelRegistry.deploy(timelock, {"from": roles.owner})


@pytest.fixture(scope="module")
def token(timelock, roles):
    """The reward token; the owner holds the supply."""
    made = "Reward", "TALLY", roles.owner, 10**24, timelock, MINT_CAP, EPOCH
    return RewardToken.deploy(*made, {"from": roles.owner})


@pytest.fixture(scope="module")
def tokens(timelock, token, roles):
    """The tokens that count as stake: the reward token, from 5 units on."""
    return TokenList.deploy(timelock, [token], [5], {"from": roles.owner})


@pytest.fixture(scope="module")
def distributor(registry, stop, roles):
    """The payouts."""
    made = registry, ACTIVATION_DELAY, CLAIM_PERIOD, stop
    return PayoutDistributor.deploy(*made, {"from": roles.owner})


@pytest.fixture
def decide(timelock, roles):
    """Returns a function that carries a call out through the timelock, delay and all."""

    def make(target: Any, call: str) -> Any:
        by = {"from": roles.owner}
        timelock.schedule(target, 0, call, ZERO, ZERO, TIMELOCK_DELAY, by)
        reach(chain[-1].timestamp + TIMELOCK_DELAY)
        return timelock.execute(target, 0, call, ZERO, ZERO, by)

    return make


@pytest.fixture(scope="module")
def pool(distributor, roles):
    """The budgets of open rounds."""
    return RewardPool.deploy(distributor, {"from": roles.owner})


@pytest.fixture(scope="module")
def forfeits(roles):
    """What coordinators put up."""
    return Forfeits.deploy({"from": roles.owner})


@pytest.fixture(scope="module")
def rules(roles):
    """Which terms open a round."""
    return TermsRules.deploy(STAKED_ROUNDS, 1, {"from": roles.owner})


@pytest.fixture(scope="module")
def both_rounds(registry, pool, forfeits, rules, stop, roles):
    """The rounds, and which of them are hidden: each knows the other."""
    by = {"from": roles.owner}
    hidden = roles.owner.get_deployment_address(roles.owner.nonce + 1)
    known = registry, pool, forfeits, rules, stop, STAKED_ROUNDS, hidden
    rounds = TrainingRounds.deploy(*known, by)
    made = HiddenRounds.deploy(rounds, STAKED_ROUNDS, STAKED_ROUNDS, by)
    assert made.address == hidden
    return rounds, made


@pytest.fixture(scope="module")
def rounds(both_rounds):
    """The rounds."""
    return both_rounds[0]


@pytest.fixture(scope="module")
def hidden_rounds(both_rounds):
    """Which of the rounds are hidden."""
    return both_rounds[1]


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    """Undoes what a test does to the chain."""


@pytest.fixture(scope="module")
def model(registry, roles):
    """A private model with one version."""
    registry.register("tumour-net", 1, ZERO, {"from": roles.owner})
    model_id = str(registry.modelIdOf(roles.owner, "tumour-net"))
    registry.publishVersion(model_id, 1, (word(1), DAG_PB), [], ZERO, ZERO, {"from": roles.owner})
    return model_id


@pytest.fixture
def terms(model, token):
    """Returns a function that makes a round's terms from now on, with changes."""

    def make(**changes: Any) -> tuple:
        now = chain[-1].timestamp
        fields = {
            "modelId": model,
            "baseVersion": 1,
            "strategy": "0x" + b"fedavg".ljust(32, b"\0").hex(),
            "documentDigest": word(7),
            "lattice": (16, -16, 8, 0),
            "enrolmentDeadline": now + 1000,
            "commitDeadline": now + 2000,
            "revealDeadline": now + 3000,
            "proposalDeadline": now + 4000,
            "challengeWindow": 500,
            "minimumParticipants": 1,
            "maximumParticipants": 2,
            "allowListRoot": ZERO,
            "weightCap": 1000,
            "rewardToken": token.address,
            "rewardBudget": 10**18,
        }
        assert set(changes) <= {*fields, "forfeit"}
        chosen = {**fields, **changes}
        seats = 10 * chosen["maximumParticipants"]
        least = -(-chosen["rewardBudget"] // seats)
        return tuple({**chosen, "forfeit": changes.get("forfeit", least)}.values())

    return make


@pytest.fixture
def open_round(rounds, token, roles, terms, model):
    """Returns a function that opens a round and gives its id."""

    def make(**changes: Any) -> str:
        made = terms(**changes)
        money = made[-2] + made[-1] * made[11]
        if money:
            token.approve(rounds, money, {"from": roles.owner})
        rounds.openRound(made, {"from": roles.owner})
        number = 1
        while rounds.phaseOf(rounds.roundIdOf(model, number + 1)) != 0:
            number += 1
        return str(rounds.roundIdOf(model, number))

    return make


def opening(seed: int, weight: int = 10) -> tuple:
    """Returns an opening that differs for each seed."""
    return (word(seed * 4 + 1), word(seed * 4 + 2), weight, word(seed * 4 + 3))


def reach(moment: int) -> None:
    """Moves the chain's clock to a moment."""
    chain.sleep(max(0, moment - chain[-1].timestamp))
    chain.mine()
