"""A node's refusal may hide that the transaction is on its way: nothing is paid twice (T-12)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deployed_scenario import DeployedScenario
from lying_node import LyingNode

from registry.chain.gateway import RpcError, connect
from registry.chain.transactions import TransactionSender
from registry.chain.watching import Unsure
from registry.devnet import fund
from registry.signing import LocalSigner

BOX = "0x00000000000000000000000000000000000000D0"
SIGNER = LocalSigner.from_key(bytes(31) + b"\xd1")


@pytest.fixture(autouse=True)
def funded(world: DeployedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account can pay, and nobody waits for long."""
    monkeypatch.setattr("registry.chain.watching._LOOKS", (0.0, 0.0))
    fund(world.gateway, SIGNER.address, 10**18, tmp_path / "funding")


class Refusing:
    """A node that says an error about the first transaction, which it may have passed on."""

    def __init__(self, message: str, *, passes: bool, hides: tuple[str, ...] = ()) -> None:
        self._message, self._passes, self._hides, self._left = message, passes, hides, 1

    def __call__(self, method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        if method == "eth_sendRawTransaction" and self._left:
            self._left -= 1
            if self._passes:
                forward()
            return {"error": {"code": -32000, "message": self._message}}
        if method in self._hides:
            return None
        return forward()


def paid(world: DeployedScenario, before: int) -> int:
    """What the box received since."""
    return int(world.gateway.balance(BOX)) - before


@pytest.mark.parametrize("message", ["nonce too low", "Nonce is too low"])
def test_a_used_nonce_is_this_transaction_s_own_where_a_block_says_so(
    world: DeployedScenario, tmp_path: Path, message: str
) -> None:
    before = world.gateway.balance(BOX)
    liar = Refusing(message, passes=True, hides=("eth_getTransactionByHash",))
    with LyingNode(world.gateway.url, liar) as node:
        TransactionSender(connect(node.url), SIGNER, tmp_path).send(BOX, b"", value=7)
    assert paid(world, before) == 7


def test_what_the_node_has_was_not_refused(world: DeployedScenario, tmp_path: Path) -> None:
    before = world.gateway.balance(BOX)
    with LyingNode(world.gateway.url, Refusing("internal error", passes=True)) as node:
        TransactionSender(connect(node.url), SIGNER, tmp_path).send(BOX, b"", value=7)
    assert paid(world, before) == 7


@pytest.mark.parametrize("message", ["nonce too low", "internal error", "txpool is full"])
@pytest.mark.parametrize("passes", [True, False])
def test_after_a_refusal_that_is_not_certain_the_next_run_looks_first(
    world: DeployedScenario, tmp_path: Path, message: str, passes: bool
) -> None:
    before = world.gateway.balance(BOX)
    hides = ("eth_getTransactionByHash", "eth_getBlockByNumber")

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        # Whole blocks only: fees are read from headers.
        if method == "eth_getBlockByNumber" and params[1] is False:
            return forward()
        return liar(method, params, forward)

    liar = Refusing(message, passes=passes, hides=hides)
    with LyingNode(world.gateway.url, around) as node:
        sender = TransactionSender(connect(node.url), SIGNER, tmp_path)
        with pytest.raises(Unsure, match="may be on its way all the same: run the same command"):
            sender.send(BOX, b"", value=7)
    assert len(list((tmp_path / "sending").rglob("*.json"))) == 1
    TransactionSender(world.gateway, SIGNER, tmp_path).send(BOX, b"", value=7)
    assert paid(world, before) == 7
    assert list((tmp_path / "sending").rglob("*.json")) == []


@pytest.mark.parametrize(
    "message",
    [
        "insufficient funds for gas * price + value",
        "intrinsic gas too low",
        "max fee per gas less than block base fee",
        "transaction underpriced",
        "invalid sender",
    ],
)
def test_a_refusal_for_what_the_bytes_lack_leaves_no_trace(
    world: DeployedScenario, tmp_path: Path, message: str
) -> None:
    before = world.gateway.balance(BOX)
    with (
        LyingNode(world.gateway.url, Refusing(message, passes=False)) as node,
        pytest.raises(RpcError, match=message.partition("*")[0]),
    ):
        TransactionSender(connect(node.url), SIGNER, tmp_path).send(BOX, b"", value=7)
    assert list((tmp_path / "sending").rglob("*.json")) == []
    TransactionSender(world.gateway, SIGNER, tmp_path).send(BOX, b"", value=7)
    assert paid(world, before) == 7
