"""Who is asked to a round: declared capabilities, hours, past reliability, and a reserve.

given participants that declare what they have
  it asks who has enough, and is there for long enough
  it passes over who left too many seats empty
given more invited than are needed
  when some drop out
    it goes on without them at the deadline
"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from memory_federation import Federation, document_of

from registry.documents.allow_list import AllowList
from registry.errors import ConfigError
from trainer.coordinator.federation_options import FederationOptions
from trainer.coordinator.participant_selection import (
    Declaration,
    Reliability,
    Requirements,
    Selection,
    asked_for,
    read_declarations,
)
from trainer.coordinator.round_loop import Invitations, RoundPlan
from trainer.engines import run_in_process
from trainer.types import Lattice

HOUR = 3_600
NIGHT = Declaration(available_from=22 * HOUR, available_until=6 * HOUR)


@pytest.mark.parametrize(
    ("moment", "seconds", "there"),
    [
        (23 * HOUR, HOUR, True),
        (5 * HOUR, HOUR, True),
        (5 * HOUR, HOUR + 1, False),
        (12 * HOUR, 1, False),
        (22 * HOUR - 1, 1, False),
    ],
)
def test_a_window_may_span_midnight(moment: int, seconds: int, there: bool) -> None:
    assert NIGHT.is_there(moment, seconds) is there
    assert NIGHT.is_there(moment + 9 * 24 * HOUR, seconds) is there


def test_who_is_always_there_is_there_and_an_empty_window_is_never() -> None:
    assert Declaration().is_there(86_399, 86_400)
    assert not Declaration(available_from=5, available_until=5).is_there(5, 0)


@pytest.mark.parametrize(
    ("asked", "declared", "met"),
    [
        (Requirements(), Declaration(power="battery", network="metered"), True),
        (Requirements(mains=True), Declaration(power="battery"), False),
        (Requirements(unmetered=True), Declaration(network="metered"), False),
        (Requirements(memory_mib=512), Declaration(memory_mib=511), False),
        (Requirements(memory_mib=512), Declaration(memory_mib=512), True),
        (Requirements(accelerators=1), Declaration(), False),
    ],
)
def test_requirements_are_met_or_not(asked: Requirements, declared: Declaration, met: bool) -> None:
    assert asked.are_met_by(declared) is met


def test_the_order_is_that_of_addresses_and_the_new_are_trusted() -> None:
    names = [f"0x{number:040x}" for number in (9, 2, 5)]
    declared = dict.fromkeys(names, Declaration())
    history = {names[0]: Reliability(taken=3, kept=1), names[1]: Reliability(taken=3, kept=3)}
    rest = declared, Requirements(), history
    assert asked_for(*rest, Fraction(1, 2), 0, 1) == [names[1], names[2], names[0]]
    assert asked_for(*rest, Fraction(3, 4), 0, 1) == [names[1], names[2]]


def test_who_left_its_seat_is_passed_over_and_the_round_goes_on_without_it(
    federation: Federation,
) -> None:
    board, people = federation.board(), [federation.participant(index) for index in range(4)]
    declared = {person.address: Declaration() for person in people}
    selection = Selection(board, federation.model_id, declared, Requirements(), Fraction(2, 3), 300)
    options = FederationOptions(min_fit_clients=2, min_available_clients=3, fraction_fit=0.5)
    plan = RoundPlan(
        federation.document,
        Lattice(16, -12, 8),
        seats=4,
        minimum=2,
        invitations=Invitations(AllowList.of(declared), options, 4, selection, Fraction(3, 2)),
        weight_cap=1_000,
    )
    now = federation.clock.now()
    invited = plan.invited(1, now)
    assert invited is not None
    assert len(invited.addresses) == 3  # two are needed, and one in reserve
    terms, document = plan.terms(federation.model_id, 1, now, invited)
    coordinator = federation.coordinator()
    round_id = coordinator.open(terms, document, invited)
    there = [person for person in people if person.address in invited.addresses]
    there[0].step(round_id)  # takes its seat, and is never seen again
    result = run_in_process(coordinator, there[1:], federation.clock, round_id)
    assert result.version is not None
    assert len(document_of(result).shares) == 2
    history = Reliability.of(board, federation.model_id)
    assert history[there[0].address] == Reliability(taken=1, kept=0)
    assert history[there[1].address] == Reliability(taken=1, kept=1)
    again = plan.invited(2, federation.clock.now())
    assert again is not None
    assert there[0].address not in again.addresses


def test_declarations_are_read_from_json(tmp_path: Path) -> None:
    path = tmp_path / "declared.json"
    path.write_text(json.dumps({"0x01": {"memory_mib": 5, "power": "battery"}, "0x02": {}}))
    assert read_declarations(path) == {
        "0x01": Declaration(5, power="battery"),
        "0x02": Declaration(),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "expected a JSON object of declarations: got list"),
        ("{", "expected a JSON object"),
        ('{"0x01": {"gpu": 1}}', "declaration of 0x01: expected some of"),
        ('{"0x01": {"power": "sun"}}', "expected power of mains or battery, got 'sun'"),
        ('{"0x01": {"network": 1}}', "expected a network unmetered or metered, got 1"),
        ('{"0x01": {"memory_mib": -1}}', "expected memory_mib of 0 to"),
        ('{"0x01": {"available_from": 90000}}', "expected available_from of 0 to 86400"),
    ],
)
def test_bad_declarations_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "declared.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_declarations(path)


def test_a_reserve_never_asks_more_than_there_are() -> None:
    options = FederationOptions(min_fit_clients=2, min_available_clients=3)
    names = [f"0x{number:040x}" for number in range(3)]
    assert options.sample(names, 1, 0, Fraction(2)) == names
    assert replace(options, fraction_fit=0.7).sample(names, 1, 0, Fraction(5, 4)) == names
