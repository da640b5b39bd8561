"""publishVersion, deprecateVersion, yankVersion, restoreVersion

given a model with version 1
  when the owner or a publisher publishes number 2: it records content, parents, round, licence
  when a stranger or a former owner publishes: it reverts NotPublisher
  when the number isn't the next: it reverts VersionNumberTaken with the free number
  when the licence is no text under M-10: it reverts InvalidLicence with the word
  when a parent is unknown, there are more than 8, the digest is zero, the codec another: it reverts
given a version
  when its status changes: it says so with who and why; a second time it reverts StatusUnchanged
"""

import pytest
from conftest import DAG_PB, RAW, ZERO, refused, word

CONTENT = (word(2), DAG_PB)
APACHE = "0x" + b"Apache-2.0".ljust(32, b"\0").hex()


def publish(registry, model, number, who, content=CONTENT, parents=(), round_id=ZERO):
    return registry.publishVersion(
        model, number, content, list(parents), round_id, ZERO, {"from": who}
    )


def test_it_records_content_parents_round_and_licence(registry, model, roles):
    parent = registry.versionIdOf(model, 1)
    tx = registry.publishVersion(
        model, 2, (word(2), RAW), [parent], word(9), APACHE, {"from": roles.owner}
    )
    event = tx.events["VersionPublished"]
    assert event["number"] == 2
    assert event["digest"] == word(2)
    assert event["codec"] == RAW
    assert event["parents"] == (parent,)
    assert event["roundId"] == word(9)
    assert event["licence"] == APACHE
    assert event["publisher"] == roles.owner
    assert registry.versionOf(model, 2) == ((word(2), RAW), 1)


@pytest.mark.parametrize("licence", [b"\xc3\xa4", b" MIT", b"MIT ", b"M\0T", b"MIT\n"])
def test_m10_a_licence_that_is_no_text_is_refused(registry, model, roles, licence):
    padded = "0x" + licence.ljust(32, b"\0").hex()
    with refused("InvalidLicence", padded):
        registry.publishVersion(model, 2, CONTENT, [], ZERO, padded, {"from": roles.owner})


def test_m10_a_reason_with_a_control_character_is_refused_by_its_place(registry, model, roles):
    with refused("InvalidReason", 2):
        registry.yankVersion(model, 1, "ab\x1b[2J", {"from": roles.owner})


def test_a_publisher_may_publish_until_the_role_ends(registry, model, roles):
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    publish(registry, model, 2, roles.publisher)
    registry.removePublisher(model, roles.publisher, {"from": roles.owner})
    with refused("NotPublisher", str(model), roles.publisher.address):
        publish(registry, model, 3, roles.publisher)


def test_a_stranger_may_not_publish(registry, model, roles):
    with refused("NotPublisher", str(model), roles.stranger.address):
        publish(registry, model, 2, roles.stranger)


def test_nothing_is_published_for_a_model_that_is_not_there(registry, roles):
    with refused("UnknownModel", word(77)):
        publish(registry, word(77), 1, roles.owner)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_t32_two_publishers_of_one_number_cannot_both_win(registry, model, roles, number):
    with refused("VersionNumberTaken", str(model), number, 2):
        publish(registry, model, number, roles.owner)


def test_an_unknown_parent_is_refused(registry, model, roles):
    with refused("UnknownParent", word(66)):
        publish(registry, model, 2, roles.owner, parents=[word(66)])


def test_t34_more_than_eight_parents_are_refused(registry, model, roles):
    parents = [registry.versionIdOf(model, 1)] * 9
    with refused("TooManyParents", 9, 8):
        publish(registry, model, 2, roles.owner, parents=parents)


def test_content_has_to_be_something(registry, model, roles):
    with refused("ZeroDigest"):
        publish(registry, model, 2, roles.owner, content=(ZERO, DAG_PB))
    with refused("UnknownCodec", 0x71):
        publish(registry, model, 2, roles.owner, content=(word(2), 0x71))


def test_status_changes_are_told_with_who_and_why(registry, model, roles):
    tx = registry.yankVersion(model, 1, "leaks labels", {"from": roles.owner})
    assert tx.events["VersionYanked"]["reason"] == "leaks labels"
    assert tx.events["VersionYanked"]["actor"] == roles.owner
    assert registry.versionOf(model, 1)[1] == 3
    assert not registry.isActiveVersion(model, 1)
    with refused("StatusUnchanged", str(model), 1, 3):
        registry.yankVersion(model, 1, "again", {"from": roles.owner})
    registry.restoreVersion(model, 1, {"from": roles.owner})
    tx = registry.deprecateVersion(model, 1, "see 2", {"from": roles.owner})
    assert tx.events["VersionDeprecated"]["reason"] == "see 2"
    assert registry.versionOf(model, 1)[1] == 2


@pytest.mark.parametrize("function", ["deprecateVersion", "yankVersion", "restoreVersion"])
def test_a_stranger_changes_no_status(registry, model, roles, function):
    reason = () if function == "restoreVersion" else ("because",)
    with refused("NotPublisher", str(model), roles.stranger.address):
        getattr(registry, function)(model, 1, *reason, {"from": roles.stranger})


def test_an_unknown_version_has_no_status(registry, model, roles):
    with refused("UnknownVersion", str(model), 5):
        registry.yankVersion(model, 5, "x", {"from": roles.owner})
    with refused("UnknownVersion", str(model), 5):
        registry.versionOf(model, 5)


def test_t34_a_reason_is_bounded(registry, model, roles):
    with refused("ReasonTooLong", 257, 256):
        registry.yankVersion(model, 1, "x" * 257, {"from": roles.owner})
