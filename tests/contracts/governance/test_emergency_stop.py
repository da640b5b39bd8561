"""stop, freezeToken, freezeRound, resume, resumeToken, resumeRound, nameGuardian

given a guardian
  when it stops a part, or freezes a token or a round: what is new there reverts until it resumes
  when anyone else does: it reverts
  when its time is over: nothing is stopped, and it stops nothing
"""

import pytest
from conftest import STOP_PERIOD, reach, refused, refused_early, word

ROUNDS, PROPOSALS, POSTINGS = range(3)


@pytest.mark.parametrize(
    ("part", "asked"),
    [
        (ROUNDS, lambda stop, token: stop.requireRounds(token)),
        (PROPOSALS, lambda stop, token: stop.requireProposals(word(1))),
        (POSTINGS, lambda stop, token: stop.requirePostings(token)),
    ],
)
def test_a_part_stops_and_goes_on(stop, token, roles, part, asked):
    by = {"from": roles.clinic}
    asked(stop, token)
    assert stop.stop(part, by).events["PartStopSet"]["stopped"]
    assert stop.isStopped(part)
    with refused("PartStopped", part):
        asked(stop, token)
    with refused("StopUnchanged"):
        stop.stop(part, by)
    assert not stop.resume(part, by).events["PartStopSet"]["stopped"]
    asked(stop, token)


def test_a_token_and_a_round_freeze_alone(stop, token, pool, roles):
    by = {"from": roles.clinic}
    assert stop.freezeToken(token, by).events["TokenFreezeSet"]["frozen"]
    assert stop.freezeRound(word(1), by).events["RoundFreezeSet"]["frozen"]
    with refused("TokenFrozen", token.address):
        stop.requireRounds(token)
    with refused("RoundFrozen", word(1)):
        stop.requireProposals(word(1))
    stop.requireRounds(pool)
    stop.requireProposals(word(2))
    stop.resumeToken(token, by)
    stop.resumeRound(word(1), by)
    assert not stop.isTokenFrozen(token)
    assert not stop.isRoundFrozen(word(1))


def test_nobody_but_the_guardian_stops_and_nobody_but_the_timelock_replaces_it(
    stop, token, roles, timelock, decide
):
    who, by = roles.stranger.address, {"from": roles.stranger}
    for call in (
        lambda: stop.stop(ROUNDS, by),
        lambda: stop.freezeToken(token, by),
        lambda: stop.freezeRound(word(1), by),
        lambda: stop.resume(ROUNDS, by),
        lambda: stop.resumeToken(token, by),
        lambda: stop.resumeRound(word(1), by),
    ):
        with refused("NotGuardian", who, roles.clinic.address):
            call()
    with refused("NotGovernor", roles.clinic.address, timelock.address):
        stop.nameGuardian(roles.stranger, {"from": roles.clinic})
    tx = decide(stop, stop.nameGuardian.encode_input(roles.hospital))
    assert tx.events["GuardianNamed"]["guardian"] == roles.hospital
    assert stop.guardian() == roles.hospital


def test_the_power_ends(stop, token, roles):
    stop.freezeToken(token, {"from": roles.clinic})
    reach(stop.endsAt())
    stop.requireRounds(token)
    with refused_early("PowerHasEnded", stop.endsAt()):
        stop.stop(ROUNDS, {"from": roles.clinic})
    assert stop.MAX_PERIOD() > STOP_PERIOD
