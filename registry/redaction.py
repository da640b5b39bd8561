"""Addresses of nodes as they may be shown: without passwords and without keys."""

from __future__ import annotations

import re

__all__ = ["redacted_url"]

_USER = re.compile(r"^(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#]*@")
_KEY = re.compile(r"^(?=[^/]*[0-9])[A-Za-z0-9_-]{16,}$")


def redacted_url(url: str) -> str:
    """Returns an address without its credentials: user, query and key-like parts of the path."""
    shown = _USER.sub(r"\g<scheme>", url)
    shown, query, _ = shown.partition("?")
    if "://" not in shown:
        return shown
    scheme, _, rest = shown.partition("://")
    host, *parts = rest.split("/")
    kept = ["…" if _KEY.match(part) else part for part in parts]
    return f"{scheme}://{'/'.join([host, *kept])}" + ("?…" if query else "")
