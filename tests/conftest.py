"""Fixtures that every Python test may use: real chains on loopback, accounts, deployments."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from deployed_scenario import DeployedScenario
from hypothesis import HealthCheck, settings
from tests_roles import HOSPITAL, OWNER, PUBLISHER, STRANGER

from registry.chain.deploy import Parameters, SenderExecutor, deploy
from registry.chain.gateway import connect
from registry.chain.transactions import TransactionSender
from registry.devnet.chains import ChainProcess, start_anvil
from registry.devnet.network import fund

os.environ.pop("TALLY_KEY", None)
os.environ.pop("TALLY_KEYSTORE", None)

# A busy machine isn't a wrong result: no example is timed, and none is left out for taking long.
settings.register_profile("daily", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("daily"), max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "daily"))

# What starts a process: a chain, a node, a command.
PROCESSES = {
    "federation_on_a_chain",
    "start_anvil",
    "start_ganache",
    "start_kubo",
    "start_network",
    "subprocess",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test `process` that starts one, or whose module, fixtures or their modules do."""
    for item in items:
        if isinstance(item, pytest.Function) and _starts_a_process(item):
            item.add_marker("process")


def _starts_a_process(item: pytest.Function) -> bool:
    defined = item._fixtureinfo.name2fixturedefs
    fixtures = [found[-1].func for name in item.fixturenames if (found := defined.get(name))]
    return any(PROCESSES & _globals(function).keys() for function in (item.function, *fixtures))


def _globals(function: object) -> dict[str, object]:
    return getattr(function, "__globals__", {})


@pytest.fixture(scope="session")
def anvil() -> Iterator[ChainProcess]:
    """A chain for all tests of the session; each test's changes are undone."""
    with start_anvil() as chain:
        yield chain


@pytest.fixture(scope="session")
def deployed(anvil: ChainProcess, tmp_path_factory: pytest.TempPathFactory) -> DeployedScenario:
    """The contracts, deployed once."""
    folder = tmp_path_factory.mktemp("world")
    gateway = connect(anvil.url)
    for role in (OWNER, PUBLISHER, HOSPITAL, STRANGER):
        fund(gateway, role.address, 100 * 10**18, folder)
    executor = SenderExecutor(TransactionSender(gateway, OWNER, folder))
    parameters = Parameters(activation_delay=0)
    deployment = deploy(gateway, executor, folder / "deployments", parameters)
    return DeployedScenario(gateway, deployment, folder, folder / "deployments")


@pytest.fixture
def world(deployed: DeployedScenario) -> Iterator[DeployedScenario]:
    """The deployment as it was; what a test does to the chain is undone after it."""
    snapshot = deployed.gateway.request("evm_snapshot", [])
    yield deployed
    deployed.gateway.request("evm_revert", [snapshot])
