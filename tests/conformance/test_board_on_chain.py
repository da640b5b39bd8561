"""What every board promises, promised by the chain's: the same suite on a real Anvil.

The tests are those of `test_board_conformance.py`, loaded as they are; only the stage is another.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chain_federation import undone
from chain_parties import ChainScenario, TurnedClock
from deployed_scenario import DeployedScenario
from tests_roles import OWNER as SUPPLIER

from registry.chain.contracts import Contract
from registry.signing import LocalSigner
from registry.types import ZERO_ID
from trainer.adapters.registry_board import RegistryBoard
from trainer.ports import RoundBoard
from trainer.types import RoundTerms


def _loaded() -> Any:
    spec = importlib.util.spec_from_file_location(
        "board_suite", Path(__file__).with_name("test_board_conformance.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look their types up
    spec.loader.exec_module(module)
    return module


SUITE = _loaded()
SIGNERS = [LocalSigner.from_key(bytes(31) + bytes([index])) for index in range(21, 26)]
globals().update({name: test for name, test in vars(SUITE).items() if name.startswith("test_")})


class ChainStage(SUITE.BatchScenario):  # type: ignore[misc, name-defined]
    """A stage whose rounds pay in a token that exists."""

    token = ""

    def terms(self, **changes: object) -> RoundTerms:
        """Terms for two or three participants."""
        chosen = {"reward_token": self.token, **changes}
        return super().terms(**chosen)  # type: ignore[no-any-return]


def _boards(place: ChainScenario) -> Callable[[str], RoundBoard]:
    """Returns each account's board, opened once."""
    signers = {signer.address: signer for signer in SIGNERS}
    opened: dict[str, RoundBoard] = {}

    def board(account: str) -> RoundBoard:
        if account not in opened:
            opened[account] = RegistryBoard(place.client(signers[account]))
        return opened[account]

    return board


@pytest.fixture(scope="module")
def prepared(
    deployed: DeployedScenario, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ChainScenario]:
    """Funded accounts and the owner's model with a version, made once and undone at the end."""
    work = tmp_path_factory.mktemp("boards")
    with (
        undone(deployed.gateway),
        ChainScenario(deployed.gateway, deployed.deployments, str(work / "blobs"), work) as place,
    ):
        for signer in SIGNERS:
            deployed.gateway.request("anvil_setBalance", [signer.address, hex(10**20)])
        owner = place.client(SIGNERS[0])
        model = owner.register("model")
        content = (b"\x08" * 32, 0x70)
        owner.connection.contracts["ModelRegistry"].write(
            "publishVersion", model.model_id, 1, content, [], ZERO_ID, ZERO_ID
        )
        token = deployed.deployment.address("RewardToken")
        supplier = Contract("RewardToken", token, deployed.gateway, deployed.sender(SUPPLIER))
        supplier.write("transfer", SIGNERS[0].address, 10**6 + 3 * 33_334)  # budget and bond
        yield place


@pytest.fixture
def stage(prepared: ChainScenario) -> Iterator[ChainStage]:
    """A fresh stage: what a test does to the chain is undone."""
    with undone(prepared.gateway):
        client = prepared.client()
        made = ChainStage(
            TurnedClock(prepared.gateway), _boards(prepared), client.models()[0].model_id
        )
        made.token = client.connection.deployment.address("RewardToken")
        yield made


def test_r_6_a_voided_round_gives_its_budget_back(stage: ChainStage) -> None:
    owner = stage.board(SIGNERS[0].address)
    round_id = owner.open_round(stage.terms(reward_budget=10**6))
    with pytest.raises(SUITE.REFUSED):
        owner.open_round(stage.terms(reward_budget=1))
    owner.void(round_id)
    assert owner.open_round(stage.terms(reward_budget=10**6)) != round_id
