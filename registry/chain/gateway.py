"""One connection to one chain: HTTP, WebSocket or IPC, with the chain id checked at the door."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, cast

import requests
from web3 import HTTPProvider, IPCProvider, LegacyWebSocketProvider, Web3
from web3.exceptions import Web3Exception
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint

from registry.errors import ChainError, ConfigError, NodeUnavailable, WrongChain

__all__ = ["Gateway", "RpcError", "connect"]


class RpcError(ChainError):
    """The node answered a request with a JSON-RPC error; `code` and `data` are the node's own."""

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        self.code = error.get("code")
        self.data = error.get("data")
        self.text = str(error.get("message", error))
        super().__init__(f"{method}: the node answered: {self.text}")


@dataclass(frozen=True)
class Gateway:
    """A checked connection. `request` speaks raw JSON-RPC; `web3` is the library's own object."""

    url: str
    chain_id: int
    web3: Web3
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def request(self, method: str, params: list[Any]) -> Any:
        """Returns the raw JSON result of one request.

        Raises:
            NodeUnavailable: no answer; whether the node acted on the request is unknown.
            RpcError: the node refused.
        """
        provider = cast(JSONBaseProvider, self.web3.provider)
        try:
            if isinstance(provider, HTTPProvider):
                answer = provider.make_request(RPCEndpoint(method), params)
            else:  # one socket: requests must not interleave
                with self._lock:
                    answer = provider.make_request(RPCEndpoint(method), params)
        except (requests.RequestException, OSError, TimeoutError, Web3Exception) as error:
            raise NodeUnavailable(
                f"{method}: no answer from {self.url} ({type(error).__name__}); "
                "is the node running? (`tally up` starts one)"
            ) from error
        if "error" in answer:
            raise RpcError(method, cast(dict[str, Any], answer["error"]))
        return answer["result"]

    def close(self) -> None:
        """Closes an IPC socket; HTTP and WebSocket connections close by themselves."""
        opened = getattr(self.web3.provider, "_socket", None)  # web3 has no public way to close it
        if isinstance(self.web3.provider, IPCProvider) and opened is not None and opened.sock:
            opened.sock.close()

    def block_number(self) -> int:
        """Returns the number of the newest block."""
        return int(self.request("eth_blockNumber", []), 16)

    def block(self, number: int | str) -> dict[str, Any]:
        """Returns a block's header as raw JSON; `number` may be `latest` or `pending`."""
        tag = hex(number) if isinstance(number, int) else number
        block = self.request("eth_getBlockByNumber", [tag, False])
        if block is None:
            raise ChainError(f"the node at {self.url} has no block {number}")
        return cast(dict[str, Any], block)

    def timestamp(self) -> int:
        """Returns the newest block's time in seconds since 1970."""
        return int(self.block("latest")["timestamp"], 16)

    def code(self, address: str) -> bytes:
        """Returns the code at an address; empty if there is none."""
        return bytes.fromhex(self.request("eth_getCode", [address, "latest"])[2:])

    def balance(self, address: str) -> int:
        """Returns the balance of an address in wei."""
        return int(self.request("eth_getBalance", [address, "latest"]), 16)


def _provider(url: str, timeout: float) -> JSONBaseProvider:
    if url.startswith(("http://", "https://")):
        return HTTPProvider(url, request_kwargs={"timeout": timeout})
    if url.startswith(("ws://", "wss://")):
        return LegacyWebSocketProvider(url, websocket_timeout=int(timeout))
    if url.endswith(".ipc") or url.startswith(("/", "./")):
        return IPCProvider(url, timeout=int(timeout))
    raise ConfigError(
        f"expected an RPC address (http://, ws:// or the path of an .ipc socket), got {url!r}"
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
    web3 = Web3(_provider(url, timeout))
    unchecked = Gateway(url=url, chain_id=0, web3=web3)
    chain_id = int(unchecked.request("eth_chainId", []), 16)
    if expected_chain_id is not None and chain_id != expected_chain_id:
        raise WrongChain(
            f"expected chain {expected_chain_id}, got chain {chain_id} at {url}; "
            "give the RPC address of the chain that the deployment is on"
        )
    return Gateway(url=url, chain_id=chain_id, web3=web3)
