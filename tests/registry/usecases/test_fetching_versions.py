"""Fetching: what is admitted, what is refused, and what a cut leaves to be resumed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, final

import pytest
from chain_parties import ChainScenario, PowerCut
from deployed_scenario import DeployedScenario
from tests_roles import HOSPITAL, OWNER, STRANGER

from registry.crypto import public_key_of
from registry.documents.manifest import Manifest
from registry.errors import BlobNotFound, ConfigError, DecryptionFailed, ManifestError
from registry.storage import Cid, LocalStore, Store, add_path
from registry.types import Visibility
from registry.usecases.publishing import Publisher, VersionMetadata

DAY = 86_400


@final
class CountingStore(Store):
    """A store that counts what is read, and whose power is cut after so many blocks."""

    def __init__(self, inner: Store, blocks: int = 10**9) -> None:
        self._inner, self._left = inner, blocks
        self.read: Counter[Cid] = Counter()

    @property
    def parallelism(self) -> int:
        """One at a time, so that a cut comes where it is meant."""
        return 1

    def has_block(self, cid: Cid) -> bool:
        """As the store inside says."""
        return self._inner.has_block(cid)

    def write_block(self, cid: Cid, data: bytes) -> None:
        """As the store inside does."""
        self._inner.write_block(cid, data)

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Reads a block, unless the power is cut."""
        if self._left == 0:
            raise PowerCut
        self._left -= 1
        self.read[cid] += 1
        return self._inner.read_block(cid, limit)

    def pin(self, cid: Cid) -> None:
        """As the store inside does."""
        self._inner.pin(cid)

    def unpin(self, cid: Cid) -> None:
        """As the store inside does."""
        self._inner.unpin(cid)

    def is_pinned(self, cid: Cid) -> bool:
        """As the store inside says."""
        return self._inner.is_pinned(cid)

    def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A folder of four files of five blocks each."""
    folder = tmp_path / "large"
    folder.mkdir()
    for index in range(4):
        (folder / f"notes-{index}.txt").write_bytes(bytes([65 + index]) * 262_144 * 4 + b"end")
    return folder


def test_a_fetch_that_is_cut_goes_on_where_it_was(
    place: ChainScenario, large: Path, tmp_path: Path
) -> None:
    place.client(OWNER).publish(large, "large")
    whole = CountingStore(LocalStore(place.storage))
    place.client(store=whole).fetch("large", tmp_path / "whole")
    cut = CountingStore(LocalStore(place.storage), sum(whole.read.values()) - 4)
    with pytest.raises(PowerCut):
        place.client(store=cut).fetch("large", tmp_path / "got")
    rest = CountingStore(LocalStore(place.storage))
    place.client(store=rest).fetch("large", tmp_path / "got")
    assert sum(rest.read.values()) < sum(whole.read.values()) // 2
    for file in large.iterdir():
        assert (tmp_path / "got" / file.name).read_bytes() == file.read_bytes()


def test_a_file_that_was_changed_on_disk_is_kept_until_it_is_taken_out(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    client.publish(card, "lantern")
    client.fetch("lantern", tmp_path / "got")
    (tmp_path / "got" / "README.md").write_text("# A lanterm\n")
    with pytest.raises(ConfigError, match="--force to replace that one"):
        client.fetch("lantern", tmp_path / "got")
    (tmp_path / "got" / "README.md").unlink()
    client.fetch("lantern", tmp_path / "got")
    assert (tmp_path / "got" / "README.md").read_text() == "# A lantern\n"


def test_a_yanked_version_is_refused_with_its_reason_even_by_channel(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    client.publish(card, "lantern", channel="production")
    client.yank("lantern:1", "leaks its training set")
    for name in ("lantern:1", "lantern@production"):
        with pytest.raises(ConfigError, match=r"was yanked .leaks its training set"):
            client.fetch(name, tmp_path / "got")
    client.restore("lantern:1")
    assert client.fetch("lantern", tmp_path / "got").files


def test_t25_a_pickle_that_somebody_published_is_not_handed_over(
    place: ChainScenario, tmp_path: Path
) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "model.bin").write_bytes(b"\x80\x04cposix\nsystem\n.")
    client = place.client(OWNER)
    model = client.register("evil")
    (evil / "manifest.json").write_bytes(Manifest.build(evil).to_json())
    cid = add_path(client.connection.store, evil)
    Publisher(client.connection).commit(cid, model, VersionMetadata())
    with pytest.raises(ManifestError, match=r"model\.bin"):
        place.client().fetch("evil", tmp_path / "got")


def test_content_without_a_manifest_is_refused(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    model = client.register("bare")
    cid = add_path(client.connection.store, card)
    Publisher(client.connection).commit(cid, model, VersionMetadata())
    with pytest.raises(ManifestError, match=r"expected manifest\.json"):
        place.client().fetch("bare", tmp_path / "got")


def test_content_that_nobody_holds_is_named(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    version = place.client(OWNER).publish(card, "lantern")
    empty = place.client(store=LocalStore(tmp_path / "empty"))
    with pytest.raises(BlobNotFound, match=str(Cid(version.content.codec, version.content.digest))):
        empty.fetch("lantern", tmp_path / "got")


@pytest.fixture
def sealed(place: ChainScenario, card: Path) -> Any:
    """The owner's client, with a private model."""
    client = place.client(OWNER)
    client.publish(card, "sealed", visibility=Visibility.PRIVATE)
    return client


