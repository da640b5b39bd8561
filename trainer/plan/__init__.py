"""What every participant does with its own data between two versions, as data.

`training_plan` is the plan that a round's terms carry, `evaluation_terms` who measures as well,
`optimizers` the ones that it may name, `configs` the dictionary that a client's `fit` gets of it,
`decimals` the numbers: decimal text,
which is the same number in every language.
"""

from __future__ import annotations

from trainer.plan.training_plan import LocalPlan

__all__ = ["LocalPlan"]
