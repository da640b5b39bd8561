"""`brownie run deploy --network NAME`: carries out the same plan as `tally deploy`.

On a development network the first account deploys; elsewhere the account whose brownie id stands
in TALLY_BROWNIE_ACCOUNT. The deployments folder is `deployments`, or TALLY_DEPLOYMENTS. Who decides
through the timelock is TALLY_GOVERNOR, after TALLY_TIMELOCK_DELAY seconds, and who holds the
emergency stop is TALLY_GUARDIAN; without them the deployer, and the plan's delay.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from brownie import accounts, network, web3

from registry.addresses import parse_address
from registry.chain.artifacts import load_artifact
from registry.chain.contracts import creation_code
from registry.chain.deploy import Executor, Parameters, deploy
from registry.chain.gateway import connect
from registry.errors import ConfigError


class BrownieExecutor(Executor):
    """Creates contracts from the shipped bytecode with a brownie account."""

    def __init__(self, account: Any) -> None:
        self._account = account

    @property
    def deployer(self) -> str:
        """The account that pays."""
        return str(self._account.address)

    def create(
        self, contract: str, arguments: list[Any], sent: Callable[[str], None]
    ) -> tuple[str, int, str]:
        """Sends the creation code and waits for its receipt."""
        code = "0x" + creation_code(load_artifact(contract), arguments).hex()
        transaction = self._account.transfer(data=code, required_confs=0, silent=True)
        sent(transaction.txid)
        transaction.wait(1)
        return str(transaction.contract_address), transaction.block_number, transaction.txid


def _account() -> Any:
    name = os.environ.get("TALLY_BROWNIE_ACCOUNT")
    if name:
        return accounts.load(name)
    return accounts[0]


def _parameters() -> Parameters:
    """Returns what the environment asks for."""
    delay = os.environ.get("TALLY_TIMELOCK_DELAY", "")
    if delay and not delay.isdecimal():
        raise ConfigError(f"TALLY_TIMELOCK_DELAY: expected seconds, got {delay[:40]!r}")
    governor, guardian = (os.environ.get(f"TALLY_{who}") for who in ("GOVERNOR", "GUARDIAN"))
    return Parameters(
        timelock_delay=int(delay) if delay else None,
        governor=parse_address(governor) if governor else None,
        guardian=parse_address(guardian) if guardian else None,
    )


def main() -> None:
    """Deploys what isn't deployed yet."""
    folder = Path(os.environ.get("TALLY_DEPLOYMENTS", "deployments"))
    gateway = connect(str(web3.provider.endpoint_uri))
    print(f"{network.show_active()}: chain {gateway.chain_id}")
    deploy(
        gateway,
        BrownieExecutor(_account()),
        folder,
        _parameters(),
        progress=lambda name, address: print(f"{name:<18} {address}"),
    )
