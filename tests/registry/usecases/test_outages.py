"""A chain whose sequencer may be down: when disputes end is asked of the contract (F-17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from chain_parties import ChainScenario
from eth_utils.address import to_checksum_address
from staked_scenario import DISPUTE, PROPOSER, StakedScenario
from tests_roles import OWNER

from registry.chain.deployment_parameters import Parameters
from registry.chain.gateway import connect
from registry.chain.reverts import error_classes
from registry.devnet.chains import start_anvil
from trainer.adapters.staked_board import StakedRegistryBoard

ERRORS = error_classes()
FEED = to_checksum_address("0x" + "fe" * 20)
GRACE = 50
# Answers `latestRoundData` with (1, slot 0, slot 1, slot 1, 1): down or up, and since when.
CODE = "0x6001600052600054602052600154604052600154606052600160805260a06000f3"


@dataclass
class Sequencer:
    """Says whether the chain's sequencer is up, on a chain that asks it."""

    scene: StakedScenario

    def set(self, *, down: bool) -> int:
        """Goes down or up at the chain's time; returns that."""
        gateway, now = self.scene.place.gateway, self.scene.clock.now()
        for slot, value in ((0, int(down)), (1, now)):
            words = [FEED, f"0x{slot:064x}", f"0x{value:064x}"]
            gateway.request("anvil_setStorageAt", words)
        return now


@pytest.fixture
def sequencer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequencer]:
    """It is up, on a chain with a grace."""
    work = tmp_path_factory.mktemp("outages")
    with start_anvil() as chain:
        gateway = connect(chain.url)
        gateway.request("anvil_setCode", [FEED, CODE])
        ChainScenario(gateway, work, "", work).fund(OWNER)
        asked = Parameters(activation_delay=0, uptime_feed=FEED, grace=GRACE)
        with ChainScenario.deployed(gateway, OWNER, work, parameters=asked) as place:
            yield Sequencer(StakedScenario(place))


def test_f17_an_outage_after_the_certificate_starts_disputes_anew(sequencer: Sequencer) -> None:
    scene = sequencer.scene
    round_id = scene.revealed()
    rounds = scene.owner.staked_rounds
    assert rounds.disputes_end(round_id) == 0
    assert not rounds.is_in_grace()
    scene.proposed(round_id, scene.tree(round_id))
    standing = rounds.record(round_id).standing
    assert standing is not None
    assert rounds.disputes_end(round_id) == standing.ends_at
    scene.clock.wait_until(scene.clock.now() + 10)
    sequencer.set(down=True)
    assert rounds.disputes_end(round_id) == 2**64 - 1
    up = sequencer.set(down=False)
    assert rounds.is_in_grace()
    again = up + GRACE + DISPUTE
    assert rounds.disputes_end(round_id) == again > standing.ends_at
    board = StakedRegistryBoard(scene.client(PROPOSER))
    seen = board.state(round_id).standing
    assert seen is not None
    assert seen.ends_at == again
    assert board.state(round_id).in_grace
    scene.clock.wait_until(standing.ends_at)
    assert not rounds.is_in_grace()
    with pytest.raises(ERRORS["DisputeWindowOpen"]):
        rounds.settle(round_id)
    scene.clock.wait_until(again)
    rounds.settle(round_id)
    assert rounds.record(round_id).settled
