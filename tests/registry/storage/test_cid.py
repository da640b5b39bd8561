"""CIDs: one text per version, and only what the chain can keep (M-4)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import ConfigError
from registry.storage import DAG_PB, RAW, Cid
from registry.types import Content

DIGESTS = st.binary(min_size=32, max_size=32)
# Known to every IPFS user: the empty folder and the empty file of version 0.
EMPTY_FOLDER = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"
EMPTY_FOLDER_V1 = "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"


@given(st.sampled_from((RAW, DAG_PB)), DIGESTS)
def test_text_and_bytes_lead_back(codec: int, digest: bytes) -> None:
    cid = Cid(codec, digest)
    assert Cid.parse(str(cid)) == cid
    assert Cid.from_bytes(cid.to_bytes()) == cid
    assert Cid.from_digest(digest, codec) == cid
    assert Content(digest, codec).cid == str(cid)
    assert len(str(cid)) == 59


@given(DIGESTS)
def test_version_0_leads_back_to_the_same_cid(digest: bytes) -> None:
    cid = Cid(DAG_PB, digest)
    assert Cid.parse(cid.v0_text()) == cid
    assert Cid.from_bytes(cid.to_bytes(version=0)) == cid


def test_known_texts_of_both_versions_are_one_cid() -> None:
    assert Cid.parse(EMPTY_FOLDER) == Cid.parse(EMPTY_FOLDER_V1)
    assert str(Cid.parse(EMPTY_FOLDER)) == EMPTY_FOLDER_V1
    assert Cid.parse(EMPTY_FOLDER_V1).v0_text() == EMPTY_FOLDER


def test_a_cid_of_data_holds_its_digest() -> None:
    assert Cid.of(b"abc", RAW).digest == hashlib.sha256(b"abc").digest()


TEXT = str(Cid(RAW, bytes(32)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        TEXT[:-1],
        TEXT + "a",
        TEXT.upper(),
        "z" + TEXT[1:],
        TEXT[:-1] + "b",  # the same bytes but for the bits that base32 leaves over
        TEXT[:-1] + "1",
        EMPTY_FOLDER[:-1],
        EMPTY_FOLDER[:-1] + "0",
        "Qm" + "1" * 44,
        "/ipfs/" + TEXT,
        " " + TEXT,
        "x" * 10_000,
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="not a CID") as caught:
        Cid.parse(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(34),
        bytes(36),
        b"\x01\x55\x12\x20" + bytes(31),
        b"\x02\x55\x12\x20" + bytes(32),
        b"\x01\x71\x12\x20" + bytes(32),  # dag-cbor
        b"\x01\x55\x13\x20" + bytes(32),  # sha2-512
        b"\x01\x55\x12\x1f" + bytes(32),
    ],
)
def test_other_hashes_codecs_and_lengths_are_refused(raw: bytes) -> None:
    with pytest.raises(ConfigError):
        Cid.from_bytes(raw)


def test_a_raw_cid_has_no_version_0_text() -> None:
    with pytest.raises(ConfigError, match="dag-pb"):
        Cid(RAW, bytes(32)).v0_text()


@pytest.mark.parametrize(("codec", "digest"), [(0x71, bytes(32)), (RAW, bytes(31)), (RAW, b"")])
def test_a_cid_of_another_shape_cannot_be_made(codec: int, digest: bytes) -> None:
    with pytest.raises(ConfigError):
        Cid(codec, digest)
