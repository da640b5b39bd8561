"""Addresses as they are shown: the host stays, what opens it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.redaction import redacted_text, redacted_url

KEY = "9aa3d95b3bc440fa88ea12eaa4456161"
CID = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
        ("http://[fd00::1]:8545", "http://[fd00::1]:8545"),
        ("https://rpc.example.org/", "https://rpc.example.org/"),
        ("https://ann:secret@rpc.example.org:443/x", "https://***@rpc.example.org:443/x"),
        ("https://ann:se/cr@et@rpc.example.org/x", "https://***@rpc.example.org/x"),
        ("https://ann:se?cr#et@rpc.example.org", "https://***@rpc.example.org"),
        ("https://tok@rpc.example.org?m=a@b", "https://***@rpc.example.org?m=***"),
        (f"https://mainnet.infura.io/v3/{KEY}", "https://mainnet.infura.io/v3/***"),
        (f"wss://eth.example.org/{KEY}/ws", "wss://eth.example.org/***/ws"),
        ("https://eth.example.org/v2/ab12cd34", "https://eth.example.org/v2/***"),
        ("https://e.org/?apikey=k&x=1", "https://e.org/?apikey=***&x=***"),
        ("https://e.org?k#secret", "https://e.org?***#***"),
        (f"https://gateway.example.org/ipfs/{CID}", f"https://gateway.example.org/ipfs/{CID}"),
        (f"http://n:5001/api/v0/cat?arg={CID}", f"http://n:5001/api/v0/cat?arg={CID}"),
        (f"http://n:5001/api/v0/cat?arg={CID}-secret", "http://n:5001/api/v0/cat?arg=***"),
        ("ann:secret@rpc.example.org", "***@rpc.example.org"),
        ("/ip4/127.0.0.1/tcp/5001", "/ip4/127.0.0.1/tcp/5001"),
        ("/srv/store/of-a-very-long-name/blobs", "/srv/store/of-a-very-long-name/blobs"),
        ("", ""),
    ],
)
def test_what_opens_an_address_is_hidden(url: str, shown: str) -> None:
    assert redacted_url(url) == shown


@given(secret=st.text(alphabet="abcXYZ019._~!$&'()*+,;=:%/?#@-", min_size=1).map("s3cret{}".format))
def test_no_password_is_shown_whatever_is_in_it(secret: str) -> None:
    assert "s3cret" not in redacted_url(f"https://ann:{secret}@rpc.example.org:8545/")


@given(st.text())
def test_any_text_has_a_shown_form_that_stays(text: str) -> None:
    assert redacted_url(redacted_url(text)) == redacted_url(text)


def test_the_addresses_within_a_message_are_hidden() -> None:
    said = f"no answer from https://e.org/v3/{KEY} (ReadTimeout); try 'http://a:b@h:1', then stop."
    assert redacted_text(said) == (
        "no answer from https://e.org/v3/*** (ReadTimeout); try 'http://***@h:1', then stop."
    )


def test_of_several_addresses_each_is_redacted() -> None:
    several = "https://a.example/x,https://ann:hunter2@b.example,gateway+http://c:hun,ter2@d/y,/srv"
    shown = "https://a.example/x,https://***@b.example,gateway+http://***@d/y,/srv"
    assert redacted_url(several) == shown
    assert redacted_text(f"tried {several}: none") == f"tried {shown}: none"
