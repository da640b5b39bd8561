"""A machine that isn't as expected: one line, a path, a remedy, exit code 2; never a traceback."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from registry.config import load_settings
from registry.errors import ConfigError

TALLY = [sys.executable, "-m", "registry.cli"]
PASSWORD = "brass lantern 41"


@dataclass
class Case:
    """A command and what is wrong around it; `{here}` stands for the test's folder."""

    words: list[str]
    says: list[str]
    environment: dict[str, str | None] = field(default_factory=dict)
    prepare: Callable[[Path], object] = lambda here: None
    code: int = 2


def _file(name: str, content: bytes = b"x") -> Callable[[Path], object]:
    return lambda here: (here / name).write_bytes(content)


def _link(here: Path) -> None:
    (here / "loop").symlink_to("loop")


def _network(content: bytes) -> Callable[[Path], object]:
    def prepare(here: Path) -> None:
        (here / ".tally").mkdir()
        (here / ".tally" / "network.json").write_bytes(content)

    return prepare


def _folder(*parts: str) -> Callable[[Path], object]:
    return lambda here: here.joinpath(*parts).mkdir(parents=True)


NEW, LIST = ["account", "new"], ["account", "list"]
CASES = {
    "no such user's home": Case(LIST, ["~nobody-such"], {"TALLY_STATE": "~nobody-such/x"}),
    "state is a file": Case(NEW, ["{here}/f", "folder"], {"TALLY_STATE": "{here}/f"}, _file("f")),
    "state below a file": Case(
        NEW, ["{here}/f", "Not a directory"], {"TALLY_STATE": "{here}/f/deep"}, _file("f")
    ),
    "state that can't be written": Case(NEW, ["/proc/no"], {"TALLY_STATE": "/proc/no"}),
    "state of links in a ring": Case(NEW, ["loop"], {"TALLY_STATE": "{here}/loop/x"}, _link),
    "state with too long a name": Case(NEW, ["shorter"], {"TALLY_STATE": "{here}/" + "n" * 300}),
    "XDG state is a file": Case(
        NEW, ["{here}/f"], {"TALLY_STATE": None, "XDG_STATE_HOME": "{here}/f"}, _file("f")
    ),
    "keystore isn't there": Case(["account", "show", "--keystore", "{here}/none"], ["none"]),
    "keystore is a folder": Case(["account", "show", "--keystore", "{here}"], ["{here}"]),
    "keystore below a file": Case(
        ["account", "show", "--keystore", "f/key"], ["f/key"], prepare=_file("f")
    ),
    "network.json isn't JSON": Case(LIST, ["network.json"], prepare=_network(b"{")),
    "network.json isn't text": Case(LIST, ["network.json"], prepare=_network(b"\xff\xfe\x00")),
    "network.json is a list": Case(LIST, ["network.json", "object"], prepare=_network(b"[1]")),
    "network.json is a folder": Case(
        LIST, ["network.json"], prepare=_folder(".tally", "network.json")
    ),
    "network.json is too deep": Case(LIST, ["network.json"], prepare=_network(b"[" * 100_000)),
    "no temporary folder": Case(
        ["demo", "--rounds", "1"],
        ["TMPDIR"],
        {"PYTHONPATH": "{here}"},
        _file(
            "sitecustomize.py",
            b"import tempfile\ntempfile._candidate_tempdir_list = lambda: ['/proc/no']\n",
        ),
    ),
    "confirmations in other digits": Case(
        LIST, ["TALLY_CONFIRMATIONS"], {"TALLY_CONFIRMATIONS": "²"}
    ),
    "what is verified is a file": Case(["verify", "f"], ["f"], prepare=_file("f")),
}


def ran(
    here: Path, words: list[str], **environment: str | None
) -> subprocess.CompletedProcess[str]:
    """Runs `tally` in a folder, with variables set, or left out where they are None."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TALLY_", "XDG_"))}
    changed = {"TALLY_STATE": "{here}/state", "TALLY_PASSWORD": PASSWORD} | environment
    told = {k: v.format(here=here) for k, v in changed.items() if v is not None}
    return subprocess.run(
        [*TALLY, *(word.format(here=here) for word in words)],
        cwd=here,
        env={**{k: v for k, v in kept.items() if k not in changed}, **told},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_line_tells_the_path_and_the_remedy(tmp_path: Path, case: Case) -> None:
    case.prepare(tmp_path)
    done = ran(tmp_path, case.words, **case.environment)
    assert (done.returncode, done.stdout) == (case.code, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("tally: ")
    for said in case.says:
        assert said.format(here=tmp_path) in done.stderr
    assert PASSWORD not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_others_keep_to_themselves(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o500)
    done = ran(tmp_path, NEW)
    assert done.returncode == 2
    assert "Permission denied; check who may read and write it" in done.stderr


@pytest.mark.parametrize("words", [LIST, ["--help"], ["completion", "bash"]])
def test_a_full_disk_behind_standard_output_is_told(tmp_path: Path, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*TALLY, *words],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    line = "tally: ConfigError: standard output: No space left on device; free some space, and run"
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1


def test_a_full_disk_behind_the_state_is_told(tmp_path: Path) -> None:
    def no_room() -> None:
        # A limit on the size of files; without the signal it is an error of the write.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))

    done = subprocess.run(
        [*TALLY, *NEW],
        cwd=tmp_path,
        env={**os.environ, "TALLY_STATE": str(tmp_path / "state"), "TALLY_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=no_room,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


@pytest.mark.parametrize("words", [LIST, ["account", "--help"]])
def test_a_closed_pipe_ends_quietly(tmp_path: Path, words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*TALLY, *words], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_closed_streams_are_no_failure(tmp_path: Path) -> None:
    command = " ".join([*TALLY, "account", "list", ">&-", "2>&-", "<&-"])
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path, timeout=60).returncode == 0


def test_a_terminal_of_ascii_alone_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "mod\u00e8le").mkdir()
    done = ran(tmp_path, ["verify", "mod\u00e8le"], PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 6
    assert "mod\\xe8le" in done.stderr


def test_a_working_folder_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && exec {' '.join(TALLY)} account list"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "the working folder is gone; change to another one" in done.stderr


def test_the_home_folder_is_put_for_a_tilde(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    named = {"TALLY_STATE": "~/s", "TALLY_STORAGE": "~/b", "TALLY_DEPLOYMENTS": "~/d"}
    found = load_settings(environment=named, folder=tmp_path)
    assert [str(found.state), found.storage, str(found.deployments)] == [
        "/home/ann/s",
        "/home/ann/b",
        "/home/ann/d",
    ]
    assert load_settings(environment={"XDG_STATE_HOME": "~/x"}, folder=tmp_path).state == Path(
        "/home/ann/x/tallystick"
    )


def test_a_keystore_is_found_in_the_home_folder(tmp_path: Path) -> None:
    made = ran(tmp_path, NEW)
    assert made.returncode == 0
    (path,) = (tmp_path / "state" / "keystore").iterdir()
    path.rename(tmp_path / "key")
    shown = ran(tmp_path, ["account", "show"], HOME="{here}", TALLY_KEYSTORE="~/key")
    assert made.stdout.split()[0] in shown.stdout, shown.stderr


def test_without_a_home_the_state_has_to_be_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    with pytest.raises(ConfigError, match="no home folder is known; set TALLY_STATE"):
        load_settings(environment={}, folder=tmp_path)
    assert load_settings(environment={"TALLY_STATE": "/s"}, folder=tmp_path).state == Path("/s")
