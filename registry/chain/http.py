"""JSON-RPC over HTTP with a time limit for the whole answer, a size limit, and told refusals.

web3's own provider retries five times, waits for each read instead of for the answer, and takes
a refusal by HTTP status for a lost connection. This one asks once. Loopback addresses are never
asked for through a proxy of the environment: no proxy can reach them.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
import os
import threading
import time
from typing import Any

import requests
from requests.utils import get_environ_proxies, select_proxy
from urllib3.util import parse_url

from registry.redaction import redacted_url

__all__ = ["AnswerTooLarge", "AnswerTooSlow", "HttpProvider", "HttpRefusal", "Unreadable"]

_LARGEST = 256 << 20  # bytes of one answer
_PAUSES = (0.2, 0.8)  # seconds before asking again a node that says "too many requests"
_PIECE = 1 << 16


class HttpRefusal(Exception):
    """The node refused by HTTP status; `status` is its number, `text` what it said."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = " ".join(text.split())[:200]
        super().__init__(f"HTTP {status}" + (f": {self.text}" if self.text else ""))


class AnswerTooSlow(Exception):
    """The whole answer wasn't there in time."""


class AnswerTooLarge(Exception):
    """The answer has more bytes than are read."""


class Unreadable(Exception):
    """The answer is no JSON."""


def _is_loopback(host: str) -> bool:
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class HttpProvider:
    """Speaks to one node over HTTP.

    Args:
        url: the node's address.
        timeout: seconds for one whole answer.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self.endpoint_uri = url
        self._numbers = itertools.count()
        self._timeout = timeout
        self._session = requests.Session()
        self._session.headers["Content-Type"] = "application/json"
        pool = requests.adapters.HTTPAdapter(pool_maxsize=64)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, pool)
        if _is_loopback(parse_url(url).host or ""):
            self._session.trust_env = False
            # No proxy for loopback; whose certificates are trusted goes for all addresses.
            named = (os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
            self._session.verify = next(filter(None, named), True)

    @property
    def proxy(self) -> str | None:
        """The proxy that requests go through, as it may be shown; None without one."""
        if not self._session.trust_env:
            return None
        found = select_proxy(self.endpoint_uri, get_environ_proxies(self.endpoint_uri))
        return redacted_url(found) if found else None

    def numbered(self, method: str, params: list[Any]) -> dict[str, Any]:
        """Returns a request, with the number by which its answer is known."""
        return {"jsonrpc": "2.0", "method": method, "params": params, "id": next(self._numbers)}

    def make_request(self, method: str, params: list[Any]) -> Any:
        """Returns the node's answer to one request, errors among it.

        Raises:
            HttpRefusal: refused by HTTP status, without a JSON-RPC error.
            AnswerTooSlow: not whole in time.
            AnswerTooLarge: more bytes than are read.
            Unreadable: no JSON.
            requests.RequestException: no connection.
        """
        return self.post(self.numbered(method, params))

    def post(self, asked: dict[str, Any] | list[dict[str, Any]]) -> Any:
        """Returns what answers a request or a batch; asks again if the node is only busy.

        Raises:
            HttpRefusal: another status than success, without a JSON-RPC error in the body; for 429,
                the third time.
            Unreadable: success, and a body that is no JSON.
            AnswerTooSlow: the whole answer isn't there in time.
            AnswerTooLarge: over 256 MiB.
            requests.RequestException: no connection, or one that broke.
        """
        body = json.dumps(asked).encode()
        for pause in (*_PAUSES, None):
            status, content = self._exchange(body)
            if status != 429 or pause is None:
                break
            time.sleep(pause)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            if not 200 <= status < 300:
                raise HttpRefusal(status, content[:1_000].decode(errors="replace")) from error
            raise Unreadable(content[:60].decode(errors="replace")) from error
        told = isinstance(answer, list) or (isinstance(answer, dict) and answer.get("error"))
        if not 200 <= status < 300 and not told:
            raise HttpRefusal(status, content[:1_000].decode(errors="replace"))
        return answer

    def _exchange(self, body: bytes) -> tuple[int, bytes]:
        """Asks in a thread, so that an answer which trickles in can be left alone."""
        found: list[tuple[int, bytes] | Exception] = []
        end = time.monotonic() + self._timeout

        def ask() -> None:
            try:
                found.append(self._read(body, end))
            except Exception as error:
                found.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self._timeout + 0.05)
        if not found:
            raise AnswerTooSlow
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    def _read(self, body: bytes, end: float) -> tuple[int, bytes]:
        pieces, size = [], 0
        try:
            with self._session.post(
                self.endpoint_uri,
                data=body,
                timeout=self._timeout,
                stream=True,
                allow_redirects=False,
            ) as answer:
                for piece in answer.iter_content(_PIECE):
                    pieces.append(piece)
                    size += len(piece)
                    if size > _LARGEST:
                        raise AnswerTooLarge
                    if time.monotonic() > end:
                        raise AnswerTooSlow
                return answer.status_code, b"".join(pieces)
        except requests.Timeout as error:
            raise AnswerTooSlow from error
