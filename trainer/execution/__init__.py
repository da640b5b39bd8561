"""What a round comes to: a pure function of its base, its terms and its accepted updates (A-4).

* `execute` is the function that coordinator, audit and doubters run alike, on `round_inputs`;
  `combine` its weights and rule, `client_evaluation` what participants measured, `screening` who
  is left out, `validation_set` what updates are measured on, `loading` whether a version loads
  into its architecture;
* `hidden_rounds` is the same function where updates are hidden;
* on one chunk, in the integers that the contracts compute: `weight_rules`, `momentum_rules`;
* for proofs of them: `version_roots`, `memory_roots`.
"""

from __future__ import annotations

from trainer.execution.execute import Outcome, execute, score
from trainer.execution.round_inputs import RoundInputs

__all__ = ["Outcome", "RoundInputs", "execute", "score"]
