"""Whatever a node answers, to whichever request: one line of ours, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from chain_parties import ChainScenario
from lying_node import LyingNode, Reply
from tests_roles import OWNER

from registry.audit import audit
from registry.chain.event_layout import decode_log
from registry.chain.events import Pace, read_events
from registry.chain.gateway import RpcError, connect
from registry.chain.reverts import revert_data, reverted
from registry.chain.transactions import WaitPolicy
from registry.client import RegistryClient
from registry.config import Settings
from registry.errors import ChainError, NodeUnavailable, TallystickError

READS = (
    "eth_chainId",
    "eth_blockNumber",
    "eth_getBlockByNumber",
    "eth_getLogs",
    "eth_getCode",
    "eth_call",
)
WRITES = (
    "eth_estimateGas",
    "eth_getTransactionCount",
    "eth_maxPriorityFeePerGas",
    "eth_sendRawTransaction",
    "eth_getTransactionReceipt",
    "eth_getTransactionByHash",
)


def result(value: Any) -> Reply:
    """A JSON-RPC answer with that result."""
    return Reply(json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode())


WORD = "0x" + "11" * 32
MALFORMED = (
    Reply(b""),
    Reply(b"<html>\n<body>Welcome\n</html>"),
    Reply(b"null"),
    Reply(b"[]"),
    Reply(b"{}"),
    Reply(b'"x"'),
    Reply(b"\xff\xfe\x00"),
    Reply(b"[" * 100_000),
    Reply(b'{"result":' + b"[" * 900 + b"]" * 900 + b"}"),
    Reply(b'{"result":' + b"9" * 5_000 + b"}"),
    Reply(b'{"error":"no\\nway"}'),
    Reply(b'{"error":{"code":"x","message":{"a":[1]},"data":"0xabc"}}'),
    Reply(b'{"error":{"code":3,"message":"reverted","data":"0x08c379a0ffff"}}'),
    Reply(b'{"error":{"code":3,"message":"","data":"0x08c379a0' + b"00" * 31 + b'20"}}'),
    Reply(b"no", 404),
    Reply(b"", 302),
    result(None),
    result(True),
    result(7),
    result("0x"),
    result("0xzz"),
    result("0x" + "f" * 65),
    result(WORD),
    result("0x" + "ff" * 32),
    result("0x" + "00" * 31 + "20" + "ff" * 32),
    result([]),
    result([None]),
    result([{}]),
    result({}),
    result({"number": "0x1", "hash": WORD, "timestamp": "0x" + "f" * 64}),
    result({"blockNumber": "0x1", "status": "0x1", "logs": [7]}),
    result([{"address": WORD[:42], "topics": [None], "data": "0x", "blockNumber": "0x1"}]),
)


def names(client: RegistryClient, folder: Path) -> Any:
    return client.models()


def publish(client: RegistryClient, folder: Path) -> Any:
    return client.publish(folder, "lantern")


def domain(client: RegistryClient, folder: Path) -> Any:
    client.models()
    return client.connection.rounds_domain()


def look(client: RegistryClient, folder: Path) -> Any:
    return audit(client.connection, replay=None)


@pytest.fixture
def owner(place: ChainScenario, monkeypatch: pytest.MonkeyPatch) -> RegistryClient:
    """The owner of a model; a tenth of a second stands for the two minutes that commands wait."""
    monkeypatch.setattr("registry.usecases.connection.WaitPolicy", partial(WaitPolicy, timeout=0.1))
    client = place.client(OWNER)
    client.register("lantern")
    return client


@pytest.mark.parametrize(
    ("method", "act"),
    [*product(READS, [names, publish, look]), *product(WRITES, [publish])],
)
def test_a_malformed_answer_ends_in_one_line(
    place: ChainScenario, owner: RegistryClient, card: Path, method: str, act: Callable[..., Any]
) -> None:
    current = [Reply()]

    def around(asked: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        return current[0] if asked == method else forward()

    settings = place.settings(OWNER)
    with LyingNode(place.gateway.url, around) as node:
        for number, reply in enumerate(MALFORMED):
            current[0] = reply
            (card / "README.md").write_text(f"# {act.__name__} {number}\n")
            told = said_by(lambda: opened(settings, node.url, act, card))
            assert "\n" not in told, reply
            assert len(told) < 700, reply


def opened(settings: Settings, url: str, act: Callable[..., Any], card: Path) -> None:
    """Opens the registry through a node, and acts."""
    with RegistryClient.open(replace(settings, rpc=url), OWNER) as client:
        act(client, card)


def said_by(act: Callable[[], None]) -> str:
    """Returns what an act fails with, on purpose; nothing if it succeeds."""
    try:
        act()
    except TallystickError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("method", "reply", "words"),
    [
        ("eth_chainId", Reply(b"<html>"), r"eth_chainId at http://127\.0\.0\.1:\d+: expected JSON"),
        ("eth_chainId", result(None), r"eth_chainId .*expected a number as 0x…, got nothing"),
        ("eth_getCode", result("0xz"), r"eth_getCode .*expected bytes as 0x…, got '0xz'"),
        ("eth_getLogs", result({}), r"eth_getLogs .*expected a list of logs, got \{\}"),
        ("eth_getBlockByNumber", result([]), r"eth_getBlockByNumber .*expected a block, got \[\]"),
        ("eth_call", result(None), r"eth_call .*expected bytes as 0x…, got nothing"),
    ],
)
def test_the_line_names_method_node_and_what_was_expected(
    place: ChainScenario, owner: RegistryClient, method: str, reply: Reply, words: str
) -> None:
    def around(asked: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        return reply if asked == method else forward()

    with LyingNode(place.gateway.url, around) as node:
        with pytest.raises(ChainError, match=words) as caught:
            opened(place.settings(OWNER), node.url, domain, place.work)
        assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    "data", [b"\x08\xc3\x79\xa0", b"\x4e\x48\x7b\x71\xff", b"\x08\xc3\x79\xa0" + b"\xff" * 96]
)
def test_revert_data_of_no_encoding_are_shown_as_they_are(data: bytes) -> None:
    assert str(reverted(data, "x")).startswith(f"x: reverted with 0x{data.hex()};")


def test_a_reason_is_told_in_one_short_line() -> None:
    text = b"no\nway" + b"!" * 2_000
    data = bytes.fromhex("08c379a0") + (32).to_bytes(32) + len(text).to_bytes(32) + text
    told = str(reverted(data + bytes(-len(text) % 32), "x"))
    assert told.startswith("x: no way!!")
    assert len(told) < 400


@pytest.mark.parametrize("data", ["0xabc", "0xzz", 7, [1], {"data": {"data": {"x": None}}}, None])
def test_an_errors_data_that_are_no_bytes_are_no_revert(data: Any) -> None:
    assert revert_data(data) is None


def test_data_are_found_in_what_nodes_wrap_them_in() -> None:
    assert revert_data({"0xhash": {"error": "revert", "return": "0x01"}}) == b"\x01"
    deep: Any = "0x02"
    for _ in range(5_000):
        deep = {"data": deep}
    assert revert_data(deep) == b"\x02"


@pytest.mark.parametrize("data", ["0xzz", "0x1", 7, None])
def test_a_log_that_is_no_encoding_is_refused(owner: RegistryClient, data: Any) -> None:
    gateway = owner.connection.gateway
    address = owner.connection.deployment.address("ModelRegistry")
    (log,) = gateway.logs({"address": address, "fromBlock": "0x0"})[-1:]
    with pytest.raises(ChainError, match="malformed log"):
        decode_log("ModelRegistry", {**log, "data": data})


class Limited:
    """A node that answers for at most so many blocks, and says no in its own way."""

    def __init__(self, most: int, refusal: Any) -> None:
        self.most, self.refusal = most, refusal
        self.spans: list[int] = []

    def __call__(self, method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        if method == "eth_getLogs":
            span = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
            self.spans.append(span)
            if span > self.most:
                return self.refusal
        return forward()


@pytest.mark.parametrize(
    "refusal",
    [
        Reply(b"range too wide", 400),
        Reply(b"", 413),
        Reply(b'{"message":"slow down"}', 429),
        Reply(b"", 504),
        {"error": {"code": -32005, "message": "query exceeds limit"}},
        Reply(b'{"result":[' + b" " * 64 + b"]}", 200, 0.05),
    ],
    ids=["400", "413", "429", "504", "an error", "too slow"],
)
def test_a_range_that_is_refused_in_any_way_is_read_in_pieces(
    place: ChainScenario, owner: RegistryClient, refusal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.chain.http._PAUSES", ())
    address = owner.connection.deployment.address("ModelRegistry").lower()
    last = place.gateway.block_number()
    whole = list(read_events(place.gateway, {address: "ModelRegistry"}, 0, last))
    limited, pace = Limited(3, refusal), Pace()
    with LyingNode(place.gateway.url, limited) as node:
        gateway = connect(node.url, timeout=1)
        assert list(read_events(gateway, {address: "ModelRegistry"}, 0, last, pace)) == whole
        refused = len([span for span in limited.spans if span > 3])
        assert refused <= 8
        list(read_events(gateway, {address: "ModelRegistry"}, 0, last, pace))
        assert len([span for span in limited.spans if span > 3]) <= refused + 1


def test_a_single_block_that_is_refused_is_an_error(
    place: ChainScenario, owner: RegistryClient
) -> None:
    limited = Limited(0, {"error": {"code": -32005, "message": "never"}})
    with LyingNode(place.gateway.url, limited) as node, pytest.raises(RpcError, match="never"):
        list(read_events(connect(node.url), {}, 0, 9))


def test_a_node_that_never_answers_is_not_asked_for_ever(
    place: ChainScenario, owner: RegistryClient
) -> None:
    limited = Limited(0, Reply(b"", 503))
    with LyingNode(place.gateway.url, limited) as node, pytest.raises(NodeUnavailable):
        list(read_events(connect(node.url), {}, 0, 10**6))
    assert len(limited.spans) == 4


def test_a_pace_grows_again() -> None:
    pace = Pace(8)
    pace.failed(8, RpcError("eth_getLogs", {"message": "no"}))
    assert pace.size == 4
    pace.worked(4)
    assert pace.size == 7
    for _ in range(64):
        pace.worked(pace.size)
    assert pace.size > 8
