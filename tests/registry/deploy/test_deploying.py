"""Deploying: cut anywhere and run again, it makes each contract once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chain_parties import Forward, PowerCut, WatchedGateway
from deployed_scenario import DeployedScenario
from tests_roles import OWNER

from registry.chain.contracts import Contract
from registry.chain.deploy import PLAN, Parameters, SenderExecutor, deploy
from registry.chain.deployment_plan import CIRCLE
from registry.chain.deployments import Deployment, load_deployment
from registry.chain.gateway import Gateway, connect
from registry.chain.transactions import TransactionSender
from registry.devnet import fund, start_anvil
from registry.errors import ChainError, ConfigError, WrongChain

Around = Callable[[str, list[Any], Forward], Any]
NAMES = [step.contract for step in PLAN]


def carry_out(
    gateway: Gateway, folder: Path, around: Around | None = None, parameters: Any = None
) -> Deployment:
    """Deploys as the owner, over a connection on which `around` acts."""
    watched = WatchedGateway.over(gateway, around) if around else gateway
    executor = SenderExecutor(TransactionSender(watched, OWNER, folder / "state"))
    return deploy(watched, executor, folder / "deployments", parameters)


def sent_by_owner(gateway: Gateway) -> int:
    """How many transactions of the owner's are in blocks."""
    return int(gateway.request("eth_getTransactionCount", [OWNER.address, "latest"]), 16)


def cut_at(method: str, number: int, *, after: bool) -> Around:
    """Cuts the power at the `number`-th request of a kind, before or after the node has it."""
    seen = 0

    def around(name: str, params: list[Any], forward: Forward) -> Any:
        nonlocal seen
        seen += name == method
        cut = name == method and seen == number
        answer = None if cut and not after else forward()
        if cut:
            raise PowerCut
        return answer

    return around


def test_the_plan_is_carried_out_in_its_order_with_the_contracts_tied_together(
    world: DeployedScenario, tmp_path: Path
) -> None:
    chosen = Parameters(token_supply=77, activation_delay=5, claim_period=6, unbonding_delay=7)
    deployment = carry_out(world.gateway, tmp_path, parameters=chosen)
    blocks = [deployment.contracts[name].block for name in NAMES]
    assert blocks == sorted(blocks)
    assert deployment.first_block == blocks[0]
    at = {n: Contract(n, deployment.address(n), world.gateway) for n in NAMES}
    assert at["RewardToken"].read("balanceOf", OWNER.address) == 77
    timelock = at["Timelock"].address
    assert at["Timelock"].read("getMinDelay") == 2 * 86_400
    assert at["EmergencyStop"].read("governor") == timelock
    assert at["EmergencyStop"].read("guardian") == OWNER.address
    assert at["ModelRegistry"].read("governor") == at["TokenList"].read("governor") == timelock
    assert at["RewardToken"].read("minter") == timelock
    assert at["TokenList"].read("leastStake", at["RewardToken"].address) == 1
    assert at["PayoutDistributor"].read("emergencyStop") == at["EmergencyStop"].address
    assert at["PayoutDistributor"].read("registry") == at["ModelRegistry"].address
    assert at["PayoutDistributor"].read("activationDelay") == 5
    assert at["RewardPool"].read("distributor") == at["PayoutDistributor"].address
    assert at["TrainingRounds"].read("pool") == at["RewardPool"].address
    assert at["StakeVault"].read("unbondingDelay") == 7
    assert at["StakeVault"].read("tokens") == at["TokenList"].address


@pytest.mark.parametrize("name", ["timelock_delay", "activation_delay"])
def test_only_a_chain_of_one_s_own_may_have_no_delay(tmp_path: Path, name: str) -> None:
    asked: dict[str, Any] = {name: 0}
    with start_anvil(0, 4242) as chain:
        gateway = connect(chain.url)
        with pytest.raises(ConfigError, match=rf"--{name.replace('_', '-')}: expected 1 to \d+"):
            carry_out(gateway, tmp_path, parameters=Parameters(**asked))
        assert sent_by_owner(gateway) == 0


