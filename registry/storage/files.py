"""Files and folders over blocks, in one place: what other packages call."""

from __future__ import annotations

from registry.storage.adding import Progress, add_bytes, add_path, directory_cid
from registry.storage.fetching import fetch_path
from registry.storage.reading import FolderEntry, list_directory, open_stream, read_bytes

__all__ = [
    "FolderEntry",
    "Progress",
    "add_bytes",
    "add_path",
    "directory_cid",
    "fetch_path",
    "list_directory",
    "open_stream",
    "read_bytes",
]
