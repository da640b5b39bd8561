"""What every board promises of hidden rounds, promised by the chain's: the same suite on Anvil.

The tests are those of `test_hidden_board_conformance.py`, loaded as they are; the stage is that of
`test_board_on_chain.py`. One more: the contract's groups are those that everybody works out.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chain_federation import undone
from chain_parties import ChainScenario, TurnedClock
from hidden_stage import HiddenStage

from trainer.privacy.hidden_terms import HiddenTerms


def _loaded(name: str, file: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(file))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


SUITE = _loaded("hidden_suite", "test_hidden_board_conformance.py")
CHAIN = _loaded("boards_on_chain", "test_board_on_chain.py")
globals().update({name: test for name, test in vars(SUITE).items() if name.startswith("test_")})
prepared = CHAIN.prepared


@pytest.fixture
def stage(prepared: ChainScenario) -> Iterator[HiddenStage]:
    """A fresh stage: what a test does to the chain is undone."""
    with undone(prepared.gateway):
        client = prepared.client()
        made = CHAIN.ChainStage(
            TurnedClock(prepared.gateway), CHAIN._boards(prepared), client.models()[0].model_id
        )
        made.token = client.connection.deployment.address("RewardToken")
        yield HiddenStage(made, SUITE.OWNER)


@pytest.mark.parametrize("terms", [HiddenTerms(), HiddenTerms(degree=2, threshold=2, group_size=2)])
def test_the_contract_has_the_groups_that_everybody_works_out(
    stage: HiddenStage, prepared: ChainScenario, terms: HiddenTerms
) -> None:
    round_id = stage.hidden(terms)
    stage.to_commit(SUITE.STRANGER, SUITE.CLARA, SUITE.ANNA, SUITE.BORIS)
    hidden = prepared.client().connection.chain.hidden_rounds
    state = stage.state()
    assert hidden.order_seed_of(round_id).read() == state.graph.seed
    assert hidden.group_count(round_id).read() == len(state.graph.groups)
    for group, members in enumerate(state.graph.groups):
        found = hidden.group_of(round_id, group).read()
        assert tuple(found.members) == members
        for who in members:
            assert tuple(hidden.place_of(round_id, who).read()) == state.graph.place_of(who)
