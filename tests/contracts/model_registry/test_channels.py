"""setChannel, rollbackChannel

given versions 1, 2 and 3
  when a channel is moved: it tells number and previous
  when it is rolled back: it returns to what it pointed to, again and again, down to the first
  when what it pointed to is yanked: it returns to the newest that isn't, or reverts if none is left
  when the target is yanked or unknown: it reverts
  when the name breaks the rule, or a stranger calls: it reverts
"""

import pytest
from conftest import DAG_PB, ZERO, refused, word

PRODUCTION = "0x" + b"production".ljust(32, b"\0").hex()


@pytest.fixture
def three(registry, model, roles):
    for number in (2, 3):
        registry.publishVersion(
            model, number, (word(number), DAG_PB), [], ZERO, ZERO, {"from": roles.owner}
        )
    return model


def test_moving_and_rolling_back_to_the_first(registry, three, roles):
    for number, previous in ((1, 0), (2, 1), (3, 2)):
        tx = registry.setChannel(three, PRODUCTION, number, {"from": roles.owner})
        event = tx.events["ChannelMoved"]
        assert (event["number"], event["previous"]) == (number, previous)
    for number in (2, 1):
        tx = registry.rollbackChannel(three, PRODUCTION, {"from": roles.owner})
        assert tx.events["ChannelRolledBack"]["number"] == number
        assert registry.channelOf(three, PRODUCTION) == number
    with refused("NothingToRollBack", str(three), PRODUCTION):
        registry.rollbackChannel(three, PRODUCTION, {"from": roles.owner})


def test_a_roll_back_passes_yanked_versions_over(registry, three, roles):
    by = {"from": roles.owner}
    for number in (1, 2, 3):
        registry.setChannel(three, PRODUCTION, number, by)
    registry.yankVersion(three, 2, "bad", by)
    event = registry.rollbackChannel(three, PRODUCTION, by).events["ChannelRolledBack"]
    assert (event["number"], event["previous"]) == (1, 3)
    assert registry.channelOf(three, PRODUCTION) == 1


def test_a_yanked_version_is_no_target(registry, three, roles):
    registry.setChannel(three, PRODUCTION, 1, {"from": roles.owner})
    registry.setChannel(three, PRODUCTION, 2, {"from": roles.owner})
    registry.yankVersion(three, 1, "bad", {"from": roles.owner})
    with refused("EveryEarlierIsYanked", str(three), PRODUCTION):
        registry.rollbackChannel(three, PRODUCTION, {"from": roles.owner})
    with refused("VersionIsYanked", str(three), 1):
        registry.setChannel(three, PRODUCTION, 1, {"from": roles.owner})
    with refused("UnknownVersion", str(three), 9):
        registry.setChannel(three, PRODUCTION, 9, {"from": roles.owner})


@pytest.mark.parametrize("raw", [b"", b"Prod", b"a b", b"-a", b"a\0b"])
def test_a_channel_has_a_name_of_the_rule(registry, three, roles, raw):
    name = "0x" + raw.ljust(32, b"\0").hex()
    with refused("InvalidChannel", name):
        registry.setChannel(three, name, 1, {"from": roles.owner})


def test_a_stranger_moves_nothing(registry, three, roles):
    registry.setChannel(three, PRODUCTION, 1, {"from": roles.owner})
    for call in (
        lambda: registry.setChannel(three, PRODUCTION, 2, {"from": roles.stranger}),
        lambda: registry.rollbackChannel(three, PRODUCTION, {"from": roles.stranger}),
    ):
        with refused("NotPublisher", str(three), roles.stranger.address):
            call()
