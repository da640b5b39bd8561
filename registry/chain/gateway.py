"""One connection to one chain: HTTP, WebSocket or IPC, with the chain id checked at the door."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from registry.chain import answers
from registry.chain.http import (
    AnswerTooLarge,
    AnswerTooSlow,
    HttpProvider,
    HttpRefusal,
    Unreadable,
)
from registry.errors import ChainError, ConfigError, NodeUnavailable, WrongChain
from registry.redaction import redacted_url

if TYPE_CHECKING:
    from registry.chain.sockets import SocketProvider

__all__ = ["Gateway", "NoAnswerInTime", "RpcError", "connect"]

_IN_ONE_BATCH = 100
_SHOWN = 300
_LONGEST_HOST = 253


class RpcError(ChainError):
    """The node answered a request with a refusal; `code` and `data` are the node's own.

    A refusal by HTTP status has that status as its code.
    """

    def __init__(self, method: str, error: Any) -> None:
        told = error if isinstance(error, dict) else {"message": error}
        self.code = told.get("code")
        self.data = told.get("data")
        self.text = str(told.get("message", told))
        shown = " ".join(self.text.split())
        super().__init__(f"{method}: the node answered: {shown[:_SHOWN]}")


class NoAnswerInTime(NodeUnavailable):
    """The node's answer wasn't whole in time, was too large to read, or its server gave up."""


@dataclass(frozen=True)
class Gateway:
    """A checked connection; `request` speaks raw JSON-RPC."""

    url: str
    chain_id: int
    provider: HttpProvider | SocketProvider
    _unbatched: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def name(self) -> str:
        """The node's address as it may be shown."""
        return redacted_url(self.url)

    def request(self, method: str, params: list[Any]) -> Any:
        """Returns the raw JSON result of one request.

        Raises:
            NodeUnavailable: no answer; whether the node acted on the request is unknown.
            RpcError: the node refused.
            ChainError: what came is no answer to a JSON-RPC request.
        """
        provider = self.provider
        try:
            if isinstance(provider, HttpProvider):
                answer: Any = self._over_http(provider, method, params)
            else:
                answer = provider.make_request(method, params)
        except ChainError:
            raise
        except (requests.RequestException, OSError, TimeoutError) as error:
            raise self._unavailable(method, error) from error
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise answers.malformed(f"{method} at {self.name}", "JSON", str(error)) from error
        return self._result(method, answer)

    def _over_http(self, provider: HttpProvider, method: str, params: list[Any]) -> Any:
        try:
            try:
                return provider.make_request(method, params)
            except requests.ConnectionError:
                if method == "eth_sendRawTransaction":  # sending again is the sender's decision
                    raise
                return provider.make_request(method, params)
        except HttpRefusal as refusal:
            if refusal.status >= 500:
                raise NoAnswerInTime(f"{method}: no answer from {self.name} ({refusal})") from None
            raise RpcError(
                method, {"code": refusal.status, "message": f"{refusal} (from {self.name})"}
            ) from None
        except AnswerTooSlow as error:
            raise NoAnswerInTime(
                f"{method}: no whole answer from {self.name} in time{self._by_way_of()}; is the "
                "node running, and not overloaded?"
            ) from error
        except AnswerTooLarge as error:
            raise NoAnswerInTime(f"{method}: {self.name} answers more than can be read") from error
        except Unreadable as error:
            raise answers.malformed(f"{method} at {self.name}", "JSON", str(error)) from error

    def _by_way_of(self) -> str:
        proxy = self.provider.proxy
        return f" through the proxy {proxy} (http_proxy, https_proxy)" if proxy else ""

    def _unavailable(self, method: str, error: Exception) -> NodeUnavailable:
        if isinstance(error, requests.exceptions.SSLError):
            return NodeUnavailable(
                f"{method}: the certificate of {self.name} isn't trusted ({_why(error)}); if its "
                "authority is yours, name that one's file in REQUESTS_CA_BUNDLE"
            )
        return NodeUnavailable(
            f"{method}: no answer from {self.name}{self._by_way_of()} ({type(error).__name__}); "
            "is the node running? (`tally up` starts one)"
        )

    def _result(self, method: str, answer: Any) -> Any:
        where = f"{method} at {self.name}"
        if not isinstance(answer, dict):
            raise answers.malformed(where, "an object with a result", answer)
        if answer.get("error") is not None:
            raise RpcError(method, answer["error"])
        if "result" not in answer:
            raise answers.malformed(where, "an object with a result", answer)
        return answer["result"]

    def batch(self, requests: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """Returns the answers to many requests, in their order: a raw result or an `RpcError` each.

        Over HTTP a hundred go in one body; where a node refuses that, and over a socket, they are
        asked one by one.

        Raises:
            NodeUnavailable: no answer.
            ChainError: what came is no answer to JSON-RPC requests.
        """
        found: list[Any] = []
        for at in range(0, len(requests), _IN_ONE_BATCH):
            chunk = requests[at : at + _IN_ONE_BATCH]
            together = self._together(chunk) if len(chunk) > 1 else None
            found += together if together is not None else [self._alone(*one) for one in chunk]
        return found

    def _alone(self, method: str, params: list[Any]) -> Any:
        try:
            return self.request(method, params)
        except RpcError as error:
            return error

    def _together(self, chunk: Sequence[tuple[str, list[Any]]]) -> list[Any] | None:
        """Returns a batch's answers; None if the node doesn't take batches."""
        provider = self.provider
        if not isinstance(provider, HttpProvider) or self._unbatched.is_set():
            return None
        asked = [provider.numbered(method, params) for method, params in chunk]
        try:
            told = provider.post(asked)
        except (HttpRefusal, Unreadable, AnswerTooSlow, AnswerTooLarge):
            told = None  # alone, each is told what is wrong with it
        except (requests.RequestException, OSError) as error:
            raise self._unavailable("a batch", error) from error
        if not isinstance(told, list):
            self._unbatched.set()
            return None
        by_id = {one.get("id"): one for one in told if isinstance(one, dict) and _plain_id(one)}
        return [
            self._of_batch(method, params, by_id.get(number))
            for number, (method, params) in zip((one["id"] for one in asked), chunk, strict=True)
        ]

    def _of_batch(self, method: str, params: list[Any], answer: Any) -> Any:
        if answer is None:  # nodes that cap a batch leave the rest out
            return self._alone(method, params)
        try:
            return self._result(method, answer)
        except RpcError as error:
            return error

    def close(self) -> None:
        """Closes an IPC socket; HTTP and WebSocket connections close by themselves."""
        if not isinstance(self.provider, HttpProvider):
            self.provider.close()

    def quantity(self, method: str, params: list[Any]) -> int:
        """Returns the number that a request is answered with."""
        return answers.quantity(self.request(method, params), f"{method} at {self.name}")

    def call_data(self, method: str, params: list[Any]) -> bytes:
        """Returns the bytes that a request is answered with."""
        return answers.call_data(self.request(method, params), f"{method} at {self.name}")

    def block_number(self) -> int:
        """Returns the number of the newest block."""
        where = f"eth_blockNumber at {self.name}"
        return answers.small(self.request("eth_blockNumber", []), where)

    def find_block(self, number: int | str) -> dict[str, Any] | None:
        """Returns a block's header as raw JSON, None if there is none of that number."""
        tag = hex(number) if isinstance(number, int) else number
        method = "eth_getBlockByNumber"
        answer = self.request(method, [tag, False])
        if answer is None:
            return None
        return answers.block(answer, f"{method} at {self.name}", pending=tag == "pending")

    def block(self, number: int | str) -> dict[str, Any]:
        """Returns a block's header as raw JSON; `number` may be `latest` or `pending`.

        Raises:
            ChainError: the node has no such block.
        """
        block = self.find_block(number)
        if block is None:
            raise ChainError(f"the node at {self.name} has no block {number}")
        return block

    def timestamp(self) -> int:
        """Returns the newest block's time in seconds since 1970."""
        return int(self.block("latest")["timestamp"], 16)

    def logs(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Returns the logs that answer a query, each well formed."""
        return answers.logs(self.request("eth_getLogs", [query]), f"eth_getLogs at {self.name}")

    def receipt(self, transaction_hash: str) -> dict[str, Any] | None:
        """Returns a mined transaction's raw receipt, None while it isn't in a block."""
        method = "eth_getTransactionReceipt"
        return answers.receipt(self.request(method, [transaction_hash]), f"{method} at {self.name}")

    def transaction(self, transaction_hash: str) -> dict[str, Any] | None:
        """Returns a transaction as raw JSON, mined or not; None if the node doesn't know it."""
        method = "eth_getTransactionByHash"
        return answers.transaction(
            self.request(method, [transaction_hash]), f"{method} at {self.name}"
        )

    def code(self, address: str) -> bytes:
        """Returns the code at an address; empty if there is none."""
        return self.call_data("eth_getCode", [address, "latest"])

    def codes(self, addresses: Sequence[str]) -> list[bytes]:
        """Returns the code at each address, asked for together.

        Raises:
            NodeUnavailable: no answer.
            RpcError: the node refused one.
        """
        told = self.batch([("eth_getCode", [address, "latest"]) for address in addresses])
        refusals = [answer for answer in told if isinstance(answer, RpcError)]
        if refusals:
            raise refusals[0]
        return [answers.call_data(answer, f"eth_getCode at {self.name}") for answer in told]

    def balance(self, address: str) -> int:
        """Returns the balance of an address in wei."""
        return self.quantity("eth_getBalance", [address, "latest"])


def _why(error: Exception) -> str:
    """Returns OpenSSL's word for what is wrong with a certificate."""
    found = re.search(r"certificate verify failed: ([^(\n]{1,80})", str(error))
    return found[1].strip() if found else "TLS failed"


def _plain_id(answer: dict[str, Any]) -> bool:
    return isinstance(answer.get("id"), (int, str))


def _check_address(url: str) -> None:
    try:
        parts = parse_url(url)
        sound = bool(parts.host) and len(parts.host or "") <= _LONGEST_HOST
    except LocationParseError:
        sound = False
    if not sound:
        raise ConfigError(
            f"expected an RPC address with a host and a port up to 65535, got {redacted_url(url)!r}"
        )


def _provider(url: str, timeout: float) -> HttpProvider | SocketProvider:
    if url.startswith(("http://", "https://", "ws://", "wss://")):
        _check_address(url)
    if url.startswith(("http://", "https://")):
        return HttpProvider(url, timeout)
    if url.startswith(("ws://", "wss://", "/", "./")) or url.endswith(".ipc"):
        from registry.chain.sockets import SocketProvider

        return SocketProvider(url, timeout)
    raise ConfigError(
        "expected an RPC address (http://, ws:// or the path of an .ipc socket), got "
        f"{redacted_url(url)!r}"
    )


def connect(url: str, expected_chain_id: int | None = None, timeout: float = 30.0) -> Gateway:
    """Connects to a node and checks which chain it serves.

    Args:
        url: `http(s)://`, `ws(s)://`, or the path of an IPC socket.
        expected_chain_id: refuse any other chain.
        timeout: seconds allowed for one answer.

    Raises:
        NodeUnavailable: nothing answers there.
        WrongChain: the node serves another chain.
    """
    provider = _provider(url, timeout)
    unchecked = Gateway(url=url, chain_id=0, provider=provider)
    chain_id = unchecked.quantity("eth_chainId", [])
    if expected_chain_id is not None and chain_id != expected_chain_id:
        raise WrongChain(
            f"expected chain {expected_chain_id}, got chain {chain_id} at {unchecked.name}; "
            "give the RPC address of the chain that the deployment is on"
        )
    return Gateway(url=url, chain_id=chain_id, provider=provider)
