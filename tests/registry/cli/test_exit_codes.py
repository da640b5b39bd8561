"""Each family of errors ends the command with its own code, in one line or one JSON object."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import HOSPITAL, STRANGER

import registry.cli.app
from registry import errors


def families() -> list[type[errors.TallystickError]]:
    """Every class of the tree."""
    return [getattr(errors, name) for name in errors.__all__]


def test_every_exit_code_is_told_in_the_help(tally: Tally) -> None:
    told = " ".join(tally.told("--help").split())
    for code in {kind.exit_code for kind in families()} - {1}:
        assert f" {code} " in told, f"exit code {code} is not in the help"


def test_2_nobody_signs(tally: Tally) -> None:
    tally.signer = None
    tally.model("lantern")
    commands = (["publish", "lantern"], ["account", "show"], ["deploy"], ["model", "register", "x"])
    for words in commands:
        assert "a key is needed: set TALLY_KEYSTORE" in tally.refused(*words, code=2)


def test_2_no_such_model(tally: Tally) -> None:
    assert "no model named 'nobody-s'" in tally.refused("model", "show", "nobody-s", code=2)


def test_3_nothing_answers(tally: Tally) -> None:
    said = tally.refused("model", "list", "--rpc", "http://127.0.0.1:9", code=3)
    assert said.startswith("tally: NodeUnavailable: ")


def test_3_the_deployment_is_of_another_chain(tally: Tally, world: DeployedScenario) -> None:
    path = world.deployments / f"{world.gateway.chain_id}.json"
    folder = tally.folder / "others"
    folder.mkdir()
    data = json.loads(path.read_text()) | {"genesis": "0x" + "ab" * 32}
    (folder / path.name).write_text(json.dumps(data))
    said = tally.refused("model", "list", "--deployments", str(folder), code=3)
    assert said.startswith("tally: WrongChain: ")


def test_4_a_contract_refuses_by_name_with_the_remedy(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"))
    said = tally.refused("version", "yank", "lantern:1", "--reason", "x", code=4, signer=STRANGER)
    assert said.startswith(
        f"tally: NotPublisher: {STRANGER.address} isn't a publisher of the model;"
    )
    assert "ask the model's owner" in said


def test_4_there_is_nothing_to_roll_back_to(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"), "--channel", "production")
    said = tally.refused("channel", "rollback", "lantern", "production", code=4)
    assert said.startswith("tally: NothingToRollBack: ")


def test_5_no_source_holds_the_content(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"))
    said = tally.refused("fetch", "lantern", "--to", "x", "--storage", "empty", code=5)
    assert said.startswith("tally: BlobNotFound: ")


def test_5_the_storage_node_is_down(tally: Tally) -> None:
    words = ["publish", tally.model("lantern"), "--storage", "http://127.0.0.1:9"]
    assert tally.refused(*words, code=5).startswith("tally: StoreUnavailable: ")


def test_5_stored_bytes_were_changed(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"))
    for block in (tally.folder / "blobs").rglob("*.data"):
        if b"first" in block.read_bytes():
            block.chmod(0o600)
            block.write_bytes(b"# lantern, other\n")
    said = tally.refused("fetch", "lantern", "--to", "x", code=5)
    assert said.startswith("tally: Blob")


def test_6_a_pickle_is_not_published(tally: Tally) -> None:
    tally.model("lantern")
    (tally.folder / "lantern" / "model.pt").write_bytes(b"\x80\x04.")
    said = tally.refused("publish", "lantern", code=6)
    assert said.startswith("tally: ManifestError: ")
    assert "model.pt" in said


def test_7_a_grantee_without_the_key_cannot_open_the_content(tally: Tally) -> None:
    tally.json("publish", tally.model("sealed"), "--private")
    told = tally.told("access", "grant", "sealed", HOSPITAL.address)
    assert "cannot decrypt" in told
    said = tally.refused("fetch", "sealed", "--to", "x", code=7, signer=HOSPITAL)
    assert said.startswith("tally: DecryptionFailed: ")


def test_8_the_audit_finds_a_divergence(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"))
    for block in (tally.folder / "blobs").rglob("*.data"):
        if b"first" in block.read_bytes():
            block.chmod(0o600)
            block.write_bytes(b"# lantern, other\n")
    done = tally.run("audit")
    assert done.code == 8
    assert "DIVERGENCE content: lantern:1 content (storage): " in done.out
    assert done.err.startswith("tally: AuditFailed: first divergence: content: ")


def test_5_a_store_that_gives_no_answer_is_no_verdict(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"))
    done = tally.run("audit", "--storage", "http://127.0.0.1:9")
    assert done.code == 5
    assert "DIVERGENCE" not in done.out
    assert done.err.startswith("tally: StoreUnavailable: ")


def test_10_an_odd_record_fails_the_audit_of_its_own_model_alone(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"))
    whole = tally.run("audit", "--storage", "empty")
    assert whole.code == 0
    assert "ODD content: lantern:1 content (publisher " in whole.out
    assert "everything else agrees; 1 odd" in whole.out
    for words in (["audit", "lantern"], ["audit", "--strict"]):
        done = tally.run(*words, "--storage", "empty")
        assert done.code == 10
        assert done.err.startswith("tally: OddRecords: first odd record: content: ")


def test_9_is_the_code_of_training() -> None:
    training = [kind for kind in families() if issubclass(kind, errors.TrainingError)]
    assert {kind.exit_code for kind in training if kind is not errors.NoParticipants} == {9}


def test_11_is_the_code_of_rounds_without_participants() -> None:
    assert [kind for kind in families() if kind.exit_code == 11] == [errors.NoParticipants]


def test_130_a_prompt_that_is_left_is_an_interruption(tally: Tally) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "registry.cli", "account", "new"],
        stdin=theirs,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as running:
        os.close(theirs)
        assert running.stderr is not None
        said = b""
        while not said.endswith(b"New password: "):
            letter = running.stderr.read(1)
            assert letter, said
            said += letter
        os.write(ours, b"\x04")  # the end of what is typed
        said += running.communicate(timeout=60)[1]
    os.close(ours)
    assert running.returncode == 130, said
    assert said.splitlines()[-1] == b"tally: interrupted"
    assert not (tally.folder / "state").exists()


def test_2_nobody_is_asked_for_a_password_without_a_terminal(tally: Tally) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "registry.cli", "account", "new"],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("tally: ConfigError: a password is needed: set TALLY_PASSWORD")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["model", "show", "nobody-s"], "ConfigError"),
        (["model", "list", "--rpc", "http://127.0.0.1:9"], "NodeUnavailable"),
        (["model", "register", "twice"], "ModelExists"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_with_json_an_error_is_an_object(tally: Tally, words: list[str], name: str) -> None:
    tally.json("model", "register", "twice")
    done = tally.run(*words, "--json")
    report = json.loads(done.err)
    assert set(report) == {"error", "message"}
    assert (report["error"], done.out) == (name, "")
    assert done.code != 0


def test_the_module_s_docstring_names_every_code() -> None:
    text = " ".join((registry.cli.app.__doc__ or "").split())
    for code in {kind.exit_code for kind in families()}:
        assert f"{code} " in text


def test_2_one_node_is_not_two(tally: Tally, world: DeployedScenario) -> None:
    url = world.gateway.url
    for again in (url, url + "/", url.replace("127.0.0.1", "localhost")):
        said = tally.refused("audit", "--second-rpc", again, code=2)
        assert "--second-rpc: expected another node than --rpc" in said
