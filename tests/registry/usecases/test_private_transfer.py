"""A private model changes hands with its key (M-16).

given a private model with a version
  when it is offered without the new owner's public key: nothing is sent
  when it is offered and accepted: the new owner reads it and publishes under the same key, the
    former one can still read both
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_parties import ChainScenario
from tests_roles import HOSPITAL, OWNER, STRANGER

from registry.addresses import ZERO_ADDRESS
from registry.errors import ConfigError, Reverted
from registry.types import Visibility


def test_m16_the_key_goes_along_and_stays_the_same(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    owner, heir = place.client(OWNER), place.client(HOSPITAL)
    owner.publish(card, "secret", visibility=Visibility.PRIVATE)
    owner.transfer("secret", HOSPITAL.address, HOSPITAL.public_key)
    assert heir.fetch("secret", tmp_path / "offered").files
    former = heir.accept("secret")
    assert former.owner == OWNER.address
    (card / "README.md").write_text("# Second\n")
    assert heir.publish(card, "secret").number == 2
    whole = f"{HOSPITAL.address}/secret"
    owner.fetch(f"{whole}:2", tmp_path / "former")
    assert (tmp_path / "former" / "README.md").read_text() == "# Second\n"
    assert owner.verify(tmp_path / "former", f"{whole}:2").files
    heir.revoke("secret", OWNER.address)
    with pytest.raises(ConfigError, match="has no access"):
        owner.fetch(f"{whole}:2", tmp_path / "revoked")


@pytest.mark.parametrize("public_key", [None, STRANGER.public_key])
def test_m16_without_the_right_public_key_nothing_is_offered(
    place: ChainScenario, card: Path, public_key: bytes | None
) -> None:
    owner = place.client(OWNER)
    owner.publish(card, "secret", visibility=Visibility.PRIVATE)
    with pytest.raises(ConfigError, match="public"):
        owner.transfer("secret", HOSPITAL.address, public_key)
    assert owner.model("secret").pending_owner == ZERO_ADDRESS
    assert [g.user for g in owner.grants("secret")] == [OWNER.address]


def test_m16_a_grantee_needs_no_public_key_and_a_model_without_a_version_none(
    place: ChainScenario, card: Path
) -> None:
    owner = place.client(OWNER)
    owner.register("empty", Visibility.PRIVATE)
    owner.transfer("empty", HOSPITAL.address)
    owner.publish(card, "secret", visibility=Visibility.PRIVATE)
    owner.grant("secret", HOSPITAL.address, HOSPITAL.public_key)
    owner.transfer("secret", HOSPITAL.address)
    heir = place.client(HOSPITAL)
    for name in ("empty", "secret"):
        heir.accept(name)
        (card / "README.md").write_text(f"# {name}\n")
        heir.publish(card, name)


def test_m16_a_stranger_hands_nothing_over_and_takes_nothing(
    place: ChainScenario, card: Path
) -> None:
    owner, stranger = place.client(OWNER), place.client(STRANGER)
    owner.publish(card, "secret", visibility=Visibility.PRIVATE)
    with pytest.raises(Reverted, match=f"{STRANGER.address} isn't the model's owner"):
        stranger.transfer("secret", STRANGER.address)
    owner.transfer("secret", HOSPITAL.address, HOSPITAL.public_key)
    with pytest.raises(Reverted, match=f"{STRANGER.address}.*{HOSPITAL.address}"):
        stranger.accept("secret")
