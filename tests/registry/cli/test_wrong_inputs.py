"""The table of wrong inputs: each is one line with a remedy and a documented code, never more.

With --json the line is one JSON object that says the same. Nothing is printed as a result, and what
was there before is there after.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from command_line import Tally
from tests_roles import STRANGER

WHO = STRANGER.address
ZEROS = "0x" + "0" * 40
REMEDY = re.compile(
    r"\b(see|expected|run|use|give|set|choose|check|ask|take|put|look|publish|fund|start|delete|"
    r"say|send|make|name|announce|write|starts|copy|add|stop|wait|mend|unset|"
    r"leave|missing|running|did you mean)\b"
)


@dataclass(frozen=True)
class Wrong:
    """What is typed, the code it ends with, what is said, and what is set meanwhile."""

    line: str
    code: int
    says: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """The words, with what stands for addresses and blanks put in."""
        named = {"WHO": WHO, "ZEROS": ZEROS, "NOTHING": ""}
        return [named.get(word, word.replace("_BLANK_", " ")) for word in self.line.split()]


UNPARSED = [
    Wrong("fly", 2, "no such command 'fly'"),
    Wrong("model fly", 2, "no such command 'fly'"),
    Wrong("modle list", 2, "no such command 'modle'"),
    Wrong("model list --jsom", 2, "did you mean --json?"),
    Wrong("model list more", 2, "got unexpected extra argument (more)"),
    Wrong("publish", 2, "missing the argument PATH"),
    Wrong("channel set lantern production", 2, "missing the argument VERSION"),
    Wrong("channel set lantern production one", 2, "VERSION: expected a whole number, got 'one'"),
    Wrong("version yank lantern:1", 2, "missing the option --reason"),
    Wrong("completion tcsh", 2, "SHELL: expected one of"),
    Wrong("-q -v model list", 2, "expected --quiet or --verbose, got both"),
    Wrong("token send WHO 0", 2, "AMOUNT: expected 1 or more, got 0"),
    Wrong("token send WHO 1.5", 2, "AMOUNT: expected a whole number"),
    Wrong("stake deposit -1", 2, "no such option: -1; if it is a value, expected 0 or more"),
    Wrong("account fund WHO --ether 0", 2, "--ether: expected 1 to 10000, got 0"),
    Wrong("store prune --keep-rounds -1", 2, "--keep-rounds: expected 0 or more, got -1"),
    Wrong("dispute attest nowhere", 2, "FILES: expected what is there, got 'nowhere'"),
    Wrong("dispute panel WHO", 2, "missing the option --threshold"),
    Wrong("up --port 70000", 2, "--port: expected 0 to 65535, got 70000"),
    Wrong("deploy --profile moon", 2, "--profile: expected one of"),
    Wrong("config set colour red", 2, "SETTING: expected one of"),
    Wrong("train coordinate m --precision half", 2, "--precision: expected one of"),
    Wrong("train join m --num-rounds 0", 2, "--num-rounds: expected 1 or more, got 0"),
    Wrong("train evaluate m 1", 2, "missing the option --out"),
    Wrong("train gossip m", 2, "missing the option --client"),
    Wrong("watch", 2, "missing the argument NAME"),
    Wrong("demo --engine steam", 2, "--engine: expected one of"),
]
WITHOUT_A_MODEL = [
    Wrong("model register Bad_BLANK_Name", 2, "expected a name of 1 to 64"),
    Wrong("model show nobody", 2, "no model named 'nobody'"),
    Wrong("model transfer lantern 0x12", 2, "expected an address of 0x and 40"),
    Wrong("fetch nobody", 2, "no model named 'nobody'"),
    Wrong("fetch a@b:1", 2, "expected NAME, NAME@channel"),
    Wrong("version deprecate lantern", 2, "expected NAME:version or NAME@channel"),
    Wrong("version list nobody", 2, "no model named 'nobody'"),
    Wrong("round list nobody", 2, "no model named 'nobody'"),
    Wrong("reward show nobody", 2, "no model named 'nobody'"),
    Wrong("log nobody", 2, "no model named 'nobody'"),
    Wrong("name pin lantern", 2, "expected OWNER/NAME or a model's id"),
    Wrong("name forget nobody", 2, "is no name that was used here"),
    Wrong("lineage nobody", 2, "no model named 'nobody'"),
    Wrong("audit nobody", 2, "no model named 'nobody'"),
    Wrong("train report nobody", 2, "no model named 'nobody'"),
    Wrong("watch nobody", 2, "no model named 'nobody'"),
    Wrong("publish nofolder", 2, "expected a folder with the model's files, got nofolder"),
    Wrong("publish empty", 2, "holds no file to publish"),
    Wrong("publish lantern --metadata key", 2, "--metadata: expected KEY=VALUE"),
    Wrong("publish lantern --licence MIT_BLANK_", 2, "licence: expected"),
    Wrong("publish lantern --channel bad_BLANK_one", 2, "channel: expected a name of 1 to 32"),
    Wrong("publish lantern --parent nobody:1", 2, "no model named 'nobody'"),
    Wrong("publish pickled", 6, "model.pt"),
    Wrong("verify f", 2, "expected a fetched version's folder, got f"),
    Wrong("verify nowhere", 2, "expected a fetched version's folder, got nowhere"),
    Wrong("audit --deployment-digest xyz", 2, "--deployment-digest: expected a SHA-256"),
    Wrong("audit --trusted-block 0x12", 2, "--trusted-block: expected a block's hash"),
    Wrong("token approve Nobody 1", 2, "expected an address of 0x and 40"),
    Wrong("token send ZEROS 1", 4, "can't be sent tokens"),
    Wrong(f"stake exit {2**256}", 2, "amount: expected a number from 0 to 2^256 - 1"),
    Wrong("stake exit 5", 4, "units free, and 5 are needed"),
    Wrong("stake controllers --add Nobody", 2, "expected an address of 0x and 40"),
    Wrong("deploy --claim-period 0", 2, "--claim-period: expected 1 to 315360000"),
    Wrong("demo --rounds 0", 2, "expected at least 1 round"),
    Wrong("up --ipfs foo", 2, "--ipfs: expected `kubo` to start a node"),
    Wrong("config set rpc NOTHING", 2, "rpc: expected text that isn't empty"),
    Wrong("config set rpc ftp://somewhere", 2, "rpc: expected http(s)://, ws(s):// or the path"),
    Wrong("publish lantern --name NOTHING", 2, "--name: expected text that isn't empty"),
    Wrong("audit --deployment-digest NOTHING", 2, "--deployment-digest: expected text"),
    Wrong("publish lantern --licence=", 2, "--licence: expected text that isn't empty"),
    Wrong("verify NOTHING", 2, "verify: expected text that isn't empty"),
    Wrong("publish lantern --metadata =x", 2, "--metadata: expected KEY=VALUE, got '=x'"),
    Wrong("config set max-fee much", 2, "max-fee: expected gwei per gas above 0"),
    Wrong("config unset rpc", 2, "rpc isn't set there"),
    Wrong("config get keystore", 2, "keystore is not set"),
]
WITH_A_MODEL = [
    Wrong("model register lantern", 4, "the name is taken"),
    Wrong("model accept lantern", 4, "wasn't offered the model"),
    Wrong("model publisher lantern 0x12", 2, "expected an address"),
    Wrong("channel set lantern production 9", 4, "there is no version 9"),
    Wrong(f"channel set lantern production {2**64}", 2, "number from 0 to 2^64 - 1, got"),
    Wrong("channel rollback lantern nowhere", 4, "has no version before this one"),
    Wrong("channel set lantern:1 production 1", 2, "expected its name alone, got 'lantern:1'"),
    Wrong("channel history lantern@production", 2, "expected its name alone"),
    Wrong("access grant lantern:1 WHO", 2, "expected its name alone"),
    Wrong("log lantern:1", 2, "expected its name alone"),
    Wrong("version list lantern:1", 2, "expected its name alone"),
    Wrong("log lantern --since 2026-12-01 --until 2026-11-30", 2, "--until: expected a date"),
    Wrong("version yank lantern:9 --reason x", 2, "lantern has no version 9"),
    Wrong("version restore lantern:1", 4, "version 1 is active already"),
    Wrong("fetch lantern:0", 2, "lantern has no version 0"),
    Wrong("fetch lantern@nowhere", 2, "lantern has no channel 'nowhere'"),
    Wrong("fetch lantern --to f/below", 2, "f: File exists"),
    Wrong("access grant lantern WHO --days 0", 2, "--days: expected a number"),
    Wrong("access grant lantern ZEROS", 4, "access was to be given to nobody"),
    Wrong("access revoke lantern WHO", 4, "has no grant"),
    Wrong("round show lantern", 2, "lantern has no round"),
    Wrong("round show lantern 7", 2, "lantern has no round 7"),
    Wrong("round finalise lantern 1", 2, "lantern has no round 1"),
    Wrong("dispute show lantern 1", 2, "lantern has no round 1"),
    Wrong("reward claim lantern", 2, "lantern has no payout root"),
    Wrong("reward sweep lantern", 4, "announce it first"),
    Wrong("reward fund lantern 1 5", 2, "lantern has no round 1"),
    Wrong("train pay lantern", 9, "there is nothing to pay"),
    Wrong("train report lantern", 9, "expected a round whose reveals are over"),
    Wrong("train coordinate lantern --bits 7", 2, "expected bits of 8, 16 or 32, got 7"),
    Wrong("train coordinate lantern --num-rounds 0", 2, "--num-rounds: expected at least 1, got 0"),
    Wrong("train coordinate lantern --fraction-fit 2", 2, "--fraction-fit: expected 0 to 1"),
    Wrong("train coordinate lantern --epochs 0", 2, "--epochs: expected 1 to 1000, got 0"),
    Wrong("train coordinate lantern --batch-size 0", 2, "--batch-size: expected 1 to 1000000"),
    Wrong("train coordinate lantern --strategy x", 2, "expected a strategy of diloco, fedadagrad"),
]
BELOW_A_FILE = {"TALLY_STATE": "f/below", "TALLY_PASSWORD": "x"}
SURROUNDINGS = [
    Wrong("model list --rpc gopher://x", 2, "expected an RPC address"),
    Wrong("model list --rpc http://127.0.0.1:99999", 2, "a port up to 65535"),
    Wrong("model list --rpc http://127.0.0.1:9", 3, "is the node running?"),
    Wrong("model list --confirmations -1", 2, "--confirmations: expected 0 or more"),
    Wrong("model list --max-fee much", 2, "--max-fee: expected gwei per gas above 0"),
    Wrong("model list --deployments f/below", 2, "run `tally deploy`"),
    Wrong("deploy --deployments f/below", 2, "expected a folder there"),
    Wrong("publish lantern --storage http://127.0.0.1:9", 5, "no answer from /ip4/127.0.0.1"),
    Wrong("account show --keystore nowhere", 2, "no such keystore"),
    Wrong(
        "account new",
        2,
        "expected a folder there",
        {"TALLY_STATE": "f/below", "TALLY_PASSWORD": "x"},
    ),
    Wrong("model list", 2, "TALLY_CONFIRMATIONS: expected", {"TALLY_CONFIRMATIONS": "some"}),
    Wrong("model list", 2, "TALLY_MAX_FEE: expected", {"TALLY_MAX_FEE": "0"}),
    Wrong("model list", 2, "no such home folder", {"TALLY_DEPLOYMENTS": "~nobody-such/x"}),
    Wrong("model register x", 2, "TALLY_KEY", {"TALLY_KEY": "0x12"}),
    Wrong("model register x", 2, "expected TALLY_KEY or TALLY_KEYSTORE", {"TALLY_KEYSTORE": "k"}),
]
NETWORKS = ["[1, 2]", "null", "{", '"x"', '{"rpc": [1, 2]}', '{"storage": null}', "[" * 99_999]


@pytest.fixture
def ground(tally: Tally, tmp_path: Path) -> Tally:
    """A folder with a model's folder, a file, an empty folder, and one with a pickle."""
    tally.model("lantern")
    tally.model("pickled")
    (tmp_path / "pickled" / "model.pt").write_bytes(b"\x80\x04.")
    (tmp_path / "empty").mkdir()
    (tmp_path / "f").write_text("a file")
    return tally


