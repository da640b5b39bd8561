"""Fees: nothing is signed above the ceiling, whatever a node tells or a chain lacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deployed_scenario import DeployedScenario
from lying_node import LyingNode
from tests_roles import OWNER

from registry.chain.deploy import SenderExecutor, deploy
from registry.chain.fees import Fees, outbid
from registry.chain.gateway import connect
from registry.chain.transactions import TransactionSender
from registry.config import load_settings
from registry.devnet.chains import start_anvil
from registry.devnet.network import DEV_KEYS
from registry.errors import ChainError, ConfigError, WrongChain
from registry.signing import LocalSigner

BOX = "0x00000000000000000000000000000000000000B2"
SIGNER = LocalSigner.from_key(DEV_KEYS[1])
GWEI = 10**9


def telling(**told: Any) -> Callable[..., Any]:
    """A node that tells a base fee, a tip or a gas estimate of its own making."""

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        if method in told:
            return told[method]
        answer = forward()
        if method == "eth_getBlockByNumber" and "block" in told:
            return {**answer, **told["block"]}
        return answer

    return around


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"eth_maxPriorityFeePerGas": hex(10**15)}, "asks for 1,000,000"),
        ({"block": {"baseFeePerGas": hex(10**15)}}, "base fee 1,000,000 gwei"),
        ({"eth_maxPriorityFeePerGas": hex(2**255)}, "wei"),
    ],
)
def test_what_a_node_asks_above_the_ceiling_is_refused(
    world: DeployedScenario, tmp_path: Path, told: dict[str, Any], words: str
) -> None:
    with LyingNode(world.gateway.url, telling(**told)) as node:
        sender = TransactionSender(connect(node.url), SIGNER, tmp_path)
        with pytest.raises(ChainError, match=r"expected at most 200 gwei.*--max-fee") as caught:
            sender.send(BOX, b"", value=1)
        assert words in str(caught.value)
        assert node.calls["eth_sendRawTransaction"] == 0


def test_a_higher_ceiling_allows_it_and_a_lower_one_refuses_less(
    world: DeployedScenario, tmp_path: Path
) -> None:
    told = telling(eth_maxPriorityFeePerGas=hex(250 * GWEI))
    with LyingNode(world.gateway.url, told) as node:
        gateway = connect(node.url)
        TransactionSender(gateway, SIGNER, tmp_path, max_fee=400 * GWEI).send(BOX, b"", value=1)
    low = TransactionSender(world.gateway, SIGNER, tmp_path, max_fee=1_000)
    with pytest.raises(ChainError, match="--max-fee"):
        low.send(BOX, b"", value=1)


def test_twice_the_base_fee_is_offered_up_to_the_ceiling(
    world: DeployedScenario, tmp_path: Path
) -> None:
    told = telling(block={"baseFeePerGas": hex(150 * GWEI)}, eth_maxPriorityFeePerGas="0x1")
    offered: list[Fees] = []
    with LyingNode(world.gateway.url, told) as node:
        sender = TransactionSender(connect(node.url), SIGNER, tmp_path)
        sender.send(BOX, b"", value=1, before_broadcast=lambda p: offered.append(p.fees))
    assert offered == [Fees(200 * GWEI, 1)]


def test_outbidding_ends_at_the_ceiling() -> None:
    assert outbid(Fees(800, 80), Fees(1, 1), 901) == Fees(901, 91)
    assert outbid(Fees(800, 80), Fees(1, 1), 900) is None
    assert outbid(Fees(80, 0, legacy=True), Fees(1, 1)) == Fees(91, 0, legacy=True)


@pytest.mark.parametrize("text", ["0", "-1", "many", "1e3", "0.0000000001"])
def test_a_ceiling_that_is_no_number_of_gwei_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected gwei per gas above 0"):
        load_settings(max_fee=text, environment={})


def test_the_ceiling_comes_from_the_option_and_then_the_environment() -> None:
    env = {"TALLY_MAX_FEE": "2.5"}
    assert load_settings(environment=env).max_fee == 2_500_000_000
    assert load_settings(max_fee="7", environment=env).max_fee == 7 * GWEI
    assert load_settings(environment={}).max_fee is None


def test_gas_beyond_a_block_is_told(world: DeployedScenario, tmp_path: Path) -> None:
    with LyingNode(world.gateway.url, telling(eth_estimateGas=hex(10**12))) as node:
        sender = TransactionSender(connect(node.url), SIGNER, tmp_path)
        with pytest.raises(ChainError, match=r"needs 1000000000000 gas, but a block .* holds"):
            sender.send(BOX, b"", value=1)


@pytest.mark.parametrize("block", [{"baseFeePerGas": None}, {"baseFeePerGas": "lots"}])
def test_a_block_without_a_base_fee_means_a_gas_price(
    world: DeployedScenario, tmp_path: Path, block: Any
) -> None:
    with LyingNode(world.gateway.url, telling(block=block)) as node:
        sender = TransactionSender(connect(node.url), SIGNER, tmp_path)
        if block["baseFeePerGas"] is None:
            sender.send(BOX, b"", value=4)
            assert world.gateway.balance(BOX) == 4
        else:
            with pytest.raises(ChainError, match="baseFeePerGas of a block"):
                sender.send(BOX, b"", value=4)


@pytest.mark.parametrize("hardfork", ["berlin", "london", "paris"])
def test_a_chain_before_shanghai_is_told_at_deployment(tmp_path: Path, hardfork: str) -> None:
    with start_anvil(0, 31337, 3, hardfork=hardfork) as chain:
        gateway = connect(chain.url)
        signer = LocalSigner.from_key(DEV_KEYS[0])
        sender = TransactionSender(gateway, signer, tmp_path)
        sender.send(OWNER.address, b"", value=5)
        with pytest.raises(WrongChain, match="lacks the opcode PUSH0"):
            deploy(gateway, SenderExecutor(sender), tmp_path / "deployments")
