"""Every error of every contract is told as a sentence with a remedy, its values in words."""

from __future__ import annotations

import re
import string
from typing import Any

import click
import pytest
from eth_abi.abi import encode

from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.chain.revert_sentences import in_words, sentences
from registry.chain.reverts import abi_type, reverted
from registry.cli.app import tally
from registry.hashing import keccak256
from registry.types import Phase

WHO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def errors() -> list[dict[str, Any]]:
    """Returns every error of the shipped ABIs, overloads and repetitions too."""
    return [e for c in CONTRACTS for e in load_artifact(c).abi if e["type"] == "error"]


def data_of(name: str, *values: Any) -> bytes:
    """Returns the revert data of an error, the first of that name."""
    error = next(e for e in errors() if e["name"] == name)
    types = [abi_type(i) for i in error["inputs"]]
    return keccak256(f"{name}({','.join(types)})".encode())[:4] + encode(types, values)


def example(kind: str) -> Any:
    """Returns a value of a type."""
    if kind == "address":
        return WHO
    if kind == "string":
        return "text"
    if kind == "bool":
        return True
    return b"\xab" * 32 if kind == "bytes32" else 1


def test_the_table_has_a_line_for_every_error_and_no_other() -> None:
    assert set(sentences()) == {error["name"] for error in errors()}


def test_a_line_is_a_sentence_and_a_remedy_in_people_s_words() -> None:
    wrong = [
        f"{name}: {text}"
        for name, text in sentences().items()
        if not re.fullmatch(r"[^;]+; [^;]+", text) or re.search(r"\w=|\n|\.$|[a-z]_[a-z]", text)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_error_is_told_with_nothing_raw_left() -> None:
    wrong = []
    for error in errors():
        values = [example(i["type"]) for i in error["inputs"]]
        types = [abi_type(i) for i in error["inputs"]]
        selector = keccak256(f"{error['name']}({','.join(types)})".encode())[:4]
        said = str(reverted(selector + encode(types, values), "Contract.call"))
        if re.search(r"[{}]|\w+=|b'", said) or not said.endswith("(Contract.call)"):
            wrong.append(f"{error['name']}: {said}")
    assert not wrong, "\n".join(wrong)


def test_every_command_that_a_remedy_names_is_there() -> None:
    named = {m for text in sentences().values() for m in re.findall(r"`(tally [^`]+)`", text)}
    assert len(named) > 20
    wrong = []
    for line in sorted(named):
        words = line.split()[1:]
        command: click.Command = tally
        while words and isinstance(command, click.Group):
            inner = command.get_command(click.Context(command), words[0])
            if inner is None:
                break
            command, words = inner, words[1:]
        options = {o for p in command.params for o in p.opts} | {"--help"}
        flags = [word for word in words if word.startswith("--")]
        unknown = isinstance(command, click.Group) and bool(words) and words != ["--help"]
        if unknown or not set(flags) <= options:
            wrong.append(line)
    assert not wrong, "\n".join(wrong)


def test_a_placeholder_is_a_parameter_of_every_overload() -> None:
    wrong = []
    for error in errors():
        text = sentences()[error["name"]]
        used = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        lacking = used - {i["name"] for i in error["inputs"]}
        wrong += [f"{error['name']}: {sorted(lacking)}"] if lacking else []
    assert not wrong, "\n".join(wrong)


def test_phases_are_told_by_name() -> None:
    said = str(reverted(data_of("WrongPhase", b"\1" * 32, 2, 6), "TrainingRounds.commit"))
    assert said.startswith("the round is in its phase finalised, and that needs its phase commit; ")


def test_times_are_told_as_dates() -> None:
    said = str(reverted(data_of("StillUnbonding", 1_806_000_000, 1_805_999_000), "call"))
    assert "from 2027-03-25 18:40:00 UTC, and it is 2027-03-25 18:23:20 UTC;" in said


def test_arguments_stay_whole_for_programs() -> None:
    error = reverted(data_of("WrongPhase", b"\1" * 32, 2, 6), "call")
    assert error.arguments == {"roundId": b"\1" * 32, "expected": 2, "actual": 6}
    assert type(error).__name__ == "WrongPhase"


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        ({"name": "phase", "type": "uint8", "internalType": "enum Phase"}, Phase.REVEAL, "reveal"),
        ({"name": "phase", "type": "uint8", "internalType": "enum Phase"}, 99, "99"),
        ({"name": "account", "type": "address"}, WHO.lower(), WHO),
        ({"name": "channel", "type": "bytes32"}, b"production".ljust(32, b"\0"), "production"),
        ({"name": "window", "type": "bytes32"}, b"to answer".ljust(32, b"\0"), "to answer"),
        ({"name": "roundId", "type": "bytes32"}, b"\xab" * 32, "0xabababab...abab"),
        ({"name": "roundId", "type": "bytes32"}, bytes(32), "0x00000000...0000"),
        ({"name": "data", "type": "bytes"}, b"plain", "0x706c61696e"),
        ({"name": "data", "type": "bytes8"}, b"\xab" * 8, "0xabababababababab"),
        ({"name": "data", "type": "bytes"}, b"\xab" * 9, "0xabababab...abab"),
        ({"name": "slug", "type": "string"}, "a\nb" * 400, ("a b" * 400)[:300]),
        ({"name": "before", "type": "address"}, WHO, WHO),
        ({"name": "endsAt", "type": "uint64"}, 2**64 - 1, f"{2**64 - 1} s after 1970"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_values_in_words(parameter: dict[str, Any], value: Any, words: str) -> None:
    assert in_words(parameter, value) == words


def test_every_enum_of_an_error_has_its_names() -> None:
    wrong = [
        f"{error['name']}.{i['name']}"
        for error in errors()
        for i in error["inputs"]
        if i.get("internalType", "").startswith("enum ") and in_words(i, 1) == "1"
    ]
    assert not wrong, "\n".join(wrong)