def require_refused(tally: Tally, wrong: Wrong) -> None:
    """Runs a wrong input for people and for scripts: one line, one object, the same story."""
    before = sorted(p for p in tally.folder.rglob("*") if ".tally" not in p.parts)
    signer = None if "TALLY_KEY" in wrong.environment else tally.signer
    tally.signer = signer
    with tally.patch.context() as patch:
        for name, value in wrong.environment.items():
            patch.setenv(name, value)
        said = tally.refused(*wrong.words, code=wrong.code)
        told = json.loads(tally.refused(*wrong.words, "--json", code=wrong.code))
    assert wrong.says in said
    assert REMEDY.search(said), said
    assert set(told) == {"error", "message"}
    assert said.startswith(f"tally: {told['error']}: ")
    assert wrong.says in told["message"]
    kept = {p for p in tally.folder.rglob("*") if ".tally" not in p.parts}
    assert set(before) <= kept


@pytest.mark.parametrize("wrong", [*UNPARSED, *WITHOUT_A_MODEL], ids=lambda w: w.line)
def test_what_is_wrong_by_itself_is_one_line(ground: Tally, wrong: Wrong) -> None:
    require_refused(ground, wrong)


@pytest.mark.parametrize("wrong", WITH_A_MODEL, ids=lambda w: w.line)
def test_what_a_model_does_not_have_is_one_line(ground: Tally, wrong: Wrong) -> None:
    ground.json("publish", "lantern")
    require_refused(ground, wrong)


@pytest.mark.parametrize(
    "wrong", SURROUNDINGS, ids=lambda w: " ".join([w.line, *w.environment.values()])
)
def test_wrong_surroundings_are_one_line(ground: Tally, wrong: Wrong) -> None:
    require_refused(ground, wrong)


@pytest.mark.parametrize("content", NETWORKS, ids=lambda text: text[:16])
def test_a_network_file_that_is_none_is_one_line(ground: Tally, content: str) -> None:
    (ground.folder / ".tally").mkdir()
    (ground.folder / ".tally" / "network.json").write_text(content)
    require_refused(ground, Wrong("account list", 2, "delete it or run `tally up`"))


def test_the_table_is_long_enough_and_knows_every_noun() -> None:
    rows = [*UNPARSED, *WITHOUT_A_MODEL, *WITH_A_MODEL, *SURROUNDINGS]
    assert len(rows) + len(NETWORKS) >= 60
    nouns = {wrong.words[0] for wrong in rows}
    assert nouns >= {
        *("access", "account", "audit", "channel", "completion", "config", "demo", "deploy"),
        *("dispute", "fetch", "lineage", "log", "model", "name", "publish", "reward", "round"),
        *("stake", "store", "token", "train", "up", "verify", "version", "watch"),
    }
