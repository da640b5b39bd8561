"""What each accepted update is worth, and what that comes to in a budget.

A scoring gives natural numbers by participant: `score_by_examples` the claimed weights,
`score_by_leave_one_out` the loss that an update saves on a validation set. `shares_of` turns scores
into integers that sum exactly to the budget (P-1, P-2).

`examples` and `leave_one_out` are the scorings, `evaluation` the loss, `shares` the money.

Example:
    >>> shares_of({"0x01": 1, "0x02": 2}, 10)
    {'0x01': 3, '0x02': 7}
"""

from __future__ import annotations

from trainer.scoring.evaluation import CrossEntropy
from trainer.scoring.examples import score_by_examples
from trainer.scoring.leave_one_out import Evaluate, leave_one_out, score_by_leave_one_out
from trainer.scoring.shares import shares_of

__all__ = [
    "CrossEntropy",
    "Evaluate",
    "leave_one_out",
    "score_by_examples",
    "score_by_leave_one_out",
    "shares_of",
]
