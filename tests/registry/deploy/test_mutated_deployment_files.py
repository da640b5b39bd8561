"""A deployment's file is foreign: whatever stands in it, it is read as it is, or refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deployed_scenario import DeployedScenario
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.chain.deployments import (
    Deployment,
    deployment_path,
    load_deployment,
    parse_deployment,
)
from registry.errors import ConfigError, WrongChain

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=70)
    | st.sampled_from(["0x" + "ab" * 32, "0x" + "AB" * 32, "0x" + "ab" * 20, 1 << 63, -1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


def places_of(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a JSON tree."""
    if not isinstance(value, dict | list):
        return [at]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [at, *(p for key, item in inner for p in places_of(item, (*at, key)))]


@st.composite
def mutated(draw: st.DrawFn, whole: Any) -> Any:
    """The tree with one value replaced, left out, or with one that is new."""
    made = copy.deepcopy(whole)
    *parents, last = draw(st.sampled_from([p for p in places_of(whole) if p]))
    holder = made
    for key in parents:
        holder = holder[key]
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            holder[last] = draw(VALUES)
        case "remove":
            del holder[last]
        case _ if isinstance(holder, dict):
            holder[draw(st.text(max_size=9))] = draw(VALUES)
        case _:
            holder.append(draw(VALUES))
    return made


def typed(value: Any) -> str:
    """A text by which true and 1, or 1 and 1.0, differ."""
    return json.dumps(value, sort_keys=True)


def read_or_refusal(reader: Callable[[], Deployment]) -> Any:
    """What is read, or the text of a refusal that was meant."""
    try:
        return reader()
    except (ConfigError, WrongChain) as refused:
        return str(refused)


def is_one_line(read: Any) -> bool:
    """Tells whether it is a refusal, in one line that a person can read."""
    return isinstance(read, str) and len(read.splitlines()) == 1 and len(read) < 1_000


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_a_changed_file_is_taken_as_it_stands_or_refused_in_one_line(
    world: DeployedScenario, tmp_path: Path, data: st.DataObject
) -> None:
    whole = json.loads(deployment_path(world.deployments, world.gateway.chain_id).read_text())
    changed = data.draw(mutated(whole))
    path = tmp_path / "31337.json"
    path.write_text(json.dumps(changed))
    read = read_or_refusal(lambda: load_deployment(path, world.gateway))
    assert is_one_line(read) or typed(json.loads(read.to_json())) == typed(changed)


@settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_a_file_with_changed_bytes_is_taken_as_it_stands_or_refused(
    world: DeployedScenario, data: st.DataObject
) -> None:
    text = bytearray(world.deployment.to_json())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    read = read_or_refusal(lambda: parse_deployment(bytes(text)))
    assert is_one_line(read) or typed(json.loads(read.to_json())) == typed(json.loads(text))


def test_what_is_written_is_read(world: DeployedScenario) -> None:
    assert parse_deployment(world.deployment.to_json()) == world.deployment


POOL = '"RewardPool": {'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"chain_id": 31337', '"chain_id": "31337"', "chain_id: expected a number"),
        ('"chain_id": 31337', '"chain_id": 31337.0', "floats are not allowed"),
        ('"chain_id": 31337', '"chain_id": true', "chain_id: expected a number"),
        ('"pending": {}', '"pending": {}, "owner": "me"', "file: unknown owner"),
        ('"pending": {}', '"pending": {}, "pending": {}', "the key 'pending' appears twice"),
        ('"pending": {}', '"pending": {"Bank": ""}', "no contract of ours is called 'Bank'"),
        ('"pending": {}', '"pending": []', "expected pending by contract"),
        ('"block": ', '"block": -', "block: expected a number from 0"),
        (POOL, POOL + '"a\\nb": 1, ', r"unknown 'a\\nb'"),
        ('"pending": {}', '"pending": ' + "[" * 100_000, "recursion"),
    ],
)
def test_each_lax_value_is_refused_by_name(
    world: DeployedScenario, old: str, new: str, says: str
) -> None:
    text = world.deployment.to_json().decode()
    assert old in text
    with pytest.raises(ConfigError) as refused:
        parse_deployment(text.replace(old, new, 1).encode())
    assert says.replace("\\\\", "\\") in str(refused.value)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("PayoutDistributor", 1, True),
        ("PayoutDistributor", 1, "0"),
        ("PayoutDistributor", 1, -1),
        ("PayoutDistributor", 0, "0x" + "ab" * 20),
        ("RewardToken", 0, 7),
        ("StakeVault", 0, "0x"),
        ("ModelRegistry", 0, 1),
    ],
)
def test_constructor_arguments_that_the_constructor_does_not_take_are_refused(
    world: DeployedScenario, tmp_path: Path, name: str, place: int, value: object
) -> None:
    data = json.loads(world.deployment.to_json())
    data["contracts"][name]["constructor_arguments"][place : place + 1] = [value]
    path = tmp_path / "31337.json"
    path.write_text(json.dumps(data))
    with pytest.raises(ConfigError, match=f"the arguments of {name}'s constructor"):
        load_deployment(path, world.gateway)
