"""grantAccess, grant, revokeAccess, setGranter, hasAccess

given a private model
  when its owner or a granter grants: the user has access, until the expiry if there is one
  when the block's time reaches the expiry, or the grant is revoked: it has none
  when a stranger grants or revokes: it reverts NotGranter
"""

from brownie import chain
from conftest import reach, refused, refused_early, word

NOBODY = "0x" + "00" * 20


def test_the_simple_surface_grants_without_end(registry, model, roles):
    assert not registry.hasAccess(model, roles.hospital)
    tx = registry.grantAccess(model, roles.hospital, {"from": roles.owner})
    assert tx.events["AccessGranted"] == {"modelId": str(model), "user": roles.hospital.address}
    assert registry.hasAccess(model, roles.hospital)
    assert registry.grantOf(model, roles.hospital) == (0, True)


def test_t33_a_grant_ends_with_the_second_of_its_expiry(registry, model, roles):
    expiry = chain[-1].timestamp + 1000
    tx = registry.grant(model, roles.hospital, expiry, word(3), {"from": roles.owner})
    assert tx.events["GrantTermsSet"]["expiry"] == expiry
    assert tx.events["GrantTermsSet"]["wrappedKeyDigest"] == word(3)
    reach(expiry - 10)
    assert registry.hasAccess(model, roles.hospital)
    reach(expiry)
    assert not registry.hasAccess(model, roles.hospital)
    assert registry.grantOf(model, roles.hospital) == (expiry, True)


def test_t33_a_revoked_grant_is_over_at_once(registry, model, roles):
    registry.grantAccess(model, roles.hospital, {"from": roles.owner})
    tx = registry.revokeAccess(model, roles.hospital, {"from": roles.owner})
    assert tx.events["AccessRevoked"]["user"] == roles.hospital
    assert not registry.hasAccess(model, roles.hospital)
    with refused("NotGranted", str(model), roles.hospital.address):
        registry.revokeAccess(model, roles.hospital, {"from": roles.owner})


def test_a_granter_acts_for_the_owner_until_that_ends(registry, model, roles):
    registry.setGranter(model, roles.clinic, True, {"from": roles.owner})
    registry.grantAccess(model, roles.hospital, {"from": roles.clinic})
    registry.setGranter(model, roles.clinic, False, {"from": roles.owner})
    with refused("NotGranter", str(model), roles.clinic.address):
        registry.revokeAccess(model, roles.hospital, {"from": roles.clinic})


def test_a_stranger_grants_and_revokes_nothing(registry, model, roles):
    by = {"from": roles.stranger}
    for call in (
        lambda: registry.grantAccess(model, roles.stranger, by),
        lambda: registry.grant(model, roles.stranger, 0, word(1), by),
        lambda: registry.revokeAccess(model, roles.hospital, by),
    ):
        with refused("NotGranter", str(model), roles.stranger.address):
            call()


def test_a_grant_has_a_user_and_a_future(registry, model, roles):
    with refused("ZeroUser"):
        registry.grantAccess(model, NOBODY, {"from": roles.owner})
    with refused_early("ExpiryInThePast", 1):
        registry.grant(model, roles.hospital, 1, word(1), {"from": roles.owner})
