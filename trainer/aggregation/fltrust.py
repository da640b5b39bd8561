"""FLTrust: a participant that everybody trusts bootstraps the trust in the others.

Cao, Fang, Liu, Gong: "FLTrust: Byzantine-robust Federated Learning via Trust Bootstrapping", NDSS
2021. Bears any number of Byzantine updates as long as the trusted one's data are like the honest
ones'. The trusted one here is a participant like any other, so that its update can be replayed
too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from registry.errors import AggregationError, ConfigError
from trainer.aggregation.geometry import norm
from trainer.aggregation.robust import Decision, RobustRule, require
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["FLTrust"]

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_MOST = 1 << 8
"""An update that is shorter than the trusted one is made longer, but so many times at most."""


@final
@dataclass(frozen=True)
class FLTrust(RobustRule):
    """The others' updates at the trusted one's length, weighed by the cosine with it.

    Whom to trust is an address that the terms fix: a place among those who revealed would move as
    soon as somebody else stays silent. Without its update the rule refuses the round.

    Args:
        trusted: the participant's address, 40 hexadecimal digits behind 0x.
        place: of its update among the rows; `seated` finds it.

    Raises:
        ConfigError: no address.
    """

    trusted: str
    place: int | None = None

    def __post_init__(self) -> None:
        """Checks the address."""
        if not isinstance(self.trusted, str) or not _ADDRESS.fullmatch(self.trusted):
            raise ConfigError(
                f"fltrust: expected the trusted participant's address, got {self.trusted!r}"
            )

    @property
    def name(self) -> str:
        """Returns "fltrust"."""
        return "fltrust"

    @property
    def min_updates(self) -> int:
        """Returns 2: the trusted one, and another."""
        return 2

    def seated(self, participants: Sequence[str]) -> FLTrust:
        """Returns the rule with the trusted one's place.

        Raises:
            AggregationError: its update isn't there.
        """
        told = [who.lower() for who in participants]
        if self.trusted.lower() not in told:
            raise AggregationError(
                f"fltrust: the terms trust {self.trusted}, whose update isn't among those that "
                "count; without it nothing tells good updates from bad ones"
            )
        return replace(self, place=told.index(self.trusted.lower()))

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the weighed mean; the trusted row itself, if no other points its way.

        Raises:
            AggregationError: fewer than two rows, or `seated` didn't say which one is trusted.
        """
        require(self.name, rows.count, self.min_updates, "the trusted one among them")
        if self.place is None:
            raise AggregationError("fltrust: expected to be told whose updates these are")
        trusted = self.place
        lengths = [norm(rows.gram, row) for row in range(rows.count)]
        trust = [_trust(rows, lengths, row, trusted) for row in range(rows.count)]
        unit = rows.unit // _MOST
        total = sum(round(part * unit) for part in trust)
        if total == 0:
            factors, total = [int(row == trusted) for row in range(rows.count)], 1
        else:
            scaled = zip(trust, lengths, strict=True)
            long = lengths[trusted]
            factors = [
                round(part * min(long / length, _MOST) * unit) if part else 0
                for part, length in scaled
            ]
        return Decision(
            rows.weighted(factors, total),
            {
                row: "points away from the trusted update"
                for row, part in enumerate(trust)
                if not part and row != trusted
            },
            [10**9 * factor // total for factor in factors],
            {"trust": trust},
        )


def _trust(rows: UpdateMatrix, lengths: list[float], row: int, trusted: int) -> float:
    if row == trusted or not lengths[row] or not lengths[trusted]:
        return 0.0
    cosine = rows.gram[row][trusted] / (lengths[row] * lengths[trusted])
    # What turns away has no trust, and less than a unit counts as none.
    return cosine if cosine * (rows.unit // _MOST) >= 1 else 0.0