TIES = {
    "TermsRules": {"stakedRounds": "StakedRounds"},
    "TrainingRounds": {
        "stakedRounds": "StakedRounds",
        "emergencyStop": "EmergencyStop",
        "hiddenRounds": "HiddenRounds",
    },
    "StakeVault": {"tokens": "TokenList"},
    "StakeFloors": {"tokens": "TokenList", "evaluations": "Evaluations"},
    "StakedRounds": {
        "registry": "ModelRegistry",
        "rounds": "TrainingRounds",
        "vault": "StakeVault",
        "pots": "WeightedPayouts",
        "emergencyStop": "EmergencyStop",
        "disputes": "Disputes",
        "questions": "Questions",
        "evaluations": "Evaluations",
        "availability": "Availability",
        "floors": "StakeFloors",
    },
    "Disputes": {
        "rounds": "StakedRounds",
        "judge": "AggregationJudge",
        "versionJudge": "VersionJudge",
        "sumJudge": "SumJudge",
    },
    "Questions": {
        "rounds": "StakedRounds",
        "vault": "StakeVault",
        "hiddenRounds": "HiddenRounds",
    },
    "Evaluations": {"staked": "StakedRounds", "vault": "StakeVault"},
    "Availability": {"staked": "StakedRounds", "rounds": "TrainingRounds"},
    "WeightedPayouts": {"staked": "StakedRounds", "rounds": "TrainingRounds"},
    "HiddenRounds": {
        "rounds": "TrainingRounds",
        "staked": "StakedRounds",
        "questions": "Questions",
    },
    "SumJudge": {"hiddenRounds": "HiddenRounds"},
}


@pytest.mark.parametrize("name", TIES)
def test_f19_who_may_take_stakes_is_tied_for_good(world: DeployedScenario, name: str) -> None:
    contract, address = world.contract(name), world.deployment.address
    ties = TIES[name]
    assert {n: contract.read(n) for n in ties} == {n: address(c) for n, c in ties.items()}


def test_f19_the_vault_offers_the_deployments_controllers_alone(world: DeployedScenario) -> None:
    vault, offered = world.contract("StakeVault"), ("StakedRounds", "Questions", "Evaluations")
    told = {n for n in NAMES if vault.read("isOffered", world.deployment.address(n))}
    assert told == set(offered)


@pytest.mark.parametrize("made", [1, 5, len(CIRCLE) - 1])
def test_a_circle_that_something_came_between_is_made_anew(
    world: DeployedScenario, tmp_path: Path, made: int
) -> None:
    number = len(NAMES) - len(CIRCLE) + made + 1
    with pytest.raises(PowerCut):
        carry_out(world.gateway, tmp_path, cut_at("eth_sendRawTransaction", number, after=False))
    path = tmp_path / "deployments" / f"{world.gateway.chain_id}.json"
    left = json.loads(path.read_text())
    del left["pending"][NAMES[number - 1]]  # it never left
    path.write_text(json.dumps(left, indent=2, sort_keys=True) + "\n")
    world.gateway.request("anvil_setBalance", [OWNER.address, hex(10**21)])
    TransactionSender(world.gateway, OWNER, tmp_path / "other").send(OWNER.address, b"")
    finished = carry_out(world.gateway, tmp_path)
    assert load_deployment(path, world.gateway) == finished
    for name in CIRCLE[:made]:
        assert finished.address(name) != left["contracts"][name]["address"]
    staked = Contract("StakedRounds", finished.address("StakedRounds"), world.gateway)
    for tie, name in TIES["StakedRounds"].items():
        assert staked.read(tie) == finished.address(name)


