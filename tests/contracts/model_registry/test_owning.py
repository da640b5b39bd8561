"""transferModel, acceptModel, addPublisher, removePublisher, setVisibility

given an owner
  when it offers the model: nothing changes until the other accepts
  when the other accepts: it owns it, and every role of the former owner's ends
  when anyone else accepts, or a stranger acts as owner: it reverts
"""

from conftest import DAG_PB, ZERO, refused, word


def test_t22_a_transfer_takes_two_steps_and_ends_the_roles(registry, model, roles):
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    registry.setGranter(model, roles.clinic, True, {"from": roles.owner})
    registry.transferModel(model, roles.hospital, {"from": roles.owner})
    assert registry.ownerOf(model) == roles.owner
    tx = registry.acceptModel(model, {"from": roles.hospital})
    assert tx.events["ModelTransferred"]["to"] == roles.hospital
    assert registry.ownerOf(model) == roles.hospital
    assert not registry.isPublisher(model, roles.publisher)
    assert not registry.isGranter(model, roles.clinic)


def test_t32_a_former_owner_publishes_nothing(registry, model, roles):
    registry.transferModel(model, roles.hospital, {"from": roles.owner})
    registry.acceptModel(model, {"from": roles.hospital})
    with refused("NotPublisher", str(model), roles.owner.address):
        registry.publishVersion(model, 2, (word(2), DAG_PB), [], ZERO, ZERO, {"from": roles.owner})


def test_only_who_was_offered_it_accepts(registry, model, roles):
    registry.transferModel(model, roles.hospital, {"from": roles.owner})
    with refused("NotPendingOwner", str(model), roles.stranger.address, roles.hospital.address):
        registry.acceptModel(model, {"from": roles.stranger})


def test_an_offer_can_be_withdrawn(registry, model, roles):
    registry.transferModel(model, roles.hospital, {"from": roles.owner})
    registry.transferModel(model, "0x" + "00" * 20, {"from": roles.owner})
    with refused("NotPendingOwner", str(model), roles.hospital.address, "0x" + "00" * 20):
        registry.acceptModel(model, {"from": roles.hospital})


def test_a_stranger_is_no_owner(registry, model, roles):
    by = {"from": roles.stranger}
    for call in (
        lambda: registry.transferModel(model, roles.stranger, by),
        lambda: registry.addPublisher(model, roles.stranger, by),
        lambda: registry.removePublisher(model, roles.publisher, by),
        lambda: registry.setVisibility(model, 0, by),
        lambda: registry.setGranter(model, roles.stranger, True, by),
    ):
        with refused("NotModelOwner", str(model), roles.stranger.address, roles.owner.address):
            call()


def test_roles_and_visibility_change_once(registry, model, roles):
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    with refused("RoleUnchanged", str(model), roles.publisher.address):
        registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    with refused("VisibilityUnchanged", str(model), 1):
        registry.setVisibility(model, 1, {"from": roles.owner})
    registry.setVisibility(model, 0, {"from": roles.owner})
    assert registry.hasAccess(model, roles.stranger)
