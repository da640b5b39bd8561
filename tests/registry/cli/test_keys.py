"""Keys on the command line: keystores, the environment, and what is said when they are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import HOSPITAL, OWNER

from registry.crypto import public_key_of
from registry.signing import create_keystore

PASSWORD = "brass lantern 41"


@pytest.fixture
def keystore(tally: Tally, tmp_path: Path) -> str:
    """A keystore of the hospital's, cheap to open; nobody signs from the environment."""
    tally.signer = None
    key = HOSPITAL.private_key()
    path, _ = create_keystore(tmp_path / "keys", PASSWORD, key=key, strength=2)
    return str(path)


def test_the_option_s_keystore_signs(tally: Tally, keystore: str) -> None:
    tally.patch.setenv("TALLY_PASSWORD", PASSWORD)
    shown = tally.json("account", "show", "--keystore", keystore)
    assert shown["address"] == HOSPITAL.address
    assert shown["publicKey"] == "0x" + public_key_of(HOSPITAL).hex()


def test_the_environment_s_keystore_signs(tally: Tally, keystore: str) -> None:
    tally.patch.setenv("TALLY_KEYSTORE", keystore)
    tally.patch.setenv("TALLY_PASSWORD", PASSWORD)
    assert tally.json("model", "register", "by-keystore")["owner"] == HOSPITAL.address


def test_the_option_goes_before_the_environment(tally: Tally, keystore: str) -> None:
    tally.patch.setenv("TALLY_PASSWORD", PASSWORD)
    shown = tally.json("account", "show", "--keystore", keystore, signer=OWNER)
    assert shown["address"] == HOSPITAL.address


def test_a_wrong_password_is_said_and_not_repeated(tally: Tally, keystore: str) -> None:
    tally.patch.setenv("TALLY_PASSWORD", "not the password")
    said = tally.refused("account", "show", "--keystore", keystore, code=2)
    assert said == f"tally: ConfigError: {keystore}: wrong password\n"


def test_a_missing_password_is_asked_for_by_its_variable(tally: Tally, keystore: str) -> None:
    tally.patch.setenv("TALLY_KEYSTORE", keystore)
    assert "set TALLY_PASSWORD" in tally.refused("account", "show", code=2)


def test_two_keys_at_once_are_refused(tally: Tally, keystore: str) -> None:
    tally.patch.setenv("TALLY_KEYSTORE", keystore)
    said = tally.refused("account", "show", code=2, signer=OWNER)
    assert "expected TALLY_KEY or TALLY_KEYSTORE, got both; unset one" in said


def test_a_keystore_that_is_not_there_is_refused_with_the_remedy(tally: Tally) -> None:
    tally.patch.setenv("TALLY_PASSWORD", PASSWORD)
    said = tally.refused("account", "show", "--keystore", "nowhere", code=2)
    assert "no such keystore; make one: tally account new" in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 1}, "expected a keystore of version 3"),
        ({"crypto": {}}, "expected a keystore with kdfparams"),
        ({"crypto": {"kdfparams": {"n": 1 << 40, "r": 8}}}, "more than 1 GiB"),
        ({"crypto": {"kdfparams": {"n": "many"}}}, "expected whole numbers in kdfparams"),
        ({"crypto": {"kdf": "md5", "kdfparams": {"n": 2, "r": 8}}}, "not a valid keystore"),
    ],
    ids=["version", "no parameters", "T-26 too much work", "no number", "no such function"],
)
def test_a_damaged_keystore_is_refused(
    tally: Tally, keystore: str, change: dict[str, Any], says: str
) -> None:
    path = Path(keystore)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    tally.patch.setenv("TALLY_PASSWORD", PASSWORD)
    assert says in tally.refused("account", "show", "--keystore", keystore, code=2)


@pytest.mark.parametrize("key", ["0x12", "zz" * 32, "0x" + "00" * 32, "0x" + "ff" * 32])
def test_a_malformed_raw_key_is_refused_and_not_repeated(tally: Tally, key: str) -> None:
    tally.signer = None
    tally.patch.setenv("TALLY_KEY", key)
    said = tally.refused("account", "show", code=2)
    assert said.startswith("tally: ConfigError: TALLY_KEY: ")
    assert key.removeprefix("0x") not in said


def test_the_keystores_are_listed_oldest_first(tally: Tally) -> None:
    folder = tally.folder / "state" / "keystore"
    for signer in (OWNER, HOSPITAL):
        create_keystore(folder, PASSWORD, key=signer.private_key(), strength=2)
    listed = tally.json("account", "list")
    assert [row["address"] for row in listed] == [OWNER.address, HOSPITAL.address]
    assert "crypto" not in json.dumps(listed)


def test_development_funds_are_not_sent_on_another_chain(tally: Tally, tmp_path: Path) -> None:
    from registry.devnet import start_anvil

    with start_anvil(0, 4242) as chain:
        said = tally.refused("account", "fund", OWNER.address, "--rpc", chain.url, code=2)
    assert "expected a development chain" in said
    assert "got chain 4242" in said


def test_funding_tells_the_balance(tally: Tally, world: DeployedScenario) -> None:
    before = world.gateway.balance(HOSPITAL.address)
    told = tally.json("account", "fund", HOSPITAL.address.lower(), "--ether", "2")
    assert told == {"address": HOSPITAL.address, "wei": str(before + 2 * 10**18)}
