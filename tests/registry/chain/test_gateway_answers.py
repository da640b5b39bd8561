"""What a node says, over HTTP: batches, limits, proxies, and time for the whole answer."""

from __future__ import annotations

import time
from typing import Any

import pytest
from lying_node import DROP, LyingNode, Reply

from registry.chain import answers
from registry.chain.gateway import NoAnswerInTime, RpcError, connect
from registry.devnet.chains import ChainProcess
from registry.errors import ChainError, NodeUnavailable
from registry.redaction import redacted_url

BOX = "0x00000000000000000000000000000000000000B0"


def test_a_batch_answers_in_order_and_keeps_refusals_apart(anvil: ChainProcess) -> None:
    gateway = connect(anvil.url)
    asked = [("eth_chainId", []), ("eth_none", []), *[("eth_getBalance", [BOX, "latest"])] * 248]
    found = gateway.batch(asked)
    assert found[0] == "0x7a69"
    assert isinstance(found[1], RpcError)
    assert found[2:] == [hex(gateway.balance(BOX))] * 248
    assert gateway.batch([]) == []


def test_a_batch_is_one_request_per_hundred(anvil: ChainProcess) -> None:
    bodies: list[Any] = []
    with LyingNode(anvil.url, lambda method, params, forward: forward()) as node:
        gateway = connect(node.url)
        provider: Any = gateway.provider
        post = provider.post

        def counted(body: Any) -> Any:
            bodies.append(body)
            return post(body)

        provider.post = counted
        gateway.batch([("eth_chainId", [])] * 250)
    assert len(bodies) == 3


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b'{"error":{"code":-1,"message":"no batches"}}'),
        Reply(b"no", 400),
        Reply(b"<html>"),
        Reply(b'"?"'),
    ],
)
def test_a_node_without_batches_is_asked_one_by_one(anvil: ChainProcess, reply: Reply) -> None:
    with LyingNode(anvil.url, lambda method, params, forward: forward()) as node:
        node.batches = lambda asked: reply
        gateway = connect(node.url)
        assert gateway.batch([("eth_chainId", [])] * 3) == ["0x7a69"] * 3


def test_what_a_batch_leaves_out_is_asked_again(anvil: ChainProcess) -> None:
    with LyingNode(anvil.url, lambda method, params, forward: forward()) as node:
        node.batches = lambda asked: Reply(b"[]")
        assert connect(node.url).batch([("eth_chainId", [])] * 3) == ["0x7a69"] * 3


def test_sockets_answer_a_batch_one_by_one(anvil: ChainProcess) -> None:
    gateway = connect(anvil.url.replace("http", "ws"))
    assert gateway.batch([("eth_chainId", [])] * 2) == ["0x7a69"] * 2


def test_an_answer_that_trickles_in_ends_in_time(anvil: ChainProcess) -> None:
    with LyingNode(anvil.url, lambda *_: Reply(b'{"result":"0x7a69"}' + b" " * 99, 200, 0.2)) as n:
        start = time.monotonic()
        with pytest.raises(NoAnswerInTime, match="no whole answer"):
            connect(n.url, timeout=0.6)
        assert time.monotonic() - start < 5


@pytest.mark.parametrize("status", [400, 413, 429])
def test_a_refusal_by_status_is_a_refusal_in_the_nodes_words(
    anvil: ChainProcess, status: int
) -> None:
    reply = Reply(b"block range\n is too wide", status)
    with (
        LyingNode(anvil.url, lambda *_: reply) as node,
        pytest.raises(RpcError, match=f"HTTP {status}: block range is too wide") as caught,
    ):
        connect(node.url)
    assert caught.value.code == status


def test_a_gateway_error_is_no_answer(anvil: ChainProcess) -> None:
    with (
        LyingNode(anvil.url, lambda *_: Reply(b"bad gateway", 502)) as node,
        pytest.raises(NodeUnavailable, match="HTTP 502"),
    ):
        connect(node.url)


def test_a_node_error_with_a_status_keeps_its_own_code_and_data(anvil: ChainProcess) -> None:
    reply = Reply(b'{"id":1,"error":{"code":3,"message":"reverted","data":"0x01"}}', 500)
    with (
        LyingNode(anvil.url, lambda *_: reply) as node,
        pytest.raises(RpcError, match="reverted") as caught,
    ):
        connect(node.url)
    assert (caught.value.code, caught.value.data) == (3, "0x01")


def test_a_connection_dropped_once_is_asked_again_but_never_a_transaction(
    anvil: ChainProcess,
) -> None:
    dropped: list[str] = []

    def around(method: str, params: list[Any], forward: Any) -> Any:
        if method not in dropped:
            dropped.append(method)
            return DROP
        return forward()

    with LyingNode(anvil.url, around) as node:
        gateway = connect(node.url)
        with pytest.raises(NodeUnavailable):
            gateway.request("eth_sendRawTransaction", ["0x00"])
        assert node.calls["eth_sendRawTransaction"] == 1


def test_loopback_is_never_asked_for_through_a_proxy(
    anvil: ChainProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert connect(anvil.url).chain_id == 31337
    assert connect(anvil.url.replace("127.0.0.1", "localhost")).chain_id == 31337


def test_a_proxy_that_does_not_answer_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://me:secret@127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(
        NodeUnavailable, match=r"through the proxy http://\*\*\*@127\.0\.0\.1:9"
    ) as caught:
        connect("http://node.invalid:8545", timeout=5)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
        ("https://me:pw@node.example/rpc", "https://***@node.example/rpc"),
        ("https://node.example/v2/0123456789abcdef0123", "https://node.example/v2/***"),
        ("https://node.example/?apikey=abc", "https://node.example/?apikey=***"),
        ("/run/node.ipc", "/run/node.ipc"),
    ],
)
def test_addresses_are_shown_without_their_secrets(url: str, shown: str) -> None:
    assert redacted_url(url) == shown


def test_an_error_names_the_node_without_its_key() -> None:
    with pytest.raises(ChainError) as caught:
        connect("http://me:pw@127.0.0.1:9/v2/0123456789abcdef0123", timeout=1)
    assert "pw" not in str(caught.value)
    assert "0123456789abcdef0123" not in str(caught.value)


def test_a_log_has_four_topics_at_most() -> None:
    word, number = "0x" + "ab" * 32, "0x1"
    log = {"address": "0x" + "cd" * 20, "blockNumber": number, "logIndex": number, "data": "0x"}
    log |= {"blockHash": word, "transactionHash": word}
    assert answers.logs([{**log, "topics": [word] * 4}], "here")
    with pytest.raises(ChainError, match="here, topics of a log: expected a list of at most 4"):
        answers.logs([{**log, "topics": [word] * 5}], "here")
