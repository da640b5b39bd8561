"""Who opens rounds, checks what is revealed, combines it, proposes, publishes and pays.

`coordinator` acts in one round, `round_loop` leads from round to round; `federation_options` says
how many and who, `participant_selection` chooses, `revealed_updates` fetches and checks at the
door (`hidden_rounds` where they are hidden), `shortage` says what a round lacked, `paying` posts
what is owed, `single_coordinator` keeps a second process of the account out.
"""

from __future__ import annotations

from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.coordinator.federation_options import FederationOptions

__all__ = ["Coordinator", "FederationOptions", "RoundResult"]
