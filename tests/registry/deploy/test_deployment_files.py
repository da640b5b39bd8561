"""A deployment's file is believed only as far as the chain and this package agree with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chain_parties import ChainScenario, WatchedGateway
from deployed_scenario import DeployedScenario
from eth_utils.address import to_checksum_address
from tests_roles import OWNER

from registry.chain.deployments import deployment_path, load_deployment
from registry.chain.gateway import connect
from registry.client import RegistryClient
from registry.config import Settings
from registry.devnet import start_anvil
from registry.errors import ConfigError, WrongChain

Change = Callable[[dict[str, Any]], object]


def changed(world: DeployedScenario, folder: Path, change: Change) -> Path:
    """A copy of the session's deployment file with one change."""
    path = deployment_path(folder, world.gateway.chain_id)
    data = json.loads(deployment_path(world.deployments, world.gateway.chain_id).read_text())
    change(data)
    path.write_text(json.dumps(data))
    return path


def entry(name: str, field: str, value: object) -> Change:
    """Sets one field of a contract's entry."""
    return lambda data: data["contracts"][name].update({field: value})


def test_an_untouched_file_is_read_as_it_was_written(
    world: DeployedScenario, tmp_path: Path
) -> None:
    path = changed(world, tmp_path, lambda data: None)
    assert load_deployment(path, world.gateway) == world.deployment


def test_saving_and_loading_gives_the_same_deployment(
    world: DeployedScenario, tmp_path: Path
) -> None:
    path = deployment_path(tmp_path / "new", world.gateway.chain_id)
    world.deployment.save(path)
    assert load_deployment(path, world.gateway) == world.deployment
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("field", ["abi_hash", "bytecode_hash"])
def test_contracts_of_another_version_of_the_package_are_refused(
    world: DeployedScenario, tmp_path: Path, field: str
) -> None:
    path = changed(world, tmp_path, entry("RewardPool", field, "0x" + "ab" * 32))
    what = {"abi_hash": "interface", "bytecode_hash": "bytecode"}[field]
    with pytest.raises(ConfigError, match=f"RewardPool was deployed with another {what}"):
        load_deployment(path, world.gateway)


@pytest.mark.parametrize(
    "change",
    [
        entry("RewardPool", "code_hash", "0x" + "ab" * 32),
        entry("RewardPool", "address", to_checksum_address("0x" + "00" * 19 + "b0")),
        lambda data: entry("RewardPool", "address", data["contracts"]["RewardToken"]["address"])(
            data
        ),
    ],
    ids=["another hash", "an address without code", "another contract's address"],
)
def test_t4_an_address_with_other_code_is_refused(
    world: DeployedScenario, tmp_path: Path, change: Change
) -> None:
    path = changed(world, tmp_path, change)
    with pytest.raises(WrongChain, match="expected the code of RewardPool"):
        load_deployment(path, world.gateway)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(format="tallystick/deployment/2"),
        lambda data: data.pop("genesis"),
        lambda data: data.update(chain_id="here"),
        lambda data: data["contracts"]["RewardPool"].pop("block"),
        lambda data: data["contracts"]["RewardPool"].update(owner="me"),
        lambda data: data.update(contracts=[]),
        entry("RewardPool", "address", "0x12"),
        entry("RewardPool", "code_hash", 7),
        entry("RewardPool", "block", "7"),
        lambda data: data["contracts"].update(Bank=data["contracts"]["RewardPool"]),
    ],
    ids=[
        "format",
        "no genesis",
        "chain id",
        "no block",
        "extra",
        "list",
        "address",
        "hash",
        "block",
        "name",
    ],
)
def test_a_malformed_file_is_refused(
    world: DeployedScenario, tmp_path: Path, change: Change
) -> None:
    with pytest.raises(ConfigError):
        load_deployment(changed(world, tmp_path, change), world.gateway)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"'])
def test_a_file_that_is_no_json_object_is_refused_with_the_remedy(
    world: DeployedScenario, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "31337.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"not a deployment file .*tally deploy"):
        load_deployment(path, world.gateway)


def test_a_missing_file_is_refused_with_the_remedy(world: DeployedScenario, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no deployment at .*run `tally deploy`"):
        load_deployment(tmp_path / "31337.json", world.gateway)


def test_t4_a_restarted_chain_is_another_one(world: DeployedScenario) -> None:
    path = deployment_path(world.deployments, world.gateway.chain_id)
    with start_anvil(0, 31337, 1, "--timestamp", "1700000000") as chain:
        restarted = connect(chain.url)
        with pytest.raises(WrongChain, match="a restarted local chain is a new one"):
            load_deployment(path, restarted)


def test_t4_a_reorg_that_removes_the_deployment_is_noticed_and_nothing_is_written(
    world: DeployedScenario, tmp_path: Path
) -> None:
    before = world.gateway.request("evm_snapshot", [])
    with ChainScenario.deployed(world.gateway, OWNER, tmp_path) as place:
        settings = place.settings(OWNER)
        place.gateway.request("evm_revert", [before])
        with pytest.raises(WrongChain, match="re-organised"):
            RegistryClient.open(settings, OWNER)


def test_every_opening_checks_the_file(world: DeployedScenario, tmp_path: Path) -> None:
    changed(world, tmp_path, entry("ModelRegistry", "abi_hash", "0x" + "00" * 32))
    settings = Settings(world.gateway.url, str(tmp_path / "blobs"), tmp_path, tmp_path)
    with pytest.raises(ConfigError, match="another interface"):
        RegistryClient.open(settings)


def test_a_contract_that_is_not_in_the_file_is_named(
    world: DeployedScenario, tmp_path: Path
) -> None:
    path = changed(world, tmp_path, lambda data: data["contracts"].pop("RewardPool"))
    deployment = load_deployment(path, WatchedGateway.over(world.gateway, lambda n, p, f: f()))
    with pytest.raises(ConfigError, match="RewardPool is not deployed on chain 31337"):
        deployment.address("RewardPool")
