"""A staked round on a chain of its own, which every test finds as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chain_parties import Place
from staked_scene import StakedScene
from tests_roles import OWNER, STRANGER

from registry.chain.gateway import connect
from registry.devnet.chains import start_anvil


@pytest.fixture(scope="module")
def staked_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StakedScene, bytes]]:
    """A scene, and the round in which everybody has revealed."""
    work = tmp_path_factory.mktemp("staked")
    with start_anvil() as chain:
        gateway = connect(chain.url)
        Place(gateway, work, "", work).fund(OWNER, STRANGER)
        with Place.deployed(gateway, OWNER, work) as place:
            scene = StakedScene(place)
            yield scene, scene.revealed()


@pytest.fixture
def staked(staked_ground: tuple[StakedScene, bytes]) -> Iterator[StakedScene]:
    """The scene; what a test does to the chain is undone after it."""
    scene, _ = staked_ground
    snapshot = scene.place.gateway.request("evm_snapshot", [])
    yield scene
    scene.place.gateway.request("evm_revert", [snapshot])


@pytest.fixture
def round_id(staked_ground: tuple[StakedScene, bytes]) -> bytes:
    """The round in which everybody has revealed."""
    return staked_ground[1]
