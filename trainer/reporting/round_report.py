"""What a round's updates look like: who counted, who didn't and why, what stands out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from registry.addresses import address_order
from registry.documents.evaluation import EvaluationSummary
from trainer.execution.execute import Outcome
from trainer.execution.hidden_rounds import HiddenOutcome
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.hidden_sums import GroupSum
from trainer.protocol.round_state import RoundState
from trainer.reporting.anomalies import Anomaly, Thresholds, UpdateFigures, survey
from trainer.types import AcceptedUpdate, RefusedUpdate

__all__ = ["GroupLine", "Line", "RoundReport", "hidden_report"]

_BLOCK = 1 << 12


@dataclass(frozen=True)
class Line:
    """What became of a participant's update.

    Args:
        participant: whose it is.
        weight: the examples that it counts for; None if it was refused, as the next.
        figures: the update in numbers.
        excluded: why an accepted update isn't counted; empty if it is.
        refused: why it wasn't accepted; None if it was.
        absent: what was missing at the deadline; empty if it was revealed.
    """

    participant: str
    weight: int | None = None
    figures: UpdateFigures | None = None
    excluded: str = ""
    refused: RefusedUpdate | None = None
    absent: str = ""


@dataclass(frozen=True)
class GroupLine:
    """What is known of a group of a hidden round.

    Args:
        number: from 0.
        members: how many are on the roster.
        survivors: how many of them are in its sum, or would be.
        weight: the sum of their weights; None without a sum, as the next.
        norm: the length of their mean, in steps of the lattice.
    """

    number: int
    members: int
    survivors: int
    weight: int | None = None
    norm: float | None = None

    @classmethod
    def of(cls, number: int, members: int, hidden: HiddenState, made: GroupSum | None) -> GroupLine:
        """Returns a group's line from its sum, if there is one."""
        frozen = hidden.frozen.get(number)
        survivors = 0 if frozen is None else len(frozen.survivors)
        if made is None:
            return cls(number, members, survivors)
        square = sum(int(part @ part) for part in _blocks(made.numerators))
        return cls(number, members, survivors, made.weight, sqrt(square) / made.weight)


@dataclass(frozen=True)
class RoundReport:
    """A round's updates and what stands out among them, by ascending address.

    Args:
        state: the round.
        lines: one per participant that is named on the board.
        anomalies: of the accepted ones, those that aren't counted among them.
        agrees: whether the board's result root is what the updates come to; None without a result,
            or if that can't be worked out here.
        uncombined: why there is no aggregate; empty if there is one.
        evaluation: what participants measured of the base version; None if too few did (R-14).
        groups: of a hidden round, whose updates nobody sees; none of another.
    """

    state: RoundState
    lines: tuple[Line, ...]
    anomalies: tuple[Anomaly, ...]
    agrees: bool | None
    uncombined: str = ""
    evaluation: EvaluationSummary | None = None
    groups: tuple[GroupLine, ...] = ()

    @classmethod
    def of(
        cls,
        state: RoundState,
        accepted: Sequence[AcceptedUpdate],
        refused: Sequence[RefusedUpdate],
        outcome: Outcome | None,
        agrees: bool | None,
        uncombined: str = "",
        thresholds: Thresholds | None = None,
        evaluation: EvaluationSummary | None = None,
    ) -> RoundReport:
        """Returns the report on a round's updates and what they come to, which may be nothing."""
        seen = survey(accepted, None if outcome is None else outcome.aggregate, thresholds)
        excluded = {} if outcome is None else outcome.excluded
        figures = {found.participant: found for found in seen.figures}
        lines = [Line(update.participant, refused=update) for update in refused]
        for update in accepted:
            who = update.participant
            lines.append(Line(who, update.weight, figures[who], excluded.get(who, "")))
        lines += _absent(state, {line.participant for line in lines})
        lines.sort(key=lambda line: address_order(line.participant))
        return cls(state, tuple(lines), seen.anomalies, agrees, uncombined, evaluation)


def hidden_report(
    state: RoundState, hidden: HiddenState, found: HiddenOutcome, agrees: bool | None
) -> RoundReport:
    """Returns the report on a hidden round: who is in a sum, and what is known of each sum.

    Args:
        state: the round.
        hidden: the same round's roster, survivors and opened secrets.
        found: what it comes to.
        agrees: whether that is the board's result; None without one.
    """
    excluded = found.outcome.excluded
    lines = [Line(update.participant, refused=update) for update in found.refused]
    for update in found.accepted:
        who = update.participant
        lines.append(Line(who, update.weight, excluded=excluded.get(who, "")))
    lines += _absent(state, {line.participant for line in lines})
    lines.sort(key=lambda line: address_order(line.participant))
    groups = [
        GroupLine.of(group, len(members), hidden, found.sums.get(group))
        for group, members in enumerate(hidden.graph.groups)
    ]
    return RoundReport(state, tuple(lines), (), agrees, groups=tuple(groups))


def _absent(state: RoundState, revealed: Collection[str]) -> list[Line]:
    """Returns who took a seat and revealed nothing in time: late, or gone."""
    told = dict.fromkeys(state.enrolled, "enrolled, and committed to nothing")
    told |= dict.fromkeys(state.commitments, "committed, and revealed nothing in time")
    return [Line(who, absent=what) for who, what in told.items() if who not in revealed]


def _blocks(numerators: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.object_]]:
    """Gives numerators as exact integers: squares of the largest fit no machine's word."""
    for start in range(0, numerators.size, _BLOCK):
        yield numerators[start : start + _BLOCK].astype(object)