@pytest.mark.parametrize("number", range(1, len(NAMES) + 1))
@pytest.mark.parametrize("after", [False, True], ids=["before sending", "after sending"])
def test_t11_a_cut_at_any_contract_is_finished_by_the_next_run(
    world: DeployedScenario, tmp_path: Path, number: int, after: bool
) -> None:
    before = sent_by_owner(world.gateway)
    with pytest.raises(PowerCut):
        carry_out(world.gateway, tmp_path, cut_at("eth_sendRawTransaction", number, after=after))
    path = tmp_path / "deployments" / f"{world.gateway.chain_id}.json"
    left = json.loads(path.read_text())
    assert list(left["pending"]) == [NAMES[number - 1]]
    assert len(left["contracts"]) == number - 1
    with pytest.raises(ConfigError, match="was cut; run `tally deploy`"):
        load_deployment(path, world.gateway)
    finished = carry_out(world.gateway, tmp_path)
    assert sent_by_owner(world.gateway) == before + len(NAMES)
    assert finished.pending == {}
    assert load_deployment(path, world.gateway) == finished
    for name, entry in left["contracts"].items():
        assert finished.contracts[name].transaction == entry["transaction"]


def test_a_deployment_that_is_finished_is_left_as_it_is(
    world: DeployedScenario, tmp_path: Path
) -> None:
    first = carry_out(world.gateway, tmp_path)
    path = tmp_path / "deployments" / f"{world.gateway.chain_id}.json"
    text, before = path.read_bytes(), sent_by_owner(world.gateway)
    assert carry_out(world.gateway, tmp_path) == first
    assert (path.read_bytes(), sent_by_owner(world.gateway)) == (text, before)


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Gateway]:
    """A chain that mines only when it is told to."""
    with start_anvil() as chain:
        gateway = connect(chain.url)
        fund(gateway, OWNER.address, 10**18, tmp_path / "funds")
        gateway.request("evm_setAutomine", [False])
        yield gateway


def test_t12_a_creation_that_is_on_its_way_is_waited_for_not_repeated(
    idle: Gateway, tmp_path: Path
) -> None:
    with pytest.raises(PowerCut):
        carry_out(idle, tmp_path, cut_at("eth_sendRawTransaction", 1, after=True))
    path = tmp_path / "deployments" / f"{idle.chain_id}.json"
    (waiting,) = json.loads(path.read_text())["pending"].values()

    def around(name: str, params: list[Any], forward: Forward) -> Any:
        answer = forward()
        if name in ("eth_getTransactionByHash", "eth_sendRawTransaction"):
            idle.request("evm_mine", [])
        return answer

    finished = carry_out(idle, tmp_path, around)
    assert finished.contracts[NAMES[0]].transaction == waiting
    assert sent_by_owner(idle) == len(NAMES)


def test_t4_on_a_local_chain_that_was_restarted_the_plan_starts_over(
    world: DeployedScenario, tmp_path: Path
) -> None:
    genesis = world.gateway.request("evm_snapshot", [])
    first = carry_out(world.gateway, tmp_path)
    world.gateway.request("evm_revert", [genesis])
    again = carry_out(world.gateway, tmp_path)
    assert set(again.contracts) == set(first.contracts)
    assert load_deployment(
        tmp_path / "deployments" / f"{world.gateway.chain_id}.json", world.gateway
    )


def test_t4_on_another_chain_nothing_is_sent_when_the_contracts_are_gone(tmp_path: Path) -> None:
    with start_anvil(0, 4242) as chain:
        gateway = connect(chain.url)
        fund(gateway, OWNER.address, 10**18, tmp_path / "funds")
        clean = gateway.request("evm_snapshot", [])
        carry_out(gateway, tmp_path)
        gateway.request("evm_revert", [clean])
        with pytest.raises(WrongChain, match="move the file away"):
            carry_out(gateway, tmp_path)
        assert sent_by_owner(gateway) == 0


def test_a_deployer_without_funds_is_told_so_and_finishes_when_it_has_some(
    world: DeployedScenario, tmp_path: Path
) -> None:
    world.gateway.request("anvil_setBalance", [OWNER.address, "0x0"])
    with pytest.raises(ChainError, match="Insufficient funds"):
        carry_out(world.gateway, tmp_path)
    world.gateway.request("anvil_setBalance", [OWNER.address, hex(10**18)])
    assert set(carry_out(world.gateway, tmp_path).contracts) == set(NAMES)