def test_without_a_grant_a_private_model_is_refused_before_anything_is_fetched(
    place: ChainScenario, sealed: Any, tmp_path: Path
) -> None:
    store = CountingStore(LocalStore(place.storage))
    with pytest.raises(ConfigError, match=f"ask its owner {OWNER.address}"):
        place.client(STRANGER, store=store).fetch("sealed", tmp_path / "got")
    assert not store.read
    assert not (tmp_path / "got").exists()


def test_t33_a_grant_ends_with_its_day(
    place: ChainScenario, sealed: Any, world: DeployedScenario, tmp_path: Path
) -> None:
    expiry = world.gateway.timestamp() + DAY
    sealed.grant("sealed", HOSPITAL.address, public_key_of(HOSPITAL), expiry)
    hospital = place.client(HOSPITAL)
    hospital.fetch("sealed", tmp_path / "got")
    world.advance(DAY)
    with pytest.raises(ConfigError, match="has no access"):
        hospital.fetch("sealed", tmp_path / "late")


def test_a_grant_without_the_key_admits_and_opens_nothing(
    place: ChainScenario, sealed: Any, tmp_path: Path
) -> None:
    sealed.grant("sealed", HOSPITAL.address)
    assert sealed.has_access("sealed", HOSPITAL.address)
    with pytest.raises(DecryptionFailed, match="no key is granted"):
        place.client(HOSPITAL).fetch("sealed", tmp_path / "got")
    assert not (tmp_path / "got").exists()


def test_the_ciphertext_is_removed_when_the_content_is_opened(
    place: ChainScenario, sealed: Any, tmp_path: Path
) -> None:
    sealed.fetch("sealed", tmp_path / "got")
    assert sorted(p.name for p in (tmp_path / "got").iterdir()) == ["README.md", "manifest.json"]
    assert not list(tmp_path.glob("*.sealed"))


def test_a_new_version_opens_with_the_key_that_was_granted_before(
    place: ChainScenario, sealed: Any, card: Path, tmp_path: Path
) -> None:
    sealed.grant("sealed", HOSPITAL.address, public_key_of(HOSPITAL))
    (card / "README.md").write_text("# The second\n")
    sealed.publish(card, "sealed")
    place.client(HOSPITAL).fetch("sealed:2", tmp_path / "got")
    assert (tmp_path / "got" / "README.md").read_text() == "# The second\n"


def test_the_list_of_grants_follows_what_was_given_and_taken(sealed: Any) -> None:
    sealed.grant("sealed", HOSPITAL.address, public_key_of(HOSPITAL))
    sealed.grant("sealed", STRANGER.address)
    sealed.revoke("sealed", STRANGER.address)
    users = {g.user for g in sealed.grants("sealed") if sealed.has_access("sealed", g.user)}
    assert users == {OWNER.address, HOSPITAL.address}
