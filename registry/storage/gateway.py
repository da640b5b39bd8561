"""An IPFS gateway as a source of blocks, to read only: anyone may serve, nobody is believed.

Source: the trustless gateway specification; a block is `GET /ipfs/<cid>?format=raw`. What a
gateway sends is checked by `Store.get_block`; `SourceChain` goes on to the next one if it lies
(T-7, T-8). One that errs now and then is asked again; one that errs all the time is not, so that a
good source behind it is soon reached.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from typing import NoReturn, final
from urllib.parse import urlsplit

from registry.errors import BlobAltered, BlobNotFound, ConfigError, StorageError, StoreUnavailable
from registry.storage.base import Store
from registry.storage.block_requests import BlockAnswer, BlockRequests, TimeUp
from registry.storage.cid import Cid
from registry.storage.deadlines import Deadline

__all__ = ["GatewayStore"]

_GONE = (404, 410)
_TRIES = 5
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
_HOPELESS = 2


@final
class GatewayStore(Store):
    """Blocks from an HTTP gateway.

    Args:
        address: `http://host:port` or `https://host`, without a path.
        timeout: seconds for a block in all, tries and redirects included; each 65,536 bytes that
            come add one.
        pause: waits so many seconds between tries.

    Raises:
        ConfigError: another kind of address.
    """

    def __init__(
        self, address: str, timeout: float = 30, pause: Callable[[float], None] = time.sleep
    ) -> None:
        try:
            parts = urlsplit(address)
            sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            sound = False
        if not sound or parts.path.strip("/") or parts.query:
            raise ConfigError(f"expected a gateway's address like https://host, got {address!r}")
        self.address = address.rstrip("/")
        self._timeout, self._pause = timeout, pause
        self._requests = BlockRequests()
        self._failed_in_a_row = 0

    @property
    def parallelism(self) -> int:
        """Eight requests at a time."""
        return 8

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Returns the gateway's answer, at most `limit` bytes.

        Another answer than the block is asked for again, up to five times in all, within the
        time for one block; but once only of a gateway that failed with the two blocks before.
        """
        deadline = Deadline(self._timeout)
        tries = 1 if self._failed_in_a_row >= _HOPELESS else _TRIES
        for left in reversed(range(tries)):
            answer = self._answer(cid, limit, deadline, last=left == 0)
            if answer is not None and answer.status == 200:
                if len(answer.data) <= limit and Cid.of(answer.data, cid.codec) == cid:
                    self._failed_in_a_row = 0
                    return answer.data
            elif answer is not None and not _may_pass(answer):
                break
            pause = _pause_before(tries - left, answer)
            if left == 0 or pause is None or pause >= deadline.left:
                break
            self._pause(pause)
        self._failed_in_a_row += answer is None or answer.status not in _GONE
        return self._judged(cid, limit, answer)

    def _answer(self, cid: Cid, limit: int, deadline: Deadline, last: bool) -> BlockAnswer | None:
        """Returns an answer, or None if the connection broke and there are tries left."""
        url = f"{self.address}/ipfs/{cid}?format=raw"
        try:
            return self._requests.get(url, limit, deadline)
        except TimeUp:
            self._failed_in_a_row += 1
            raise StoreUnavailable(
                f"{cid}: {self.address} sent no whole answer within {self._timeout:g} s (and 1 s "
                "for each 65,536 bytes); use another source"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            if not last and not isinstance(error, ConnectionRefusedError):
                return None
            self._failed_in_a_row += 1
            raise StoreUnavailable(
                f"{cid}: no answer from {self.address} ({error}); is it running?"
            ) from error

    def _judged(self, cid: Cid, limit: int, answer: BlockAnswer | None) -> bytes:
        """Returns the last answer's bytes, for `get_block` to refuse, or says what it is."""
        if answer is None:
            raise StoreUnavailable(f"{cid}: {self.address} breaks connections off")
        if answer.status in (*_GONE, 504):
            raise BlobNotFound(f"{cid}: {self.address} does not have it ({answer.status})")
        if answer.status != 200:
            raise StoreUnavailable(f"{cid}: {self.address} answers {answer.status}")
        if len(answer.data) > limit:
            raise BlobAltered(f"{cid}: {self.address} sent more than {limit} bytes")
        return answer.data

    def has_block(self, cid: Cid) -> bool:
        """Says no: what a gateway holds itself cannot be asked."""
        return False

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Refuses."""
        self._refuse()

    def pin(self, cid: Cid) -> None:
        """Refuses."""
        self._refuse()

    def unpin(self, cid: Cid) -> None:
        """Refuses."""
        self._refuse()

    def is_pinned(self, cid: Cid) -> bool:
        """Says no."""
        return False

    def _refuse(self) -> NoReturn:
        raise StorageError(f"{self.address} is a gateway, to read only; store on a node or folder")

    def close(self) -> None:
        """Closes the connections of all threads."""
        self._requests.close()


def _may_pass(answer: BlockAnswer) -> bool:
    """Tells whether another try may fare better: too many requests, or the server's own failure."""
    return answer.status == 429 or answer.status >= 500


def _pause_before(tried: int, answer: BlockAnswer | None) -> float | None:
    """Returns the seconds to wait before the next try; None if the server asks for too many."""
    asked = answer.retry_after.strip() if answer is not None else ""
    if asked.isascii() and asked.isdigit():
        return float(asked) if len(asked) < 9 and float(asked) <= _LONGEST_PAUSE else None
    return _FIRST_PAUSE * float(2 ** (tried - 1))
