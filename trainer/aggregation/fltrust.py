"""FLTrust: a participant that everybody trusts bootstraps the trust in the others.

Cao, Fang, Liu, Gong: "FLTrust: Byzantine-robust Federated Learning via Trust Bootstrapping", NDSS
2021. Bears any number of Byzantine updates as long as the trusted one's data are like the honest
ones'. The trusted one here is a participant like any other, so that its update can be replayed
too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.geometry import norm
from trainer.aggregation.robust import Decision, RobustRule, require
from trainer.aggregation.rows import Rows

__all__ = ["FLTrust"]

_MOST = 1 << 8
"""An update that is shorter than the trusted one is made longer, but so many times at most."""


@final
@dataclass(frozen=True)
class FLTrust(RobustRule):
    """The others' updates at the trusted one's length, weighed by the cosine with it.

    Args:
        trusted: the trusted row's place.

    Raises:
        ConfigError: below 0.
    """

    trusted: int = 0

    def __post_init__(self) -> None:
        """Checks the range."""
        if self.trusted < 0:
            raise ConfigError(f"fltrust: expected a place of at least 0, got {self.trusted}")

    @property
    def name(self) -> str:
        """Returns "fltrust"."""
        return "fltrust"

    @property
    def least(self) -> int:
        """Returns the place of the trusted one, and another."""
        return max(2, self.trusted + 1)

    def decide(self, rows: Rows) -> Decision:
        """Returns the weighed mean; the trusted row itself, if no other points its way."""
        require(self.name, rows.count, self.least, "the trusted one among them")
        lengths = [norm(rows.gram, row) for row in range(rows.count)]
        trust = [self._trust(rows, lengths, row) for row in range(rows.count)]
        unit = rows.unit // _MOST
        total = sum(round(part * unit) for part in trust)
        if total == 0:
            factors, total = [int(row == self.trusted) for row in range(rows.count)], 1
        else:
            scaled = zip(trust, lengths, strict=True)
            long = lengths[self.trusted]
            factors = [
                round(part * min(long / length, _MOST) * unit) if part else 0
                for part, length in scaled
            ]
        return Decision(
            rows.weighted(factors, total),
            {
                row: "points away from the trusted update"
                for row, part in enumerate(trust)
                if not part and row != self.trusted
            },
            [10**9 * factor // total for factor in factors],
            {"trust": trust},
        )

    def _trust(self, rows: Rows, lengths: list[float], row: int) -> float:
        if row == self.trusted or not lengths[row] or not lengths[self.trusted]:
            return 0.0
        cosine = rows.gram[row][self.trusted] / (lengths[row] * lengths[self.trusted])
        # What turns away has no trust, and less than a unit counts as none.
        return cosine if cosine * (rows.unit // _MOST) >= 1 else 0.0
