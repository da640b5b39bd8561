"""What is typed wrongly is refused before anything happens, with exit code 2."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from command_line import Tally
from tests_roles import STRANGER

from registry.cli.app import tally as root


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["model", "fly"],
        ["publish"],
        ["channel", "set", "lantern", "production"],
        ["channel", "set", "lantern", "production", "one"],
        ["model", "list", "--jsom"],
        ["completion", "tcsh"],
        ["version", "yank", "lantern:1"],
        ["model", "list", "more"],
    ],
    ids=" ".join,
)
def test_what_does_not_parse_is_told_in_one_line_that_names_the_help(
    tally: Tally, words: list[str]
) -> None:
    said = tally.refused(*words, code=2)
    assert said.startswith("tally: UsageError: ")
    assert re.search(r"; see `tally( [a-z]+)* --help`\n$", said)


def test_what_does_not_parse_is_one_object_where_json_was_asked_for(tally: Tally) -> None:
    for words in (["--json", "fly"], ["model", "--json"], ["publish", "--json", "--nam", "x"]):
        error = json.loads(tally.refused(*words, code=2))
        assert error["error"] == "UsageError"
        assert "--help`" in error["message"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["channel", "set", "m", "c", "one"], "VERSION: expected a whole number, got 'one'"),
        (["up", "--port", "70000"], "--port: expected 0 to 65535, got 70000"),
        (["completion", "tcsh"], "SHELL: expected one of 'bash', 'zsh', 'fish', got 'tcsh'"),
        (["completion"], "missing the argument SHELL: expected one of bash, zsh, fish"),
        (["version", "yank", "m:1"], "missing the option --reason"),
        (["model", "list", "--jsom"], "no such option: --jsom; did you mean --json?"),
        (["-q", "-v", "model", "list"], "expected --quiet or --verbose, got both"),
        (["dispute", "attest", "nowhere"], "FILES: expected what is there, got 'nowhere'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_was_expected_stands_before_what_came(
    tally: Tally, words: list[str], says: str
) -> None:
    assert says in tally.refused(*words, code=2)


def test_a_group_alone_shows_its_help(tally: Tally) -> None:
    done = tally.run("model")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: tally model")
    assert "\n  list " in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["--rpc", "gopher://x", "model", "list"],
        ["model", "--rpc", "gopher://x", "list"],
        ["model", "list", "--rpc", "gopher://x"],
        ["--rpc", "http://127.0.0.1:1", "model", "list", "--rpc", "gopher://x"],
    ],
    ids=" ".join,
)
def test_shared_options_stand_before_or_after_the_command(tally: Tally, words: list[str]) -> None:
    assert "expected an RPC address" in tally.refused(*words, code=2)


def test_json_before_the_command_is_json(tally: Tally) -> None:
    for words in (["--json", "account", "list"], ["account", "--json", "list"]):
        assert tally.told(*words) == "[]\n"


def test_verbose_tells_what_is_used_and_sent_and_quiet_nothing(tally: Tally) -> None:
    done = tally.run("-v", "model", "register", "lantern")
    used, *sent = done.err.splitlines()
    assert used.startswith("tally: chain ")
    assert "ModelRegistry.register: sent 0x" in sent[0]
    assert "mined in block" in sent[1]
    assert tally.run("-q", "model", "register", "other").err == ""
    assert tally.run("model", "show", "other").err == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["model", "list", "--confirmations", "-1"], "--confirmations: expected 0 or more, got -1"),
        (["access", "grant", "m", STRANGER.address, "--days", "0"], "--days: expected a number"),
        (["access", "grant", "m", STRANGER.address, "--days", "36501"], "at most 36500, got 36501"),
        (["publish", "x", "--metadata", "key"], "--metadata: expected KEY=VALUE, got 'key'"),
        (["publish", "x", "--metadata", "=value"], "--metadata: expected KEY=VALUE"),
        (
            ["publish", "x", "--metadata", "a=1", "--metadata", "a=2"],
            "--metadata a: expected one value, got '1' and '2'",
        ),
        (["deploy", "--activation-delay", "-1"], "--activation-delay: expected 0 to 31536000"),
        (["deploy", "--claim-period", "0"], "--claim-period: expected 1 to 315360000"),
        (["deploy", "--unbonding-delay", "-1"], "--unbonding-delay: expected 0 to "),
        (["model", "list", "--rpc", "gopher://x"], "expected an RPC address"),
        (["model", "transfer", "m", "0x12"], "expected an address of 0x and 40"),
        (["fetch", "a@b:1"], "expected NAME, NAME@channel, NAME:version or OWNER/NAME"),
        (["account", "fund", "0x" + "zz" * 20], "expected an address"),
        (["verify", "nowhere"], "expected a fetched version's folder, got nowhere"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)
def test_a_value_that_cannot_be_right_is_refused_in_one_line(
    tally: Tally, words: list[str], says: str
) -> None:
    assert says in tally.refused(*words, code=2)


def test_an_address_with_a_wrong_checksum_is_refused(tally: Tally) -> None:
    swapped = "0x" + STRANGER.address[2:].swapcase()
    assert "whose checksum is right" in tally.refused("access", "revoke", "m", swapped, code=2)


def test_a_public_key_that_is_not_hex_is_refused(tally: Tally) -> None:
    tally.json("model", "register", "lantern")
    words = ["access", "grant", "lantern", STRANGER.address, "--public-key", "0xzz"]
    assert "--public-key: expected the hex" in tally.refused(*words, code=2)


def test_a_malformed_setting_is_named_by_its_variable(tally: Tally) -> None:
    tally.patch.setenv("TALLY_CONFIRMATIONS", "some")
    said = tally.refused("model", "list", code=2)
    assert "TALLY_CONFIRMATIONS: expected a number of blocks, 0 or more, got 'some'" in said


def test_a_damaged_network_file_is_refused_with_the_remedy(tally: Tally) -> None:
    (tally.folder / ".tally").mkdir()
    (tally.folder / ".tally" / "network.json").write_text("{")
    assert "delete it or run `tally up`" in tally.refused("model", "list", code=2)


def commands(command: click.Command, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command of a group, by the words that call it."""
    if not isinstance(command, click.Group):
        return [words]
    context = click.Context(command)
    found: list[tuple[str, ...]] = [words]
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        found += commands(inner, (*words, name))
    return found


def test_help_is_given_without_a_chain_a_key_or_a_store(tally: Tally, tmp_path: Path) -> None:
    tally.patch.setenv("TALLY_RPC", "http://127.0.0.1:9")
    wrong = []
    for words in commands(root):
        usage = f"Usage: tally {' '.join(words)}".rstrip()
        said = tally.told(*words, "--help")
        if not said.startswith(usage):
            wrong.append(f"expected {usage}, got {said.partition(chr(10))[0]}")
    assert not wrong, "\n".join(wrong)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_of_a_shell_is_printed(tally: Tally, shell: str) -> None:
    assert "_TALLY_COMPLETE" in tally.told("completion", shell)
