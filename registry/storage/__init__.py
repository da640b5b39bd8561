"""Content-addressed storage: blocks under their CIDs, and files and folders over blocks.

* `cid`, `dag_pb`, `unixfs` are pure: names, the wire format, and the tree that a file becomes. The
  CIDs are those of `ipfs add -r --cid-version=1` (C-1), computed here and never taken on trust.
* `base.Store` is the seam: `put_block` and `get_block` check every block (C-4), a store says only
  where bytes lie. `LocalStore` keeps them in a folder, `IpfsStore` on an IPFS node, `GatewayStore`
  reads from an HTTP gateway, `MemoryStore` forgets; `SourceChain` asks several in order.
* `files` adds, lists, streams and fetches; a cut transfer is run again and goes on.
* `car` carries a tree in one file; `kubo_node` starts a real Kubo for tests and demonstrations.
* In parts: `adding`, `reading` and `fetching` of trees, `documents` by their digest, `pruning` of
  what nothing kept leads to; `local` over `flatfs`, `memory`, `gateway` and `sources` are the
  stores, `opening` makes one of a setting, `place_lock` keeps two fetches apart.
* Over HTTP: `block_requests` within `deadlines`, `ipfs` through an `ipfs_session` and `kubo_rpc`;
  `kubo_process` starts the node, `kubo_library` is its library.

Example:
    >>> store = MemoryStore()
    >>> cid = add_bytes(store, b"one half of a tally")
    >>> read_bytes(store, cid, limit=100)
    b'one half of a tally'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.storage.base import MAX_BLOCK_BYTES, Store, missing_blocks
from registry.storage.car import export_car, import_car
from registry.storage.cid import DAG_PB, RAW, Cid
from registry.storage.documents import get_document, put_document
from registry.storage.files import (
    FolderEntry,
    Progress,
    add_bytes,
    add_path,
    directory_cid,
    fetch_path,
    list_directory,
    open_stream,
    read_bytes,
)
from registry.storage.gateway import GatewayStore
from registry.storage.kubo_process import KuboNode, start_kubo
from registry.storage.local import LocalStore
from registry.storage.memory import MemoryStore
from registry.storage.opening import open_store
from registry.storage.place_lock import beside
from registry.storage.pruning import Pruned, reached
from registry.storage.sources import SourceChain

if TYPE_CHECKING:
    from registry.storage.ipfs import IpfsStore

__all__ = [
    "DAG_PB",
    "MAX_BLOCK_BYTES",
    "RAW",
    "Cid",
    "FolderEntry",
    "GatewayStore",
    "IpfsStore",
    "KuboNode",
    "LocalStore",
    "MemoryStore",
    "Progress",
    "Pruned",
    "SourceChain",
    "Store",
    "add_bytes",
    "add_path",
    "beside",
    "directory_cid",
    "export_car",
    "fetch_path",
    "get_document",
    "import_car",
    "list_directory",
    "missing_blocks",
    "open_store",
    "open_stream",
    "put_document",
    "reached",
    "read_bytes",
    "start_kubo",
]


def __getattr__(name: str) -> Any:
    """Loads `IpfsStore` when it is first asked for: its client takes 0.3 s to import."""
    if name == "IpfsStore":
        from registry.storage.ipfs import IpfsStore

        return IpfsStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
