"""A federation under stake on a chain of its own, which every test finds as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chain_federation import undone
from staked_federation import StakedFederation, federation_on_a_chain


@pytest.fixture(scope="module")
def proposal_scenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StakedFederation]:
    """The federation; nobody has opened a round."""
    with federation_on_a_chain(tmp_path_factory.mktemp("staked")) as made:
        yield made


@pytest.fixture
def staked(proposal_scenario: StakedFederation) -> Iterator[StakedFederation]:
    """The same; what a test does to the chain is undone after it."""
    proposal_scenario.notes.clear()
    with undone(proposal_scenario.place.gateway):
        yield proposal_scenario
