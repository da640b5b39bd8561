"""How long a loop rests: longer the longer nothing came of it, and at once after something did."""

from __future__ import annotations

from trainer.adapters import ManualClock
from trainer.pacing.patience import Patience


def test_rests_grow_to_an_eighth_of_the_wait_and_to_sixteen_seconds() -> None:
    clock = ManualClock(1_000)
    patience, waited = Patience(clock), []
    for _ in range(60):
        before = clock.now()
        patience.rest()
        waited.append((before - 1_000, clock.now() - before))
    assert waited[:9] == [(passed, 1) for passed in range(9)]
    for passed, rest in waited:
        assert rest == max(1, min(16, passed // 8)), passed
    assert waited[-1][1] == 16


def test_a_rest_does_not_go_beyond_a_deadline() -> None:
    clock = ManualClock(0)
    patience = Patience(clock)
    patience.rest()
    clock.wait_until(200)
    patience.rest(205)
    assert clock.now() == 205
    patience.rest(1_000)
    assert clock.now() == 221


def test_after_something_was_done_rests_are_short_again() -> None:
    clock = ManualClock(0)
    patience = Patience(clock)
    patience.rest()
    clock.wait_until(100)
    patience.rest()
    assert clock.now() == 112
    patience.renew()
    patience.rest()
    assert clock.now() == 113
    # The wait is told from the rest after the renewal on.
    clock.wait_until(112 + 40)
    patience.rest()
    assert clock.now() == 152 + 5
