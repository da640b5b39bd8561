"""What is asked of `tally deploy` is done, or refused; it is never dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from chain_parties import Forward, PowerCut, WatchedGateway
from deployed_scenario import DeployedScenario
from tests_roles import OWNER, STRANGER

from registry.chain.artifacts import load_artifact
from registry.chain.contracts import constructor_arguments, creation_code
from registry.chain.deploy import PLAN, SenderExecutor, deploy
from registry.chain.deployment_parameters import DEFAULTS, PROFILES, Parameters
from registry.chain.gateway import Gateway
from registry.chain.transactions import TransactionSender
from registry.errors import ConfigError

CHOSEN = Parameters(
    timelock_delay=3,
    governor=STRANGER.address,
    guardian=STRANGER.address,
    stop_period=4,
    mint_cap=8,
    mint_epoch=86_400,
    least_stake=9,
    token_name="Coin",
    token_symbol="C",
    token_supply=77,
    activation_delay=5,
    claim_period=6,
    unbonding_delay=7,
    least_challenge=8,
    least_certify=9,
    least_answer=10,
    grace=11,
    uptime_feed=STRANGER.address,
)


@pytest.fixture
def clean(world: DeployedScenario) -> Iterator[Gateway]:
    """The session's chain; what a test does to it is undone."""
    snapshot = world.gateway.request("evm_snapshot", [])
    yield world.gateway
    world.gateway.request("evm_revert", [snapshot])


def carry_out(gateway: Gateway, folder: Path, parameters: Parameters | None = None) -> Any:
    """Deploys as the owner."""
    executor = SenderExecutor(TransactionSender(gateway, OWNER, folder / "state"))
    return deploy(gateway, executor, folder / "deployments", parameters)


def cut_after(number: int) -> Any:
    """Cuts the power when the node has the `number`-th creation."""
    seen = 0

    def around(name: str, params: list[Any], forward: Forward) -> Any:
        nonlocal seen
        seen += name == "eth_sendRawTransaction"
        answer = forward()
        if name == "eth_sendRawTransaction" and seen == number:
            raise PowerCut
        return answer

    return around


@pytest.mark.parametrize("name", [n for n, told in asdict(CHOSEN).items() if told is not None])
def test_a_parameter_that_contradicts_the_deployment_is_refused_with_both_values(
    clean: Gateway, tmp_path: Path, name: str
) -> None:
    first = carry_out(clean, tmp_path, CHOSEN)
    path = tmp_path / "deployments" / f"{clean.chain_id}.json"
    text, told = path.read_bytes(), getattr(CHOSEN, name)
    other = f"{told}x" if isinstance(told, str) else told + 1
    asked: dict[str, Any] = {name: other}
    with pytest.raises(ConfigError) as refused:
        carry_out(clean, tmp_path, Parameters(**asked))
    option = "--" + name.replace("_", "-")
    assert str(refused.value).startswith(f"{option} {other}: ")
    assert f"was deployed with {told}, as {path} says" in str(refused.value)
    assert path.read_bytes() == text
    assert carry_out(clean, tmp_path, CHOSEN) == carry_out(clean, tmp_path) == first


def test_f17_a_profile_that_the_floors_contradict_is_refused(
    clean: Gateway, tmp_path: Path
) -> None:
    first = carry_out(clean, tmp_path)
    assert carry_out(clean, tmp_path, Parameters(profile="local")) == first
    for profile, floors in PROFILES.items():
        if profile != "local":
            with pytest.raises(ConfigError, match=r"--least-\w+ \d+: .* deployed with 1"):
                carry_out(clean, tmp_path, Parameters(profile=profile))
            assert all(seconds > 3600 for name, seconds in floors.items())


def test_a_default_that_is_asked_for_by_name_is_asked_for(clean: Gateway, tmp_path: Path) -> None:
    carry_out(clean, tmp_path, CHOSEN)
    with pytest.raises(ConfigError, match=r"--claim-period 31536000: .* deployed with 6"):
        carry_out(clean, tmp_path, Parameters(claim_period=DEFAULTS.claim_period))


def test_nothing_is_sent_when_a_cut_deployment_is_contradicted(
    clean: Gateway, tmp_path: Path
) -> None:
    place = [step.contract for step in PLAN].index("PayoutDistributor") + 2
    with pytest.raises(PowerCut):
        carry_out(WatchedGateway.over(clean, cut_after(place)), tmp_path, CHOSEN)
    before = clean.request("eth_getTransactionCount", [OWNER.address, "pending"])
    with pytest.raises(ConfigError, match=r"--activation-delay 9: .* with 5"):
        carry_out(clean, tmp_path, Parameters(activation_delay=9, unbonding_delay=9))
    assert clean.request("eth_getTransactionCount", [OWNER.address, "pending"]) == before


def test_a_creation_on_its_way_is_recorded_with_what_it_was_made_with(
    clean: Gateway, tmp_path: Path
) -> None:
    place = [step.contract for step in PLAN].index("PayoutDistributor") + 1
    with pytest.raises(PowerCut):
        carry_out(WatchedGateway.over(clean, cut_after(place)), tmp_path, CHOSEN)
    with pytest.raises(ConfigError, match=r"--activation-delay 9: .* with 5"):
        carry_out(clean, tmp_path, Parameters(activation_delay=9))
    finished = carry_out(clean, tmp_path)
    assert finished.contracts["PayoutDistributor"].constructor_arguments[1:3] == (5, 6)


@pytest.mark.parametrize("step", PLAN, ids=lambda step: step.contract)
def test_constructor_arguments_are_read_back_from_the_code_they_were_sent_in(
    world: DeployedScenario, step: Any
) -> None:
    artifact = load_artifact(step.contract)
    arguments = step.arguments(CHOSEN, OWNER.address, world.deployment.address)
    code = creation_code(artifact, arguments)
    assert constructor_arguments(artifact, code) == arguments
    for changed in (code + bytes(32), bytes(32) + code, b""):
        with pytest.raises(ConfigError, match=f"expected the creation of {step.contract}"):
            constructor_arguments(artifact, changed)
