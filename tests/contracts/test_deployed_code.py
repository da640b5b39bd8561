"""What is deployed: the version, the signing domains, and the same code from either compiler run.

given the contracts of rounds and rewards
  when their version is read: it is the package's
  when their signing domain is read: it names the contract, its version, the chain and the address
  when brownie compiles them: the code is what forge compiles, but for the metadata at its end
"""

import json
import tomllib
from pathlib import Path

import brownie
import pytest

ROOT = Path(__file__).parents[2]
NAMES = (
    "Timelock",
    "EmergencyStop",
    "ModelRegistry",
    "RewardToken",
    "TokenList",
    "PayoutDistributor",
    "RewardPool",
    "Forfeits",
    "TermsRules",
    "TrainingRounds",
)


def test_the_version_is_the_packages(
    timelock, stop, registry, token, tokens, distributor, pool, rounds
):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for contract in (timelock, stop, registry, token, tokens, distributor, pool, rounds):
        assert contract.VERSION() == version


def test_the_signing_domains_name_contract_chain_and_address(registry, rounds, web3):
    for contract, name in (
        (registry, "Tallystick ModelRegistry"),
        (rounds, "Tallystick TrainingRounds"),
    ):
        assert contract.eip712Domain()[1:5] == (name, "1", web3.eth.chain_id, contract.address)


def test_the_contracts_know_each_other_by_their_constructors_alone(
    timelock, stop, registry, token, tokens, distributor, pool, forfeits, rules, rounds
):
    for governed in (stop, registry, tokens):
        assert governed.governor() == timelock
    assert token.minter() == timelock
    assert distributor.emergencyStop() == stop
    assert (rounds.registry(), rounds.pool()) == (registry, pool)
    assert (rounds.forfeits(), rounds.rules()) == (forfeits, rules)
    assert rounds.emergencyStop() == stop
    assert rounds.stakedRounds() == rules.stakedRounds()
    assert pool.distributor() == distributor
    assert distributor.registry() == registry


@pytest.mark.parametrize("name", NAMES)
def test_brownie_and_forge_compile_the_same_code(name):
    built = ROOT / "build" / "forge" / f"{name}.sol" / f"{name}.json"
    forged = json.loads(built.read_text())["deployedBytecode"]["object"].removeprefix("0x")
    browned = getattr(brownie, name)._build["deployedBytecode"]
    assert browned.startswith(forged)
    # the invalid instruction, 0x33 bytes of CBOR, and their length
    assert len(browned) - len(forged) == 2 * (1 + 0x33 + 2)
