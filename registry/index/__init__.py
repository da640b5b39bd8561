"""The registry's state, rebuilt from its events and from nothing else.

`RegistryState` is a fold over events: the emergency stop and the token list in `governance`,
models, versions, channels and grants in `catalogue`, rounds in `rounds`, escrows and payouts in
`payouts`, stakes in `stakes`, staked rounds with their proposals and questions in `staked_rounds`,
what is paid by weight in `pots`, what evaluators decided in `evaluations`, who shares masks with
whom in `hidden_rounds`. `ChainIndex` keeps one up to date and rolls it back when the chain does.

`state` holds both, `following` is how events are folded, `forfeits` what coordinators put up,
`hidden_rounds` who has keys in rounds that hide updates, who survived and what was opened.
"""

from registry.index.catalogue import Catalogue
from registry.index.evaluations import DecisionRecord, EvaluationIndex, PanelRecord
from registry.index.governance import GovernanceIndex
from registry.index.hidden_rounds import (
    FrozenGroupRecord,
    HiddenRoundIndex,
    HiddenRoundRecord,
    PostedShareRecord,
    RoundKeyRecord,
    SharedSecretsRecord,
)
from registry.index.payouts import (
    DistributionRecord,
    PayoutLedger,
    PostedRoot,
    RootState,
    SweptBase,
)
from registry.index.pots import PotIndex, PotRecord
from registry.index.rounds import BatchRecord, RevealRecord, RoundIndex, RoundRecord
from registry.index.staked_rounds import (
    Certificate,
    ProposalRecord,
    ProposalStatus,
    QuestionRecord,
    QuestionState,
    StakedRoundIndex,
    StakedRoundRecord,
)
from registry.index.stakes import Lock, StakeIndex, StakeRecord
from registry.index.state import ChainIndex, RegistryState

__all__ = [
    "BatchRecord",
    "Catalogue",
    "Certificate",
    "ChainIndex",
    "DecisionRecord",
    "DistributionRecord",
    "EvaluationIndex",
    "FrozenGroupRecord",
    "GovernanceIndex",
    "HiddenRoundIndex",
    "HiddenRoundRecord",
    "Lock",
    "PanelRecord",
    "PayoutLedger",
    "PostedRoot",
    "PostedShareRecord",
    "PotIndex",
    "PotRecord",
    "ProposalRecord",
    "ProposalStatus",
    "QuestionRecord",
    "QuestionState",
    "RegistryState",
    "RevealRecord",
    "RootState",
    "RoundIndex",
    "RoundKeyRecord",
    "RoundRecord",
    "SharedSecretsRecord",
    "StakeIndex",
    "StakeRecord",
    "StakedRoundIndex",
    "StakedRoundRecord",
    "SweptBase",
]
