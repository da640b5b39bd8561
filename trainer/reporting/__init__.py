"""Reports on rounds: who counted, who didn't and why, and what stands out among the updates.

* `anomalies`: pure; copies, near-copies, empty, large and opposed updates, decided in integers.
* `round_report`: what a report holds.
* `round_reports`: works a round out again from board and storage, and reports on it.
"""

from __future__ import annotations

from trainer.reporting.anomalies import (
    Anomaly,
    AnomalyKind,
    Survey,
    Thresholds,
    UpdateFigures,
    survey,
)
from trainer.reporting.round_report import Line, RoundReport
from trainer.reporting.round_reports import RoundReports

__all__ = [
    "Anomaly",
    "AnomalyKind",
    "Line",
    "RoundReport",
    "RoundReports",
    "Survey",
    "Thresholds",
    "UpdateFigures",
    "survey",
]
