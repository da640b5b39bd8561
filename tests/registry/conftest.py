"""A staked round on a chain of its own, which every test finds as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chain_parties import ChainScenario
from staked_scenario import StakedScenario
from tests_roles import OWNER, STRANGER

from registry.chain.gateway import connect
from registry.devnet.chains import start_anvil


@pytest.fixture(scope="module")
def proposal_scenario(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[StakedScenario, bytes]]:
    """A scene, and the round in which everybody has revealed."""
    work = tmp_path_factory.mktemp("staked")
    with start_anvil() as chain:
        gateway = connect(chain.url)
        ChainScenario(gateway, work, "", work).fund(OWNER, STRANGER)
        with ChainScenario.deployed(gateway, OWNER, work) as place:
            scene = StakedScenario(place)
            yield scene, scene.revealed()


@pytest.fixture
def staked(proposal_scenario: tuple[StakedScenario, bytes]) -> Iterator[StakedScenario]:
    """The scene; what a test does to the chain is undone after it."""
    scene, _ = proposal_scenario
    snapshot = scene.place.gateway.request("evm_snapshot", [])
    yield scene
    scene.place.gateway.request("evm_revert", [snapshot])


@pytest.fixture
def round_id(proposal_scenario: tuple[StakedScenario, bytes]) -> bytes:
    """The round in which everybody has revealed."""
    return proposal_scenario[1]
