"""Waiting: confirmations that come or don't, and how often a node is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lying_node import LyingNode

from registry.chain.deploy import SenderExecutor, deploy
from registry.chain.gateway import connect
from registry.chain.receipts import looks
from registry.chain.transactions import TransactionSender, WaitPolicy
from registry.devnet.chains import start_anvil
from registry.devnet.network import DEV_KEYS
from registry.errors import ChainError
from registry.signing import LocalSigner

BOX = "0x00000000000000000000000000000000000000B3"
SIGNER = LocalSigner.from_key(DEV_KEYS[1])


def test_a_deployment_with_confirmations_ends_on_a_chain_that_mines_on_demand(
    tmp_path: Path,
) -> None:
    with start_anvil(0, 31337, 3) as chain:
        gateway = connect(chain.url)
        sender = TransactionSender(
            gateway, SIGNER, tmp_path, WaitPolicy(timeout=9, confirmations=2)
        )
        made = deploy(gateway, SenderExecutor(sender), tmp_path / "deployments")
        newest = max(contract.block for contract in made.contracts.values())
        assert gateway.block_number() == newest + 2 == 3 * len(made.contracts)


def test_a_chain_that_mines_on_demand_and_is_nobodys_to_mine_is_told_at_once(
    tmp_path: Path,
) -> None:
    with start_anvil(0, 4711, 3) as chain:
        sender = TransactionSender(
            connect(chain.url), SIGNER, tmp_path, WaitPolicy(timeout=60, confirmations=2)
        )
        with pytest.raises(ChainError, match=r"is mined, in block 1, but .*only when a transac"):
            sender.send(BOX, b"", value=3)


def test_a_mined_transaction_without_its_confirmations_is_told_as_mined(tmp_path: Path) -> None:
    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        if "Automine" in method:
            return {"error": {"code": -32601, "message": "method not found"}}
        return forward()

    with start_anvil(0, 31337, 3) as chain, LyingNode(chain.url, around) as node:
        waiting = WaitPolicy(timeout=0.3, confirmations=2)
        sender = TransactionSender(connect(node.url), SIGNER, tmp_path, waiting)
        with pytest.raises(ChainError, match=r"is mined, in block 1, but .* has only 0 of 2"):
            sender.send(BOX, b"", value=3)


def test_a_transaction_is_looked_for_seldom(tmp_path: Path) -> None:
    with (
        start_anvil(0, 31337, 3, "--no-mining") as chain,
        LyingNode(chain.url, lambda method, params, forward: forward()) as node,
    ):
        sender = TransactionSender(connect(node.url), SIGNER, tmp_path, WaitPolicy(timeout=3))
        with pytest.raises(ChainError, match="was not mined within 3 s"):
            sender.send(BOX, b"", value=3)
        assert node.calls["eth_getTransactionReceipt"] < 20
        assert sum(node.calls.values()) < 40


def test_pauses_between_looks_grow_to_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=sleep)
    monkeypatch.setattr("registry.chain.receipts.time", clock)
    count = len(list(looks(120, 0.02)))
    assert slept[0] == 0.02
    assert max(slept) == 1.0
    assert count < 140
