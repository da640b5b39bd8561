"""The documents say what is there: every command, option, event, error, file and code block."""

from __future__ import annotations

import ast
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import jsonschema
from deployed_scenario import DeployedScenario

from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.cli.app import tally

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    p
    for pattern in ("*.md", "docs/**/*.md", "contracts/*.md", "deployments/*.md")
    for p in ROOT.glob(pattern)
)
CLI_PAGE = ROOT / "docs" / "reference" / "command-line.md"
ERRORS_PAGE = ROOT / "docs" / "reference" / "errors.md"
ECONOMICS_PAGE = ROOT / "docs" / "explain" / "economics.md"
_TEST_NAME = r"(?:test|testFuzz|invariant)_\w+"


def commands() -> dict[str, click.Command]:
    """Returns every command by the words that call it."""
    found: dict[str, click.Command] = {}

    def walk(words: str, command: click.Command) -> None:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                walk(f"{words} {name}", inner)
        else:
            found[words] = command

    walk("tally", tally)
    return found


def test_every_command_has_help_and_stands_in_the_reference() -> None:
    page = CLI_PAGE.read_text()
    wrong = [f"{words} has no help" for words, command in commands().items() if not command.help]
    wrong += [f"{words} is missing" for words in commands() if f"`{words}" not in page]
    assert not wrong, "\n".join(wrong)


# What the token takes from OpenZeppelin stands on pages of theirs.
INHERITED = (
    "ERC",
    "EIP712",
    "Ownable",
    "Checkpoint",
    "Votes",
    "Nonce",
    "Invalid",
    "SafeCast",
    "String",
    "ECDSA",
    "SafeERC20",
    "Ownership",
    "Delegate",
    "Approval",
    "Transfer",
)
OF_LIBRARIES = ("SafeERC20", "SafeCast", "StringTooLong", "InvalidShort")


def left_out(contract: str) -> list[str]:
    """Returns the events and errors of a contract that its page doesn't name."""
    folder = ROOT / "docs" / "reference" / "contracts"
    page = (folder / f"{contract}.md").read_text()
    if contract == "ModelRegistry":
        page += (folder / "AccessGrants.md").read_text()
    elsewhere = OF_LIBRARIES + (INHERITED if contract == "RewardToken" else ())
    entries = (e for e in load_artifact(contract).abi if e["type"] in ("event", "error"))
    names = {entry["name"] for entry in entries}
    return sorted(n for n in names if n not in page and not n.startswith(elsewhere))


def test_every_event_and_error_stands_on_its_contract_s_page() -> None:
    lost = [
        f"{contract}: {', '.join(names)}" for contract in CONTRACTS if (names := left_out(contract))
    ]
    assert not lost, "\n".join(lost)


def test_every_error_class_and_exit_code_stands_in_the_reference() -> None:
    from registry import errors

    page = ERRORS_PAGE.read_text()
    for name in errors.__all__:
        assert f"`{name}`" in page, name
        assert str(getattr(errors, name).exit_code) in page


def test_every_test_that_shows_a_figure_of_the_economics_exists() -> None:
    forge = "\n".join(p.read_text() for p in (ROOT / "tests" / "forge").glob("*.t.sol"))
    python = "\n".join(p.read_text() for p in (ROOT / "tests").rglob("test_*.py"))
    known = {*re.findall(rf"function ({_TEST_NAME})\(", forge)}
    known |= {*re.findall(rf"^def ({_TEST_NAME})\(", python, flags=re.M)}
    named = set(re.findall(rf"\b{_TEST_NAME}", ECONOMICS_PAGE.read_text()))
    assert named
    assert named - known == set()


def test_links_lead_to_files() -> None:
    dead = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert not dead, "\n".join(dead)


def blocks(language: str) -> Iterator[tuple[Path, str]]:
    """Gives the blocks of a language, with the documents that they stand in."""
    for document in DOCUMENTS:
        for block in re.findall(rf"```{language}\n(.*?)```", document.read_text(), flags=re.S):
            yield document.relative_to(ROOT), block


def test_python_blocks_parse_and_import_what_exists() -> None:
    wrong = []
    for document, block in blocks("python"):
        for node in ast.walk(ast.parse(block, str(document))):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            module_name = node.module
            if module_name.split(".")[0] not in ("registry", "trainer"):
                continue
            module = importlib.import_module(module_name)
            names = [alias.name for alias in node.names]
            lost = [name for name in names if not hasattr(module, name)]
            wrong += [f"{document}: {module_name} has no {name}" for name in lost]
    assert not wrong, "\n".join(wrong)


def faults(line: str, known: dict[str, click.Command]) -> list[str]:
    """Returns what is wrong with a command line that a document shows."""
    line = line.split("#", maxsplit=1)[0].rstrip(" &")
    words = max((w for w in known if line == w or line.startswith(w + " ")), key=len, default="")
    if not words:
        return [f"no command for: {line}"]
    options = {o for p in known[words].params for o in (*p.opts, *p.secondary_opts)}
    named = re.findall(r"(?<= )--[a-z-]+", line)
    return [f"{words} has no {option}" for option in named if option not in options]


def test_commands_in_console_blocks_exist_with_their_options() -> None:
    known = commands()
    wrong = [
        f"{document}: {fault}"
        for document, block in blocks("console")
        for line in re.findall(r"^\$ (tally .*)$", block, flags=re.M)
        for fault in faults(line, known)
    ]
    assert not wrong, "\n".join(wrong)


def test_make_targets_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    for document in DOCUMENTS:
        for name in re.findall(r"`make ([a-z-]+)`", document.read_text()):
            assert name in targets, f"{document.name}: make {name}"


def test_every_path_of_the_map_of_the_code_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"(?<![\w/.])((?:[a-z_]+/)+[\w.-]*)", text))
    paths = {n for n in named if n.split("/")[0] in {p.name for p in ROOT.iterdir()}}
    assert len(paths) > 40
    assert sorted(p for p in paths if not (ROOT / p).exists() and "bench_" not in p) == []


def test_the_readme_is_short_and_shows_both_commands_first() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 150
    head = "\n".join(text.splitlines()[:15])
    assert "make demo" in head
    assert "make test" in head


def test_deployments_written_by_the_plan_fit_the_schema(world: DeployedScenario) -> None:
    schema = json.loads((ROOT / "deployments" / "schema.json").read_text())
    written = json.loads((world.deployments / f"{world.gateway.chain_id}.json").read_text())
    jsonschema.validate(written, schema)


def test_specification_sentences_are_numbered_once() -> None:
    numbers = re.findall(r"^- \*\*([A-Z]-\d+)\*\*", (ROOT / "SPECIFICATION.md").read_text(), re.M)
    assert numbers
    assert len(numbers) == len(set(numbers))
