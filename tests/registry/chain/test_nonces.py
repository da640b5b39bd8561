"""Nonces: a count that lags is caught up, one that can't be is refused, and keys may be shared."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from chain_parties import WatchedGateway
from deployed_scenario import DeployedScenario
from lying_node import LyingNode

from registry.chain.gateway import RpcError, connect
from registry.chain.nonces import NonceLock
from registry.chain.transactions import TransactionSender, WaitPolicy
from registry.devnet.chains import start_anvil
from registry.devnet.network import DEV_KEYS
from registry.errors import ChainError, ConfigError
from registry.signing import LocalSigner

BOX = "0x00000000000000000000000000000000000000B1"
SIGNER = LocalSigner.from_key(DEV_KEYS[2])


def counting(change: Callable[[str, int], int]) -> Callable[..., Any]:
    """A node whose transaction counts are changed, given the block that they are asked for."""

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        answer = forward()
        if method == "eth_getTransactionCount" and params[1] in ("pending", "latest"):
            return hex(change(params[1], int(answer, 16)))
        return answer

    return around


def count(world: DeployedScenario) -> int:
    return world.gateway.quantity("eth_getTransactionCount", [SIGNER.address, "latest"])


@pytest.mark.parametrize("behind", [1, 3])
@pytest.mark.parametrize("both", [False, True], ids=["pending lags", "latest lags too"])
def test_a_count_that_lags_is_caught_up(
    world: DeployedScenario, tmp_path: Path, behind: int, both: bool
) -> None:
    def lag(block: str, found: int) -> int:
        return max(0, found - behind) if both or block == "pending" else found

    for state in ("one", "another"):  # two state folders know nothing of each other
        sender = TransactionSender(world.gateway, SIGNER, tmp_path / state)
        for _ in range(3):
            sender.send(BOX, b"", value=1)
    before = count(world)
    with LyingNode(world.gateway.url, counting(lag)) as node:
        for state in ("one", "another", "a third"):
            TransactionSender(connect(node.url), SIGNER, tmp_path / state).send(BOX, b"", value=1)
    assert count(world) == before + 3
    assert world.gateway.balance(BOX) == 9


def test_an_older_transaction_of_the_same_bytes_is_not_taken_for_the_new_one(
    world: DeployedScenario, tmp_path: Path
) -> None:
    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        answer = forward()
        if method == "eth_getTransactionCount" and params[1] in ("pending", "latest"):
            return hex(int(answer, 16) - 1)
        if method == "eth_getBlockByNumber" and answer is not None:
            return {**answer, "baseFeePerGas": "0x3b9aca00"}  # the same fees each time
        return answer

    with LyingNode(world.gateway.url, around) as node:
        for folder in ("one", "another"):
            sender = TransactionSender(world.gateway, SIGNER, tmp_path / folder)
            sender.send(BOX, b"", value=1)
            before = count(world)
            sender = TransactionSender(connect(node.url), SIGNER, tmp_path / f"{folder} lagging")
            sender.send(BOX, b"", value=1)
            strange = TransactionSender(connect(node.url), SIGNER, tmp_path / f"{folder} strange")
            strange.send(BOX, b"", value=1)
            assert count(world) == before + 2


def test_a_node_that_is_still_indexing_takes_transactions(
    world: DeployedScenario, tmp_path: Path
) -> None:
    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        if method == "eth_getTransactionByHash":
            return {"error": {"code": -32000, "message": "transaction indexing is in progress"}}
        return forward()

    before = count(world)
    with LyingNode(world.gateway.url, around) as node:
        for _ in range(2):
            sender = TransactionSender(connect(node.url), SIGNER, tmp_path)
            sender.send(BOX, b"", value=1)
    assert count(world) == before + 2


def test_two_state_folders_share_a_key_at_the_same_time(
    world: DeployedScenario, tmp_path: Path
) -> None:
    before = count(world)

    def run(index: int) -> None:
        sender = TransactionSender(world.gateway, SIGNER, tmp_path / str(index % 2))
        sender.send(BOX, b"", value=1 + index)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(12)))
    assert count(world) == before + 12
    assert world.gateway.balance(BOX) == sum(range(1, 13))


def test_a_nonce_far_above_what_is_in_blocks_is_refused(
    world: DeployedScenario, tmp_path: Path
) -> None:
    def high(block: str, found: int) -> int:
        return found + 1_000 if block == "pending" else found

    before = count(world)
    with LyingNode(world.gateway.url, counting(high)) as node:
        sender = TransactionSender(connect(node.url), SIGNER, tmp_path)
        with pytest.raises(ChainError, match=rf"tells {before + 1_000} .*but only {before} of"):
            sender.send(BOX, b"", value=1)
        assert node.calls["eth_sendRawTransaction"] == 0


def test_a_nonce_far_below_what_was_sent_is_refused(tmp_path: Path) -> None:
    with start_anvil(0, 31337, 3) as chain:
        gateway = connect(chain.url)
        sender = TransactionSender(gateway, SIGNER, tmp_path)
        for _ in range(66):
            sender.send(BOX, b"", value=1)
        with LyingNode(chain.url, counting(lambda block, found: 0)) as node:
            with pytest.raises(ChainError, match=r"tells 0 as the next nonce .*it has sent 66"):
                TransactionSender(connect(node.url), SIGNER, tmp_path).send(BOX, b"", value=1)
            strange = TransactionSender(connect(node.url), SIGNER, tmp_path / "other")
            with pytest.raises(ChainError, match="refuses the nonces up to 15"):
                strange.send(BOX, b"", value=1)


def test_a_chain_that_was_set_back_is_believed(world: DeployedScenario, tmp_path: Path) -> None:
    sender = TransactionSender(world.gateway, SIGNER, tmp_path)
    before = world.gateway.request("evm_snapshot", [])
    for _ in range(3):
        sender.send(BOX, b"", value=1)
    world.gateway.request("evm_revert", [before])
    sender.send(BOX, b"", value=5)
    assert world.gateway.balance(BOX) == 5


def test_who_used_a_nonce_is_found_in_the_blocks(world: DeployedScenario, tmp_path: Path) -> None:
    sender = TransactionSender(world.gateway, SIGNER, tmp_path)
    first = count(world)
    hashes = [sender.send(BOX, b"", value=n).transaction_hash for n in range(1, 6)]
    nonces = NonceLock(world.gateway, SIGNER.address, tmp_path)
    assert [nonces.taker(first + n) for n in range(5)] == hashes


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_a_node_that_forgot_old_states_still_has_the_blocks(
    world: DeployedScenario, tmp_path: Path, kept: int
) -> None:
    sender, first = TransactionSender(world.gateway, SIGNER, tmp_path), count(world)
    hashes = [sender.send(BOX, b"", value=n).transaction_hash for n in range(1, 6)]
    newest = world.gateway.block_number()

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        if method == "eth_getTransactionCount" and int(params[1], 16) <= newest - kept:
            raise RpcError(method, {"code": -32000, "message": "missing trie node"})
        return forward()

    nonces = NonceLock(WatchedGateway.over(world.gateway, around), SIGNER.address, tmp_path)
    assert [nonces.taker(first + n) for n in range(5)] == hashes
    assert nonces.taker(first + 5) is None


def test_another_accounts_transaction_of_that_nonce_is_not_the_one(
    world: DeployedScenario, tmp_path: Path
) -> None:
    nonce = count(world)
    own = TransactionSender(world.gateway, SIGNER, tmp_path).send(BOX, b"", value=1)

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        answer = forward()
        if method != "eth_getBlockByNumber":
            return answer
        stranger = {**answer["transactions"][0], "from": BOX, "hash": "0x" + "ab" * 32}
        return {**answer, "transactions": [stranger, *answer["transactions"]]}

    node = WatchedGateway.over(world.gateway, around)
    assert NonceLock(node, SIGNER.address, tmp_path).taker(nonce) == own.transaction_hash


def test_s3_a_count_may_be_64_away_and_no_more(world: DeployedScenario, tmp_path: Path) -> None:
    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        return {"hash": params[0]} if method == "eth_getTransactionByHash" else "0x0"

    nonces = NonceLock(WatchedGateway.over(world.gateway, around), SIGNER.address, tmp_path)
    nonces.note(63, "0x" + "ab" * 32)
    assert nonces.next() == 64
    nonces.note(64, "0x" + "ab" * 32)
    with pytest.raises(ChainError, match=r"tells 0 as the next nonce .*it has sent 65"):
        nonces.next()


def test_a_damaged_note_is_refused_with_its_path(world: DeployedScenario, tmp_path: Path) -> None:
    sender = TransactionSender(world.gateway, SIGNER, tmp_path)
    sender.send(BOX, b"", value=1)
    (path,) = tmp_path.glob("*.nonce.lock")
    path.write_text("many")
    with pytest.raises(ConfigError, match=r"nonce\.lock: damaged; delete it"):
        sender.send(BOX, b"", value=1)


def test_a_transaction_whose_nonce_goes_to_another_is_sent_anew(tmp_path: Path) -> None:
    """Another wallet with the key outbids ours while we wait."""
    with start_anvil(0, 31337, 3, "--no-mining") as chain:
        gateway = connect(chain.url)
        other = SIGNER.sign_transaction(
            {
                "type": 2,
                "chainId": 31337,
                "nonce": 0,
                "gas": 30_000,
                "value": 9,
                "to": BOX,
                "data": "0x",
                "maxFeePerGas": 10**11,
                "maxPriorityFeePerGas": 10**11,
            }
        )
        sender = TransactionSender(gateway, SIGNER, tmp_path)
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(sender.send, BOX, b"", value=1)
            while not gateway.request("txpool_content", [])["pending"]:
                pass
            gateway.request("eth_sendRawTransaction", ["0x" + other.hex()])
            gateway.request("evm_mine", [])
            gateway.request("evm_setAutomine", [True])
            done.result(timeout=60)
        assert gateway.balance(BOX) == 10


def test_the_journal_holds_no_key(tmp_path: Path) -> None:
    with start_anvil(0, 31337, 3, "--no-mining") as chain:
        sender = TransactionSender(connect(chain.url), SIGNER, tmp_path, WaitPolicy(timeout=0.2))
        with pytest.raises(ChainError):
            sender.send(BOX, b"", value=1)
    (path,) = (tmp_path / "sending").rglob("*.json")
    assert SIGNER.private_key().hex() not in path.read_text()
    assert json.loads(path.read_text())["context"] == "transaction"
