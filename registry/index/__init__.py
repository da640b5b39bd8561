"""The registry's state, rebuilt from its events and from nothing else.

`RegistryState` is a fold over events: models, versions, channels and grants in `catalogue`,
rounds in `rounds`, escrows and payouts in `payouts`. `ChainIndex` keeps one up to date and rolls it
back when the chain does.
"""

from registry.index.catalogue import Catalogue
from registry.index.payouts import DistributionRecord, PayoutLedger, PostedRoot
from registry.index.rounds import BatchRecord, Revealed, RoundBook, RoundRecord
from registry.index.state import ChainIndex, RegistryState

__all__ = [
    "BatchRecord",
    "Catalogue",
    "ChainIndex",
    "DistributionRecord",
    "PayoutLedger",
    "PostedRoot",
    "RegistryState",
    "Revealed",
    "RoundBook",
    "RoundRecord",
]
