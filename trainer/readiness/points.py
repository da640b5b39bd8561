"""Points of a check: each is looked at, whatever became of those before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from registry.errors import TallystickError, TrainingError
from trainer.training.foreign_errors import foreign_error

__all__ = ["Checklist", "Point", "PointState", "Unseen"]


class PointState(StrEnum):
    """What a point came to: `UNSEEN` where it can't be told yet, which is no failure."""

    OK = "ok"
    WRONG = "wrong"
    UNSEEN = "unseen"


class Unseen(Exception):
    """Raised by a check that can't tell yet; the message says what it waits for."""


@dataclass(frozen=True)
class Point:
    """One point: its name, what it came to, and a sentence; `error` is what was raised."""

    name: str
    state: PointState
    text: str
    error: TallystickError | None = None


@dataclass
class Checklist:
    """Points in the order in which they were looked at.

    Args:
        told: called with each point as soon as it is known.
    """

    told: Callable[[Point], None] = lambda point: None
    points: list[Point] = field(default_factory=list)

    def look(self, name: str, check: Callable[[], str]) -> bool:
        """Runs a check, which returns what is fine or raises; tells whether it was fine."""
        point = _looked_at(name, check)
        self.points.append(point)
        self.told(point)
        return point.state is PointState.OK

    @property
    def wrong(self) -> list[Point]:
        """The points that are wrong."""
        return [point for point in self.points if point.state is PointState.WRONG]

    def require(self) -> None:
        """Returns if no point is wrong.

        Raises:
            TallystickError: the first wrong point's own error, with its family's exit code.
        """
        for point in self.wrong:
            if point.error is not None:
                raise point.error


def _looked_at(name: str, check: Callable[[], str]) -> Point:
    try:
        return Point(name, PointState.OK, check())
    except Unseen as reason:
        return Point(name, PointState.UNSEEN, str(reason))
    except TallystickError as error:
        return Point(name, PointState.WRONG, str(error), error)
    except Exception as error:  # of a class that isn't ours, or of the system
        told = TrainingError(f"{name}: {foreign_error(error)}")
        return Point(name, PointState.WRONG, str(told), told)
