"""A federation under stake on a chain of its own, which every test finds as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chain_federation import undone
from chain_parties import Place
from staked_federation import StakedFederation
from tests_roles import OWNER

from registry.chain.gateway import connect
from registry.devnet.chains import start_anvil


@pytest.fixture(scope="module")
def staked_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StakedFederation]:
    """The federation; nobody has opened a round."""
    work = tmp_path_factory.mktemp("staked")
    with start_anvil() as chain:
        gateway = connect(chain.url)
        Place(gateway, work, "", work).fund(OWNER)
        with Place.deployed(gateway, OWNER, work) as place:
            yield StakedFederation(place)


@pytest.fixture
def staked(staked_ground: StakedFederation) -> Iterator[StakedFederation]:
    """The same; what a test does to the chain is undone after it."""
    staked_ground.notes.clear()
    with undone(staked_ground.place.gateway):
        yield staked_ground
