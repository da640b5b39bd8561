"""The registry's state, rebuilt from its events and from nothing else.

`RegistryState` is a fold over events: the emergency stop and the token list in `governance`,
models, versions, channels and grants in `catalogue`, rounds in `rounds`, escrows and payouts in
`payouts`, stakes in `stakes`, staked rounds with their proposals and questions in `staked_rounds`,
what is paid by weight in `pots`, what evaluators decided in `evaluations`. `ChainIndex` keeps one
up to date and rolls it back when the chain does.
"""

from registry.index.catalogue import Catalogue
from registry.index.evaluations import DecisionRecord, EvaluationBook, PanelRecord
from registry.index.governance import GovernanceBook
from registry.index.payouts import (
    DistributionRecord,
    PayoutLedger,
    PostedRoot,
    RootState,
    SweptBase,
)
from registry.index.pots import PotBook, PotRecord
from registry.index.rounds import BatchRecord, RevealRecord, RoundBook, RoundRecord
from registry.index.staked_rounds import (
    Certificate,
    ProposalRecord,
    QuestionRecord,
    QuestionState,
    StakedRoundBook,
    StakedRoundRecord,
    Standing,
)
from registry.index.stakes import Lock, StakeBook, StakeRecord
from registry.index.state import ChainIndex, RegistryState

__all__ = [
    "BatchRecord",
    "Catalogue",
    "Certificate",
    "ChainIndex",
    "DecisionRecord",
    "DistributionRecord",
    "EvaluationBook",
    "GovernanceBook",
    "Lock",
    "PanelRecord",
    "PayoutLedger",
    "PostedRoot",
    "PotBook",
    "PotRecord",
    "ProposalRecord",
    "QuestionRecord",
    "QuestionState",
    "RegistryState",
    "RevealRecord",
    "RootState",
    "RoundBook",
    "RoundRecord",
    "StakeBook",
    "StakeRecord",
    "StakedRoundBook",
    "StakedRoundRecord",
    "Standing",
    "SweptBase",
]
