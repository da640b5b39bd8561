"""What fills the trainer's ports.

* boards: `MemoryBoard` over a shared `MemoryLedger`; the chain's is in `registry_board`.
* blobs: `StoreBlobs` over any store of the registry.
* mailboxes: `FolderMailbox` in a shared folder.
* clocks: `ManualClock` that a caller turns, `SystemClock`.

By module: `memory_board`, `memory_ledger`, `store_blobs`, `folder_mailbox`, `clocks`; on the chain
`registry_board`, `staked_board` and `chain_clock`; `replay` computes rounds again for the audit.
Of hidden rounds: `memory_hidden`, `registry_hidden`, `hidden_replay`.
"""

from __future__ import annotations

from trainer.adapters.clocks import ManualClock, SystemClock
from trainer.adapters.folder_mailbox import FolderMailbox
from trainer.adapters.memory_board import MemoryBoard
from trainer.adapters.memory_ledger import MemoryLedger
from trainer.adapters.store_blobs import StoreBlobs

__all__ = [
    "FolderMailbox",
    "ManualClock",
    "MemoryBoard",
    "MemoryLedger",
    "StoreBlobs",
    "SystemClock",
]
