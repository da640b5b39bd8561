"""Sending: each transaction takes effect once, whatever the node and other processes do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from chain_parties import WatchedGateway
from deployed_scenario import DeployedScenario
from lying_node import DROP, LyingNode

from registry.chain.fees import Fees, outbid
from registry.chain.gateway import Gateway, RpcError, connect
from registry.chain.nonces import NonceLock
from registry.chain.reverts import error_classes
from registry.chain.transactions import SignedTransaction, TransactionSender, WaitPolicy
from registry.chain.watching import Watch
from registry.devnet.chains import ChainProcess, start_anvil
from registry.devnet.network import DEV_KEYS
from registry.errors import ConfigError, NodeUnavailable, Reverted, TransactionTimedOut, WrongChain
from registry.signing import LocalSigner

BOX = "0x00000000000000000000000000000000000000B0"


def nonce_of(gateway: Gateway, address: str) -> int:
    return int(gateway.request("eth_getTransactionCount", [address, "latest"]), 16)


def test_t13_many_threads_share_a_key_and_every_nonce_is_used_once(
    world: DeployedScenario, tmp_path: Path
) -> None:
    signer = LocalSigner.from_key(DEV_KEYS[1])
    before = nonce_of(world.gateway, signer.address)

    def send(index: int) -> int:
        sender = TransactionSender(world.gateway, signer, tmp_path)  # as separate processes would
        return sender.send(BOX, b"", value=index).block_number

    with ThreadPoolExecutor(32) as pool:
        blocks = list(pool.map(send, range(1, 33)))
    assert len(blocks) == 32
    assert nonce_of(world.gateway, signer.address) == before + 32
    assert world.gateway.balance(BOX) == sum(range(1, 33))


def test_t12_a_lost_answer_never_sends_twice(world: DeployedScenario, tmp_path: Path) -> None:
    signer = LocalSigner.from_key(DEV_KEYS[2])
    before = nonce_of(world.gateway, signer.address)
    lost: list[str] = []

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        answer = forward()
        if method == "eth_sendRawTransaction" and not lost:
            lost.append(answer)
            return DROP
        return answer

    with LyingNode(world.gateway.url, around) as node:
        TransactionSender(connect(node.url), signer, tmp_path).send(BOX, b"", value=7)
    assert len(lost) == 1
    assert world.gateway.balance(BOX) == 7
    assert nonce_of(world.gateway, signer.address) == before + 1


def test_t12_a_refusal_after_a_lost_answer_is_found_out_by_waiting(
    world: DeployedScenario, tmp_path: Path
) -> None:
    asked = []

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        asked.append(method)
        if len(asked) == 1:
            raise NodeUnavailable("the answer is lost")
        raise RpcError(method, {"code": -32000, "message": "insufficient funds"})

    node = WatchedGateway.over(world.gateway, around)
    watch = Watch(node, NonceLock(node, BOX, tmp_path), WaitPolicy())
    watch.broadcast(SignedTransaction(b"\x01", 0, {}, Fees(1, 1)))
    assert asked == ["eth_sendRawTransaction"] * 2


def test_a_stuck_transaction_is_replaced_with_higher_fees(tmp_path: Path) -> None:
    with start_anvil(0, 31337, 3, "--no-mining") as chain:
        gateway = connect(chain.url)
        waiting = WaitPolicy(timeout=20, stuck_after=0.2)
        sender = TransactionSender(gateway, LocalSigner.from_key(DEV_KEYS[0]), tmp_path, waiting)
        hashes: list[str] = []
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(
                sender.send,
                BOX,
                b"",
                value=3,
                before_broadcast=lambda p: hashes.append(p.transaction_hash),
            )
            replaced = threading.Event()
            while not replaced.wait(0.05):
                pending = gateway.request("txpool_content", [])["pending"]
                current = [t["hash"] for by in pending.values() for t in by.values()]
                if hashes and current and current != hashes:
                    replaced.set()
            gateway.request("evm_mine", [])
            receipt = done.result(timeout=20)
        assert receipt.transaction_hash != hashes[0]
        assert gateway.balance(BOX) == 3


def test_a_transaction_that_is_never_mined_times_out_with_its_hash(tmp_path: Path) -> None:
    with start_anvil(0, 31337, 3, "--no-mining") as chain:
        sender = TransactionSender(
            connect(chain.url), LocalSigner.from_key(DEV_KEYS[0]), tmp_path, WaitPolicy(timeout=0.3)
        )
        with pytest.raises(TransactionTimedOut, match=r"0x[0-9a-f]{64}"):
            sender.send(BOX, b"", value=3)


def test_confirmations_are_waited_for(tmp_path: Path) -> None:
    with start_anvil(0, 31337, 3, "--block-time", "1") as chain:
        gateway = connect(chain.url)
        sender = TransactionSender(
            gateway, LocalSigner.from_key(DEV_KEYS[0]), tmp_path, WaitPolicy(confirmations=2)
        )
        receipt = sender.send(BOX, b"", value=3)
        assert gateway.block_number() >= receipt.block_number + 2


def test_outbidding_raises_both_fees_by_an_eighth_or_to_the_market() -> None:
    raised = outbid(Fees(800, 80), Fees(1, 1))
    assert raised is not None
    assert (raised.max_fee, raised.tip) == (901, 91)
    assert outbid(Fees(8, 8), Fees(10**9, 10**8)) == Fees(10**9, 10**8)


def test_a_solidity_error_arrives_under_its_name_with_its_arguments(
    world: DeployedScenario,
) -> None:
    registry = world.contract("ModelRegistry", LocalSigner.from_key(DEV_KEYS[0]))
    registry.write("register", "twice", 0, bytes(32))
    exists = error_classes()["ModelExists"]
    with pytest.raises(exists) as caught:
        registry.write("register", "twice", 0, bytes(32))
    expected = registry.read("modelIdOf", LocalSigner.from_key(DEV_KEYS[0]).address, "twice")
    assert caught.value.arguments == {"modelId": expected}
    assert isinstance(caught.value, Reverted)
    assert type(caught.value).__name__ == "ModelExists"


def test_a_reader_cannot_write(world: DeployedScenario) -> None:
    with pytest.raises(ConfigError, match="a key is needed"):
        world.contract("ModelRegistry").write("register", "x", 0, bytes(32))


def test_another_chain_is_refused_at_the_door(anvil: ChainProcess) -> None:
    with pytest.raises(WrongChain, match="expected chain 1, got chain 31337"):
        connect(anvil.url, expected_chain_id=1)


def test_a_node_that_does_not_answer_is_named() -> None:
    with pytest.raises(NodeUnavailable, match="is the node running"):
        connect("http://127.0.0.1:9", timeout=1)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected an RPC address"):
        connect("ftp://127.0.0.1")


def test_websocket_and_ipc_answer_like_http(tmp_path: Path) -> None:
    socket = tmp_path / "anvil.ipc"
    with start_anvil(0, 31337, 3, "--ipc", str(socket)) as chain:
        for url in (chain.url.replace("http", "ws"), str(socket)):
            gateway = connect(url)
            sender = TransactionSender(gateway, LocalSigner.from_key(DEV_KEYS[0]), tmp_path)
            before = gateway.balance(BOX)
            sender.send(BOX, b"", value=2)
            assert gateway.balance(BOX) == before + 2
            gateway.close()
