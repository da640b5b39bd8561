"""`tally config`: settings that are kept, and the order in which a value is looked for."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Tally
from tests_roles import HOSPITAL

from registry.config import load_settings
from registry.errors import ConfigError
from registry.signing import create_keystore

PASSWORD = "brass lantern 41"


def kept(tally: Tally) -> Path:
    """Returns the settings file."""
    return Path(tally.told("config", "path").strip())


def test_what_is_set_is_got_listed_and_unset(tally: Tally) -> None:
    tally.patch.delenv("TALLY_RPC")
    tally.told("config", "set", "rpc", "http://127.0.0.1:9")
    assert tally.told("config", "get", "rpc") == "http://127.0.0.1:9\n"
    rows = {row["setting"]: row for row in tally.json("config", "list")}
    assert rows["rpc"] == {
        "setting": "rpc",
        "value": "http://127.0.0.1:9",
        "from": str(kept(tally)),
    }
    assert "no answer from http://127.0.0.1:9" in tally.refused("model", "list", code=3)
    tally.told("config", "unset", "rpc")
    assert tally.told("config", "get", "rpc") == "http://127.0.0.1:8545\n"


def test_the_file_is_in_the_folder_that_xdg_names_for_this_user_alone(
    tally: Tally, tmp_path: Path
) -> None:
    assert kept(tally) == tmp_path / "config" / "tallystick" / "settings.json"
    tally.told("config", "set", "storage", "https://ann:secret@node.example:5001")
    assert stat.S_IMODE(kept(tally).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept(tally).parent.stat().st_mode) == 0o700


def test_a_secret_in_an_address_is_listed_redacted_and_got_whole(tally: Tally) -> None:
    tally.patch.delenv("TALLY_STORAGE")
    said = tally.told("config", "set", "storage", "https://ann:hunter2@node.example:5001")
    assert "hunter2" not in said + tally.told("config", "list")
    assert "hunter2" in tally.told("config", "get", "storage")


@pytest.mark.parametrize("first", ["https://a.example/x", "/srv/blobs", "http://b:pw@h:1"])
def test_no_secret_of_several_sources_is_shown(tally: Tally, first: str) -> None:
    tally.patch.delenv("TALLY_STORAGE")
    several = f"{first},https://ann:hunter2@n.example,gateway+https://bob:hunter2@g.example/y"
    said = tally.told("config", "set", "storage", several)
    assert "hunter2" not in said + tally.told("config", "list")
    assert tally.told("config", "get", "storage") == several + "\n"


def test_option_then_environment_then_network_then_file_then_default(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "TALLY_STATE": "/s"}

    def rpc(option: str | None = None) -> str:
        return load_settings(rpc=option, environment=environment, folder=tmp_path).rpc

    assert rpc() == "http://127.0.0.1:8545"
    (tmp_path / "tallystick").mkdir()
    (tmp_path / "tallystick" / "settings.json").write_text('{"rpc": "http://file"}')
    assert rpc() == "http://file"
    (tmp_path / ".tally").mkdir()
    (tmp_path / ".tally" / "network.json").write_text('{"rpc": "http://localhost:7", "pid": 7}')
    assert rpc() == "http://localhost:7"
    environment["TALLY_RPC"] = "http://environment"
    assert rpc() == "http://environment"
    assert rpc("http://option") == "http://option"


@pytest.mark.parametrize(
    "rpc",
    [
        "http://thief.example:8545",
        "http://127.0.0.1@thief.example",
        "http://thief.example\\@127.0.0.1",
        "http://127.0.0.1.thief.example",
        "wss://localhost.thief.example/ws",
        "thief.ipc",
    ],
)
def test_a_folder_from_somebody_else_leads_to_no_other_chain(tmp_path: Path, rpc: str) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "TALLY_STATE": "/s"}
    (tmp_path / "tallystick").mkdir()
    (tmp_path / "tallystick" / "settings.json").write_text('{"rpc": "http://mine.example"}')
    (tmp_path / ".tally").mkdir()
    (tmp_path / ".tally" / "network.json").write_text(json.dumps({"rpc": rpc, "pid": 7}))
    with pytest.raises(ConfigError, match="rpc: expected a chain on this machine"):
        load_settings(environment=environment, folder=tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "expected JSON"),
        ("[" * 100_000, "expected JSON"),
        ("[1, 2]", "expected a JSON object"),
        ("null", "expected a JSON object"),
        ('{"rpc": 7}', "rpc: expected text"),
        ('{"colour": "red"}', "got 'colour'; take it out"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_damaged_file_is_told_with_its_path(tally: Tally, content: str, says: str) -> None:
    path = kept(tally)
    path.parent.mkdir(parents=True)
    path.write_text(content)
    said = tally.refused("account", "list", code=2)
    assert says in said
    assert str(path) in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["set", "colour", "red"], "SETTING: expected one of 'rpc'"),
        (["set", "confirmations", "some"], "confirmations: expected a number of blocks"),
        (["set", "max-fee", "0"], "max-fee: expected gwei per gas above 0"),
        (["set", "rpc", ""], "rpc: expected text that isn't empty"),
        (["unset", "rpc"], "rpc isn't set there"),
        (["get", "keystore"], "keystore is not set; set it: tally config set keystore VALUE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_set_is_refused_and_nothing_kept(
    tally: Tally, words: list[str], says: str
) -> None:
    assert says in tally.refused("config", *words, code=2)
    assert not kept(tally).exists()


def test_the_keystore_that_is_set_signs(tally: Tally, tmp_path: Path) -> None:
    tally.signer = None
    path, _ = create_keystore(tmp_path / "k", PASSWORD, key=HOSPITAL.private_key(), strength=2)
    tally.told("config", "set", "keystore", str(path))
    tally.patch.setenv("TALLY_PASSWORD", PASSWORD)
    assert tally.json("account", "show")["address"] == HOSPITAL.address


def test_a_key_of_the_environment_goes_before_the_keystore_that_is_set(tally: Tally) -> None:
    tally.told("config", "set", "keystore", "nowhere")
    assert tally.signer is not None
    assert tally.json("account", "show")["address"] == tally.signer.address


@pytest.mark.parametrize("place", ["option", "environment", "file"])
def test_a_terminal_is_asked_for_the_password(tally: Tally, tmp_path: Path, place: str) -> None:
    path, _ = create_keystore(tmp_path / "k", PASSWORD, key=HOSPITAL.private_key(), strength=2)
    words = ["account", "show", "--json"]
    environment = dict(os.environ)
    if place == "option":
        words += ["--keystore", str(path)]
    elif place == "environment":
        environment["TALLY_KEYSTORE"] = str(path)
    else:
        tally.told("config", "set", "keystore", str(path))
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "registry.cli", *words],
        env=environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as running:
        os.close(theirs)
        assert running.stderr is not None
        assert running.stderr.read(12) == b"Password of "
        os.write(ours, PASSWORD.encode() + b"\n")
        out, said = running.communicate(timeout=60)
    os.close(ours)
    assert running.returncode == 0, said
    assert json.loads(out)["address"] == HOSPITAL.address
    assert PASSWORD.encode() not in said
