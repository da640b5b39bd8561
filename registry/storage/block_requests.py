"""GET requests for blocks: within a deadline, through few redirects, on connections kept open."""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass
from typing import final
from urllib.parse import SplitResult, urljoin, urlsplit

from registry.errors import StoreUnavailable
from registry.storage.deadlines import Deadline, Watchdog, shut

__all__ = ["BlockAnswer", "BlockRequests", "TimeUp"]

_HEADERS = {"Accept": "application/vnd.ipld.raw"}
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_READ_BYTES = 1 << 16
_Place = tuple[str, str, int | None]


class TimeUp(Exception):
    """The deadline passed before the answer was complete."""


@dataclass(frozen=True)
class BlockAnswer:
    """A server's answer: the status, at most one byte more than allowed, and when to try again."""

    status: int
    data: bytes
    retry_after: str
    location: str = ""


@final
class BlockRequests:
    """Sends requests; each thread has connections of its own, one for each server."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._all: list[http.client.HTTPConnection] = []
        self._watchdog = Watchdog()

    def get(self, url: str, limit: int, deadline: Deadline) -> BlockAnswer:
        """Returns the answer to a request, or to that to which it is redirected.

        Redirects lead from http to http or https, from https to https, and five times at most.

        Raises:
            OSError, http.client.HTTPException: no answer, or a malformed one.
            TimeUp: not within the deadline.
            StoreUnavailable: redirected too often or to something else.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._get(urlsplit(url), limit, deadline)
            if answer.status not in _REDIRECTS or not answer.location:
                return answer
            url = _redirected(url, answer.location)
        raise StoreUnavailable(f"{url}: redirected more than {_MOST_REDIRECTS} times")

    def _get(self, url: SplitResult, limit: int, deadline: Deadline) -> BlockAnswer:
        connection = self._connection(url)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        if deadline.left == 0:
            raise TimeUp
        connection.timeout = deadline.left
        if connection.sock is not None:
            connection.sock.settimeout(deadline.left)
        try:
            with self._watchdog.watching(deadline, lambda: shut(connection.sock)):
                connection.request("GET", target, headers=_HEADERS)
                answer = connection.getresponse()
                data = self._read(answer, limit, deadline)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if deadline.passed or isinstance(error, TimeoutError):
                raise TimeUp from error
            raise
        if not answer.isclosed():  # what is left would be read as the next answer
            connection.close()
        if deadline.passed:  # cut off just where an answer without a length might end
            connection.close()
            raise TimeUp
        return BlockAnswer(
            answer.status,
            data,
            answer.getheader("Retry-After", ""),
            answer.getheader("Location", ""),
        )

    def _read(self, answer: http.client.HTTPResponse, limit: int, deadline: Deadline) -> bytes:
        data = bytearray()
        while len(data) <= limit:
            part = answer.read1(min(_READ_BYTES, limit + 1 - len(data)))
            if not part:
                break
            data += part
            deadline.earn(len(part))
        if answer.length and len(data) <= limit:
            raise http.client.IncompleteRead(bytes(data), answer.length)
        return bytes(data)

    def _connection(self, url: SplitResult) -> http.client.HTTPConnection:
        if not hasattr(self._mine, "connections"):
            self._mine.connections = {}
        mine: dict[_Place, http.client.HTTPConnection] = self._mine.connections
        place = (url.scheme, url.hostname or "", url.port)
        if place not in mine:
            kind = {"https": http.client.HTTPSConnection}.get(
                url.scheme, http.client.HTTPConnection
            )
            mine[place] = kind(place[1], place[2])
            with self._lock:
                self._all.append(mine[place])
        return mine[place]

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._lock:
            connections, self._all = self._all, []
        for connection in connections:
            connection.close()
        self._watchdog.close()


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.scheme not in (urlsplit(url).scheme, "https"):
        raise StoreUnavailable(
            f"{url}: redirected to {location[:80]!r}, expected https or as before"
        )
    return target
