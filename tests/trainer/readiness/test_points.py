"""Points of a check: one that fails ends no other, and the first wrong one gives the exit code."""

from __future__ import annotations

import pytest

from registry.errors import ChainError, ConfigError, TrainingError
from trainer.readiness.chain_points import clock_text
from trainer.readiness.points import Checklist, Point, PointState, Unseen


def raising(error: Exception) -> object:
    """Returns a check that raises."""

    def check() -> str:
        raise error

    return check


def test_every_point_is_looked_at_and_told_whatever_became_of_the_others() -> None:
    told: list[Point] = []
    points = Checklist(told.append)
    found = [
        points.look("first", lambda: "fine"),
        points.look("second", raising(ConfigError("no file"))),  # type: ignore[arg-type]
        points.look("third", raising(Unseen("no round yet"))),  # type: ignore[arg-type]
        points.look("fourth", raising(ZeroDivisionError("division by zero"))),  # type: ignore[arg-type]
        points.look("fifth", lambda: "fine too"),
    ]
    assert found == [True, False, False, False, True]
    assert told == points.points
    assert [(point.name, point.state, point.text) for point in told] == [
        ("first", PointState.OK, "fine"),
        ("second", PointState.WRONG, "no file"),
        ("third", PointState.UNSEEN, "no round yet"),
        ("fourth", PointState.WRONG, told[3].text),
        ("fifth", PointState.OK, "fine too"),
    ]
    assert told[3].text.startswith("fourth: ZeroDivisionError: division by zero")


def test_the_first_wrong_point_is_raised_as_its_own_family() -> None:
    points = Checklist()
    points.look("unseen", raising(Unseen("later")))  # type: ignore[arg-type]
    points.require()
    points.look("clock", raising(ChainError("an old block")))  # type: ignore[arg-type]
    points.look("fit", raising(TrainingError("NaN")))  # type: ignore[arg-type]
    with pytest.raises(ChainError, match="an old block") as raised:
        points.require()
    assert raised.value.exit_code == 3
    assert [point.name for point in points.wrong] == ["clock", "fit"]


@pytest.mark.parametrize("apart", [301, -301])
def test_a_public_chain_whose_time_is_far_from_this_machine_s_is_wrong(apart: int) -> None:
    assert "300 s" in clock_text(10, 1_000_000, 1_000_000 + (300 if apart > 0 else -300))
    where = "behind" if apart > 0 else "ahead of"
    with pytest.raises(ChainError, match=rf"301 s {where} this machine's clock; set the"):
        clock_text(10, 1_000_000, 1_000_000 + apart)
    assert "301 s" in clock_text(31337, 1_000_000, 1_000_000 + apart)
