"""Journey on Ganache: the bytecode that runs on Anvil, deployed by both tools, to a claim."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from chain_federation import BUDGET, MODEL, ChainFederation, undone
from chain_parties import ChainScenario
from tests_roles import HOSPITAL, OWNER, STRANGER

from registry.audit import audit
from registry.chain.artifacts import CONTRACTS
from registry.chain.gateway import Gateway, connect
from registry.chain.reverts import error_classes
from registry.crypto import public_key_of
from registry.devnet import DEV_KEYS, start_ganache
from registry.errors import ConfigError
from registry.types import Visibility
from trainer.adapters.replay import Replay

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def ganache() -> Iterator[Gateway]:
    """A Ganache of this file's own."""
    with start_ganache() as chain:
        yield connect(chain.url)


@pytest.fixture
def place(ganache: Gateway, tmp_path: Path) -> Iterator[ChainScenario]:
    """The contracts on Ganache and the roles, funded; what a test does is undone."""
    with undone(ganache):
        ChainScenario(ganache, tmp_path, "", tmp_path).fund(OWNER, HOSPITAL, STRANGER)
        with ChainScenario.deployed(ganache, OWNER, tmp_path) as made:
            yield made


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small tensors are trained faster by one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def claim(federation: ChainFederation, index: int) -> int:
    """A participant claims; returns what the contract said it paid."""
    person = federation.people[index]
    client = federation.client_of(person)
    return client.payouts.claim(client.model(MODEL), federation.token, person.address)


@pytest.mark.usefixtures("one_thread")
def test_a_round_is_trained_finalised_claimed_and_audited_on_ganache(place: ChainScenario) -> None:
    federation = ChainFederation(place, OWNER)
    federation.publish_first()
    result = federation.round(federation.participants())
    assert result.version is not None
    assert result.version.number == 2
    paid = [claim(federation, index) for index in range(federation.seats)]
    assert sum(paid) == sum(federation.balances().values()) == BUDGET
    assert claim(federation, 0) == 0, "T-17: a second claim pays nothing"
    report = audit(place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def test_a_private_model_is_published_granted_and_fetched_on_ganache(
    place: ChainScenario, model_folder: Path, tmp_path: Path
) -> None:
    owner, hospital = place.client(OWNER), place.client(HOSPITAL)
    owner.publish(model_folder, "lantern", visibility=Visibility.PRIVATE, channel="production")
    with pytest.raises(ConfigError, match="no access"):
        hospital.fetch("lantern", tmp_path / "early")
    owner.grant("lantern", HOSPITAL.address, public_key_of(HOSPITAL))
    hospital.fetch("lantern@production", tmp_path / "got")
    content = (model_folder / "model.safetensors").read_bytes()
    assert (tmp_path / "got" / "model.safetensors").read_bytes() == content
    owner.revoke("lantern", HOSPITAL.address)
    assert not owner.has_access("lantern", HOSPITAL.address)


def test_a_solidity_error_arrives_from_ganache_under_its_name(place: ChainScenario) -> None:
    registry = place.client(OWNER).connection.contracts["ModelRegistry"]
    registry.write("register", "twice", 0, bytes(32))
    with pytest.raises(error_classes()["ModelExists"]) as caught:
        registry.write("register", "twice", 0, bytes(32))
    expected = registry.read("modelIdOf", OWNER.address, "twice")
    assert caught.value.arguments == {"modelId": expected}


def tool_environment(home: Path, deployments: Path, rpc: str) -> dict[str, str]:
    """The environment of both tools; brownie keeps its settings in the home folder."""
    return {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "SOLCX_BINARY_PATH": str(ROOT / ".venv" / "solcx"),
        "TALLY_DEPLOYMENTS": str(deployments),
        "TALLY_KEY": DEV_KEYS[0],
        "TALLY_RPC": rpc,
        "TALLY_STATE": str(home / "state"),
    }


def ran(command: list[str], environment: dict[str, str]) -> str:
    """What a command that has to succeed prints."""
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert DEV_KEYS[0][2:] not in done.stdout + done.stderr
    return done.stdout


def written(folder: Path) -> dict[str, Any]:
    """The deployment that a tool wrote, without what its fees decide: the transactions' hashes."""
    deployment: dict[str, Any] = json.loads((folder / "1337.json").read_text())
    for entry in deployment["contracts"].values():
        del entry["transaction"]
    return deployment


def test_brownie_and_tally_carry_out_one_plan_and_write_one_file(
    ganache: Gateway, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    by_brownie, by_tally = tmp_path / "by-brownie", tmp_path / "by-tally"
    with undone(ganache):
        environment = tool_environment(home, by_brownie, ganache.url)
        brownie = str(BIN / "brownie")
        network = ["live", "ganache-here", f"host={ganache.url}", "chainid=1337"]
        ran([brownie, "networks", "add", *network], environment)
        ran([brownie, "run", "deploy", "--network", "ganache-here"], environment)
    with undone(ganache):
        environment = tool_environment(home, by_tally, ganache.url)
        told = json.loads(ran([str(BIN / "tally"), "deploy", "--json"], environment))
        again = json.loads(ran([str(BIN / "tally"), "deploy", "--json"], environment))
    assert set(told["contracts"]) == set(CONTRACTS)
    assert again == told
    assert written(by_brownie) == written(by_tally)
