"""A round as a pure machine: what happened goes in, what is to be done comes out (R-2 to R-7).

`round_events` are what can happen, `round_state` folds them, `actions` says what a coordinator or
participant does next at a time, `batch_schedule` when batches are due, `progress` what a step came
to, `round_words` what happened, as sentences. No I/O, no clock: boards and loops bring both.
"""

from __future__ import annotations

from trainer.protocol.round_state import RoundState, phase_at

__all__ = ["RoundState", "phase_at"]
