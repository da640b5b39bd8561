"""One federation for all tests of the audit, on a chain of its own; what a test does is undone."""

from __future__ import annotations

from collections.abc import Iterator

import cheating_proposers as proposers
import pytest
import torch
from audited_federation import AuditedFederation, build
from chain_federation import undone
from chain_parties import ChainScenario
from staked_federation import CHEAT, WATCHER, StakedFederation, federation_on_a_chain
from tests_roles import OWNER

from registry.chain.gateway import connect
from registry.devnet import fund, start_anvil


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditedFederation]:
    """The federation, built once."""
    work, threads = tmp_path_factory.mktemp("audited"), torch.get_num_threads()
    torch.set_num_threads(1)
    with start_anvil() as chain:
        gateway = connect(chain.url)
        fund(gateway, OWNER.address, 100 * 10**18, work)
        with ChainScenario.deployed(gateway, OWNER, work) as place:
            yield build(place, OWNER)
    torch.set_num_threads(threads)


@pytest.fixture
def audited(built: AuditedFederation) -> Iterator[AuditedFederation]:
    """The federation as it was built."""
    with undone(built.federation.place.gateway):
        yield built


@pytest.fixture(scope="package")
def disputed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StakedFederation]:
    """Two rejected proposals, one after questions, for which holders pay; a third stands.

    An exit is on its way.
    """
    with federation_on_a_chain(tmp_path_factory.mktemp("disputed")) as made:
        round_id, board = made.revealed(), made.board()
        made.proposer(CHEAT, proposers.wrong_sum()).propose(round_id)
        made.watcher().step(round_id)
        made.proposer(CHEAT, proposers.withheld(proposers.wrong_sum())).propose(round_id)
        made.certify_result(round_id)  # by holders that looked at nothing
        made.until(made.watcher(), round_id, lambda: board.state(round_id).standing is None)
        made.proposer().propose(round_id)
        made.certify_result(round_id)
        assert len(made.owner.availability.burn_for_result(round_id)) == 2
        made.client(WATCHER).stakes.request_exit(77)
        yield made
