"""What of an address may be shown: never the password or the API key within it.

Providers of nodes and storage put keys where an address has room: before the host, in the query,
in the path. Whatever prints or logs an address passes it through here first.
"""

from __future__ import annotations

import re

__all__ = ["redacted_text", "redacted_url"]

_HIDDEN = "***"
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<rest>.*)", re.DOTALL)
_NEXT = re.compile(r",(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_HOST = re.compile(r"(\[[^\]]*\]|[^:@]*)(:\d*)?")
_REST = re.compile(
    r"(?P<host>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?", re.DOTALL
)
_BARE_USER = re.compile(r"[^/\s@]*:[^/\s]*@")
_CID = re.compile(r"Qm[1-9A-HJ-NP-Za-km-z]{44}|[bz][0-9A-Za-z]{48,}")
_LONG = 16
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z]).{8,}", re.DOTALL)
_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_CLOSING = "'\"`.,;:)>]}"


def redacted_url(url: str) -> str:
    """Returns an address with user, password, query values and keys in its path as `***`.

    A path, a multiaddress and the content identifiers of a gateway's address stay as they are. In
    doubt a part of a path is hidden: from 16 characters on, or 8 of mixed letters and digits.

    Args:
        url: an address, well formed or not, or several of them that commas part.
    """
    return ",".join(map(_shown_url, _NEXT.split(url)))


def _shown_url(url: str) -> str:
    found = _URL.fullmatch(url)
    if found is None:
        return _BARE_USER.sub(f"{_HIDDEN}@", url, count=1)
    rest = found["rest"]
    head = re.split(r"[/?#]", rest, maxsplit=1)[0]
    shown_user = ""
    # A password with a slash in it cuts the host short; what is left of it is no host and port.
    if "@" in head or ("@" in rest and _HOST.fullmatch(head) is None):
        before_query = rest.partition("?")[0]
        cut = before_query if "@" in before_query else rest
        rest = rest[cut.rindex("@") + 1 :]
        shown_user = f"{_HIDDEN}@"
    parts = _REST.fullmatch(rest)
    if parts is None:
        return f"{found['scheme']}{_HIDDEN}"
    path = "/".join(map(_shown_segment, parts["path"].split("/")))
    fragment = f"#{_HIDDEN}" if parts["fragment"] else ""
    query = _shown_query(parts["query"] or "")
    return f"{found['scheme']}{shown_user}{parts['host']}{path}{query}{fragment}"


def redacted_text(text: str) -> str:
    """Returns a message in which every address with a scheme is shown by `redacted_url`."""
    return _IN_TEXT.sub(_shown_in_text, text)


def _shown_in_text(found: re.Match[str]) -> str:
    url = found[0].rstrip(_CLOSING)
    return redacted_url(url) + found[0][len(url) :]


def _shown_segment(segment: str) -> str:
    if _CID.fullmatch(segment):
        return segment
    return _HIDDEN if len(segment) >= _LONG or _MIXED.fullmatch(segment) else segment


def _shown_query(query: str) -> str:
    if not query:
        return ""
    return "?" + "&".join(map(_shown_pair, query[1:].split("&")))


def _shown_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return _HIDDEN if name else ""
    return pair if _CID.fullmatch(value) else f"{name}={_HIDDEN}"
